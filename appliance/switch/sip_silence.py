# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones that vanished: no packet and no report of theirs for some time, though they should talk."""

import numpy as np
from numpy.typing import NDArray

from appliance.ticks import TICKS_PER_S, ticks


class SilenceWatch:
    """Looks at the signs of life of all rows once a second.

    Args:
        rows: of the card.
        limit_s: seconds without any sign after which a phone counts as gone; 0: never.
    """

    def __init__(self, rows: int, limit_s: float) -> None:
        self._limit = ticks(limit_s)
        self._seen = np.zeros(rows, np.uint32)
        self._since = np.zeros(rows, np.int64)

    def due(self, now: int) -> bool:
        """Tell whether it is time to look."""
        return bool(self._limit) and now % TICKS_PER_S == 0

    def look(self, now: int, alive: NDArray[np.uint32], talking: NDArray[np.bool_]) -> list[int]:
        """Give the rows that are gone.

        Args:
            now: box time in ticks.
            alive: signs of life of each row so far [rows].
            talking: rows that should show some [rows].
        """
        moved = (alive != self._seen) | ~talking
        self._seen[:] = alive
        self._since[moved] = now
        return [int(row) for row in np.flatnonzero(now - self._since >= self._limit)]
