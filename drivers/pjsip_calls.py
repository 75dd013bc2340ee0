# SPDX-License-Identifier: GPL-2.0-or-later
"""PJSIP's callbacks: our account and our calls.

Callbacks run inside `SipEndpoint.poll` or inside a command, on the one thread there is. An exception must not cross
PJSIP's C frames, and the objects that PJSIP passes live only until the callback returns. So callbacks copy what they
need, note it, and leave the work and the errors to the endpoint.
"""

import functools
from collections.abc import Callable
from typing import Any, Final, Protocol

import pjsua2 as pj

from drivers import sip_diversion, sip_parties, sip_text
from drivers._pjmedia import ffi, lib
from drivers.pjsip_farewells import Farewells
from drivers.sip import (
    SipAnswered,
    SipConnected,
    SipEnded,
    SipEvent,
    SipHeld,
    SipIncoming,
    SipOptions,
    SipParty,
    SipProgress,
)
from drivers.sip_rtp import SipRtp
from drivers.text import decode_lines

EARLY: Final[int] = pj.PJSIP_INV_STATE_EARLY
CONFIRMED: Final[int] = pj.PJSIP_INV_STATE_CONFIRMED
DISCONNECTED: Final[int] = pj.PJSIP_INV_STATE_DISCONNECTED
ENDS_ANEW: Final = (EARLY, pj.PJSIP_INV_STATE_CONNECTING)
"""States that bring another way to end a call: CANCEL or a final response from ringing on, BYE later."""


class Owner(Protocol):
    """The endpoint as the callbacks see it."""

    farewells: Farewells
    options: SipOptions

    def note(self, event: SipEvent) -> None:
        """Keep an event for the next poll."""

    def fail(self, error: Exception, call: int = 0) -> None:
        """Keep a bug's exception for the next poll, with the call that it was about."""

    def invited(self, pj_call: int, source: tuple[str, int], incoming: SipIncoming, replaces: str) -> None:
        """Accept an incoming call, or refuse it."""

    def stream_up(self, call: "SipCall", stream: int) -> None:
        """Attach a call's stream: it has sound from now on."""

    def stream_down(self, call: "SipCall") -> None:
        """Detach a call's stream, which is about to be destroyed."""

    def ended(self, call: "SipCall", event: SipEnded) -> None:
        """End a call that is over."""


def _guarded(callback: Callable[..., None]) -> Callable[..., None]:
    """Keep a callback's exception away from PJSIP's C frames; the endpoint raises it from `poll`."""

    @functools.wraps(callback)
    def guarded(self: Any, *arguments: Any) -> None:
        try:
            callback(self, *arguments)
        except Exception as error:  # noqa: BLE001 - any exception: it must not unwind C
            self.owner.fail(error, getattr(self, "number", 0))

    return guarded


class SipAccount(pj.Account):  # type: ignore[misc]
    """The one account: this box, at its address, registering nowhere."""

    def __init__(self, owner: Owner) -> None:
        super().__init__()
        self.owner = owner

    @_guarded
    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802 - PJSIP's name
        """Report an INVITE that starts a dialog, checked by PJSIP."""
        octets = str(prm.rdata.wholeMsg).encode("utf-8", "surrogateescape")  # SWIG's form of octets that are no UTF-8
        message = decode_lines(octets, self.owner.options.coding)
        host, _, port = str(prm.rdata.srcAddress).rpartition(":")
        source = (host.strip("[]"), int(port))
        incoming = SipIncoming(
            call=0,  # both are set when it is accepted
            row=0,
            called=sip_parties.called(message, sip_text.request_uri(message)),
            caller=sip_parties.caller(message),
            call_id=sip_text.header(message, "Call-ID"),
            source_host=source[0],
            source_port=source[1],
            phone=sip_text.header(message, sip_parties.PHONE),
            trunk=sip_text.header(message, sip_parties.TRUNK),
            asserted=sip_parties.asserted(message),
            redirecting=sip_diversion.redirecting(message),
        )
        self.owner.invited(int(prm.callId), source, incoming, sip_text.header(message, "Replaces"))

    @_guarded
    def onIncomingSubscribe(self, prm: Any) -> None:  # noqa: N802
        """Refuse: presence is the proxy's task, not the switch's."""
        prm.code = pj.PJSIP_SC_NOT_IMPLEMENTED


class SipCall(pj.Call):  # type: ignore[misc]
    """A call in PJSIP, with our number and row."""

    def __init__(self, owner: Owner, account: SipAccount, number: int, row: int, pj_call: int | None = None) -> None:
        super().__init__(account, pj.PJSUA_INVALID_ID if pj_call is None else pj_call)
        self.owner = owner
        self.number = number
        self.row = row
        self.pj_call = -1 if pj_call is None else pj_call
        """PJSIP's number of the call."""
        self.outgoing = pj_call is None
        self.over = False
        self.answered = False
        self.held = False
        self.keeps = False
        """Whether its far end may not transfer."""
        self.notify_transfer = False
        """Whether a REFER waits for a NOTIFY of the transfer's end."""
        self.shown: SipParty | None = None
        """The party for the phone's display, sent with our next response."""
        self.rtp: SipRtp | None = None
        """Packets of its sound, once it is over."""
        self._named: SipParty | None = None
        self._progress: SipProgress | None = None

    @_guarded
    def onCallState(self, prm: Any) -> None:  # noqa: N802, ARG002
        """Follow the INVITE session (RFC 3261 13, 15)."""
        told = lib.mx_state_told()
        state = told.state
        if state in ENDS_ANEW:
            self.owner.farewells.keep(self.row, told.call)
        if state == DISCONNECTED:
            if not self.over:
                self.over = True
                self.owner.ended(self, self._end(told))
            return
        message = self._text(told.message, told.length) if self.outgoing else ""
        if message:
            self.names_itself(message, "calling")
        if self.outgoing and state == EARLY:
            self._progressed(told.code, inband=sip_text.has_sdp(message))
        elif state == CONFIRMED:
            self.answered = True
            if self.outgoing:
                self.owner.note(SipAnswered(self.number))

    def _end(self, told: Any) -> SipEnded:
        # PJSIP calls a redirection it does not follow 487; the far end's own final response is more exact.
        message, reason = self._text(told.message, told.length), self._text(told.reason, told.reason_length)
        final = sip_text.status(message)
        code = final if final >= pj.PJSIP_SC_MULTIPLE_CHOICES else told.code
        contacts = sip_parties.targets(message) if 300 <= final < 400 else ()
        return SipEnded(self.number, code, reason, sip_text.q850_cause(message), contacts)

    def changes(self, request: str) -> bool:
        """Return whether a request within the call is re-INVITE or UPDATE; note the identity that it asserts."""
        is_one = request.startswith(("INVITE ", "UPDATE "))
        if is_one:
            self.names_itself(request, "called" if self.outgoing else "calling")
        return is_one

    def names_itself(self, message: str, other: str) -> None:
        """Note the identity that the far end asserts; see `sip_parties.connected`."""
        party = sip_parties.connected(message, other)
        if party is not None and party != self._named:
            self._named = party
            self.owner.note(SipConnected(self.number, party))

    def _text(self, octets: Any, length: int) -> str:
        """Return text from PJSIP's memory; '' if there is none."""
        return decode_lines(ffi.unpack(octets, length), self.owner.options.coding) if octets else ""

    def _progressed(self, code: int, *, inband: bool) -> None:
        progress = SipProgress(self.number, code, inband or bool(self._progress and self._progress.inband))
        if progress != self._progress:  # provisional responses are repeated
            self._progress = progress
            self.owner.note(progress)

    @_guarded
    def onStreamCreated(self, prm: Any) -> None:  # noqa: N802
        """Attach the stream: sound can flow. Called again after every re-INVITE that changes it."""
        self.owner.stream_up(self, int(prm.stream))

    @_guarded
    def onStreamDestroyed(self, prm: Any) -> None:  # noqa: N802, ARG002
        """Detach the stream, which is destroyed when this returns."""
        self.owner.stream_down(self)

    @_guarded
    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802, ARG002
        """Report hold, if the answered offer changed whether the far end wants to hear (RFC 3264 8.4)."""
        if self.over or not self.answered:
            return
        info = self.getInfo()  # kept: its media live no longer than it does
        held = any(media.status == pj.PJSUA_CALL_MEDIA_REMOTE_HOLD for media in info.media)
        if held != self.held:
            self.held = held
            self.owner.note(SipHeld(self.number, held))

    @_guarded
    def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802
        """Decline a REFER with right tags and a wrong Call-ID: PJSIP finds calls by their tags, we do not.

        It would make a call of its own that takes this object for its own, and ends this one with itself.
        """
        prm.statusCode = pj.PJSIP_SC_DECLINE

    @_guarded
    def onCallReplaceRequest(self, prm: Any) -> None:  # noqa: N802
        """Decline an INVITE with Replaces: PJSIP would swap the call by itself, past call control."""
        prm.statusCode = pj.PJSIP_SC_DECLINE
