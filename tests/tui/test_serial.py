# SPDX-License-Identifier: GPL-2.0-or-later
"""The real program on a line of 115200 baud: every kind of terminal is drawn on, and what is drawn has room."""

import re
from pathlib import Path

import pytest

from tests.appliance.api.running import RunningBox
from tests.tui.pty_rig import Terminal

BAUD = 115_200
SECOND = BAUD // 10
"""Bytes that the line takes in a second."""
REST_S = 3
ROW = re.compile(r"\n +\d+ +\d:\d\d 138")


@pytest.mark.parametrize("term", ["xterm", "linux", "vt100"])
def test_screens_are_used_on_a_serial_line(term: str, tmp_path: Path) -> None:
    def cost(keys: bytes, sign: str) -> int:
        """Return the bytes until keys are answered."""
        terminal.read(0.5)  # what else the key before it drew
        before = terminal.drawn
        terminal.send(keys)
        terminal.until(lambda text: re.search(sign, text))
        return terminal.drawn - before

    with RunningBox(tmp_path) as box:
        box.calls(20)
        with Terminal(box.path, "--slow", TERM=term, COLORTERM="", baud=BAUD) as terminal:
            terminal.until(lambda text: "healthy" in text)
            terminal.read(1)  # the rest of its first screen
            assert terminal.drawn < 2 * SECOND
            assert cost(b"3", ROW.pattern) < SECOND
            assert ROW.search(terminal.text)
            assert cost(b"x", "hang up") < SECOND
            assert cost(b"\x1b", r"(?s)\A(?!.*hang up)") < SECOND
            assert cost(b"/", r"\n filter") < SECOND
            assert cost(b"1380\r", r"\n 1380") < SECOND
            assert ROW.search(terminal.text)
            terminal.read(1)
            before = terminal.drawn
            terminal.read(REST_S)
            assert terminal.drawn - before < REST_S * SECOND // 4, "a fourth of the line"
            assert terminal.text.isascii(), "no glyph that such a terminal lacks"
            terminal.send(b"q")
            terminal.until(lambda _text: terminal.process.poll() is not None)
            assert terminal.process.returncode == 0
