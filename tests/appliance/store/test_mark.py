# SPDX-License-Identifier: GPL-2.0-or-later
"""The mark: a start that reads from it finds the same as a search through all the books."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from appliance.contract import records as r
from appliance.store import mark
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, queue_call

CALLS = 40


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(mark, "INTERVAL_CALLS", 4)
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        yield store


def one(store: Store, sql: str) -> int:
    return int(store.reader().execute(sql).fetchone()[0])


def column(store: Store, sql: str) -> list[Any]:
    return [number for (number,) in store.reader().execute(sql)]


def assert_as_all_the_books(store: Store) -> None:
    books = store.open_books()
    assert list(books.calls) == column(store, "SELECT call FROM calls WHERE closed IS NULL ORDER BY call")
    assert [leg.leg for leg in books.legs] == column(
        store, "SELECT leg FROM legs WHERE closed IS NULL ORDER BY opened, leg"
    )
    assert [each.segment for each in books.segments] == column(
        store, "SELECT segment FROM segments WHERE closed IS NULL ORDER BY segment"
    )
    assert [each.offer for each in books.offers] == column(
        store, "SELECT offer FROM offers WHERE ended IS NULL ORDER BY offer"
    )
    assert [each.recording for each in books.recordings] == column(
        store, "SELECT recording FROM recordings WHERE closed IS NULL ORDER BY recording"
    )
    assert books.next_segment == one(store, "SELECT max(segment) + 1 FROM segments")
    assert books.next_offer == one(store, "SELECT coalesce(max(offer), 0) + 1 FROM offers")
    assert books.next_leg == one(store, "SELECT coalesce(max(leg) FILTER (WHERE leg % 2 = 1) + 2, 1) FROM legs")
    newest = "SELECT agent || status || state FROM agent_states GROUP BY agent HAVING change = max(change)"
    assert {a.agent + a.status + a.state for a in books.agents} == set(column(store, newest))


@pytest.mark.parametrize("seed", range(3))
def test_calls_that_cross_one_another(store: Store, seed: int) -> None:
    """Events of many calls in order of time, begun at random moments: some last while many others begin and end."""
    chance = random.Random(seed)
    events = []
    for n in range(1, CALLS + 1):
        stretch = chance.choice((1, 1, 1, 4))
        begin = 600 * n
        for i, (tick, records) in enumerate(queue_call(n, agent=f"{8001 + n % 7}")):
            events.append((begin + stretch * tick, n, i, records))
    for seq, (tick, _n, _i, records) in enumerate(sorted(events, key=lambda event: event[:3]), 1):
        store.apply(seq, tick, records)
        if seq % 7 == 0:
            assert_as_all_the_books(store)
    assert_as_all_the_books(store)
    assert one(store, "SELECT call FROM mark") > CALLS // 4


def test_a_recording_that_outlives_its_call_holds_the_mark(store: Store) -> None:
    for n in range(1, 20):
        for i, (tick, records) in enumerate(queue_call(n, 3000 * n)):
            if (n, i) != (2, 7):  # the disk is slow: RecordingClosed of call 2 is still to come
                store.apply(None, tick, records)
    assert one(store, "SELECT call FROM mark") == 2
    assert [each.recording for each in store.open_books().recordings] == [2]
    store.apply(None, 70_000, [r.RecordingClosed(2, 160)])
    store.apply(None, 70_000, queue_call(20)[0][1])
    assert one(store, "SELECT call FROM mark") == 20


def test_a_start_reads_no_table_from_end_to_end(store: Store) -> None:
    asked: list[str] = []
    connection = store.reader()
    connection.set_trace_callback(asked.append)
    store.open_books()
    connection.set_trace_callback(None)
    assert len(asked) > 10
    steps = {step for sql in asked for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}")}
    read_whole = {step for step in steps if step.startswith("SCAN")}
    small = {"SCAN mark", "SCAN agents_at_mark", "SCAN settings", "SCAN pin_counts", "SCAN (subquery-3)"}
    small |= {"SCAN plans_by_hand", "SCAN duty_slots", "SCAN c USING INDEX callbacks_waiting"}  # those that wait
    assert read_whole <= small
