# SPDX-License-Identifier: GPL-2.0-or-later
"""The wheel of mxbox-tools: it stands by itself, speaks both languages, and its lock is whole."""

import os
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tools") / "out"
    command = [sys.executable, str(ROOT / "image/tools/wheel.py"), str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def test_the_wheel_alone_lists_disks_in_chinese(out: Path, tmp_path: Path) -> None:
    [wheel] = out.glob("mxbox_tools-*.whl")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "-q",
        "install",
        "--no-deps",
        "--no-index",
        "--target",
        str(tmp_path),
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    assert sorted(path.name for path in tmp_path.iterdir() if "dist-info" not in path.name) == [
        "bin",
        "drivers",
        "firmware_tools",
    ]
    assert sorted(path.name for path in (tmp_path / "drivers").glob("*.py")) == ["__init__.py", "serial_frames.py"]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "LANGUAGE": "zh_CN"}
    ran = subprocess.run(
        [str(tmp_path / "bin/mxbox-tools"), "--help"],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "列出磁盘" in ran.stdout
    assert "用法" in ran.stdout
    program = "import firmware_tools.i18n as i; print(i.LOCALE_DIR)"
    place = subprocess.check_output([sys.executable, "-c", program], env=environment, cwd=tmp_path, text=True)
    assert place.strip() == str(tmp_path / "firmware_tools/locale")


def test_the_lock_beside_it_has_all_that_it_needs_with_hashes(out: Path) -> None:
    lock = (out / "requirements.lock").read_text()
    entries = re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.MULTILINE)[1:]
    locked = {entry.partition("==")[0] for entry in entries}
    assert all("--hash=sha256:" in entry for entry in entries)
    needed, seen = ["rich", "pyserial", "zstandard"], set[str]()
    while needed:
        seen.add(name := needed.pop())
        asked = map(Requirement, requires(name) or ())
        here = [each.name for each in asked if each.marker is None or each.marker.evaluate({"extra": ""})]
        needed += [each for each in here if each not in seen]
    assert locked == seen
