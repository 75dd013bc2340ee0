# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines in the books: channels that a technician has blocked, and counters of spans by quarter hour."""

import sqlite3
from collections.abc import Iterable
from typing import Final

import msgspec

from appliance.contract.upkeep import QuarterRow

KEPT_MS: Final = 35 * 86_400_000
"""How long quarters are kept: a month, with some days to look back at it."""
_counts: Final = msgspec.json.Decoder(dict[str, int])
_encoder: Final = msgspec.json.Encoder()


def block(cursor: sqlite3.Cursor, span: int, timeslots: Iterable[int], at: int, by: str) -> None:
    """Note that timeslots are blocked, by whom and when (Unix ms)."""
    sql = "INSERT OR IGNORE INTO blocked_channels (span, timeslot, started_at, asked_by) VALUES (?, ?, ?, ?)"
    cursor.executemany(sql, [(span, timeslot, at, by) for timeslot in timeslots])


def unblock(cursor: sqlite3.Cursor, span: int, timeslots: Iterable[int]) -> None:
    """Note that timeslots are no longer blocked."""
    sql = "DELETE FROM blocked_channels WHERE span = ? AND timeslot = ?"
    cursor.executemany(sql, [(span, timeslot) for timeslot in timeslots])


def blocked(books: sqlite3.Connection) -> dict[int, tuple[int, ...]]:
    """Return the blocked timeslots by span."""
    found: dict[int, list[int]] = {}
    for span, timeslot in books.execute("SELECT span, timeslot FROM blocked_channels ORDER BY span, timeslot"):
        found.setdefault(span, []).append(timeslot)
    return {span: tuple(timeslots) for span, timeslots in found.items()}


def put_quarters(cursor: sqlite3.Cursor, quarters: Iterable[QuarterRow]) -> None:
    """Write quarters, in place of those of the same span and time; delete old ones."""
    newest = 0
    for each in quarters:
        newest = max(newest, each.began)
        cursor.execute(
            "INSERT OR REPLACE INTO span_quarters"
            " (span, began, seconds, counters, errored_s, alarm_s, far_alarm_s, out_s) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                each.span, each.began, each.seconds, _encoder.encode(each.counters).decode(), each.errored_s,
                each.alarm_s, each.far_alarm_s, each.out_s,
            ),
        )  # fmt: skip
    cursor.execute("DELETE FROM span_quarters WHERE began < ?", (newest - KEPT_MS,))


def quarters(books: sqlite3.Connection, span: int, since: int, until: int) -> tuple[QuarterRow, ...]:
    """Return quarters, the newest first; `span` 0: of all; `since` <= began < `until` (0: no bound)."""
    rows = books.execute(
        "SELECT span, began, seconds, counters, errored_s, alarm_s, far_alarm_s, out_s FROM span_quarters"
        " WHERE began >= ? AND began < ? AND (span = ? OR ? = 0) ORDER BY began DESC, span",
        (since, until or 1 << 62, span, span),
    )
    return tuple(
        QuarterRow(
            span=number, began=began, seconds=seconds, counters=_counts.decode(counters), errored_s=errored,
            alarm_s=alarm, far_alarm_s=far_alarm, out_s=out,
        )
        for number, began, seconds, counters, errored, alarm, far_alarm, out in rows
    )  # fmt: skip
