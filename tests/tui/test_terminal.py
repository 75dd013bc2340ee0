# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox tui` for real: in a pseudo-terminal, at a call server that serves calls."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.cli.main import main
from tests.appliance.api.running import RunningBox
from tests.tui.pty_rig import Terminal
from tui.terminal import found


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as box:
        box.calls(20)
        yield box


def test_the_calls_of_a_box_are_seen_and_the_program_ends_with_q(box: RunningBox) -> None:
    with Terminal(box.path) as terminal:
        terminal.until(lambda text: "healthy" in text and "calls" in text)
        terminal.send(b"3")
        text = terminal.until(lambda text: re.search(r"\n +\d+ +\d:\d\d 138", text))
        assert "talking" in text
        terminal.send(b"q")
        terminal.process.wait(10)
        assert terminal.process.returncode == 0


def test_a_call_is_hung_up_by_x_a_letter_and_y_and_the_screen_says_so(box: RunningBox) -> None:
    with Terminal(box.path) as terminal:
        terminal.until(lambda text: "healthy" in text)
        terminal.send(b"3")
        text = terminal.until(lambda text: re.search(r"\n +\d+ +\d:\d\d 138", text))
        first = re.search(r"\n +(\d+) +\d:\d\d (138\d+)", text)
        assert first is not None
        terminal.send(b"x")
        terminal.until(lambda text: "hang up" in text)
        terminal.send(b"h")
        terminal.until(lambda text: f"Ends the call of {first[2]}" in text)
        terminal.send(b"y")
        terminal.until(lambda text: "done" in text)
        terminal.until(lambda text: "releasing" in text or f"{first[1]}  " not in text)


def test_chinese_stands_in_its_columns(box: RunningBox) -> None:
    with Terminal(box.path, LANGUAGE="zh_CN", LANG="zh_CN.UTF-8") as terminal:
        terminal.until(lambda text: "总览" in text.replace(" ", ""))
        terminal.send(b"3")
        terminal.until(lambda text: re.search(r"\n +\d+ +\d:\d\d 138", text))
        at = next(x for x in range(80) if terminal.screen.buffer[2][x].data == "从")
        assert terminal.screen.buffer[3][at].data == "1"


def test_a_terminal_that_draws_box_glyphs_two_columns_wide_gets_none(box: RunningBox) -> None:
    with Terminal(box.path, wide_rules=True) as terminal:
        text = terminal.until(lambda text: "healthy" in text)
    assert "│" not in text
    assert "|" in text


def test_a_terminal_of_another_size_is_filled(box: RunningBox) -> None:
    with Terminal(box.path, size=(132, 43)) as terminal:
        terminal.until(lambda text: "healthy" in text)
        terminal.until(lambda text: "leave" in text.split("\n")[-1])


@pytest.mark.parametrize(
    ("environ", "serial", "width", "skin", "hanzi"),
    [
        ({"TERM": "xterm-256color", "LANG": "zh_CN.UTF-8", "COLORTERM": "truecolor"}, False, 1, "house", True),
        ({"TERM": "xterm-256color", "LANG": "zh_CN.UTF-8"}, False, 2, "plain", True),
        ({"TERM": "xterm", "LANG": "en_US.UTF-8"}, False, 1, "plain", True),
        ({"TERM": "linux", "LANG": "zh_CN.UTF-8"}, False, 1, "plain", False),
        ({"TERM": "vt220", "LANG": "en_US.UTF-8"}, True, None, "plain", True),
        ({"TERM": "xterm-256color", "LANG": "C"}, False, 1, "plain", False),
        ({"TERM": "xterm-256color", "LANG": "C", "LC_ALL": "C.UTF-8"}, False, None, "house", True),
    ],
)
def test_the_skin_is_what_the_terminal_can(
    environ: dict[str, str], serial: bool, width: int | None, skin: str, hanzi: bool
) -> None:
    it = found(environ, serial=serial, glyph_width=width)
    assert (it.skin, it.hanzi) == (skin, hanzi)


def test_without_a_terminal_the_command_names_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tui"]) == 1
    assert "mxbox status" in capsys.readouterr().err
