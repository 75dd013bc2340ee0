# SPDX-License-Identifier: GPL-2.0-or-later
"""Stations as a card: phones that need no SIP, for lockstep runs of the whole box.

The stations themselves are passed in (the simulator's, `hw_sim.station.StationBank`); this adapter assigns legs to
them. It has no packets, no jitter, no codec: a station's sound is in the fabric in the same tick.
"""

from collections.abc import Sequence
from typing import Protocol

from appliance.contract.address import STATION, LineAddress
from appliance.contract.rtp import Rtp
from appliance.contract.switch import (
    Alerting,
    Answer,
    Answered,
    AnyEvent,
    CardReport,
    Cause,
    Clear,
    Cleared,
    Dial,
    Incoming,
    Party,
    SignalMessage,
)
from appliance.switch.lines.card import Card, LineCommand, NewLeg
from appliance.switch.sound.fabric import Sound


class Bank(Protocol):
    """Stations as rows. A `token` names a call at a station: our own for calls we ring, else the bank's."""

    rows: int

    def ring(self, number: str, token: int, caller: str) -> bool:
        """Ring a station; False if it does not exist or is busy."""
        ...

    def accept(self, token: int) -> None:
        """Report to a station that the call it makes was answered."""
        ...

    def cancel(self, token: int, cause: int) -> None:
        """End a call from the box's side; 'cleared' follows."""
        ...

    def signal(self, now: int) -> Sequence[tuple[str, int, str, str]]:
        """Return the events (what, token, a, b).

        ('alerting' or 'answered', token, '', ''), ('cleared', token, cause, ''), ('incoming', token, called, caller).
        """
        ...

    def row(self, token: int) -> int | None:
        """Return the row of the station that has this call."""
        ...

    def receive(self, out: Sound) -> None:
        """Fill [rows, 160] with the stations' sound."""
        ...

    def transmit(self, heard: Sound) -> None:
        """Send [rows, 160] to the stations."""
        ...


class StationCard(Card):
    """A bank of stations behind the contract of a card. The token of a call we ring is its leg."""

    def __init__(self, bank: Bank, new_leg: NewLeg) -> None:
        self.rows = bank.rows
        self._bank = bank
        self._new_leg = new_leg
        self._token: dict[int, int] = {}  # leg -> token
        self._leg: dict[int, int] = {}
        self._refused: list[AnyEvent] = []

    def takes(self, line: str) -> bool:
        """See `Card.takes`: 'station:<number>'."""
        return LineAddress.of(line).scheme == STATION

    def has_room(self, line: str) -> bool:  # noqa: ARG002 - a busy station refuses by itself
        """See `Card.has_room`: stations have no channels to run out of."""
        return True

    def receive(self, sound: Sound) -> None:
        """See `Card.receive`."""
        self._bank.receive(sound)

    def transmit(self, sound: Sound) -> None:
        """See `Card.transmit`."""
        self._bank.transmit(sound)

    def signal(self, now: int) -> Sequence[AnyEvent]:
        """See `Card.signal`."""
        refused, self._refused = self._refused, []
        return refused + [event for told in self._bank.signal(now) if (event := self._event(*told))]

    def execute(self, command: LineCommand, now: int) -> None:  # noqa: ARG002 - stations count ticks themselves
        """See `Card.execute`."""
        match command:
            case Dial(leg=leg, line=line, caller=caller):
                self._join(leg, leg)
                if not self._bank.ring(LineAddress.of(line).rest, leg, caller.number):
                    self._part(leg)
                    self._refused.append(Cleared(leg, Cause.USER_BUSY))
            case Answer(leg=leg) if leg in self._token:
                self._bank.accept(self._token[leg])
            case Clear(leg=leg, cause=cause) if leg in self._token:
                self._bank.cancel(self._token[leg], cause)
            case _:
                pass  # stations take no ringing of a far phone

    def announce(self) -> None:
        """See `Card.announce`: stations have no state of their own."""

    def takes_inband_key(self, leg: int, key: str, duration_ms: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.takes_inband_key`: stations send their keys in sound only."""
        return True

    def keys_inband(self, leg: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.keys_inband`: stations send their keys in sound only."""
        return True

    def takes_keys(self, leg: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.takes_keys`: stations take tones only."""
        return False

    def send_key(self, leg: int, key: str, duration_ms: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.send_key`: stations take tones only."""
        return False

    def row(self, leg: int) -> int | None:
        """See `Card.row`."""
        token = self._token.get(leg)
        return None if token is None else self._bank.row(token)

    def quiet_ticks(self, leg: int) -> int:  # noqa: ARG002 - the contract's
        """See `Card.quiet_ticks`: octets come always."""
        return 0

    def trace(self, leg: int, span: int = 0) -> Sequence[SignalMessage]:  # noqa: ARG002 - the contract's
        """See `Card.trace`: none are remembered here."""
        return ()

    def quality(self, leg: int) -> Rtp | None:  # noqa: ARG002 - the contract's
        """See `Card.quality`: octets come always."""
        return None

    def status(self) -> Sequence[CardReport]:
        """See `Card.status`."""
        return (CardReport("stations", "simulated", len(self._token), self.rows, healthy=True),)

    def close(self) -> None:
        """See `Card.close`."""
        for token in list(self._leg):
            self._bank.cancel(token, Cause.TEMPORARY_FAILURE)

    def _event(self, what: str, token: int, a: str, b: str) -> AnyEvent | None:
        if what == "incoming":
            leg = self._new_leg()
            self._join(leg, token)
            return Incoming(leg, str(LineAddress(STATION, b)), a, Party(b))
        leg = self._leg[token]
        if what == "cleared":
            self._part(leg)
            return Cleared(leg, int(a))
        return Alerting(leg) if what == "alerting" else Answered(leg)

    def _join(self, leg: int, token: int) -> None:
        self._token[leg], self._leg[token] = token, leg

    def _part(self, leg: int) -> None:
        del self._leg[self._token.pop(leg)]
