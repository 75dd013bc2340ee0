# SPDX-License-Identifier: GPL-2.0-or-later
"""Set-up's scripts where they cannot go on: what they say, and that they leave what works alone."""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ROOT / "image" / "packages.txt"


def run(script: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [str(ROOT / "image" / script), *arguments]
    merged = {**os.environ, "LC_ALL": "C", **environment}
    return subprocess.run(command, env=merged, capture_output=True, text=True, timeout=60, check=False)


def tools(folder: Path, *names: str) -> str:
    """A PATH with these tools and nothing else; whoever asks `id -u` is no root."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    (folder / "id").write_text("#!/bin/sh\necho 1000\n")
    (folder / "id").chmod(0o755)
    return str(folder)


def test_packages_that_cannot_be_installed_are_named_with_the_command(tmp_path: Path) -> None:
    wanted = tmp_path / "packages.txt"
    wanted.write_text("# a comment\nbash  # is there\nmxbox-none-such  # is not\n")
    path = tools(tmp_path / "bin", "bash", "sed", "awk", "dpkg-query", "env")
    refused = run("apt.sh", str(wanted), PATH=path)
    assert refused.returncode == 1
    assert "apt-get install --no-install-recommends mxbox-none-such\n" in refused.stderr
    wanted.write_text("bash\n")
    assert run("apt.sh", str(wanted), PATH=path).returncode == 0


def test_every_package_says_why() -> None:
    lines = [line for line in PACKAGES.read_text().splitlines() if not line.startswith("#")]
    assert lines
    assert not [line for line in lines if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+ +# \S.*", line)]


def test_pjsip_out_of_reach_names_the_remedy_and_leaves_the_build_alone(tmp_path: Path) -> None:
    used = next((ROOT / ".venv").glob("lib/*/site-packages/mxbox-pjsip.pth"))
    before = used.read_text()
    failed = run("pjsip/install.sh", XDG_CACHE_HOME=str(tmp_path), MXBOX_DEBIAN_MIRROR="http://127.0.0.1:9")
    assert failed.returncode != 0
    assert "Debian sid cannot be reached" in failed.stderr
    assert "MXBOX_PJPROJECT_TARBALL=" in failed.stderr
    assert used.read_text() == before


def test_a_tarball_of_ones_own_that_is_not_there_or_is_none(tmp_path: Path) -> None:
    missing = run("pjsip/install.sh", XDG_CACHE_HOME=str(tmp_path), MXBOX_PJPROJECT_TARBALL="/none/such")
    assert missing.returncode != 0
    assert "names no file that can be read: /none/such" in missing.stderr
    bad = tmp_path / "bad.tar.gz"
    bad.write_text("no tarball")
    failed = run("pjsip/install.sh", XDG_CACHE_HOME=str(tmp_path), MXBOX_PJPROJECT_TARBALL=str(bad))
    assert failed.returncode != 0
    assert "does not look like a tar archive" in failed.stderr, "the log's end must be shown"
    assert "the build failed" in failed.stderr
    assert not list((tmp_path / "mxbox" / "pjsip").glob("build.*/")), "a failed build must be cleared away"


def test_a_second_set_up_is_quick() -> None:
    started = time.monotonic()
    assert run("venv.sh").returncode == 0
    assert run("pjsip/install.sh").returncode == 0
    assert run("apt.sh", str(PACKAGES)).returncode == 0
    assert time.monotonic() - started < 5
