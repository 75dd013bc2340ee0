# SPDX-License-Identifier: GPL-2.0-or-later
"""What has to be done at which tick: a heap, so that a tick in which nothing is due costs one comparison."""

import heapq
from collections.abc import Callable
from itertools import count

Action = Callable[[], object]


class Agenda:
    """Actions by tick; those of one tick run in the order in which they were entered."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Action]] = []
        self._order = count()

    def enter(self, tick: int, action: Action) -> None:
        """Let `action` run at `tick`. There is no taking back: an action looks itself whether it is still wanted."""
        heapq.heappush(self._heap, (tick, next(self._order), action))

    def run(self, now: int) -> None:
        """Do all that is due, also what is entered for now on the way."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
