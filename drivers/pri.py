# SPDX-License-Identifier: GPL-2.0-or-later
"""One ISDN D channel (ITU-T Q.921, Q.931; EuroISDN, ETSI EN 300 403) through libpri, as an object without I/O.

Frames go in with `receive` and come out of `take_frames`, both without FCS; what they mean comes out of `events`.
Time is told with `run`: all timers of the link follow it, so a test may let an hour pass in a moment. Calls are
numbers that are never used twice on a link. A command for a call that is over, or that it is too late for, does
nothing: it crossed with what the far end said.

libpri sends the texts it writes for people through one function for the whole process; here they become log
records of the logger `drivers.pri` (level debug; info for what it calls an error). A link must be used by one
thread at a time.
"""

import logging
import re
from collections.abc import Callable, Mapping
from typing import ClassVar, Literal

from drivers import pri_events as ev
from drivers._pri import ffi, lib
from drivers.errors import PriError
from drivers.pri_call import Call, CallTimers, Phase, Restarts, check_number, plan_of
from drivers.pri_events import Presentation, PriEvent

Side = Literal["user", "network"]

TIMERS_S: Mapping[str, float] = {
    "T301": 240.0,  # ringing until it is answered
    "T302": 15.0,  # overlap receiving: time between digits
    "T304": 30.0,  # overlap sending: time until the far end goes on
    "T309": 0.0,  # calls in talk outlive a lost data link so long
    "T310": 60.0,  # after CALL PROCEEDING: time until it rings
    "T316": 120.0,  # RESTART until it is acknowledged, sent twice
    "unanswered": 12.0,  # more than the caller's T303 twice: a SETUP that nobody answered till then is refused
    "clearing": 50.0,  # more than T305 and twice T308: a call that is still there then is taken away
}
"""Defaults of Q.931 table 9-1 and 9-2 that this module keeps; all others (T200, T203, T303, T305 ...) are libpri's."""

ANY_CHANNEL = 0xFF
INBAND = 1 << 0 | 1 << 3  # progress indicators 1 (not end-to-end ISDN) and 8 (in-band information)
REFUSED_AT_ONCE = frozenset({1, 34, 44, 82, 88})
"""Causes for which libpri answers SETUP with RELEASE COMPLETE (Q.931 5.3.2 a)."""
RECOVERY_ON_TIMER = 102
NO_USER_RESPONDING = 18
NO_ANSWER = 19
TEMPORARY_FAILURE = 41
NORMAL_UNSPECIFIED = 31

_COMMANDS_TO: Mapping[Side, bytes] = {"user": b"\x02\x01", "network": b"\x00\x01"}  # SAPI 0, TEI 0 (Q.921 3.3)
_ANSWERS_TO: Mapping[Side, bytes] = {"user": b"\x00\x01", "network": b"\x02\x01"}
_SABME = frozenset({b"\x6f", b"\x7f"})
_UA = b"\x73"  # F = 1

_NOT_DIGITS = re.compile(r"[^0-9*#A-D]")
_NOT_PRINTABLE = re.compile(r"[^ -~\u00a1-\u00ff]")

_log = logging.getLogger("drivers.pri")


@ffi.def_extern()  # type: ignore[untyped-decorator]
def mx_log(link: int, text: object, error: int) -> None:
    """Pass on what libpri says."""
    _log.log(logging.INFO if error else logging.DEBUG, "%#x %s", link, ffi.string(text).decode("latin-1").rstrip())


class PriLink:
    """One D channel. Close it, or let it go with the process.

    Args:
        side: which end of the access this is (Q.931: user or network).
        timers_s: timers by name, in seconds, instead of the defaults (`TIMERS_S` and libpri's).

    Raises:
        PriError: libpri refuses, or a timer has no such name.
    """

    up: bool
    """The data link is established."""

    def __init__(self, side: Side, timers_s: Mapping[str, float] | None = None) -> None:
        self.side = side
        self.up = False
        self._link = lib.mx_open(lib.PRI_NETWORK if side == "network" else lib.PRI_CPE)
        if self._link == ffi.NULL:
            raise PriError("libpri could not make a D channel: out of memory")
        self._timers_us = {name: round(s * 1e6) for name, s in TIMERS_S.items()}
        self._set_timers({"T309": TIMERS_S["T309"], **(timers_s or {})})
        self._now_us = 0
        self._carries = True
        self._owed = b""  # an answer of the far end that was not waited for
        self._number = 0
        self._calls: dict[int, Call] = {}
        self._by_pointer: dict[int, Call] = {}
        self._events: list[PriEvent] = []
        self._timers = CallTimers()
        self._restarts = Restarts(self._send_restart, self._restart_done)

    # --- time and frames ------------------------------------------------------------------------------------------

    def run(self, now_s: float) -> None:
        """Tell the time (seconds from any origin, never back) and do what timers ask for."""
        self._now_us = round(now_s * 1e6)
        while True:
            event = lib.mx_schedule(self._link, self._now_us)
            if not event.kind:
                break
            self._handle(event)
        self._reap()
        self._timers.run(self._now_us)
        self._restarts.run(self._now_us, self._timers_us["T316"])

    def carry(self, *, carries: bool) -> None:
        """Tell whether the line carries frames both ways (PH-ACTIVATE and PH-DEACTIVATE of ITU-T I.431).

        While it does not, none goes out and none that comes counts: an answer would be lost on one of the two ways. A
        data link that is down then is set up as soon as it does.
        """
        if carries and not self._carries and not self.up:
            lib.mx_establish(self._link, self._now_us)
        self._carries = carries

    def receive(self, frame: bytes) -> None:
        """Take one frame, address octet first, without FCS. Any octets may come; what is no frame is ignored."""
        if not self._carries:
            return
        if frame == self._owed:
            self._owed = b""
            return
        self._handle(lib.mx_receive(self._link, self._now_us, frame, len(frame)))
        if frame[:2] == _COMMANDS_TO[self.side] and frame[2:3] in _SABME:
            self._set_up_by_the_far_end()

    def _set_up_by_the_far_end(self) -> None:
        """Its SABME was answered, so to the far end the link is up; here it is, too.

        libpri waits for an answer to a SABME of its own first (Q.921 5.6.6.1). Was that lost, because one end saw its
        line later than the other, it would throw away the far end's messages until T200 asks again: so the first SETUP
        after a line came back was refused. Should the answer come later, it says nothing new.
        """
        if not self.up:
            self._owed = _ANSWERS_TO[self.side] + _UA
            self._handle(lib.mx_receive(self._link, self._now_us, self._owed, len(self._owed)))
        if self.up:
            self._probe()
            self._restarts.again(self._now_us, self._timers_us["T316"])

    def take_frames(self) -> list[bytes]:
        """Frames to be sent, in order, without FCS; they are forgotten here."""
        octets = ffi.new("unsigned char **")
        length = lib.mx_output(self._link, octets)
        if not length:
            return []
        whole = bytes(ffi.buffer(octets[0], length))
        lib.mx_output_taken(self._link)
        if not self._carries:
            return []
        frames, at = [], 0
        while at < length:
            end = at + 2 + (whole[at] << 8 | whole[at + 1])
            frames.append(whole[at + 2 : end])
            at = end
        return frames

    def events(self) -> list[PriEvent]:
        """What happened since the last call, in order."""
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> float | None:
        """When `run` has to be called at the latest (seconds), if nothing else happens; None: no timer runs."""
        dues = [lib.mx_next_us(self._link), self._restarts.due_us, self._timers.due_us]
        running = [due for due in dues if due > 0]
        return min(running) / 1e6 if running else None

    @property
    def calls(self) -> int:
        """Calls that are not gone yet."""
        return len(self._calls)

    @property
    def errors(self) -> int:
        """Faults libpri found in what the far end sent."""
        return int(lib.mx_errors(self._link))

    def close(self) -> None:
        """Forget all calls without a word to the far end. Nothing comes out of the link from then on."""
        for call in tuple(self._calls):
            self.drop(call, NORMAL_UNSPECIFIED)
        self._events.clear()
        lib.mx_close(self._link)

    # --- commands -------------------------------------------------------------------------------------------------

    def setup(
        self,
        channel: int,
        called: str,
        calling: str = "",
        *,
        exclusive: bool = False,
        presentation: Presentation = Presentation.ALLOWED,
        name: str = "",
        overlap: bool = False,
    ) -> int:
        """Send SETUP for `channel` (preferred, or `exclusive`, or `ANY_CHANNEL`); with `overlap` digits may follow.

        Returns:
            The call.

        Raises:
            PriError: a number is not one ([+]0-9*#A-D, at most 31 digits, `called` not empty unless overlap).
        """
        check_number("called", called, may_be_empty=overlap)
        check_number("calling", calling, may_be_empty=True)
        pointer = lib.mx_setup(
            self._link,
            self._now_us,
            channel,
            exclusive,
            called.lstrip("+").encode(),
            plan_of(called),
            calling.lstrip("+").encode() if calling else ffi.NULL,
            plan_of(calling),
            _name(name),
            presentation << 5 | (0x03 if self.side == "network" else 0x00),
            not overlap,
        )
        if not pointer:
            raise PriError("libpri could not send SETUP: no call reference or no memory is free")
        return self._new_call(pointer, channel, outgoing=True).number

    def information(self, call: int, digits: str) -> None:
        """Send further digits of an outgoing call in overlap sending; kept until the far end asks for them."""
        check_number("called", digits, may_be_empty=True)
        known = self._calls.get(call)
        if known and known.outgoing and known.phase is Phase.PRESENT:
            known.undialled += digits
        elif known and known.outgoing and known.phase is Phase.OVERLAP and digits:
            lib.mx_information(self._link, self._now_us, known.pointer, digits.encode())
            self._start(known, "T304", self._no_response)

    def setup_ack(self, call: int, channel: int = 0, *, inband: bool = False) -> None:
        """Ask for more digits (SETUP ACKNOWLEDGE) and start T302. `channel` 0: the one that SETUP named."""
        if known := self._forward(call, Phase.OVERLAP, channel):
            lib.mx_setup_ack(self._link, self._now_us, known.pointer, channel, inband)
            self._start(known, "T302", self._digits_over)

    def proceeding(self, call: int, channel: int = 0, *, inband: bool = False) -> None:
        """Say that the number is complete (CALL PROCEEDING)."""
        if known := self._forward(call, Phase.PROCEEDING, channel):
            lib.mx_proceeding(self._link, self._now_us, known.pointer, channel, inband)

    def progress(self, call: int, *, inband: bool = True) -> None:
        """Say that tones are on the B channel before the answer (PROGRESS with progress indicator 8)."""
        known = self._calls.get(call)
        if known and not known.outgoing and known.phase in {Phase.PROCEEDING, Phase.ALERTING} and inband:
            lib.mx_progress(self._link, self._now_us, known.pointer, 0, 1)

    def alerting(self, call: int, channel: int = 0, *, inband: bool = False) -> None:
        """Say that the called party is being rung (ALERTING); `inband`: with our own tone."""
        if known := self._forward(call, Phase.ALERTING, channel):
            lib.mx_alerting(self._link, self._now_us, known.pointer, channel, inband)

    def connect(self, call: int, channel: int = 0) -> None:
        """Answer (CONNECT)."""
        if known := self._forward(call, Phase.ACTIVE, channel):
            lib.mx_connect(self._link, self._now_us, known.pointer, channel)

    def hangup(self, call: int, cause: int = 16) -> None:
        """Clear the call in whatever state it is; `Gone` follows when its channel is free. `cause` 1 to 127 (Q.850)."""
        known = self._calls.get(call)
        if not known or known.phase is Phase.CLEARING:
            return
        cause = cause if 1 <= cause <= 127 else NORMAL_UNSPECIFIED
        if not known.outgoing and known.phase is Phase.PRESENT and cause not in REFUSED_AT_ONCE:
            # libpri sends nothing to clear an unanswered SETUP with another cause; after CALL PROCEEDING it does.
            lib.mx_proceeding(self._link, self._now_us, known.pointer, 0, 0)
        self._clear(known, cause, cause)

    def drop(self, call: int, cause: int) -> None:
        """Forget the call without a word to the far end: the line is dead or the channel was restarted."""
        if known := self._calls.get(call):
            known.cause = known.cause or cause
            lib.mx_drop(self._link, self._now_us, known.pointer)
            self._reap()

    def restart(self, channel: int) -> None:
        """Put the channel back to idle at both ends (RESTART, Q.931 5.5); one at a time, `RestartAck` for each."""
        self._restarts.add(channel, self._now_us, self._timers_us["T316"])

    def cancel_restart(self, channel: int) -> bool:
        """Take back a restart that still waits for its turn; False if it is on its way (or was never asked for)."""
        return self._restarts.cancel(channel)

    # --- what libpri says -----------------------------------------------------------------------------------------

    def _handle(self, event: ffi.CData) -> None:
        if event.kind == lib.PRI_EVENT_RING:
            self._reap()  # its call record may lie where one of those lay
            self._ring(event)
        elif on_call := self._CALL_EVENTS.get(event.kind):
            if call := self._by_pointer.get(event.call):
                on_call(self, call, event)
        elif on_link := self._LINK_EVENTS.get(event.kind):
            on_link(self, event)
        self._reap()

    def _ring(self, event: ffi.CData) -> None:
        call = self._new_call(event.call, max(event.channel, 0), outgoing=False)
        self._start(call, "unanswered", self._never_answered)
        international = (event.calling_plan >> 4) & 7 == 1
        calling = _digits(event.calling)
        self._events.append(
            ev.Setup(
                call.number,
                call.channel,
                exclusive=not event.flexible,
                called=_digits(event.called),
                calling=f"+{calling}" if international and calling else calling,
                name=_NOT_PRINTABLE.sub("", _text(event.name)),
                presentation=Presentation(min((event.presentation & 0x60) >> 5, 2)),
                complete=bool(event.complete),
                inband=bool(event.progress & INBAND),
            )
        )

    def _information(self, call: Call, event: ffi.CData) -> None:
        if not call.outgoing and call.phase is Phase.OVERLAP:
            if event.complete:
                self._timers.stop(call)
            else:
                self._start(call, "T302", self._digits_over)
            self._events.append(ev.InfoDigits(call.number, _digits(event.called), bool(event.complete)))

    def _setup_ack(self, call: Call, event: ffi.CData) -> None:
        self._moved(call, Phase.OVERLAP, event)
        self._start(call, "T304", self._no_response)
        self._events.append(ev.SetupAck(call.number, call.channel, bool(event.progress & INBAND)))
        undialled, call.undialled = call.undialled, ""
        self.information(call.number, undialled)

    def _proceeding(self, call: Call, event: ffi.CData) -> None:
        self._moved(call, Phase.PROCEEDING, event)
        self._start(call, "T310", self._no_response)
        self._events.append(ev.Proceeding(call.number, call.channel, bool(event.progress & INBAND)))

    def _progress(self, call: Call, event: ffi.CData) -> None:
        self._moved(call, call.phase, event)
        inband, cause = bool(event.progress & INBAND), max(event.cause, 0)
        self._events.append(ev.Progress(call.number, call.channel, inband, cause))

    def _alerting(self, call: Call, event: ffi.CData) -> None:
        self._moved(call, Phase.ALERTING, event)
        self._start(call, "T301", self._no_answer)
        self._events.append(ev.Alerting(call.number, call.channel, bool(event.progress & INBAND)))

    def _connect(self, call: Call, event: ffi.CData) -> None:
        self._moved(call, Phase.ACTIVE, event)
        self._events.append(ev.Connect(call.number, call.channel, bool(event.progress & INBAND)))

    def _disconnect(self, call: Call, event: ffi.CData) -> None:
        cause = event.cause if event.cause > 0 else NORMAL_UNSPECIFIED
        self._events.append(ev.Clearing(call.number, call.cause or cause))
        self._clear(call, cause, cause)

    def _released(self, call: Call, event: ffi.CData) -> None:
        cause = event.cause if event.cause > 0 else NORMAL_UNSPECIFIED
        self._clear(call, cause, cause)

    def _acknowledged(self, call: Call, event: ffi.CData) -> None:
        """The call was freed by libpri itself; `_reap` will find it."""
        call.cause = call.cause or (event.cause if event.cause > 0 else NORMAL_UNSPECIFIED)

    def _link_up(self, _event: ffi.CData) -> None:
        if not self.up:
            self.up = True
            self._events.append(ev.LinkUp())

    def _link_down(self, _event: ffi.CData) -> None:
        if self.up:
            self.up, self._owed = False, b""
            self._restarts.clear()
            self._events.append(ev.LinkDown())

    def _restarted(self, event: ffi.CData) -> None:
        channel = event.channel if event.channel > 0 else None
        for call in [c for c in self._calls.values() if channel in {None, c.channel}]:
            self.drop(call.number, TEMPORARY_FAILURE)
        self._events.append(ev.Restart(channel))

    def _restart_acknowledged(self, _event: ffi.CData) -> None:
        self._restarts.acknowledged(self._now_us, self._timers_us["T316"])

    def _config_error(self, event: ffi.CData) -> None:
        self._events.append(ev.ProtocolError(_text(event.text)))

    _CALL_EVENTS: ClassVar[Mapping[int, Callable[["PriLink", Call, ffi.CData], None]]] = {
        lib.PRI_EVENT_INFO_RECEIVED: _information,
        lib.PRI_EVENT_KEYPAD_DIGIT: _information,
        lib.PRI_EVENT_SETUP_ACK: _setup_ack,
        lib.PRI_EVENT_PROCEEDING: _proceeding,
        lib.PRI_EVENT_PROGRESS: _progress,
        lib.PRI_EVENT_RINGING: _alerting,
        lib.PRI_EVENT_ANSWER: _connect,
        lib.PRI_EVENT_HANGUP_REQ: _disconnect,
        lib.PRI_EVENT_HANGUP: _released,
        lib.PRI_EVENT_HANGUP_ACK: _acknowledged,
    }
    _LINK_EVENTS: ClassVar[Mapping[int, Callable[["PriLink", ffi.CData], None]]] = {
        lib.PRI_EVENT_DCHAN_UP: _link_up,
        lib.PRI_EVENT_DCHAN_DOWN: _link_down,
        lib.PRI_EVENT_RESTART: _restarted,
        lib.PRI_EVENT_RESTART_ACK: _restart_acknowledged,
        lib.PRI_EVENT_CONFIG_ERR: _config_error,
    }

    def _probe(self) -> None:
        """The far end set up a link that was up: it may have been restarted, and not know our calls any more.

        CONNECT ACKNOWLEDGE for an active call changes nothing at an end that knows it (Q.931 5.1.8, 5.2.8); any other
        answers with RELEASE COMPLETE (5.8.3.2).
        """
        for call in self._calls.values():
            if call.phase is Phase.ACTIVE:
                lib.mx_connect_ack(self._link, self._now_us, call.pointer)

    # --- calls ----------------------------------------------------------------------------------------------------

    def _new_call(self, pointer: int, channel: int, *, outgoing: bool) -> Call:
        self._number += 1
        call = Call(self._number, pointer, channel, outgoing=outgoing)
        self._calls[call.number] = self._by_pointer[pointer] = call
        return call

    def _forward(self, number: int, phase: Phase, channel: int) -> Call | None:
        """Move an incoming call on, if it is not that far yet."""
        call = self._calls.get(number)
        if not call or call.outgoing or call.phase >= phase:
            return None
        call.phase = phase
        call.channel = channel or call.channel
        self._timers.stop(call)
        return call

    def _moved(self, call: Call, phase: Phase, event: ffi.CData) -> None:
        """Note what a message about an outgoing call says."""
        self._timers.stop(call)
        if call.phase is Phase.PRESENT and event.channel > 0:  # only the first answer to SETUP may change it (5.1.2)
            call.channel = event.channel
        call.phase = max(call.phase, phase)

    def _clear(self, call: Call, sent: int, told: int) -> None:
        call.cause = call.cause or told
        if call.phase is not Phase.CLEARING:
            call.phase = Phase.CLEARING
            self._start(call, "clearing", self._stuck)
        lib.mx_hangup(self._link, self._now_us, call.pointer, sent)
        self._reap()

    def _reap(self) -> None:
        """Report the calls that libpri has freed."""
        ended = ffi.new("mx_ended **")
        for i in range(lib.mx_gone(self._link, ended)):
            call = self._by_pointer.pop(ended[0][i].call, None)
            if call:
                del self._calls[call.number]
                self._timers.stop(call)
                cause = call.cause or ended[0][i].cause or NORMAL_UNSPECIFIED
                self._events.append(ev.Gone(call.number, cause))
        lib.mx_gone_taken(self._link)

    # --- timers of our own ----------------------------------------------------------------------------------------

    def _set_timers(self, timers_s: Mapping[str, float]) -> None:
        for name, value in timers_s.items():
            if name in self._timers_us and name != "T309":
                self._timers_us[name] = round(value * 1e6)
            elif lib.mx_set_timer(self._link, name.encode(), round(value * 1000)):
                raise PriError(f"no timer is called {name!r}", hint="timers are named as in Q.921 and Q.931, e.g. T303")

    def _start(self, call: Call, timer: str, on_timer: Callable[[Call], None]) -> None:
        self._timers.start(call, self._now_us + self._timers_us[timer], on_timer)

    def _digits_over(self, call: Call) -> None:
        """T302: what was dialled is all there is (Q.931 5.2.4)."""
        self._events.append(ev.InfoDigits(call.number, "", complete=True))

    def _no_response(self, call: Call) -> None:
        """T304, T310: clear with 102, and tell our side what it means to the caller (Q.931 5.2.5.4)."""
        self._clear(call, RECOVERY_ON_TIMER, NO_USER_RESPONDING)

    def _no_answer(self, call: Call) -> None:
        self._clear(call, RECOVERY_ON_TIMER, NO_ANSWER)

    def _never_answered(self, call: Call) -> None:
        self.hangup(call.number, RECOVERY_ON_TIMER)

    def _stuck(self, call: Call) -> None:
        _log.warning("call %d on channel %d did not clear; taken away", call.number, call.channel)
        self.drop(call.number, RECOVERY_ON_TIMER)

    def _send_restart(self, channel: int) -> None:
        lib.mx_restart(self._link, self._now_us, channel)

    def _restart_done(self, channel: int, ok: bool) -> None:  # noqa: FBT001
        self._events.append(ev.RestartAck(channel, ok))


def _name(name: str) -> object:
    """Display is IA5 with Latin-1 at best (libpri): other names are not sent rather than mangled."""
    try:
        return name[:60].encode("latin-1") if name else ffi.NULL
    except UnicodeEncodeError:
        return ffi.NULL


def _text(chars: ffi.CData) -> str:
    return str(ffi.string(chars).decode("latin-1"))


def _digits(chars: ffi.CData) -> str:
    return _NOT_DIGITS.sub("", _text(chars))
