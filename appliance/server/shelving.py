# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings that are moved to another folder and deleted by age and size: `[recording.keep]`, `[recording.archive]`.

Files are read, copied and deleted on another thread, some at a time; calls go on meanwhile.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from appliance.children.child import in_words
from appliance.config.model import BoxConfig
from appliance.config.recordings import OUT_DAYS_MIN
from appliance.contract.errors import ApplianceError
from appliance.contract.records import Direction, TroubleNoted
from appliance.i18n import N_
from appliance.store import aged, archive
from appliance.store.aged import Aged
from appliance.store.shelves import ShelfError, Shelves
from appliance.store.store import Store

PAUSE_S: Final = 0.05
MOVED_AT_ONCE: Final = 20
"""Recordings that are moved before the books say so: those are copied again after a kill."""
DAY_MS: Final = 86_400_000
_MB: Final = 1_000_000
_DIRECTIONS: Final[tuple[Direction, ...]] = ("in", "out", "internal")

_log = logging.getLogger(__name__)


class Shelving:
    """Moves and deletes recordings.

    Args:
        store: the books.
        months: folder of the archive of calls.
        shelves: the folders of the files.
        config: the box's.
        note: takes troubles.
    """

    def __init__(
        self, store: Store, months: Path, shelves: Shelves, config: BoxConfig, note: Callable[[TroubleNoted], None]
    ) -> None:
        self._store, self._months, self._shelves, self._note = store, months, shelves, note
        self._config = config.recording
        self._of_rules = {rule.name: rule.keep_days for rule in config.recording_rule if rule.keep_days}
        ages = {*self._of_rules.values(), *(self._config.days(each) for each in _DIRECTIONS)} - {0}
        self._looked_at = dict.fromkeys(sorted(ages), 0)
        """For each keeping time the last recording that was looked at: its recordings become due in their order."""
        self._moved_up_to = -1
        self._told: set[str] = set()
        """Troubles of the last pass."""

    async def once(self, now: int) -> None:
        """Move and delete what is due at `now` (Unix milliseconds). What cannot be done is a trouble, and stays.

        Raises sqlite3.Error, StoreError.
        """
        steps = [self._delete_old(days, now) for days in self._looked_at]
        if self._shelves.moved is not None:
            steps.insert(0, self._move(self._shelves.moved, now))
        if self._config.keep.max_mb:
            steps.append(self._make_room(now))
        before, self._told = self._told, set()
        for step in steps:
            try:
                await step
            except OSError as error:
                self._tell(in_words(error), before)
            except ShelfError as error:
                self._tell(error, before)

    def _tell(self, error: ApplianceError, before: set[str]) -> None:
        """Note a trouble, once until all went well again."""
        if error.message not in before | self._told:
            self._note(TroubleNoted("recording", error.msgid or error.message, values=error.values))
        self._told.add(error.message)

    # --- another folder

    async def _move(self, folder: Path, now: int) -> None:
        if self._moved_up_to < 0:
            await asyncio.to_thread(self._finish_moves)
        until = now - self._config.archive.after_days * DAY_MS
        await asyncio.to_thread(self._shelves.require, folder)
        while moved := await asyncio.to_thread(self._copy, until):
            self._store.note_moved([row.recording for row in moved], str(folder))
            await asyncio.to_thread(self._shelves.unlink, [row.path for row in moved])
            await asyncio.sleep(PAUSE_S)

    def _copy(self, until: int) -> list[Aged]:
        """Copy the next recordings that began before `until`; return those that have a file there now."""
        copied: list[Aged] = []
        while not copied:
            with closing(self._store.reader()) as books:
                rows = aged.after(books, max(0, self._moved_up_to), MOVED_AT_ONCE)
            rows = [row for row in rows if row.started_at < until]
            if not rows:
                break
            copied = [row for row in rows if not row.folder and self._shelves.move(row.path)]
            self._moved_up_to = rows[-1].recording
        return copied

    def _finish_moves(self) -> None:
        """Delete the sources of recordings that were moved just before the call server was killed."""
        with closing(self._store.reader()) as books:
            sources = aged.last_moved(books, MOVED_AT_ONCE)
        self._shelves.unlink(path for path, there in sources if there.is_file())
        self._moved_up_to = 0

    # --- age

    def _days(self, row: Aged) -> int:
        return self._of_rules.get(row.rule) or self._config.days(row.direction)

    async def _delete_old(self, days: int, now: int) -> None:
        until, deleted = now - days * DAY_MS, 0
        while (found := await asyncio.to_thread(self._delete_next, days, until)) is not None:
            self._store.note_deleted(found, now)
            deleted += len(found)
            await asyncio.sleep(PAUSE_S)

        def old(row: Aged) -> bool:
            return row.started_at < until and self._days(row) == days

        deleted += await asyncio.to_thread(archive.delete_recordings, self._months, self._shelves, old, until, now)
        if deleted:
            _log.info("%d recordings were deleted: they were older than %d days", deleted, days)

    def _delete_next(self, days: int, until: int) -> list[int] | None:
        """Delete the files of the next recordings with a keeping time that are too old; return their numbers.

        None: no recording is left that began before `until`.
        """
        with closing(self._store.reader()) as books:
            rows = aged.after(books, self._looked_at[days], archive.BATCH)
        rows = [row for row in rows if row.started_at < until]
        if not rows:
            return None
        due = [row for row in rows if self._days(row) == days]
        self._shelves.unlink([row.path for row in due], aged.folders(due))
        self._looked_at[days] = rows[-1].recording
        return [row.recording for row in due]

    # --- room

    async def _make_room(self, now: int) -> None:
        """Delete the oldest recordings while all together take too much. Raises ShelfError if they still do."""
        bound = self._config.keep.max_mb * _MB
        over = await asyncio.to_thread(self._room) - bound
        if over <= 0:
            return
        chosen = _Oldest(over, now)
        gone = await asyncio.to_thread(archive.delete_recordings, self._months, self._shelves, chosen, now, now, "size")
        last = 0
        while chosen.over > 0 and (rows := await asyncio.to_thread(self._rows_after, last)):
            due = [row for row in rows if chosen(row)]
            await asyncio.to_thread(self._shelves.unlink, [row.path for row in due])
            self._store.note_deleted([row.recording for row in due], now, why="size")
            gone, last = gone + len(due), rows[-1].recording
            await asyncio.sleep(PAUSE_S)
        _log.info("%d recordings were deleted: all together took more than %d MB", gone, self._config.keep.max_mb)
        if chosen.over > 0:
            text = N_("recordings take {over} MB more than recording.keep.max_mb: those that are left must be kept")
            raise ShelfError.of(text, N_("a bigger disk, or recording.archive"), over=f"{chosen.over / _MB:.0f}")

    def _rows_after(self, recording: int) -> list[Aged]:
        with closing(self._store.reader()) as books:
            return aged.after(books, recording, archive.BATCH)

    def _room(self) -> int:
        with closing(self._store.reader()) as books:
            return aged.room(books) + sum(archive.of_months(self._months, aged.room))


class _Oldest:
    """Predicate for the next recordings, oldest first, until they have made room for `over` bytes."""

    def __init__(self, over: int, now: int) -> None:
        self.over = over
        self._kept_from = now - OUT_DAYS_MIN * DAY_MS

    def __call__(self, row: Aged) -> bool:
        """Return whether a recording goes."""
        if self.over <= 0 or not row.room or (row.direction == "out" and row.started_at >= self._kept_from):
            return False
        self.over -= row.room
        return True
