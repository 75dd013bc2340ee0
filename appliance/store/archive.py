# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that leave the books for the archive: a file of the same tables for each month (UTC) in which calls began.

Rows are copied and synced to disk before they leave the books; copying them twice is harmless. Runs on another thread
than the writer of the books, in batches.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from appliance.contract.errors import RequestError
from appliance.i18n import N_
from appliance.store import aged
from appliance.store.database import bring_up_to_date, open_reader
from appliance.store.shelves import Shelves

T = TypeVar("T")

BATCH: Final = 200
"""Calls, or rows of another kind, that are read at once."""
OF_CALLS: Final = (
    "calls",
    "legs",
    "seizures",
    "segments",
    "keys",
    "queue_entries",
    "room_changes",
    "choices",
    "offers",
    "callbacks",
    "callback_tries",
    "keyed",
    "surveys",
    "ratings",
    "recordings",
    "recording_decisions",
    "recording_pauses",
    "wrap_up_codes",
    "quality_events",
    "quality",
    "supervisor_acts",
)
"""Tables whose rows belong to a call."""
_MONTH: Final = re.compile(r"[0-9]{4}-[0-9]{2}")

_DUE: Final = """
SELECT call, started_at FROM calls
WHERE call < (SELECT call FROM mark) AND call <= (SELECT max(last) FROM days WHERE day <= :until / 86400000)
    AND closed IS NOT NULL AND started_at < :until AND call NOT IN (SELECT call FROM closings)
ORDER BY call LIMIT :batch
"""
_STATES_DUE: Final = """
SELECT change, started_at FROM (
    SELECT change, started_at FROM agent_states
    WHERE change < (SELECT change FROM mark) AND change NOT IN (SELECT change FROM agents_at_mark)
    ORDER BY change LIMIT :batch
) WHERE started_at < :until
"""
_TROUBLES_DUE: Final = """
SELECT trouble, started_at FROM (
    SELECT trouble, started_at FROM troubles WHERE trouble < (SELECT max(trouble) FROM troubles)
    ORDER BY trouble LIMIT :batch
) WHERE started_at < :until
"""


_DAYS: Final = """
INSERT INTO main.days SELECT started_at / 86400000, min(call), max(call) FROM main.calls WHERE call IN ({}) GROUP BY 1
ON CONFLICT DO UPDATE SET first = min(first, excluded.first), last = max(last, excluded.last)
"""


class Due(NamedTuple):
    """Rows older than their keeping time, all of one month: numbers of calls, of changes of agents, of troubles."""

    month: str = ""
    calls: tuple[int, ...] = ()
    states: tuple[int, ...] = ()
    troubles: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.month)


def find_due(books: sqlite3.Connection, until: int) -> Due:
    """Return the oldest rows that began before `until` (Unix milliseconds); rows of calls that are up are left out."""
    found = [
        books.execute(sql, {"until": until, "batch": BATCH}).fetchall() for sql in (_DUE, _STATES_DUE, _TROUBLES_DUE)
    ]
    months = sorted({_month(at) for rows in found for _number, at in rows[:1]})
    if not months:
        return Due()
    kept = [tuple(number for number, at in rows if _month(at) == months[0]) for rows in found]
    return Due(months[0], *kept)


def copy(books: Path, folder: Path, due: Due) -> None:
    """Write rows of the books into the archive and sync. Raises sqlite3.Error or OSError: the rows must stay then."""
    with _opened(folder, due.month) as archive:
        archive.execute("ATTACH ? AS books", (f"file:{books}?mode=ro",))
        archive.execute("BEGIN IMMEDIATE")
        for table in OF_CALLS:
            _copy(archive, table, "call", due.calls)
        _copy(archive, "agent_states", "change", due.states)
        _copy(archive, "troubles", "trouble", due.troubles)
        archive.execute(_DAYS.format(",".join(map(str, due.calls))))
        archive.execute("UPDATE main.meta SET last_tick = (SELECT max(last_tick) FROM books.meta)")
        archive.execute("COMMIT")


def months(folder: Path) -> list[str]:
    """Return the months of the archive, oldest first."""
    return sorted(path.stem for path in folder.glob("*.db") if _MONTH.fullmatch(path.stem))


def open_month(folder: Path, month: str) -> sqlite3.Connection:
    """Open a month's file for reading. Raises StoreError; KeyError if the archive has no such month."""
    if month not in months(folder):
        raise KeyError(month)
    return open_reader(folder / f"{month}.db")


def ask(folder: Path | None, month: str, question: Callable[[sqlite3.Connection], T]) -> T:
    """Return a month's answer to a question. Raises RequestError if the archive (None: none) has no such month."""
    known = months(folder) if folder is not None else []
    if folder is None or month not in known:
        hint = N_("it has: {months}") if known else N_("calls go there when they are older than books.keep_days")
        raise RequestError.of(N_("the archive has no month {month}"), hint, month=month, months=", ".join(known))
    with _opened(folder, month) as archive:
        return question(archive)


def sound_of(folder: Path, recording: str) -> str:
    """Return the path of a recording of any month as `aged.file_of` does, the newest month first."""
    for month in reversed(months(folder)):
        if path := ask(folder, month, lambda books: aged.file_of(books, recording)):
            return path
    return ""


def delete_recordings(folder: Path, shelves: Shelves, chosen: aged.Chosen, until: int, now: int, why: str = "") -> int:
    """Delete the files of archived recordings that are chosen among those of months up to `until`, oldest first.

    Return how many; the rows say when (`now`) and why. Raises OSError, ShelfError.
    """
    deleted = 0
    for month in months(folder):
        if month > _month(until):
            break
        with _opened(folder, month) as archive:
            rows = [row for row in aged.after(archive, 0, -1) if chosen(row)]
            shelves.unlink([row.path for row in rows], aged.folders(rows))
            archive.execute("BEGIN IMMEDIATE")
            aged.note_deleted(archive.cursor(), [row.recording for row in rows], now, why=why)
            archive.execute("COMMIT")
            deleted += len(rows)
    return deleted


def of_months(folder: Path, question: Callable[[sqlite3.Connection], T]) -> Iterator[T]:
    """Yield the answer of each month of the archive to a question, oldest first."""
    for month in months(folder):
        with _opened(folder, month) as archive:
            yield question(archive)


def _month(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m")


def _copy(archive: sqlite3.Connection, table: str, column: str, numbers: tuple[int, ...]) -> None:
    listed = ",".join(map(str, numbers))
    archive.execute(f"INSERT OR REPLACE INTO main.{table} SELECT * FROM books.{table} WHERE {column} IN ({listed})")  # noqa: S608


@contextmanager
def _opened(folder: Path, month: str) -> Iterator[sqlite3.Connection]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{month}.db"
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(f"file:{path}", uri=True, isolation_level=None)) as archive:
        archive.execute("PRAGMA synchronous = FULL")
        bring_up_to_date(archive)
        yield archive
