# SPDX-License-Identifier: GPL-2.0-or-later
"""Two PRI cards on one line: calls of both ends while channels are restarted and the data link is set up anew."""

import random
from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
import pytest

from appliance.config.model import SpanConfig
from appliance.contract.switch import (
    Alert,
    Answer,
    Answered,
    AnyEvent,
    Clear,
    Cleared,
    Dial,
    Digits,
    Incoming,
    Proceed,
)
from appliance.switch.lines.card import LineCommand
from appliance.switch.lines.pri.card import PriCard
from drivers.pri import Side
from drivers.sim import SimLine
from drivers.span import TICK_SAMPLES, TIMESLOTS, Span

NORMAL, BUSY, NO_CIRCUIT, TEMPORARY_FAILURE, CHANNEL_TAKEN = 16, 17, 34, 41, 44
UNHEARD = {18, 19, 27, 31, 38, 81, 102}
"""Causes where messages are lost with the data link: its end, timers (T301 to T313), what the far end does not know."""

Commands = Sequence[LineCommand]


class End:
    """A card with calls in and out: what happens to them, and when, is up to chance."""

    def __init__(self, side: Side, span: Span, rng: random.Random, *, overlap: bool) -> None:
        config = SpanConfig(address=span.address, side=side, overlap=overlap)
        self._odd, even = count(1, 2), count(2, 2)
        self.card = PriCard(1, span, config, even.__next__)
        self.ends: dict[int, list[int]] = {}
        self.answered: set[int] = set()
        self.dialled: set[int] = set()
        self._rng = rng
        self._due: list[tuple[int, LineCommand]] = []
        self._sound = np.zeros((TIMESLOTS, TICK_SAMPLES), np.float32)

    @property
    def idle(self) -> bool:
        """Tell whether no call and no channel is left, at the card and in its D channel."""
        card = self.card
        held = card._legs or card._by_call or card._channels.in_use or card._link.calls
        return not held and not card._channels.taken.any()

    def causes(self, *, dialled: bool, answered: bool = False) -> set[int]:
        """Return the causes of all ends of legs, dialled or incoming, answered or not."""
        legs = [leg for leg in self.ends if (leg in self.dialled, leg in self.answered) == (dialled, answered)]
        return {cause for leg in legs for cause in self.ends[leg]}

    def dial(self, now: int) -> None:
        leg = next(self._odd)
        self.ends[leg] = []
        self.dialled.add(leg)
        self.card.execute(Dial(leg, self.card.line, "95555"), now)
        if self._rng.random() < 0.2:
            self._due.append((now + self._rng.randrange(6), Clear(leg)))

    def tick(self, now: int) -> None:
        card = self.card
        card.receive(self._sound)
        for event in card.signal(now):
            self._heard(event, now)
        for at, command in [due for due in self._due if due[0] <= now]:
            self._due.remove((at, command))
            card.execute(command, now)
        card.transmit(self._sound)

    def _heard(self, event: AnyEvent, now: int) -> None:
        if isinstance(event, Incoming):
            self.ends[event.leg] = []
            if event.complete or self._rng.random() < 0.5:
                self._follow(self._plan(event.leg), now)
        elif isinstance(event, Digits) and event.complete:
            self._follow(self._plan(event.leg), now)
        elif isinstance(event, Answered):
            self.answered.add(event.leg)
            self._due.append((now + self._rng.randrange(20), Clear(event.leg)))
        elif isinstance(event, Cleared):
            self.ends[event.leg].append(event.cause)

    def _plan(self, leg: int) -> Commands:
        if self._rng.random() < 0.2:
            return [Clear(leg, BUSY)]
        whole: Commands = [Proceed(leg), Alert(leg), Answer(leg)]
        return whole[self._rng.randrange(3) :]

    def _follow(self, plan: Commands, now: int) -> None:
        for command in plan:
            now += self._rng.choice([0, 1, 1, 5])
            self._due.append((now, command))


class Line:
    """Both ends of a line, tick by tick."""

    def __init__(self, seed: int, *, overlap: bool) -> None:
        self.rng = random.Random(seed)
        near, far = SimLine().ends()
        self.user = End("user", near, self.rng, overlap=overlap)
        self.network = End("network", far, self.rng, overlap=overlap)
        self.ends = self.user, self.network
        self.now = 100_000
        while not all(end.card.has_room(end.card.line) for end in self.ends):
            self.tick()

    def tick(self) -> None:
        self.now += 1
        for end in self.ends:
            end.tick(self.now)

    def busy(self, ticks: int, calls_a_tick: float, restarts_a_tick: float) -> None:
        """Let each end call, and restart all its idle channels, at these rates."""
        for _ in range(ticks):
            for end in self.ends:
                if self.rng.random() < restarts_a_tick:
                    end.card.restart()
                if self.rng.random() < calls_a_tick:
                    end.dial(self.now)
            self.tick()

    def set_up_anew(self) -> None:
        """Give both ends a SABME of the other: frames on their way are out of sequence then."""
        self.user.card._link.receive(b"\x02\x01\x7f")
        self.network.card._link.receive(b"\x00\x01\x7f")

    def settle(self, most_s: float) -> None:
        """Tick until all calls are over; check that each leg ended once and nothing is left."""
        for _ in range(round(most_s * 50)):
            if all(end.idle for end in self.ends):
                break
            self.tick()
        assert [end.idle for end in self.ends] == [True, True], "a call or a channel is left"
        for end in self.ends:
            assert {leg: causes for leg, causes in end.ends.items() if len(causes) != 1} == {}

    def close(self) -> None:
        for end in self.ends:
            end.card.close()


def line(seed: int, *, overlap: bool = False) -> Iterator[Line]:
    made = Line(seed, overlap=overlap)
    yield made
    made.close()


@pytest.fixture(params=range(3))
def en_bloc(request: pytest.FixtureRequest) -> Iterator[Line]:
    yield from line(request.param)


@pytest.fixture(params=range(3))
def digits(request: pytest.FixtureRequest) -> Iterator[Line]:
    yield from line(request.param, overlap=True)


def test_no_call_is_lost_to_restarts_that_it_crosses(en_bloc: Line) -> None:
    """A call whose channel is being restarted gets another channel; its leg is told nothing else."""
    en_bloc.busy(2000, calls_a_tick=0.3, restarts_a_tick=0.02)
    en_bloc.settle(20)
    for end in en_bloc.ends:
        assert end.causes(dialled=True) == {NORMAL, BUSY}
        assert end.causes(dialled=True, answered=True) == {NORMAL}
        assert end.causes(dialled=False) <= {NORMAL, BUSY, CHANNEL_TAKEN, TEMPORARY_FAILURE}
        assert len(end.answered) > 200


def test_a_line_that_is_full_loses_no_call_to_restarts_either(en_bloc: Line) -> None:
    """Only cause 34 is added, where no channel is free; no talk is cut."""
    en_bloc.busy(1500, calls_a_tick=0.8, restarts_a_tick=0.05)
    en_bloc.settle(20)
    for end in en_bloc.ends:
        assert end.causes(dialled=True) == {NORMAL, BUSY, NO_CIRCUIT}
        assert end.causes(dialled=True, answered=True) == {NORMAL}
        assert len(end.answered) > 100


def test_calls_end_for_a_reason_when_the_link_is_set_up_anew_under_them(digits: Line) -> None:
    """In any state, with restarts beside them."""
    for _ in range(15):
        digits.busy(digits.rng.randrange(150), calls_a_tick=0.1, restarts_a_tick=0.01)
        digits.set_up_anew()
    digits.settle(300)
    for end in digits.ends:
        told = end.causes(dialled=True) | end.causes(dialled=False)
        assert told <= {NORMAL, BUSY, CHANNEL_TAKEN, TEMPORARY_FAILURE, *UNHEARD}
        assert TEMPORARY_FAILURE in told, "calls that wait for digits"
        assert end.causes(dialled=True, answered=True) <= {NORMAL}
    digits.busy(100, calls_a_tick=0.1, restarts_a_tick=0.0)
    digits.settle(60)
