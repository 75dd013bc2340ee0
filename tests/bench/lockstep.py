# SPDX-License-Identifier: GPL-2.0-or-later
"""A load on the whole box in lockstep: 30 channels, the full flow with audio, faster than real time.

Poisson arrivals, exponential holding; each caller is greeted, presses a key, waits, talks to an agent's station, and is
recorded. Printed: how much faster than real time, the blocked share beside Erlang B, a digest of the books.
"""

import argparse
import hashlib
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from appliance.store.ledger import Ledger
from hw_sim.load import LoadPlan, LoadResult, LoadRun
from tests.scenarios import house
from tests.scenarios.lockbox import LockBox

AGENTS = 40
HOLD_S = 30.0
ERLANGS = 24.0
"""Offered by the holding times alone; what rings and speaks before them comes on top."""
SCRIPT = "wait answer; wait 3; key 1; hold; hangup"
STATION = "alert; wait 1..3; answer; speak tone 1004 -12 600"


@dataclass(frozen=True)
class Seen:
    """Result of a run. `digest` is of all books: one seed, one digest."""

    load: LoadResult
    faster: float
    balanced: bool
    digest: str


def run(folder: Path, calls: int, seed: int) -> Seen:
    """Make the calls."""
    config = house.call_centre(AGENTS)
    stations = dict.fromkeys((house.extension(n) for n in range(1, AGENTS + 1)), STATION)
    with LockBox(folder, config, house.HOTLINE, stations, seed=seed, keep_audio=False).start() as box:
        plan = LoadPlan(to="96900", rate_per_s=ERLANGS / HOLD_S, hold_s=HOLD_S, calls=calls, script=SCRIPT, seed=seed)
        begun, from_tick = time.perf_counter(), box.ticks
        load = LoadRun(box.exchange, plan)
        box.until(lambda: load.done, 1e7)
        faster = (box.ticks - from_tick) / 50 / (time.perf_counter() - begun)
        box.run_s(10)
        ledger = Ledger(box.store.reader(), folder / "recordings", tolerance_s=0.05, idle=True).check()
        return Seen(load.result(), faster, ledger.balanced, digest(box))


def digest(box: LockBox) -> str:
    """Return a hash over every row of every table, and every recording."""
    hashed = hashlib.sha256()
    reader = box.store.reader()
    tables = reader.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for (table,) in tables:
        if not table.startswith(("sqlite_", "_")):
            for row in reader.execute(f"SELECT * FROM {table} ORDER BY 1, 2"):
                hashed.update(repr(row).encode())
    for file in sorted((box.folder / "recordings").rglob("*.wav")):
        hashed.update(file.read_bytes())
    return hashed.hexdigest()


def main(argv: list[str] | None = None) -> int:
    """Run twice and print; 0 only if no call was lost, books agree and balance, and Erlang B is in the interval."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    seen = []
    for _ in range(2):
        with tempfile.TemporaryDirectory(prefix="mx") as folder:
            seen.append(run(Path(folder), args.calls, args.seed))
    first, second = seen
    load, share = first.load, first.load.blocked_share
    print(f"calls offered {load.offered}, answered {load.answered}, blocked {load.blocked}")
    print(f"lost {load.lost}, cut off {load.cut_off}")
    print(f"times real time {first.faster:.1f} and {second.faster:.1f}")
    print(f"blocked {share.value:.4f}, 95 % between {share.low:.4f} and {share.high:.4f}; Erlang B {load.erlang_b:.4f}")
    print(f"books identical: {first.digest == second.digest}; in balance: {first.balanced and second.balanced}")
    good = load.passed and first.digest == second.digest and first.balanced and load.as_expected
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
