# SPDX-License-Identifier: GPL-2.0-or-later
"""A SIP user agent for a switch, on PJSIP: calls in and out, sound by rows, everything on the thread that polls.

PJSIP starts no thread here: `poll`, once a tick, takes all that arrived (SIP and RTP), then `media` moves the tick's
sound. Open one through `drivers.pjsip.open_endpoint`, which makes sure that it is our build.
"""

import contextlib
import dataclasses
import heapq
from collections.abc import Callable, Iterator
from typing import Any, Self

import pjsua2 as pj

from drivers import sip_text
from drivers._pjmedia import lib
from drivers.errors import SipBuildError, SipBusyError, SipError
from drivers.pjsip_calls import SipAccount, SipCall
from drivers.pjsip_media import MediaRows
from drivers.pjsip_settings import account_settings, endpoint_settings, header
from drivers.sip import SipAddress, SipEnded, SipEvent, SipIncoming, SipOptions, SipParty
from drivers.sip_keys import KeyPresses

LAST_POLLS = 50
"""Polls of 10 ms at the end at most, so that BYEs leave and their answers come."""


@contextlib.contextmanager
def _pjsip(doing: str, kind: type[SipError] = SipError, hint: str = "") -> Iterator[None]:
    """Turn PJSIP's errors into ours."""
    try:
        yield
    except pj.Error as error:
        raise kind(f"{doing}: {error.reason} (PJSIP status {error.status})", hint) from error


class SipEndpoint:
    """One UDP address that calls phones and is called by them."""

    def __init__(self, options: SipOptions, accept: Callable[[str, int], bool]) -> None:
        self.options = options
        self._accept = accept
        self._events: list[SipEvent] = []
        self._failures: list[Exception] = []
        self._calls: dict[int, SipCall] = {}
        self._over: list[SipCall] = []
        self._unusable: list[SipCall] = []
        self._rows_to_free: list[int] = []
        self._last_call = 0
        self._free_rows = list(range(options.calls))
        self._keys = KeyPresses()
        self._account: SipAccount | None = None
        self.refused = 0
        """Calls from addresses that nobody knows, since the endpoint was opened."""
        self.media = MediaRows(options.calls)
        lib.mx_quiet()
        self._endpoint = _the_endpoint()
        try:
            self._start()
        except BaseException:
            self._destroy()
            raise

    # --- opening ---

    def _start(self) -> None:
        with _pjsip("starting PJSIP"):
            self._endpoint.libCreate()
            self._endpoint.libInit(endpoint_settings(self.options))
        if lib.mx_max_calls() < self.options.calls:
            message = f"this PJSIP carries {lib.mx_max_calls()} calls at once, {self.options.calls} are asked for"
            raise SipBuildError(message, "ask for fewer calls, or build PJSIP by image/pjsip: make setup")
        self.address = self._listen()
        with _pjsip("starting PJSIP"):
            self._endpoint.libStart()
            self._endpoint.audDevManager().setNoDev()
            self._only_g711()
            self._account = SipAccount(self)
            self._account.create(account_settings(self.options, self.address))

    def _listen(self) -> str:
        """Bind the UDP transport; gives host:port as bound."""
        transport = pj.TransportConfig()
        transport.boundAddress = self.options.bind
        transport.port = self.options.port
        place = f"{self.options.bind}:{self.options.port}"
        with _pjsip(f"SIP cannot listen on UDP {place}", hint="is another program using the port? (ss -lup)"):
            number = self._endpoint.transportCreate(pj.PJSIP_TRANSPORT_UDP, transport)
            return str(self._endpoint.transportGetInfo(number).localName)

    def _only_g711(self) -> None:
        for codec in self._endpoint.codecEnum2():
            name = codec.codecId.split("/")[0]
            self._endpoint.codecSetPriority(codec.codecId, {"PCMA": 255, "PCMU": 254}.get(name, 0))

    # --- once a tick ---

    def poll(self) -> list[SipEvent]:
        """Take all that arrived; gives what happened since the last poll, in order. Never blocks."""
        self._endpoint.libHandleEvents(0)
        self._events += self._keys.poll()
        for call in self._unusable:
            self.hangup(call.number, pj.PJSIP_SC_NOT_ACCEPTABLE_HERE)
        self._unusable.clear()
        self._over.clear()  # only now: a call must not vanish inside its own callback
        if self._failures:
            raise self._failures.pop(0)
        events, self._events = self._events, []
        for row in self._rows_to_free:  # only now: nobody takes a row before its last call is known to be over
            heapq.heappush(self._free_rows, row)
        self._rows_to_free.clear()
        return events

    # --- commands; for a call that is over they do nothing: they crossed with its end ---

    def dial(self, to: SipAddress, caller: SipParty) -> int:
        """Call a phone; gives the call's number. It ends by SipEnded in every case.

        Raises:
            SipBusyError: all rows carry calls, or PJSIP has no port or memory left for one more.
        """
        if self._account is None or not self._free_rows:
            raise SipBusyError(f"all {self.options.calls} SIP rows carry calls", "[sip] calls in the configuration")
        call = self._new_call()
        options = pj.CallOpParam(True)  # noqa: FBT003 - its default settings: one audio stream
        options.txOption.localUri = sip_text.name_addr(caller, self.address)
        if caller.private:
            options.txOption.headers.append(header("Privacy", "id"))
        try:
            with _pjsip(f"calling {to}", SipBusyError):
                call.makeCall(str(to), options)
        except SipBusyError:
            self._drop(call)
            raise
        return call.number

    def progress(self, call: int, code: int) -> None:
        """Incoming call: send a provisional response: 180, or 183 with our sound."""
        self._respond(call, code)

    def answer(self, call: int) -> None:
        """Incoming call: answer it (200)."""
        self._respond(call, pj.PJSIP_SC_OK)

    def hangup(self, call: int, code: int = 0, cause: int | None = None) -> None:
        """End a call in any state: final response `code`, CANCEL or BYE, with the Q.850 `cause` (RFC 3326).

        `SipEnded` comes with the next poll, whatever the far end does; PJSIP repeats and times out on its own.
        """
        live = self._calls.get(call)
        if live is None:
            return
        options = pj.CallOpParam()
        options.statusCode = code
        if cause is not None:
            options.txOption.headers.append(header("Reason", f"Q.850;cause={cause}"))
        with contextlib.suppress(pj.Error):  # it went away by itself just now; its SipEnded is noted already
            live.hangup(options)

    @property
    def free_rows(self) -> int:
        """How many calls there is still room for."""
        return len(self._free_rows)

    def row(self, call: int) -> int | None:
        """The row that carries a call's sound; None when it is over."""
        live = self._calls.get(call)
        return None if live is None else live.row

    def _respond(self, call: int, code: int) -> None:
        live = self._calls.get(call)
        if live is not None:
            options = pj.CallOpParam()
            options.statusCode = code
            with contextlib.suppress(pj.Error):  # the caller hung up just now
                live.answer(options)

    # --- calls come and go ---

    def _new_call(self, pj_call: int | None = None) -> SipCall:
        self._last_call += 1
        row = heapq.heappop(self._free_rows)
        call = SipCall(self, self._account, self._last_call, row, pj_call)  # type: ignore[arg-type]
        self._calls[call.number] = call
        return call

    def _drop(self, call: SipCall) -> None:
        """Let go of a call; its row and the object itself are freed when PJSIP has returned."""
        if self._calls.pop(call.number, None):
            self.media.detach(call.row)
            self._keys.forget(call.number)
            self._rows_to_free.append(call.row)
            self._over.append(call)

    # --- told by the callbacks (drivers.pjsip_calls.Owner) ---

    def note(self, event: SipEvent) -> None:
        """Keep an event for the next poll."""
        self._events.append(event)

    def fail(self, error: Exception) -> None:
        """Keep a bug's exception for the next poll."""
        self._failures.append(error)

    def invited(self, pj_call: int, source: tuple[str, int], incoming: SipIncoming) -> None:
        """Take an incoming call in, or refuse it: 403 for a stranger, 503 when all rows are taken."""
        known = self._accept(*source)
        if known and self._free_rows:
            call = self._new_call(pj_call)
            self.note(dataclasses.replace(incoming, call=call.number, row=call.row))
            return
        self.refused += not known
        stranger = pj.Call(self._account, pj_call)
        options = pj.CallOpParam()
        options.statusCode = pj.PJSIP_SC_SERVICE_UNAVAILABLE if known else pj.PJSIP_SC_FORBIDDEN
        stranger.hangup(options)
        self._over.append(stranger)

    def stream_up(self, call: SipCall, stream: int) -> None:
        """A call has sound now."""
        if call.number in self._calls and not self.media.attach(call.row, stream):
            self._unusable.append(call)

    def stream_down(self, call: SipCall) -> None:
        """A call's stream is about to be destroyed."""
        if call.number in self._calls:
            self.media.detach(call.row)

    def ended(self, call: SipCall, event: SipEnded) -> None:
        """A call is over."""
        if call.number in self._calls:
            self._drop(call)
            self.note(event)

    def key(self, call: SipCall, key: str, timestamp: int, duration_ms: int, *, ended: bool) -> None:
        """A key is being pressed or was released."""
        if call.number in self._calls:
            self._events += self._keys.report(call.number, key, timestamp, duration_ms, ended=ended)

    # --- closing ---

    def close(self) -> None:
        """Hang up what is up and stop listening. May be called twice."""
        if self._endpoint is None:
            return
        for call in list(self._calls):
            self.hangup(call, pj.PJSIP_SC_SERVICE_UNAVAILABLE)
        with contextlib.suppress(Exception):  # nobody reads these events any more
            for _ in range(LAST_POLLS):
                if lib.mx_calls() == 0:
                    break
                self._endpoint.libHandleEvents(10)
        self._destroy()

    def _destroy(self) -> None:
        """Take PJSIP down. Our objects go first: they call into the library when they are deleted."""
        self.media.close()
        for thing in (*self._calls.values(), *self._over, self._account):
            _delete(thing)
        self._calls.clear()
        self._over.clear()
        self._unusable.clear()
        self._account = None
        endpoint, self._endpoint = self._endpoint, None
        with contextlib.suppress(pj.Error):  # it may not have been created
            endpoint.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)
        _delete(endpoint)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _the_endpoint() -> pj.Endpoint:
    """PJSIP's own object, of which a process can have one; it would end the process when asked for a second."""
    try:
        pj.Endpoint.instance()
    except pj.Error:
        return pj.Endpoint()
    raise SipError("this process has a SIP endpoint already", "close it first, or use another process")


def _delete(thing: Any) -> None:
    """Delete PJSIP's object behind one of Python's now, whoever still holds Python's (frames of a traceback do)."""
    if thing is not None:
        thing.__swig_destroy__(thing)
