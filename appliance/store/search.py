# SPDX-License-Identifier: GPL-2.0-or-later
"""Search for calls in books of any size: a walk along one index, newest first, that ends when it has enough.

A time becomes a range of calls by the table `days`, so that no index of times has to be sorted. A number with '*' is
looked up by index if few calls have such a number; if many have, the newest calls are read, of which many fit.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, Final, Self

from appliance.store.views import QUEUE

MAX_SINGLE: Final = 2000
"""Calls that are looked up one by one; of more, enough are among the newest."""
_DAY_MS: Final = 86_400_000
_JOKER: Final = "*"


class Search:
    """A query for calls; each filter given narrows it.

    Args:
        connection: to read from.
        since: first moment at which a call may begin, Unix milliseconds; 0: any.
        until: first moment at which a call may no longer begin; 0: any.
    """

    def __init__(self, connection: sqlite3.Connection, since: int = 0, until: int = 0) -> None:
        self._connection = connection
        self._ranges: list[str] = []
        self._bounds: list[Any] = []
        self._terms: list[str] = []
        self._values: list[Any] = []
        self._number = ""
        self._like: list[tuple[tuple[str, ...], str]] = []
        self._agent = ""
        self._queue = ""
        if since:
            self._range(">= (SELECT min(first) FROM days WHERE day >= ?)", since // _DAY_MS)
            self._add("+c.started_at >= ?", since)
        if until:
            self._range("<= (SELECT max(last) FROM days WHERE day <= ?)", until // _DAY_MS)
            self._add("+c.started_at < ?", until)

    def number(self, pattern: str) -> Self:
        """Keep calls of that caller or to that number; '*' stands for any digits."""
        if _JOKER not in pattern:
            self._number = pattern
        return self._alike(("caller", "called"), pattern)

    def caller(self, pattern: str) -> Self:
        """Keep calls of that caller; '*' stands for any digits."""
        return self._alike(("caller",), pattern) if _JOKER in pattern else self._equal("caller", pattern)

    def called(self, pattern: str) -> Self:
        """Keep calls to that number; '*' stands for any digits."""
        return self._alike(("called",), pattern) if _JOKER in pattern else self._equal("called", pattern)

    def agent(self, agent: str) -> Self:
        """Keep calls that the agent answered."""
        self._agent = agent
        return self

    def queue(self, queue: str) -> Self:
        """Keep calls whose last queue it was."""
        self._queue = queue
        return self._add(f"{QUEUE} = ?", queue) if queue else self

    def result(self, disposition: str) -> Self:
        """Keep calls of that disposition."""
        if disposition and disposition != "answered":
            return self._add("c.disposition = ? AND c.disposition <> 'answered'", disposition)
        return self._add("+c.disposition = ?", disposition) if disposition else self

    def before(self, call: int) -> Self:
        """Keep calls numbered below `call`."""
        return self._range("< ?", call) if call else self

    def newest(self, limit: int) -> list[int]:
        """Return the numbers of the newest calls that fit, newest first."""
        if self._number:
            sql, values = self._of_number(limit)
        elif self._agent:
            sql, values = self._of_agent()
        elif self._queue:
            sql, values = self._of_queue(limit)
        else:
            sql, values = self._of_calls()
        return [call for (call,) in self._connection.execute(f"{sql} LIMIT ?", (*values, limit))]

    def few(self) -> list[int] | None:
        """Return all calls that fit if these are few, else None."""
        found = self.newest(MAX_SINGLE + 1)
        return found if len(found) <= MAX_SINGLE else None

    def condition(self, call: str = "c.call") -> tuple[str, list[Any]]:
        """Return an SQL condition on `calls c`, and its values; `call` is the column of its number."""
        terms, values = [f"{call} {each}" for each in self._ranges] + self._terms, self._bounds + self._values
        for columns, pattern in self._like:
            terms.append("(" + " OR ".join(f"+c.{column} GLOB ?" for column in columns) + ")")
            values += [_glob(pattern)] * len(columns)
        if self._agent:
            terms.append(
                "EXISTS (SELECT 1 FROM legs l WHERE l.call = c.call AND +l.agent = ? AND l.answered IS NOT NULL)"
            )
            values.append(self._agent)
        return " AND ".join(terms) or "true", values

    def _alike(self, columns: tuple[str, ...], pattern: str) -> Self:
        if pattern:
            self._like.append((columns, pattern))
        return self

    def _equal(self, column: str, value: str) -> Self:
        return self._add(f"c.{column} = ?", value) if value else self

    def _range(self, bound: str, value: Any) -> Self:
        self._ranges.append(bound)
        self._bounds.append(value)
        return self

    def _add(self, term: str, value: Any) -> Self:
        self._terms.append(term)
        self._values.append(value)
        return self

    def _of_number(self, limit: int) -> tuple[str, list[Any]]:
        where, values = self.condition()
        one = "SELECT c.call FROM calls c INDEXED BY calls_{0} WHERE c.{0} = ? AND {1} ORDER BY 1 DESC LIMIT ?"
        sql = "SELECT * FROM ({}) UNION SELECT * FROM ({}) ORDER BY 1 DESC"
        sql = sql.format(one.format("caller", where), one.format("called", where))
        return sql, [self._number, *values, limit] * 2

    def _of_agent(self) -> tuple[str, list[Any]]:
        where, values = self.condition("l.call")
        sql = (
            "SELECT DISTINCT l.call FROM legs l INDEXED BY legs_agent CROSS JOIN calls c ON c.call = l.call"
            " WHERE l.agent = ? AND l.agent <> '' AND {} ORDER BY l.call DESC"
        )
        return sql.format(where), [self._agent, *values]

    def _of_queue(self, limit: int) -> tuple[str, list[Any]]:
        """Return the calls that are over by index, and those that are up, whose rows do not name the queue yet."""
        where, values = self.condition()
        sql = "SELECT * FROM (SELECT c.call FROM calls c WHERE {} AND {} ORDER BY 1 DESC LIMIT ?)"
        over = sql.format("c.queue = ?", where)
        up = sql.format("c.call >= (SELECT call FROM mark) AND c.closed IS NULL", where)
        return f"{over} UNION {up} ORDER BY 1 DESC", [self._queue, *values, limit, *values, limit]

    def _of_calls(self) -> tuple[str, list[Any]]:
        where, values = self.condition()
        found = (self._few_like(columns, pattern) for columns, pattern in self._like)
        few = next((each for each in found if each is not None), None)
        if few is not None:
            where += f" AND c.call IN ({','.join(map(str, few))})"
        return f"SELECT c.call FROM calls c WHERE {where} ORDER BY c.call DESC", values  # noqa: S608 - no input in it

    def _few_like(self, columns: tuple[str, ...], pattern: str) -> Sequence[int] | None:
        """Return the calls whose number begins as the pattern does, if they are few, else None."""
        begin = pattern.partition(_JOKER)[0]
        if not begin:
            return None
        sql = "SELECT call FROM calls INDEXED BY calls_{0} WHERE {0} >= ? AND {0} < ? LIMIT ?"
        calls: set[int] = set()
        for column in columns:
            found = self._connection.execute(sql.format(column), (begin, begin + "\U0010ffff", MAX_SINGLE + 1))
            calls.update(call for (call,) in found)
        return sorted(calls) if len(calls) <= MAX_SINGLE else None


def _glob(pattern: str) -> str:
    """Return a number with '*' for any digits as a pattern of GLOB, with GLOB's other special characters escaped."""
    return "".join(f"[{char}]" if char in "?[" else char for char in pattern)
