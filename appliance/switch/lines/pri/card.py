# SPDX-License-Identifier: GPL-2.0-or-later
"""A primary rate access as a card: 31 timeslots as rows, Q.931 calls as legs (EN 300 403, either side).

Row r is timeslot r + 1; the D channel's row is silent. Cases:

- The D channel comes up, or the line comes back: every channel without a leg is restarted (Q.931 5.5), one after the
  other; those whose turn has not come may be used meanwhile. A far end that does not answer is not asked again.
- Glare: both ends take one channel (5.7). The network's call keeps it; on the user side the box moves its own call to
  another channel (`Seized` again), on the network side the far end's call gets another or is refused (44).
- The D channel is lost: calls that are not answered end (27), answered ones after `keep_calls_s` (T309).
- The line is dead (RED or BLUE): the same, from that moment on; no call is taken until it is back.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from appliance.config.model import SpanConfig
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
    ConnectedParty,
    Dial,
    Digits,
    Disconnected,
    Incoming,
    Proceed,
    Proceeding,
    Show,
    SignalMessage,
)
from appliance.contract.ticks import seconds
from appliance.i18n import N_
from appliance.switch.bulkhead import Bulkhead
from appliance.switch.lines.card import NEWEST, LineCommand, NewLeg
from appliance.switch.lines.pri.channels import B_TIMESLOTS
from appliance.switch.lines.pri.legs import ANOTHER_CHANNEL_HELPS, PriLeg, PriLegs, heard, redirected, told
from appliance.switch.sound.fabric import Sound
from appliance.switch.sound.line_echo import LineEcho
from drivers import pri_events as q931
from drivers.span import IDLE_BYTE, TICK_SAMPLES, TIMESLOTS, Octets, Span
from drivers.text import CODING
from dsp.g711 import alaw_decode, alaw_encode


class PriCard(PriLegs):
    """One span with ISDN PRI on it.

    Args:
        number: of the span, from 1.
        span: open; the card closes it.
        config: side, group, overlap, keep_calls_s and the box's own echo canceller are used here.
        new_leg: numbers legs that come in.
        coding: of names that are no UTF-8, see `drivers.text`.
        bulkhead: the switch's; None: bugs are raised.
    """

    rows = TIMESLOTS

    def __init__(
        self,
        number: int,
        span: Span,
        config: SpanConfig,
        new_leg: NewLeg,
        coding: str = CODING,
        bulkhead: Bulkhead | None = None,
    ) -> None:
        self._bulkhead = bulkhead or Bulkhead()
        self.span = span
        super().__init__(number, span, config, coding)
        self._new_leg = new_leg
        self._echo = LineEcho(TIMESLOTS, config.echo_ms) if config.echo_canceller == "box" else None
        self._was_dead = False
        self._words = ""  # libpri's last text about the set-up of the two ends
        self._in: Octets = np.full((TIMESLOTS, TICK_SAMPLES), IDLE_BYTE, np.uint8)
        self._out: Octets = self._in.copy()
        self._now = 0
        self._closed = False

    # --- the contract ---------------------------------------------------------------------------------------------

    def receive(self, sound: Sound) -> None:
        """See `Card.receive`."""
        self.span.receive(self._in)
        if self._upkeep.active:
            self._upkeep.received(self._in)
        rows = self._channels.rows
        sound.fill(0.0)
        if len(rows):
            sound[rows] = alaw_decode(self._in[rows])
        if self._echo:
            self._echo.received(sound, self._channels.taken)

    def transmit(self, sound: Sound) -> None:
        """See `Card.transmit`."""
        rows = self._channels.rows
        self._out.fill(IDLE_BYTE)
        if len(rows):
            self._out[rows] = alaw_encode(sound[rows])
        if self._echo:
            self._echo.sent(self._out)
        if self._upkeep.active:
            self._upkeep.fill(self._out)
        self._send_frames()
        self.span.transmit(self._out)

    def signal(self, now: int) -> Sequence[AnyEvent]:
        """See `Card.signal`."""
        self._now = now
        self._link.carry(carries=self._watch.carries)
        self._link.run(seconds(now))
        if frames := self.span.frames():
            for frame in frames:
                self._recorder.note(frame, now, sent=False)
                self._link.receive(frame)
            self._link.run(seconds(now))
        self._look_at_line()
        self._work_off()
        self._told += self._watch.changes(now)
        told, self._told = self._told, []
        return told

    def execute(self, command: LineCommand, now: int) -> None:
        """See `Card.execute`."""
        del now  # the link's clock was set with the tick
        if isinstance(command, Dial):
            self._dial(command)
        elif leg := self._legs.get(command.leg):
            self._do(leg, command)
        self._work_off()

    def announce(self) -> None:
        """See `Card.announce`."""
        self._watch.announce()

    def takes_inband_key(self, leg: int, key: str, duration_ms: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.takes_inband_key`: keys of a trunk are in its sound only."""
        return True

    def keys_inband(self, leg: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.keys_inband`: keys of a trunk are in its sound only."""
        return True

    def takes_keys(self, leg: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.takes_keys`: a trunk takes tones only."""
        return False

    def quiet_ticks(self, leg: int) -> int:  # noqa: ARG002 - the contract's
        """See `Card.quiet_ticks`: octets come always."""
        return 0

    def send_key(self, leg: int, key: str, duration_ms: int) -> bool:  # noqa: ARG002 - the contract's
        """See `Card.send_key`: a trunk takes tones only."""
        return False

    def trace(self, leg: int, span: int = 0) -> Sequence[SignalMessage]:
        """See `Card.trace`."""
        return self._recorder.newest(NEWEST) if span == self._number else self._recorder.of(leg)

    def quality(self, leg: int) -> Rtp | None:  # noqa: ARG002 - the contract's
        """See `Card.quality`: octets come always."""
        return None

    def status(self) -> Sequence[CardReport]:
        """See `Card.status`."""
        return (self._watch.report(self._channels.in_use, self._upkeep),)

    def close(self) -> None:
        """See `Card.close`. A far end that misses the clearing gets a restart of the channels at the next start."""
        if self._closed:
            return
        self._closed = True
        for leg in self._legs.values():
            self._link.hangup(leg.call, Cause.TEMPORARY_FAILURE)
        self._send_frames()
        self._out.fill(IDLE_BYTE)
        self.span.transmit(self._out)
        self._link.close()
        self.span.close()

    def restart(self) -> None:
        """Restart every channel without a leg (Q.931 5.5): both ends then agree that it is idle."""
        for timeslot in self._channels.idle():
            self._channels.restart(timeslot)

    # --- commands -------------------------------------------------------------------------------------------------

    def _do(self, leg: PriLeg, command: LineCommand) -> None:
        match command:
            case Proceed():
                self._link.proceeding(leg.call, leg.timeslot)
            case Alert(inband=inband):
                self._link.alerting(leg.call, leg.timeslot, inband=inband)
                if inband and leg.alerted and not leg.inband:
                    self._link.progress(leg.call)
                leg.alerted, leg.inband = True, leg.inband or inband
            case Answer():
                leg.answered = self._link.connect(leg.call, leg.timeslot, told(leg.shown))
            case Clear(cause=cause):
                leg.dial = None
                self._link.hangup(leg.call, cause)
            case Show(party=party):
                leg.shown = party
            case _:
                pass  # a trunk asks for no transfers

    # --- events of the D channel ----------------------------------------------------------------------------------

    def _work_off(self) -> None:
        while events := self._link.events():
            for event in events:
                self._take(event)

    def _take(self, event: q931.PriEvent) -> None:
        call: int = getattr(event, "call", 0)
        leg = self._by_call.get(call)
        then = partial(self._link.hangup, call, Cause.TEMPORARY_FAILURE) if call and not leg else None
        with self._bulkhead.about(event, leg.leg if leg else 0, then):
            self._ON_EVENT[type(event)](self, event)

    def _incoming(self, setup: q931.Setup) -> None:
        timeslot = self._channel_for(setup)
        if timeslot is None:
            refused = Cause.REQUESTED_CIRCUIT_UNAVAILABLE if setup.channel else Cause.NO_CIRCUIT
            self._link.hangup(setup.call, refused)
            return
        complete = setup.complete or not self._config.overlap
        leg = PriLeg(self._new_leg(), timeslot, setup.call)
        self._legs[leg.leg] = self._by_call[setup.call] = leg
        self._recorder.begin(leg.leg, self._link.reference(setup.call), ours=False)
        self._channels.take(timeslot, leg.leg)
        if not complete:
            self._link.setup_ack(setup.call, timeslot)
        caller = heard(q931.PartyNumber(setup.calling, setup.name, setup.presentation, setup.calling_type))
        redirecting = redirected(setup.redirecting)
        place = (self._number, timeslot, complete)
        self._told.append(Incoming(leg.leg, self.line, setup.called, caller, *place, redirecting=redirecting))

    def _info_digits(self, event: q931.InfoDigits) -> None:
        if leg := self._by_call.get(event.call):
            self._told.append(Digits(leg.leg, event.digits, event.complete))

    def _setup_ack(self, event: q931.SetupAck) -> None:
        self._accepted(event)

    def _proceeding(self, event: q931.Proceeding) -> None:
        if leg := self._accepted(event):
            self._told.append(Proceeding(leg.leg))
            if event.inband:
                self._alert(leg, inband=True)

    def _progress(self, event: q931.Progress) -> None:
        leg = self._accepted(event)
        if leg and event.inband:
            self._alert(leg, inband=True)

    def _alerting(self, event: q931.Alerting) -> None:
        if leg := self._accepted(event):
            self._alert(leg, inband=event.inband)

    def _alert(self, leg: PriLeg, *, inband: bool) -> None:
        if not leg.alerted or (inband and not leg.inband):
            leg.alerted, leg.inband = True, leg.inband or inband
            self._told.append(Alerting(leg.leg, leg.inband))

    def _connect(self, event: q931.Connect) -> None:
        if leg := self._accepted(event):
            leg.answered = True
            self._told.append(Answered(leg.leg))

    def _connected(self, event: q931.Connected) -> None:
        if leg := self._by_call.get(event.call):
            self._told.append(ConnectedParty(leg.leg, heard(event.party)))

    def _accepted(
        self, event: q931.SetupAck | q931.Proceeding | q931.Progress | q931.Alerting | q931.Connect
    ) -> PriLeg | None:
        """Move a leg to the channel that the far end chose in its first answer to SETUP (Q.931 5.1.2).

        Return the leg.
        """
        leg = self._by_call.get(event.call)
        if not leg or not leg.dial:
            return leg
        if event.channel in {0, leg.timeslot}:
            leg.dial = None
        elif self._channels.usable(event.channel):
            leg.dial = None
            self._move(leg, event.channel)
        else:
            self._abandon(leg)
            self._seize(leg)
            return None
        self._channels.agreed(leg.timeslot)
        return leg

    def _clearing(self, event: q931.Clearing) -> None:
        leg = self._by_call.get(event.call)
        if leg and not (leg.dial and event.cause in ANOTHER_CHANNEL_HELPS):
            self._told.append(Disconnected(leg.leg, event.cause, event.inband, leg.answered))

    def _gone(self, event: q931.Gone) -> None:
        leg = self._by_call.get(event.call)
        if not leg:
            return
        if leg.dial and event.cause in ANOTHER_CHANNEL_HELPS:
            del self._by_call[event.call]
            self._seize(leg)
            return
        self._end(leg, event.cause)
        if event.unanswered and self._link.up:
            self._channels.restart(leg.timeslot)

    def _link_up(self, _event: q931.LinkUp) -> None:
        self._words = ""
        if not self._watch.dead:
            self.restart()

    def _link_down(self, _event: q931.LinkDown) -> None:
        """End calls without an answer of the far end now, not with T303: another line may carry them."""
        self._channels.forget_restarts()
        for leg in [leg for leg in self._legs.values() if leg.dial]:
            self._link.hangup(leg.call, Cause.DESTINATION_OUT_OF_ORDER)  # Q.931 5.8.9
            self._end(leg, Cause.DESTINATION_OUT_OF_ORDER)

    def _restarted(self, event: q931.Restart) -> None:
        """Cancel a restart that waits its turn: the far end holds no call there, ours have ended with `Gone`."""
        for timeslot in B_TIMESLOTS if event.channel is None else (event.channel,):
            self._channels.agreed(timeslot)

    def _restart_ack(self, event: q931.RestartAck) -> None:
        self._channels.restarting.discard(event.channel)
        if not event.ok and not self._channels.restarting:
            self._told.append(self._watch.trouble(N_("span {number}: the far end does not answer RESTART")))

    def _protocol_error(self, event: q931.ProtocolError) -> None:
        if event.text != self._words:  # repeated with every try
            self._words = event.text
            self._told.append(self._watch.trouble(N_("span {number}: {words}"), words=event.text.strip()))

    _ON_EVENT: dict[type, Callable[..., None]] = {  # noqa: RUF012 - a table, never written to
        q931.Setup: _incoming,
        q931.InfoDigits: _info_digits,
        q931.SetupAck: _setup_ack,
        q931.Proceeding: _proceeding,
        q931.Progress: _progress,
        q931.Alerting: _alerting,
        q931.Connect: _connect,
        q931.Connected: _connected,
        q931.Clearing: _clearing,
        q931.Gone: _gone,
        q931.LinkUp: _link_up,
        q931.LinkDown: _link_down,
        q931.Restart: _restarted,
        q931.RestartAck: _restart_ack,
        q931.ProtocolError: _protocol_error,
    }

    # --- the line -------------------------------------------------------------------------------------------------

    def _look_at_line(self) -> None:
        dead = self._watch.dead_ticks(self._now)
        if dead is not None:
            kept = seconds(dead) < self._config.keep_calls_s
            for leg in [leg for leg in self._legs.values() if not (kept and leg.answered)]:
                leg.dial = None
                self._link.drop(leg.call, Cause.DESTINATION_OUT_OF_ORDER)
        elif self._was_dead and self._link.up:
            self.restart()
        self._was_dead = dead is not None

    def _send_frames(self) -> None:
        for frame in self._link.take_frames():
            self._recorder.note(frame, self._now, sent=True)
            self.span.send_frame(frame)
