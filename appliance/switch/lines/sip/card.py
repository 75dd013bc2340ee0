# SPDX-License-Identifier: GPL-2.0-or-later
"""Desk phones and SIP trunks as a card: SIP calls as legs, PJMEDIA's streams as rows (RFC 3261).

Which sources may call, and their lines, is decided by `lines`. Calls from any other source get 403 and are counted,
whatever their headers claim. A phone that vanishes in a call ends it with cause 27: no session refresh (RFC 4028), or
no packet and no answer.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from appliance.config.model import EdgeConfig, ExtensionConfig, SipConfig, TrunkConfig
from appliance.contract.address import LineAddress
from appliance.contract.rtp import Rtp
from appliance.contract.switch import (
    Alert,
    Alerting,
    Answer,
    Answered,
    AnyEvent,
    CardReport,
    Cause,
    Clear,
    Cleared,
    ConnectedParty,
    Dial,
    Held,
    Incoming,
    Party,
    Presentation,
    Proceeding,
    Redirected,
    Resumed,
    Show,
    SignalMessage,
    Transferred,
    TransferWanted,
    Trouble,
)
from appliance.i18n import N_
from appliance.switch.bulkhead import Bulkhead
from appliance.switch.lines.card import Card, LineCommand, NewLeg
from appliance.switch.lines.sip import parties
from appliance.switch.lines.sip.causes import cause_of, status_for
from appliance.switch.lines.sip.keys import LegKeys
from appliance.switch.lines.sip.lines import SipLines
from appliance.switch.lines.sip.options import endpoint_options
from appliance.switch.lines.sip.packets import packets_of
from appliance.switch.lines.sip.silence import SilenceWatch
from appliance.switch.sound.fabric import Sound
from drivers.errors import SipAddressError, SipBusyError
from drivers.pjsip import check_build, open_endpoint
from drivers.sip import (
    SipAnswered,
    SipConnected,
    SipEnded,
    SipEvent,
    SipHeld,
    SipIncoming,
    SipKey,
    SipParty,
    SipProgress,
    SipTransfer,
    SipWay,
)
from drivers.text import CODING

RINGING, SESSION_PROGRESS, FORBIDDEN, ADDRESS_INCOMPLETE = 180, 183, 403, 484
NO_SUCH_CALL: Final = 481
SERVER_ERROR: Final = 500
NOT_ACCEPTABLE: Final = (488, 606)
REMEMBERED_LEGS: Final = 4096
"""Legs whose Call-ID is remembered after their end, for the ladder of their messages."""


@dataclass(slots=True)
class _Leg:
    """A leg and the call of the endpoint that it is."""

    leg: int
    call: int
    row: int
    line: str
    keys: LegKeys
    incoming: bool = False
    dial: Dial | None = None  # the command that called it
    secure: bool = False  # called with nothing but SRTP
    answered: bool = False
    held: bool = False
    told: Proceeding | Alerting | None = None
    cause: int | None = None  # cause with which we cleared it


class SipCard(Card):
    """All phones and SIP trunks of the box.

    Args:
        config: address to listen on, number of calls.
        extensions: the numbers and where their phones are; those on other lines do not matter here.
        new_leg: numbers legs that come in.
        trunks: SIP trunks.
        edge: the SIP face outside; None: phones speak to this card themselves.
        farewells, coding: see `SipOptions`.
        bulkhead: the switch's; None: bugs are raised.

    Raises:
        SipBuildError, SipError: PJSIP is not this box's own build; it cannot listen there.
        SipAddressError: an extension's address is none.
    """

    def __init__(
        self,
        config: SipConfig,
        extensions: Sequence[ExtensionConfig],
        new_leg: NewLeg,
        trunks: Sequence[TrunkConfig] = (),
        edge: EdgeConfig | None = None,
        farewells: Path | None = None,
        coding: str = CODING,
        bulkhead: Bulkhead | None = None,
    ) -> None:
        self._bulkhead = bulkhead or Bulkhead()
        self.rows = config.calls
        self._new_leg = new_leg
        self._lines = SipLines(extensions, trunks, edge)
        self._silence = SilenceWatch(config.calls, config.silence_s)
        self._version = check_build().version
        options = endpoint_options(config, self._lines.proxy, edge, farewells, coding)
        self._endpoint = open_endpoint(options, self._lines.may_speak)
        self._srtp = config.srtp != "off"
        self._now = 0
        self._call_ids: OrderedDict[int, str] = OrderedDict()
        self._legs: dict[int, _Leg] = {}
        self._by_call: dict[int, _Leg] = {}
        self._happened: list[SipEvent] = []
        self._told: list[AnyEvent] = []
        self._rows = np.zeros(0, np.intp)  # those that have a leg

    # --- the contract ---------------------------------------------------------------------------------------------

    def takes(self, line: str) -> bool:
        """See `Card.takes`."""
        return self._lines.takes(line)

    def has_room(self, line: str) -> bool:
        """See `Card.has_room`."""
        return self.takes(line) and self._endpoint.free_rows > 0

    def receive(self, sound: Sound) -> None:
        """See `Card.receive`. All that arrived since the last tick is taken here, signalling as well."""
        self._happened += self._endpoint.poll()
        if len(self._rows) < self.rows:
            sound.fill(0.0)
        self._endpoint.media.get(sound, self._rows)

    def transmit(self, sound: Sound) -> None:
        """See `Card.transmit`."""
        self._endpoint.media.put(sound, self._rows)

    def signal(self, now: int) -> Sequence[AnyEvent]:
        """See `Card.signal`."""
        self._now = now
        happened, self._happened = self._happened, []
        for event in happened:
            leg, then = self._by_call.get(event.call), partial(self._endpoint.hangup, event.call, SERVER_ERROR)
            with self._bulkhead.about(event, leg.leg if leg else 0, None if leg else then):
                self._take(event)
        if self._silence.due(now):
            self._look_for_vanished(now)
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

    def takes_inband_key(self, leg: int, key: str, duration_ms: int) -> bool:
        """See `Card.takes_inband_key`: of phones that have sent none by better ways."""
        return leg in self._legs and self._legs[leg].keys.press_inband(key, duration_ms, self._now)

    def keys_inband(self, leg: int) -> bool:
        """See `Card.keys_inband`."""
        return leg in self._legs and self._legs[leg].keys.inband

    def takes_keys(self, leg: int) -> bool:
        """See `Card.takes_keys`."""
        return leg in self._legs and self._legs[leg].keys.takes

    def send_key(self, leg: int, key: str, duration_ms: int) -> bool:
        """See `Card.send_key`: telephone-events where the far end takes them, INFO where it is known to."""
        return leg not in self._legs or self._legs[leg].keys.send(key, duration_ms)

    def row(self, leg: int) -> int | None:
        """See `Card.row`."""
        known = self._legs.get(leg)
        return known.row if known else None

    def status(self) -> Sequence[CardReport]:
        """See `Card.status`."""
        address, calls = self._endpoint.address, len(self._legs)
        detail = N_("listens on {address}, PJSIP {version}")
        values = {"address": address, "version": self._version}
        counters = {"refused": self._endpoint.refused, "strange_rtp": self._endpoint.far_ends.strangers}
        return (CardReport("SIP", detail, calls, self.rows, healthy=True, counters=counters, values=values),)

    def quiet_ticks(self, leg: int) -> int:
        """See `Card.quiet_ticks`."""
        known = self._legs.get(leg)
        return self._endpoint.media.quiet_ticks(known.row) if known else 0

    def trace(self, leg: int, span: int = 0) -> Sequence[SignalMessage]:  # noqa: ARG002 - the contract's
        """See `Card.trace`."""
        call_id = self._call_ids.get(leg)
        found = self._endpoint.messages(call_id) if call_id else ()
        return [SignalMessage(leg, each.time_us, each.sent, each.peer, each.text) for each in found]

    def quality(self, leg: int) -> Rtp | None:
        """See `Card.quality`."""
        return packets_of(self._endpoint.media.quality(self._legs[leg].row)) if leg in self._legs else None

    def close(self) -> None:
        """See `Card.close`."""
        self._endpoint.close()

    # --- commands -------------------------------------------------------------------------------------------------

    def _dial(self, dial: Dial, *, again: _Leg | None = None) -> None:
        """Call a line; `again`: on the same row, with SRTP only."""
        caller, trusted = parties.said(dial.caller), self._lines.trusted(dial.line)
        try:
            way = self._lines.way(dial.line, dial.called)
            asserted, by = parties.asserted(caller, trusted), parties.sent_on(dial.redirecting, trusted)
            out, row = SipWay(way.through_proxy, secure=again is not None), again.row if again else -1
            call = self._endpoint.dial(way.to, caller, out, asserted, row, way.trunk, by)
        except SipAddressError as error:
            self._refuse(dial, Cause.INVALID_NUMBER_FORMAT, str(error))
        except SipBusyError as error:
            self._refuse(dial, Cause.SWITCH_CONGESTION, str(error))
        else:
            taken = self._endpoint.row(call)
            assert taken is not None
            self._endpoint.keep(call, keeps=way.trunk is not None)
            keys = self._keys(call, dial.line)
            self._join(_Leg(dial.leg, call, taken, dial.line, keys, dial=dial, secure=again is not None))

    def _refuse(self, dial: Dial, cause: Cause, text: str) -> None:
        self._told += [Trouble("sip", text), Cleared(dial.leg, cause)]

    def _do(self, leg: _Leg, command: LineCommand) -> None:
        match command:
            case Alert(inband=inband):
                for code in (RINGING, *((SESSION_PROGRESS,) if inband else ())):  # 183 alone shows nothing on a display
                    self._endpoint.progress(leg.call, code)
            case Answer():
                leg.answered = True
                self._endpoint.answer(leg.call)
            case Clear(cause=cause):
                leg.cause = cause
                refusal = status_for(cause) if leg.incoming and not leg.answered else 0
                self._endpoint.hangup(leg.call, refusal, cause)
            case Transferred(ok=ok):
                self._endpoint.transferred(leg.call, ok=ok)
            case Show(party=party):
                shown = parties.connected(party, self._lines.trusted(leg.line), in_talk=leg.answered)
                if shown is not None:
                    self._endpoint.show(leg.call, shown)
            case _:
                pass  # PJSIP has sent 100 Trying by itself

    # --- events of the phones -------------------------------------------------------------------------------------

    def _take(self, event: SipEvent) -> None:
        if isinstance(event, SipIncoming):
            self._incoming(event)
        elif leg := self._by_call.get(event.call):
            match event:
                case SipProgress():
                    self._progress(leg, event)
                case SipConnected(party=party):
                    self._named(leg, party)
                case SipAnswered():
                    leg.answered = True
                    self._told.append(Answered(leg.leg))
                case SipKey():
                    self._told += leg.keys.press(leg.leg, event, self._now)
                case SipHeld(held=held):
                    leg.held = held
                    self._told.append(Held(leg.leg) if held else Resumed(leg.leg))
                case SipTransfer():
                    self._transfer(leg, event)
                case SipEnded():
                    self._end(leg, event)

    def _incoming(self, event: SipIncoming) -> None:
        caller = self._lines.caller(event)
        if caller is None or not event.called:
            self._endpoint.hangup(event.call, FORBIDDEN if caller is None else ADDRESS_INCOMPLETE)
            return
        old = self._by_call.get(event.replaces)
        if event.replaces and old is None:  # it ended just now
            self._endpoint.hangup(event.call, NO_SUCH_CALL)
            return
        keys = self._keys(event.call, caller.line)
        leg = _Leg(self._new_leg(), event.call, event.row, caller.line, keys, incoming=True)
        self._endpoint.keep(event.call, keeps=bool(event.trunk))
        self._join(leg)
        replaces, by = old.leg if old else 0, caller.redirecting
        came = Incoming(leg.leg, caller.line, event.called, caller.party, replaces=replaces, redirecting=by)
        self._told.append(came)

    def _transfer(self, leg: _Leg, event: SipTransfer) -> None:
        other = self._by_call.get(event.with_call)
        if event.with_call and other is None:  # it ended just now
            self._endpoint.transferred(leg.call, ok=False)
        else:
            self._told.append(TransferWanted(leg.leg, event.to, other.leg if other else 0))

    def _look_for_vanished(self, now: int) -> None:
        talking = np.zeros(self.rows, np.bool_)
        by_row = {leg.row: leg for leg in self._legs.values() if leg.answered and not leg.held}
        talking[list(by_row)] = True
        silent = self._silence.look(now, self._endpoint.far_ends.alive(), talking)
        for row in silent.asked:
            self._endpoint.far_ends.ask(row)
        for row in silent.gone:
            leg = by_row[row]
            if leg.cause is None:
                leg.cause = Cause.DESTINATION_OUT_OF_ORDER
                self._endpoint.hangup(leg.call, cause=leg.cause)

    def _named(self, leg: _Leg, party: SipParty) -> None:
        """Report a trunk's identity as it is, and a phone's wish that its number be withheld."""
        if LineAddress.of(leg.line).trunk:
            self._told.append(ConnectedParty(leg.leg, parties.heard(party)))
        elif party.private:
            self._told.append(ConnectedParty(leg.leg, Party(presentation=Presentation.RESTRICTED)))

    def _progress(self, leg: _Leg, event: SipProgress) -> None:
        rings = event.code == RINGING or event.inband or isinstance(leg.told, Alerting)
        told = Alerting(leg.leg, event.inband) if rings else Proceeding(leg.leg)
        if told != leg.told:
            leg.told = told
            self._told.append(told)

    def _end(self, leg: _Leg, event: SipEnded) -> None:
        self._part(leg)
        if self._wants_srtp(leg, event):
            assert leg.dial is not None
            self._dial(leg.dial, again=leg)
            return
        if event.contacts and leg.cause is None:
            self._told.append(Redirected(leg.leg, event.contacts[0], event.contacts[1:]))
        cause = cause_of(event, leg.cause, incoming=leg.incoming, answered=leg.answered)
        self._told.append(Cleared(leg.leg, cause, leg.answered, packets_of(event.rtp)))

    def _wants_srtp(self, leg: _Leg, event: SipEnded) -> bool:
        """Return whether to call again with SRTP only: a phone that refused the offer may want that (RFC 3264 6)."""
        refused = event.code in NOT_ACCEPTABLE and leg.dial is not None and not leg.answered
        return refused and leg.cause is None and not leg.secure and self._srtp

    # --- legs ----------------------------------------------------------------------------------------------------

    def _join(self, leg: _Leg) -> None:
        self._legs[leg.leg] = self._by_call[leg.call] = leg
        self._count_rows()
        self._call_ids[leg.leg] = self._endpoint.call_id(leg.call)
        if len(self._call_ids) > REMEMBERED_LEGS:
            self._call_ids.popitem(last=False)

    def _part(self, leg: _Leg) -> None:
        del self._legs[leg.leg], self._by_call[leg.call]
        self._count_rows()

    def _keys(self, call: int, line: str) -> LegKeys:
        return LegKeys(self._endpoint.keys, call, self._lines.send_keys(line))

    def _count_rows(self) -> None:
        self._rows = np.array(sorted(leg.row for leg in self._legs.values()), np.intp)
