# SPDX-License-Identifier: GPL-2.0-or-later
"""A box is set up over a serial line: `mxbox-tools setup` here, `mxbox setup --frames` there, noise between them."""

import json
import os
import random
import select
import subprocess
import sys
import threading
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.config.load import load_box
from firmware_tools.cli import main
from firmware_tools.systems import here
from tests.appliance.wizard.rig import PASSWORD

KERNEL = b"[  12.345678] usb 1-1: new high-speed USB device\r\n"
ANSWERS = {"language": "en", "password": PASSWORD, "again": PASSWORD, "hotline": "96900", "name": "李娜", "call": "no"}


class Cable:
    """A line between two terminals of the kernel's, which damages some of what is sent."""

    def __init__(self, errors: float) -> None:
        self.errors, self.chance, self.damaged = errors, random.Random(5), 0
        self.laptop, self.laptop_end = os.openpty()
        self.box, self.box_end = os.openpty()
        for end in (self.laptop_end, self.box_end):
            tty.setraw(end)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._carry)
        self._thread.start()

    @property
    def port(self) -> str:
        return os.ttyname(self.laptop_end)

    def _carry(self) -> None:
        across = {self.laptop: self.box, self.box: self.laptop}
        while not self._over.is_set():
            for fd in select.select(list(across), [], [], 0.1)[0]:
                os.write(across[fd], self._noisy(os.read(fd, 4096)))

    def _noisy(self, data: bytes) -> bytes:
        if self.chance.random() >= self.errors:
            return data
        self.damaged += 1
        place = self.chance.randrange(len(data))
        choices = (data[:place] + KERNEL + data[place:], data[:place] + b"\x03\x04" + data[place:], data + data)
        return self.chance.choice(choices)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for fd in (self.laptop, self.laptop_end, self.box, self.box_end):
            os.close(fd)


class Box:
    """A box that was started with `mxbox setup --frames` on its end, or a shell that waits for it."""

    def __init__(self, cable: Cable, file: Path, *, shell: bool = False) -> None:
        self.command = [sys.executable, "-m", "appliance.cli.main", "setup", str(file), "--frames"]
        environment = {**os.environ, "LANGUAGE": "en", "PS1": "box# "}
        words = ["bash", "--norc", "-i"] if shell else self.command
        self.process = subprocess.Popen(
            words,
            stdin=cable.box_end,
            stdout=cable.box_end,
            stderr=cable.box_end,
            env=environment,
            start_new_session=True,
        )

    def end(self) -> int:
        try:
            return self.process.wait(20)
        finally:
            self.process.kill()


@pytest.fixture(params=[0.0, 0.25], ids=["clear", "noisy"])
def cable(request: pytest.FixtureRequest) -> Iterator[Cable]:
    made = Cable(request.param)
    yield made
    made.close()


@pytest.fixture
def clear() -> Iterator[Cable]:
    made = Cable(0.0)
    yield made
    made.close()


def write(folder: Path, answers: dict[str, str]) -> Path:
    path = folder / "answers.toml"
    path.write_text("".join(f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in answers.items()))
    return path


def events(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_box_is_set_up_from_a_file_of_answers_whatever_the_line_does(
    cable: Cable, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_tools.serial_setup.AGAIN", 0.3)
    box = Box(cable, tmp_path / "box.toml")
    log = tmp_path / "noise.log"
    words = ["setup", "--port", cable.port, "--answers", str(write(tmp_path, ANSWERS)), "--log", str(log), "--json"]
    assert main(words) == 0
    assert box.end() == 0
    config = load_box(tmp_path / "box.toml")[0]
    assert config.extension[0].name == "李娜"
    assert [route.called for route in config.route if "96900" in route.called]
    told = events(capsys)
    assert [each["step"] for each in told if each["event"] == "step"][:2] == ["language", "password"]
    assert PASSWORD not in json.dumps(told)
    assert bool(cable.damaged) is bool(cable.errors)
    if cable.errors:
        assert b"usb 1-1" in log.read_bytes()


def test_an_answer_that_the_box_refuses_ends_it_and_nothing_is_written(
    clear: Cable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = Box(clear, tmp_path / "box.toml")
    answers = write(tmp_path, ANSWERS | {"again": "something else"})
    assert main(["setup", "--port", clear.port, "--answers", str(answers), "--json"]) == 1
    assert events(capsys)[-1]["error"] == "again: the two are different: go back, and type it once more"
    assert box.end() == 1
    assert not (tmp_path / "box.toml").exists()


def test_a_question_without_an_answer_is_named(
    clear: Cable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    box = Box(clear, tmp_path / "box.toml")
    try:
        assert main(["setup", "--port", clear.port, "--json"]) == 1
    finally:
        box.process.kill()
        box.process.wait()
    assert events(capsys)[-1]["error"] == "password has no answer"


def test_at_a_shell_its_command_is_typed_and_a_person_answers(
    clear: Cable, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr("getpass.getpass", lambda prompt: PASSWORD)
    box = Box(clear, tmp_path / "box.toml", shell=True)
    typed = iter(["2", "", "<", "", ""])  # goes back by one question, and takes what is proposed for the others
    system = here()._replace(ask=lambda _prompt: next(typed, ""), is_screen=lambda: True)
    answers = write(tmp_path, {"call": "no"})
    start = " ".join(box.command)
    try:
        assert main(["setup", "--port", clear.port, "--start", start, "--answers", str(answers)], system) == 0
    finally:
        box.process.kill()
        box.process.wait()
    assert load_box(tmp_path / "box.toml")[0].language == "en"
    shown = capsys.readouterr().out
    assert "1/11 Language" in shown
    assert "    2 English" in shown


def test_a_port_where_nothing_answers_or_that_is_not_there_is_told_so(
    clear: Cable, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware_tools.serial_setup.PATIENCE", 0.3)
    assert main(["setup", "--port", clear.port, "--json"]) == 1
    assert events(capsys)[-1]["code"] == "no_answer"
    assert main(["setup", "--port", str(tmp_path / "ttyUSB9"), "--json"]) == 1
    assert events(capsys)[-1]["code"] == "no_port"
    assert main(["setup", "--json"]) == 2
    assert events(capsys)[-1]["code"] == "no_port"
    assert main(["setup", "--port", clear.port, "--answers", str(tmp_path / "none.toml"), "--json"]) == 2
    assert events(capsys)[-1]["code"] == "bad_answers"


def test_a_console_passes_on_keys_and_text_until_its_key_is_typed(clear: Cable, tmp_path: Path) -> None:
    """The program runs in a terminal of its own; at the other end of the line a box echoes."""
    keyboard, terminal = os.openpty()
    log = tmp_path / "log"
    command = [sys.executable, "-m", "firmware_tools", "console", "--port", clear.port, "--log", str(log)]
    program = subprocess.Popen(command, stdin=terminal, stdout=terminal, env={**os.environ, "LANGUAGE": "en"})
    try:
        assert b"Ctrl-] ends" in read_until(keyboard, b"speed).\r\n")
        os.write(keyboard, b"ls\x03\r")
        assert read_until(clear.box_end, b"\r") == b"ls\x03\r"  # Ctrl-C goes to the box
        os.write(clear.box_end, "盒子\r\n".encode())
        assert "盒子".encode() in read_until(keyboard, b"\n")
        os.write(keyboard, b"\x1d")
        assert program.wait(10) == 0
    finally:
        program.kill()
        os.close(keyboard)
        os.close(terminal)
    assert log.read_bytes() == "盒子\r\n".encode()


def read_until(fd: int, end: bytes) -> bytes:
    got = b""
    while not got.endswith(end):
        assert select.select([fd], [], [], 20)[0], got
        got += os.read(fd, 4096)
    return got
