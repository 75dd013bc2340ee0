# SPDX-License-Identifier: GPL-2.0-or-later
"""The line clock: a tick whenever the clock source has delivered 160 samples, else by our own crystal.

The first span in order that is not in RED is the source. A tick that the source owes is waited for a little longer than
it may jitter; then one is made up, so that the other spans and the phones never stop with it.
"""

from collections.abc import Callable, Sequence

from drivers.span import TICK_S, Alarm, Span

JITTER_S = 0.03
"""Delay with which a tick of the source may come: measured gaps of TDMoE frames reach 24 ms (a shared host)."""
LATE_S = TICK_S
"""Delay beyond which a tick is counted as late."""


class LineClock:
    """Clock of the ticks. `late` counts ticks that began late because the tick before took too long."""

    def __init__(self, spans: Sequence[Span], monotonic: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._spans = spans
        self._monotonic = monotonic
        self._sleep = sleep
        self._due = monotonic() + TICK_S
        self.late = 0

    def wait(self) -> None:
        """Return when the next tick is to be done."""
        source = next((span for span in self._spans if not span.alarms & Alarm.RED), None)
        if source is None:
            self._wait_own()
        else:
            self._wait_line(source)

    def _wait_own(self) -> None:
        now = self._monotonic()
        if now < self._due:
            self._sleep(self._due - now)
        elif now > self._due + LATE_S:
            self.late += 1
        # after a stall the lost ticks are not made up: they would not be heard, and timers only run later
        self._due = max(self._due + TICK_S, now)

    def _wait_line(self, source: Span) -> None:
        begun = self._monotonic()
        arrived = source.wait(max(0.0, self._due + JITTER_S - begun))
        now = self._monotonic()
        if begun > self._due + LATE_S:
            self.late += 1
        # the line is followed: when it has delivered, the next is due one tick from now or from where it should have
        # been
        self._due = now + TICK_S if arrived else self._due + TICK_S
