# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's processes as children of one: started in order, started again when one dies, stopped together.

In the product's image systemd does this; `mxbox run` does the same for development, tests and the demo.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from appliance.children.last_words import LastWords

PR_SET_PDEATHSIG = 1
"""prctl(2)."""
PARENT = "MXBOX_PARENT"
BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Pauses before the first, second, ... restart in a row; one that lived for `STEADY_S` begins anew."""
STEADY_S = 10.0
TERM_S = 8.0
"""Time a child has to end in order before it is killed."""


def die_with_parent() -> None:
    """Ask for SIGTERM at the parent's death (called by a child first), so that no child keeps the lines."""
    parent = os.environ.get(PARENT)
    if parent is None:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):  # the parent died in between
        sys.exit(1)


@dataclass
class _Child:
    module: str
    process: subprocess.Popen[bytes] | None = None
    words: LastWords | None = None
    started_at: float = 0.0
    failures: int = 0
    due_at: float = 0.0


class Children:
    """Keeper of `python -m MODULE CONFIG` for every module.

    Args:
        told: called with (module, exit status, last words) of a child that ended by itself.
    """

    def __init__(self, modules: Sequence[str], config: Path, told: Callable[[str, int, str], None]) -> None:
        self._children = [_Child(module) for module in modules]
        self._config = config
        self._told = told

    def pid(self, module: str) -> int | None:
        """Return the process number of a child that runs."""
        child = next(child for child in self._children if child.module == module)
        return child.process.pid if child.process and child.process.poll() is None else None

    def keep(self) -> None:
        """Start children that do not run; call it several times a second."""
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.due_at:
                    self._start(child, now)
            elif (status := child.process.poll()) is not None:
                self._told(child.module, status, child.words.reason() if child.words else "")
                child.failures = child.failures + 1 if now - child.started_at < STEADY_S else 0
                child.due_at = now + BACKOFF_S[min(child.failures, len(BACKOFF_S) - 1)]
                child.process = None

    def stop(self) -> None:
        """End all in order: the switch first, so that the call server still gets the ends of its calls."""
        for child in self._children:
            if child.process is not None:
                child.process.terminate()
                try:
                    child.process.wait(TERM_S)
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
                child.process = None

    def _start(self, child: _Child, now: float) -> None:
        child.process = subprocess.Popen(
            [sys.executable, "-m", child.module, str(self._config)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, PARENT: str(os.getpid())},
            process_group=0,  # a terminal's Ctrl-C is for the parent, which ends its children in order
        )
        assert child.process.stderr is not None
        child.words = LastWords(child.process.stderr)
        child.started_at = now
