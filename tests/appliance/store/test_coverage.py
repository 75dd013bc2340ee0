# SPDX-License-Identifier: GPL-2.0-or-later
"""Coverage: talks that should have a recording, and those that have one."""

from collections.abc import Iterator

import pytest

from appliance.contract.rows import Coverage
from appliance.store import coverage as module
from appliance.store.coverage import coverage
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

DAY_TICKS = 86_400 * 50
DECIDED = "INSERT INTO recording_decisions (call, decided, rule, wanted, announced) VALUES (?, 1, 'x', ?, 0)"


@pytest.fixture
def store() -> Iterator[Store]:
    """Fill books with a call a day."""
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq = 0
        for n in range(1, 9):
            seq = enter(store, queue_call(n, n * DAY_TICKS), seq)
        yield store


def test_all_are_wanted_where_the_rule_is_all_and_none_where_it_is_none(store: Store) -> None:
    books = store.reader()
    assert coverage(books, 0, 0, every=True) == Coverage(wanted=8, recorded=8, missing=())
    assert coverage(books, 0, 0, every=False) == Coverage(wanted=0, recorded=0, missing=())


def test_a_talk_without_a_recording_or_with_an_empty_one_is_missing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    books = store.reader()
    books.execute("DELETE FROM recordings WHERE call = 3")
    books.execute("UPDATE recordings SET samples = 0, error = 'disk full' WHERE call = 5")
    assert coverage(books, 0, 0, every=True) == Coverage(wanted=8, recorded=6, missing=(5, 3))
    monkeypatch.setattr(module, "MAX_LISTED", 1)
    assert coverage(books, 0, 0, every=True) == Coverage(wanted=8, recorded=6, missing=(5,))


def test_decisions_of_rules_come_before_the_general_one(store: Store) -> None:
    books = store.reader()
    books.execute("DELETE FROM recordings WHERE call IN (2, 4)")
    books.execute(DECIDED, (2, 0))
    books.execute(DECIDED, (4, 1))
    books.execute(DECIDED, (6, 1))
    assert coverage(books, 0, 0, every=True) == Coverage(wanted=7, recorded=6, missing=(4,))
    assert coverage(books, 0, 0, every=False) == Coverage(wanted=2, recorded=1, missing=(4,))


def test_a_call_in_which_no_person_talked_is_not_counted(store: Store) -> None:
    books = store.reader()
    books.execute("DELETE FROM segments WHERE call = 1 AND kind = 'talk'")
    assert coverage(books, 0, 0, every=True).wanted == 7


def test_a_period_counts_its_calls_alone(store: Store) -> None:
    books = store.reader()
    starts = [at for (at,) in books.execute("SELECT started_at FROM calls ORDER BY call")]
    for first in range(8):
        for last in range(first, 8):
            assert coverage(books, starts[first], starts[last], every=True).wanted == last - first
        assert coverage(books, starts[first], 0, every=True).wanted == 8 - first
