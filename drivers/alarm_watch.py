# SPDX-License-Identifier: GPL-2.0-or-later
"""Raising and clearing of RED at a receiver, for backends that have no framer to report it."""

from drivers.span import Alarm, SpanCounters


class SignalWatch:
    """RED after a silence, cleared by as long a steady arrival (after G.775: a state changes only when it persists).

    Time is what the caller counts in seconds: a monotonic clock, or ticks.
    """

    def __init__(self, red_after_s: float, now_s: float) -> None:
        self.red = False
        self._red_after_s = red_after_s
        self._gap_s = red_after_s / 4  # a longer pause is not steady
        self._last_s = self._since_s = now_s

    def heard(self, now_s: float) -> None:
        """Note that something usable arrived."""
        if now_s - self._last_s > self._gap_s:
            self._since_s = now_s
        self._last_s = now_s

    def check(self, now_s: float) -> bool:
        """Return whether RED is up now."""
        if not self.red:
            self.red = now_s - self._last_s >= self._red_after_s
        elif self._last_s - self._since_s >= self._red_after_s and now_s - self._last_s <= self._gap_s:
            self.red = False
        return self.red


def count_raised(counters: SpanCounters, before: Alarm, after: Alarm) -> None:
    """Add the alarms that are new in `after` to the counter."""
    if before != after:
        counters.alarms += (after & ~before).value.bit_count()
