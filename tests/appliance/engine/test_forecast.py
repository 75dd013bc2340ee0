# SPDX-License-Identifier: GPL-2.0-or-later
"""Forecasts of waits: by departures of late, by the time that calls take, and what callers and the books are told."""

import random
from typing import Any

import pytest

from appliance.config.model import BoxConfig
from appliance.config.queues import QueueConfig
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.ticks import ticks
from appliance.engine.engine import Step
from appliance.engine.parts.entries import Entry
from appliance.engine.parts.forecast import ENOUGH, WINDOW, Forecast
from appliance.engine.parts.queues import Queue
from appliance.store.forecasts import forecasts
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import Box, config


def _steady(forecast: Forecast, every: int, departures: int, *, served: bool = True) -> int:
    """Let one caller leave so often while others wait; return the tick of the last one."""
    forecast.note(0, 5)
    for n in range(1, departures + 1):
        forecast.left(n * every, 5, served=served)
    return departures * every


def test_the_wait_is_the_place_times_the_time_between_two_departures() -> None:
    forecast = Forecast()
    now = _steady(forecast, 600, ENOUGH)
    assert [forecast.wait(place, now, ()) for place in (1, 2, 10)] == [600, 1200, 6000]


def test_too_few_departures_or_too_old_ones_tell_nothing() -> None:
    forecast = Forecast()
    now = _steady(forecast, 600, ENOUGH - 1)
    assert forecast.wait(1, now, ()) is None
    forecast.left(now + 600, 5, served=True)
    assert forecast.wait(1, now + 600, ()) == 600
    assert forecast.wait(1, now + 600 + WINDOW, ()) is None


def test_time_without_anybody_waiting_does_not_count() -> None:
    forecast = Forecast()
    now = 0
    for _ in range(ENOUGH):
        forecast.note(now, 1)
        now += 500
        forecast.left(now, 0, served=True)
        now += 4000
    assert forecast.wait(1, now, ()) == 500


def test_those_before_who_give_up_shorten_the_wait() -> None:
    forecast = Forecast()
    forecast.note(0, 4)
    for n in range(1, 21):  # one of two is served, each 1000 ticks; each of four gives up once in 4000
        forecast.left(n * 500, 4, served=n % 2 == 0)
    waits = [forecast.wait(place, 10_000, ()) or 0 for place in (1, 2, 5)]
    assert 900 < waits[0] < 1100
    assert 1600 < waits[1] < 1.9 * waits[0]
    assert waits[2] < 4 * waits[0]


def test_callers_who_only_gave_up_tell_nothing() -> None:
    forecast = Forecast()
    assert forecast.wait(1, _steady(forecast, 600, ENOUGH, served=False), ()) is None


def test_callers_who_need_a_rare_skill_are_told_how_fast_those_like_them_are_served() -> None:
    queue, rare, common = Queue(QueueConfig(name="sales"), ()), {"chinese": 1}, {"english": 1}
    entries = [Entry(n, n, n, rare if n % 5 == 0 else common) for n in range(1, 101)]
    for entry in entries:
        queue.admit(entry)
    kinds = {
        "rare": [each for each in entries if each.needs == rare],
        "common": [each for each in entries if each.needs != rare],
    }
    for n in range(1, 61):
        queue.dismiss(kinds["common"].pop(0), n * 500, served=True)
        if n % 4 == 0:
            queue.dismiss(kinds["rare"].pop(0), n * 500, served=True)
    now = 60 * 500
    assert queue.further(kinds["common"][1], now) == pytest.approx(2 * 500, rel=0.05)
    assert queue.further(kinds["rare"][1], now) == pytest.approx(2 * 2000, rel=0.05)
    anybody = Entry(200, now, now)
    queue.admit(anybody)
    assert anybody.predicted == pytest.approx(26 * 400, rel=0.05), "all who are before, at the pace of all"


# --- through the engine


def _box(agents: int = 1, **queue: Any) -> Box:
    names = [f"10{n + 1}" for n in range(agents)]
    sales = {"name": "sales", "agents": names, "announce_agent": False, "wrap_up_s": 10, "max_wait_s": 0, **queue}
    return Box(config(queue=[{"max_length": 100, "announce_position_every_s": 0, **sales}]))


def _talks(box: Box, seconds: float) -> None:
    a, b = box.to_queue(), box.asked(m.Dial).leg
    box.tell(m.Answered(b))
    box.wait(seconds)
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
    box.wait(10.1)


def test_the_books_are_told_the_forecast_and_none_where_nothing_tells() -> None:
    box = _box()
    box.to_queue()
    assert box.wrote(r.QueueEntered).predicted == 0, "an agent is free"
    box.to_queue()
    assert box.wrote(r.QueueEntered).predicted is None, "no call has ended yet"


def test_without_departures_the_time_that_a_call_takes_decides() -> None:
    box = _box(agents=2)
    for _ in range(4):
        _talks(box, 50)
    box.to_queue(), box.to_queue()
    for place in (1, 2):
        box.to_queue()
        predicted = box.wrote(r.QueueEntered).predicted
        assert predicted == pytest.approx(place * ticks(60) / 2, rel=0.01), "two agents need 60 s for a call"


@pytest.mark.parametrize(
    ("talk_s", "words"), [(20, ("number-1", "queue-minute")), (111, ("number-3", "queue-minutes"))]
)
def test_the_expected_wait_is_said_in_whole_minutes_rounded_up_and_never_less_than_one(
    talk_s: float, words: tuple[str, ...]
) -> None:
    box = _box(announce_wait=True)
    _talks(box, talk_s)
    box.to_queue()
    assert "queue-wait" not in str(box.commands), "an agent is free"
    box.to_queue()
    said = box.asked(m.Play).sounds
    assert said[-3:] == tuple(f"prompt:en/{name}" for name in ("queue-wait", *words))


def test_no_wait_is_said_that_nothing_tells() -> None:
    box = _box(announce_wait=True)
    box.to_queue(), box.to_queue()
    assert "queue-wait" not in str(box.commands)


def test_texts_are_said_in_turn_halfway_between_two_positions() -> None:
    box = _box(announce_position_every_s=30, announce_texts=["first", "second"])
    box.to_queue()
    a = box.to_queue()
    said = []
    for _ in range(5):
        box.played(a)
        box.wait(15)
        said += [c.sounds[0] for c in box.commands if isinstance(c, m.Play) and c.leg == a]
    names = ("first", "queue-position", "second", "queue-position", "first")
    assert said == [f"prompt:en/{name}" for name in names]


class Kept(Box):
    """A box that keeps its books."""

    def __init__(self, settings: BoxConfig) -> None:
        self.store, self.steps = Store.in_memory(lockstep_wall(0)), 0
        super().__init__(settings)

    def did(self, step: Step) -> Step:
        self.steps += 1
        self.store.apply(self.steps, self.now, step.records)
        return super().did(step)


AGENTS = [f"1{n:02}" for n in range(1, 13)]


def _busy_day(seed: int, patience_s: float) -> Kept:
    """Let more callers come than twelve agents can serve for two hours; some give up."""
    queue = {"name": "sales", "agents": AGENTS, "announce_agent": False, "wrap_up_s": 0, "max_wait_s": 0}
    more = {"max_length": 1000, "ring_s": 600, "announce_position_every_s": 0}
    phones = [{"number": f"8{n}", "line": f"station:8{n}"} for n in AGENTS]
    staff = [{"number": n, "extension": f"8{n}", "start": "ready"} for n in AGENTS]
    rng, box = random.Random(seed), Kept(config(queue=[{**queue, **more}], agent=staff, extension=phones))
    leave: dict[int, int] = {}  # tick at which each caller gives up, or ends the talk
    due = 0
    while box.now < ticks(2 * 3600):
        box.wait((min([due, *leave.values()]) - box.now) / 50)
        if box.now >= due:
            leave[box.to_queue()] = box.now + ticks(rng.expovariate(1 / patience_s)) + 1
            due = box.now + ticks(rng.expovariate(1 / 13)) + 1
        for a in [a for a, end in leave.items() if end <= box.now]:
            del leave[a]
            _gone(box, a)
        rung = [leg for leg in box.engine._board.legs.values() if leg.offer is not None and not leg.answered]
        for leg in rung:
            box.tell(m.Answered(leg.number))
            leave[leg.call.activity.parties()[0].number] = box.now + ticks(rng.lognormvariate(5.0, 0.6)) + 1
    return box


def _gone(box: Kept, a: int) -> None:
    """Clear a caller, and the agent in the same talk."""
    legs = [*box.engine._board.legs[a].call.legs]
    box.tell(*[m.Cleared(leg, 16) for leg in legs])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_median_error_of_waits_above_a_minute_is_small_on_a_busy_day(seed: int) -> None:
    books = _busy_day(seed, patience_s=600).store.reader()
    (row,) = forecasts(books, 0, 0)
    assert row.waits > 100
    assert row.predicted > 0.9 * row.waits
    assert row.error < 0.3
    assert row.predicted_s == pytest.approx(row.waited_s, rel=0.2)
    assert not forecasts(books, 0, 0, "service")
