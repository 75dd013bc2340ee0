# SPDX-License-Identifier: GPL-2.0-or-later
"""A pair of keys of minisign(1)'s, and files signed with it."""

import subprocess
from pathlib import Path


class Signer:
    """The owner of a pair of keys."""

    def __init__(self, folder: Path, name: str = "release") -> None:
        self.public, self.secret = folder / f"{name}.pub", folder / f"{name}.key"
        subprocess.run(["minisign", "-G", "-W", "-p", self.public, "-s", self.secret], check=True, capture_output=True)

    def sign(self, path: Path, *more: str) -> Path:
        command: list[str | Path] = ["minisign", "-S", *more, "-s", self.secret, "-m", path, "-t", "mxbox-pc 1.2"]
        subprocess.run(command, check=True, capture_output=True)
        return path.with_name(path.name + ".minisig")
