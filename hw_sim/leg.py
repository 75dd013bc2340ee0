# SPDX-License-Identifier: GPL-2.0-or-later
"""One call on one channel, as its subscriber sees it: the `hw_sim.subscriber.Line` of the exchange."""

from typing import TYPE_CHECKING, Final, Literal

from drivers.pri import PriLink
from drivers.span import TIMESLOTS, Octets
from hw_sim import steps
from hw_sim.calls import CallRecord
from hw_sim.subscriber import Subscriber

if TYPE_CHECKING:
    from hw_sim.exchange import Exchange
    from hw_sim.trunk import Trunk

_RINGBACK: Final = steps.SpeakNamed("ringback", 0)
_DIAL_TONE: Final = steps.SpeakNamed("dial", 0)


class Leg:
    """A call on a trunk. It has a subscriber once its number is known to belong to one.

    Args:
        exchange: whose rows, tape and library it uses.
        trunk: where it is.
        call: its number on the trunk's D channel.
        record: told what happens.
    """

    def __init__(self, exchange: "Exchange", trunk: "Trunk", call: int, record: CallRecord) -> None:
        self.call = call
        self.record = record
        self.subscriber: Subscriber | None = None
        self.digits = ""
        """Called digits that came so far, or that are still to be sent."""
        self._exchange, self._trunk = exchange, trunk
        self._heard_from: int | None = None
        self._gone = False

    @property
    def link(self) -> PriLink:
        """The D channel."""
        return self._trunk.link

    @property
    def row(self) -> int:
        """Row of the exchange's arrays that carries the call."""
        return (self._trunk.number - 1) * TIMESLOTS + self.record.timeslot - 1

    # --- what happens to it ---------------------------------------------------------------------------------------

    def take(self, timeslot: int) -> None:
        """Be on a timeslot, instead of the one before."""
        if timeslot == self.record.timeslot or not timeslot:
            return
        self.leave()
        self.record.timeslot = timeslot
        self._trunk.take(timeslot, self)

    def leave(self) -> None:
        """Give the timeslot back, silent."""
        if self.record.timeslot:
            self.hush()
            self.loop_back(on=False)
            self._trunk.release(self.record.timeslot, self)

    def keep_audio(self) -> None:
        """Keep from now on what is heard."""
        if self._heard_from is None:
            self._heard_from = self._exchange.tape.open()

    def reached(self, state: steps.State, cause: int = 0) -> None:
        """Note when the call came to a state, and tell the subscriber."""
        self.record.reached(state, self.now)
        if self.subscriber:
            self.subscriber.tell(state, cause)

    def ends(self, by: Literal["us", "far end", "line"], cause: int) -> None:
        """Note who cleared first, and why."""
        self._gone = True
        self.record.clears(by, cause)

    def finish(self) -> None:
        """The channel is free again: close the books."""
        record = self.record
        self.leave()
        record.ended = self.now
        if self._heard_from is not None:
            record.heard, record.heard_from = self._exchange.tape.read(self.row, self._heard_from), self._heard_from
            self._exchange.tape.close(self._heard_from)
        if self.subscriber:
            record.failures = self.subscriber.failures
            record.windows, record.expectations = self.subscriber.windows, self.subscriber.expectations

    # --- what its subscriber does (hw_sim.subscriber.Line) --------------------------------------------------------

    @property
    def now(self) -> int:
        """See `Line.now`."""
        return self._exchange.now

    def say(self, octets: Octets, *, loop: bool) -> None:
        """See `Line.say`."""
        self._exchange.voices.say(self.row, octets, loop=loop)

    def hush(self) -> None:
        """See `Line.hush`."""
        self._exchange.voices.hush(self.row)

    def loop_back(self, *, on: bool) -> None:
        """See `Line.loop_back`."""
        self._exchange.loop_back(self.row, on=on)

    def hears(self, what: str, since: int) -> bool:
        """See `Line.hears`."""
        return self._exchange.ear.knows(what, self._exchange.tape.read(self.row, since))

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
            self.say(self._exchange.library.render(_RINGBACK)[0], loop=True)

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
        """Invite to dial, until the first digit comes."""
        self.say(self._exchange.library.render(_DIAL_TONE)[0], loop=True)
