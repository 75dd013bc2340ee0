# SPDX-License-Identifier: GPL-2.0-or-later
"""A span as it is shown: its driver's report, growth of its counters of late, and their meaning."""

from collections import deque
from typing import Final

from appliance.config.model import SpanConfig
from appliance.contract.switch import SpanReport
from appliance.contract.ticks import TICKS_PER_S
from appliance.switch.lines.span.upkeep import Upkeep
from appliance.switch.lines.span.verdict import Counters, Look, growth, judge
from drivers.span import Alarm, Span, SpanCondition

SAMPLE_TICKS: Final = 10 * TICKS_PER_S
SAMPLES: Final = 6
"""Samples kept, so that counters are compared with those of a minute ago, or of when the box began."""
FRAMER: Final = (
    "code_violations",
    "crc4_errors",
    "e_bits",
    "framing_errors",
    "errored_seconds",
    "timing_slips",
    "irq_misses",
)
"""Counters of `SpanCondition`."""


class SpanLook:
    """Look at a span once a second, when the switch reports.

    Args:
        number: of the span, from 1.
        span: open.
        config: signalling, side and clock are used here.
    """

    def __init__(self, number: int, span: Span, config: SpanConfig) -> None:
        self._number, self._span, self._config = number, span, config
        self._samples: deque[tuple[int, Counters]] = deque(maxlen=SAMPLES)
        self._before: dict[str, int | None] = {}

    def clear(self) -> None:
        """Clear the counters that are shown."""
        self._before = self._raw(self._span.condition())

    def report(self, now: int, upkeep: Upkeep | None = None, *, d_channel_up: bool | None) -> SpanReport:
        """Return the span's report at box time `now` (ticks); `d_channel_up` None: its signalling has no D channel."""
        span, said = self._span, self._span.condition()
        counters = self._raw(said)
        since, before = self._compared(now, counters)
        look = Look(span.alarms, d_channel_up, self._config.clock, counters, said.loss, said.clock_source)
        said_of_it = SpanReport(
            span=self._number,
            address=span.address,
            kind=said.kind,
            description=said.description,
            signalling=self._config.signalling,
            side=self._config.side,
            clock=self._config.clock,
            alarms=alarm_names(span.alarms),
            loss=said.loss and said.loss.name,
            d_channel_up=d_channel_up,
            clock_source=said.clock_source,
            counters=self._since_cleared(counters),
            recent=growth(counters, before),
            recent_s=(now - since) / TICKS_PER_S,
            verdicts=judge(look, before),
        )
        return said_of_it if upkeep is None else upkeep.told(said_of_it)

    def _since_cleared(self, counters: Counters) -> dict[str, int | None]:
        """Return the counters since they were cleared; a driver that began again at 0 has cleared them itself."""
        since = ((name, count, self._before.get(name) or 0) for name, count in counters.items())
        return {name: count if count is None or count < before else count - before for name, count, before in since}

    def _raw(self, said: SpanCondition) -> dict[str, int | None]:
        kept = self._span.counts
        counted = {name: int(count) if name in kept else None for name, count in vars(self._span.counters).items()}
        return counted | {name: getattr(said, name) for name in FRAMER}

    def _compared(self, now: int, counters: Counters) -> tuple[int, Counters]:
        """Return when the oldest sample was taken, and its counters."""
        oldest = self._samples[0] if self._samples else (now, counters)
        if not self._samples or now - self._samples[-1][0] >= SAMPLE_TICKS:
            self._samples.append((now, counters))
        return oldest


def alarm_names(alarms: Alarm) -> tuple[str, ...]:
    """Return the alarms by their names in `drivers.span.Alarm`."""
    return tuple(str(alarm.name) for alarm in alarms)
