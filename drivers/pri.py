# SPDX-License-Identifier: GPL-2.0-or-later
"""One ISDN D channel (ITU-T Q.921, Q.931; EuroISDN, ETSI EN 300 403) through libpri, as an object without I/O.

Frames go in with `receive` and come out of `take_frames`, both without FCS; their meaning comes out of `events`. Time
is set with `run`: all timers of the link follow it, so a test may let an hour pass in a moment. Calls are numbers that
are never used twice on a link. A command for a call that is over, or that it is too late for, does nothing: it crossed
with a message of the far end.

A link must be used by one thread at a time. libpri's texts for people are logged (`drivers.pri_log`).
"""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar

from drivers import pri_display
from drivers import pri_events as ev
from drivers._pri import ffi, lib
from drivers.pri_call import LONGEST_NUMBER, Call, Phase
from drivers.pri_commands import (
    INVALID_NUMBER_FORMAT,
    NO_USER_RESPONDING,
    NORMAL_UNSPECIFIED,
    TEMPORARY_FAILURE,
    PriCommands,
    Side,
)
from drivers.pri_events import PartyNumber, Presentation, PriEvent
from drivers.text import CODING

__all__ = ["ANY_CHANNEL", "PriLink", "Side"]

ANY_CHANNEL = 0xFF
INTERNATIONAL = 1
"""Type of number (Q.931 4.5.10)."""
INBAND = 1 << 0 | 1 << 3  # progress indicators 1 (not end-to-end ISDN) and 8 (in-band information)

_COMMANDS_TO: Mapping[Side, bytes] = {"user": b"\x02\x01", "network": b"\x00\x01"}  # SAPI 0, TEI 0 (Q.921 3.3)
_ANSWERS_TO: Mapping[Side, bytes] = {"user": b"\x00\x01", "network": b"\x02\x01"}
_SABME = frozenset({b"\x6f", b"\x7f"})
_UA = b"\x73"  # F = 1

_NOT_DIGITS = re.compile(r"[^0-9*#A-D]")


class PriLink(PriCommands):
    """One D channel. `close` is optional: the process's end frees it as well.

    Args:
        side: which end of the access this is (Q.931: user or network).
        timers_s: timers by name, in seconds, instead of the defaults (`pri_commands.TIMERS_S` and libpri's).
        coding: of names that are no UTF-8, see `drivers.text`.

    Raises:
        PriError: libpri refuses, or a timer has no such name.
    """

    up: bool
    """Whether the data link is established."""

    def __init__(self, side: Side, timers_s: Mapping[str, float] | None = None, coding: str = CODING) -> None:
        super().__init__(side, timers_s, coding)
        self.up = False
        self._carries = True
        self._owed = b""  # an answer of the far end that was not waited for

    # --- time and frames ------------------------------------------------------------------------------------------

    def run(self, now_s: float) -> None:
        """Set the time (seconds from any origin, never back) and run the timers that are due."""
        self._now_us = round(now_s * 1e6)
        self._run_due()
        self._reap()
        self._timers.run(self._now_us)
        self._restarts.run(self._now_us, self._timers_us["T316"])

    def _run_due(self) -> None:
        """Run the timers of libpri that are due."""
        while (event := lib.mx_schedule(self._link, self._now_us)).kind:
            if event.kind == lib.PRI_EVENT_HANGUP_ACK and (call := self._by_pointer.get(event.call)):
                call.unanswered = True  # T308, for the second time
            elif event.kind == lib.PRI_EVENT_HANGUP and (call := self._by_pointer.get(event.call)):
                self._no_response_to_setup(call)
            self._handle(event)

    def _no_response_to_setup(self, call: Call) -> None:
        """Release the call at the far end after T303 (Q.931 9.2): libpri frees it in silence.

        A far end whose answers lacked what is mandatory would keep the call. The cause of a STATUS that was sent to it
        is not the cause for which the call ended.
        """
        if call.outgoing and call.phase is Phase.PRESENT:
            lib.mx_no_response(self._link, self._now_us, call.pointer)
            call.cause = call.cause or NO_USER_RESPONDING

    def carry(self, *, carries: bool) -> None:
        """Set whether the line carries frames both ways (PH-ACTIVATE and PH-DEACTIVATE of ITU-T I.431).

        While it does not, no frame goes out and none that arrives counts: an answer would be lost on one of the two
        ways. As soon as it does, a data link that is down is set up; if it is up, the far end is asked whether it kept
        our calls.
        """
        returns = carries and not self._carries
        self._carries = carries
        if returns and self.up:
            self._probe()
        elif returns:
            lib.mx_establish(self._link, self._now_us)

    def receive(self, frame: bytes) -> None:
        """Receive one frame, address octet first, without FCS.

        Any octets may come; those that are no frame are ignored.
        """
        if not self._carries:
            return
        if frame == self._owed:
            self._owed = b""
            return
        self._handle(lib.mx_receive(self._link, self._now_us, frame, len(frame)))
        if frame[:2] == _COMMANDS_TO[self.side] and frame[2:3] in _SABME:
            self._set_up_by_the_far_end()

    def _set_up_by_the_far_end(self) -> None:
        """Take the link as up: the far end's SABME was answered, so to the far end it is.

        libpri waits for an answer to a SABME of its own first (Q.921 5.6.6.1). If that was lost, because one end saw
        its line later than the other, it would drop the far end's messages until T200 asks again: the first SETUP after
        a line came back was refused. If the answer comes later, it has no effect.
        """
        if not self.up:
            self._owed = _ANSWERS_TO[self.side] + _UA
            self._handle(lib.mx_receive(self._link, self._now_us, self._owed, len(self._owed)))
        else:
            self._reset()
        if self.up:
            self._restarts.again(self._now_us, self._timers_us["T316"])

    def take_frames(self) -> list[bytes]:
        """Return the frames to be sent, in order, without FCS, and drop them here."""
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
        """Return the events since the last call, in order."""
        events, self._events = self._events, []
        return events

    def next_deadline(self) -> float | None:
        """Return the latest time for the next `run` (seconds), if nothing else happens; None: no timer runs."""
        dues = [lib.mx_next_us(self._link), self._restarts.due_us, self._timers.due_us]
        running = [due for due in dues if due > 0]
        return min(running) / 1e6 if running else None

    @property
    def errors(self) -> int:
        """Faults that libpri found in messages of the far end."""
        return int(lib.mx_errors(self._link))

    def close(self) -> None:
        """Forget all calls without a message to the far end. The link sends nothing from then on."""
        for call in tuple(self._calls):
            self.drop(call, NORMAL_UNSPECIFIED)
        self._events.clear()
        lib.mx_close(self._link)

    # --- events of libpri ------------------------------------------------------------------------------------------

    def _handle(self, event: ffi.CData) -> None:
        if event.kind == lib.PRI_EVENT_RING:
            self._reap()  # its call record may lie where one of those lay
            self._ring(event)
        elif on_call := self._CALL_EVENTS.get(event.kind):
            if call := self._by_pointer.get(event.call):
                self._connected(call, event)
                on_call(self, call, event)
        elif on_link := self._LINK_EVENTS.get(event.kind):
            on_link(self, event)
        self._reap()

    def _ring(self, event: ffi.CData) -> None:
        call = self._new_call(event.call, max(event.channel, 0), outgoing=False)
        call.digits = len(_text(event.called))
        self._start(call, "unanswered", self._never_answered)
        calling_type = _type(event.calling_plan)
        self._events.append(
            ev.Setup(
                call.number,
                call.channel,
                exclusive=not event.flexible,
                called=_digits(event.called),
                calling=_whole(_digits(event.calling), calling_type),
                name=self._name(event),
                presentation=_presentation(event.presentation),
                complete=bool(event.complete),
                inband=bool(event.progress & INBAND),
                calling_type=calling_type,
                redirecting=_party(event.redirecting) if event.redirecting.given else None,
            )
        )

    def _name(self, event: ffi.CData) -> str:
        return pri_display.read(ffi.buffer(event.display, event.display_length)[:], self._coding)

    def _connected(self, call: Call, event: ffi.CData) -> None:
        if event.connected.given and call.phase < Phase.DISCONNECTED:
            self._events.append(ev.Connected(call.number, _party(event.connected, self._name(event))))

    def _notified(self, call: Call, event: ffi.CData) -> None:
        """Ignore: NOTIFY carries nothing else that is used here."""

    def _information(self, call: Call, event: ffi.CData) -> None:
        if not call.outgoing and call.phase is Phase.OVERLAP:
            digits = _text(event.called)
            call.digits += len(digits)
            if call.digits > LONGEST_NUMBER or _NOT_DIGITS.search(digits):
                self.hangup(call.number, INVALID_NUMBER_FORMAT)  # rather than call another number
                return
            if event.complete:
                self._timers.stop(call)
            else:
                self._start(call, "T302", self._digits_over)
            self._events.append(ev.InfoDigits(call.number, digits, bool(event.complete)))

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
        call.cause = call.cause or cause
        if not (event.progress and self.side == "user"):  # a network ignores indicator 8 (table 3-6, note 2)
            self._events.append(ev.Clearing(call.number, call.cause))
            self._clear(call, cause, cause)
        elif call.phase < Phase.DISCONNECTED:
            call.phase = Phase.DISCONNECTED
            self._start(call, "announcement", self._heard_out)
            self._events.append(ev.Clearing(call.number, call.cause, inband=True))

    def _released(self, call: Call, event: ffi.CData) -> None:
        cause = event.cause if event.cause > 0 else NORMAL_UNSPECIFIED
        self._clear(call, cause, cause)

    def _acknowledged(self, call: Call, event: ffi.CData) -> None:
        """Note the cause; libpri freed the call itself, `_reap` will find it."""
        call.cause = call.cause or (event.cause if event.cause > 0 else NORMAL_UNSPECIFIED)

    def _link_up(self, _event: ffi.CData) -> None:
        if not self.up:
            self.up = True
            self._events.append(ev.LinkUp())
        else:  # set up anew by us, after frames were lost
            self._restarts.again(self._now_us, self._timers_us["T316"])
        self._reset()

    def _link_down(self, _event: ffi.CData) -> None:
        if self.up:
            self.up, self._owed = False, b""
            self._restarts.clear()
            self._events.append(ev.LinkDown())

    def _restarted(self, event: ffi.CData) -> None:
        """Drop the calls of the channel, or of all (Q.931 5.5.2).

        A SETUP of ours that has no answer yet crossed with the RESTART: messages keep their order, so the far end reads
        it afterwards and answers it by itself, on another channel or with a refusal. Dropped here, the call would be
        lost for nothing.
        """
        channel = event.channel if event.channel > 0 else None
        for call in [c for c in self._calls.values() if channel in {None, c.channel}]:
            if not (call.outgoing and call.phase is Phase.PRESENT):
                self.drop(call.number, TEMPORARY_FAILURE)
        self._events.append(ev.Restart(channel))
        self._run_due()  # RESTART of several channels: libpri reports them one by one, none after the next message

    def _restart_acknowledged(self, event: ffi.CData) -> None:
        self._restarts.acknowledged(event.channel, self._now_us, self._timers_us["T316"])

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
        lib.PRI_EVENT_NOTIFY: _notified,
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

    def _reset(self) -> None:
        """Go on after the data link was set up anew (Q.931 5.8.8).

        Digits may be lost: calls that wait for some are cleared (a). All others are kept, if the far end knows them.
        """
        for call in [call for call in self._calls.values() if call.wants_digits]:
            self.hangup(call.number, TEMPORARY_FAILURE)
        self._probe()

    def _probe(self) -> None:
        """Ask the far end by STATUS ENQUIRY whether it still has our calls.

        A call with an open enquiry is left out (5.8.10).
        """
        for call in self._calls.values():
            if not Phase.PROCEEDING <= call.phase <= Phase.ACTIVE:
                continue
            if not call.deadline_us:
                self._enquire(call)
            elif call.phase < Phase.ACTIVE and not lib.mx_enquired(self._link, call.pointer):
                lib.mx_enquire(self._link, self._now_us, call.pointer)  # T310 or T301 ends it without an answer


def _text(chars: ffi.CData) -> str:
    return str(ffi.string(chars).decode("latin-1"))


def _digits(chars: ffi.CData) -> str:
    return _NOT_DIGITS.sub("", _text(chars))


def _type(plan: int) -> int:
    """Return the type of number in octet 3 of an element (Q.931 4.5.10)."""
    return plan >> 4 & 7


def _whole(digits: str, kind: int) -> str:
    return f"+{digits}" if kind == INTERNATIONAL and digits else digits


def _presentation(octet: int) -> Presentation:
    return Presentation(min((octet & 0x60) >> 5, 2))


def _party(said: ffi.CData, name: str = "") -> PartyNumber:
    kind = _type(said.plan)
    return PartyNumber(_whole(_text(said.digits), kind), name, _presentation(said.presentation), kind, said.reason)
