# SPDX-License-Identifier: GPL-2.0-or-later
"""The operation log: a row for every change that a person or program made, only ever added to.

Each row has a hash over itself and the hash of the row before, so a row that was changed, taken out or put in between
does not fit any more, nor does any after it. Rows taken off the end are missed by the count of rows that SQLite keeps.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from appliance.access.database import opened
from appliance.contract.access import OperationRow

_FIELDS: Final = ("operation", "at", "user", "door", "what", "on", "why", "before", "after")
_COLUMNS: Final = ", ".join(f'"{name}"' for name in _FIELDS)
_START: Final = bytes(32)
"""The hash before the first row."""
_LONGEST: Final = 200_000
"""Characters of a text that are kept: a whole configuration is."""


class Verified(NamedTuple):
    """How many rows fit, the hash of the last of them, and the first that does not, 0 if all fit."""

    rows: int
    hash: str
    wrong: int = 0


def append(path: Path, row: OperationRow) -> OperationRow:
    """Add a row, which gets the next number; return it. It is on the disk then. Raises AccessError."""
    with opened(path) as db:
        last = db.execute("SELECT operation, hash FROM operations ORDER BY operation DESC LIMIT 1").fetchone()
        number, before = last if last is not None else (_taken(db), _START)
        made = msgspec.structs.replace(
            row, operation=number + 1, before=row.before[:_LONGEST], after=row.after[:_LONGEST]
        )
        values = msgspec.structs.astuple(made)
        db.execute(
            f"INSERT INTO operations ({_COLUMNS}, hash) VALUES ({', '.join('?' * 10)})",  # noqa: S608 - names of ours
            (*values, _hash(before, values)),
        )
    return made


def found(
    path: Path, since: int = 0, until: int = 0, user: str = "", what: str = "", before: int = 0, limit: int = 50
) -> tuple[OperationRow, ...]:
    """Return rows, newest first; filters that are 0 or '' take all. Raises AccessError."""
    sql = f"""SELECT {_COLUMNS} FROM operations
        WHERE at >= ? AND (? = 0 OR at < ?) AND ? IN ('', user) AND ? IN ('', what) AND (? = 0 OR operation < ?)
        ORDER BY operation DESC LIMIT ?"""  # noqa: S608 - names of ours
    with opened(path) as db:
        rows = db.execute(sql, (since, until, until, user, what, before, before, limit)).fetchall()
    return tuple(OperationRow(**dict(zip(_FIELDS, row, strict=True))) for row in rows)


def verify(path: Path) -> Verified:
    """Return the first row that does not fit those before it. Raises AccessError."""
    with opened(path) as db:
        rows, last = 0, _START
        for number, values, kept in _rows(db):
            if number != rows + 1 or kept != _hash(last, values):
                return Verified(rows, last.hex(), rows + 1)
            rows, last = rows + 1, kept
        taken = _taken(db)
    return Verified(rows, last.hex(), rows + 1 if taken > rows else 0)


def _rows(db: sqlite3.Connection) -> Iterator[tuple[int, tuple[Any, ...], bytes]]:
    for row in db.execute(f"SELECT {_COLUMNS}, hash FROM operations ORDER BY operation"):  # noqa: S608 - names of ours
        yield row[0], row[:-1], row[-1]


def _taken(db: sqlite3.Connection) -> int:
    """Return the highest number that a row ever had."""
    row = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'operations'").fetchone()
    return int(row[0]) if row is not None else 0


def _hash(before: bytes, values: tuple[Any, ...]) -> bytes:
    written = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(before + written).digest()
