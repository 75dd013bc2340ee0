# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP user agent for a switch, on PJSIP: calls in and out, sound by rows, everything on the thread that polls.

PJSIP starts no thread here: `poll`, once a tick, takes all that arrived (SIP and RTP), then `media` moves the tick's
sound. `drivers.pjsip.open_endpoint` opens one and checks first that it is our build.
"""

import contextlib
import dataclasses
import heapq
import itertools
from collections.abc import Callable
from typing import Any, Final, Self

import pjsua2 as pj

from drivers import pjsip_inside, pjsip_objects, sip_text
from drivers._pjmedia import ffi, lib
from drivers.errors import SipBuildError, SipBusyError
from drivers.pjsip_calls import SipAccount, SipCall
from drivers.pjsip_far_ends import FarEnds
from drivers.pjsip_farewells import Farewells
from drivers.pjsip_keys import CallKeys
from drivers.pjsip_media import MediaRows
from drivers.pjsip_objects import pjsip
from drivers.pjsip_settings import account_settings, choose_codecs, endpoint_settings
from drivers.pjsip_turns import Turns
from drivers.pjsip_unreadable import Unreadable
from drivers.sip import (
    SipAddress,
    SipEnded,
    SipEvent,
    SipIncoming,
    SipMessage,
    SipOptions,
    SipParty,
    SipRedirecting,
    SipTrunk,
    SipWay,
)
from drivers.text import decode_lines

LAST_POLLS = 50
"""Most polls of 10 ms at the end, in which BYEs leave and their answers come."""
TRYING: Final = 100
STRAIGHT: Final = SipWay()
LEFT_TO_PJSIP: Final = 0


class SipEndpoint:
    """One UDP address that calls phones and is called by them."""

    def __init__(self, options: SipOptions, accept: Callable[[str, int], bool]) -> None:
        self.options = options
        self._accept = accept
        self._events: list[SipEvent] = []
        self._failures: list[tuple[Exception, int]] = []
        self._calls: dict[int, SipCall] = {}
        self._over: list[SipCall] = []
        self._unusable: list[SipCall] = []
        self._rows_to_free: list[int] = []
        self._last_call = 0
        self._free_rows = list(range(options.calls))
        self._account: SipAccount | None = None
        self._callers: dict[SipWay, SipAccount] = {}  # accounts for calls out
        self._by_pj: dict[int, SipCall] = {}
        self._asked = ffi.callback("int(int, const char *, int)", self._request)
        self.refused = 0
        """Calls from unknown addresses, since the endpoint was opened."""
        self.media = MediaRows(options.calls)
        self.turns = Turns(self._calls)
        self.keys = CallKeys(self.media, self._calls, self.turns)
        self.far_ends = FarEnds(self.media, self._by_pj)
        self.farewells = Farewells(options.farewells, options.calls)
        lib.mx_quiet()
        self._endpoint = pjsip_objects.the_endpoint()
        try:
            self._start()
        except BaseException:
            self._destroy()
            raise

    # --- opening ---

    def _start(self) -> None:
        with pjsip("starting PJSIP"):
            self._endpoint.libCreate()
            self._endpoint.libInit(endpoint_settings(self.options))
        if lib.mx_max_calls() < self.options.calls:
            message = f"this PJSIP carries {lib.mx_max_calls()} calls at once, {self.options.calls} are asked for"
            raise SipBuildError(message, "ask for fewer calls, or build PJSIP by image/pjsip: make setup")
        if lib.mx_shim_start(self._asked, self.options.behind_nat):
            raise SipBuildError("our part in PJSIP cannot be started", "make setup")
        self._unreadable = Unreadable()
        self.far_ends.start(self.options)
        lib.mx_offer_start(self.options.srtp == "offer")
        self.address = pjsip_objects.listen(self._endpoint, self.options)
        self._host = self.options.domain or self.address
        with pjsip("starting PJSIP"):
            self._endpoint.libStart()
            self._endpoint.audDevManager().setNoDev()
            choose_codecs(self._endpoint, self.options.codecs)
            self._account = SipAccount(self)
            self._account.create(account_settings(self.options, self.address))
            proxied = (False, True) if self.options.proxy else (False,)
            for way in itertools.starmap(SipWay, itertools.product(proxied, (False, True))):
                self._callers[way] = SipAccount(self)
                self._callers[way].create(account_settings(self.options, self.address, way))

    # --- once a tick ---

    def poll(self) -> list[SipEvent]:
        """Take all that arrived; return the events since the last poll, in order. Never blocks."""
        self._endpoint.libHandleEvents(0)
        self.media.receive()
        self.farewells.poll()
        self._events += self.keys.poll()
        self.turns.poll()
        while self._unusable:
            self.hangup(self._unusable.pop(0).number, pj.PJSIP_SC_NOT_ACCEPTABLE_HERE)
        # Only now, as a call must not vanish inside its own callback; and not while another has its number, because
        # PJSIP's object, as it vanishes, hangs up the call that has that number by then.
        self._over = [call for call in self._over if call.getId() in self._by_pj]
        if self._failures:
            error, number = self._failures.pop(0)
            self.hangup(number, pj.PJSIP_SC_INTERNAL_SERVER_ERROR)  # its call cannot be trusted
            raise error
        events, self._events = self._events, []
        while self._rows_to_free:  # only now: no row is taken before its last call is known to be over
            heapq.heappush(self._free_rows, self._rows_to_free.pop())
        return events

    # --- commands; for a call that is over they do nothing: they crossed with its end ---

    def dial(
        self,
        to: SipAddress,
        caller: SipParty,
        way: SipWay = STRAIGHT,
        asserted: SipParty | None = None,
        row: int = -1,
        trunk: SipTrunk | None = None,
        redirecting: SipRedirecting | None = None,
    ) -> int:
        """Call a phone; return the call's number. It ends by SipEnded in every case.

        Args:
            to: the called address; through the proxy its host may be a name, which the proxy knows.
            caller: the party in From.
            way: straight or through the proxy, and whether encrypted.
            asserted: the caller's true identity, for far ends that we trust (P-Asserted-Identity, RFC 3325).
            row: the row wanted for it, if that is free.
            trunk: the proxy's trunk that carries it.
            redirecting: the party that sent the call on to there.

        Raises:
            SipBusyError: all rows carry calls, or PJSIP has no port or memory left for one more.
        """
        if self._account is None or not self._free_rows:
            raise SipBusyError(f"all {self.options.calls} SIP rows carry calls", "[sip] calls in the configuration")
        call = self._new_call(way=way, row=row)
        try:
            with pjsip(f"calling {to}", SipBusyError):
                call.makeCall(str(to), pjsip_objects.call_options(caller, asserted, self._host, trunk, redirecting))
        except SipBusyError:
            self._drop(call)
            raise
        if call.number in self._calls:  # it may have failed already
            call.pj_call = call.getId()
            self._by_pj[call.pj_call] = call
            if trunk is not None and trunk.user:  # here, not in the proxy: each try counts CSeq up (RFC 3261 22.2)
                lib.mx_prove(call.pj_call, trunk.user.encode(), trunk.password.encode())
        return call.number

    def progress(self, call: int, code: int) -> None:
        """Send a provisional response to an incoming call: 180, or 183 with our sound."""
        self._respond(call, code)

    def answer(self, call: int) -> None:
        """Answer an incoming call (200)."""
        self._respond(call, pj.PJSIP_SC_OK)

    def hangup(self, call: int, code: int = 0, cause: int | None = None) -> None:
        """End a call in any state: final response `code`, CANCEL or BYE, with the Q.850 `cause` (RFC 3326).

        `SipEnded` comes with the next poll, or within a second, when our requests in the call are answered. PJSIP
        repeats and times out on its own.
        """
        live = self._calls.get(call)
        if live is None:
            return
        options = pj.CallOpParam()
        options.statusCode = code
        for reason in pjsip_objects.reasons(cause, rings=live.outgoing and not live.answered):
            options.txOption.headers.append(reason)

        def end(live: SipCall) -> None:
            with contextlib.suppress(pj.Error):  # it ended by itself just now; its SipEnded is noted already
                live.hangup(options)

        self.turns.end(live, end)

    def transferred(self, call: int, *, ok: bool) -> None:
        """Report to the far end how the transfer ended that it asked for (NOTIFY, RFC 3515 2.4.5)."""
        live = self._calls.get(call)
        if live is not None and live.notify_transfer:
            self._notify(live, pj.PJSIP_SC_OK if ok else pj.PJSIP_SC_SERVICE_UNAVAILABLE)
            live.notify_transfer = False

    def show(self, call: int, party: SipParty) -> None:
        """Show the far end its other party: with our next response, or in an answered call by UPDATE.

        A private one is sent as it is, marked so. Far ends that do not take UPDATE (RFC 3311) get none.
        """
        if (live := self._calls.get(call)) is None:
            return
        live.shown = party
        if not live.answered or not live.remoteHasCap(pj.PJSIP_H_ALLOW, "", "UPDATE"):
            return
        identity, *privacy = [each.hValue.encode() for each in pjsip_objects.identity_headers(party, self._host)]
        # Not by PJSUA's update: it begins a change of the sound that does not end without a description.
        lib.mx_show(live.pj_call, identity, privacy[0] if privacy else b"")

    def keep(self, call: int, *, keeps: bool = True) -> None:
        """Set whether transfers that the far end asks for are declined: its other party is not its own to transfer."""
        if (live := self._calls.get(call)) is not None:
            live.keeps = keeps

    def call_id(self, call: int) -> str:
        """Return the Call-ID of a call, '' when it is over."""
        return pjsip_objects.call_id(self._calls[call].pj_call) if call in self._calls else ""

    def messages(self, call_id: str) -> list[SipMessage]:
        """Return the remembered messages of a call, oldest first, without their secrets."""
        return pjsip_objects.remembered(call_id)

    @property
    def free_rows(self) -> int:
        """Number of calls for which there is still room."""
        return len(self._free_rows)

    def row(self, call: int) -> int | None:
        """Return the row that carries a call's sound; None when it is over."""
        return self._calls[call].row if call in self._calls else None

    def _respond(self, call: int, code: int) -> None:
        live = self._calls.get(call)
        if live is not None:
            options = pj.CallOpParam()
            options.statusCode = code
            if live.shown is not None:
                pjsip_objects.identify(options, live.shown, self._host)
            with contextlib.suppress(pj.Error):  # the caller hung up just now
                live.answer(options)

    def _notify(self, call: SipCall, status: int) -> None:
        """Send the state of a transfer, as a fragment of the message that would state it (RFC 3420)."""
        self.turns.put(call.number, lambda live: live.sendRequest(pjsip_objects.transfer_notice(status)))

    # --- calls come and go ---

    def _new_call(self, pj_call: int | None = None, *, way: SipWay = STRAIGHT, row: int = -1) -> SipCall:
        account = self._account if pj_call is not None else self._callers[way]
        assert account is not None
        self._last_call += 1
        if row >= 0 and row in self._free_rows:
            self._free_rows.remove(row)
            heapq.heapify(self._free_rows)
        else:
            row = heapq.heappop(self._free_rows)
        call = SipCall(self, account, self._last_call, row, pj_call)
        self._calls[call.number] = call
        if pj_call is not None:
            self._by_pj[pj_call] = call
        return call

    def _drop(self, call: SipCall) -> None:
        """Remove a call; its row and the object itself are freed when PJSIP has returned."""
        if self._calls.pop(call.number, None):
            call.rtp = self.media.end(call.row)
            self.farewells.drop(call.row)
            self.keys.forget(call.number)
            self.turns.forget(call.number)
            self._by_pj.pop(call.pj_call, None)
            self._rows_to_free.append(call.row)
            self._over.append(call)

    # --- called by the callbacks (drivers.pjsip_calls.Owner) ---

    def note(self, event: SipEvent) -> None:
        """Keep an event for the next poll."""
        self._events.append(event)

    def fail(self, error: Exception, call: int = 0) -> None:
        """Keep a bug's exception for the next poll, with the call that it was about; 0: none."""
        self._failures.append((error, call))

    def invited(self, pj_call: int, source: tuple[str, int], incoming: SipIncoming, replaces: str) -> None:
        """Accept an incoming call, or refuse it: 403 for an unknown address, 503 when all rows are taken.

        `replaces`: its header of that name, '' without one; 4xx or 603 where it names no call that it may (RFC 3891 3).
        """
        known = self._accept(*source)
        status, old = pjsip_inside.replaced(replaces, self._by_pj) if known and replaces else (0, 0)
        if known and not status and self._free_rows:
            call = self._new_call(pj_call)
            lib.mx_prefer_own_codecs(pj_call)
            self.note(dataclasses.replace(incoming, call=call.number, row=call.row, replaces=old))
            return
        self.refused += not known
        stranger = pj.Call(self._account, pj_call)
        options = pj.CallOpParam()
        options.statusCode = status or (pj.PJSIP_SC_SERVICE_UNAVAILABLE if known else pj.PJSIP_SC_FORBIDDEN)
        stranger.hangup(options)
        self._over.append(stranger)

    def stream_up(self, call: SipCall, stream: int) -> None:
        """Attach a call's stream: it has sound from now on."""
        if call.number in self._calls and not self.media.attach(call.row, call.getId(), stream):
            self._unusable.append(call)

    def stream_down(self, call: SipCall) -> None:
        """Detach a call's stream, which is about to be destroyed."""
        if call.number in self._calls:
            self.media.detach(call.row)

    def ended(self, call: SipCall, event: SipEnded) -> None:
        """End a call that is over."""
        if call.number in self._calls:
            self._drop(call)
            self.note(dataclasses.replace(event, rtp=call.rtp) if call.rtp is not None else event)

    # --- requests inside calls that call control answers ---

    def _request(self, pj_call: int, message: Any, length: int) -> int:
        """Return the status for a REFER, an INFO or an identity (called by PJSIP); must not raise."""
        try:
            call = self._by_pj.get(pj_call)
            text = decode_lines(ffi.unpack(message, length), self.options.coding)
            if call is None or call.changes(text):
                return LEFT_TO_PJSIP
            return self._refer(call, text) if text.startswith("REFER ") else self._info(call, text)
        except Exception as error:  # noqa: BLE001 - any exception: it must not unwind C
            self.fail(error)
            return int(pj.PJSIP_SC_INTERNAL_SERVER_ERROR)

    def _refer(self, call: SipCall, refer: str) -> int:
        status, transfer = pjsip_inside.referred(refer, call, self._by_pj)
        if transfer is not None:
            if sip_text.header(refer, "Refer-Sub").lower() != "false":  # RFC 4488: it may want no notices
                call.notify_transfer = True
                self._notify(call, TRYING)
            self.note(transfer)
        return status

    def _info(self, call: SipCall, info: str) -> int:
        status, key = pjsip_inside.informed(info, call)
        self._events += [key] if key is not None else []
        return status

    # --- closing ---

    def close(self) -> None:
        """Hang up all calls and stop listening. May be called twice."""
        if self._endpoint is None:
            return
        self.turns.close()
        for call in list(self._calls):
            self.hangup(call, pj.PJSIP_SC_SERVICE_UNAVAILABLE)
        with contextlib.suppress(Exception):  # these events are not read any more
            for _ in range(LAST_POLLS):
                if lib.mx_calls() == 0:
                    break
                self._endpoint.libHandleEvents(10)
        self._destroy()

    def _destroy(self) -> None:
        """Close PJSIP. Our objects go first: they call into the library when they are deleted."""
        self.media.close()
        self.farewells.close()
        for thing in (*self._calls.values(), *self._over, *self._callers.values(), self._account):
            pjsip_objects.delete(thing)
        lib.mx_ring_clear()
        self._calls.clear()
        self._by_pj.clear()
        self._callers.clear()
        self._over.clear()
        self._unusable.clear()
        self._account = None
        endpoint, self._endpoint = self._endpoint, None
        lib.mx_forget_media()
        with contextlib.suppress(pj.Error):  # it may not have been created
            endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)
        pjsip_objects.delete(endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
