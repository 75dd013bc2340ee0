# SPDX-License-Identifier: GPL-2.0-or-later
"""The legs of a primary rate access, with the call and the channel of each (Q.931 5.1.2, 5.2.3.1, 5.7)."""

from dataclasses import dataclass, field
from typing import Final

from appliance.config.model import SpanConfig
from appliance.contract.address import PRI, LineAddress
from appliance.contract.switch import (
    AnyEvent,
    Cause,
    Cleared,
    Dial,
    NumberType,
    Party,
    Presentation,
    Redirecting,
    RedirectReason,
    Seized,
    SpanDo,
    SpanDone,
)
from appliance.switch.lines.pri.channels import B_TIMESLOTS, Channels
from appliance.switch.lines.pri.reading import reading
from appliance.switch.lines.pri.watch import SpanWatch
from appliance.switch.lines.recorder import Recorder
from appliance.switch.lines.span.upkeep import Upkeep
from drivers import pri_events as q931
from drivers.errors import PriError
from drivers.pri import PriLink
from drivers.pri_call import is_number
from drivers.span import Span

MAX_ATTEMPTS = 4
"""Channels tried for one call before it is given up: glare again and again, or a far end that has none of ours."""
NUMBER_TYPES: Final = {int(each): each for each in NumberType}
REASONS: Final = {int(each): each for each in RedirectReason}
ANOTHER_CHANNEL_HELPS = frozenset({Cause.REQUESTED_CIRCUIT_UNAVAILABLE, 6})  # 6: channel unacceptable


@dataclass(slots=True)
class PriLeg:
    """A leg, and the call of the link that it is now."""

    leg: int
    timeslot: int
    call: int = 0
    dial: Dial | None = None  # an outgoing leg, until the far end has answered SETUP
    tried: set[int] = field(default_factory=set)
    answered: bool = False
    alerted: bool = False
    inband: bool = False
    shown: Party | None = None  # the party for CONNECT


def heard(said: q931.PartyNumber) -> Party:
    """Return the party that a message names."""
    kind = NUMBER_TYPES.get(said.type, NumberType.UNKNOWN)
    return Party(said.number, said.name, Presentation(said.presentation), kind)


def redirected(said: q931.PartyNumber | None) -> Redirecting | None:
    """Return the party that sent a call on, by its SETUP."""
    return Redirecting(heard(said), REASONS.get(said.reason, RedirectReason.UNKNOWN)) if said else None


def told(party: Party | None, reason: int = 0) -> q931.PartyNumber | None:
    """Return a party in the form of a message; None: it has none."""
    if party is None or not is_number(party.number) or party == Party():
        return None
    return q931.PartyNumber(party.number, party.name, q931.Presentation(party.presentation), reason=reason)


class PriLegs:
    """Legs on the channels of one span: `PriCard` adds sound, commands and the D channel's events."""

    def __init__(self, number: int, span: Span, config: SpanConfig, coding: str) -> None:
        self._number = number
        self.line = str(LineAddress(PRI, config.group))
        self._config = config
        self._link = PriLink(config.side, {"T309": config.keep_calls_s}, coding)
        self._channels = Channels(config.side, self._link.restart, self._link.cancel_restart)
        self._watch = SpanWatch(number, span, self._link, config)
        self._upkeep = Upkeep(
            number, span, self._channels, B_TIMESLOTS, self._watch.clear, lambda: self._watch.in_service
        )
        self._recorder = Recorder("pri", f"span {number}", reading)
        self._legs: dict[int, PriLeg] = {}
        self._by_call: dict[int, PriLeg] = {}
        self._told: list[AnyEvent] = []

    def takes(self, line: str) -> bool:
        """See `Card.takes`."""
        return line == self.line

    def has_room(self, line: str) -> bool:
        """See `Card.has_room`."""
        return self.takes(line) and self._watch.in_service and self._channels.room

    def span_do(self, command: SpanDo) -> SpanDone | None:
        """See `Card.span_do`."""
        return self._upkeep.do(command) if command.span == self._number else None

    def row(self, leg: int) -> int | None:
        """See `Card.row`."""
        known = self._legs.get(leg)
        return known.timeslot - 1 if known else None

    def _dial(self, dial: Dial) -> None:
        if not self._watch.in_service:
            self._told.append(Cleared(dial.leg, Cause.NETWORK_OUT_OF_ORDER))
        else:
            self._seize(PriLeg(dial.leg, 0, dial=dial))

    def _seize(self, leg: PriLeg) -> None:
        """Send SETUP on the next channel that this leg has not tried; the leg ends if there is none."""
        timeslot = self._channels.pick(leg.tried)
        if timeslot is None or len(leg.tried) >= MAX_ATTEMPTS:
            self._end(leg, Cause.NO_CIRCUIT)
            return
        try:
            call = self._setup(leg, timeslot)
        except PriError:
            self._end(leg, Cause.INVALID_NUMBER_FORMAT)
            return
        leg.tried.add(timeslot)
        leg.call = call
        self._legs[leg.leg] = self._by_call[call] = leg
        self._recorder.begin(leg.leg, self._link.reference(call), ours=True)
        self._move(leg, timeslot)

    def _setup(self, leg: PriLeg, timeslot: int) -> int:
        assert leg.dial
        caller, redirecting = leg.dial.caller, leg.dial.redirecting
        number = caller.number if is_number(caller.number) else ""
        return self._link.setup(
            timeslot,
            leg.dial.called,
            number,
            exclusive=self._config.side == "network",
            presentation=q931.Presentation(caller.presentation) if number else q931.Presentation.UNAVAILABLE,
            name=caller.name,
            overlap=self._config.overlap,
            redirecting=told(redirecting.party, redirecting.reason) if redirecting else None,
        )

    def _move(self, leg: PriLeg, timeslot: int) -> None:
        """Put an outgoing leg on a channel."""
        if leg.timeslot:
            self._channels.release(leg.timeslot, leg.leg)
        leg.timeslot = timeslot
        self._channels.take(timeslot, leg.leg)
        self._told.append(Seized(leg.leg, self._number, timeslot))

    def _end(self, leg: PriLeg, cause: int) -> None:
        self._legs.pop(leg.leg, None)
        self._by_call.pop(leg.call, None)
        self._channels.release(leg.timeslot, leg.leg)
        self._told.append(Cleared(leg.leg, cause, leg.answered))

    def _abandon(self, leg: PriLeg) -> None:
        """Abandon the call that carries an outgoing leg, but not the leg."""
        del self._by_call[leg.call]
        self._link.hangup(leg.call, Cause.REQUESTED_CIRCUIT_UNAVAILABLE)

    def _channel_for(self, setup: q931.Setup) -> int | None:
        """Choose the channel of an incoming call (Q.931 5.2.3.1, 5.7); None: there is none that both ends accept."""
        wanted = setup.channel
        if self._watch.dead:
            return None
        if wanted:
            self._channels.agreed(wanted)
        if wanted and self._config.side == "user":
            self._yield(wanted)
        if wanted and self._channels.usable(wanted):
            return wanted
        return None if wanted and setup.exclusive else self._channels.pick()

    def _yield(self, timeslot: int) -> None:
        """Move our unanswered call to another channel: glare on the user side."""
        leg = self._legs.get(self._channels.leg(timeslot) or 0)
        if leg and leg.dial:
            self._abandon(leg)
            self._seize(leg)
