# SPDX-License-Identifier: GPL-2.0-or-later
"""The calls of a D channel, the commands for them, and their timers (ITU-T Q.931 5.1 to 5.3, 9)."""

from collections.abc import Callable, Mapping
from typing import Literal

from drivers import pri_display
from drivers import pri_events as ev
from drivers._pri import ffi, lib
from drivers.errors import PriError
from drivers.pri_call import Call, CallTimers, Phase, Restarts, check_number, plan_of
from drivers.pri_events import PartyNumber, Presentation, PriEvent
from drivers.pri_log import log

Side = Literal["user", "network"]

TIMERS_S: Mapping[str, float] = {
    "T301": 240.0,  # ringing until it is answered
    "T302": 15.0,  # overlap receiving: time between digits
    "T304": 30.0,  # overlap sending: time until the far end goes on
    "T309": 0.0,  # calls in talk outlive a lost data link so long
    "T310": 60.0,  # after CALL PROCEEDING: time until it rings
    "T316": 120.0,  # RESTART until it is acknowledged, sent twice
    "T322": 4.0,  # STATUS ENQUIRY until STATUS comes
    "announcement": 45.0,  # more than the network's T306 (30 s): DISCONNECT with an announcement until RELEASE
    "unanswered": 12.0,  # more than the caller's T303 twice: a SETUP without a command till then is refused
    "clearing": 50.0,  # more than T305 and twice T308: a call that is still there then is removed
}
"""Defaults of Q.931 table 9-1 and 9-2 that this module keeps; all others (T200, T203, T303, T305 ...) are libpri's."""

REFUSED_AT_ONCE = frozenset({1, 34, 44, 82, 88})
"""Causes for which libpri answers SETUP with RELEASE COMPLETE (Q.931 5.3.2 a)."""
MAX_ENQUIRIES = 3
"""STATUS ENQUIRYs in a row (Q.931 5.8.10 leaves their number open)."""

RECOVERY_ON_TIMER = 102
NO_USER_RESPONDING = 18
NO_ANSWER = 19
INVALID_NUMBER_FORMAT = 28
TEMPORARY_FAILURE = 41
NORMAL_UNSPECIFIED = 31


class PriCommands:
    """The calls of one D channel: `drivers.pri.PriLink` adds the data link and the far end's messages."""

    side: Side
    """This end of the access: user or network (Q.931)."""

    def __init__(self, side: Side, timers_s: Mapping[str, float] | None, coding: str) -> None:
        self.side = side
        self._coding = coding
        self._link = lib.mx_open(lib.PRI_NETWORK if side == "network" else lib.PRI_CPE)
        if self._link == ffi.NULL:
            raise PriError("libpri could not make a D channel: out of memory")
        self._timers_us = {name: round(s * 1e6) for name, s in TIMERS_S.items()}
        self._set_timers({"T309": TIMERS_S["T309"], **(timers_s or {})})
        self._now_us = 0
        self._number = 0
        self._calls: dict[int, Call] = {}
        self._by_pointer: dict[int, Call] = {}
        self._events: list[PriEvent] = []
        self._timers = CallTimers()
        self._restarts = Restarts(self._send_restart, self._restart_done)

    @property
    def calls(self) -> int:
        """Number of calls that are not gone yet."""
        return len(self._calls)

    def reference(self, call: int) -> int:
        """Return the call reference, as in messages that we receive: bit 15 is set if the call is ours; -1: over."""
        known = self._calls.get(call)
        return int(lib.mx_reference(self._link, known.pointer)) if known else -1

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
        redirecting: PartyNumber | None = None,
    ) -> int:
        """Send SETUP for `channel` (preferred, or `exclusive`, or `ANY_CHANNEL`); with `overlap` digits may follow.

        `redirecting`: the party that sent the call on to there.

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
            pri_display.write(name, self._coding) or ffi.NULL,
            self._octet_3a(presentation),
            not overlap,
            self._number_of("redirecting", redirecting),
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
        """Send CALL PROCEEDING: the number is complete."""
        if known := self._forward(call, Phase.PROCEEDING, channel):
            lib.mx_proceeding(self._link, self._now_us, known.pointer, channel, inband)

    def progress(self, call: int, *, inband: bool = True) -> None:
        """Send PROGRESS with progress indicator 8: tones are on the B channel before the answer."""
        known = self._calls.get(call)
        if known and not known.outgoing and known.phase in {Phase.PROCEEDING, Phase.ALERTING} and inband:
            lib.mx_progress(self._link, self._now_us, known.pointer, 0, 1)

    def alerting(self, call: int, channel: int = 0, *, inband: bool = False) -> None:
        """Send ALERTING: the called party is being rung; `inband`: with our own tone."""
        if known := self._forward(call, Phase.ALERTING, channel):
            lib.mx_alerting(self._link, self._now_us, known.pointer, channel, inband)

    def connect(self, call: int, channel: int = 0, connected: PartyNumber | None = None) -> bool:
        """Answer (CONNECT), with the connected party; False: it is answered already, being cleared, or gone.

        Raises:
            PriError: its number is not one, see `setup`.
        """
        number = self._number_of("connected", connected)
        name = pri_display.write(connected.name, self._coding) if connected else b""
        known = self._forward(call, Phase.ACTIVE, channel)
        if known:
            lib.mx_connect(self._link, self._now_us, known.pointer, channel, number, name or ffi.NULL)
        return known is not None

    def hangup(self, call: int, cause: int = 16) -> None:
        """Clear the call in any state; `Gone` follows when its channel is free. `cause` 1 to 127 (Q.850)."""
        known = self._calls.get(call)
        if not known or known.phase is Phase.CLEARING:
            return
        cause = cause if 1 <= cause <= 127 else NORMAL_UNSPECIFIED
        if not known.outgoing and known.phase is Phase.PRESENT and cause not in REFUSED_AT_ONCE:
            # libpri sends nothing to clear an unanswered SETUP with another cause; after CALL PROCEEDING it does.
            lib.mx_proceeding(self._link, self._now_us, known.pointer, 0, 0)
        self._clear(known, cause, cause)

    def drop(self, call: int, cause: int) -> None:
        """Drop the call without a message to the far end: the line is dead or the channel was restarted."""
        if known := self._calls.get(call):
            known.cause = known.cause or cause
            lib.mx_drop(self._link, self._now_us, known.pointer)
            self._reap()

    def restart(self, channel: int) -> None:
        """Restart the channel: back to idle at both ends (RESTART, Q.931 5.5); one at a time, `RestartAck` for each."""
        self._restarts.add(channel, self._now_us, self._timers_us["T316"])

    def cancel_restart(self, channel: int) -> bool:
        """Cancel a restart that still waits for its turn; False if it is on its way (or was never asked for)."""
        return self._restarts.cancel(channel)

    # --- calls ----------------------------------------------------------------------------------------------------

    def _octet_3a(self, presentation: Presentation) -> int:
        """Return octet 3a (Q.931 4.5.10): a network knows its numbers, a user's are not screened yet."""
        return presentation << 5 | (0x03 if self.side == "network" else 0x00)

    def _number_of(self, what: str, party: PartyNumber | None) -> ffi.CData:
        if party is None:
            return ffi.NULL
        check_number(what, party.number, may_be_empty=True)
        octet_3a, digits = self._octet_3a(party.presentation), party.number.lstrip("+").encode()
        return ffi.new("mx_number *", (1, plan_of(party.number), octet_3a, party.reason, digits))

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
        """Note phase and channel from a message about an outgoing call."""
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
                self._events.append(ev.Gone(call.number, cause, call.unanswered))
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
        """Report the number as complete: T302 is over (Q.931 5.2.4)."""
        self._events.append(ev.InfoDigits(call.number, "", complete=True))

    def _no_response(self, call: Call) -> None:
        """Clear with 102: T304 or T310 is over (Q.931 table 9-2).

        A network sends its caller 18 (5.2.5.4).
        """
        self._clear(call, RECOVERY_ON_TIMER, NO_USER_RESPONDING if self.side == "network" else RECOVERY_ON_TIMER)

    def _no_answer(self, call: Call) -> None:
        self._clear(call, RECOVERY_ON_TIMER, NO_ANSWER)

    def _never_answered(self, call: Call) -> None:
        self.hangup(call.number, RECOVERY_ON_TIMER)

    def _heard_out(self, call: Call) -> None:
        """Clear the call: the far end should have released it long ago (Q.931 5.3.4.1, T306)."""
        self._clear(call, call.cause, call.cause)

    def _enquire(self, call: Call) -> None:
        lib.mx_enquire(self._link, self._now_us, call.pointer)
        call.enquiries += 1
        self._start(call, "T322", self._enquired)

    def _enquired(self, call: Call) -> None:
        """Ask again at T322, if the link was set up anew before the answer came (Q.931 5.8.10).

        Calls of an exchange that never answers are kept: nothing speaks against them.
        """
        if lib.mx_enquired(self._link, call.pointer) and call.enquiries < MAX_ENQUIRIES:
            self._enquire(call)
        else:
            call.enquiries = 0

    def _stuck(self, call: Call) -> None:
        call.unanswered = True
        log.warning("call %d on channel %d did not clear; taken away", call.number, call.channel)
        self.drop(call.number, RECOVERY_ON_TIMER)

    def _send_restart(self, channel: int) -> None:
        lib.mx_restart(self._link, self._now_us, channel)

    def _restart_done(self, channel: int, ok: bool) -> None:  # noqa: FBT001
        self._events.append(ev.RestartAck(channel, ok))
