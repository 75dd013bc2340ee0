# SPDX-License-Identifier: GPL-2.0-or-later
"""The disks of a Windows machine, from PowerShell's Get-Disk. Untested: made from its manual, listing only."""

import json
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from firmware_tools.disks import Disk, Part
from firmware_tools.errors import ToolError
from firmware_tools.i18n import _

ASKED: Final = (
    "Get-Disk | Select-Object Number,FriendlyName,SerialNumber,Size,BusType,LogicalSectorSize,IsReadOnly,IsSystem,"
    "IsBoot,@{n='Letters';e={@(Get-Partition -DiskNumber $_.Number -ErrorAction SilentlyContinue |"
    " Where-Object DriveLetter | ForEach-Object {[string]$_.DriveLetter})}} | ConvertTo-Json -Depth 3"
)
BUSES: Final = {"USB": "usb", "SD": "sd", "MMC": "emmc", "SATA": "sata", "NVMe": "nvme"}
NUMBERED: Final = {7: "USB", 11: "SATA", 12: "SD", 13: "MMC", 17: "NVMe"}
"""MSFT_Disk's BusType, as older PowerShells write it."""


def read() -> list[Disk]:
    """Return the disks as they are now."""
    try:
        command = ["powershell", "-NoProfile", "-Command", ASKED]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        listed = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ToolError("no_list", _("the disks cannot be listed: {error}").format(error=error)) from error
    return [disk(each) for each in (listed if isinstance(listed, list) else [listed])]


def disk(node: Mapping[str, Any]) -> Disk:
    """Return a disk from a row of Get-Disk. Drive letters are no use of a plugged disk: Windows gives them to all."""
    bus = node.get("BusType")
    bus = NUMBERED.get(bus, str(bus)) if isinstance(bus, int) else str(bus)
    return Disk(
        name=f"PhysicalDrive{node['Number']}",
        path=rf"\\.\PhysicalDrive{node['Number']}",
        size=int(node.get("Size") or 0),
        bus=BUSES.get(bus, bus.lower()),
        model=str(node.get("FriendlyName") or "").strip(),
        serial=str(node.get("SerialNumber") or "").strip(),
        sector=int(node.get("LogicalSectorSize") or 512),
        read_only=bool(node.get("IsReadOnly")),
        system=bool(node.get("IsSystem") or node.get("IsBoot")),
        parts=tuple(Part(name=f"{letter}:") for letter in node.get("Letters") or ()),
    )
