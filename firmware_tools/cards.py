# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `cards`: E1 cards in this machine, what they need, and the import of firmware files.

Debian may not ship the firmware of some cards; their owners have it. A file is checked as its driver checks it.
"""

import struct
import tomllib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from firmware_tools.errors import ToolError, WronglyAskedError
from firmware_tools.flashing import Job
from firmware_tools.i18n import N_, _
from firmware_tools.output import Row

DEVICES: Final = Path("/sys/bus/pci/devices")
FOLDER: Final = Path("/lib/firmware")
HEADER: Final = struct.Struct("<6sI18sI")
"""struct t13x_firm_header and its like in DAHDI: name, CRC-32 of all behind it, padding, version."""
SUMMED: Final = 10
"""The first byte that the CRC is of."""
SPECIAL: Final = {"d161"}
"""Makers of telephone cards: one of theirs that is not in the table has no driver here."""
WORDS: Final = {
    "works": N_("works"),
    "echo": N_("works, without an echo canceller of its own"),
    "ready": N_("works: its firmware is here"),
    "flash": N_("works only if version {version} is in its flash; else it needs {file}"),
    "never": N_("does not start without {file}"),
    "other": N_("{file} is here in another version; {version} is needed"),
    "unknown": N_("no driver here knows it"),
}


@dataclass(frozen=True)
class Card:
    """A kind of card, as its driver knows it."""

    name: str
    driver: str
    ports: int
    ids: tuple[str, ...]
    subvendors: tuple[str, ...] = ()
    file: str = ""
    version: int = 0
    without: str = "works"


def table() -> list[Card]:
    """Return the cards that the drivers know."""
    text = Path(__file__).with_name("cards.toml").read_text(encoding="utf-8")
    return [
        Card(**{**each, "ids": tuple(each["ids"]), "subvendors": tuple(each.get("subvendors", ()))})
        for each in tomllib.loads(text)["card"]
    ]


@dataclass(frozen=True)
class Found:
    """A card in this machine; `card` is None if no driver knows it."""

    slot: str
    number: str
    card: Card | None
    bound: str
    """The driver that has it now."""


def found(devices: Path) -> Iterator[Found]:
    """Yield the telephone cards among the devices of a folder of sysfs."""
    known = table()
    for device in sorted(devices.iterdir()) if devices.is_dir() else ():
        vendor, number, subvendor = (_number(device, name) for name in ("vendor", "device", "subsystem_vendor"))
        ids = f"{vendor}:{number}"
        card = next((each for each in known if ids in each.ids and subvendor in (each.subvendors or {subvendor})), None)
        if card is not None or vendor in SPECIAL:
            driver = device / "driver"
            yield Found(device.name, ids, card, driver.resolve().name if driver.exists() else "")


def _number(device: Path, name: str) -> str:
    try:
        return (device / name).read_text(encoding="ascii").strip().removeprefix("0x")
    except OSError:
        return ""


def state(card: Card | None, folder: Path) -> str:
    """Return how a card is off with the files in a folder: a key of WORDS."""
    if card is None:
        return "unknown"
    if not card.file or not (folder / card.file).exists():
        return card.without
    version = checked(folder / card.file)
    return "ready" if card.version in {0, version} else "other"


def words(card: Card | None, code: str) -> str:
    """Return a state in words."""
    file, version = (card.file, f"{card.version:x}") if card else ("", "")
    return _(WORDS[code]).format(file=file, version=version)


def checked(path: Path) -> int:
    """Return the version of a firmware file. Raise a ToolError if a driver would refuse it."""
    content = path.read_bytes()
    if len(content) > HEADER.size:
        name, crc, _pad, version = HEADER.unpack_from(content)
        if name == b"DIGIUM" and zlib.crc32(content[SUMMED:]) == crc:
            return int(version)
    text = _("{file} is no firmware of these cards, or damaged").format(file=path)
    raise ToolError("bad_firmware", text, _("take it out of its archive first, and fetch it again if it stays so"))


def cards(job: Job) -> int:
    """List cards, or import a file."""
    if job.args.what == "import":
        return _import(job)
    if job.args.what == "known":
        return _known(job)
    rows, good = [], True
    for each in found(job.args.devices):
        code = state(each.card, job.args.folder)
        good = good and code not in {"never", "other", "unknown"}
        name = each.card.name if each.card else each.number
        cells = [each.slot, name, each.card.driver if each.card else "", each.bound or "-", words(each.card, code)]
        rows.append(
            Row(cells, {"slot": each.slot, "id": each.number, "card": name, "bound": each.bound, "state": code})
        )
    job.out.table("card", [_("slot"), _("card"), _("driver"), _("loaded"), _("state")], rows)
    if not rows:
        job.out.event("none", _("no E1 card was found"))
    return 0 if good else 1


def _known(job: Job) -> int:
    heads = [_("card"), _("ports"), _("driver"), "PCI", _("without firmware")]
    rows = [
        Row(
            [each.name, str(each.ports), each.driver, " ".join(each.ids), words(each, each.without)],
            {"card": each.name, "ports": each.ports, "driver": each.driver, "ids": each.ids, "file": each.file},
        )
        for each in table()
    ]
    job.out.table("known", heads, rows)
    return 0


def _import(job: Job) -> int:
    path: Path | None = job.args.file
    if path is None:
        raise WronglyAskedError("no_file", _("no file is named"), "mxbox-tools cards import FILE")
    version = checked(path)
    card = next((each for each in table() if each.file == path.name and each.version in {0, version}), None)
    card = card or next((each for each in table() if each.version == version), None)
    if card is None:
        text = _("{file} has version {version}, which no driver here asks for")
        raise ToolError("other_version", text.format(file=path, version=f"{version:x}"))
    target, part = job.args.folder / card.file, job.args.folder / f"{card.file}.part"
    part.write_bytes(path.read_bytes())
    part.replace(target)
    told = _("{file}: for {card}; switch the machine off and on when the driver has written it into the card")
    job.out.event("imported", told.format(file=target, card=card.name), {"file": str(target), "version": version})
    return 0
