# SPDX-License-Identifier: GPL-2.0-or-later
"""An exchange with subscribers at the far end of 1 to 8 E1, for testers without hardware and for all tests.

With `side='user'` it is a plain PBX at the user's end instead, which lets two of them be joined to test the simulator
itself.

Not modelled: the exchange's own network behind it (a subscriber's call begins and ends here, so no call is transit),
charging, supplementary services, RESTART of all channels when a line comes up, R2 and SS7, busy tones in the band when
a call is refused (it is cleared at once), a carrier's trunk groups and screening of caller numbers, the caller's own
line (a subscriber's voice is on the channel in the same tick), and ringback for its own callers (they get the line's
sound only).
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from drivers import pri_events as ev
from drivers.clock import TickClock
from drivers.pri import Side
from drivers.span import IDLE_BYTE, TICK_S, TICK_SAMPLES, TIMESLOTS, Span
from hw_sim import steps
from hw_sim.agenda import Agenda
from hw_sim.calls import NO_CIRCUIT, CallPlan, CallRecord
from hw_sim.directory import Directory
from hw_sim.errors import ExchangeError
from hw_sim.impairments import Impairment, Impairments
from hw_sim.leg import Leg
from hw_sim.line import Rows
from hw_sim.log import Log
from hw_sim.sounds import Library
from hw_sim.steps import Script
from hw_sim.subscriber import Subscriber
from hw_sim.trunk import NETWORK_OUT_OF_ORDER, Trunk

MAX_SPANS = 8
_UNALLOCATED = 1
_CHANNEL_UNACCEPTABLE = 6
_CHANNEL_TAKEN = 44
_NO_CHANNEL = 34


class Exchange:
    """The exchange. Lockstep: call `tick` after (or before) each tick of the other end. In real time: `run_realtime`.

    Args:
        spans: 1 to 8, open; the exchange does not close them.
        side: which end of the access this is.
        seed: of everything random here; one seed and the same far end give the same run.
        library: sounds that subscribers speak.
        keep_audio: whether the sound to subscribers that are called is kept in their records.
        timers_s: of Q.931 and Q.921, by name, as `drivers.pri.PriLink` takes them.
    """

    def __init__(
        self,
        spans: Sequence[Span],
        side: Side = "network",
        seed: int = 0,
        library: Library | None = None,
        *,
        keep_audio: bool = True,
        timers_s: Mapping[str, float] | None = None,
    ) -> None:
        if not 1 <= len(spans) <= MAX_SPANS:
            raise ExchangeError(f"{len(spans)} spans", f"give 1 to {MAX_SPANS}")
        rows = len(spans) * TIMESLOTS
        self.rows = Rows(rows, library)
        self.records: list[CallRecord] = []
        """All calls, in the order in which they began."""
        self.directory = Directory()
        self.agenda = Agenda()
        self.log = Log()
        self.trunks = tuple(Trunk(n, span, side, timers_s) for n, span in enumerate(spans, 1))
        self._hunt = self.trunks if side == "network" else self.trunks[::-1]
        self._keep_audio = keep_audio
        self._random = np.random.default_rng(seed)
        self._rx = np.full((rows, TICK_SAMPLES), IDLE_BYTE, np.uint8)
        self._tx = np.full((rows, TICK_SAMPLES), IDLE_BYTE, np.uint8)
        self._lines = [
            (trunk, self._rx[r : r + TIMESLOTS], self._tx[r : r + TIMESLOTS])
            for trunk, r in zip(self.trunks, range(0, rows, TIMESLOTS), strict=True)
        ]
        self._bad = {"send": Impairments(rows, seed + 1), "receive": Impairments(rows, seed + 2)}

    @property
    def now(self) -> int:
        """The tick that is worked on next, or now."""
        return self.rows.now

    # --- time -----------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Run one tick of 20 ms: sound and frames in, subscribers, sound and frames out. Never blocks."""
        for trunk, rx, _ in self._lines:
            trunk.receive(self.now, rx)
        if self._bad["receive"].active:
            self._bad["receive"].apply(self._rx, self._tx)
        for trunk in self.trunks:
            for event in trunk.link.events():
                self._handle(trunk, event)
            self._watch(trunk)
        self.agenda.run(self.now)
        self.rows.tape.write(self._rx)
        self._speak()
        for trunk, _, tx in self._lines:
            trunk.transmit(tx)
        self.rows.now += 1

    def run_realtime(self, clock: TickClock, until: Callable[[], bool]) -> None:
        """Tick by our own clock, as a carrier's exchange does, until `until()`."""
        clock.restart()
        while not until():
            for _ in range(clock.wait()):
                self.tick()

    @property
    def ready(self) -> bool:
        """Whether all lines carry calls, and have for a little more than a second."""
        return all(trunk.settled for trunk in self.trunks)

    @property
    def stands(self) -> bool:
        """Whether all lines carry a call; more at once may meet channels that are still being restarted."""
        return all(trunk.stands for trunk in self.trunks)

    @property
    def active(self) -> int:
        """Number of calls that are not over."""
        return sum(len(trunk.legs) for trunk in self.trunks)

    def _speak(self) -> None:
        self.rows.voices.advance(self._tx)
        for row in self.rows.loops:
            if not self.rows.voices.speaks(row):
                self._tx[row] = self._rx[row]
        if self._bad["send"].active:
            self._bad["send"].apply(self._tx, self._rx)

    # --- requests of people ---------------------------------------------------------------------------------------

    def subscribe(self, number: str, script: Script) -> None:
        """Add a subscriber with this script for calls to `number` (it may end in '*'); longest match wins."""
        self.directory.enter(number, script)

    def call(self, plan: CallPlan) -> CallRecord:
        """Make a call of a subscriber now; return its record, which is filled in as time goes on, `ended` at its end.

        Without a free channel the record is over at once, with cause 34, or 38 where no span works.

        Raises:
            drivers.errors.PriError: a number cannot be dialled.
        """
        record = CallRecord("out", plan.to, plan.caller, plan.presentation, self.now)
        working = [trunk for trunk in self._hunt if trunk.usable]
        for trunk in working:
            timeslot = trunk.channels.free()
            if timeslot:
                self._set_up(trunk, timeslot, plan, record)
                self.records.append(record)
                return record
        record.ended, record.ended_by = self.now, "line"
        record.cause = NO_CIRCUIT if working else NETWORK_OUT_OF_ORDER
        record.failures.append("no channel is free" if working else "no span works")
        self.records.append(record)
        return record

    def at(self, seconds: float, action: Callable[[], object]) -> None:
        """Run an action so many seconds from now."""
        self.agenda.enter(self.now + round(seconds / TICK_S), action)

    def cut(self, span: int, seconds: float) -> None:
        """Cut a span, both ways, for a time. Raises ExchangeError."""
        self.log.note(self.now, span, f"cut for {seconds:g} s")
        self._trunk(span).cut(round(seconds / TICK_S))

    def cut_d(self, span: int, seconds: float) -> None:
        """Cut the D channel of a span, both ways, for a time. Raises ExchangeError."""
        self.log.note(self.now, span, f"D channel cut for {seconds:g} s")
        self._trunk(span).cut_d(round(seconds / TICK_S))

    def impair(self, plan: Impairment) -> None:
        """Impair channels, or with an empty plan heal them. Raises ExchangeError."""
        self._trunk(plan.span)
        first = (plan.span - 1) * TIMESLOTS
        rows = range(first, first + TIMESLOTS) if plan.timeslot == 0 else [first + plan.timeslot - 1]
        self._bad[plan.direction].set(rows, plan)

    def close(self) -> None:
        """Close the D channels, without a message to the far end."""
        for trunk in self.trunks:
            trunk.link.close()

    def _trunk(self, span: int) -> Trunk:
        if not 1 <= span <= len(self.trunks):
            raise ExchangeError(f"there is no span {span}", f"spans are 1 to {len(self.trunks)}")
        return self.trunks[span - 1]

    # --- calls of our subscribers ---------------------------------------------------------------------------------

    def _set_up(self, trunk: Trunk, timeslot: int, plan: CallPlan, record: CallRecord) -> None:
        first = plan.to if plan.overlap is None else plan.to[: plan.overlap]
        call = trunk.link.setup(
            timeslot,
            first,
            plan.caller,
            presentation=ev.Presentation[plan.presentation.upper()],
            name=plan.name,
            overlap=plan.overlap is not None,
        )
        record.span = trunk.number
        leg = trunk.legs[call] = Leg(self.rows, trunk.link, trunk.channels, call, record)
        leg.take(timeslot)
        for n, digit in enumerate(plan.to[len(first) :], 1):
            self.at(n * plan.digit_gap_s, lambda digit=digit: leg.dial(digit))  # type: ignore[misc]
        self._start(leg, plan.script, plan.hold_s, keep_audio=plan.keep_audio)

    def _start(self, leg: Leg, script: Script, hold_s: float, *, keep_audio: bool) -> None:
        if keep_audio or any(isinstance(step, steps.Hear | steps.Expect) for step in script):
            leg.keep_audio()
        leg.subscriber = Subscriber(script, leg, self.rows.library, self.agenda, self._random, hold_s)
        leg.subscriber.start()

    # --- events of the far end ------------------------------------------------------------------------------------

    def _handle(self, trunk: Trunk, event: ev.PriEvent) -> None:
        match event:
            case ev.Setup():
                self._incoming(trunk, event)
            case ev.LinkUp() | ev.LinkDown():
                self.log.note(self.now, trunk.number, f"D channel {'up' if trunk.link.up else 'down'}")
            case ev.Restart() | ev.RestartAck():
                trunk.restarts = True
                self.log.note(self.now, trunk.number, f"{type(event).__name__}: channel {event.channel or 'all'}")
            case ev.ProtocolError():
                self.log.note(self.now, trunk.number, event.text)
            case _:
                if leg := trunk.legs.get(event.call):
                    self._progress(trunk, leg, event)

    def _progress(self, trunk: Trunk, leg: Leg, event: ev.CallEvent) -> None:
        match event:
            case ev.InfoDigits():
                leg.hush()
                leg.digits += event.digits
                self._route(leg, complete=event.complete)
            case ev.Clearing():
                leg.ends("far end", event.cause)
                leg.reached("remote", event.cause)
            case ev.Gone():
                del trunk.legs[event.call]
                leg.ends("far end", event.cause)
                leg.reached("remote", event.cause)
                leg.finish()
            case ev.SetupAck() | ev.Proceeding() | ev.Progress() | ev.Alerting() | ev.Connect():
                if leg.follow(event.channel):
                    self._moved_on(leg, event)
                else:
                    leg.clear(_CHANNEL_UNACCEPTABLE)

    def _moved_on(self, leg: Leg, event: ev.CallEvent) -> None:
        match event:
            case ev.Proceeding():
                leg.reached("proceeding")
            case ev.Alerting():
                leg.reached("alerting")
            case ev.Connect():
                leg.reached("answer")
        if isinstance(event, ev.Connect) or getattr(event, "inband", False):
            leg.reached("connect")

    def _incoming(self, trunk: Trunk, event: ev.Setup) -> None:
        record = CallRecord("in", event.called, event.calling, event.presentation.name.lower(), self.now, trunk.number)
        self.records.append(record)
        leg = trunk.legs[event.call] = Leg(self.rows, trunk.link, trunk.channels, event.call, record)
        timeslot: int | None = event.channel
        if not event.channel or not trunk.channels.is_free(event.channel):
            timeslot = None if event.exclusive and event.channel else trunk.channels.free()
        if not timeslot:
            leg.clear(_CHANNEL_TAKEN if event.channel else _NO_CHANNEL)
            return
        leg.take(timeslot)
        leg.digits = event.called
        self._route(leg, complete=event.complete)

    def _route(self, leg: Leg, *, complete: bool) -> None:
        """Route an incoming leg to its subscriber, or ask for more digits."""
        if leg.subscriber:
            return
        leg.record.called = leg.digits
        script = self.directory.find(leg.digits, complete=complete)
        if script is not None:
            self._start(leg, script, 0.0, keep_audio=self._keep_audio)
        elif complete:
            leg.clear(_UNALLOCATED)
        else:
            self._ask_for_more(leg)

    def _ask_for_more(self, leg: Leg) -> None:
        invite = not leg.digits and leg.link.side == "network"
        leg.link.setup_ack(leg.call, leg.record.timeslot, inband=invite)
        if invite:
            leg.dial_tone()

    def _watch(self, trunk: Trunk) -> None:
        """Drop the calls of a line in RED, as an exchange's supervision does: it carries none."""
        self.log.alarms(self.now, trunk.number, trunk.span.alarms)
        if trunk.legs and trunk.red:
            for leg in trunk.drop_all():
                leg.ends("line", NETWORK_OUT_OF_ORDER)
