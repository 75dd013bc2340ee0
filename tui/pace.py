# SPDX-License-Identifier: GPL-2.0-or-later
"""Pace: draw only when the line has sent what was drawn before. On a slow line keys would wait behind old pictures."""

import array
import fcntl
import termios


class Pace:
    """Room on the line to the terminal.

    Args:
        fd: the terminal's; None: there is none, as in tests.
    """

    def __init__(self, fd: int | None) -> None:
        self._fd = fd

    def clear(self) -> bool:
        """Return whether all that was drawn is sent."""
        return not self.waiting()

    def waiting(self) -> int:
        """Return the bytes that are not sent yet; 0 where that is not known."""
        if self._fd is None:
            return 0
        count = array.array("i", [0])
        try:
            fcntl.ioctl(self._fd, termios.TIOCOUTQ, count)
        except OSError:
            return 0
        return count[0]
