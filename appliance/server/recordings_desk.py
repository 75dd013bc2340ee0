# SPDX-License-Identifier: GPL-2.0-or-later
"""The desk's requests about recordings: found, counted, deleted and judged. Books are read on other threads."""

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from appliance.api import messages as m
from appliance.config.model import BoxConfig
from appliance.contract.errors import RequestError
from appliance.contract.rows import RecordingRow
from appliance.i18n import N_
from appliance.numbering import pattern
from appliance.server.books_reader import BooksReader
from appliance.server.quality import Quality
from appliance.store import aged, archive
from appliance.store.coverage import coverage
from appliance.store.keeping import deletable
from appliance.store.levels import levels_of
from appliance.store.reads import Reads
from appliance.store.shelves import Shelves
from appliance.store.store import Store

T = TypeVar("T")

Asked = m.Recordings | m.RecordingCoverage | m.RecordingLevels | m.QualityOf | m.QualitySample
"""Requests that change nothing."""


class RecordingsDesk:
    """Answers to requests about recordings.

    Args:
        store: the books.
        config: the box's.
        folder: of recordings.
        moved: the folder to which they are moved; None: nowhere.
        months: the folder of calls that left the books; None: there is none.
    """

    def __init__(
        self, store: Store, config: BoxConfig, folder: Path, moved: Path | None, months: Path | None = None
    ) -> None:
        self._store, self._folder, self._months = store, folder, months
        self._books = BooksReader(store)
        self._every = config.recording.rule == "all"
        self._quality = Quality(store, config)
        self._shelves = Shelves(folder, moved, mounted=config.recording.archive.mounted)

    def reload(self, config: BoxConfig) -> None:
        """Judge by the score cards, and draw by the quality plans, of this configuration from now on."""
        self._every = config.recording.rule == "all"
        self._quality = Quality(self._store, config)

    async def look(self, request: Asked) -> m.AnyReply:
        """Answer a request that changes nothing."""
        match request:
            case m.Recordings():
                return await self._find(request)
            case m.RecordingCoverage(since, until):
                found = await self._books.ask(lambda books: coverage(books, since, until, every=self._every))
                return m.CoverageReply(found)
            case m.RecordingLevels():
                return await self._levels(request)
            case m.QualityOf() | m.QualitySample():
                return await asyncio.to_thread(self._quality.read, request)

    async def change(self, request: m.DeleteRecording | m.Review, by: str) -> m.AnyReply:
        """Delete a recording, or take a step of its review, for a user."""
        if isinstance(request, m.DeleteRecording):
            return await self._delete(request, by)
        self._quality.take(await asyncio.to_thread(self._quality.prepare, request, by, self._now()))
        return await asyncio.to_thread(self._quality.read, m.QualityOf(request.recording))

    async def _find(self, asked: m.Recordings) -> m.RecordingsReply:
        number, caller, called = pattern(asked.number), pattern(asked.caller), pattern(asked.called)

        def find(books: sqlite3.Connection) -> tuple[RecordingRow, ...]:
            return Reads(books).recordings(
                *(asked.since, asked.until, number, asked.agent, asked.call, asked.min_s, asked.before, asked.limit),
                caller=caller,
                called=called,
                queue=asked.queue,
                rule=asked.rule,
                max_s=asked.max_s,
                qc=asked.qc,
                score_min=asked.score_min,
                score_max=asked.score_max,
                rating_min=asked.rating_min,
                rating_max=asked.rating_max,
                least_calls=asked.least_calls,
            )

        return m.RecordingsReply(str(self._folder), await self._in_month(asked.archive, find))

    async def _levels(self, asked: m.RecordingLevels) -> m.RecordingLevelsReply:
        path = await self._in_month(asked.archive, lambda books: aged.file_of(books, str(asked.recording)))
        if not path:
            hint = N_("it is being made, has no sound, or its file was deleted: see `mxbox recordings`")
            raise RequestError.of(N_("recording {recording} has no file"), hint, recording=asked.recording)
        length_s, tracks = await asyncio.to_thread(levels_of, self._folder / path, asked.points)
        return m.RecordingLevelsReply(asked.recording, length_s, tracks)

    async def _delete(self, asked: m.DeleteRecording, by: str) -> m.RecordingsReply:
        path, moved_to = await self._in_month(asked.archive, lambda books: deletable(books, asked.recording))
        try:
            await asyncio.to_thread(self._shelves.unlink, [path], filter(None, [moved_to]))
        except OSError as error:
            hint = N_("look at the file's owner and at the folder's")
            raise RequestError.of(N_("the file {path} cannot be deleted: {why}"), hint, path=path, why=error) from error
        gone, now = [asked.recording], self._now()
        if asked.archive:
            await self._in_month(
                asked.archive, lambda books: aged.note_deleted(books.cursor(), gone, now, by, asked.why)
            )
        else:
            self._store.note_deleted(gone, now, by, asked.why)
        return await self._find(m.Recordings(before=asked.recording + 1, limit=1, archive=asked.archive))

    def _now(self) -> int:
        return self._store.label(self._store.last_tick())

    async def _in_month(self, month: str, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask a month of the archive; '': the books."""
        if not month:
            return await self._books.ask(question)
        return await asyncio.to_thread(archive.ask, self._months, month, question)
