# SPDX-License-Identifier: GPL-2.0-or-later
"""The supervisor: children are started again after kill -9, end in order, and never outlive it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from appliance.children.keeper import Children
from tests.ending import ending

SLEEPER = "tests.appliance.sleeper"


def until(what: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not what():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"
    except OSError:
        return False


def test_a_killed_child_comes_again_and_stop_ends_it(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    children = Children([SLEEPER], tmp_path / "first", lambda module, status, _words: told.append((module, status)))
    children.keep()
    until((tmp_path / "first").exists)
    first = children.pid(SLEEPER)
    assert first
    os.kill(first, signal.SIGKILL)

    def again() -> bool:
        children.keep()
        return children.pid(SLEEPER) not in (None, first)

    until(again)
    assert told == [(SLEEPER, -signal.SIGKILL)]
    second = children.pid(SLEEPER)
    assert second
    children.stop()
    assert not alive(second)


def test_why_a_child_ended_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[str, int, str]] = []
    children = Children([SLEEPER], tmp_path / "no" / "such" / "folder", lambda *ended: told.append(ended))

    def twice() -> bool:
        children.keep()
        return len(told) >= 2

    until(twice)
    children.stop()
    (module, status, reason), again = told
    assert (module, status) == (SLEEPER, 1)
    assert reason.startswith("FileNotFoundError: [Errno 2] No such file or directory:")
    assert 'sleeper.py", line' in reason or "pathlib" in reason
    assert again == told[0], "the same words, so that it can be counted"
    assert capfd.readouterr().err.count("Traceback (most recent call last):") == 2, "and on the terminal as it was"


def test_a_terminals_signals_are_for_the_parent(tmp_path: Path) -> None:
    children = Children([SLEEPER], tmp_path / "mark", print)
    children.keep()
    pid = children.pid(SLEEPER)
    assert pid
    assert os.getpgid(pid) != os.getpgid(0)
    children.stop()


def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = (
        "import time; from pathlib import Path; from appliance.children.keeper import Children\n"
        f"c = Children(['{SLEEPER}'], Path({str(mark)!r}), print)\n"
        "while True: c.keep(); time.sleep(0.05)\n"
    )
    with ending(subprocess.Popen([sys.executable, "-c", program])) as supervisor:
        until(lambda: mark.exists() and mark.read_text() != "")
        child = int(mark.read_text())
        supervisor.kill()
    until(lambda: not alive(child))


EARLY = {"switch": "numpy", "server": "msgspec", "edge": "msgspec", "provisioning": "ssl", "cli": "argparse"}


@pytest.mark.parametrize("module", EARLY)
@pytest.mark.parametrize("half_way", [True, False])
def test_ctrl_c_while_a_process_is_being_loaded_ends_it_in_silence(module: str, half_way: bool, tmp_path: Path) -> None:
    """The interpreter reports each module that it has loaded; when all are, it waits for the configuration."""
    config = tmp_path / "box.toml"
    os.mkfifo(config)
    words = ["config", "check", str(config)] if module == "cli" else [str(config)]
    telling = ["-X", "importtime"] if half_way else []
    command = [sys.executable, *telling, "-m", f"appliance.{module}", *words]
    hears = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a job in the background ignores it
    pipes: dict[str, Any] = {"stderr": subprocess.PIPE, "text": True, "preexec_fn": hears}
    with ending(subprocess.Popen(command, **pipes)) as child:
        assert child.stderr is not None
        if half_way:
            assert any(line.rstrip().endswith(f" {EARLY[module]}") for line in child.stderr)
        written = None if half_way else config.open("w")  # until it is read
        child.send_signal(signal.SIGINT)
        if written is not None:
            written.close()  # a signal just before a read that blocks is seen after it only
        rest = [line for line in child.stderr if not line.startswith("import time:")]
        assert child.wait(30) == 130
        assert rest == []
