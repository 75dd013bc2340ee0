# SPDX-License-Identifier: GPL-2.0-or-later
"""The operation log: a row for every change that a person or program made, only ever added to.

Each row has a hash over itself and the hash of the row before, so a row that was changed, taken out or put in between
does not fit any more, nor does any after it. Rows taken off the end are missed by the count of rows that SQLite keeps.
Old rows move to a file of the archive, where the chain begins; the place where it goes on here is noted.
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
        number, before = last if last is not None else _begin(db)
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


def verify(path: Path, archive: Path | None = None) -> Verified:
    """Return the first row that does not fit those before it, with those in the archive. Raises AccessError."""
    rows, last, hashes = 0, _START, {0: _START}
    if archive is not None and archive.is_file():
        with opened(archive) as db:
            rows, last, wrong = _fitting(db, rows, last)
            hashes |= dict(db.execute("SELECT operation, hash FROM operations"))
        if wrong:
            return Verified(rows, last.hex(), wrong)
    with opened(path) as db:
        number, begin = _begin(db)
        if number > rows or hashes[number] != begin:
            return Verified(rows, last.hex(), rows + 1)
        here, end, wrong = _fitting(db, number, begin)  # from before `rows` on, if a power cut left rows in both
        if here < rows:
            return Verified(rows, last.hex(), wrong or 0)
        return Verified(here, end.hex(), wrong or (here + 1 if _taken(db) > here else 0))


def shelve(path: Path, archive: Path, until: int) -> int:
    """Move rows of before `until` (Unix milliseconds) to the archive; return how many. Raises AccessError."""
    with opened(path) as db:
        later = db.execute("SELECT min(operation) FROM operations WHERE at >= ?", (until,)).fetchone()[0]
        sql = f"SELECT {_COLUMNS}, hash FROM operations WHERE ? IS NULL OR operation < ? ORDER BY operation"  # noqa: S608
        rows = db.execute(sql, (later, later)).fetchall()
        if not rows:
            return 0
        with opened(archive) as shelf:  # on the disk before they leave here; a power cut in between leaves them in both
            shelf.executemany(f"INSERT OR IGNORE INTO operations VALUES ({', '.join('?' * 10)})", rows)  # noqa: S608
        db.execute("DELETE FROM operations WHERE operation <= ?", (rows[-1][0],))
        db.execute("INSERT OR REPLACE INTO archived VALUES (1, ?, ?)", (rows[-1][0], rows[-1][-1]))
    return len(rows)


def _begin(db: sqlite3.Connection) -> tuple[int, bytes]:
    """Return the number and the hash of the last row that is in the archive."""
    row = db.execute("SELECT operation, hash FROM archived").fetchone()
    return (row[0], row[1]) if row is not None else (0, _START)


def _fitting(db: sqlite3.Connection, rows: int, last: bytes) -> tuple[int, bytes, int]:
    """Return the last row that fits, its hash, and the first that does not, 0 if all do."""
    for number, values, kept in _rows(db):
        if number != rows + 1 or kept != _hash(last, values):
            return rows, last, rows + 1
        rows, last = rows + 1, kept
    return rows, last, 0


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
