# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings whose files may go: rows in the order in which they began, and the room that they take."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from appliance.contract.keyed import keyed_number
from appliance.contract.records import Direction
from appliance.store.shelves import FILE

WAV_HEADER: Final = 58
TRACKS: Final = 2

_ROWS: Final = f"""
SELECT r.recording, {FILE}, r.folder, r.started_at, r.rule, c.direction, coalesce(r.samples, 0)
FROM recordings r JOIN calls c ON c.call = r.call
WHERE r.recording > ? AND r.deleted IS NULL AND r.closed IS NOT NULL ORDER BY r.recording LIMIT ?
"""  # noqa: S608 - no input in it
_ROOM: Final = f"""
SELECT coalesce(sum({WAV_HEADER} + {TRACKS} * samples), 0) FROM recordings
WHERE deleted IS NULL AND samples > 0 AND folder = ''
"""  # noqa: S608 - no input in it


class Aged(NamedTuple):
    """A closed recording that has its file. `path` is relative to the recordings folder, or absolute (`folder`)."""

    recording: int
    path: str
    folder: str
    started_at: int
    rule: str
    direction: Direction
    samples: int

    @property
    def room(self) -> int:
        """Bytes that it takes in the recordings folder."""
        return 0 if self.folder else WAV_HEADER + TRACKS * self.samples


Chosen = Callable[[Aged], bool]


def after(books: sqlite3.Connection, recording: int, limit: int) -> list[Aged]:
    """Return the next recordings after one, oldest first."""
    return [Aged(*row) for row in books.execute(_ROWS, (recording, limit))]


def room(books: sqlite3.Connection) -> int:
    """Return the bytes of all files in the recordings folder, without those that are being made."""
    return int(books.execute(_ROOM).fetchone()[0])


def folders(rows: Iterable[Aged]) -> set[str]:
    """Return the folders to which recordings were moved."""
    return {row.folder for row in rows if row.folder}


def file_of(books: sqlite3.Connection, recording: str) -> str:
    """Return the path of a recording with sound, of its number as it was keyed in; '' if there is none."""
    sql = f"SELECT {FILE} FROM recordings r WHERE r.recording = ? AND r.deleted IS NULL AND r.samples > 0"  # noqa: S608
    number = keyed_number(recording)
    row = None if number is None else books.execute(sql, (number,)).fetchone()
    return str(row[0]) if row else ""


def last_moved(books: sqlite3.Connection, limit: int) -> list[tuple[str, Path]]:
    """Return the path and the new place of the last recordings that were moved, and not deleted."""
    sql = "SELECT path, folder FROM recordings WHERE folder <> '' AND deleted IS NULL ORDER BY recording DESC LIMIT ?"
    return [(path, Path(folder, path)) for path, folder in books.execute(sql, (limit,))]


def note_deleted(cursor: sqlite3.Cursor, recordings: Sequence[int], now: int, by: str = "", why: str = "") -> None:
    """Set when the files of recordings were deleted (`now`, Unix milliseconds), by whom and why.

    '' by: by the box; for their age, or why 'size': for room.
    """
    sql = "UPDATE recordings SET deleted = ?, deleted_by = ?, deleted_why = ? WHERE recording = ? AND deleted IS NULL"
    cursor.executemany(sql, [(now, by, why, each) for each in recordings])


def note_moved(cursor: sqlite3.Cursor, recordings: Sequence[int], folder: str) -> None:
    """Set the folder to which the files of recordings were moved."""
    cursor.executemany("UPDATE recordings SET folder = ? WHERE recording = ?", [(folder, each) for each in recordings])
