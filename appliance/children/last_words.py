# SPDX-License-Identifier: GPL-2.0-or-later
"""A child's standard error: passed on at once, and its end kept, as the reason of the child's end."""

import contextlib
import os
import threading
from collections import deque
from typing import IO, Final

TRACEBACK: Final = "Traceback (most recent call last):"
KEPT_LINES, KEPT_BYTES = 40, 1000
MAX_REASON: Final = 400
"""Characters of a reason."""
READ_TIMEOUT_S: Final = 0.3
"""Wait for the end of the child's output: its own children may hold the pipe open."""


class LastWords:
    """Reader of `stream` on a thread of its own, until it ends."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._lines: deque[bytes] = deque(maxlen=KEPT_LINES)
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def reason(self) -> str:
        """Return in one line why the child ended: a traceback's last line and place, else the last lines."""
        self._thread.join(READ_TIMEOUT_S)
        said = [line.decode(errors="replace").rstrip() for line in list(self._lines)]
        lines = [line for line in said if line]
        if TRACEBACK in lines:
            return _of_traceback(lines)[:MAX_REASON]
        return " / ".join(line.strip() for line in lines[-2:])[-MAX_REASON:]

    def _read(self, stream: IO[bytes]) -> None:
        with stream:
            for line in iter(lambda: stream.readline(KEPT_BYTES), b""):
                self._lines.append(line)
                with contextlib.suppress(OSError):  # the terminal is gone
                    os.write(2, line)


def _of_traceback(lines: list[str]) -> str:
    """Return the raised error, and its place; indented lines are the way to it."""
    last = len(lines) - lines[::-1].index(TRACEBACK)
    raised = next((at for at in range(last, len(lines)) if not lines[at].startswith(" ")), len(lines) - 1)
    place = next((line.strip() for line in reversed(lines[last:raised]) if line.startswith('  File "')), "")
    return f"{lines[raised]} ({place})" if place else lines[raised]
