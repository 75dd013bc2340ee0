# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages in the books: records into rows, and what is read of them.

A row stays when its message leaves the box; `gone` says when its file was deleted. Messages that were passed on share a
file: it stays as long as one of them is in a box.
"""

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any, Final

from appliance.contract import records as r
from appliance.contract.books import BoxMessage
from appliance.contract.keyed import keyed_number
from appliance.contract.message_row import MessageRow

Cursor = sqlite3.Cursor
_COLUMNS: Final = (
    "message, box, leg, path, number, name, presentation, why, greeting, at, coalesce(samples, 0), closed IS NULL,"
    " heard IS NOT NULL, saved, state, owner, due_at"
)
_IN_BOXES: Final = f"SELECT {_COLUMNS} FROM messages WHERE deleted IS NULL ORDER BY message"  # noqa: S608
_ROWS: Final = (
    "SELECT message, box, call, path, number AS caller, name, presentation = 1 AS withheld, why, greeting, at,"
    " coalesce(samples, 0) / 8000.0 AS length_s, closed IS NULL AS running, coalesce(error, '') AS error,"
    " coalesce(heard, 0) AS heard_at, saved, coalesce(deleted, 0) AS deleted_at, deleted_by, passed, state, owner,"
    " due_at FROM messages"
)


def _opened(c: Cursor, f: r.MessageOpened, tick: int, at: int) -> None:
    c.execute(
        "INSERT INTO messages (message, box, call, leg, path, number, name, presentation, why, greeting, passed, at,"
        " opened) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            f.message, f.box, f.call, f.leg, f.path, f.caller.number, f.caller.name, int(f.caller.presentation), f.why,
            f.greeting, f.passed, f.left_at or at, tick,
        ),
    )  # fmt: skip


def _closed(c: Cursor, f: r.MessageClosed, tick: int, at: int) -> None:
    c.execute(
        "UPDATE messages SET closed = ?, samples = ?, error = ?, kept = ?, deleted = ? WHERE message = ?",
        (tick, f.samples, f.error, f.kept, None if f.kept else at, f.message),
    )


def _marked(c: Cursor, f: r.MessageMarked, _tick: int, at: int) -> None:
    c.execute(*_MARKS[f.mark](f, at))


_Sql = tuple[str, tuple[Any, ...]]
_MARKS: Final[dict[r.MessageMark, Callable[[r.MessageMarked, int], _Sql]]] = {
    "new": lambda f, _: ("UPDATE messages SET heard = NULL WHERE message = ?", (f.message,)),
    "heard": lambda f, at: ("UPDATE messages SET heard = ? WHERE message = ?", (at, f.message)),
    "saved": lambda f, at: (
        "UPDATE messages SET saved = 1, heard = coalesce(heard, ?) WHERE message = ?",
        (at, f.message),
    ),
    "deleted": lambda f, at: (
        "UPDATE messages SET deleted = ?, deleted_by = ? WHERE message = ?",
        (at, f.by or f.asked_by, f.message),
    ),
}


def _tasked(c: Cursor, f: r.MessageTasked, _tick: int, _at: int) -> None:
    sql = "UPDATE messages SET state = ?, owner = ?, due_at = ? WHERE message = ?"
    c.execute(sql, (f.state, f.owner, f.due_at, f.message))


WRITERS: Final[dict[type, Callable[[Cursor, Any, int, int], None]]] = {
    r.MessageOpened: _opened,
    r.MessageClosed: _closed,
    r.MessageMarked: _marked,
    r.MessageTasked: _tasked,
}


def in_boxes(books: sqlite3.Connection) -> tuple[BoxMessage, ...]:
    """Return what is in all boxes, and the messages that are open."""
    return tuple(BoxMessage(*row) for row in books.execute(_IN_BOXES))


def find(
    books: sqlite3.Connection, box: str, state: str, before: int, limit: int, *, deleted: bool
) -> tuple[MessageRow, ...]:
    """Return messages, newest first; arguments as in `api.messages.Messages`."""
    where, values = ["greeting = ''", "(closed IS NULL OR kept = 1)"], []
    for condition, value in (("box = ?", box), ("state = ?", state), ("message < ?", before)):
        if value:
            where.append(condition)
            values.append(value)
    if not deleted:
        where.append("deleted IS NULL")
    cursor = books.execute(f"{_ROWS} WHERE {' AND '.join(where)} ORDER BY message DESC LIMIT ?", (*values, limit))
    names = [column[0] for column in cursor.description]
    return tuple(_row(dict(zip(names, row, strict=True))) for row in cursor)


def _row(found: dict[str, Any]) -> MessageRow:
    switches = {name: bool(found[name]) for name in ("withheld", "running", "saved")}
    del found["greeting"]
    return MessageRow(**{**found, **switches})


def aged(books: sqlite3.Connection, box: str, until: int) -> tuple[int, ...]:
    """Return the messages of a box that were left before `until` and are not saved."""
    sql = (
        "SELECT message FROM messages WHERE box = ? AND at < ? AND saved = 0 AND kept = 1 AND deleted IS NULL"
        " AND greeting = ''"
    )
    return tuple(number for (number,) in books.execute(sql, (box, until)))


def files_to_delete(books: sqlite3.Connection) -> tuple[tuple[int, str], ...]:
    """Return (message, path) of messages that have left their boxes, or never came there, and still have a file."""
    sql = (
        "SELECT message, path FROM messages m WHERE gone IS NULL AND closed IS NOT NULL"
        " AND deleted IS NOT NULL AND NOT EXISTS (SELECT 1 FROM messages o WHERE o.path = m.path"
        " AND (o.closed IS NULL OR (o.kept = 1 AND o.deleted IS NULL)))"
    )
    return tuple((int(number), str(path)) for number, path in books.execute(sql))


def file_of(books: sqlite3.Connection, message: str) -> str:
    """Return the path of a message of a queue's box, of its number as it was keyed in; '' if there is none."""
    number = keyed_number(message)
    if number is None:
        return ""
    sql = (
        "SELECT path FROM messages WHERE message = ? AND state <> '' AND deleted IS NULL AND gone IS NULL"
        " AND samples > 0"
    )
    row = books.execute(sql, (number,)).fetchone()
    return str(row[0]) if row else ""


def note_gone(cursor: sqlite3.Cursor, messages: Sequence[int], now: int) -> None:
    """Set when the files of messages were deleted."""
    cursor.executemany("UPDATE messages SET gone = ? WHERE message = ?", [(now, each) for each in messages])
