# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox run` as a process: how it ends. Its work while it runs is tested in tests/scenarios."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract.errors import ApplianceError
from hw_sim.baresip import free_port
from tests.ending import ending


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Write a box without lines, at a free port; return its file."""
    file = tmp_path / "box.toml"
    file.write_text(f"[sip]\nport = {free_port()}\n")
    return file


def hears() -> None:
    """Restore Ctrl-C and the terminal's end: a job in the background ignores the one, `nohup` the other."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


HEARING: dict[str, Any] = {"preexec_fn": hears}


@contextlib.contextmanager
def running(config: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the box of a configuration until it is up."""
    box = subprocess.Popen([sys.executable, "-m", "appliance.cli.main", "run", str(config)], **HEARING)
    try:
        until(lambda: ask(config) is not None, box)
        yield box
    finally:
        box.kill()
        box.wait()


def until(done: Callable[[], object], box: subprocess.Popen[bytes], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert box.poll() is None
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def ask(config: Path) -> api.StatusReply | None:
    """Return the status of the box, if it answers and has its switch."""
    try:
        with Client(config.parent / "run" / "control.sock") as client:
            reply = client.ask(api.Status(), api.StatusReply)
    except ApplianceError:
        return None
    return reply if reply.connected else None


def child(box: subprocess.Popen[bytes], module: str) -> int:
    pids = Path(f"/proc/{box.pid}/task/{box.pid}/children").read_text().split()
    return next(int(pid) for pid in pids if module in Path(f"/proc/{pid}/cmdline").read_text().split("\0"))


@pytest.mark.parametrize("module", ["appliance.switch", "appliance.server"])
def test_a_crash_is_in_the_troubles_and_in_the_status(config: Path, module: str) -> None:
    with running(config) as box:
        before = ask(config)
        assert before is not None
        assert (before.healthy, before.crashes) == (True, ())
        os.kill(child(box, module), signal.SIGSEGV)
        until(lambda: (now := ask(config)) is not None and now.crashes, box)
        now = ask(config)
        assert now is not None
        assert not now.healthy
        name = module.removeprefix("appliance.")
        (crash,) = now.crashes
        assert crash.text.startswith(f"{name} ended (SIGSEGV) and was started again")
        with Client(config.parent / "run" / "control.sock") as client:
            troubles = client.ask(api.Troubles(), api.TroublesReply).troubles
        assert [trouble.kind for trouble in troubles if trouble.kind == "crash"] == ["crash"]


def test_a_closed_terminal_ends_it_in_order(config: Path) -> None:
    with running(config) as box:
        box.send_signal(signal.SIGHUP)
        assert box.wait(20) == 0
    assert not (config.parent / "run" / "control.sock").exists()


def test_ctrl_c_while_it_is_being_loaded_is_no_traceback(config: Path) -> None:
    """The interpreter reports each module that it has loaded: it is interrupted half way through ours."""
    command = [sys.executable, "-X", "importtime", "-m", "appliance.cli.main", "run", str(config)]
    with ending(subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **HEARING)) as box:
        assert box.stderr is not None
        assert any("appliance.cli.command" in line for line in box.stderr)
        assert any("msgspec" in line for line in box.stderr)
        box.send_signal(signal.SIGINT)
        assert "Traceback" not in box.stderr.read()
        assert box.wait(20) == 130


@pytest.mark.parametrize("name", ["state", "recordings", "run", "run/switch.sock"])
def test_what_is_in_the_way_is_said_in_a_sentence(config: Path, name: str) -> None:
    place = config.parent / name
    if "/" in name:  # a folder where a socket should be, a file where a folder should be
        place.mkdir(parents=True)
    else:
        place.write_text("")
    command = [sys.executable, "-m", "appliance.cli.main", "run", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert name.rsplit("/", maxsplit=1)[-1] in done.stderr
    assert len(done.stderr.splitlines()) >= 2, "with a remedy"


@pytest.mark.parametrize(("module", "status", "place"), [("switch", 3, "switch.new"), ("server", 2, "store.db")])
def test_a_nearly_full_disk_at_the_start_is_said_in_a_sentence(
    config: Path, module: str, status: int, place: str
) -> None:
    """A real file system, if this user may mount one. The switch tries again: space may become free."""
    state = config.parent / "state"
    state.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8k", "mxbox-test", str(state)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        command = [sys.executable, "-m", f"appliance.{module}", str(config)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    finally:
        subprocess.run(["umount", "-l", str(state)], check=True)
    assert (done.returncode, "Traceback" in done.stderr) == (status, False)
    assert place in done.stderr
    assert len(done.stderr.splitlines()) >= 2, "with a remedy"


@pytest.mark.parametrize("burst", [1, 2000])
def test_it_ends_in_order_however_often_it_is_asked(tmp_path: Path, config: Path, burst: int) -> None:
    """A person presses Ctrl-C twice; `timeout` and a process group pass SIGTERM on once more."""
    box = subprocess.Popen([sys.executable, "-m", "appliance.cli.main", "run", str(config)], **HEARING)
    try:
        end = time.monotonic() + 30
        while not (tmp_path / "run" / "control.sock").exists():
            assert box.poll() is None
            assert time.monotonic() < end, "it does not start"
            time.sleep(0.05)
        for number in range(burst):
            time.sleep(0.00001 * (number % 10 == 9))  # one arrives while another is being handled
            with contextlib.suppress(ProcessLookupError):
                box.send_signal(signal.SIGTERM)
                box.send_signal(signal.SIGINT)
        late = {-signal.SIGTERM, -signal.SIGINT}  # all is over, and the interpreter handles no signals any more
        assert box.wait(20) in {0} | (late if burst > 1 else set())
    finally:
        box.kill()
        box.wait()
