# SPDX-License-Identifier: GPL-2.0-or-later
"""The first five thousand of a million calls, with books in memory: none lost, the ledger in balance, memory flat."""

from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.bench import million

BOOKS_MB_PER_CALL = 0.0025
"""Allowed growth of the books in memory; the engine must not grow."""


def _store() -> Store:
    return Store.in_memory(lockstep_wall(million.EPOCH_MS))


def test_five_thousand_calls_balance() -> None:
    with _store() as store:
        result = million.run(5000, store)
    assert result.found == {}
    assert result.up == 0
    assert sum(result.dispositions.values()) == result.calls == 5000
    assert result.dispositions["answered"] > 4000
    assert result.end_mb - result.warm_mb < 5000 * BOOKS_MB_PER_CALL
    assert result.good


def test_a_seed_gives_the_same_books_each_time() -> None:
    dumps = []
    for _ in range(2):
        with _store() as store:
            million.run(300, store, seed=3)
            lines = store.reader().iterdump()
            dumps.append([line for line in lines if "_sqlite_migrations" not in line])  # these carry the wall clock
    assert len(dumps[0]) > 300 * 10
    assert dumps[0] == dumps[1]
