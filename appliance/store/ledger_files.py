# SPDX-License-Identifier: GPL-2.0-or-later
"""The rules of the ledger that check the recordings' files."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from appliance.i18n import N_
from appliance.store import archive
from appliance.store.ledger_rules import Rule
from appliance.store.recordings import RecordingUnreadable, read_wav
from appliance.store.shelves import FILE

SAMPLES_PER_TICK = 160

LENGTH = Rule(
    "recording_length",
    N_("a recording's length is not that of its leg"),
    N_("look at the troubles of that time: the disk may have been full or too slow"),
    # The recording runs from its order to the end of the leg, or to its own end if that was first.
    "SELECT 'recording ' || r.recording || ' of call ' || r.call || ', ' || r.path || ': '"
    " || printf('%.2f', r.samples / 8000.0) || ' s, the leg ' || printf('%.2f',"
    " (min(coalesce(l.closed, r.closed), r.closed) - r.opened) / 50.0) || ' s'"
    " || CASE r.error WHEN '' THEN '' ELSE ' (' || r.error || ')' END"
    " FROM recordings r LEFT JOIN legs l ON l.call = r.call AND l.leg = r.leg AND l.opened ="
    " (SELECT max(m.opened) FROM legs m WHERE m.call = r.call AND m.leg = r.leg AND m.opened <= r.opened)"
    " WHERE r.closed IS NOT NULL"
    " AND abs(r.samples / 160.0 - (min(coalesce(l.closed, r.closed), r.closed) - r.opened)) > :tolerance",
)

READABLE = Rule(
    "recording_unreadable",
    N_("a recording's file is missing, cannot be opened, or is shorter than its row says"),
    N_("was it moved or deleted by hand? A backup may have it"),
    f"SELECT r.recording, r.call, {FILE}, r.samples FROM recordings r"  # noqa: S608 - no input in it
    " WHERE r.closed IS NOT NULL AND r.samples > 0 AND r.deleted IS NULL",
)

STRAY = Rule(
    "file_without_recording",
    N_("a recording's file is in no book"),
    N_("it may be of another box, or copied there by hand: move it elsewhere"),
    "SELECT f.path FROM temp.found_files f WHERE NOT EXISTS (SELECT 1 FROM temp.known_files k WHERE k.path = f.path)",
)


MESSAGE = Rule(
    "message_unreadable",
    N_("a message's file is missing, cannot be opened, or is shorter than its row says"),
    N_("was it moved or deleted by hand? A backup may have it"),
    "SELECT message, box, path, samples FROM messages WHERE kept = 1 AND samples > 0 AND deleted IS NULL",
)


def note_files(connection: sqlite3.Connection, folder: Path) -> int:
    """Write the names of all recordings' files below `folder` into a temporary table; return how many there are.

    Runs before the books are read: a row is written before its file is begun, so a call that begins now is no stray.
    """
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS found_files (path TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.execute("DELETE FROM temp.found_files")
    names = ((str(path.relative_to(folder)),) for path in _files(folder))
    return connection.executemany("INSERT INTO temp.found_files VALUES (?)", names).rowcount


def strays(connection: sqlite3.Connection, folder: Path | None) -> Iterator[str]:
    """Return the files of `note_files` that have no row in the books or in the archive in `folder`."""
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS known_files (path TEXT PRIMARY KEY) WITHOUT ROWID")
    connection.execute("DELETE FROM temp.known_files")
    connection.execute("INSERT OR IGNORE INTO temp.known_files SELECT path FROM recordings")
    connection.execute("INSERT OR IGNORE INTO temp.known_files SELECT path FROM messages WHERE gone IS NULL")
    if folder is not None:
        _know_archived(connection, folder)
    for (path,) in connection.execute(STRAY.sql):
        yield path


def _know_archived(connection: sqlite3.Connection, folder: Path) -> None:
    for month in archive.months(folder):
        with closing(archive.open_month(folder, month)) as archived:
            rows = archived.execute("SELECT path FROM recordings WHERE deleted IS NULL")
            connection.executemany("INSERT OR IGNORE INTO temp.known_files VALUES (?)", rows)


def unreadable(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """Open every closed recording; return a text for each that differs from its row."""
    for recording, call, path, samples in connection.execute(READABLE.sql):
        yield from _shorter(f"recording {recording} of call {call}, {path}", folder / path, samples)


def messages_unreadable(connection: sqlite3.Connection, folder: Path) -> Iterator[str]:
    """Open every message in a box; return a text for each that differs from its row."""
    for message, box, path, samples in connection.execute(MESSAGE.sql):
        yield from _shorter(f"message {message} of box {box}, {path}", folder / path, samples)


def _shorter(where: str, file: Path, samples: int) -> Iterator[str]:
    try:
        there = read_wav(file).samples
    except RecordingUnreadable as error:
        yield f"{where}: {error}"
        return
    if there < samples:
        yield f"{where}: {there / 8000:.2f} s instead of {samples / 8000:.2f} s"


def _files(folder: Path) -> Iterator[Path]:
    for place, _folders, names in os.walk(folder):
        for name in names:
            if name.endswith(".wav"):
                yield Path(place, name)
