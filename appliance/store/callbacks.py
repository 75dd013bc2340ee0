# SPDX-License-Identifier: GPL-2.0-or-later
"""Call-backs as the books keep them: written record by record, found newest first, counted by queue."""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

import msgspec

from appliance.contract import records as r
from appliance.contract.books import OpenCallBack
from appliance.contract.callbacks import CallBackRow, CallBackTotal

Cursor = sqlite3.Cursor

_OPEN: Final = """
SELECT callback, call, queue, number, place, entered, expires, language, needs, tries, due,
    coalesce((SELECT t.call FROM callback_tries t WHERE t.callback = c.callback AND t.ended IS NULL), 0)
FROM callbacks c WHERE ended IS NULL ORDER BY callback
"""
_ROWS: Final = """
SELECT callback, call, started_at, queue, number, tries, coalesce(result, '') AS result, why,
    reached AS reached_call, coalesce(ended_at, 0) AS ended_at,
    coalesce((SELECT group_concat(t.call, ' ') FROM callback_tries t WHERE t.callback = c.callback), '') AS calls
FROM callbacks c
"""
_TOTALS: Final = """
SELECT queue, count(*), count(*) FILTER (WHERE result = 'reached'), count(*) FILTER (WHERE result = 'given_up'),
    count(*) FILTER (WHERE result = 'cancelled'), count(*) FILTER (WHERE result IS NULL)
FROM callbacks WHERE started_at >= ? AND started_at < ? GROUP BY queue ORDER BY queue
"""
_END: Final = 1 << 62


def _asked(c: Cursor, f: r.CallBackAsked, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO callbacks (callback, started_at, call, queue, number, place, entered, expires, language, needs,"
        " asked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            f.callback, at, f.call, f.queue, f.number, f.order, f.entered, f.expires, f.language,
            msgspec.json.encode(f.needs).decode(), tick,
        ),
    )  # fmt: skip


def _tried(c: Cursor, f: r.CallBackTried, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO callback_tries (started_at, callback, call, began) VALUES (?, ?, ?, ?)",
        (at, f.callback, f.call, tick),
    )
    c.execute("UPDATE calls SET queue = ? WHERE call = ?", (f.queue, f.call))


def _missed(c: Cursor, f: r.CallBackMissed, tick: int, _at: int) -> None:
    c.execute("UPDATE callback_tries SET ended = ?, why = ? WHERE call = ? AND ended IS NULL", (tick, f.why, f.call))
    counted = f.why not in ("agent", "interrupted")
    c.execute("UPDATE callbacks SET tries = tries + ?, due = ? WHERE callback = ?", (counted, f.due, f.callback))


def _moved(c: Cursor, f: r.CallBackMoved, _tick: int, _at: int) -> None:
    c.execute("UPDATE callbacks SET place = ? WHERE callback = ?", (f.order, f.callback))


def _ended(c: Cursor, f: r.CallBackEnded, tick: int, at: int) -> None:
    c.execute(
        "UPDATE callback_tries SET ended = ?, why = ? WHERE callback = ? AND ended IS NULL",
        (tick, "reached" if f.result == "reached" else "left", f.callback),
    )
    c.execute(
        "UPDATE callbacks SET result = ?, why = ?, reached = ?, ended = ?, ended_at = ? WHERE callback = ?",
        (f.result, f.why, f.call, tick, at, f.callback),
    )


WRITERS: Final[dict[type, Callable[[Cursor, Any, int, int], None]]] = {
    r.CallBackAsked: _asked,
    r.CallBackTried: _tried,
    r.CallBackMissed: _missed,
    r.CallBackMoved: _moved,
    r.CallBackEnded: _ended,
}


def waiting(books: sqlite3.Connection) -> tuple[OpenCallBack, ...]:
    """Return the call-backs that have not ended, in the order in which they were asked for."""
    return tuple(OpenCallBack(*row) for row in books.execute(_OPEN))


def callbacks(
    books: sqlite3.Connection,
    limit: int,
    since: int = 0,
    until: int = 0,
    *,
    queue: str = "",
    number: str = "",
    call: int = 0,
    waits: bool = False,
    before: int = 0,
) -> tuple[CallBackRow, ...]:
    """Return call-backs that were asked for from `since` to `until` (Unix ms; 0: no bound), newest first.

    `call`: that in which it was asked for, or one of its tries. `waits`: only those that have not ended.
    """
    terms: dict[str, Any] = {
        "c.started_at >= ?": since,
        "c.started_at < ?": until,
        "c.queue = ?": queue,
        "c.number = ?": number,
        "(c.call = ?1 OR c.callback IN (SELECT t.callback FROM callback_tries t WHERE t.call = ?1))": call,
        "c.callback < ?": before,
    }
    given = {term.replace("?1", str(call)): value for term, value in terms.items() if value}
    where = [*given, *(["c.ended IS NULL"] if waits else [])]
    values = [value for term, value in given.items() if "?" in term]
    sql = f"{_ROWS} WHERE {' AND '.join(where) or 'true'} ORDER BY c.callback DESC LIMIT ?"
    rows = books.execute(sql, (*values, limit))
    names = [column[0] for column in rows.description]
    return tuple(msgspec.convert(dict(zip(names, row, strict=True)), CallBackRow) for row in rows)


def totals(books: sqlite3.Connection, since: int = 0, until: int = 0) -> tuple[CallBackTotal, ...]:
    """Return how the call-backs of each queue ended that were asked for in a period."""
    return tuple(CallBackTotal(*row) for row in books.execute(_TOTALS, (since, until or _END)))


def asked_in(books: sqlite3.Connection, call: int) -> int:
    """Return the call in which a call-back was asked for of which a call is a try; the call itself if it is none."""
    sql = (
        "SELECT c.call FROM callback_tries t JOIN callbacks c ON c.callback = t.callback WHERE t.call = ?"
        " ORDER BY t.number DESC LIMIT 1"
    )
    found = books.execute(sql, (call,)).fetchone()
    return int(found[0]) if found else call
