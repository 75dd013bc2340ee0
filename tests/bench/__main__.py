# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the benches that are named, or all: `python -m tests.bench [--list] [NAME ...]`.

Each at a short size, some minutes together. Options of one bench follow its name, if it is the only one, and replace
that size: `python -m tests.bench million --calls 1000000`; `python -m tests.bench million --help` tells them.
"""

import argparse
import importlib
import sys
import time
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Bench:
    """A module of this package with `main(argv) -> exit status`, and its arguments for a short run."""

    module: str
    headline: str
    short: tuple[str, ...] = ()


BENCHES: Final = {
    "spans": Bench(
        "tests.bench.spans_bench",
        "a span: microseconds a tick, each backend",
    ),
    "fabric": Bench(
        "tests.bench.fabric",
        "fabric and detectors at 256 ports: microseconds of processor time a tick",
    ),
    "ninety": Bench(
        "tests.bench.ninety",
        "90 channels in real time: CPU of the switch, tick times, nothing lost",
        ("--seconds", "20"),
    ),
    "bridged": Bench(
        "tests.bench.sip_ninety",
        "90 E1 legs bridged to 90 SIP legs, recorded: CPU of the switch",
        ("--seconds", "20"),
    ),
    "conference": Bench(
        "tests.bench.conference",
        "60 SIP parties in one conference, all talking: CPU of the switch, the mix that each hears",
        ("--seconds", "20"),
    ),
    "phones": Bench(
        "tests.bench.sip_phones",
        "200 phones register at once, and each minute: time and CPU",
        ("--seconds", "20"),
    ),
    "calls": Bench(
        "tests.bench.sip_calls",
        "calls a second between phones until one fails, CPU of edge, switch, call server",
        ("--first", "40", "--seconds", "5"),
    ),
    "lockstep": Bench(
        "tests.bench.lockstep", "30 channels with sound in lockstep: times real time, Erlang B", ("--calls", "300")
    ),
    "million": Bench(
        "tests.bench.million", "calls through engine and store, without sound: calls a second", ("--calls", "20000")
    ),
    "day": Bench(
        "tests.bench.day",
        "days of 30 agents and 3,000 callers: waits beside Erlang C and A, call-backs, skills; forecasts",
        ("--days", "8"),
    ),
    "walk": Bench(
        "tests.bench.walk",
        "wild callers, phones, people and restarts through the engine: nothing raised",
        ("--steps", "2000000"),
    ),
    "kill": Bench(
        "tests.bench.kill",
        "200 calls of a call centre while its processes are killed at random: nothing is lost",
        ("--calls", "200"),
    ),
    "books": Bench(
        "tests.bench.books",
        "questions to books of many calls beside books of few: milliseconds",
        ("--calls", "100000"),
    ),
    "terminal": Bench(
        "tests.bench.terminal",
        "the terminal at 240 calls, 90 agents, 1,000 changes a second: CPU, memory, keys, bytes of a slow line",
        ("--seconds", "10"),
    ),
    "web": Bench(
        "tests.bench.web",
        "30 sessions of the terminal in browsers: memory and CPU of each",
        ("--sessions", "30", "--seconds", "10"),
    ),
    "tones": Bench("lab.tones_report", "detectors beside spandsp: accuracy and cost", ("--quick",)),
}


def main(argv: list[str]) -> int:
    """Run them one after the other; 0 only if each holds what it promises."""
    first = next((at for at, word in enumerate(argv) if word.startswith("-")), len(argv))
    names, options = argv[:first], argv[first:]
    parser = argparse.ArgumentParser(prog="tests.bench", description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--list", action="store_true", help="tell what there is, run nothing")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHES))
    if not names and parser.parse_args(options).list:
        print("\n".join(f"{name:12}{bench.headline}" for name, bench in BENCHES.items()))
        return 0
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        parser.error(f"no bench named {', '.join(unknown)}; there are: {', '.join(BENCHES)}")
    if options and len(names) != 1:
        parser.error(f"{' '.join(options)}: options go with the name of one bench")
    failed = [name for name in names or BENCHES if not _run(name, options)]
    if failed:
        print(f"\nnot as promised: {', '.join(failed)}")
    return 1 if failed else 0


def _run(name: str, options: list[str]) -> bool:
    bench = BENCHES[name]
    print(f"\n{name}: {bench.headline}", flush=True)
    started = time.perf_counter()
    status = importlib.import_module(bench.module).main(options or list(bench.short))
    print(
        f"{name}: {'as promised' if not status else 'NOT as promised'}, {time.perf_counter() - started:.0f} s",
        flush=True,
    )
    return not status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
