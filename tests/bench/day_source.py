# SPDX-License-Identifier: GPL-2.0-or-later
"""A day's callers and agents in place of the switch, in virtual time, for the real engine and books.

Phones are answered at once, callers who are called back as well; callers hang up when their talk is over, or their
patience before it began, or ask to be called back by keys. Not modelled: sound, lines, phones that are not answered.
Legs are cleared, and what agents hear is said, in the tick in which that is asked for: so an agent needs for a call
what the caller brought along and not a tick more.
"""

from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

from appliance.contract import switch as m
from appliance.contract.ticks import TICKS_PER_S
from appliance.engine.engine import Engine, Step
from appliance.store.store import Store
from tests.bench.day_callers import Caller

SAMPLES_PER_TICK = 160
FIRST_NUMBER = 13_800_000_000
"""Number of the first caller: a number tells for which caller a phone rings."""
ASKS = "21"
"""Keys of a caller who asks for a call-back, and finds the number right."""
PHONES = "station:"
"""Beginning of the lines of phones in the house."""


class DaySource:
    """Events of the callers and of the phones, in the order of time. Callers have the even legs, in their order."""

    def __init__(self, callers: Sequence[Caller]) -> None:
        self.now = 0
        self._callers = callers
        self._heap: list[tuple[int, int, m.AnyEvent]] = []
        self._order = 0
        self._ends: dict[int, m.Cleared] = {}  # how each leg that is up will end
        self._for: dict[int, int] = {}  # caller's leg of each one that the box dials
        self._phones: set[int] = set()  # of these, those of phones in the house
        self._served: set[int] = set()  # callers in talk
        self._playing: dict[int, int] = {}
        self._recordings: dict[int, tuple[int, int]] = {}  # leg, tick of the begin
        self._orders: dict[type, Callable[[Any], None]] = {
            m.Dial: self._dial,
            m.Clear: lambda command: self._end(command.leg, self.now, command.cause),
            m.Play: self._play,
            m.Record: lambda command: self._recordings.update({command.recording: (command.leg, self.now)}),
            m.StopRecord: lambda command: self._recorded(command.recording),
        }
        for n, caller in enumerate(callers):
            party = m.Party(str(FIRST_NUMBER + n))
            self._put(caller.at, m.Incoming(2 * n + 2, "pri:carrier", caller.dials, party, 1 + n // 31, 1 + n % 31))

    def next_tick(self) -> int | None:
        """Tick of the next event."""
        return self._heap[0][0] if self._heap else None

    def take(self) -> m.AnyEvent | None:
        """Take the next event; None: it came to nothing."""
        self.now, _, event = heappop(self._heap)
        return event if self._happens(event) else None

    def execute(self, command: m.AnyCommand) -> None:
        """Do what call control asks."""
        order = self._orders.get(type(command))
        if order is not None:
            order(command)

    def _happens(self, event: Any) -> bool:
        """Return whether an event still happens; plan what follows from it."""
        match event:
            case m.Incoming(leg=leg):
                self._comes(leg, self._callers[leg // 2 - 1])
            case m.Answered(leg=leg) if leg in self._ends:
                self._talks(leg, self._for[leg])
            case m.Key(leg=leg, key=key):
                return leg in self._ends and leg not in self._served and self._asks(leg, key)
            case m.Played(leg=leg, play=play):
                return leg in self._ends and self._playing.get(leg) == play
            case m.Cleared(leg=leg) if self._ends.get(leg) is event:
                self._gone(leg)
            case m.Recorded() | m.Seized():
                pass
            case _:
                return False
        return True

    def _comes(self, leg: int, caller: Caller) -> None:
        """Plan the end of a caller's patience."""
        self._end(leg, caller.at + caller.patience)
        if caller.asks:
            self._put(caller.at + caller.asks, m.Key(leg, ASKS[0], 80))

    def _asks(self, leg: int, key: str) -> bool:
        """Plan that a caller who asks for a call-back finds the number right, and hangs up."""
        if key == ASKS[0]:
            self._put(self.now, m.Key(leg, ASKS[1], 80))
            self._end(leg, self.now)
        return True

    def _talks(self, leg: int, caller: int) -> None:
        """Plan the end of a talk: an agent has answered a caller who is there, or a caller who is called back has."""
        talk = self._callers[caller // 2 - 1].talk
        if leg not in self._phones:
            self._end(leg, self.now + talk)
        elif caller in self._ends:
            self._served.add(caller)
            self._end(caller, self.now + talk)

    def _end(self, leg: int, at: int, cause: int = m.Cause.NORMAL_CLEARING) -> None:
        """Let a leg end at a tick, and not as it would have before."""
        self._ends[leg] = ends = m.Cleared(leg, cause)
        self._put(at, ends)

    def _dial(self, command: m.Dial) -> None:
        leg, phone = command.leg, command.line.startswith(PHONES)
        if phone:
            self._phones.add(leg)
        number = command.caller.number if phone else command.called
        self._for[leg] = 2 * (int(number[-11:]) - FIRST_NUMBER) + 2
        self._ends[leg] = m.Cleared(leg, 0)
        if not phone:
            self._put(self.now, m.Seized(leg, 100 + leg // 31 % 60, 1 + leg % 31))
        self._put(self.now, m.Answered(leg))

    def _play(self, command: m.Play) -> None:
        self._playing[command.leg] = command.play
        if not command.loop:
            takes = 0 if command.leg in self._for else TICKS_PER_S * len(command.sounds)
            self._put(self.now + takes, m.Played(command.leg, command.play))

    def _gone(self, leg: int) -> None:
        del self._ends[leg]
        self._playing.pop(leg, None)
        for recording in [each for each, (of, _) in self._recordings.items() if of == leg]:
            self._recorded(recording)

    def _recorded(self, recording: int) -> None:
        if recording in self._recordings:
            _, begun = self._recordings.pop(recording)
            self._put(self.now, m.Recorded(recording, (self.now - begun) * SAMPLES_PER_TICK))

    def _put(self, tick: int, event: m.AnyEvent) -> None:
        self._order += 1
        heappush(self._heap, (tick, self._order, event))


class Day:
    """Source, engine and store, turned by hand until the last caller is gone."""

    def __init__(self, engine: Engine, store: Store, source: DaySource) -> None:
        self.engine, self.store, self.source, self._seq = engine, store, source, 0
        self._done(engine.handle(m.Attached("day", 1000), 0), 0)

    def run(self) -> None:
        """Run the day to its end."""
        engine, source = self.engine, self.source
        while (tick := source.next_tick()) is not None:
            due = engine.next_deadline()
            if due is not None and due <= tick:
                source.now = due
                self._done(engine.advance(due), due)
            elif (event := source.take()) is not None:
                self._done(engine.handle(event, tick), tick)
        while (due := engine.next_deadline()) is not None:
            self._done(engine.advance(due), due)
        self.store.settle(source.now)

    def _done(self, step: Step, tick: int) -> None:
        """Do as the call server does: the books first, then the commands."""
        self._seq += 1
        self.store.apply(self._seq, tick, step.records)
        for command in step.commands:
            self.source.execute(command)
