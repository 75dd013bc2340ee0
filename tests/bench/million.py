# SPDX-License-Identifier: GPL-2.0-or-later
"""A million calls through engine and books, without sound: `python -m tests.bench.million [--calls N]`.

The real engine and the real store (a file, one transaction for each event that leads to anything); the switch is
`callsource`, whose docstring says what it does not model. Box time runs as fast as the processor allows. Printed: calls
a second (source, engine and store on one core), growth of memory, and whether the ledger balances.
"""

import argparse
import gc
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from appliance.config.model import BoxConfig
from appliance.contract import switch as m
from appliance.engine.engine import Engine, Step
from appliance.ivr.check import load_flow
from appliance.store.ledger import Ledger
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.bench.callsource import CallSource, Habits

CHANNELS = 90
AGENTS = 60
HOTLINE = Path(load_flow.__code__.co_filename).with_name("examples") / "hotline.toml"
HABITS = Habits(
    calls_per_s=1.0,
    called=("96900",),
    keys="112209",
    from_phones=0.05,
    phone_dials=("8001", "8002", "01380013800", "96900"),
    talk_s=40.0,
    answers=0.95,
    glare=0.001,
)


EPOCH_MS = 1_790_000_000_000
WARM_UP = 0.1
"""Share of the calls after which memory must not grow any more."""


@dataclass(frozen=True)
class Result:
    """Result of a run. `seconds` of wall time, of which `cpu_s` on the core and `waited_s` for others to leave it.

    Memory in MB of the process, after `WARM_UP` and at the end."""

    calls: int
    blocked: int
    seconds: float
    cpu_s: float
    waited_s: float
    ledger_s: float
    warm_mb: float
    end_mb: float
    dispositions: dict[str, int]
    found: dict[str, int]
    up: int
    store_mb: float

    @property
    def rate(self) -> float:
        """Calls a second of wall time."""
        return self.calls / self.seconds

    @property
    def own_rate(self) -> float:
        """Calls a second, had the core been ours alone: without the time in which others had it."""
        return self.calls / (self.seconds - self.waited_s)

    @property
    def good(self) -> bool:
        """No call lost, the ledger balances, memory flat."""
        return not self.found and not self.up and self.calls == sum(self.dispositions.values())


def settings() -> BoxConfig:
    """Three spans, 60 agents in two queues, everything recorded."""
    numbers = [f"8{n:03d}" for n in range(1, AGENTS + 1)]
    document = {
        "profile": "mx90",
        "extension": [{"number": number, "line": f"sip:{number}@127.0.0.1:5071"} for number in numbers],
        "agent": [{"number": f"1{n[1:]}", "extension": n, "start": "ready"} for n in numbers],
        "queue": [
            {"name": "sales", "agents": [f"1{n[1:]}" for n in numbers[:40]], "pause_after_no_answer": False},
            {"name": "service", "agents": [f"1{n[1:]}" for n in numbers[30:]], "pause_after_no_answer": False},
        ],
        "route": [{"called": "96900", "flow": "hotline"}],
    }
    return msgspec.convert(document, BoxConfig)


def resident_mb() -> float:
    """Memory of this process."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def waited_s() -> float:
    """Time that this thread was ready and waited for a core."""
    return int(Path("/proc/thread-self/schedstat").read_text("ascii").split()[1]) / 1e9


class Bench:
    """Source, engine and store, turned by hand."""

    def __init__(self, store: Store, seed: int) -> None:
        config = settings()
        self.store = store
        self.engine = Engine(config, {"hotline": load_flow(HOTLINE)}, store.open_books())
        self.source = CallSource(random.Random(seed), config, HABITS, CHANNELS)
        self.seq = 1
        self._done(self.engine.handle(m.Attached("bench", CHANNELS), 0), self.seq, 0)

    def turn(self) -> bool:
        """One event or one deadline; False when nothing will ever happen again."""
        engine, source = self.engine, self.source
        due, tick = engine.next_deadline(), source.next_tick()
        if due is not None and (tick is None or due <= tick):
            source.now = due
            self._done(engine.advance(due), None, due)
        elif tick is not None:
            event = source.take()
            if event is not None:
                self.seq += 1
                self._done(engine.handle(event, tick), self.seq, tick)
        else:
            return False
        return True

    def _done(self, step: Step, seq: int | None, tick: int) -> None:
        """As the call server does it: the books first, then the commands."""
        self.store.apply(seq, tick, step.records, without_effect=not step.commands and not step.asks)
        execute = self.source.execute
        for command in step.commands:
            execute(command)


def run(calls: int, store: Store, seed: int = 1, tell: Callable[[str], None] = lambda _: None) -> Result:
    """Begin `calls` calls and run until all have ended; `tell` gets each tenth."""
    bench = Bench(store, seed)
    gc.collect()
    gc.freeze()  # as the process of the call server does
    started, cpu, waited, warm = time.perf_counter(), time.process_time(), waited_s(), 0.0
    for tenth in range(1, 11):
        while bench.source.begun < calls * tenth * WARM_UP:
            bench.turn()
        warm = warm or resident_mb()
        tell(f"{bench.source.begun} calls, {time.perf_counter() - started:.0f} s, {resident_mb():.1f} MB")
    bench.source.stop()
    while bench.turn():
        pass
    store.settle(bench.source.now)
    seconds, end = time.perf_counter() - started, resident_mb()
    cpu_s, waited = time.process_time() - cpu, waited_s() - waited
    gc.unfreeze()
    found = Ledger(store.reader(), idle=True, tolerance_s=0.02).check().found
    rows = store.reader().execute("SELECT disposition, count(*) FROM calls GROUP BY 1 ORDER BY 2 DESC").fetchall()
    return Result(
        calls=bench.source.begun,
        blocked=bench.source.blocked,
        seconds=seconds,
        cpu_s=cpu_s,
        waited_s=waited,
        ledger_s=time.perf_counter() - started - seconds,
        warm_mb=warm,
        end_mb=end,
        dispositions=dict(rows),
        found=found,
        up=len(bench.engine.calls()),
        store_mb=store.status().bytes / 1e6,
    )


def main(argv: list[str] | None = None) -> int:
    """Run and print; 0 if every call is accounted for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--calls", type=int, default=1_000_000)
    args = parser.parse_args(argv)
    with (
        tempfile.TemporaryDirectory(prefix="mx") as folder,
        Store.open(Path(folder) / "store.db", lockstep_wall(EPOCH_MS)) as store,
    ):
        result = run(args.calls, store, tell=lambda text: print(f"...              {text}", flush=True))
    print(f"calls            {result.calls} in {result.seconds:.1f} s: {result.rate:.0f} calls/s of wall time")
    print(f"one core         {result.cpu_s:.1f} s on it, {result.waited_s:.1f} s until others left it", end="")
    print(f": alone {result.own_rate:.0f} calls/s")
    print(f"not begun        {result.blocked}: no channel was free")
    print(f"ended as         {', '.join(f'{name} {count}' for name, count in result.dispositions.items())}")
    print(f"memory           {result.warm_mb:.1f} MB after a tenth, {result.end_mb:.1f} MB at the end")
    print(f"books            {result.store_mb:.0f} MB, checked in {result.ledger_s:.1f} s")
    print(f"ledger           {'in balance' if not result.found else result.found}")
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
