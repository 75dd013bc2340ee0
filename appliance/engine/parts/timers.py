# SPDX-License-Identifier: GPL-2.0-or-later
"""Timers in box time: a heap of deadlines, whose cancelled entries are skipped, and removed when they pile up."""

from collections.abc import Callable
from heapq import heapify, heappop, heappush
from typing import Final

import msgspec

NEVER: Final = 1 << 62
MAX_CANCELLED: Final = 256  # cancelled entries that may stay in the heap beside as many live ones


class Timer(msgspec.Struct, eq=False):
    """An action at a deadline; `action` None once it was cancelled or has fired. `owner`: the thing it is about."""

    action: Callable[[], None] | None
    owner: object = None


class Timers:
    """All timers of an engine. Timers of one tick fire in the order in which they were started."""

    __slots__ = ("_cancelled", "_heap", "_started", "first")

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timer]] = []  # due, order of starting
        self._started = 0
        self._cancelled = 0
        self.first = NEVER
        """Tick of the next timer, `NEVER` without one: it is looked at with every event."""

    def __len__(self) -> int:
        """Return the number of running timers."""
        return len(self._heap) - self._cancelled

    def start(self, due: int, action: Callable[[], None], owner: object = None) -> Timer:
        """Start a timer that runs `action` at tick `due`; return it."""
        self._started += 1
        timer = Timer(action, owner)
        heappush(self._heap, (due, self._started, timer))
        if due < self.first:  # noqa: PLR1730 - one call less
            self.first = due
        return timer

    def cancel(self, timer: Timer | None) -> None:
        """Cancel a timer; one that fired or was cancelled may be passed again."""
        if timer is None or timer.action is None:
            return
        timer.action = None
        self._cancelled += 1
        if self._heap[0][2] is timer:
            self._settle()
        elif self._cancelled > MAX_CANCELLED and self._cancelled * 2 > len(self._heap):
            self._heap = [each for each in self._heap if each[2].action is not None]
            heapify(self._heap)
            self._cancelled = 0

    def cancel_all(self, owner: object) -> None:
        """Cancel every timer of an owner. It searches all running timers: for rare cases."""
        for timer in [timer for _due, _order, timer in self._heap if timer.owner is owner]:
            self.cancel(timer)

    def fire(self, now: int) -> None:
        """Run the actions that are due, including those started meanwhile for `now` or earlier."""
        while self.first <= now:
            timer = heappop(self._heap)[2]
            action, timer.action = timer.action, None
            self._settle()
            if action is not None:
                action()

    def _settle(self) -> None:
        """Remove cancelled entries from the head of the heap, and set `first`."""
        heap = self._heap
        while heap and heap[0][2].action is None:
            heappop(heap)
            self._cancelled -= 1
        self.first = heap[0][0] if heap else NEVER
