# SPDX-License-Identifier: GPL-2.0-or-later
"""Totals of the box, of each queue and of each agent, by day and over all time, kept as calls close.

They are added for 64 calls at once; `closings` names those that are not in them yet.

A call counts on the local day on which it began; day '' is all time before `meta.totals_day`, so that a call writes one
row of each. Totals stay when calls leave the books.

| kind | `calls` | `answered` | `abandoned` | `talk`, in ticks |
|---|---|---|---|---|
| box | calls | by the network's result | so too | a person talked |
| queue | stays of callers in it | left it to an agent | hung up in it | of calls whose last queue it was |
| agent | offers | that were answered | 0 | the agent talked, also in calls of the phone's own |
| dialled | calls outside that the agent dialled | that were answered | that the agent gave up | 0 |
"""

import sqlite3
import time
from collections.abc import Sequence
from typing import Final

AT_ONCE: Final = 64
"""Calls that are added at once, in a millisecond: each would write the same rows."""

_FIRST: Final = """
SELECT min(started_at) FROM calls WHERE call IN (SELECT value FROM json_each(?)) AND started_at >= ?
"""
_SHARES: Final = """
WITH these AS MATERIALIZED (
    SELECT c.call, c.disposition, c.direction, c.queue, coalesce((SELECT sum(s.closed - s.opened) FROM segments s
        WHERE s.call = c.call AND s.kind = 'talk' AND s.closed > s.opened), 0) AS talk
    FROM calls c WHERE c.call IN (SELECT value FROM json_each(:calls))
        AND c.started_at >= :begins AND c.started_at < :ends)
SELECT 'box' AS kind, '' AS name, 1 AS calls, disposition = 'answered' AS answered,
    disposition = 'abandoned' AS abandoned, talk FROM these
UNION ALL SELECT 'queue', queue, 0, 0, 0, talk FROM these WHERE queue IS NOT NULL
UNION ALL SELECT 'queue', q.queue, 1, q.reason IS 'answered', q.reason IS 'abandoned', 0
    FROM these t CROSS JOIN queue_entries q ON q.call = t.call
UNION ALL SELECT 'agent', o.agent, 1, o.result IS 'answered', 0, 0
    FROM these t CROSS JOIN offers o ON o.call = t.call
UNION ALL SELECT 'agent', l.agent, 0, 0, 0, s.closed - s.opened FROM these t
    CROSS JOIN segments s ON s.call = t.call AND s.kind = 'talk' AND s.closed > s.opened
    CROSS JOIN legs l ON l.call = t.call AND +l.agent <> '' AND l.opened <= s.opened
        AND (l.closed IS NULL OR l.closed > s.opened)
        AND instr(replace(replace(s.legs, '[', ','), ']', ','), ',' || l.leg || ',')
UNION ALL SELECT 'dialled', agent, 1, disposition = 'answered', disposition = 'abandoned', 0 FROM (
    SELECT DISTINCT t.call, t.disposition, l.agent FROM these t
    CROSS JOIN legs l ON l.call = t.call AND l.role = 'caller' AND +l.agent <> '' WHERE t.direction = 'out')
"""
"""Shares of closed calls of one day in the totals, some rows a call; the legs of a segment are written as `[1,3]`."""
_SUMS: Final = f"""
SELECT kind, :day, name, sum(calls), sum(answered), sum(abandoned), sum(talk) FROM ({_SHARES}) GROUP BY kind, name
"""  # noqa: S608 - no input in it
_UPSERT: Final = """
ON CONFLICT DO UPDATE SET calls = calls + excluded.calls, answered = answered + excluded.answered,
    abandoned = abandoned + excluded.abandoned, talk = talk + excluded.talk
"""
_ADD: Final = f"INSERT INTO totals (kind, day, name, calls, answered, abandoned, talk) {_SUMS} {_UPSERT}"
_ADD_GONE: Final = f"""
INSERT INTO totals (kind, day, name, calls, answered, abandoned, talk) VALUES ('gone', '', '', 1, ?, ?, 0) {_UPSERT}
"""  # noqa: S608 - no input in it

_ROLL: Final = f"""
INSERT INTO totals (kind, day, name, calls, answered, abandoned, talk)
SELECT kind, '', name, sum(calls), sum(answered), sum(abandoned), sum(talk) FROM totals
WHERE day > '' AND day >= (SELECT totals_day FROM meta) AND day < ? AND kind <> 'gone' GROUP BY kind, name
{_UPSERT}
"""  # noqa: S608 - no input in it
_OF_AGENT: Final = f"""
SELECT coalesce(sum(answered), 0), coalesce(sum(talk), 0) FROM (
    SELECT answered, talk FROM totals WHERE kind = 'agent' AND day = :day AND name = :agent
    UNION ALL SELECT answered, talk FROM ({_SHARES}) WHERE kind = 'agent' AND name = :agent
)
"""  # noqa: S608 - no input in it

_OF_ALL: Final = f"""
SELECT name, sum(calls), sum(answered), sum(talk) FROM (
    SELECT name, calls, answered, talk FROM totals WHERE kind = 'agent' AND day = :day
    UNION ALL SELECT name, calls, answered, talk FROM ({_SHARES}) WHERE kind = 'agent'
) GROUP BY name
"""  # noqa: S608 - no input in it

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

OF_DIALLED: Final = f"""
SELECT name, sum(calls), sum(answered) FROM (
    {all_time("dialled")}
    UNION ALL SELECT DISTINCT l.agent, 1, c.answered IS NOT NULL, l.call, 0 FROM calls c JOIN legs l ON l.call = c.call
    WHERE c.call IN ({_NOT_YET}) AND c.direction = 'out' AND l.role = 'caller' AND +l.agent <> ''
) GROUP BY name
"""  # noqa: S608 - no input in it
"""How often each agent dialled a number outside, and was answered, over all time."""


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
    these = _listed(calls)
    ends = 0
    while (begins := cursor.execute(_FIRST, (these, ends)).fetchone()[0]) is not None:
        day, ends = _local_day(begins)
        (newest,) = cursor.execute("SELECT totals_day FROM meta").fetchone()
        values = {"calls": these, "begins": begins, "ends": ends}
        cursor.execute(_ADD, {**values, "day": day})
        if day < newest:
            cursor.execute(_ADD, {**values, "day": ""})
        elif day > newest:
            cursor.execute(_ROLL, (day,))
            cursor.execute("UPDATE meta SET totals_day = ?", (day,))


def of_agent(cursor: sqlite3.Cursor, agent: str, at: int) -> tuple[int, int]:
    """Return the calls that an agent answered on the local day of a time (Unix ms), and the talk of them in ticks.

    They are calls that are over: those in the totals, and those on the list that are not in them yet.
    """
    day, ends = _local_day(at)
    these = _listed([call for (call,) in cursor.execute("SELECT call FROM closings")])
    values = {"calls": these, "day": day, "begins": _midnight(at), "ends": ends, "agent": agent}
    answered, talk = cursor.execute(_OF_AGENT, values).fetchone()
    return answered, talk


def of_agents(cursor: sqlite3.Cursor, at: int) -> dict[str, tuple[int, int, int]]:
    """Return the offers, those answered and the talk in ticks of each agent, as `of_agent` counts them."""
    day, ends = _local_day(at)
    these = _listed([call for (call,) in cursor.execute("SELECT call FROM closings")])
    values = {"calls": these, "day": day, "begins": _midnight(at), "ends": ends}
    return {name: (calls, answered, talk) for name, calls, answered, talk in cursor.execute(_OF_ALL, values)}


def _local_day(at: int) -> tuple[str, int]:
    """Return the local day of a time (Unix ms), and when it ends."""
    now = time.localtime(at / 1000)
    return time.strftime("%Y-%m-%d", now), _midnight(at, 1)


def _midnight(at: int, days: int = 0) -> int:
    """Return when (Unix ms) the local day of a time begins, or one that many days after it."""
    now = time.localtime(at / 1000)
    return int(time.mktime((now.tm_year, now.tm_mon, now.tm_mday + days, 0, 0, 0, 0, 0, -1)) * 1000)


def _listed(calls: Sequence[int]) -> str:
    return f"[{','.join(map(str, calls))}]"


def gone(cursor: sqlite3.Cursor, disposition: str) -> None:
    """Count a call that leaves the books: its share stays in all totals."""
    cursor.execute(_ADD_GONE, (int(disposition == "answered"), int(disposition == "abandoned")))


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
