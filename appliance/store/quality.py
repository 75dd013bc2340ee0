# SPDX-License-Identifier: GPL-2.0-or-later
"""Quality marks in the books: all steps of reviews (`quality_events`), and the present state (`quality`)."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from appliance.contract.errors import RequestError
from appliance.contract.quality import STATES, QualityEvent, QualityMark, Sampled
from appliance.contract.ticks import TICKS_PER_S
from appliance.i18n import N_

_DAY_MS: Final = 86_400_000
_SPREAD: Final = 2654435769
_RANGE: Final = 2**32
"""Recordings are drawn in the order of multiples of a golden share of the range: evenly, whatever their numbers."""

_TALKS: Final = f"""
SELECT recording, agent, talk, state, score FROM (
    SELECT r.recording, l.agent,
        sum(min(coalesce(s.closed, r.closed), r.closed) - max(s.opened, r.opened)) AS talk,
        coalesce(q.state, '') AS state, coalesce(q.score, 0.0) AS score
    FROM calls c JOIN recordings r ON r.call = c.call JOIN segments s ON s.call = c.call AND s.kind = 'talk'
        JOIN json_each(s.legs) j JOIN legs l ON l.call = c.call AND l.leg = j.value AND +l.agent <> ''
        LEFT JOIN quality q ON q.recording = r.recording AND q.agent = l.agent
    WHERE c.call >= coalesce((SELECT min(first) FROM days WHERE day >= :since / {_DAY_MS}), 0)
        AND c.call <= coalesce((SELECT max(last) FROM days WHERE day <= :until / {_DAY_MS}), 0)
        AND +c.started_at >= :since AND +c.started_at < :until AND (:direction = 'any' OR c.direction = :direction)
        AND r.closed IS NOT NULL AND r.deleted IS NULL AND r.samples > 0
        AND s.opened < r.closed AND coalesce(s.closed, r.closed) > r.opened
        {{where}}
    GROUP BY r.recording, l.agent
) WHERE talk >= :least ORDER BY agent, recording * {_SPREAD} % {_RANGE}
"""  # noqa: S608 - no input in it


class Wanted(NamedTuple):
    """Talks that a plan is about, in a period (Unix milliseconds; `until` 0: to the end)."""

    since: int
    until: int
    agents: Sequence[str] = ()
    queues: Sequence[str] = ()
    direction: str = "any"
    min_s: float = 0.0


def talks(books: sqlite3.Connection, wanted: Wanted) -> list[Sampled]:
    """Return the talks of agents, those of each agent in the order in which they are drawn."""
    values: dict[str, Any] = {
        "since": wanted.since,
        "until": wanted.until or 2**62,
        "direction": wanted.direction,
        "least": wanted.min_s * TICKS_PER_S,
    }
    where = ""
    for column, kind, names in (("l.agent", "agent", wanted.agents), ("c.queue", "queue", wanted.queues)):
        if names:
            where += f" AND {column} IN ({','.join(f':{kind}{n}' for n in range(len(names)))})"
            values |= {f"{kind}{n}": name for n, name in enumerate(names)}
    rows = books.execute(_TALKS.format(where=where), values)
    return [
        Sampled(recording, agent, talk / TICKS_PER_S, state, score) for recording, agent, talk, state, score in rows
    ]


def agents_of(books: sqlite3.Connection, recording: int) -> tuple[int, list[str]]:
    """Return the call of a recording, and the agents who talk in it. Raises RequestError if there is no such."""
    row = books.execute("SELECT call FROM recordings WHERE recording = ?", (recording,)).fetchone()
    if row is None:
        hint = N_("see `mxbox recordings`")
        raise RequestError.of(N_("there is no recording {recording} in the books"), hint, recording=recording)
    sql = (
        "SELECT DISTINCT l.agent FROM recordings r JOIN segments s ON s.call = r.call AND s.kind = 'talk'"
        " JOIN json_each(s.legs) j JOIN legs l ON l.call = s.call AND l.leg = j.value AND +l.agent <> ''"
        " WHERE r.recording = ? AND s.opened < coalesce(r.closed, s.opened + 1)"
        " AND coalesce(s.closed, r.opened + 1) > r.opened ORDER BY s.opened"
    )
    return row[0], [agent for (agent,) in books.execute(sql, (recording,))]


def events(books: sqlite3.Connection, recording: int, agent: str = "") -> list[QualityEvent]:
    """Return the steps of the reviews of a recording, of one agent or all, oldest first."""
    columns = "event, at, recording, agent, step, by, card, score, passed, points, fatal, note"
    sql = f"SELECT {columns} FROM quality_events WHERE recording = ?1 AND (?2 = '' OR agent = ?2) ORDER BY event"  # noqa: S608
    names = columns.split(", ")
    rows = [dict(zip(names, row, strict=True)) for row in books.execute(sql, (recording, agent))]
    for row in rows:
        row["points"], row["fatal"] = msgspec.json.decode(row["points"]), tuple(row["fatal"].split())
    return msgspec.convert(rows, list[QualityEvent], strict=False)


def condition(agent: str, state: str, least: float, most: float) -> tuple[str, tuple[Any, ...]]:
    """Return a condition on recordings `r`, and its values: a review in that state ('' any) with that score.

    Of one agent or any; 'none': there is no review.
    """
    if state == "none":
        return "r.recording NOT IN (SELECT recording FROM quality WHERE ? IN ('', agent))", (agent,)
    mine = "SELECT recording FROM quality WHERE ? IN ('', agent) AND ? IN ('', state) AND score BETWEEN ? AND ?"
    return f"r.recording IN ({mine})", (agent, state, least, most)


def marks(books: sqlite3.Connection, recordings: Sequence[int]) -> dict[int, list[QualityMark]]:
    """Return the state of the reviews of recordings, by recording."""
    listed = ",".join(map(str, recordings))
    found: dict[int, list[QualityMark]] = {}
    sql = f"SELECT recording, agent, state, score, passed FROM quality WHERE recording IN ({listed}) ORDER BY agent"  # noqa: S608
    for recording, agent, state, score, passed in books.execute(sql):
        found.setdefault(recording, []).append(QualityMark(agent, state, score, bool(passed)))
    return found


class Taken(NamedTuple):
    """A step that follows `before` others; its number is given by the books."""

    call: int
    event: QualityEvent
    before: int


def add(cursor: sqlite3.Cursor, taken: Taken) -> None:
    """Add a step, and set the state. Raises RequestError if another step was taken meanwhile."""
    call, event, before = taken
    sql = "SELECT count(*) FROM quality_events WHERE recording = ? AND agent = ?"
    if cursor.execute(sql, (event.recording, event.agent)).fetchone() != (before,):
        hint = N_("see `mxbox quality show {recording}`")
        raise RequestError.of(N_("another reviewer was faster"), hint, recording=event.recording)
    points = msgspec.json.encode(event.points).decode()
    cursor.execute(
        "INSERT INTO quality_events (call, at, recording, agent, step, by, card, score, passed, points, fatal, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(call, event.at, event.recording, event.agent, event.step, event.by, event.card, event.score),
            *(int(event.passed), points, " ".join(event.fatal), event.note),
        ),
    )
    cursor.execute(
        "INSERT OR REPLACE INTO quality (call, recording, agent, state, score, passed) VALUES (?, ?, ?, ?, ?, ?)",
        (call, event.recording, event.agent, STATES[event.step], event.score, int(event.passed)),
    )
