# SPDX-License-Identifier: GPL-2.0-or-later
"""Data that agents keyed in for callers, as the books keep them: a search, newest first; and fields that are asked for.

The table `keying` has calls in which agents are asked for a field now, so that half a value outlives a call server
that is killed.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from appliance.contract.records import DataAsked
from appliance.contract.rows import KeyedRow

_ROWS: Final = """
SELECT k.keyed, k.call, k.started_at, k.field, k.value, k.whole,
    EXISTS (SELECT 1 FROM keyed l WHERE l.call = k.call AND l.field = k.field AND l.keyed > k.keyed),
    k.agent, k.queue, k.caller
FROM keyed k
"""
_GLOB_SIGNS: Final = "?["


def _asked(c: sqlite3.Cursor, f: DataAsked, tick: int, _at: int) -> None:
    """Note the field, and forget those of calls that are over."""
    c.execute("DELETE FROM keying WHERE NOT EXISTS (SELECT 1 FROM calls WHERE call = keying.call AND closed IS NULL)")
    c.execute(
        "INSERT OR REPLACE INTO keying (call, served, field, agent, queue, caller, asked) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (f.call, f.served, f.field, f.agent, f.queue, f.caller, tick),
    )


WRITERS: Final[dict[type, Callable[[sqlite3.Cursor, Any, int, int], None]]] = {DataAsked: _asked}


def keyed(books: sqlite3.Connection, limit: int, since: int = 0, until: int = 0, **asked: str | int) -> list[KeyedRow]:
    """Return values that were keyed in from `since` to `until` (Unix milliseconds; 0: no bound), newest first.

    `asked`: other filters of `api.messages.Keyed`, by name; empty ones count for nothing.
    """
    terms: dict[str, str | int] = {"k.started_at >= ?": since, "k.started_at < ?": until}
    for name, value in asked.items():
        terms[_term(name, value)] = _glob(str(value)) if name == "caller" else value
    given: dict[str, Any] = {term: value for term, value in terms.items() if value}
    where = " AND ".join(given) or "true"
    sql = f"{_ROWS} WHERE {where} ORDER BY k.keyed DESC LIMIT ?"
    return [
        KeyedRow(
            keyed=number, call=call, started_at=at, field=field, value=keys, whole=bool(whole),
            corrected=bool(corrected), agent=agent, queue=queue, caller=caller,
        )
        for number, call, at, field, keys, whole, corrected, agent, queue, caller
        in books.execute(sql, (*given.values(), limit))
    ]  # fmt: skip


def _term(name: str, value: str | int) -> str:
    if name == "before":
        return "k.keyed < ?"
    return f"k.{name} GLOB ?" if name == "caller" and "*" in str(value) else f"k.{name} = ?"


def _glob(pattern: str) -> str:
    """Return a number with '*' for any digits as a pattern of GLOB; without '*' it stays."""
    if "*" not in pattern:
        return pattern
    return "".join(f"[{each}]" if each in _GLOB_SIGNS else each for each in pattern)
