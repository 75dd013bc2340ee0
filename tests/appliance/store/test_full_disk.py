# SPDX-License-Identifier: GPL-2.0-or-later
"""A full disk: calls go on, the state is shown, and once there is room again everything is in the books."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.store.ledger import Ledger
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

CALLS = 400


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a real file system of 1 MB, if this user may."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "mxbox-test", str(tmp_path)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a file system; the test below with a bounded database does without")
    yield tmp_path
    subprocess.run(["umount", "-l", str(tmp_path)], check=True)


def run_calls(store: Store, first: int, last: int) -> None:
    seq = store.last_seq()
    for n in range(first, last + 1):
        seq = enter(store, queue_call(n, 3000 * n), max(seq, 9 * (n - 1)))


def assert_all_there(store: Store, calls: int) -> None:
    status = store.status()
    assert (status.error, status.waiting, status.lost) == ("", 0, 0)
    assert store.last_seq() == 9 * calls
    result = Ledger(store.reader(), idle=True).check()
    assert result.balanced, result.findings
    assert result.balance[0].opened == calls


def test_a_full_file_system(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(bytes(400_000))
    store = Store.open(small_disk / "store.db", lockstep_wall(EPOCH_MS))
    run_calls(store, 1, CALLS)
    status = store.status()
    assert status.waiting > 0
    assert "full" in status.error or "I/O" in status.error
    confirmed = store.last_seq()
    assert confirmed < 9 * CALLS  # what is not on disk is not confirmed to the switch
    filler.unlink()
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    run_calls(store, CALLS + 1, CALLS + 1)
    assert_all_there(store, CALLS + 1)
    store.close()


def test_a_database_that_may_not_grow(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS))
    store.reader().close()
    store._connection.execute("PRAGMA max_page_count = 60")
    run_calls(store, 1, CALLS)
    assert store.status().error == "database or disk is full"
    assert store.status().waiting > 1000
    store._connection.execute("PRAGMA max_page_count = 1000000")
    store.settle(3000 * CALLS + 2300 + 50)
    assert_all_there(store, CALLS)
    store.close()


def test_records_that_cannot_even_wait_are_counted_and_named(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS), max_waiting=500)
    store._connection.execute("PRAGMA max_page_count = 60")
    run_calls(store, 1, CALLS)
    lost = store.status().lost
    assert lost > 1000
    assert store.status().waiting <= 500
    store._connection.execute("PRAGMA max_page_count = 1000000")
    store.settle(3000 * CALLS + 5000)
    assert store.status().lost == 0
    wheres = [f.where for f in Ledger(store.reader()).check().findings if f.rule == "records_refused"]
    assert f"{lost} records were lost: the disk took nothing for too long" in wheres
    store.close()
