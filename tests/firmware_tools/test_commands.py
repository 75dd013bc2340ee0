# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox-tools` as an installer types it: disks, map, flash, verify, in words and as JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from firmware_tools.cli import COMMANDS, main, parser
from firmware_tools.disks import Disk, Part
from firmware_tools.medium import Medium, opened
from firmware_tools.sizes import MIB
from firmware_tools.systems import System
from tests.firmware_tools.rig import STICK, disk_at, make_image
from tests.firmware_tools.signer import Signer
from tests.pages import blocks, words_of

OWN = Disk("nvme0n1", "/dev/nvme0n1", 10**12, "nvme", "Own disk", "S1", parts=(Part("nvme0n1p2", mounted=("/",)),))


class Desk:
    """A laptop with a stick in it, and an installer who types what is asked."""

    def __init__(self, folder: Path, signer: Signer) -> None:
        self.stick = folder / "stick"
        self.stick.write_bytes(bytes(STICK))
        self.image = make_image(folder)
        self.signer = signer
        self.disks = [OWN, disk_at(str(self.stick), STICK)]
        self.typed: list[str] = []
        self.asked: list[str] = []
        self.writable_opens = 0
        assert self.run("map", str(self.image)) == 0
        self.signed = signer.sign(self.image.with_name(self.image.name + ".bmap"))

    def run(self, *words: str) -> int:
        system = System(lambda: self.disks, self._opened, ask=self._ask, is_screen=lambda: bool(self.typed))
        try:
            return main(words, system)
        except SystemExit as end:
            return int(end.code or 0)

    def flash(self, *words: str) -> int:
        return self.run("flash", str(self.image), "--key", str(self.signer.public), *words)

    def verify(self, *words: str) -> int:
        return self.run("verify", str(self.image), "--key", str(self.signer.public), "--disk", "4C5300A1", *words)

    @contextmanager
    def _opened(self, disk: Disk, *, writing: bool) -> Iterator[Medium]:
        self.writable_opens += writing
        with opened(disk, writing=writing) as medium:
            yield medium

    def _ask(self, question: str) -> str:
        self.asked.append(question)
        return self.typed.pop(0)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer(tmp_path_factory.mktemp("keys"))


@pytest.fixture
def desk(tmp_path: Path, signer: Signer, capsys: pytest.CaptureFixture[str]) -> Desk:
    made = Desk(tmp_path, signer)
    capsys.readouterr()
    return made


Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def events(capsys: pytest.CaptureFixture[str]) -> Events:
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def test_the_list_tells_of_each_disk_whether_it_may_be_written(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.run("disks") == 0
    own, stick = capsys.readouterr().out.splitlines()[3:5]
    assert "no: in use: mounted at /" in own
    assert stick.split()[-1] == "yes"


def test_a_stick_is_flashed_when_its_sign_is_typed_and_a_second_run_writes_nothing(
    desk: Desk, capsys: pytest.CaptureFixture[str], events: Events
) -> None:
    desk.typed = ["34 MB 00A1"]
    assert desk.flash("--disk", "4C5300A1") == 0
    assert desk.stick.read_bytes()[: 12 * MIB] == desk.image.read_bytes()
    assert desk.asked == ["To write to it type 34 MB 00A1: "]
    shown = capsys.readouterr().out
    assert "signed: mxbox-pc 1.2" in shown
    assert "All on it is lost." in shown
    assert desk.flash("--erase", "4C5300A1", "--erase-data", "--json") == 0
    told = events()
    assert told[-1] == {"event": "flashed", "written": 0, "size": told[-1]["size"]}
    assert [each["phase"] for each in told if each["event"] == "progress" and each["done"] == each["total"]] == [
        "image",
        "compare",
    ]
    assert desk.verify() == 0


@pytest.mark.parametrize("typed", ["", "y", "34 MB", "34 MB 00a1", "00A1"])
def test_anything_else_that_is_typed_writes_nothing(desk: Desk, typed: str) -> None:
    desk.typed = [typed]
    assert desk.flash("--disk", "4C5300A1") == 1
    assert desk.stick.read_bytes() == bytes(STICK)


def test_without_a_name_the_only_stick_is_not_taken(desk: Desk, events: Events) -> None:
    assert desk.flash("--json") == 2
    told = events()
    assert [each.get("code", each["event"]) for each in told] == ["signed", "disk", "disk", "no_disk"]
    assert desk.writable_opens == 0


def test_without_a_screen_a_name_alone_is_not_enough(desk: Desk, events: Events) -> None:
    assert desk.flash("--disk", "4C5300A1", "--json") == 2
    assert events()[-1]["code"] == "not_confirmed"
    assert desk.stick.read_bytes() == bytes(STICK)


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda desk: desk.signed.unlink(), "not_signed"),
        (lambda desk: desk.signed.write_text(desk.signed.read_text().replace("1.2", "1.3")), "bad_signature"),
        (lambda desk: desk.image.with_name(desk.image.name + ".bmap").unlink(), "no_map"),
        (lambda desk: desk.image.unlink(), "no_image"),
        (lambda desk: damage(desk.image), "damaged_image"),
        (lambda desk: desk.disks.append(desk.disks[-1]), "same_serial"),
        (lambda desk: desk.disks.__setitem__(1, replace(desk.disks[1], read_only=True)), "read_only"),
        (lambda desk: desk.disks.__setitem__(1, replace(desk.disks[1], size=11 * MIB)), "small"),
        (lambda desk: desk.disks.__setitem__(1, replace(desk.disks[1], size=STICK + 1)), "another_disk"),
    ],
)
def test_what_is_not_as_it_should_be_is_told_and_nothing_is_written(
    desk: Desk, events: Events, break_it: Callable[[Desk], Any], code: str
) -> None:
    break_it(desk)
    assert desk.flash("--erase", "4C5300A1", "--json") in {1, 2}
    assert events()[-1]["code"] == code
    assert desk.stick.read_bytes() == bytes(STICK)


def damage(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(2 * MIB + 77)
        file.write(b"!")


def test_data_of_a_box_are_lost_only_on_purpose_and_kept_on_wish(desk: Desk, events: Events) -> None:
    assert desk.flash("--erase", "4C5300A1") == 0
    with desk.stick.open("r+b") as file:
        file.seek(8 * MIB)
        file.write(b"all that was called")
    damage(desk.stick)
    before = desk.stick.read_bytes()
    assert desk.flash("--erase", "4C5300A1", "--json") == 1
    assert desk.stick.read_bytes() == before
    assert events()[-1]["code"] == "holds_data"
    assert desk.flash("--erase", "4C5300A1", "--keep-data") == 0
    kept = desk.stick.read_bytes()
    assert kept[8 * MIB :].startswith(b"all that was called")
    assert kept[2 * MIB : 3 * MIB] == desk.image.read_bytes()[2 * MIB : 3 * MIB]
    assert desk.verify("--keep-data") == 0
    assert desk.flash("--erase", "4C5300A1", "--erase-data") == 0
    assert b"all that was called" not in desk.stick.read_bytes()[: 12 * MIB]


def test_data_of_a_box_are_known_by_the_second_table_where_the_first_is_broken(desk: Desk, events: Events) -> None:
    os.truncate(desk.stick, 12 * MIB)  # as large as the image, so that its second table is at the end
    desk.disks[1] = disk_at(str(desk.stick), 12 * MIB)
    assert desk.flash("--erase", "4C5300A1") == 0
    with desk.stick.open("r+b") as file:
        file.write(bytes(17408))
    before = desk.stick.read_bytes()
    assert desk.flash("--erase", "4C5300A1", "--json") == 1
    assert events()[-1]["code"] == "holds_data"
    assert desk.stick.read_bytes() == before


def test_verify_names_the_first_place_and_writes_nothing(desk: Desk, events: Events) -> None:
    assert desk.flash("--erase", "4C5300A1") == 0
    damage(desk.stick)
    before = desk.stick.read_bytes()
    assert desk.verify("--json") == 1
    assert events()[-1] == {"event": "verified", "wrong": 1, "first": 2 * MIB}
    assert desk.stick.read_bytes() == before


def test_a_label_cannot_command_the_terminal(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.disks[1] = replace(desk.disks[1], parts=(Part("sdb1", label="\x1b[2J[red]x[/nothing]"),))
    assert desk.run("disks") == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "[red]x[/nothing]" in shown


def test_wrong_words_are_told_in_one_way(desk: Desk, events: Events) -> None:
    assert desk.run("flash", "--json") == 2
    assert events()[-1]["code"] == "usage"
    assert desk.flash("--disk", "a", "--erase", "b") == 2


def test_a_reader_of_chinese_is_told_in_chinese(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    assert desk.run("disks") == 0
    assert "序列号" in capsys.readouterr().out
    assert all("。" not in command.summary for command in COMMANDS)
    assert "列出" in parser().format_help()


def test_the_laptop_needs_nothing_of_the_box() -> None:
    program = "import sys, firmware_tools.cli; print(*{each.partition('.')[0] for each in sys.modules})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert not {"appliance", "numpy", "msgspec", "pjsua2", "textual"} & set(done.stdout.split())


@pytest.mark.parametrize("page", ["docs/en/installer.md", "docs/zh/installer.md"])
def test_the_commands_of_the_guide_exist(page: str) -> None:
    lines = [line for block in blocks(page, "sh") for line in block.lines if "mxbox-tools " in line]
    commands = [
        words_of(line.removeprefix("sudo ")) for line in lines if line.removeprefix("sudo ").startswith("mxbox-tools")
    ]
    assert {words[1] for words in commands} >= {"disks", "flash", "verify"}
    for words in commands:
        parser().parse_args(words[1:])
