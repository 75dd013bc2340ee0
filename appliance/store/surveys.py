# SPDX-License-Identifier: GPL-2.0-or-later
"""Surveys as the books keep them: each one with its ratings, and totals by agent and by queue."""

import sqlite3
from collections import defaultdict
from typing import Any, Final

from appliance.contract.rows import SurveyRow, SurveyTotal, TotalOf

_ROWS: Final = """
SELECT s.survey, s.call, s.started_at, s.queue, s.agent, coalesce(c.caller, ''), s.how, coalesce(s.result, ''),
    s.comment
FROM surveys s LEFT JOIN calls c ON c.call = s.call
"""
_RATINGS: Final = "SELECT question, rating FROM ratings WHERE survey = ? ORDER BY rated, question"
_PERIOD: Final = "s.started_at >= :since AND s.started_at < :until"
_INVITED: Final = f"""
SELECT s.{{0}}, count(*), count(*) FILTER (WHERE s.result = 'answered'),
    count(*) FILTER (WHERE s.result = 'nothing'), count(*) FILTER (WHERE s.result = 'hung_up')
FROM surveys s WHERE {_PERIOD} AND s.{{0}} <> '' GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - no input in it
_MEANS: Final = f"""
SELECT s.{{0}}, r.question, avg(r.rating) FROM surveys s JOIN ratings r ON r.survey = s.survey
WHERE {_PERIOD} AND s.{{0}} <> '' GROUP BY 1, 2 ORDER BY 1, min(r.rated), 2
"""  # noqa: S608 - no input in it
_TALKS: Final = f"""
SELECT o.{{0}}, count(*) FROM offers o
WHERE o.call >= coalesce((SELECT min(first) FROM days WHERE day >= :since / :day), 0)
    AND o.call <= coalesce((SELECT max(last) FROM days WHERE day <= :until / :day), 0)
    AND +o.started_at >= :since AND +o.started_at < :until AND o.result = 'answered'
    AND o.queue IN (SELECT s.queue FROM surveys s WHERE {_PERIOD}) GROUP BY 1
"""  # noqa: S608 - no input in it
_DAY_MS: Final = 86_400_000
_END: Final = 1 << 62


def surveys(
    books: sqlite3.Connection,
    limit: int,
    since: int = 0,
    until: int = 0,
    *,
    agent: str = "",
    queue: str = "",
    call: int = 0,
    before: int = 0,
) -> list[SurveyRow]:
    """Return surveys that began from `since` to `until` (Unix milliseconds; 0: no bound), newest first."""
    terms: dict[str, Any] = {
        "s.started_at >= ?": since,
        "s.started_at < ?": until,
        "s.agent = ?": agent,
        "s.queue = ?": queue,
        "s.call = ?": call,
        "s.survey < ?": before,
    }
    given = {term: value for term, value in terms.items() if value}
    sql = f"{_ROWS} WHERE {' AND '.join(given) or 'true'} ORDER BY s.survey DESC LIMIT ?"
    return [
        SurveyRow(
            survey=number, call=of, started_at=at, queue=to, agent=by, caller=caller, by=how, result=result,
            comment=comment, ratings=dict(books.execute(_RATINGS, (number,)).fetchall()),
        )
        for number, of, at, to, by, caller, how, result, comment
        in books.execute(sql, (*given.values(), limit)).fetchall()
    ]  # fmt: skip


def totals(books: sqlite3.Connection, since: int = 0, until: int = 0) -> list[SurveyTotal]:
    """Return the totals of surveys that began in a period, of each agent and then of each queue."""
    kinds: tuple[TotalOf, ...] = ("agent", "queue")
    values = {"since": since, "until": until or _END, "day": _DAY_MS}
    return [row for kind in kinds for row in _totals_of(books, kind, values)]


def _totals_of(books: sqlite3.Connection, kind: TotalOf, values: dict[str, int]) -> list[SurveyTotal]:
    means: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for name, question, mean in books.execute(_MEANS.format(kind), values):
        means[name][question] = mean
    talks = dict(books.execute(_TALKS.format(kind), values).fetchall())
    invited = {name: counts for name, *counts in books.execute(_INVITED.format(kind), values)}
    rows = []
    for name in sorted({*talks, *invited}):
        asked, answered, nothing, hung_up = invited.get(name, (0, 0, 0, 0))
        rows.append(SurveyTotal(kind, name, talks.get(name, 0), asked, answered, nothing, hung_up, means[name]))
    return rows
