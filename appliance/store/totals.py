# SPDX-License-Identifier: GPL-2.0-or-later
"""Totals, kept as calls close: of the box, of each queue and of each agent, by day and over all time.

A call counts on the local day on which it began; day '' is all time before `meta.totals_day`, so that a call writes one
row of each. They stay when calls leave the books.

| kind | `calls` | `answered` | `abandoned` | `talk`, in ticks |
|---|---|---|---|---|
| box | calls | by the network's result | so too | somebody talked |
| queue | stays of callers in it | left it to an agent | hung up in it | of calls that it had last |
| agent | offers | that were answered | 0 | he talked |
"""

import sqlite3
import time
from collections import defaultdict
from typing import Final

import msgspec

Share = list[int]
"""What a call adds to one total: calls, answered, abandoned, talk."""

_TALKS: Final = "SELECT legs, opened, closed FROM segments WHERE call = ? AND kind = 'talk' AND closed > opened"
_AGENTS: Final = "SELECT leg, agent, opened, closed FROM legs WHERE call = ? AND +agent <> ''"
_ADD: Final = """
INSERT INTO totals (kind, day, name, calls, answered, abandoned, talk) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, answered = answered + excluded.answered,
    abandoned = abandoned + excluded.abandoned, talk = talk + excluded.talk
"""

_decoder: Final = msgspec.json.Decoder(tuple[int, ...])

_ROLL: Final = """
INSERT INTO totals (kind, day, name, calls, answered, abandoned, talk)
SELECT kind, '', name, sum(calls), sum(answered), sum(abandoned), sum(talk) FROM totals
WHERE day > '' AND day >= (SELECT totals_day FROM meta) AND day < ? AND kind <> 'gone' GROUP BY kind, name
ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, answered = answered + excluded.answered,
    abandoned = abandoned + excluded.abandoned, talk = talk + excluded.talk
"""

_UP: Final = "SELECT call FROM calls WHERE call >= (SELECT call FROM mark) AND closed IS NULL"


def all_time(kind: str) -> str:
    """Return the SELECT of the totals of a kind that add up to all time: those up to a day, and each day after it."""
    rows = f"SELECT name, calls, answered, abandoned, talk FROM totals WHERE kind = '{kind}' AND day"  # noqa: S608 - ours
    return f"{rows} = '' UNION ALL {rows} >= max((SELECT totals_day FROM meta), '0')"  # noqa: S608 - no input in it


OF_QUEUES: Final = f"""
SELECT name, sum(calls), sum(answered), sum(abandoned) FROM (
    {all_time("queue")}
    UNION ALL SELECT queue, 1, reason IS 'answered', reason IS 'abandoned', 0 FROM queue_entries WHERE call IN ({_UP})
) GROUP BY name
"""  # noqa: S608 - no input in it
"""How callers entered and left each queue, over all time: closed calls and those that are up."""

OF_AGENTS: Final = f"""
SELECT name, sum(calls), sum(answered) FROM (
    {all_time("agent")}
    UNION ALL SELECT agent, 1, result IS 'answered', 0, 0 FROM offers WHERE call IN ({_UP})
) GROUP BY name
"""  # noqa: S608 - no input in it
"""How often each agent was rung and answered, over all time."""


def add(cursor: sqlite3.Cursor, call: int) -> None:
    """Add a call that has closed, inside the transaction that is open."""
    sql = "SELECT started_at, disposition, queue, agent, totals_day FROM calls, meta WHERE call = ?"
    started_at, disposition, queue, agent, newest = cursor.execute(sql, (call,)).fetchone()
    day = time.strftime("%Y-%m-%d", time.localtime(started_at / 1000))
    shares = _shares(cursor, call, disposition, queue, agent)
    cursor.executemany(_ADD, [(kind, day, name, *share) for (kind, name), share in shares.items()])
    if day < newest:
        cursor.executemany(_ADD, [(kind, "", name, *share) for (kind, name), share in shares.items()])
    elif day > newest:
        cursor.execute(_ROLL, (day,))
        cursor.execute("UPDATE meta SET totals_day = ?", (day,))


def gone(cursor: sqlite3.Cursor, disposition: str) -> None:
    """Note that a call leaves the books: its share stays in all totals."""
    cursor.execute(_ADD, ("gone", "", "", 1, disposition == "answered", disposition == "abandoned", 0))


def fill(connection: sqlite3.Connection) -> None:
    """Count all closed calls of books that have no totals yet: those made before there were any."""
    (filled,) = connection.execute("SELECT EXISTS (SELECT 1 FROM totals)").fetchone()
    if filled:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        cursor = connection.cursor()
        for (call,) in connection.execute("SELECT call FROM calls WHERE closed IS NOT NULL"):
            add(cursor, call)


def _shares(
    cursor: sqlite3.Cursor, call: int, disposition: str, queue: str | None, agent: str | None
) -> dict[tuple[str, str], Share]:
    shares: dict[tuple[str, str], Share] = defaultdict(lambda: [0, 0, 0, 0])
    talks = cursor.execute(_TALKS, (call,)).fetchall()
    talk = sum([closed - opened for _legs, opened, closed in talks])
    shares["box", ""] = [1, disposition == "answered", disposition == "abandoned", talk]
    if queue is not None:
        for name, reason in cursor.execute("SELECT queue, reason FROM queue_entries WHERE call = ?", (call,)):
            _count(shares["queue", name], reason)
        shares["queue", queue][3] = talk
        for rung, result in cursor.execute("SELECT agent, result FROM offers WHERE call = ?", (call,)):
            _count(shares["agent", rung], result)
    for talked, length in _agents_talks(cursor, call, talks) if agent is not None else ():
        shares["agent", talked][3] += length
    return shares


def _count(share: Share, result: str | None) -> None:
    share[0] += 1
    share[1] += result == "answered"
    share[2] += result == "abandoned"


def _agents_talks(cursor: sqlite3.Cursor, call: int, talks: list[tuple[str, int, int]]) -> list[tuple[str, int]]:
    stays = cursor.execute(_AGENTS, (call,)).fetchall()
    return [
        (agent, ended - began)
        for legs, began, ended in talks
        for leg, agent, opened, closed in stays
        if opened <= began and (closed is None or closed > began) and leg in _decoder.decode(legs)
    ]
