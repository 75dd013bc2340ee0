# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch: cards, fabric, players, detectors, recorders, joined for one tick of 20 ms.

It decides nothing. Sound goes line -> X -> Y -> line; numbered events go up; commands come down. No clock, no socket
here: `appliance.switch.process` runs it in real time, a lockstep run as fast as it can.
"""

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, Final

import msgspec

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
    Envelope,
    Hush,
    Incoming,
    Key,
    Listen,
    Measure,
    Measured,
    Mix,
    PauseRecord,
    Play,
    Proceed,
    ReadSounds,
    Record,
    Recorded,
    Seized,
    SendKey,
    Show,
    SpanDo,
    SpanDone,
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
from appliance.switch.sound.file_reader import FileReader
from appliance.switch.sound.leg_sound import LegSound
from appliance.switch.sound.players import Pool
from appliance.switch.sound.recorders import Recorders
from appliance.version import VERSION

PARTS: Final = ("receive", "keys", "what is heard", "signal", "key tones", "recorders", "transmit")
"""Parts of a tick, as troubles of the bulkhead name them."""


class Switch:
    """All cards on one fabric.

    Args:
        cards: in the order of their rows and in which they are asked for a line.
        pool: the sounds.
        recorders: factory, for a number of rows.
        journal: numbers events; has the tick to begin with.
        country: the country of the call progress tones to detect.
        bulkhead: the cards' own; None: bugs are raised.
        rereading: reads the sounds again; without, they stay as they are.
        reader: reads files that are played; None: none are.
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
        reader: FileReader | None = None,
    ) -> None:
        rows = sum(card.rows for card in cards)
        self.cards = tuple(cards)
        self.now = journal.start_tick
        self.attached = False
        self._first_row = dict(zip(self.cards, accumulate([card.rows for card in cards], initial=0), strict=False))
        self._sound = LegSound(rows, pool, recorders, country, lambda leg: self._card_of[leg].quiet_ticks(leg), reader)
        self._journal = journal
        self._bulkhead = bulkhead or Bulkhead()
        self._about = {part: self._bulkhead.about(part) for part in PARTS}
        self._lost: set[int] = set()  # reported as cleared; further events of their cards are dropped
        self._rereading = rereading or Rereading()
        self._card_of: dict[int, Card] = {}
        self._key_relay = KeyRelay(self._sound.fabric, self._card_of, self._sound.key_tones, lambda: self.now)
        self._told: list[AnyEvent] = []
        self._unkept: list[AnyEvent] = []
        self._slices = [
            (card, self._sound.said[start : start + card.rows], self._sound.heard[start : start + card.rows])
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
            Measure: self._measure,
            SpanDo: self._span_do,
            ReadSounds: self._rereading.ask,
            Mix: self._mix,
            Play: self._on_leg(self._sound.play),
            Hush: self._on_leg(self._sound.hush),
            Listen: self._on_leg(self._sound.listen),
            Record: self._record,
            StopRecord: self._sound.stop,
            PauseRecord: self._sound.pause,
            Confirm: lambda command: self._journal.confirm(command.seq),
        }

    @property
    def rows(self) -> int:
        """Number of the fabric's rows."""
        return self._sound.fabric.rows

    @property
    def legs(self) -> tuple[int, ...]:
        """Legs that are not cleared."""
        return tuple(self._card_of)

    def tick(self) -> list[Envelope]:
        """Run one tick: move the sound, and return the events, numbered."""
        self.now += 1
        self._bulkhead.begin(self.now)
        about = self._about
        for card, said, _heard in self._slices:
            with about["receive"]:
                card.receive(said)
        self._unkept += self._rereading.advance(self._sound.players)
        envelopes = self._mend()  # commands that failed
        for event in self._noticed():
            envelopes += self._pass_on(event)
        for card in self.cards:  # after keys and plays: a leg's `Cleared` is its last event
            told: Sequence[AnyEvent] = ()
            with about["signal"]:
                told = card.signal(self.now)
            for event in told:
                envelopes += self._pass_on(event, card)
        self._sound.mix()
        with about["key tones"]:
            self._key_relay.cut(self._sound.pressing)
            self._sound.send_tones()
        with about["recorders"]:
            self._sound.record()
        for card, _said, heard in self._slices:
            with about["transmit"]:
                card.transmit(heard)
        for event in self._sound.recorded():
            envelopes += self._pass_on(event)
        envelopes += self._mend()  # failures in the cards: after the events they reported before
        envelopes += map(self.peek, self._unkept)
        self._unkept.clear()
        self._journal.flush(self.now)
        return envelopes

    def execute(self, command: AnyCommand) -> None:
        """Execute a command of call control. One for a leg that is gone is ignored: it crossed with `Cleared`."""
        with self._bulkhead.about(command, getattr(command, "leg", 0)):
            self._execute[type(command)](command)

    def attach(self, confirm: Confirm) -> list[Envelope]:
        """Attach a call server whose store holds events up to `confirm.seq`; return the events that it missed."""
        self._journal.confirm(confirm.seq)
        self.now = max(self.now, confirm.tick)
        missed = list(self._journal.pending)
        self.attached = True
        for card in self.cards:
            with self._bulkhead.about("announce"):
                card.announce()
        return [*missed, self._journal.event(Attached(VERSION, self.rows, self.legs), self.now)]

    def detach(self) -> None:
        """Detach the call server and clear all legs: without it there are no decisions on their calls."""
        self.attached = False
        for leg in self.legs:
            self.execute(Clear(leg, Cause.TEMPORARY_FAILURE))

    def peek(self, event: AnyEvent) -> Envelope:
        """Return an event that is not kept (heartbeat, status) in an envelope."""
        return Envelope(self._journal.seq, self.now, event)

    def trouble(self, trouble: Trouble) -> Envelope:
        """Number a trouble from outside the tick."""
        return self._journal.event(trouble, self.now)

    def levels(self) -> tuple[dict[int, int], tuple[int, ...]]:
        """Return the level of each leg that has a row, in dBm0, and the legs with speech on them."""
        return self._sound.levels(self.legs)

    def report(self) -> tuple[CardReport, ...]:
        """Return the reports of all cards."""
        reports: list[CardReport] = []
        for card in self.cards:
            with self._bulkhead.about("status"):
                reports += card.status()
        return tuple(reports)

    def close(self) -> None:
        """Clear the lines, end the recordings, and write both into the journal."""
        for card in self.cards:
            card.close()
        for event in self._sound.close():
            self._journal.event(event, self.now)
        for leg in self.legs:
            self._journal.event(Cleared(leg, Cause.TEMPORARY_FAILURE), self.now)
        self._journal.flush(self.now)
        self._journal.close()

    # --- events on their way up

    def _noticed(self) -> list[AnyEvent]:
        """Return the events that commands left, and those in the sound of this tick."""
        about, sound = self._about, self._sound
        events, self._told = self._told, []
        sound.hear()
        with about["keys"]:
            events += self._keys()
        with about["what is heard"]:
            events += sound.noticed()
        return [*events, *sound.play_on()]

    def _pass_on(self, event: AnyEvent, card: Card | None = None) -> list[Envelope]:
        """Number an event, of a card or of none, unless it is about a leg that was lost."""
        leg: int = getattr(event, "leg", 0)
        if leg in self._lost:
            if isinstance(event, Cleared):
                self._lost.discard(leg)
            return []
        with self._bulkhead.about(event, leg):
            return [self._happen(event, card)]
        return self._mend()

    def _mend(self) -> list[Envelope]:
        """End the legs that were lost to bugs; return their ends and the bugs' troubles."""
        told: list[AnyEvent] = [each for lost in self._bulkhead.lost() for each in self._lose(*lost)]
        told += self._bulkhead.troubles()
        return [self._journal.event(event, self.now) for event in told]

    def _lose(self, leg: int, what: object) -> list[Cleared]:
        """Clear a lost leg on its card; return its `Cleared`, unless its `Incoming` failed and was never reported."""
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

    def _happen(self, event: AnyEvent, card: Card | None) -> Envelope:
        match event:
            case Incoming(leg=leg) if card:
                self._come_in(leg, card)
            case Seized(leg=leg):
                self._place(leg)
            case Answered(leg=leg):
                self._sound.answered(leg)
            case Key():
                self._sound.end_by_key(event)
                if event.inband:
                    self._key_relay.pressed(event)
            case Cleared(leg=leg):
                self._forget(leg)
            case _:
                pass
        return self._journal.event(event, self.now)

    def _come_in(self, leg: int, card: Card) -> None:
        self._card_of[leg] = card
        self._place(leg)
        if not self.attached:  # refused, not left ringing: the carrier can send the caller elsewhere
            card.execute(Clear(leg, Cause.TEMPORARY_FAILURE), self.now)

    def _place(self, leg: int) -> None:
        card = self._card_of[leg]
        if (row := card.row(leg)) is not None:  # else it ended in the same tick: `Cleared` follows
            self._sound.place(leg, self._first_row[card] + row)

    def _forget(self, leg: int) -> None:
        self._sound.forget(leg)
        self._key_relay.forget(leg)
        self._card_of.pop(leg, None)

    def _keys(self) -> list[Key]:
        """Return the keys in the sound of legs that their lines do not report by themselves."""
        told = [(leg, key, round(key.duration_ms)) for leg, key in self._sound.pressed()]
        return [
            Key(leg, key.key, duration_ms, round(key.level_dbm0, 1), inband=True)
            for leg, key, duration_ms in told
            if self._card_of[leg].takes_inband_key(leg, key.key, duration_ms)
        ]

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

    def _on_leg(self, do: Callable[[Any], None]) -> Callable[[Any], None]:
        """Return a function that executes a command if its leg is there."""
        return lambda command: do(command) if command.leg in self._card_of else None

    def _mix(self, command: Mix) -> None:
        known = self._card_of.keys()  # negative: a conference
        there = [each for each in command.changes if all(n < 0 or n in known for n in (each.listener, each.leg))]
        self._sound.change(Mix(tuple(there)))

    def _record(self, command: Record) -> None:
        if command.leg not in self._card_of:  # it crossed with `Cleared`: no sound to record, and no fault
            self._told.append(Recorded(command.recording, 0, why="leg"))
        elif self._sound.fabric.row(command.leg) is None:
            self._told.append(Recorded(command.recording, 0, N_("the leg has no voice channel"), "leg"))
        else:
            self._journal.recording(command.recording, command.path)
            self._sound.start(command)

    def _span_do(self, command: SpanDo) -> None:
        answers = (card.span_do(command) for card in self.cards)
        done = next((each for each in answers if each is not None), None)
        none = SpanDone(command.request, N_("there is no span {number}"), N_("see `mxbox spans`"))
        self._unkept.append(done or msgspec.structs.replace(none, values={"number": str(command.span)}))

    def _measure(self, command: Measure) -> None:
        found = {leg: self._card_of[leg].quality(leg) for leg in command.legs if leg in self._card_of}
        self._unkept.append(Measured(command.request, {leg: rtp for leg, rtp in found.items() if rtp is not None}))

    def _trace(self, command: Trace) -> None:
        found = [message for leg in command.legs for card in self.cards for message in card.trace(leg)]
        found += [message for card in self.cards if command.span for message in card.trace(0, command.span)]
        self._unkept.append(Traced(command.request, tuple(sorted(found, key=lambda message: message.time_us))))
