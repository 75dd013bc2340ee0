# SPDX-License-Identifier: GPL-2.0-or-later
"""Totals of the box, of each queue and of each agent, by day and over all time, kept as calls close.

They are added for 64 calls at once; `closings` names those that are not in them yet.

A call counts on the local day on which it began; day '' is all time before `meta.totals_day`, so that a call writes one
row of each. Totals stay when calls leave the books.

| kind | `calls` | `answered` | `abandoned` | `talk`, in ticks |
|---|---|---|---|---|
| box | calls | by the network's result | so too | a person talked |
| queue | stays of callers in it | left it to an agent | hung up in it | of calls whose last queue it was |
| agent | offers | that were answered | 0 | the agent talked |
"""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import msgspec

AT_ONCE: Final = 64
"""Calls that are added at once, in a millisecond or two: each would write the same rows."""
Share = list[int]
"""Contribution of calls to one total: calls, answered, abandoned, talk."""
Shares = defaultdict[tuple[str, str], Share]
"""By kind and name."""
_Part = tuple[str, str, int, int, str | None]
"""Kind, name or legs, begin, end, result."""
_Talk = tuple[str, int, int]
"""Legs, begin, end."""
_Stay = tuple[int, str, int, int | None]
"""Leg, agent, begin, end."""

_THESE: Final = "call IN (SELECT value FROM json_each(?1))"
_HEADS: Final = f"SELECT call, started_at, disposition, queue, agent FROM calls WHERE {_THESE}"  # noqa: S608 - no input
_PARTS: Final = f"""
SELECT call, 'talk', legs, opened, closed, '' FROM segments WHERE {_THESE} AND kind = 'talk' AND closed > opened
UNION ALL SELECT call, 'queue', queue, 0, 0, reason FROM queue_entries WHERE {_THESE}
UNION ALL SELECT call, 'agent', agent, 0, 0, result FROM offers WHERE {_THESE}
"""  # noqa: S608 - no input in it
_STAYS: Final = f"SELECT call, leg, agent, opened, closed FROM legs WHERE {_THESE} AND +agent <> ''"  # noqa: S608
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

_NOT_YET: Final = (
    "SELECT call FROM calls WHERE call >= (SELECT call FROM mark) AND closed IS NULL UNION SELECT call FROM closings"
)
"""Calls that are not in the totals."""


def all_time(kind: str) -> str:
    """Return the SELECT of the totals of a kind that add up to all time: those up to a day, and each day after it."""
    rows = f"SELECT name, calls, answered, abandoned, talk FROM totals WHERE kind = '{kind}' AND day"  # noqa: S608 - ours
    return f"{rows} = '' UNION ALL {rows} >= max((SELECT totals_day FROM meta), '0')"  # noqa: S608 - no input in it


OF_QUEUES: Final = f"""
SELECT name, sum(calls), sum(answered), sum(abandoned) FROM (
    {all_time("queue")}
    UNION ALL SELECT queue, 1, reason IS 'answered', reason IS 'abandoned', 0
    FROM queue_entries WHERE call IN ({_NOT_YET})
) GROUP BY name
"""  # noqa: S608 - no input in it
"""How callers entered and left each queue, over all time: closed calls and those that are up."""

OF_AGENTS: Final = f"""
SELECT name, sum(calls), sum(answered) FROM (
    {all_time("agent")}
    UNION ALL SELECT agent, 1, result IS 'answered', 0, 0 FROM offers WHERE call IN ({_NOT_YET})
) GROUP BY name
"""  # noqa: S608 - no input in it
"""How often each agent was rung and answered, over all time."""


def closed(cursor: sqlite3.Cursor, call: int) -> None:
    """List a closed call, inside the open transaction; add the listed calls to the totals once there are 64."""
    cursor.execute("INSERT INTO closings (call) VALUES (?)", (call,))
    if cursor.lastrowid and cursor.lastrowid >= AT_ONCE:
        count(cursor)


def count(cursor: sqlite3.Cursor) -> None:
    """Add the closed calls of the list to the totals, inside the open transaction."""
    _add(cursor, [call for (call,) in cursor.execute("SELECT call FROM closings ORDER BY closing")])
    cursor.execute("DELETE FROM closings")


def _add(cursor: sqlite3.Cursor, calls: Sequence[int]) -> None:
    """Add calls day by day, the oldest day first; those of a day before the newest are added to all time as well."""
    for day, shares in sorted(_by_day(cursor, calls).items()):
        (newest,) = cursor.execute("SELECT totals_day FROM meta").fetchone()
        cursor.executemany(_ADD, [(kind, day, name, *share) for (kind, name), share in shares.items()])
        if day < newest:
            cursor.executemany(_ADD, [(kind, "", name, *share) for (kind, name), share in shares.items()])
        elif day > newest:
            cursor.execute(_ROLL, (day,))
            cursor.execute("UPDATE meta SET totals_day = ?", (day,))


def of_agent(cursor: sqlite3.Cursor, agent: str, at: int) -> tuple[int, int]:
    """Return the calls that an agent answered on the local day of a time (Unix ms), and the talk of them in ticks.

    They are calls that are over: those in the totals, and those on the list that are not in them yet.
    """
    day = _day(at)
    sql = "SELECT answered, talk FROM totals WHERE kind = 'agent' AND day = ? AND name = ?"
    answered, talk = cursor.execute(sql, (day, agent)).fetchone() or (0, 0)
    listed = [call for (call,) in cursor.execute("SELECT call FROM closings")]
    late = _by_day(cursor, listed)[day]["agent", agent]
    return answered + late[1], talk + late[3]


def _day(at: int) -> str:
    """Return the local day of a time (Unix ms)."""
    return time.strftime("%Y-%m-%d", time.localtime(at / 1000))


def gone(cursor: sqlite3.Cursor, disposition: str) -> None:
    """Count a call that leaves the books: its share stays in all totals."""
    cursor.execute(_ADD, ("gone", "", "", 1, disposition == "answered", disposition == "abandoned", 0))


def fill(connection: sqlite3.Connection) -> None:
    """Count all closed calls of books that have no totals yet: those made before there were any."""
    (filled,) = connection.execute("SELECT EXISTS (SELECT 1 FROM totals)").fetchone()
    if filled:
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        calls = connection.execute("SELECT call FROM calls WHERE closed IS NOT NULL")
        while some := [call for (call,) in calls.fetchmany(1000)]:
            _add(connection.cursor(), some)
        connection.execute("DELETE FROM closings")


def _shares() -> Shares:
    return defaultdict(lambda: [0, 0, 0, 0])


def _by_day(cursor: sqlite3.Cursor, calls: Sequence[int]) -> defaultdict[str, Shares]:
    """Return the shares of calls by day: three questions for all of them, as each one costs more than its answer."""
    these = (f"[{','.join(map(str, calls))}]",)
    parts, stays = defaultdict[int, list[_Part]](list), defaultdict[int, list[_Stay]](list)
    for call, *part in cursor.execute(_PARTS, these):
        parts[call].append(tuple(part))
    for call, *stay in cursor.execute(_STAYS, these):
        stays[call].append(tuple(stay))
    days = defaultdict[str, Shares](_shares)
    for call, started_at, disposition, queue, agent in cursor.execute(_HEADS, these):
        shares = days[_day(started_at)]
        talks = _share(shares, parts[call], disposition, queue)
        for talked, length in _agents_talks(stays[call], talks) if agent is not None else ():
            shares["agent", talked][3] += length
    return days


def _share(shares: Shares, parts: list[_Part], disposition: str, queue: str | None) -> list[_Talk]:
    """Add a call's share of the box, its queues and the offers to agents; return its talks."""
    talks: list[_Talk] = []
    talk = 0
    for kind, name, began, ended, result in parts:
        if kind == "talk":
            talks.append((name, began, ended))
            talk += ended - began
        else:
            _count(shares[kind, name], result)
    _count(shares["box", ""], disposition)
    shares["box", ""][3] += talk
    if queue is not None:
        shares["queue", queue][3] += talk
    return talks


def _count(share: Share, result: str | None) -> None:
    share[0] += 1
    share[1] += result == "answered"
    share[2] += result == "abandoned"


def _agents_talks(stays: list[_Stay], talks: list[_Talk]) -> list[tuple[str, int]]:
    return [
        (agent, ended - began)
        for legs, began, ended in talks
        for leg, agent, opened, closed in stays
        if opened <= began and (closed is None or closed > began) and leg in _decoder.decode(legs)
    ]
