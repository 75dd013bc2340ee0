# SPDX-License-Identifier: GPL-2.0-or-later
"""kill -9 of the writer, at random moments: the file is whole, and has all that was reported as committed."""

import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from appliance.store.store import Store
from tests.ending import ending

WRITER = """
import sys
from tests.appliance.store.calls import EPOCH_MS, queue_call
from appliance.store.store import Store
from appliance.wall import lockstep_wall
store = Store.open(sys.argv[1], lockstep_wall(EPOCH_MS))
events = store.last_seq()
print("ready", flush=True)
for n in range(events // 9 + 1, 100_000):
    for i, (tick, records) in enumerate(queue_call(n, 3000 * n)):
        seq = 9 * (n - 1) + i + 1
        if seq > events:
            store.apply(seq, tick, records)
            print(store.last_seq(), flush=True)
"""
ROUNDS = 6


def test_nothing_that_was_committed_is_lost(tmp_path: Path) -> None:
    moments = random.Random(7)
    path = tmp_path / "store.db"
    for _round in range(ROUNDS):
        reported = kill_after(path, moments.uniform(0.005, 0.15))
        check = sqlite3.connect(path)
        assert check.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        check.close()
        with Store.open(path) as store:
            assert store.last_seq() >= reported
            whole = store.reader().execute("SELECT count(*) FROM calls WHERE closed IS NOT NULL").fetchone()[0]
            assert whole in {(store.last_seq() + 2) // 9, store.last_seq() // 9}
            half = store.reader().execute(
                "SELECT count(*) FROM legs WHERE leg % 2 = 0 AND leg NOT IN (SELECT leg FROM seizures)"
            )
            assert half.fetchone() == (0,)  # leg and channel come in one transaction


def kill_after(path: Path, seconds: float) -> int:
    """Run the writer on from the books' state, and kill it; return the last number that it reported."""
    with ending(
        subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True)
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        time.sleep(seconds)  # the random moment itself, no synchronisation
        writer.kill()
        lines = writer.stdout.read().splitlines()
    return int(lines[-1]) if lines else 0
