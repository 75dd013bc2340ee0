# SPDX-License-Identifier: GPL-2.0-or-later
"""Set-up's scripts where they cannot go on: what they say, and that they leave what works alone."""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent.parent
PACKAGES = ROOT / "image" / "packages.txt"


def run(script: str, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [str(ROOT / "image" / script), *arguments]
    merged = {**os.environ, "LC_ALL": "C", **environment}
    return subprocess.run(command, env=merged, capture_output=True, text=True, timeout=60, check=False)


def tools(folder: Path, *names: str) -> str:
    """Return a PATH with these tools and nothing else; `id -u` in it answers that the user is no root."""
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


@pytest.mark.parametrize("script", [("venv.sh",), ("pjsip/install.sh",), ("apt.sh", str(PACKAGES))])
def test_a_second_set_up_installs_and_builds_nothing(script: tuple[str, ...]) -> None:
    again = run(*script)
    told = [line for line in (again.stdout + again.stderr).splitlines() if ": using " not in line]
    assert (again.returncode, told) == (0, []), "each step that is taken is told"


# --- what is locked ---------------------------------------------------------------------------------------------------

LOCK = (ROOT / "image/requirements.lock").read_text(encoding="utf-8")


def locked_versions() -> dict[str, set[str]]:
    """Versions by name; a name may have one for each range of Pythons."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([a-z0-9-]+)==([^\s;]+)", LOCK, re.MULTILINE):
        found.setdefault(name, set()).add(version)
    return found


def test_every_locked_package_has_a_hash() -> None:
    entries = re.split(r"^(?=[a-z0-9-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(entries) > 20
    assert not [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry]


def test_the_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    locked = locked_versions()
    for requirement in map(Requirement, wanted):
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert versions, requirement
        assert all(requirement.specifier.contains(version) for version in versions), (requirement, versions)


@pytest.mark.skipif(os.environ.get("MXBOX_PACKAGES") == "newest", reason="make test-newest runs on what is not locked")
def test_what_is_installed_is_what_is_locked() -> None:
    here = [sysconfig.get_path("purelib")]  # setuptools, once imported, puts packages of its own on the path
    installed = {canonicalize_name(d.metadata["Name"]): d.version for d in metadata.distributions(path=here)}
    locked = locked_versions()
    other = {name: version for name, version in installed.items() if version not in locked.get(name, {version})}
    assert not other
    assert set(installed) - set(locked) == {"mxbox"}


def test_a_package_that_is_not_what_was_locked_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "tampered-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tampered-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tampered\nVersion: 1.0\n")
        archive.writestr(
            "tampered-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("tampered-1.0.dist-info/RECORD", "")
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"tampered==1.0 --hash=sha256:{'0' * 64}\n")
    pip = [sys.executable, "-m", "pip", "install", "--no-index", "--find-links", str(tmp_path), "--target"]
    command = [*pip, str(tmp_path / "out"), "--require-hashes", "-r", str(lock)]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr


def test_pjsip_is_built_from_the_locked_sources_or_was_tried() -> None:
    used = Path(next((ROOT / ".venv").glob("lib/*/site-packages/mxbox-pjsip.pth")).read_text().strip())
    locked = re.search(r"^sha256 ([0-9a-f]{64})$", (ROOT / "image/pjsip/source.lock").read_text(), re.MULTILINE)
    assert locked
    assert f"sha256 {locked[1]}\n" in (used / "VERSION").read_text() or (used / "TRIED").exists()
