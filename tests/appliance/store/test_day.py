# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of a day are those that one counts in the calls one by one; how fast files grow; one call whole."""

import time
from collections.abc import Iterator

import pytest

from appliance.contract import records as r
from appliance.contract.rtp import Rtp
from appliance.contract.views import QueueView, Watch
from appliance.store.day import Day
from appliance.store.growth import DAY_MS, growth
from appliance.store.store import Store
from appliance.store.whole_call import WholeCall
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call
from tests.appliance.store.test_totals import abandoned

HOUR_TICKS = 3600 * 50
MIDNIGHT = EPOCH_MS // DAY_MS * DAY_MS
VIEW = QueueView("hotline", (), 0, 0, 0, target_s=3.0, watch=Watch(service_level=(80, 70)))


@pytest.fixture(autouse=True)
def in_greenwich(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def store() -> Iterator[Store]:
    """Fill books that begin at midnight: a call every two hours for three days, every fifth hung up in the queue."""
    with Store.in_memory(lockstep_wall(MIDNIGHT)) as store:
        seq = 0
        for n in range(1, 37):
            start = (n - 1) * 2 * HOUR_TICKS
            seq = enter(store, abandoned(n, start) if n % 5 == 0 else queue_call(n, start, agent=f"800{n % 3}"), seq)
        yield store


def day(store: Store, number: int) -> Day:
    begin = MIDNIGHT + number * DAY_MS
    return Day(store.reader(), begin, begin + DAY_MS)


def test_calls_by_hour_add_up_to_the_day(store: Store) -> None:
    for number in range(3):
        box, hours = day(store, number).box()
        begun = range(12 * number + 1, 12 * number + 13)
        left = [n for n in begun if n % 5 == 0]
        assert (box.calls, box.abandoned, box.answered, box.lost) == (12, len(left), 12 - len(left), len(left))
        assert [hour.hour for hour in hours] == list(range(0, 24, 2))
        assert [bool(hour.abandoned) for hour in hours] == [n % 5 == 0 for n in begun]
        assert sum(hour.calls for hour in hours) == box.calls
        assert box.talk_s == 24.0 * box.answered


def test_service_level_counts_whom_the_target_was_kept_for(store: Store) -> None:
    (queue,) = day(store, 0).queues([VIEW])
    assert (queue.queue, queue.entered, queue.answered, queue.abandoned) == ("hotline", 12, 10, 2)
    waits = store.reader().execute("SELECT left - entered FROM queue_entries WHERE reason = 'answered'").fetchall()
    kept = sum(wait <= 150 for (wait,) in waits[:10])
    early = 2  # hung up within 3 s: nobody could have answered
    assert queue.in_time == kept
    assert queue.service_level == round(kept / (12 - early), 3)
    assert queue.colour == ("" if kept == 10 else "red")
    assert queue.longest_s >= queue.wait_s > 0


def test_a_queue_without_callers_has_no_service_level(store: Store) -> None:
    (queue,) = day(store, 0).queues([QueueView("other", (), 0, 0, 0, target_s=20.0)])
    assert (queue.entered, queue.service_level, queue.colour) == (0, None, "")


def test_agents_of_the_day_have_their_answers_and_their_talk(store: Store) -> None:
    agents = {each.agent: each for each in day(store, 1).agents()}
    assert sum(each.answered for each in agents.values()) == 10 == sum(n % 5 > 0 for n in range(13, 25))
    assert {each.talk_s / each.answered for each in agents.values()} == {24.0}


def test_a_day_without_calls_is_zero(store: Store) -> None:
    box, hours = day(store, 40).box()
    assert (box.calls, box.lost, box.talk_s, hours) == (0, 0, 0.0, ())
    assert list(day(store, 40).agents()) == []


def test_recordings_of_the_last_week_tell_how_fast_files_grow(store: Store) -> None:
    now = MIDNIGHT + 3 * DAY_MS
    samples = store.reader().execute("SELECT sum(samples) FROM recordings").fetchone()[0]
    found = growth(store.reader(), now, 30_000, 0)
    assert found is not None
    assert (found.books, found.recordings) == (10_000, round(samples * 2 / 3))
    store.note_deleted([1, 2], now - 1000)
    gone = store.reader().execute("SELECT sum(samples) FROM recordings WHERE recording IN (1, 2)").fetchone()[0]
    later = growth(store.reader(), now, 30_000, 2)
    assert later is not None
    assert (later.books, later.recordings) == (0, round((samples - gone) * 2 / 3))
    assert growth(store.reader(), MIDNIGHT + DAY_MS // 2, 30_000, 0) is None


def test_a_call_is_told_whole(store: Store) -> None:
    whole = WholeCall(store.reader(), 1)
    caller, agent = whole.stays()
    assert (caller.role, caller.from_s, caller.answered_s, caller.cause) == ("caller", 0.0, 0.0, 16)
    assert [(channel.span, channel.timeslot, channel.from_s) for channel in caller.channels] == [(1, 1, 0.0)]
    assert (agent.agent, agent.channels) == ("8001", ())
    assert [segment.kind for segment in whole.segments()] == ["flow", "queue", "talk"]
    (key,) = whole.keys()
    assert (key.key, key.node, key.accepted, key.at_s) == ("1", "menu", True, 4.0)
    (wait,) = whole.waits()
    assert (wait.queue, wait.from_s, wait.reason) == ("hotline", 5.0, "answered")
    (offer,) = whole.offers()
    assert (offer.agent, offer.result, offer.from_s) == ("8001", "answered", 8.0)
    assert sorted(whole.legs()) == [1, 2]


def test_the_quality_of_a_legs_sound_is_kept() -> None:
    packets = Rtp("PCMA", 990, 10, 0, 2.0, 8.0, 40.0, 1000, far_lost=0, round_trip_ms=12.0)
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        events = queue_call(1)
        for _tick, told in events:
            told[:] = [
                r.LegClosed(each.leg, each.call, each.cause, rtp=packets)
                if isinstance(each, r.LegClosed) and each.leg == 1
                else each
                for each in told
            ]
        enter(store, events)
        quality = {stay.leg: stay.rtp for stay in WholeCall(store.reader(), 1).stays()}
    assert quality[2] is None
    assert quality[1] is not None
    assert (quality[1].packets, quality[1].loss, quality[1].far_loss) == (packets, 0.01, 0.0)
