# SPDX-License-Identifier: GPL-2.0-or-later
"""A tick clock of this machine, for the clock master of a line and for a switch whose clock span is in RED."""

import logging
import time
from collections.abc import Callable

from drivers.span import TICK_S

_LOG = logging.getLogger(__name__)


class TickClock:
    """Clock of ticks, counted from one origin so that it never drifts against `monotonic`.

    Args:
        monotonic: seconds, never going back.
        sleep: waits for so many seconds; may return early.
        ppm: how much faster than `monotonic` this clock runs (an oscillator that is off, for tests of slips).
        skip_after: lateness in ticks beyond which time is given up instead of made good in one burst.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        ppm: float = 0.0,
        skip_after: int = 50,
    ) -> None:
        self.late = 0
        """Ticks that were due before the one waited for."""
        self.skipped = 0
        """Ticks given up after long stalls."""
        self._monotonic, self._sleep = monotonic, sleep
        self._period_s = TICK_S / (1.0 + ppm * 1e-6)
        self._skip_after = skip_after
        self.restart()

    def restart(self) -> None:
        """Start to count now: the next tick is due one period from here."""
        self._origin_s = self._monotonic()
        self._done = 0

    @property
    def due_in_s(self) -> float:
        """Seconds until the next tick; negative when it is late."""
        return self._origin_s + (self._done + 1) * self._period_s - self._monotonic()

    def wait(self) -> int:
        """Sleep until the next tick; return how many are due: 1, or more after a short stall."""
        while (left_s := self.due_in_s) > 0:
            self._sleep(left_s)
        due = max(1, int((self._monotonic() - self._origin_s) / self._period_s) - self._done)
        if due > self._skip_after:
            return self._skip(due)
        self._done += due
        self.late += due - 1
        return due

    def _skip(self, due: int) -> int:
        self.skipped += due - 1
        _LOG.warning("stalled for %.2f s: %d ticks are given up", due * TICK_S, due - 1)
        self.restart()
        return 1
