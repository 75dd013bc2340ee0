# SPDX-License-Identifier: GPL-2.0-or-later
"""Events of the exchange's lines during calls."""

import msgspec

from drivers.span import TICK_S, Alarm


class LineEvent(msgspec.Struct, frozen=True):
    """An event of a span, in words, and its time (seconds of the exchange's time)."""

    at_s: float
    span: int
    text: str


class Log:
    """Line events in order; alarms are entered when they change."""

    def __init__(self) -> None:
        self.events: list[LineEvent] = []
        self._alarms: dict[int, Alarm] = {}

    def note(self, tick: int, span: int, text: str) -> None:
        """Add an event."""
        self.events.append(LineEvent(round(tick * TICK_S, 3), span, text))

    def alarms(self, tick: int, span: int, alarms: Alarm) -> None:
        """Add the alarms of a span if they changed."""
        if alarms != self._alarms.get(span, Alarm.NONE):
            self._alarms[span] = alarms
            self.note(tick, span, f"alarm {'+'.join(a.name or '' for a in alarms)}" if alarms else "alarm over")
