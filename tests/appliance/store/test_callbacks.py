# SPDX-License-Identifier: GPL-2.0-or-later
"""Call-backs in the books: found by any filter, counted by queue, read again at a start, held by the ledger."""

from collections.abc import Iterator
from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract.books import OpenCallBack
from appliance.contract.callbacks import CallBackTotal
from appliance.store import archive
from appliance.store.callbacks import asked_in, callbacks, totals
from appliance.store.ledger import Ledger
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

DAY_TICKS = 86_400 * 50
AFTER = 100 * DAY_TICKS


@pytest.fixture
def store() -> Iterator[Store]:
    """Fill books with a call a day; the first three ordered call-backs, calls 4 and 5 are tries of the first."""
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq = 0
        for n in range(1, 6):
            seq = enter(store, queue_call(n, n * DAY_TICKS), seq)
        orders = [
            r.CallBackAsked(n, n, queue, f"1380000000{n}", 50 * n, 40, AFTER, "zh", {"a": n})
            for n, queue in ((1, "hotline"), (2, "hotline"), (3, "sales"))
        ]  # fmt: skip
        tries: list[r.AnyRecord] = [
            r.CallBackTried(1, 4, "hotline"), r.CallBackMissed(1, 4, "busy", 777), r.CallBackTried(1, 5, "hotline"),
            r.CallBackEnded(1, "reached", "", 5), r.CallBackMoved(2, -9), r.CallBackEnded(3, "cancelled", "by_person"),
        ]  # fmt: skip
        for n, record in enumerate((*orders, *tries), 1):
            store.apply(seq + n, 6 * DAY_TICKS + n, [record])
        yield store


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [3, 2, 1]),
        ({"queue": "hotline"}, [2, 1]),
        ({"number": "13800000002"}, [2]),
        ({"call": 1}, [1]),
        ({"call": 5}, [1]),
        ({"waits": True}, [2]),
        ({"before": 3, "limit": 1}, [2]),
        ({"since": EPOCH_MS + 7 * 86_400_000}, []),
    ],
)
def test_call_backs_are_found_by_any_filter_newest_first(store: Store, asked: dict[str, Any], found: list[int]) -> None:
    assert [row.callback for row in callbacks(store.reader(), **{"limit": 50, **asked})] == found


def test_a_row_says_how_it_went(store: Store) -> None:
    row = callbacks(store.reader(), 1, call=1)[0]
    assert (row.call, row.number, row.tries, row.result, row.reached_call, row.calls) == (
        1, "13800000001", 1, "reached", 5, "4 5",
    )  # fmt: skip
    assert row.ended_at > row.started_at
    assert [asked_in(store.reader(), call) for call in (4, 5, 2)] == [1, 1, 2]


def test_totals_count_each_way_of_ending(store: Store) -> None:
    assert totals(store.reader()) == (
        CallBackTotal("hotline", 2, 1, 0, 0, 1),
        CallBackTotal("sales", 1, 0, 0, 1, 0),
    )
    assert totals(store.reader(), EPOCH_MS + 7 * 86_400_000) == ()


def test_a_start_finds_what_waits_with_its_place_and_tries(store: Store) -> None:
    store.apply(900, 6 * DAY_TICKS + 60, [r.CallBackTried(2, 3, "hotline")])
    books = store.open_books()
    assert books.callbacks == (
        OpenCallBack(2, 2, "hotline", "13800000002", -9, 40, AFTER, "zh", '{"a":2}', 0, 0, 3),
    )  # fmt: skip
    assert books.next_callback == 4


def test_numbers_are_not_used_again_when_the_newest_left_the_books(store: Store) -> None:
    assert {"callbacks", "callback_tries"} <= {*archive.OF_CALLS}
    store.reader().execute("DELETE FROM callbacks")
    assert store.open_books().next_callback == 4


PLANTED = [
    ("callback_unaccounted", "UPDATE callbacks SET ended = NULL WHERE callback = 3", "call-back 3 of queue sales"),
    ("callback_unaccounted", "UPDATE callbacks SET expires = 5 WHERE callback = 2", "call-back 2 of queue hotline"),
    ("callback_unaccounted", "UPDATE callbacks SET reached = 4 WHERE callback = 1", "call-back 1 of queue hotline"),
    ("callback_lost", "UPDATE queue_entries SET reason = 'call_back' WHERE call = 4", "queue hotline, call 4"),
    ("callback_try_outlives_call", "UPDATE callback_tries SET call = 99 WHERE call = 4", "call-back 1, call 99"),
]


@pytest.mark.parametrize(("rule", "sql", "where"), PLANTED)
def test_a_call_back_that_is_not_accounted_for_is_named(store: Store, rule: str, sql: str, where: str) -> None:
    books = store.reader()
    assert not [each for each in Ledger(books).check().findings if each.rule.startswith("callback")]
    assert books.execute(sql).rowcount == 1
    assert where in [each.where for each in Ledger(books).check().findings if each.rule == rule]
