# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal in which tests do what a document says."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages import ROOT


class Shell:
    """Runs lines of documents in a folder that has the tree's files, as a person would in a terminal."""

    def __init__(self, folder: Path, locale: str) -> None:
        self.folder = folder
        for package in ("appliance", "hw_sim"):
            (folder / package).symlink_to(ROOT / package)
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        others = {
            name: value for name, value in os.environ.items() if name not in ("LANGUAGE", "LC_ALL", "LC_MESSAGES")
        }
        self._environment = {**others, "PATH": path, "LANG": locale}

    def placed(self, line: str) -> str:
        return line.replace("/tmp/mxbox-", f"{self.folder}/")

    def run(self, line: str, below: str = ".") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.placed(line), shell=True, cwd=self.folder / below, env=self._environment,
            capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip

    def start(self, line: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            ["/bin/sh", "-c", f"exec {self.placed(line)}"], cwd=self.folder, env=self._environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        yield Path(folder)
