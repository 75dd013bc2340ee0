# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch: cards, fabric, players, detectors, recorders, joined for one tick of 20 ms.

It decides nothing. Sound goes line -> X -> Y -> line; what happened goes up as numbered events; orders come down as
commands. No clock, no socket here: `appliance.switch.process` drives it in real time, a lockstep run as fast as it
can.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate

from appliance.contract.switch import (
    Alert,
    Answer,
    Answered,
    AnyCommand,
    AnyEvent,
    Attached,
    CardReport,
    Cause,
    Clear,
    Cleared,
    Confirm,
    Dial,
    EarlySound,
    Envelope,
    Heard,
    Hush,
    Incoming,
    Key,
    Listen,
    Mix,
    Play,
    Proceed,
    ReadSounds,
    Record,
    Recorded,
    Seized,
    SendKey,
    Show,
    StopRecord,
    Trace,
    Traced,
    Transferred,
    Trouble,
)
from appliance.i18n import N_
from appliance.switch.bulkhead import Bulkhead
from appliance.switch.journal import Journal
from appliance.switch.key_relay import KeyRelay
from appliance.switch.lines.card import Card, LineCommand
from appliance.switch.rereading import Rereading
from appliance.switch.sound.early_sound import EarlyWatch
from appliance.switch.sound.fabric import Fabric
from appliance.switch.sound.key_tones import KeyTones
from appliance.switch.sound.listeners import Listeners
from appliance.switch.sound.players import Players, Pool
from appliance.switch.sound.recorders import Recorders
from appliance.version import VERSION
from dsp.blocks import Tick, tick_of


class Switch:
    """All cards on one fabric.

    Args:
        cards: in the order of their rows and in which they are asked for a line.
        pool: the sounds.
        recorders: made for the number of rows.
        journal: numbers events; gives the tick to begin with.
        country: whose call progress tones are listened for.
        bulkhead: the cards' own; None: bugs are raised.
        rereading: reads the sounds again; without, they stay as they are.
    """

    def __init__(
        self,
        cards: Sequence[Card],
        pool: Pool,
        recorders: Callable[[int], Recorders],
        journal: Journal,
        country: str = "cn",
        bulkhead: Bulkhead | None = None,
        rereading: Rereading | None = None,
    ) -> None:
        rows = sum(card.rows for card in cards)
        self.cards = tuple(cards)
        self.now = journal.start_tick
        self.attached = False
        self._first_row = dict(zip(self.cards, accumulate([card.rows for card in cards], initial=0), strict=False))
        self._fabric = Fabric(rows)
        self._players = Players(rows, pool)
        self._key_tones = KeyTones(rows)
        self._listeners = Listeners(rows, country)
        self._early = EarlyWatch(rows, lambda leg: self._card_of[leg].quiet_ticks(leg))
        self._recorders = recorders(rows)
        self._journal = journal
        self._bulkhead = bulkhead or Bulkhead()
        self._lost: set[int] = set()  # told as cleared; whatever their card says of them is passed over
        self._rereading = rereading or Rereading()
        self._card_of: dict[int, Card] = {}
        self._key_relay = KeyRelay(self._fabric, self._card_of, self._key_tones, lambda: self.now)
        self._wishes: dict[int, Listen] = {}
        self._told: list[AnyEvent] = []
        self._unkept: list[AnyEvent] = []
        self._slices = [
            (card, self._fabric.said[start : start + card.rows], self._fabric.y[start : start + card.rows])
            for card, start in self._first_row.items()
        ]
        self._execute: dict[type, Callable[..., None]] = {
            Dial: self._dial,
            Proceed: self._to_line,
            Alert: self._to_line,
            Answer: self._to_line,
            Clear: self._to_line,
            Transferred: self._to_line,
            Show: self._to_line,
            SendKey: self._key_relay.send,
            Trace: self._trace,
            ReadSounds: self._rereading.ask,
            Mix: self._mix,
            Play: self._play,
            Hush: self._hush,
            Listen: self._listen,
            Record: self._record,
            StopRecord: lambda command: self._recorders.stop(command.recording),
            Confirm: lambda command: self._journal.confirm(command.seq),
        }

    @property
    def rows(self) -> int:
        """Rows of the fabric."""
        return self._fabric.rows

    @property
    def legs(self) -> tuple[int, ...]:
        """Legs that are not cleared."""
        return tuple(self._card_of)

    def tick(self) -> list[Envelope]:
        """Do one tick: sound through, and what happened as numbered events."""
        self.now += 1
        self._bulkhead.begin(self.now)
        about = self._bulkhead.about
        for card, said, _heard in self._slices:
            with about("receive"):
                card.receive(said)
        self._unkept += self._rereading.advance(self._players)
        events: list[AnyEvent] = list(self._told)
        self._told.clear()
        said_now = tick_of(self._fabric.said, self.rows, self._fabric.taken)
        with about("keys"):
            events += self._keys(said_now)
        with about("what is heard"):
            events += self._noticed(said_now)
            events += [EarlySound(leg, heard) for leg, heard in self._early.hear(said_now)]
        events += self._players.advance(self._fabric.played)
        for card in self.cards:  # after keys and plays: a leg's `Cleared` is its last event
            with about("signal"):
                events += card.signal(self.now)
        self._fabric.mix()
        with about("key tones"):
            self._key_relay.cut(self._listeners.pressing)
            self._key_tones.put(self._fabric.y)
        with about("recorders"):
            self._recorders.advance(self._fabric.said, self._fabric.y)
        for card, _said, heard in self._slices:
            with about("transmit"):
                card.transmit(heard)
        events += self._recorders.finished()
        envelopes = self._mend()  # commands that failed
        for event in events:
            envelopes += self._pass_on(event)
        envelopes += self._mend()  # what failed in the cards: after what they told before
        envelopes += map(self.peek, self._unkept)
        self._unkept.clear()
        self._journal.flush(self.now)
        return envelopes

    def execute(self, command: AnyCommand) -> None:
        """Do what call control asks. A command for a leg that is gone is ignored: it crossed with `Cleared`."""
        with self._bulkhead.about(command, getattr(command, "leg", 0)):
            self._execute[type(command)](command)

    def attach(self, confirm: Confirm) -> list[Envelope]:
        """A call server is there, whose store holds events up to `confirm.seq`: give it what it missed."""
        self._journal.confirm(confirm.seq)
        self.now = max(self.now, confirm.tick)
        missed = list(self._journal.pending)
        self.attached = True
        for card in self.cards:
            with self._bulkhead.about("announce"):
                card.announce()
        return [*missed, self._journal.event(Attached(VERSION, self.rows, self.legs), self.now)]

    def detach(self) -> None:
        """The call server is gone: nobody can decide about these calls any more, so let them go."""
        self.attached = False
        for leg in self.legs:
            self.execute(Clear(leg, Cause.TEMPORARY_FAILURE))

    def peek(self, event: AnyEvent) -> Envelope:
        """Wrap an event that is not kept (heartbeat, status)."""
        return Envelope(self._journal.seq, self.now, event)

    def trouble(self, trouble: Trouble) -> Envelope:
        """Number a trouble that was seen outside the tick."""
        return self._journal.event(trouble, self.now)

    def levels(self) -> tuple[dict[int, int], tuple[int, ...]]:
        """Give the level of each leg that has a row, in dBm0, and the legs on which somebody speaks."""
        level, speaking = self._listeners.level_dbm0, self._listeners.speaking
        rows = {leg: row for leg in self.legs if (row := self._fabric.row(leg)) is not None}
        return (
            {leg: round(float(level[row])) for leg, row in rows.items()},
            tuple(leg for leg, row in rows.items() if speaking[row]),
        )

    def report(self) -> tuple[CardReport, ...]:
        """Describe all cards."""
        reports: list[CardReport] = []
        for card in self.cards:
            with self._bulkhead.about("status"):
                reports += card.status()
        return tuple(reports)

    def close(self) -> None:
        """Clear the lines, end the recordings, and write down that it was so."""
        for card in self.cards:
            card.close()
        self._recorders.close()
        for event in self._recorders.finished():
            self._journal.event(event, self.now)
        for leg in self.legs:
            self._journal.event(Cleared(leg, Cause.TEMPORARY_FAILURE), self.now)
        self._journal.flush(self.now)
        self._journal.close()

    # --- events on their way up

    def _pass_on(self, event: AnyEvent) -> list[Envelope]:
        """Number an event, unless it is about a leg that was lost."""
        leg: int = getattr(event, "leg", 0)
        if leg in self._lost:
            if isinstance(event, Cleared):
                self._lost.discard(leg)
            return []
        with self._bulkhead.about(event, leg):
            return [self._happen(event)]
        return self._mend()

    def _mend(self) -> list[Envelope]:
        """End the legs that bugs have cost, and tell of the bugs."""
        told: list[AnyEvent] = [each for lost in self._bulkhead.lost() for each in self._lose(*lost)]
        told += self._bulkhead.troubles()
        return [self._journal.event(event, self.now) for event in told]

    def _lose(self, leg: int, what: object) -> list[Cleared]:
        """Say that a leg is gone, and let its card clear it; one whose `Incoming` failed is told of to nobody."""
        card = self._card_of.get(leg)
        if leg in self._lost or (card is None and not isinstance(what, Dial | Cleared)):
            return []
        if not isinstance(what, Cleared):
            self._lost.add(leg)
            with self._bulkhead.about("the end of a leg"):
                if card is not None:
                    card.execute(Clear(leg, Cause.TEMPORARY_FAILURE), self.now)
        with self._bulkhead.about("what a leg leaves"):
            self._forget(leg)
        self._card_of.pop(leg, None)
        return [] if isinstance(what, Incoming) else [Cleared(leg, Cause.TEMPORARY_FAILURE)]

    def _happen(self, event: AnyEvent) -> Envelope:
        match event:
            case Incoming(leg=leg):
                self._come_in(leg)
            case Seized(leg=leg):
                self._place(leg)
            case Answered(leg=leg):
                self._early.forget(leg)
            case Key(inband=True):
                self._key_relay.pressed(event)
            case Cleared(leg=leg):
                self._forget(leg)
            case _:
                pass
        return self._journal.event(event, self.now)

    def _come_in(self, leg: int) -> None:
        card = next(card for card in self.cards if card.row(leg) is not None)
        self._card_of[leg] = card
        self._place(leg)
        if not self.attached:  # refused, not left ringing: the carrier can send the caller elsewhere
            card.execute(Clear(leg, Cause.TEMPORARY_FAILURE), self.now)

    def _place(self, leg: int) -> None:
        card = self._card_of[leg]
        row = card.row(leg)
        if row is None:
            return
        row += self._first_row[card]
        before = self._fabric.row(leg)
        if before == row:
            return
        if before is not None:
            self._listeners.reset(before)
            self._key_tones.stop(before)
        self._listeners.reset(row)
        self._fabric.place(leg, row)
        self._recorders.move(leg, row)
        if leg % 2:  # one that the box dialled
            self._early.watch(leg, row)
        if wish := self._wishes.get(leg):
            self._listeners.listen(row, wish)

    def _forget(self, leg: int) -> None:
        row = self._fabric.row(leg)
        if row is not None:
            self._players.stop(row)
            self._key_tones.stop(row)
            self._listeners.reset(row)
        self._early.forget(leg)
        self._key_relay.forget(leg)
        self._recorders.stop_leg(leg)
        self._fabric.remove(leg)
        self._card_of.pop(leg, None)
        self._wishes.pop(leg, None)

    def _keys(self, said: Tick) -> list[Key]:
        keys = []
        for event in self._listeners.keys(said):
            leg = self._fabric.leg(event.row)
            if leg is None:
                continue
            duration_ms = round(event.duration_ms)
            if self._card_of[leg].takes_inband_key(leg, event.key, duration_ms):
                keys.append(Key(leg, event.key, duration_ms, round(event.level_dbm0, 1), inband=True))
        return keys

    def _noticed(self, said: Tick) -> list[Heard]:
        noticed = self._listeners.advance(said)
        return [Heard(leg, kind, what) for row, kind, what in noticed if (leg := self._fabric.leg(row)) is not None]

    # --- commands on their way down

    def _dial(self, command: Dial) -> None:
        self._journal.dialled(command.leg)
        suited = [card for card in self.cards if card.takes(command.line)]
        card = next((card for card in suited if card.has_room(command.line)), None)
        if card is None:
            cause = Cause.NO_CIRCUIT if suited else Cause.DESTINATION_OUT_OF_ORDER
            if not suited:
                self._told.append(Trouble("no_line", N_("no card for line {line}"), 1, {"line": command.line}))
            self._told.append(Cleared(command.leg, cause))
            return
        self._card_of[command.leg] = card
        card.execute(command, self.now)
        self._place(command.leg)

    def _to_line(self, command: LineCommand) -> None:
        if card := self._card_of.get(command.leg):
            card.execute(command, self.now)

    def _mix(self, command: Mix) -> None:
        for change in command.changes:
            if change.listener in self._card_of and change.leg in self._card_of:
                self._fabric.hear(change.listener, change.leg, change.gain, played=change.played)

    def _play(self, command: Play) -> None:
        row = self._fabric.row(command.leg)
        if row is not None:
            self._players.play(row, command)

    def _hush(self, command: Hush) -> None:
        if (row := self._fabric.row(command.leg)) is not None:
            self._players.stop(row)

    def _listen(self, command: Listen) -> None:
        if command.leg in self._card_of:
            self._wishes[command.leg] = command
            row = self._fabric.row(command.leg)
            if row is not None:
                self._listeners.listen(row, command)

    def _record(self, command: Record) -> None:
        row = self._fabric.row(command.leg)
        if command.leg not in self._card_of:  # it crossed with `Cleared`: there is nothing to record, and nothing wrong
            self._told.append(Recorded(command.recording, 0))
        elif row is None:
            self._told.append(Recorded(command.recording, 0, N_("the leg has no voice channel")))
        else:
            self._journal.recording(command.recording, command.path)
            self._recorders.start(command, row)

    def _trace(self, command: Trace) -> None:
        found = [message for leg in command.legs for card in self.cards for message in card.trace(leg)]
        self._unkept.append(Traced(command.request, tuple(sorted(found, key=lambda message: message.time_us))))
