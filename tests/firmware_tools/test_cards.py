# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox-tools cards`: the table is that of the drivers; what is found, what it needs, which files are taken."""

import json
import re
import struct
import tarfile
import zlib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from firmware_tools.cards import Card, table
from firmware_tools.cli import main

SOURCE = Path("/usr/src/dahdi.tar.bz2")
FILES = {"wcte11xp": "wcte11xp.c", "wcte12xp": "wcte12xp/base.c", "wct4xxp": "wct4xxp/base.c",
         "wcte13xp": "wcte13xp-base.c", "wcte43x": "wcte43x-base.c"}  # fmt: skip


@cache
def sources() -> dict[str, str]:
    """Return the drivers of Debian's dahdi-source, by name."""
    with tarfile.open(SOURCE) as archive:
        inside = {each.name.partition("/drivers/dahdi/")[2]: each for each in archive.getmembers()}
        opened = {name: archive.extractfile(inside[file]) for name, file in FILES.items()}
        return {name: file.read().decode(errors="replace") for name, file in opened.items() if file}


@pytest.mark.parametrize("driver", FILES)
def test_the_table_has_the_cards_of_each_driver_and_no_others(driver: str) -> None:
    theirs = re.findall(r"\{\s*0x([0-9a-f]{4}),\s*0x([0-9a-f]{4}),", sources()[driver])
    ours = {number for card in table() if card.driver == driver for number in card.ids}
    assert {f"{vendor}:{device}" for vendor, device in theirs} == ours


@pytest.mark.parametrize("card", [card for card in table() if card.file], ids=lambda card: card.name)
def test_file_and_version_are_those_that_the_driver_asks_for(card: Card) -> None:
    text = sources()[card.driver]
    assert f'"{card.file}"' in text
    if card.version:
        assert f"= {card.version:#x};" in text


def firmware(version: int) -> bytes:
    behind = struct.pack("<18sI", b"", version) + b"gates" * 100
    return struct.pack("<6sI", b"DIGIUM", zlib.crc32(behind)) + behind


class Machine:
    """A machine with cards, and a folder of firmware."""

    def __init__(self, folder: Path) -> None:
        self.devices, self.folder = folder / "devices", folder / "firmware"
        self.devices.mkdir()
        self.folder.mkdir()

    def plug(self, slot: str, vendor: str, device: str, subvendor: str = "0x0000", driver: str = "") -> None:
        place = self.devices / slot
        place.mkdir()
        for name, value in (("vendor", vendor), ("device", device), ("subsystem_vendor", subvendor)):
            (place / name).write_text(f"{value}\n")
        if driver:
            (self.devices.parent / driver).mkdir(exist_ok=True)
            (place / "driver").symlink_to(self.devices.parent / driver)

    def run(self, *words: str) -> int:
        return main(["cards", *words, "--devices", str(self.devices), "--folder", str(self.folder), "--json"])


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_machine_tells_of_each_card_what_it_needs(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.plug("0000:00:02.0", "0x8086", "0x1234")
    machine.plug("0000:01:00.0", "0xd161", "0x1420", driver="wct4xxp")
    machine.plug("0000:02:00.0", "0xe159", "0x0001", "0x71fe")
    machine.plug("0000:03:00.0", "0xe159", "0x0001", "0xb119")  # an analogue card with the same bridge
    machine.plug("0000:04:00.0", "0xd161", "0x800a")
    assert machine.run("list") == 0
    assert [(each["slot"][5:7], each["card"], each["bound"], each["state"]) for each in events(capsys)] == [
        ("01", "TE405P, TE410P, TE420", "wct4xxp", "echo"),
        ("02", "TE110P", "", "works"),
        ("04", "TE131, TE133", "", "flash"),
    ]


@pytest.mark.parametrize(
    ("device", "state", "status"), [("0x1820", "never", 1), ("0x9999", "unknown", 1), ("0x8013", "flash", 0)]
)
def test_a_card_that_cannot_start_is_not_good(
    machine: Machine, capsys: pytest.CaptureFixture[str], device: str, state: str, status: int
) -> None:
    machine.plug("0000:01:00.0", "0xd161", device)
    assert machine.run("list") == status
    assert events(capsys)[0]["state"] == state


def test_a_machine_without_cards_says_so(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert machine.run("list") == 0
    assert events(capsys) == [{"event": "none"}]


def test_a_file_is_taken_under_the_name_that_its_driver_asks_for(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.plug("0000:01:00.0", "0xd161", "0x800a")
    brought = tmp_path / "te133 from the owner.bin"
    brought.write_bytes(firmware(0x7A001E))
    assert machine.run("import", str(brought)) == 0
    assert machine.run("list") == 0
    assert events(capsys)[-1]["state"] == "ready"
    assert [path.name for path in machine.folder.iterdir()] == ["dahdi-fw-te133.bin"]
    (machine.folder / "dahdi-fw-te133.bin").write_bytes(firmware(0x60001))
    assert machine.run("list") == 1
    assert events(capsys)[-1]["state"] == "other"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "bad_firmware"),
        (b"DIGIUM", "bad_firmware"),
        (firmware(0x7A001E)[:-1], "bad_firmware"),
        (firmware(0x7A001E).replace(b"DIGIUM", b"OPENVX"), "bad_firmware"),
        (firmware(0x7A001F), "other_version"),
    ],
)
def test_a_file_that_no_driver_would_take_is_refused(
    machine: Machine, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, code: str
) -> None:
    brought = tmp_path / "dahdi-fw-te133.bin"
    brought.write_bytes(content)
    assert machine.run("import", str(brought)) == 1
    assert events(capsys)[-1]["code"] == code
    assert not list(machine.folder.iterdir())


def test_known_cards_are_listed_without_any(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    assert machine.run("known") == 0
    assert len(events(capsys)) == len(table())
    assert machine.run("import") == 2
