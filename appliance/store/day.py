# SPDX-License-Identifier: GPL-2.0-or-later
"""Figures of one local day, from the calls of it that are in the books: computed when they are asked for."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from appliance.contract.day import BoxDay, HourRow, QueueDay
from appliance.contract.rows import AgentDay
from appliance.contract.ticks import TICKS_PER_S, seconds
from appliance.contract.views import QueueView
from appliance.store import board, totals

_DAY_MS: Final = 86_400_000
_OF_THE_DAY: Final = """c.call >= coalesce((SELECT min(first) FROM days WHERE day >= :since / :day), 0)
    AND c.call <= coalesce((SELECT max(last) FROM days WHERE day <= :until / :day), 0)
    AND +c.started_at >= :since AND +c.started_at < :until"""
_TALKED: Final = "EXISTS (SELECT 1 FROM segments s WHERE s.call = c.call AND s.kind = 'talk')"

_HOURS: Final = f"""
SELECT CAST(strftime('%H', c.started_at / 1000, 'unixepoch', 'localtime') AS INTEGER), count(*),
    sum(c.disposition IS 'answered'), sum(c.disposition IS 'abandoned'),
    sum(c.direction = 'in' AND c.closed IS NOT NULL AND NOT {_TALKED})
FROM calls c WHERE {_OF_THE_DAY} GROUP BY 1 ORDER BY 1
"""  # noqa: S608 - no input in it
_TALK: Final = f"""
SELECT coalesce(sum(s.closed - s.opened), 0) FROM calls c JOIN segments s ON s.call = c.call AND s.kind = 'talk'
WHERE {_OF_THE_DAY} AND s.closed IS NOT NULL
"""  # noqa: S608 - no input in it
_QUEUES: Final = f"""
WITH target (queue, ticks) AS (SELECT key, value FROM json_each(:targets)),
ended AS (SELECT q.queue, q.reason, q.left - q.entered AS waited, t.ticks FROM calls c
    JOIN queue_entries q ON q.call = c.call JOIN target t ON t.queue = q.queue
    WHERE {_OF_THE_DAY} AND q.left IS NOT NULL)
SELECT queue, count(*), sum(reason = 'answered'), sum(reason = 'abandoned'),
    sum(reason = 'answered' AND waited <= ticks), sum(reason = 'abandoned' AND waited <= ticks),
    coalesce(avg(waited) FILTER (WHERE reason = 'answered'), 0), max(waited)
FROM ended GROUP BY queue
"""  # noqa: S608 - no input in it


class Day:
    """A local day in the books.

    Args:
        books: to read from.
        since: its begin, Unix milliseconds.
        until: its end.
    """

    def __init__(self, books: sqlite3.Connection, since: int, until: int) -> None:
        self._books = books
        self._bounds = {"since": since, "until": until, "day": _DAY_MS}

    def box(self) -> tuple[BoxDay, tuple[HourRow, ...]]:
        """Return the figures of all calls, and those of each hour in which some began."""
        rows = self._books.execute(_HOURS, self._bounds).fetchall()
        (talk,) = self._books.execute(_TALK, self._bounds).fetchone()
        _hours, calls, answered, abandoned, lost = zip(*rows, strict=True) if rows else ((),) * 5
        hours = tuple(HourRow(hour=row[0], calls=row[1], answered=row[2], abandoned=row[3]) for row in rows)
        of_box = BoxDay(
            calls=sum(calls), answered=sum(answered), abandoned=sum(abandoned), lost=sum(lost), talk_s=seconds(talk)
        )
        return of_box, hours

    def queues(self, queues: Sequence[QueueView]) -> Iterator[QueueDay]:
        """Yield the figures of queues, by their names."""
        ticks = {each.queue: round(each.target_s * TICKS_PER_S) for each in queues}
        values = self._bounds | {"targets": msgspec.json.encode(ticks).decode()}
        found = {queue: row for queue, *row in self._books.execute(_QUEUES, values)}
        for view in sorted(queues, key=lambda view: view.queue):
            entered, answered, abandoned, in_time, at_once, wait, longest = found.get(view.queue, [0] * 7)
            level = round(in_time / (entered - at_once), 3) if entered > at_once else None
            yield QueueDay(
                queue=view.queue,
                entered=entered,
                answered=answered,
                abandoned=abandoned,
                in_time=in_time,
                target_s=view.target_s,
                service_level=level,
                colour=board.of_service_level(view.watch, level),
                wait_s=round(wait / TICKS_PER_S, 1),
                longest_s=seconds(longest),
            )

    def agents(self) -> Iterator[AgentDay]:
        """Yield the figures of agents who were offered a call that is over."""
        for agent, counts in sorted(totals.of_agents(self._books.cursor(), self._bounds["since"]).items()):
            yield agent_day(agent, counts)


def agent_day(agent: str, counts: tuple[int, int, int] | None) -> AgentDay:
    """Return the figures of an agent from offers, answers and talk in ticks, of `totals.of_agents`."""
    offered, answered, talk = counts or (0, 0, 0)
    return AgentDay(agent=agent, offered=offered, answered=answered, talk_s=seconds(talk))
