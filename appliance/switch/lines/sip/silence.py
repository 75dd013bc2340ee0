# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones that vanished: no packet and no answer of theirs for some time, though they should be there.

A phone may be silent with good reason: it is mute, listens only, sends no silence. So one that has been silent for half
the time is asked (OPTIONS, RFC 3261 11) until it answers: an answer is a sign of life like a packet. One that is gone
is found no later for that.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from appliance.contract.ticks import TICKS_PER_S, ticks


class Silent(NamedTuple):
    """Rows that showed no sign of life: those to be asked whether they are there, and those that are gone."""

    asked: list[int]
    gone: list[int]


class SilenceWatch:
    """Watch on the signs of life of all rows, once a second.

    Args:
        rows: of the card.
        limit_s: seconds without any sign after which a phone counts as gone; 0: never.
    """

    def __init__(self, rows: int, limit_s: float) -> None:
        self._limit = ticks(limit_s)
        self._seen = np.zeros(rows, np.uint32)
        self._since = np.zeros(rows, np.int64)

    def due(self, now: int) -> bool:
        """Return whether it is time to look."""
        return bool(self._limit) and now % TICKS_PER_S == 0

    def look(self, now: int, alive: NDArray[np.uint32], talking: NDArray[np.bool_]) -> Silent:
        """Return the rows that are silent.

        Args:
            now: box time in ticks.
            alive: signs of life of each row so far [rows].
            talking: rows that should show some [rows].
        """
        moved = (alive != self._seen) | ~talking
        self._seen[:] = alive
        self._since[moved] = now
        silent = now - self._since
        gone = silent >= self._limit
        asked = (silent >= self._limit / 2) & ~gone
        return Silent(np.flatnonzero(asked).tolist(), np.flatnonzero(gone).tolist())
