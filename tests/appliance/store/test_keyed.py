# SPDX-License-Identifier: GPL-2.0-or-later
"""What agents keyed in is found by any filter, says what was corrected, and leaves the books with its call."""

from collections.abc import Iterator
from typing import Any

import pytest

from appliance.contract import records as r
from appliance.store.keyed import keyed
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

CALLER = "13800130001"
ROWS = (
    r.DataKeyed(1, "pickup", "4711", True, "8001", "hotline", CALLER),
    r.DataKeyed(1, "result", "3", True, "8001", "hotline", CALLER),
    r.DataKeyed(1, "pickup", "47", False, "8001", "hotline", CALLER),
    r.DataKeyed(2, "pickup", "4712", True, "8002", "service", "13800130002"),
)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq = enter(store, queue_call(1))
        seq = enter(store, queue_call(2, 5000, 2), seq)
        enter(store, [(8000 + 50 * n, [row]) for n, row in enumerate(ROWS)], seq)
        yield store


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"field": "pickup"}, [4, 3, 1]),
        ({"value": "4711"}, [1]),
        ({"caller": CALLER}, [3, 2, 1]),
        ({"caller": "138*2"}, [4]),
        ({"agent": "8002"}, [4]),
        ({"queue": "hotline", "field": "result"}, [2]),
        ({"call": 2}, [4]),
        ({"before": 3}, [2, 1]),
        ({"limit": 2}, [4, 3]),
        ({"since": EPOCH_MS + 161_000, "until": EPOCH_MS + 163_000}, [3, 2]),
    ],
)
def test_values_are_found_by_any_filter_newest_first(store: Store, asked: dict[str, Any], found: list[int]) -> None:
    rows = keyed(store.reader(), **{"limit": 50, **asked})
    assert [row.keyed for row in rows] == found


def test_a_value_that_was_keyed_anew_is_kept_and_called_corrected(store: Store) -> None:
    rows = keyed(store.reader(), 50, call=1)
    assert [(row.field, row.value, row.whole, row.corrected) for row in rows] == [
        ("pickup", "47", False, False),
        ("result", "3", True, False),
        ("pickup", "4711", True, True),
    ]
