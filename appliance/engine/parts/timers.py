# SPDX-License-Identifier: GPL-2.0-or-later
"""Timers in box time: a heap of deadlines, whose cancelled entries are passed over and swept when they pile up."""

import heapq
from collections.abc import Callable

SWEEP = 256  # cancelled entries that may lie in the heap beside as many live ones


class Timer:
    """What is to be done at a deadline; `action` None once it was cancelled or has fired. `owner`: what it is about."""

    __slots__ = ("action", "owner")

    def __init__(self, action: Callable[[], None], owner: object = None) -> None:
        self.action: Callable[[], None] | None = action
        self.owner = owner


class Timers:
    """All timers of an engine. Timers of one tick fire in the order in which they were started."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timer]] = []  # due, order of starting
        self._started = 0
        self._cancelled = 0

    def __len__(self) -> int:
        """Count the timers that are running."""
        return len(self._heap) - self._cancelled

    def start(self, due: int, action: Callable[[], None], owner: object = None) -> Timer:
        """Run `action` at tick `due`."""
        self._started += 1
        timer = Timer(action, owner)
        heapq.heappush(self._heap, (due, self._started, timer))
        return timer

    def cancel(self, timer: Timer | None) -> None:
        """Forget a timer; one that fired or was cancelled may be given again."""
        if timer is None or timer.action is None:
            return
        timer.action = None
        self._cancelled += 1
        if self._cancelled > SWEEP and self._cancelled * 2 > len(self._heap):
            self._heap = [each for each in self._heap if each[2].action is not None]
            heapq.heapify(self._heap)
            self._cancelled = 0

    def cancel_all(self, owner: object) -> None:
        """Forget every timer of an owner. It looks at all that run: for what is rare."""
        for timer in [timer for _due, _order, timer in self._heap if timer.owner is owner]:
            self.cancel(timer)

    def next_deadline(self) -> int | None:
        """Tick of the next timer, None without one."""
        heap = self._heap
        while heap and heap[0][2].action is None:
            heapq.heappop(heap)
            self._cancelled -= 1
        return heap[0][0] if heap else None

    def fire(self, now: int) -> None:
        """Run what is due, including what the actions start for `now` or earlier."""
        while (due := self.next_deadline()) is not None and due <= now:
            timer = heapq.heappop(self._heap)[2]
            action, timer.action = timer.action, None
            if action is not None:
                action()
