# SPDX-License-Identifier: GPL-2.0-or-later
"""One E1 of the exchange: a span, its D channel, its B channels, and the calls on them."""

from collections.abc import Mapping
from typing import Final

from drivers.pri import PriLink, Side
from drivers.span import IDLE_BYTE, TICK_S, Alarm, Octets, Span
from hw_sim.channels import Channels
from hw_sim.leg import Leg

NETWORK_OUT_OF_ORDER: Final = 38
_RED_TICKS: Final = 50
_SETTLE_TICKS: Final = 60


class Trunk:
    """A span with PRI on it.

    Args:
        number: of the span, from 1.
        span: the line.
        side: which end of the access this is.
        timers_s: of Q.931 and Q.921, by name.
    """

    def __init__(self, number: int, span: Span, side: Side, timers_s: Mapping[str, float] | None = None) -> None:
        self.number = number
        self.span = span
        self.link = PriLink(side, timers_s)
        self.legs: dict[int, Leg] = {}
        self.channels = Channels(side)
        self._now = 0
        self._up_since = 0
        self.restarts = False
        """Whether the far end has restarted a channel since the data link is up."""
        self._cut_until = self._d_cut_until = self._cut_since = 0

    @property
    def red(self) -> bool:
        """Whether nothing usable arrives (or would not, if the line that we cut were a real one)."""
        return Alarm.RED in self.span.alarms or (self._cut and self._now - self._cut_since >= _RED_TICKS)

    @property
    def usable(self) -> bool:
        """Whether a call can be set up, if a channel is free."""
        return self.link.up and not self.red

    @property
    def settled(self) -> bool:
        """Whether it is usable, heard by the far end, and its data link older than T200 (Q.921 5.9.1).

        Before that the far end, if our first UA was lost, may establish the link anew, and calls being set up go with
        it.
        """
        return self.usable and Alarm.YELLOW not in self.span.alarms and self._now - self._up_since >= _SETTLE_TICKS

    @property
    def stands(self) -> bool:
        """Whether it is settled, or known to be sooner.

        A far end that restarts a channel has a data link, and knows the channel to be idle.
        """
        return self.settled or (self.usable and Alarm.YELLOW not in self.span.alarms and self.restarts)

    def cut(self, ticks: int) -> None:
        """Block all frames and sound, either way, for so many ticks."""
        self._cut_since, self._cut_until = self._now, self._now + ticks

    def cut_d(self, ticks: int) -> None:
        """Block all frames on the D channel, either way, for so many ticks."""
        self._d_cut_until = self._now + ticks

    def receive(self, now: int, out: Octets) -> None:
        """Take a tick [31, 160] from the line, and run the D channel."""
        self._now = now
        self.span.receive(out)
        frames = self.span.frames()
        self.link.carry(carries=not self.span.alarms)
        if self._cut:
            out.fill(IDLE_BYTE)
        elif now >= self._d_cut_until:
            for frame in frames:
                self.link.receive(frame)
        self.link.run(now * TICK_S)
        if not self.link.up:
            self._up_since, self.restarts = now, False

    def transmit(self, octets: Octets) -> None:
        """Send a tick [31, 160] and the frames that are due."""
        frames = self.link.take_frames()
        if self._cut:
            return
        if self._now >= self._d_cut_until:
            for frame in frames:
                self.span.send_frame(frame)
        self.span.transmit(octets)

    def drop_all(self) -> list[Leg]:
        """Drop all calls, because the line is dead; return their legs."""
        legs = list(self.legs.values())
        for leg in legs:
            self.link.drop(leg.call, NETWORK_OUT_OF_ORDER)
        return legs

    @property
    def _cut(self) -> bool:
        return self._now < self._cut_until
