# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions by the tick at which they are due: a heap, so that a tick with none costs one comparison."""

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
        """Run `action` at `tick`. It cannot be cancelled: an action checks by itself whether it is still wanted."""
        heapq.heappush(self._heap, (tick, next(self._order), action))

    def run(self, now: int) -> None:
        """Run all actions that are due, with those that they enter for now."""
        while self._heap and self._heap[0][0] <= now:
            heapq.heappop(self._heap)[2]()
