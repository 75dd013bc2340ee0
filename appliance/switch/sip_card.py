# SPDX-License-Identifier: GPL-2.0-or-later
"""Desk phones at fixed addresses as a card: SIP calls as legs, PJMEDIA's streams as rows (RFC 3261).

A phone is who its packets' source address says: calls from any other address get 403 and are counted, whatever their
headers claim. Registration is another program's business, which stands in front.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from appliance.config.model import ExtensionConfig, SipConfig
from appliance.i18n import _
from appliance.messages import (
    Alert,
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
    Key,
    Party,
    Presentation,
    Proceeding,
    Trouble,
)
from appliance.switch.card import LineCommand, NewLeg, Sound
from appliance.switch.sip_causes import cause_for, status_for
from drivers.errors import SipAddressError, SipBusyError
from drivers.pjsip import check_build, open_endpoint
from drivers.sip import (
    SipAddress,
    SipAnswered,
    SipEnded,
    SipEvent,
    SipIncoming,
    SipKey,
    SipOptions,
    SipParty,
    SipProgress,
)
from drivers.span import TICK_SAMPLES

SCHEME = "sip:"
RINGING, SESSION_PROGRESS, ADDRESS_INCOMPLETE = 180, 183, 484
FULL_SCALE = 32768.0


@dataclass(slots=True)
class _Leg:
    """A leg and the call of the endpoint that it is."""

    leg: int
    call: int
    row: int
    incoming: bool
    answered: bool = False
    told: Proceeding | Alerting | None = None
    cause: int | None = None  # why we cleared it


class SipCard:
    """All phones of the box.

    Args:
        config: where to listen, how many calls.
        extensions: the numbers and where their phones are; those on other lines do not matter here.
        new_leg: numbers legs that come in.

    Raises:
        SipBuildError: PJSIP is not this box's own build.
        SipError: it cannot listen there.
        SipAddressError: an extension's address is none.
    """

    def __init__(self, config: SipConfig, extensions: Sequence[ExtensionConfig], new_leg: NewLeg) -> None:
        self.rows = config.calls
        self._new_leg = new_leg
        self._phones = _phones(extensions)
        self._version = check_build().version
        self._endpoint = open_endpoint(
            SipOptions(config.bind, config.port, config.rtp_first, config.rtp_last, config.calls), self._is_phone
        )
        self._legs: dict[int, _Leg] = {}
        self._by_call: dict[int, _Leg] = {}
        self._row_was: dict[int, int] = {}
        self._happened: list[SipEvent] = []
        self._told: list[AnyEvent] = []
        self._in = np.zeros((self.rows, TICK_SAMPLES), np.int16)
        self._out = np.zeros((self.rows, TICK_SAMPLES), np.int16)
        self._scaled = np.zeros((self.rows, TICK_SAMPLES), np.float32)

    # --- the contract ---------------------------------------------------------------------------------------------

    def takes(self, line: str) -> bool:
        """See `Card.takes`."""
        return line.startswith(SCHEME)

    def has_room(self, line: str) -> bool:
        """See `Card.has_room`."""
        return self.takes(line) and self._endpoint.free_rows > 0

    def receive(self, sound: Sound) -> None:
        """See `Card.receive`. All that arrived since the last tick is taken here, signalling as well."""
        self._happened += self._endpoint.poll()
        self._endpoint.media.get(self._in)
        np.multiply(self._in, np.float32(1 / FULL_SCALE), out=sound)

    def transmit(self, sound: Sound) -> None:
        """See `Card.transmit`."""
        np.multiply(sound, np.float32(FULL_SCALE), out=self._scaled)
        np.clip(self._scaled, -FULL_SCALE, FULL_SCALE - 1, out=self._scaled)
        np.rint(self._scaled, out=self._scaled)
        np.copyto(self._out, self._scaled, casting="unsafe")
        self._endpoint.media.put(self._out)

    def signal(self, now: int) -> Sequence[AnyEvent]:
        """See `Card.signal`."""
        del now  # SIP's timers are PJSIP's
        self._row_was.clear()
        happened, self._happened = self._happened, []
        for event in happened:
            self._take(event)
        told, self._told = self._told, []
        return told

    def execute(self, command: LineCommand, now: int) -> None:
        """See `Card.execute`."""
        del now
        if isinstance(command, Dial):
            self._dial(command)
        elif leg := self._legs.get(command.leg):
            self._do(leg, command)

    def announce(self) -> None:
        """See `Card.announce`: phones have no state of their own here."""

    def takes_inband_key(self, leg: int, key: str, duration_ms: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.takes_inband_key`: phones tell their keys (RFC 4733)."""
        return False

    def row(self, leg: int) -> int | None:
        """See `Card.row`. A leg that came and went in one tick has its row until the next."""
        known = self._legs.get(leg)
        return known.row if known else self._row_was.get(leg)

    def status(self) -> Sequence[CardReport]:
        """See `Card.status`."""
        address, calls = self._endpoint.address, len(self._legs)
        detail = _("listens on {address}, PJSIP {version}").format(address=address, version=self._version)
        counters = {"refused": self._endpoint.refused}
        return (CardReport("SIP", detail, calls, self.rows, healthy=True, counters=counters),)

    def close(self) -> None:
        """See `Card.close`."""
        self._endpoint.close()

    # --- commands -------------------------------------------------------------------------------------------------

    def _dial(self, dial: Dial) -> None:
        private = dial.caller.presentation != Presentation.ALLOWED
        try:
            to = SipAddress.parse(dial.line)
            call = self._endpoint.dial(to, SipParty(dial.caller.number, dial.caller.name, private))
        except SipAddressError as error:
            self._refuse(dial, Cause.INVALID_NUMBER_FORMAT, str(error))
        except SipBusyError as error:
            self._refuse(dial, Cause.SWITCH_CONGESTION, str(error))
        else:
            row = self._endpoint.row(call)
            assert row is not None
            self._join(_Leg(dial.leg, call, row, incoming=False))

    def _refuse(self, dial: Dial, cause: Cause, text: str) -> None:
        self._told += [Trouble("sip", text), Cleared(dial.leg, cause)]

    def _do(self, leg: _Leg, command: LineCommand) -> None:
        match command:
            case Alert(inband=inband):
                self._endpoint.progress(leg.call, SESSION_PROGRESS if inband else RINGING)
            case Answer():
                leg.answered = True
                self._endpoint.answer(leg.call)
            case Clear(cause=cause):
                leg.cause = cause
                refusal = status_for(cause) if leg.incoming and not leg.answered else 0
                self._endpoint.hangup(leg.call, refusal, cause)
            case _:
                pass  # PJSIP has said 100 Trying by itself

    # --- what the phones do ---------------------------------------------------------------------------------------

    def _take(self, event: SipEvent) -> None:
        if isinstance(event, SipIncoming):
            self._incoming(event)
        elif leg := self._by_call.get(event.call):
            match event:
                case SipProgress():
                    self._progress(leg, event)
                case SipAnswered():
                    leg.answered = True
                    self._told.append(Answered(leg.leg))
                case SipKey(key=key, duration_ms=duration_ms):
                    self._told.append(Key(leg.leg, key, duration_ms))
                case SipEnded():
                    self._end(leg, event)

    def _incoming(self, event: SipIncoming) -> None:
        phone = self._phone(event)
        if not event.called:
            self._endpoint.hangup(event.call, ADDRESS_INCOMPLETE)
            return
        leg = _Leg(self._new_leg(), event.call, event.row, incoming=True)
        self._join(leg)
        shown = Presentation.RESTRICTED if event.caller.private else Presentation.ALLOWED
        caller = Party(phone.number, phone.name or event.caller.name, shown)
        self._told.append(Incoming(leg.leg, phone.line, event.called, caller))

    def _progress(self, leg: _Leg, event: SipProgress) -> None:
        rings = event.code == RINGING or event.inband or isinstance(leg.told, Alerting)
        told = Alerting(leg.leg, event.inband) if rings else Proceeding(leg.leg)
        if told != leg.told:
            leg.told = told
            self._told.append(told)

    def _end(self, leg: _Leg, event: SipEnded) -> None:
        self._part(leg)
        self._told.append(Cleared(leg.leg, _cause(leg, event)))

    # --- who is who -----------------------------------------------------------------------------------------------

    def _is_phone(self, host: str, port: int) -> bool:
        return (host, port) in self._phones

    def _phone(self, event: SipIncoming) -> ExtensionConfig:
        """Several lines of one phone share its address: then its From tells which one it is."""
        lines = self._phones[event.source_host, event.source_port]
        return lines.get(event.caller.number) or next(iter(lines.values()))

    def _join(self, leg: _Leg) -> None:
        self._legs[leg.leg] = self._by_call[leg.call] = leg

    def _part(self, leg: _Leg) -> None:
        del self._legs[leg.leg], self._by_call[leg.call]
        self._row_was[leg.leg] = leg.row


def _phones(extensions: Sequence[ExtensionConfig]) -> dict[tuple[str, int], dict[str, ExtensionConfig]]:
    """Extensions by the address of their phone, then by the user in it."""
    phones: dict[tuple[str, int], dict[str, ExtensionConfig]] = {}
    for extension in extensions:
        if extension.line.startswith(SCHEME):
            address = SipAddress.parse(extension.line)
            phones.setdefault((address.host.strip("[]"), address.port), {})[address.user] = extension
    return phones


def _cause(leg: _Leg, event: SipEnded) -> int:
    """Why a leg ended: our own reason, the far end's Q.850 one, or what its SIP status means."""
    if leg.cause is not None:
        return leg.cause
    if event.cause is not None:
        return event.cause
    gave_up = leg.incoming and not leg.answered  # CANCEL
    return Cause.NORMAL_CLEARING if gave_up else cause_for(event.code)
