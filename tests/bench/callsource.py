# SPDX-License-Identifier: GPL-2.0-or-later
"""Callers, lines and phones by chance, in place of the switch: without line, sound or process.

Not modelled: sound (nothing is heard, prompts last one second each), Q.931 and SIP (a leg is a few events), the journal
and the connection, time that runs late. Modelled: channels that are seized and released, glare, phones that are busy,
ring for ever, refuse or fail, callers who press wrong keys or hang up at any moment, commands that cross with
events."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import log
from typing import Any

from appliance.config.model import BoxConfig
from appliance.contract import switch as m
from appliance.contract.ticks import TICKS_PER_S

PROMPT_TICKS = 50
SAMPLES_PER_TICK = 160


@dataclass(frozen=True)
class Habits:
    """Habits of people. Shares are of 1, times in seconds of box time (means of exponentials)."""

    calls_per_s: float = 0.5
    called: tuple[str, ...] = ("96900",)
    overlap: float = 0.0  # share of calls dialled digit by digit
    from_phones: float = 0.0  # share of calls that a phone begins
    phone_dials: tuple[str, ...] = ()
    restricted: float = 0.05
    keys: str = "1"
    key_s: float = 3.0
    patience_s: float = 120.0  # until a caller hangs up, whatever happens
    talk_s: float = 60.0
    ring_s: float = 4.0
    answers: float = 0.9  # share of rings that are answered; of the rest a quarter each: busy, refused, failed, never
    glare: float = 0.0
    key_noise: float = 0.0  # share of legs on which keys are pressed at odd moments


@dataclass(slots=True)
class Line:
    """A leg as the switch sees it."""

    line: str
    answered: bool = False
    clearing: bool = False
    playing: int = 0
    channel: int = 0
    phone: str = ""
    recordings: list[tuple[int, int]] = field(default_factory=list)  # number, tick of its begin


class CallSource:
    """Events of `channels` E1 channels and of the configured phones, in the order of time."""

    def __init__(self, rng: random.Random, config: BoxConfig, habits: Habits, channels: int = 30) -> None:
        self.rng = rng
        self.habits = habits
        self.now = 0
        self.offered = 0
        self.begun = 0
        self.blocked = 0
        self.lines: dict[int, Line] = {}
        self.accepting = True
        self._phones = {each.line: each.number for each in config.extension}
        self._numbers = [each.number for each in config.extension]
        self._busy: set[str] = set()
        self._free = list(range(channels, 0, -1))
        self._heap: list[tuple[int, int, m.AnyEvent | None]] = []
        self._bounded: dict[int, m.Recorded] = {}  # recordings that end by themselves, and how
        self._order = 0
        self._next_leg = 2
        self._orders: dict[type, Callable[[Line, Any], None]] = {
            m.Play: self._play,
            m.Hush: self._hush,
            m.Clear: self._clear,
            m.Answer: self._answer,
            m.Record: self._record,
        }
        self._happens: dict[type, Callable[[Line, Any], bool]] = {
            m.Cleared: self._clears,
            m.Played: self._plays,
            m.Answered: self._answers,
            m.Seized: self._moves,
        }
        self._put(self._after(1 / habits.calls_per_s), None)

    def next_tick(self) -> int | None:
        """Tick of the next event."""
        return self._heap[0][0] if self._heap else None

    def take(self) -> m.AnyEvent | None:
        """Take the next event; None: it came to nothing."""
        self.now, _, event = heappop(self._heap)
        if event is None:
            return self._call_begins()
        return event if self._still_true(event) else None

    def stop(self) -> None:
        """Begin no more calls."""
        self.accepting = False

    def drop_all(self) -> list[m.AnyEvent]:
        """The switch lets every leg go, as when its call server went away: what a replay tells of it."""
        events: list[m.AnyEvent] = []
        for leg, line in list(self.lines.items()):
            events += [self._recorded(*recording) for recording in line.recordings]
            self._gone(leg, line)
            events.append(m.Cleared(leg, m.Cause.TEMPORARY_FAILURE))
        self._heap = [each for each in self._heap if each[2] is None]
        heapify(self._heap)
        return events

    # --- commands -------------------------------------------------------------------------------------------------

    def execute(self, command: m.AnyCommand) -> None:
        """Do what call control asks; a command for a leg that is gone is ignored."""
        order = self._orders.get(type(command))
        if order is not None:
            line = self.lines.get(command.leg)  # type: ignore[union-attr]
            if line is not None:
                order(line, command)
        elif isinstance(command, m.Dial):
            self._dial(command)
        elif isinstance(command, m.StopRecord):
            self._stop_record(command.recording)

    def _play(self, line: Line, command: m.Play) -> None:
        line.playing = command.play
        if not command.loop:
            self._put(PROMPT_TICKS * len(command.sounds), m.Played(command.leg, command.play))

    def _hush(self, line: Line, _: m.Hush) -> None:
        line.playing = 0

    def _clear(self, line: Line, command: m.Clear) -> None:
        if not line.clearing:
            line.clearing = True
            self._put(int(6 * self.rng.random()), m.Cleared(command.leg, command.cause))

    def _record(self, line: Line, command: m.Record) -> None:
        line.recordings.append((command.recording, self.now))
        if command.longest_s:
            length = int(command.longest_s * self.rng.random() * TICKS_PER_S)
            self._bounded[command.recording] = ends = m.Recorded(command.recording, length * SAMPLES_PER_TICK)
            self._put(length, ends)

    def _stop_record(self, recording: int) -> None:
        for line in self.lines.values():
            for each in line.recordings:
                if each[0] == recording:
                    line.recordings.remove(each)
                    self._put(1, self._recorded(*each))
                    return

    def _dial(self, command: m.Dial) -> None:
        line = self.lines[command.leg] = Line(command.line)
        phone = self._phones.get(command.line, "")
        if phone and phone in self._busy:
            self._put(1, m.Cleared(command.leg, m.Cause.USER_BUSY))
            return
        if phone:
            line.phone = phone
            self._busy.add(phone)
        elif not self._seize(command.leg, line):
            return
        self._ring(command.leg)

    def _seize(self, leg: int, line: Line) -> bool:
        if not self._free:
            self._put(1, m.Cleared(leg, m.Cause.NO_CIRCUIT))
            return False
        line.channel = self._free.pop()
        self._put(1, m.Seized(leg, *_place(line.channel)))
        if self.rng.random() < self.habits.glare and self._free:
            self._put(2, m.Seized(leg, *_place(self._free[-1])))
        self._put(2, m.Proceeding(leg))
        return True

    def _ring(self, leg: int) -> None:
        rng, habits = self.rng, self.habits
        ring = 3 + self._after(habits.ring_s)
        if rng.random() < habits.answers:
            self._put(3, m.Alerting(leg, inband=rng.random() < 0.2))
            self._put(3 + ring, m.Answered(leg))
            return
        how = rng.randrange(4)
        if how:
            cause = (m.Cause.USER_BUSY, m.Cause.CALL_REJECTED, m.Cause.NETWORK_OUT_OF_ORDER)[how - 1]
            self._put(ring, m.Cleared(leg, cause))
        else:
            self._put(3, m.Alerting(leg))

    def _answer(self, line: Line, command: m.Answer) -> None:
        """The caller's half of a call that was answered: keys, and an end to patience."""
        if line.answered:
            return
        line.answered = True
        habits, rng, leg = self.habits, self.rng, command.leg
        self._put(self._after(habits.patience_s) + 1, m.Cleared(leg, m.Cause.NORMAL_CLEARING))
        if habits.keys and line.channel:
            self._put(PROMPT_TICKS + self._after(habits.key_s), m.Key(leg, rng.choice(habits.keys), 80))
        if rng.random() < habits.key_noise:
            for _ in range(rng.randint(1, 5)):
                self._put(self._after(5.0), m.Key(leg, rng.choice("0123456789*#"), 80))

    # --- events ---------------------------------------------------------------------------------------------------

    def _call_begins(self) -> m.AnyEvent | None:
        if not self.accepting:
            return None
        self._put(self._after(1 / self.habits.calls_per_s), None)
        self.offered += 1
        if self.rng.random() < self.habits.from_phones:
            return self._phone_calls()
        if not self._free:
            self.blocked += 1
            return None
        leg, line = self._new("pri:carrier")
        line.channel = self._free.pop()
        self._may_hang_up(leg)
        called, span, timeslot = self.rng.choice(self.habits.called), *_place(line.channel)
        caller = m.Party(f"138{leg % 10**8:08d}", "", m.Presentation(int(self.rng.random() < self.habits.restricted)))
        if self.rng.random() >= self.habits.overlap:
            return m.Incoming(leg, line.line, called, caller, span, timeslot)
        for at, digit in enumerate(called[1:], 1):
            self._put(at * self.rng.randint(1, 100), m.Digits(leg, digit))
        return m.Incoming(leg, line.line, called[:1], caller, span, timeslot, complete=False)

    def _phone_calls(self) -> m.AnyEvent | None:
        number = self.rng.choice(self._numbers)
        if number in self._busy:
            return None
        self._busy.add(number)
        leg, line = self._new("sip")
        line.phone = number
        self._may_hang_up(leg)
        return m.Incoming(leg, "sip", self.rng.choice(self.habits.phone_dials), m.Party(number))

    def _may_hang_up(self, leg: int) -> None:
        """A caller may also hang up before any answer."""
        self._put(self._after(self.habits.patience_s * 2) + 1, m.Cleared(leg, m.Cause.NORMAL_CLEARING))

    def _new(self, line: str) -> tuple[int, Line]:
        self.begun += 1
        leg = self._next_leg
        self._next_leg += 2
        self.lines[leg] = Line(line)
        return leg, self.lines[leg]

    def _still_true(self, event: m.AnyEvent) -> bool:
        """Return whether a planned event still happens; keep the lines' state."""
        kind = type(event)
        if kind is m.Recorded:
            return self._ends(event)  # type: ignore[arg-type]
        line = self.lines.get(event.leg)  # type: ignore[union-attr]
        if line is None:
            return False
        happens = self._happens.get(kind)
        return happens is None or happens(line, event)

    def _ends(self, event: m.Recorded) -> bool:
        """Return whether a recording ends now: one that ends by itself may have ended before."""
        if self._bounded.get(event.recording) is not event:
            return True
        for line in self.lines.values():
            for each in line.recordings:
                if each[0] == event.recording:
                    line.recordings.remove(each)
                    return True
        return False

    def _clears(self, line: Line, event: m.Cleared) -> bool:
        self._gone(event.leg, line)
        for recording in line.recordings:
            self._put(int(4 * self.rng.random()), self._recorded(*recording))
        return True

    def _plays(self, line: Line, event: m.Played) -> bool:
        return line.playing == event.play and not line.clearing

    def _answers(self, line: Line, event: m.Answered) -> bool:
        if line.answered:
            return False
        line.answered = True
        self._put(self._after(self.habits.talk_s) + 1, m.Cleared(event.leg, m.Cause.NORMAL_CLEARING))
        return True

    def _moves(self, line: Line, event: m.Seized) -> bool:
        """Glare: another channel than the first, if it is still free by now."""
        channel = (event.span - 1) * 31 + event.timeslot
        if channel == line.channel:
            return True
        if channel not in self._free or line.answered:
            return False
        self._free.remove(channel)
        self._free.append(line.channel)
        line.channel = channel
        return True

    def _recorded(self, number: int, begun: int) -> m.Recorded:
        return m.Recorded(number, (self.now - begun) * SAMPLES_PER_TICK)

    def _gone(self, leg: int, line: Line) -> None:
        del self.lines[leg]
        if line.channel:
            self._free.append(line.channel)
        self._busy.discard(line.phone)

    def _after(self, mean_s: float) -> int:
        return int(-mean_s * TICKS_PER_S * log(1.0 - self.rng.random())) + 1

    def _put(self, delay: int, event: m.AnyEvent | None) -> None:
        self._order = order = self._order + 1
        heappush(self._heap, (self.now + delay, order, event))


def _place(channel: int) -> tuple[int, int]:
    """Span and timeslot of a channel counted from 1."""
    return (channel - 1) // 31 + 1, (channel - 1) % 31 + 1
