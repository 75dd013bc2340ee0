# SPDX-License-Identifier: GPL-2.0-or-later
"""A process that a test starts and that does not outlive it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def ending(child: "subprocess.Popen[Any]") -> Iterator["subprocess.Popen[Any]"]:
    """Kill the process at the end of the block, unless it has ended.

    `Popen` as a context waits for it without a limit: a test that fails, or whose time is up, would hang there.
    """
    with child:
        try:
            yield child
        finally:
            if child.poll() is None:
                child.kill()
