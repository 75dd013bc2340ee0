# SPDX-License-Identifier: GPL-2.0-or-later
"""A table of the laptop's disks, and the rails: which of them are never written to, and why.

Pure: what the system says is read elsewhere (`disks_linux`, `disks_macos`, `disks_windows`).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from firmware_tools.errors import WronglyAskedError
from firmware_tools.i18n import _
from firmware_tools.sizes import gigabytes

PLUGGED: Final = ("usb", "sd")
"""Buses of disks that are plugged in from outside."""
LARGE: Final = 256 * 10**9
"""Bytes above which a disk is taken for an archive, not for the disk of a box."""
SECTOR: Final = 512
"""Bytes of the sectors in which the image's partition table counts."""
VIRTUAL: Final = ("dm-", "drbd", "fd", "loop", "md", "mtdblock", "nbd", "ram", "sr", "zram")
MEMBERS: Final = {
    "LVM2_member": "LVM",
    "linux_raid_member": "RAID",
    "isw_raid_member": "RAID",
    "ddf_raid_member": "RAID",
    "crypto_LUKS": "LUKS",
    "BitLocker": "BitLocker",
    "zfs_member": "ZFS",
    "bcache": "bcache",
    "drbd": "DRBD",
}
"""Contents that belong to something larger than this disk, by the name that blkid has for them."""


@dataclass(frozen=True)
class Part:
    """A partition, or the disk itself where it has none: what is on it and what uses it."""

    name: str
    size: int = 0
    kind: str = ""
    label: str = ""
    title: str = ""
    """The name in the partition table."""
    mounted: tuple[str, ...] = ()
    held_by: tuple[str, ...] = ()
    used: int | None = None


@dataclass(frozen=True)
class Disk:
    """A disk as the system shows it. `number` is the kernel's (`8:16`), by which an opened device is compared."""

    name: str
    path: str
    size: int
    bus: str = ""
    model: str = ""
    serial: str = ""
    number: str = ""
    kind: str = "disk"
    sector: int = SECTOR
    read_only: bool = False
    system: bool = False
    """Whether the system says itself that it starts from this disk."""
    parts: tuple[Part, ...] = ()

    @property
    def is_box(self) -> bool:
        """Whether the partitions are those of an MXBox."""
        return {"root-a", "state"} <= {part.title for part in self.parts}


class Wish(NamedTuple):
    """A wish for a disk: room for so many bytes, and whether it may be one that is built in, or large."""

    room: int = 0
    internal: bool = False


def is_candidate(disk: Disk) -> bool:
    """Return whether a disk is shown at all: none of those that only look like disks, or have no medium."""
    return disk.kind == "disk" and disk.size > 0 and not disk.name.startswith(VIRTUAL)


def _mounted(disk: Disk, _wish: Wish) -> str:
    places = [place for part in disk.parts for place in part.mounted if place != "[SWAP]"]
    return _("in use: mounted at {places}").format(places=", ".join(places)) if places else ""


def _swap(disk: Disk, _wish: Wish) -> str:
    return _("in use: swap of this machine") if any("[SWAP]" in part.mounted for part in disk.parts) else ""


def _system(disk: Disk, _wish: Wish) -> str:
    return _("this machine starts from it") if disk.system else ""


def _held(disk: Disk, _wish: Wish) -> str:
    held = [each for part in disk.parts for each in part.held_by]
    return _("in use by {names}").format(names=", ".join(held)) if held else ""


def _member(disk: Disk, _wish: Wish) -> str:
    of = next((MEMBERS[part.kind] for part in disk.parts if part.kind in MEMBERS), "")
    return _("part of something larger ({kind}); if it is not needed any more: wipefs").format(kind=of) if of else ""


def _read_only(disk: Disk, _wish: Wish) -> str:
    return _("cannot be written to: look for a switch on it") if disk.read_only else ""


def _small(disk: Disk, wish: Wish) -> str:
    text = _("too small: {size}, and {room} are needed")
    return text.format(size=gigabytes(disk.size), room=gigabytes(wish.room)) if disk.size < wish.room else ""


def _sectors(disk: Disk, _wish: Wish) -> str:
    text = _("its sectors are of {n} bytes, those of the image of {m}")
    return text.format(n=disk.sector, m=SECTOR) if disk.sector != SECTOR else ""


def _built_in(disk: Disk, wish: Wish) -> str:
    outside = disk.bus in PLUGGED or wish.internal
    return "" if outside else _("built into this machine (not USB, not SD); if it is meant: --internal")


def _large(disk: Disk, wish: Wish) -> str:
    if disk.size <= LARGE or wish.internal:
        return ""
    return _("larger than {size}, as archives are; if it is meant: --internal").format(size=gigabytes(LARGE))


RAILS: Final[tuple[tuple[str, Callable[[Disk, Wish], str]], ...]] = (
    ("mounted", _mounted),
    ("swap", _swap),
    ("system", _system),
    ("held", _held),
    ("member", _member),
    ("read_only", _read_only),
    ("small", _small),
    ("sectors", _sectors),
    ("built_in", _built_in),
    ("large", _large),
)
"""Reasons for which a disk is refused, in the order in which they are told; `--internal` lifts the last two only."""


class Refusal(NamedTuple):
    """Why a disk is not written to."""

    code: str
    text: str


def refusal(disk: Disk, wish: Wish) -> Refusal | None:
    """Return why a disk is refused, None if it may be written to."""
    return next((Refusal(code, text) for code, rail in RAILS if (text := rail(disk, wish))), None)


def named(disks: Iterable[Disk], name: str, resolve: Callable[[str], str]) -> Disk:
    """Return the one disk of a serial number or a link below /dev/disk.

    Raise:
        WronglyAskedError: no disk has this name, more than one has it, or it is a name that moves between two runs.
    """
    all_disks = [disk for disk in disks if is_candidate(disk)]
    by_path = [disk for disk in all_disks if name in (disk.path, disk.name)]
    if by_path:
        serial = by_path[0].serial or "/dev/disk/by-path/..."
        text = _("{name} may be another disk tomorrow: name it by its serial number")
        raise WronglyAskedError("moving_name", text.format(name=name), f"--disk {serial}")
    path = resolve(name) if name.startswith("/dev/disk/") else ""
    found = [disk for disk in all_disks if disk.path == path or (disk.serial and disk.serial == name)]
    return _only(found, name)


def _only(found: Sequence[Disk], name: str) -> Disk:
    if not found:
        text = _("there is no disk {name}").format(name=name)
        raise WronglyAskedError("no_such_disk", text, _("mxbox-tools disks lists them all"))
    if len(found) > 1:
        text = _("{n} disks have the serial number {name}").format(n=len(found), name=name)
        raise WronglyAskedError("same_serial", text, _("pull out all but one, or name it by /dev/disk/by-path/..."))
    return found[0]


def sign_of(disk: Disk) -> str:
    """Return what is typed to confirm that this disk is meant: its size as shown and the end of its serial number."""
    return f"{gigabytes(disk.size)} {disk.serial[-4:]}".strip()
