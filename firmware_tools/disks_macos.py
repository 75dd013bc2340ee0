# SPDX-License-Identifier: GPL-2.0-or-later
"""The disks of a Mac, from diskutil(8). Untested: made from its manual; its tests hold how the answers are read."""

import plistlib
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from firmware_tools.disks import Disk, Part
from firmware_tools.errors import ToolError
from firmware_tools.i18n import _

BUSES: Final = {"USB": "usb", "Secure Digital": "sd", "SATA": "sata", "PCI-Express": "nvme", "Apple Fabric": "nvme"}


def read() -> list[Disk]:
    """Return the disks as they are now."""
    listed = _asked("list", "-plist")
    return [disk(_asked("info", "-plist", each["DeviceIdentifier"]), each) for each in listed["AllDisksAndPartitions"]]


def _asked(*words: str) -> Any:
    try:
        done = subprocess.run(["diskutil", *words], capture_output=True, check=True, timeout=60)
        return plistlib.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ToolError("no_list", _("the disks cannot be listed: {error}").format(error=error)) from error


def disk(info: Mapping[str, Any], listed: Mapping[str, Any]) -> Disk:
    """Return a disk from what `diskutil info` and `diskutil list` say of it."""
    name = str(listed["DeviceIdentifier"])
    children = [*listed.get("Partitions", ()), *listed.get("APFSVolumes", ())]
    virtual = info.get("VirtualOrPhysical") == "Virtual"
    return Disk(
        name=name,
        path=f"/dev/r{name}",
        size=int(listed.get("Size", 0)),
        bus=BUSES.get(str(info.get("BusProtocol")), str(info.get("BusProtocol", "")).lower()),
        model=str(info.get("MediaName", "")),
        serial=str(info.get("DiskUUID", "")) if virtual else _serial(info),
        kind="virtual" if virtual else "disk",
        sector=int(info.get("DeviceBlockSize", 512)),
        read_only=not info.get("WritableMedia", True),
        system=bool(info.get("SystemImage") or (info.get("Internal") and not info.get("RemovableMedia"))),
        parts=tuple(_part(each) for each in children),
    )


def _serial(info: Mapping[str, Any]) -> str:
    """Return the place of the medium on its bus: diskutil tells no serial number."""
    return str(info.get("DeviceTreePath") or info.get("IORegistryEntryName") or "")


def _part(node: Mapping[str, Any]) -> Part:
    mount = node.get("MountPoint")
    return Part(
        name=str(node["DeviceIdentifier"]),
        size=int(node.get("Size", 0)),
        kind=str(node.get("Content", "")),
        label=str(node.get("VolumeName", "")),
        mounted=(str(mount),) if mount else (),
    )
