# SPDX-License-Identifier: GPL-2.0-or-later
"""One call on one channel, as its subscriber sees it: the `hw_sim.subscriber.Line` of the exchange."""

from typing import Final, Literal

from drivers.pri import PriLink
from drivers.span import TIMESLOTS
from hw_sim import steps
from hw_sim.calls import CallRecord
from hw_sim.channels import Channels
from hw_sim.line import RowLine, Rows

_RINGBACK: Final = steps.SpeakNamed("ringback", 0)
_DIAL_TONE: Final = steps.SpeakNamed("dial", 0)


class Leg(RowLine):
    """A call on a span. It has a subscriber once its number is known to belong to one.

    Args:
        rows: of the exchange, 31 for each span.
        link: the span's D channel.
        channels: the span's B channels.
        call: its number on the D channel.
        record: filled in with the call's course; names the span.
    """

    def __init__(self, rows: Rows, link: PriLink, channels: Channels, call: int, record: CallRecord) -> None:
        super().__init__(rows, record)
        self.link = link
        self.call = call
        self.digits = ""
        """Called digits that came so far, or that are still to be sent."""
        self._channels = channels
        self._gone = False

    @property
    def row(self) -> int:
        """Row of the exchange's arrays that carries the call."""
        return (self.record.span - 1) * TIMESLOTS + self.record.timeslot - 1

    # --- events of the call ---------------------------------------------------------------------------------------

    def take(self, timeslot: int) -> None:
        """Move to a timeslot, from the one before."""
        if timeslot == self.record.timeslot or not timeslot:
            return
        self.leave()
        self.record.timeslot = timeslot
        self._channels.take(timeslot, self)

    def follow(self, timeslot: int) -> bool:
        """Go where the far end puts the call (0: it names no timeslot); return False if another call is there."""
        if timeslot in {0, self.record.timeslot}:
            return True
        free = self._channels.is_free(timeslot)
        if free:
            self.take(timeslot)
        return free

    def leave(self) -> None:
        """Free the timeslot, silent."""
        if self.record.timeslot:
            self.hush()
            self.loop_back(on=False)
            self._channels.release(self.record.timeslot, self)

    def reached(self, state: steps.State, cause: int = 0) -> None:
        """Note that the call reached a state, and report it to the subscriber."""
        self.record.reached(state, self.now)
        if self.subscriber:
            self.subscriber.tell(state, cause)

    def ends(self, by: Literal["us", "far end", "line"], cause: int) -> None:
        """Note the side that cleared first, and the cause."""
        self._gone = True
        self.record.clears(by, cause)

    def finish(self) -> None:
        """Free the channel and complete the record."""
        self.leave()
        self.close()

    # --- actions of its subscriber (hw_sim.subscriber.Line) -------------------------------------------------------

    def dial(self, digits: str) -> None:
        """See `Line.dial`."""
        self.link.information(self.call, digits)

    def proceed(self) -> None:
        """See `Line.proceed`."""
        if self.record.proceeding is None:
            self.link.proceeding(self.call, self.record.timeslot)
            self.record.reached("proceeding", self.now)

    def alert(self) -> None:
        """See `Line.alert`. The network side sends ringback with it (Q.931 5.4, E.182)."""
        self.proceed()
        network = self.link.side == "network"
        self.link.alerting(self.call, inband=network)
        self.record.reached("alerting", self.now)
        if network:
            self.say(self.rows.library.render(_RINGBACK)[0], loop=True)

    def progress(self) -> None:
        """See `Line.progress`."""
        self.proceed()
        self.link.progress(self.call)
        self.record.reached("connect", self.now)

    def answer(self) -> None:
        """See `Line.answer`."""
        self.hush()
        self.link.connect(self.call, self.record.timeslot if self.record.proceeding is None else 0)
        self.record.reached("answer", self.now)

    def clear(self, cause: int) -> None:
        """See `Line.clear`."""
        if not self._gone:
            self.ends("us", cause)
            self.link.hangup(self.call, cause)

    def dial_tone(self) -> None:
        """Send dial tone, until the first digit comes."""
        self.say(self.rows.library.render(_DIAL_TONE)[0], loop=True)
