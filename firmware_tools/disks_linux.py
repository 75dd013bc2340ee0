# SPDX-License-Identifier: GPL-2.0-or-later
"""The disks of a Linux machine, from lsblk(8), which needs no root."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from firmware_tools.disks import Disk, Part
from firmware_tools.errors import ToolError
from firmware_tools.i18n import _

COLUMNS: Final = (
    "NAME,PATH,MAJ:MIN,TYPE,SIZE,RO,TRAN,VENDOR,MODEL,SERIAL,LOG-SEC,FSTYPE,LABEL,PARTLABEL,MOUNTPOINTS,FSUSED"
)
PARTITION: Final = "part"


def read() -> list[Disk]:
    """Return the disks as they are now."""
    command = ["lsblk", "--json", "--bytes", "--output", COLUMNS]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
        listed = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        text = _("the disks cannot be listed: {error}").format(error=error)
        raise ToolError("no_list", text, _("lsblk of util-linux 2.37 or newer is needed")) from error
    return disks(listed, _card_type)


def _card_type(name: str) -> str:
    """Return `SD` for a card in a slot, `MMC` for a chip on the board."""
    try:
        return Path(f"/sys/block/{name}/device/type").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def disks(listed: Mapping[str, Any], card_type: Any = lambda _name: "SD") -> list[Disk]:
    """Return the disks in what lsblk lists."""
    return [_disk(node, card_type) for node in listed["blockdevices"]]


def _disk(node: Mapping[str, Any], card_type: Any) -> Disk:
    name = str(node["name"])
    bus = str(node.get("tran") or "")
    if name.startswith("mmcblk"):
        bus = "sd" if card_type(name) == "SD" else "emmc"
    return Disk(
        name=name,
        path=str(node["path"]),
        size=int(node["size"] or 0),
        bus=bus,
        model=" ".join(str(node.get(key) or "").strip() for key in ("vendor", "model")).strip(),
        serial=str(node.get("serial") or "").strip(),
        number=str(node.get("maj:min") or ""),
        kind=str(node["type"]),
        sector=int(node.get("log-sec") or 512),
        read_only=bool(node.get("ro")),
        parts=tuple(_parts(node)),
    )


def _parts(node: Mapping[str, Any]) -> Iterator[Part]:
    """Yield the disk itself, which may hold a file system or a volume, and its partitions."""
    yield _part(node)
    for child in node.get("children", ()):
        if child["type"] == PARTITION:
            yield _part(child)


def _part(node: Mapping[str, Any]) -> Part:
    holders = [child for child in node.get("children", ()) if child["type"] != PARTITION]
    used = node.get("fsused")
    return Part(
        name=str(node["name"]),
        size=int(node["size"] or 0),
        kind=str(node.get("fstype") or ""),
        label=str(node.get("label") or ""),
        title=str(node.get("partlabel") or ""),
        mounted=tuple(place for each in (node, *_below(holders)) for place in each.get("mountpoints") or () if place),
        held_by=tuple(f"{child['type']} {child['name']}" for child in holders),
        used=None if used is None else int(used),
    )


def _below(nodes: list[Any]) -> Iterator[Mapping[str, Any]]:
    for node in nodes:
        yield node
        yield from _below(node.get("children", []))
