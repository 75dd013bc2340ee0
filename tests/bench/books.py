# SPDX-License-Identifier: GPL-2.0-or-later
"""Queries of people to books of many years, beside books of three days: `python -m tests.bench books [--calls N]`.

The books are written by SQL, as call control would have left them: 3,000 calls a day through two queues to 60 agents,
each with its legs, channel, segments, offer, recording. Printed: each query's time in either, the best of several. The
promise: none takes much longer for the number of calls (see `SLOWER` and `ANYWAY_MS`)."""

import argparse
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.children.crashes import CRASH
from appliance.contract.views import AgentView, QueueView
from appliance.store.database import open_reader
from appliance.store.open_books import read_open_books
from appliance.store.reads import Reads
from appliance.store.store import Store
from tests.bench.million import EPOCH_MS

SMALL: Final = 10_000
CALLS_A_DAY: Final = 3_000
AGENTS: Final = 60
TRIES: Final = 9
SLOWER: Final = 3.0
"""Times as long as with `SMALL` calls, at most,"""
ANYWAY_MS: Final = 20.0
"""or within this time, which people do not notice."""

_APART_MS: Final = 86_400_000 // CALLS_A_DAY
_CALLS: Final = """
WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :calls)
INSERT INTO calls (call, started_at, direction, caller, caller_name, presentation, called, flow, opened, answered,
    closed, disposition, cause, ended_by, queue, agent, released)
SELECT n, :epoch + n * :apart, 'in', '138' || printf('%08d', n * 2654435761 % 100000000), '', 0,
    '9690' || (n % 10), 'hotline', n * 1440, n * 1440 + 50, n * 1440 + 1800,
    CASE WHEN n % 200 = 7 THEN 'failed' WHEN n % 20 = 0 THEN 'abandoned' ELSE 'answered' END, 16, 'caller',
    CASE n % 2 WHEN 0 THEN 'sales' ELSE 'service' END,
    CASE WHEN n % 20 = 0 OR n % 200 = 7 THEN NULL ELSE printf('1%03d', n % :agents) END, n * 1440 + 1790 FROM n
"""
"""Each twentieth caller gives up in the queue, each two hundredth call fails."""
_WHAT_BELONGS_TO_THEM: Final = """
INSERT INTO legs (call, leg, opened, line, role, number, agent, answered, closed, cause)
SELECT call, 2 * call, opened, 'pri:carrier', 'caller', caller, '', answered, closed, 16 FROM calls;
INSERT INTO legs (call, leg, opened, line, role, number, agent, answered, closed, cause)
SELECT call, 2 * call + 1, opened + 400, 'phone:8001', 'agent', '8' || substr(agent, 2), agent, opened + 600, closed, 16
FROM calls WHERE agent IS NOT NULL;
INSERT INTO seizures SELECT call, 2 * call, opened, 1, 1 + call % 15, closed FROM calls;
INSERT INTO segments
SELECT call, 2 * call, 'flow', 'hotline/menu', '[' || (2 * call) || ']', opened, opened + 600 FROM calls;
INSERT INTO segments
SELECT call, 2 * call + 1, 'talk', agent, '[' || (2 * call) || ',' || (2 * call + 1) || ']', opened + 600, closed
FROM calls WHERE agent IS NOT NULL;
INSERT INTO queue_entries (call, entered, queue, started_at, position, left, reason)
    SELECT call, opened + 250, queue, started_at, 1, opened + 600,
    CASE WHEN agent IS NULL THEN 'abandoned' ELSE 'answered' END FROM calls;
INSERT INTO offers
SELECT call, call, started_at, queue, agent, 2 * call + 1, opened + 400, opened + 600, 'answered'
FROM calls WHERE agent IS NOT NULL;
INSERT INTO recordings (recording, started_at, call, leg, path, opened, closed, samples, error)
SELECT call, started_at, call, 2 * call, 'day/' || call || '.wav', opened, closed, 288000, '' FROM calls;
INSERT INTO agent_states (started_at, agent, status, state, reason, since)
SELECT started_at, agent, 'ready', 'talking', '', opened + 600 FROM calls WHERE agent IS NOT NULL;
INSERT INTO troubles (started_at, kind, text, count, happened)
SELECT started_at, CASE call % 1000 WHEN 1 THEN 'crash' ELSE 'span' END, 'text', 1, opened FROM calls
WHERE call % 100 = 1;
INSERT INTO days SELECT started_at / 86400000, min(call), max(call) FROM calls GROUP BY 1;
INSERT INTO totals
SELECT 'box', date(started_at / 1000, 'unixepoch', 'localtime') AS day, '',
    count(*), sum(disposition = 'answered'), sum(disposition = 'abandoned'), count(agent) * 1200
FROM calls GROUP BY 2;
INSERT INTO totals
SELECT 'queue', date(started_at / 1000, 'unixepoch', 'localtime') AS day, queue,
    count(*), sum(disposition = 'answered'), sum(disposition = 'abandoned'), count(agent) * 1200
FROM calls GROUP BY 2, 3;
INSERT INTO totals
SELECT 'agent', date(started_at / 1000, 'unixepoch', 'localtime') AS day, agent, count(*), count(*), 0, count(*) * 1200
FROM calls WHERE agent IS NOT NULL GROUP BY 2, 3;
INSERT INTO totals SELECT kind, '', name, sum(calls), sum(answered), sum(abandoned), sum(talk) FROM totals
WHERE day < (SELECT max(day) FROM totals) GROUP BY kind, name;
UPDATE meta SET last_seq = 1, last_tick = (SELECT max(closed) FROM calls), totals_day = (SELECT max(day) FROM totals);
INSERT INTO agents_at_mark SELECT agent, max(change) FROM agent_states GROUP BY agent;
UPDATE mark SET call = m.n, leg = 2 * m.n + 1, segment = 2 * m.n + 1, offer = m.n, recording = m.n, change = m.last
FROM (SELECT (SELECT max(call) FROM calls) AS n, (SELECT max(change) FROM agent_states) AS last) m
"""


def write_books(path: Path, calls: int) -> None:
    """Write books of so many calls, all of them closed. Their indexes are made at the end: that is much faster."""
    Store.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as books:
        for setting in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000", "temp_store = FILE"):
            books.execute(f"PRAGMA {setting}")
        made = books.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        for name, _sql in made:
            books.execute(f"DROP INDEX {name}")
        values = {"calls": calls, "epoch": EPOCH_MS, "apart": _APART_MS, "agents": AGENTS}
        books.execute("BEGIN")
        books.execute(_CALLS, values)
        for sql in _WHAT_BELONGS_TO_THEM.split(";"):
            books.execute(sql)
        books.execute("COMMIT")
        for _name, sql in made:
            books.execute(sql)


Question = Callable[[Reads], object]


def questions(calls: int) -> dict[str, Question]:
    """Return what is asked of books of so many calls, by name."""
    number = f"138{(calls // 2) * 2654435761 % 100000000:08d}"
    middle, day = EPOCH_MS + calls // 2 * _APART_MS, 86_400_000
    agents = [AgentView(f"1{n:03d}", "", "", "ready", "idle", "", 0, 0) for n in range(AGENTS)]
    queues = [QueueView(name, (), 0, 0, 0) for name in ("sales", "service")]
    return {
        "status: crashes": lambda reads: reads.troubles_of(CRASH, middle + calls // 2 * _APART_MS - 3_600_000),
        "agents": lambda reads: reads.agents(agents, {}, 0),
        "queues": lambda reads: reads.queues(queues, 0),
        "calls, newest": lambda reads: reads.cdr(0, 0, "", 0, 50),
        "calls of a number": lambda reads: reads.cdr(0, 0, number, 0, 50),
        "calls of 13812*": lambda reads: reads.cdr(0, 0, "13812*", 0, 50),
        "calls to a number": lambda reads: reads.cdr(0, 0, "96907", 0, 50),
        "calls of an agent": lambda reads: reads.cdr(0, 0, "", 0, 50, agent="1013"),
        "calls of a queue": lambda reads: reads.cdr(0, 0, "", 0, 50, queue="sales"),
        "calls that failed": lambda reads: reads.cdr(0, 0, "", 0, 50, result="failed"),
        "calls of a day": lambda reads: reads.cdr(middle - day, middle, "", 0, 50),
        "an agent's of a day": lambda reads: reads.cdr(middle - day, middle, "", 0, 50, agent="1013"),
        "recordings, newest": lambda reads: reads.recordings(0, 0, "", "", 0, 0.0, 0, 50),
        "recordings of a number": lambda reads: reads.recordings(0, 0, number, "", 0, 0.0, 0, 50),
        "troubles of a kind": lambda reads: reads.troubles(50, 0, "span"),
    }


def measure(path: Path, calls: int) -> dict[str, float]:
    """Return the shortest time of each question, in milliseconds, on a connection of its own each time."""
    asked = {**questions(calls), "start of the box": lambda reads: read_open_books(reads._connection)}
    return {name: min(_time(path, question) for _try in range(TRIES)) for name, question in asked.items()}


def _time(path: Path, question: Question) -> float:
    started = time.perf_counter()
    with closing(open_reader(path)) as connection:
        question(Reads(connection))
    return (time.perf_counter() - started) * 1000


def main(argv: list[str] | None = None) -> int:
    """Write, ask, print; 0 if no question takes much longer in the larger books."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--calls", type=int, default=10_000_000)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="mx") as folder:
        took: list[dict[str, float]] = []
        for calls in (SMALL, args.calls):
            path, started = Path(folder) / f"{calls}.db", time.perf_counter()
            write_books(path, calls)
            written = time.perf_counter() - started
            print(
                f"books            {calls} calls, {path.stat().st_size / 1e6:.0f} MB, written in {written:.0f} s",
                flush=True,
            )
            took.append(measure(path, calls))
    slow = [name for name, ms in took[1].items() if ms > max(SLOWER * took[0][name], ANYWAY_MS)]
    print(f"\n{'':24}{SMALL:>12}{args.calls:>14}   ratio")
    for name, small in took[0].items():
        large = took[1][name]
        print(f"{name:24}{small:9.2f} ms{large:11.2f} ms{large / small:8.1f}{'   slow' if name in slow else ''}")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
