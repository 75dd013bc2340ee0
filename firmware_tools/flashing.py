# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands `disks`, `flash`, `verify` and `map`."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from firmware_tools import blockmap, gpt, keeping, signature
from firmware_tools.disks import Disk, Part, Wish, is_candidate, named, refusal, sign_of
from firmware_tools.errors import ToolError, WronglyAskedError
from firmware_tools.flash import Work
from firmware_tools.i18n import _, ngettext
from firmware_tools.image import Image, Plan, found, plan_of
from firmware_tools.medium import Medium
from firmware_tools.output import Output, Row
from firmware_tools.sizes import MIB, gigabytes
from firmware_tools.systems import System


class Job(NamedTuple):
    """The input of a command: its words, its machine, its printer."""

    args: argparse.Namespace
    system: System
    out: Output


def disks(job: Job) -> int:
    """Print all disks, and which of them could be written to."""
    _show_disks(job, Wish(internal=job.args.internal))
    return 0


def _show_disks(job: Job, wish: Wish) -> None:
    heads = [_("disk"), _("model"), _("serial number"), _("bus"), _("size"), _("holds"), _("may be written")]
    rows = [_row(disk, wish) for disk in job.system.disks() if is_candidate(disk)]
    job.out.table("disk", heads, rows)


def _row(disk: Disk, wish: Wish) -> Row:
    why = refusal(disk, wish)
    holds = holding(disk)
    cells = [disk.path, disk.model, disk.serial, disk.bus, gigabytes(disk.size), holds]
    facts: dict[str, object] = {
        "path": disk.path,
        "model": disk.model,
        "serial": disk.serial,
        "bus": disk.bus,
        "size": disk.size,
        "mxbox": disk.is_box,
        "parts": [_part_facts(part) for part in disk.parts],
        "refused": why.code if why else None,
    }
    verdict = _("no: {why}").format(why=why.text) if why else _("yes")
    return Row([*cells, verdict], facts)


def _part_facts(part: Part) -> dict[str, object]:
    return {"name": part.name, "kind": part.kind, "label": part.label, "title": part.title, "size": part.size}


def holding(disk: Disk) -> str:
    """Return what is on a disk now, in words."""
    parts = [" ".join(word for word in (part.title, part.label, part.kind, _used(part)) if word) for part in disk.parts]
    told = "; ".join(part for part in parts if part)
    return f"MXBox: {told}" if disk.is_box else told


def _used(part: Part) -> str:
    return "" if part.used is None else _("{used} used").format(used=gigabytes(part.used))


def make_map(job: Job) -> int:
    """Write the block map of an image, which is to be signed then."""
    path: Path = job.args.image
    found_map = blockmap.of_image(path)
    target = path.with_name(f"{path.name}.bmap")
    target.write_bytes(blockmap.written(found_map))
    text = _("{file}: {mapped} of {size}; sign it: minisign -S -m {file}")
    told = text.format(file=target, mapped=gigabytes(found_map.mapped), size=gigabytes(found_map.size))
    job.out.event("map", told, {"file": str(target), "mapped": found_map.mapped, "size": found_map.size})
    return 0


def verify(job: Job) -> int:
    """Compare a disk with an image; write nothing."""
    image, disk = _image(job), _disk(job, job.args.disk)
    plan = plan_of(image, job.out.progress)
    with job.system.opened(disk, writing=False) as medium:
        work = _work(job, medium, image, plan)
        wrong = [piece.place for piece in work.wrong("compare")]
        wrong += [] if work.head_is_right() else [0]
    job.out.close()
    if not wrong:
        job.out.event("verified", _("the disk is as the image"), {"wrong": 0})
        return 0
    text = ngettext(
        "the disk differs from the image at {n} place: {first}",
        "the disk differs from the image at {n} places, first at {first}",
        len(wrong),
    ).format(n=len(wrong), first=gigabytes(min(wrong)))
    job.out.event("verified", text, {"wrong": len(wrong), "first": min(wrong)})
    return 1


def flash(job: Job) -> int:
    """Write an image to a disk, as far as the disk differs from it."""
    image = _image(job)
    disk = _disk(job, job.args.disk or job.args.erase)
    _refuse(disk, Wish(image.map.size, job.args.internal))
    plan = plan_of(image, job.out.progress)
    job.out.close()
    with job.system.opened(disk, writing=True) as medium:
        work = _work(job, medium, image, plan)
        _protect(job, medium)
        _confirm(job, disk)
        written = work.flash()
    job.out.close()
    told = _("the disk is as the image; {written} were written").format(written=gigabytes(written))
    job.out.event("flashed", told, {"written": written, "size": work.plan.size + MIB})
    return 0


def _image(job: Job) -> Image:
    image = found(job.args.image, signature.keys(job.args.key))
    job.out.event("signed", _("signed: {comment}").format(comment=image.comment), {"comment": image.comment})
    return image


def _disk(job: Job, name: str | None) -> Disk:
    if not name:
        _show_disks(job, Wish(internal=getattr(job.args, "internal", False)))
        raise WronglyAskedError("no_disk", _("no disk is named"), "--disk SERIAL")
    return named(job.system.disks(), name, job.system.resolve)


def _refuse(disk: Disk, wish: Wish) -> None:
    why = refusal(disk, wish)
    if why:
        text = _("{disk} is not written to: {why}").format(disk=disk.path, why=why.text)
        raise ToolError(why.code, text)


def _work(job: Job, medium: Medium, image: Image, plan: Plan) -> Work:
    if not job.args.keep_data:
        return Work(medium, image, plan, job.out.progress)
    plan, blank = keeping.kept(plan, medium.read(0, MIB))
    return Work(medium, image, plan, job.out.progress, blank=blank, keeps=True)


def _protect(job: Job, medium: Medium) -> None:
    """Refuse a disk with data of a box, unless these are kept or lost on purpose."""
    tail = medium.size - MIB
    parts = gpt.partitions(medium.read(0, MIB)) or gpt.second(medium.read(tail, MIB), tail)
    data = [part.name for part in parts if part.name in keeping.DATA]
    if data and not (job.args.keep_data or job.args.erase_data):
        text = _("the disk holds data of an MXBox: {names}").format(names=", ".join(data))
        raise ToolError("holds_data", text, _("--keep-data leaves them as they are, --erase-data loses them"))


def _confirm(job: Job, disk: Disk) -> None:
    """Ask whether this disk is meant, unless the command names it by --erase."""
    if job.args.erase:
        return
    if job.args.json or not job.system.is_screen():
        raise WronglyAskedError("not_confirmed", _("there is no screen to ask on"), "--erase SERIAL")
    sign = sign_of(disk)
    _show_disk(job, disk)
    lost = _("The partitions for data stay; all else on it is lost.") if job.args.keep_data else _("All on it is lost.")
    job.out.event("question", lost)
    typed = job.system.ask(_("To write to it type {sign}: ").format(sign=sign))
    if " ".join(typed.split()) != sign:
        raise ToolError("not_confirmed", _("not confirmed: nothing was written"))


def _show_disk(job: Job, disk: Disk) -> None:
    rows: Iterable[tuple[str, Any]] = (
        (_("disk"), disk.path),
        (_("model"), disk.model),
        (_("serial number"), disk.serial),
        (_("size"), gigabytes(disk.size)),
        (_("holds"), holding(disk) or _("nothing that is known")),
    )
    for name, value in rows:
        job.out.event("disk", f"{name}: {value}")
