# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox tui` in tmux, as technicians run it over SSH, read back from there."""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.appliance.api.running import RunningBox
from tests.tui.pty_rig import ROOT


class Tmux:
    """A tmux server of its own, with one session of 80 columns and 24 lines that runs the program."""

    def __init__(self, folder: Path, socket: Path, **environ: str) -> None:
        self._tmux = ("tmux", "-S", str(folder / "tmux.sock"), "-f", "/dev/null", "-u")
        program = shlex.join([sys.executable, "-m", "appliance.cli", "tui", "--socket", str(socket)])
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TMUX", "LC_", "TEXTUAL"))}
        subprocess.run(
            [*self._tmux, "new-session", "-d", "-s", "a", "-x", "80", "-y", "24", program],
            check=True,
            cwd=ROOT,
            env={**kept, **environ},
        )

    def keys(self, *names: str) -> None:
        """Press keys, by tmux's names."""
        subprocess.run([*self._tmux, "send-keys", "-t", "a", *names], check=True)

    def until(self, so: Callable[[str], object], within_s: float = 30) -> str:
        """Return what the pane shows as soon as it is so."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            shown = subprocess.run([*self._tmux, "capture-pane", "-p", "-t", "a"], capture_output=True, check=False)
            text = shown.stdout.decode()
            if so(text):
                return text
            time.sleep(0.1)
        raise AssertionError(f"the pane never was so:\n{text}")

    def ended(self, within_s: float = 30) -> bool:
        """Return whether the program ends, and the server with its last session."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if subprocess.run([*self._tmux, "has-session", "-t", "a"], capture_output=True, check=False).returncode:
                return True
            time.sleep(0.1)
        return False

    def kill(self) -> None:
        """End it."""
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as box:
        box.calls(3)
        yield box


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("healthy", "1 overview", "from", "in a flow", "hang up")),
        ("zh_CN", ("正常", "1 总览", "从", "流程中", "挂断")),
    ],
)
def test_calls_are_seen_and_a_dialog_is_left_in_tmux(
    box: RunningBox, tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    healthy, overview, header, state, hang_up = words
    tmux = Tmux(tmp_path, box.path, LANGUAGE=language, LANG="zh_CN.UTF-8" if language == "zh_CN" else "C.UTF-8")
    try:
        tmux.until(lambda text: healthy in text and overview in text)
        tmux.keys("3")
        text = tmux.until(lambda text: state in text and " 138" in text)
        lines = text.splitlines()
        title = next(line for line in lines if f" {header} " in line)
        row = next(line for line in lines if " 138" in line)
        assert columns(title[: title.index(f" {header} ")]) == columns(row[: row.index(" 138")])
        assert max(columns(line) for line in lines) <= 80
        tmux.keys("x")
        tmux.until(lambda text: hang_up in text)
        tmux.keys("Escape")
        tmux.until(lambda text: hang_up not in text)
        tmux.keys("q")
        assert tmux.ended()
    finally:
        tmux.kill()


def columns(text: str) -> int:
    """Return how many columns a text takes."""
    return sum(2 if each >= "\u2e80" else 1 for each in text)
