# SPDX-License-Identifier: GPL-2.0-or-later
"""`make run`'s command itself, on all real parts: its checks pass, its books balance, and it says no where it must."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

COMMAND = [sys.executable, "-m", "appliance.cli.main", "demo"]


def test_the_demo_passes_its_own_checks() -> None:
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        work = str(Path(folder) / "demo")
        done = subprocess.run(
            [*COMMAND, "--json", "--folder", work, "--language", "en"],
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
        told = json.loads(done.stdout)
        assert told["passed"]
        assert len(told["checks"]) == 11
        assert Path(told["recording"]).stat().st_size > 100_000
        assert told["ledger"]["balanced"]


def test_a_folder_that_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("keep")
    done = subprocess.run(
        [*COMMAND, "--folder", str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode != 0
    assert (tmp_path / "precious").read_text() == "keep"
