# SPDX-License-Identifier: GPL-2.0-or-later
"""State of a primary rate span: in service or not, since when its line is dead, troubles for a technician."""

from collections.abc import Iterator
from typing import Final

from appliance.config.model import SpanConfig
from appliance.contract.switch import AnyEvent, CardReport, SpanState, Trouble
from appliance.contract.ticks import TICKS_PER_S
from appliance.i18n import N_
from appliance.switch.lines.pri.channels import B_TIMESLOTS
from appliance.switch.lines.span.look import SpanLook, alarm_names
from appliance.switch.lines.span.upkeep import Upkeep
from drivers.pri import PriLink
from drivers.span import Alarm, Span

DEAD = Alarm.RED | Alarm.BLUE
"""Alarms in which nothing usable arrives. YELLOW is none: the D channel notices by itself that the far end hears
nothing."""


_DETAILS: Final = {
    (True, False): N_("{address}: D channel up, no alarm"),
    (True, True): N_("{address}: D channel up, {alarms}"),
    (False, False): N_("{address}: D channel down, no alarm"),
    (False, True): N_("{address}: D channel down, {alarms}"),
}
"""Detail of the report, by whether the D channel is up, and whether there is an alarm."""


class SpanWatch:
    """Watch on a span and its D channel, once a tick."""

    def __init__(self, number: int, span: Span, link: PriLink, config: SpanConfig) -> None:
        self.number = number
        self._span = span
        self._link = link
        self._look = SpanLook(number, span, config)
        self._now = 0
        self._told: tuple[Alarm, bool] | None = None
        self._faults_told = 0, 0
        self._dead_since: int | None = None

    @property
    def dead(self) -> bool:
        """Whether the line brings nothing."""
        return bool(self._span.alarms & DEAD)

    @property
    def carries(self) -> bool:
        """Whether both ends receive each other."""
        return not self._span.alarms

    @property
    def in_service(self) -> bool:
        """Whether calls can be set up: the D channel is up, and the line carries it."""
        return self._link.up and self.carries

    @property
    def _cause(self) -> str:
        """Reason why calls cannot be set up, as `SpanState.cause`."""
        return "d_channel" if not self._link.up else "" if self.carries else "alarms"

    def dead_ticks(self, now: int) -> int | None:
        """Return the ticks since the line died, None while it lives."""
        if not self.dead:
            self._dead_since = None
            return None
        if self._dead_since is None:
            self._dead_since = now
        return now - self._dead_since

    def announce(self) -> None:
        """Report the state again, changed or not."""
        self._told = None

    def changes(self, now: int) -> Iterator[AnyEvent]:
        """Yield the events at the end of a tick."""
        self._now = now
        state = self._span.alarms, self._link.up
        if state != self._told:
            self._told = state
            yield SpanState(
                self.number, self._span.address, alarm_names(state[0]), in_service=self.in_service, cause=self._cause
            )
        if now % TICKS_PER_S == 0:
            yield from self._faults()

    def _faults(self) -> Iterator[Trouble]:
        """Yield the troubles about malformed frames and messages since the last second."""
        counters = self._span.counters
        faults = counters.frames_malformed + counters.hdlc_bad_fcs, self._link.errors
        frames, messages = faults[0] - self._faults_told[0], faults[1] - self._faults_told[1]
        self._faults_told = faults
        if frames:
            yield self.trouble(N_("span {number}: malformed frames on the line"), frames)
        if messages:
            yield self.trouble(N_("span {number}: messages on the D channel that ISDN does not know"), messages)

    def trouble(self, text: str, count: int = 1, **fields: str) -> Trouble:
        """Return a trouble of this span: `text` is a msgid with {number} and the fields in it."""
        return Trouble("d_channel", text, count, {"number": str(self.number), **fields})

    def clear(self) -> None:
        """Clear the counters that are shown."""
        self._look.clear()

    def report(self, in_use: int, upkeep: Upkeep) -> CardReport:
        """Return the state of the span, for people."""
        alarms = ", ".join(alarm_names(self._span.alarms))
        counters = {name: int(value) for name, value in vars(self._span.counters).items()}
        return CardReport(
            name=N_("span {number}"),
            detail=_DETAILS[self._link.up, bool(alarms)],
            in_use=in_use,
            rows=len(B_TIMESLOTS),
            healthy=self.in_service,
            counters=counters | {"d_channel_errors": self._link.errors},
            span=self._look.report(self._now, upkeep, d_channel_up=self._link.up),
            values={"number": str(self.number), "address": self._span.address, "alarms": alarms},
        )
