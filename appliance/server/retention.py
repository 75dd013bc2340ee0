# SPDX-License-Identifier: GPL-2.0-or-later
"""How long calls stay in the books, and recordings in their folder: `[books]` and `[recording]`, beside running calls.

Files are copied and deleted on another thread. Rows that leave the books are deleted a few at a time on the thread that
writes them, with a pause after each, so that no call waits.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.config.model import BoxConfig
from appliance.contract.errors import StoreError
from appliance.store import archive
from appliance.store.archive import Due
from appliance.store.store import Store

INTERVAL_S: Final = 3600.0
PAUSE_S: Final = 0.05
AT_ONCE: Final = 8
"""Calls that leave the books in one transaction: a millisecond or two."""
_DAY_MS: Final = 86_400_000

_log = logging.getLogger(__name__)


class Retention:
    """Removal of calls and recordings after their keeping time.

    Args:
        store: the books.
        books: their file.
        folder: of the archive.
        recordings: the recordings folder.
        config: the box's.
    """

    def __init__(self, store: Store, books: Path, folder: Path, recordings: Path, config: BoxConfig) -> None:
        self._store, self._books, self._folder, self._recordings = store, books, folder, recordings
        self._keep, self._keep_recordings = config.books.keep_days, config.recording.keep_days
        self._archive = config.books.archive
        self._looked_at = 0

    async def run(self) -> None:
        """Run once an hour, until cancelled."""
        while True:
            try:
                await self.once(self._store.label(self._store.last_tick()))
            except (OSError, sqlite3.Error, StoreError) as error:
                _log.error("calls and recordings that are old enough could not leave the books: %s", error)
            await asyncio.sleep(INTERVAL_S)

    async def once(self, now: int) -> None:
        """Remove what is too old at `now` (Unix milliseconds). Raises OSError, sqlite3.Error, StoreError."""
        if self._keep_recordings:
            await self._delete_recordings(now - self._keep_recordings * _DAY_MS, now)
        if self._keep:
            await self._let_go(now - self._keep * _DAY_MS)

    async def _let_go(self, until: int) -> None:
        gone = 0
        self._store.move_mark()
        while due := await asyncio.to_thread(self._put_aside, until):
            for few in _in_parts(due):
                self._store.forget(few)
                await asyncio.sleep(PAUSE_S)
            gone += len(due.calls)
        if gone:
            _log.info("%d calls left the books%s", gone, f" for {self._folder}" if self._archive else "")

    def _put_aside(self, until: int) -> Due:
        """Find old rows and copy them into the archive, or delete the recordings that go with them. Return the rows."""
        with closing(self._store.reader()) as books:
            due = archive.find_due(books, until)
            if due and self._archive:
                archive.copy(self._books, self._folder, due)
            elif due:
                listed = ",".join(map(str, due.calls))
                sql = f"SELECT path FROM recordings WHERE deleted IS NULL AND call IN ({listed})"  # noqa: S608
                archive.unlink(self._recordings, [path for (path,) in books.execute(sql)])
        return due

    async def _delete_recordings(self, until: int, now: int) -> None:
        deleted = 0
        while found := await asyncio.to_thread(self._delete_files, until):
            self._store.note_deleted(found, now)
            deleted += len(found)
            await asyncio.sleep(PAUSE_S)
        deleted += await asyncio.to_thread(archive.delete_recordings, self._folder, self._recordings, until, now)
        if deleted:
            _log.info("%d recordings were deleted: they were older than %d days", deleted, self._keep_recordings)

    def _delete_files(self, until: int) -> list[int]:
        """Delete the files of the next recordings that are too old, in the order in which they began.

        Return their numbers.
        """
        sql = (
            "SELECT recording, path, started_at FROM recordings"
            " WHERE recording > ? AND deleted IS NULL AND closed IS NOT NULL ORDER BY recording LIMIT ?"
        )
        with closing(self._store.reader()) as books:
            rows = books.execute(sql, (self._looked_at, archive.BATCH)).fetchall()
        old = [(recording, path) for recording, path, at in rows if at < until]
        archive.unlink(self._recordings, [path for _recording, path in old])
        if old:
            self._looked_at = old[-1][0]
        return [recording for recording, _path in old]


def _in_parts(due: Due) -> Iterator[Due]:
    for at in range(0, len(due.calls), AT_ONCE):
        yield Due(due.month, due.calls[at : at + AT_ONCE])
    yield Due(due.month, (), due.states, due.troubles)
