# SPDX-License-Identifier: GPL-2.0-or-later
"""How long calls stay in the books: `[books]`, beside running calls; recordings go as `shelving` says.

Files are copied and deleted on another thread. Rows that leave the books are deleted a few at a time on the thread that
writes them, with a pause after each, so that no call waits.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.config.model import BoxConfig
from appliance.contract.errors import ApplianceError
from appliance.contract.records import TroubleNoted
from appliance.server.shelving import DAY_MS, Shelving
from appliance.store import archive
from appliance.store.archive import Due
from appliance.store.shelves import FILE, Shelves
from appliance.store.store import Store

INTERVAL_S: Final = 3600.0
PAUSE_S: Final = 0.05
AT_ONCE: Final = 8
"""Calls that leave the books in one transaction: a millisecond or two."""

_log = logging.getLogger(__name__)


class Retention:
    """Removal of calls and recordings after their keeping time.

    Args:
        store: the books.
        books: their file.
        folder: of the archive.
        recordings: the recordings folder.
        config: the box's.
        moved: the folder to which recordings are moved; None: nowhere.
        note: takes troubles.
    """

    def __init__(
        self,
        store: Store,
        books: Path,
        folder: Path,
        recordings: Path,
        config: BoxConfig,
        moved: Path | None = None,
        note: Callable[[TroubleNoted], None] | None = None,
    ) -> None:
        self._store, self._books, self._folder = store, books, folder
        self._shelves = Shelves(recordings, moved, mounted=config.recording.archive.mounted)
        self._note = note or _tell
        self.be(config)

    def be(self, config: BoxConfig) -> None:
        """Keep calls and recordings as this configuration says from now on; folders stay as they are."""
        self._keep, self._archive = config.books.keep_days, config.books.archive
        self._shelving = Shelving(self._store, self._folder, self._shelves, config, self._note)

    async def run(self) -> None:
        """Run once an hour, until cancelled."""
        while True:
            try:
                await self.once(self._store.label(self._store.last_tick()))
            except (OSError, sqlite3.Error, ApplianceError) as error:
                _log.error("calls and recordings that are old enough could not leave the books: %s", error)
            await asyncio.sleep(INTERVAL_S)

    async def once(self, now: int) -> None:
        """Remove what is too old at `now` (Unix milliseconds). Raises OSError, sqlite3.Error, ApplianceError."""
        await self._shelving.once(now)
        if self._keep:
            await self._let_go(now - self._keep * DAY_MS)

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
                sql = f"SELECT {FILE}, folder FROM recordings r WHERE deleted IS NULL AND call IN ({listed})"  # noqa: S608
                found = books.execute(sql).fetchall()
                self._shelves.unlink([path for path, _folder in found], {folder for _path, folder in found if folder})
        return due


def _tell(trouble: TroubleNoted) -> None:
    _log.error("%s", trouble.english)


def _in_parts(due: Due) -> Iterator[Due]:
    for at in range(0, len(due.calls), AT_ONCE):
        yield Due(due.month, due.calls[at : at + AT_ONCE])
    yield Due(due.month, (), due.states, due.troubles)
