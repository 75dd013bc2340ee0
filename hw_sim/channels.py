# SPDX-License-Identifier: GPL-2.0-or-later
"""The B channels of an E1, and the calls on them."""

from typing import Final

from drivers.pri import Side
from drivers.span import D_TIMESLOT, TIMESLOTS

_B_TIMESLOTS: Final = tuple(t for t in range(1, TIMESLOTS + 1) if t != D_TIMESLOT)


class Channels:
    """The B channels of one span. The two sides hunt from opposite ends, so that they seldom meet on one channel."""

    def __init__(self, side: Side) -> None:
        self._taken: dict[int, object] = {}
        self._hunt = _B_TIMESLOTS if side == "network" else _B_TIMESLOTS[::-1]

    @property
    def in_use(self) -> int:
        """Number of B channels taken."""
        return len(self._taken)

    def free(self) -> int | None:
        """Return the next timeslot to take, if one is free."""
        return next((t for t in self._hunt if t not in self._taken), None)

    def is_free(self, timeslot: int) -> bool:
        """Return whether no call has this timeslot, and it is one that can carry calls."""
        return timeslot in _B_TIMESLOTS and timeslot not in self._taken

    def take(self, timeslot: int, by: object) -> None:
        """Assign a timeslot to a call."""
        self._taken[timeslot] = by

    def release(self, timeslot: int, by: object) -> None:
        """Free a timeslot, if this call has it."""
        if self._taken.get(timeslot) is by:
            del self._taken[timeslot]
