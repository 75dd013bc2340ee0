# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox run` as a process: how it ends. What the box does while it runs is in tests/scenarios."""

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hw_sim.baresip import free_port


@pytest.mark.parametrize("burst", [1, 2000])
def test_it_ends_in_order_however_often_it_is_asked(tmp_path: Path, burst: int) -> None:
    """A person presses Ctrl-C twice; `timeout` and a process group pass SIGTERM on once more."""
    config = tmp_path / "box.toml"
    config.write_text(f"[sip]\nport = {free_port()}\n")
    box = subprocess.Popen([sys.executable, "-m", "appliance.cli.main", "run", str(config)])
    try:
        end = time.monotonic() + 30
        while not (tmp_path / "run" / "control.sock").exists():
            assert box.poll() is None
            assert time.monotonic() < end, "it does not start"
            time.sleep(0.05)
        for number in range(burst):
            time.sleep(0.00001 * (number % 10 == 9))  # one comes while another is being taken
            with contextlib.suppress(ProcessLookupError):
                box.send_signal(signal.SIGTERM)
                box.send_signal(signal.SIGINT)
        late = {-signal.SIGTERM, -signal.SIGINT}  # all is over, and the interpreter takes no signals any more
        assert box.wait(20) in {0} | (late if burst > 1 else set())
    finally:
        box.kill()
        box.wait()
