# SPDX-License-Identifier: GPL-2.0-or-later
"""Acts of supervisors in the books: found by agent, by extension or user, by call and time; kept with their calls."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.store.ledger import Ledger
from appliance.store.store import Store
from appliance.store.supervision import acts
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

ANY: dict[str, Any] = {"since": 0, "until": 0, "agent": "", "by": "", "call": 0, "before": 0, "limit": 50}


@pytest.fixture
def store() -> Store:
    made = Store.in_memory(lockstep_wall(EPOCH_MS))
    enter(made, queue_call(1))
    enter(made, queue_call(2, 2000), 20)
    said = [
        r.SupervisorActed(1, "listen", "1009", "8001"),
        r.SupervisorActed(1, "transfer", "1009", "8001", "1005", "lina"),
        r.SupervisorActed(2, "move", "", "", "1", "wang"),
    ]
    for n, record in enumerate(said):
        made.apply(100 + n, 4000 + 50 * n, [record])
    return made


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [3, 2, 1]),
        ({"agent": "8001"}, [2, 1]),
        ({"by": "1009"}, [2, 1]),
        ({"by": "wang"}, [3]),
        ({"call": 2}, [3]),
        ({"before": 3, "limit": 1}, [2]),
        ({"since": EPOCH_MS + 4050 * 20}, [3, 2]),
        ({"until": EPOCH_MS + 4050 * 20}, [1]),
    ],
)
def test_acts_are_found_newest_first(store: Store, asked: dict[str, Any], found: list[int]) -> None:
    assert [row.number for row in acts(store.reader(), **(ANY | asked))] == found


def test_a_row_tells_who_did_what_where(store: Store) -> None:
    row = acts(store.reader(), **ANY)[1]
    assert (row.call, row.act, row.extension, row.agent, row.what, row.asked_by) == (
        *(1, "transfer", "1009", "8001", "1005", "lina"),
    )
    assert (row.started_at, row.caller) == (EPOCH_MS + 4050 * 20, "13800130001")


def test_a_supervisor_of_whom_the_books_say_nothing_is_named_by_the_ledger(store: Store) -> None:
    leg: list[r.AnyRecord] = [r.LegOpened(91, 3, "sip:1009@x", "supervisor", "1009"), r.LegAnswered(91, 3)]
    enter(store, queue_call(3, 6000), 200)
    books = store.reader()
    store.apply(300, 9000, leg)
    found = Ledger(books, None, "none").check().found
    assert found["supervisor_unnamed"] == 1
    store.apply(301, 9000, [r.SupervisorActed(3, "listen", "1009", "8001")])
    assert "supervisor_unnamed" not in Ledger(books, None, "none").check().found
