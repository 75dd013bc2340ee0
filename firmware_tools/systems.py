# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine as the commands need it: Linux, macOS, Windows."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from firmware_tools import disks_linux, disks_macos, disks_windows, medium
from firmware_tools.disks import Disk
from firmware_tools.medium import Medium


class Opener(Protocol):
    """A way to open a disk for this program alone."""

    def __call__(self, disk: Disk, *, writing: bool) -> AbstractContextManager[Medium]:
        """Return the disk, opened within `with`."""


class System(NamedTuple):
    """A machine: its disks, how they are opened, what a link of a disk leads to, and what its user types."""

    disks: Callable[[], list[Disk]]
    opened: Opener
    resolve: Callable[[str], str] = os.path.realpath
    ask: Callable[[str], str] = input
    is_screen: Callable[[], bool] = sys.stdin.isatty


READERS = {"linux": disks_linux.read, "darwin": disks_macos.read, "win32": disks_windows.read}


def here() -> System:
    """Return this machine."""
    return System(READERS.get(sys.platform, disks_linux.read), medium.opened)
