# SPDX-License-Identifier: GPL-2.0-or-later
"""The rails: a table of disks, the laptop's own among them, and why each is refused."""

import plistlib
from typing import Any

import pytest

from firmware_tools import disks_linux, disks_macos, disks_windows
from firmware_tools.disks import RAILS, Disk, Part, Wish, is_candidate, named, refusal, sign_of
from firmware_tools.errors import WronglyAskedError

ROOM = 8 * 10**9


def node(name: str, **facts: Any) -> dict[str, Any]:
    """Return a disk as lsblk tells it: a free stick of 16 GB, but for these facts."""
    children = facts.pop("children", None)
    told = {
        "name": name, "path": f"/dev/{name}", "maj:min": "8:16", "type": "disk", "size": 16 * 10**9, "ro": False,
        "tran": "usb", "vendor": "SanDisk ", "model": "Ultra", "serial": "4C5300A1", "log-sec": 512, "fstype": None,
        "label": None, "partlabel": None, "mountpoints": [None], "fsused": None,
    }  # fmt: skip
    return (
        told
        | {key.replace("_", "-"): value for key, value in facts.items()}
        | ({"children": children} if children else {})
    )


def part(name: str, **facts: Any) -> dict[str, Any]:
    return node(name, type="part", tran=None, vendor=None, model=None, serial=None, **facts)


def below(name: str, kind: str, **facts: Any) -> dict[str, Any]:
    return node(name, type=kind, tran=None, **facts)


ROOT = part("nvme0n1p2", fstype="crypto_LUKS", children=[below("cr", "crypt", mountpoints=["/"])])
ARRAY = below("md0", "raid1")
SWAP = below("s", "crypt", mountpoints=["[SWAP]"])
TABLE = [
    ("a free stick", node("sdb"), None),
    ("a card in a slot", node("mmcblk0", tran=None), None),
    ("a stick with files, not mounted", node("sdb", children=[part("sdb1", fstype="vfat", label="PHOTOS")]), None),
    ("the laptop's own disk", node("nvme0n1", tran="nvme", size=10**12, children=[ROOT]), "mounted"),
    ("a stick on the desktop", node("sdb", children=[part("sdb1", mountpoints=["/media/me/X"])]), "mounted"),
    ("a stick without partitions, mounted", node("sdb", fstype="vfat", mountpoints=["/mnt"]), "mounted"),
    ("the second place of a mount", node("sdb", children=[part("sdb1", mountpoints=[None, "/home"])]), "mounted"),
    ("swap", node("sdb", children=[part("sdb1", fstype="swap", mountpoints=["[SWAP]"])]), "swap"),
    ("a volume of LVM", node("sdb", children=[part("sdb1", children=[below("vg-lv", "lvm")])]), "held"),
    ("half an array, running", node("sdb", children=[part("sdb1", children=[ARRAY])]), "held"),
    ("a whole disk in an array", node("sdb", children=[ARRAY]), "held"),
    ("an open LUKS", node("sdb", fstype="crypto_LUKS", children=[below("x", "crypt")]), "held"),
    ("swap in LUKS", node("sdb", children=[part("sdb1", children=[SWAP])]), "swap"),
    ("a member of LVM at rest", node("sdb", children=[part("sdb1", fstype="LVM2_member")]), "member"),
    ("a member of an array at rest", node("sdb", fstype="linux_raid_member"), "member"),
    ("a closed LUKS", node("sdb", children=[part("sdb1", fstype="crypto_LUKS")]), "member"),
    ("ZFS", node("sdb", children=[part("sdb1", fstype="zfs_member")]), "member"),
    ("a stick with its switch shut", node("sdb", ro=True), "read_only"),
    ("too small by a byte", node("sdb", size=ROOM - 1), "small"),
    ("large enough by no byte", node("sdb", size=ROOM), None),
    ("sectors of 4096 bytes", node("sdb", log_sec=4096), "sectors"),
    ("a disk on SATA", node("sdb", tran="sata"), "built_in"),
    ("a bus that is not known", node("sdb", tran=None), "built_in"),
    ("a chip on the board", node("mmcblk1", tran=None), "built_in"),
    ("an archive on USB", node("sdb", size=2 * 10**12), "large"),
]  # fmt: skip


def read(told: dict[str, Any]) -> Disk:
    [disk] = disks_linux.disks({"blockdevices": [told]}, lambda name: "SD" if name == "mmcblk0" else "MMC")
    return disk


@pytest.mark.parametrize(("told", "why"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_disk_is_refused_for_its_reason(told: dict[str, Any], why: str | None) -> None:
    found = refusal(read(told), Wish(ROOM))
    assert (found.code if found else None) == why


@pytest.mark.parametrize(("told", "why"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_internal_lifts_what_it_is_made_for_and_nothing_else(told: dict[str, Any], why: str | None) -> None:
    found = refusal(read(told), Wish(ROOM, internal=True))
    assert (found.code if found else None) == (None if why in {"built_in", "large"} else why)


def test_every_rail_has_a_disk_in_the_table() -> None:
    elsewhere = {"system"}  # macOS and Windows say it, below
    assert {code for code, _rail in RAILS} == {row[2] for row in TABLE if row[2]} | elsewhere


@pytest.mark.parametrize("name", ["loop0", "zram0", "ram1", "sr0", "fd0", "nbd0", "dm-0", "md127", "mtdblock0"])
def test_what_only_looks_like_a_disk_is_not_shown(name: str) -> None:
    assert not is_candidate(read(node(name)))


def test_an_empty_slot_and_a_disc_are_not_shown() -> None:
    assert not is_candidate(read(node("sdb", size=0)))
    assert not is_candidate(read(node("sdb", size=None)))
    assert not is_candidate(read(node("sdb", type="rom")))


def test_a_box_is_known_by_its_partitions() -> None:
    box = read(node("sdb", children=[part("sdb5", partlabel="root-a"), part("sdb9", partlabel="state")]))
    assert box.is_box
    assert not read(node("sdb", children=[part("sdb1", partlabel="state")])).is_box


def free(serial: str, name: str = "sdb") -> Disk:
    return read(node(name, serial=serial))


def test_a_disk_is_named_by_its_serial_number_or_a_link() -> None:
    disks = [free("A1", "sdb"), free("B2", "sdc")]
    assert named(disks, "B2", str).name == "sdc"
    assert named(disks, "/dev/disk/by-id/usb-B2", lambda _link: "/dev/sdc").name == "sdc"


@pytest.mark.parametrize(
    ("name", "code"),
    [("/dev/sdb", "moving_name"), ("sdb", "moving_name"), ("C3", "no_such_disk"), ("", "no_such_disk"),
     ("/dev/disk/by-id/gone", "no_such_disk"), ("A1", "same_serial")],
)  # fmt: skip
def test_a_name_that_may_mean_another_disk_is_refused(name: str, code: str) -> None:
    disks = [free("A1", "sdb"), free("A1", "sdc"), free("", "sdd")]
    with pytest.raises(WronglyAskedError) as asked:
        named(disks, name, str)
    assert asked.value.code == code


def test_two_equal_sticks_are_told_apart_by_their_ports() -> None:
    disks = [free("A1", "sdb"), free("A1", "sdc")]
    assert named(disks, "/dev/disk/by-path/usb-0:2", lambda _link: "/dev/sdc").name == "sdc"


def test_what_is_typed_shows_that_the_label_was_read() -> None:
    assert sign_of(free("4C5300A1")) == "16.0 GB 00A1"
    assert sign_of(free("")) == "16.0 GB"


def test_disks_of_a_mac_are_read_from_diskutil() -> None:
    """Answers in the form of diskutil's manual; no Mac was at hand."""
    boot = {"DeviceIdentifier": "disk4s1", "Size": 10**9, "VolumeName": "BOOT", "MountPoint": "/Volumes/BOOT"}
    listed = {"DeviceIdentifier": "disk4", "Size": 16 * 10**9, "Partitions": [boot]}
    info = {
        "BusProtocol": "USB",
        "MediaName": "Ultra",
        "Internal": False,
        "RemovableMedia": True,
        "DeviceBlockSize": 512,
    }
    stick = disks_macos.disk(plistlib.loads(plistlib.dumps(info)), listed)
    assert (stick.path, stick.bus, stick.parts) == (
        "/dev/rdisk4",
        "usb",
        (Part("disk4s1", 10**9, label="BOOT", mounted=("/Volumes/BOOT",)),),
    )
    own = disks_macos.disk(info | {"Internal": True, "RemovableMedia": False}, {**listed, "Partitions": []})
    assert refusal(own, Wish(ROOM, internal=True)) == ("system", "this machine starts from it")
    assert not is_candidate(disks_macos.disk(info | {"VirtualOrPhysical": "Virtual"}, listed))


@pytest.mark.parametrize("bus", ["USB", 7])
def test_disks_of_windows_are_read_from_get_disk(bus: object) -> None:
    """Answers in the form of Get-Disk's manual; no Windows was at hand."""
    flags: dict[str, object] = {"IsReadOnly": False, "IsSystem": False, "IsBoot": False, "Letters": ["E"]}
    row = {"Number": 1, "FriendlyName": "Ultra ", "SerialNumber": "4C5300A1", "Size": 16 * 10**9, "BusType": bus}
    row |= {"LogicalSectorSize": 512, **flags}
    stick = disks_windows.disk(row)
    assert (stick.path, stick.serial, refusal(stick, Wish(ROOM))) == (r"\\.\PhysicalDrive1", "4C5300A1", None)
    own = refusal(disks_windows.disk(row | {"IsBoot": True}), Wish(ROOM, internal=True))
    assert own is not None
    assert own.code == "system"
