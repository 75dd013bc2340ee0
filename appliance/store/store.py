# SPDX-License-Identifier: GPL-2.0-or-later
"""The books: take records as they happen, one transaction an event, and tell where to go on after a restart.

Events that came together (the switch tells of a whole tick at once) may share a transaction: see `Store.together`.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Self

from appliance.contract.books import OpenBooks
from appliance.contract.records import AnyRecord, TroubleNoted
from appliance.contract.rows import StoreStatus
from appliance.contract.ticks import TICKS_PER_S
from appliance.i18n import N_
from appliance.store import keeping, mark, totals
from appliance.store.archive import Due
from appliance.store.backlog import MAX_RECORDS, RETRY_TICKS, Backlog, Batch
from appliance.store.database import lock, open_reader, open_writer
from appliance.store.open_books import read_open_books
from appliance.store.write_ahead import WriteAheadLog
from appliance.store.writer import WRITERS
from appliance.wall import Wall, system_wall

_REFUSED = (sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError, ValueError, TypeError)
"""What the fault of a record is, not of the disk: a number used twice, a text that is no text."""
_CATCH_UP = 200
"""Batches in one transaction when a backlog is written: some milliseconds."""


class Store:
    """The books of one box. One writer, on one thread.

    `apply` never fails towards the call: while the disk takes nothing (full, torn off, locked) records wait in memory
    in their order and are written later. Only what `last_seq` covers is on disk, so only that may be confirmed to the
    switch. A record that contradicts the books (a number used twice) is a bug; it is refused with a trouble entry of
    kind 'books', which the ledger reports, and its event's other records with it.
    """

    def __init__(self, path: Path | None, wall: Wall, max_waiting: int = MAX_RECORDS) -> None:
        self._path = path
        self._wall = wall
        self._lock: IO[bytes] | None = lock(path) if path is not None else None
        self._connection = open_writer(path)
        self._cursor = self._connection.cursor()
        self._backlog = Backlog(max_waiting)
        self._gathered: list[Batch] = []
        self._gathering = False
        seq, tick = self._connection.execute("SELECT last_seq, last_tick FROM meta").fetchone()
        self._seq: int = seq
        self._seen_seq: int = seq
        self._seen_tick: int = tick
        self._log = WriteAheadLog(self._connection, path)

    @classmethod
    def open(cls, path: str | Path, wall: Wall = system_wall, max_waiting: int = MAX_RECORDS) -> "Store":
        """Open the books at `path`, made if missing. Raises StoreError."""
        return cls(Path(path), wall, max_waiting)

    @classmethod
    def in_memory(cls, wall: Wall = system_wall) -> "Store":
        """Open books that are gone when closed."""
        return cls(None, wall)

    def apply(self, seq: int | None, tick: int, records: Sequence[AnyRecord]) -> None:
        """Write the records of one event in one transaction; `seq` None for records of a timer or a request.

        An event without records costs no transaction: its number is written with the next one, or by `settle`.
        """
        self._see(seq, tick)
        if not records:
            return
        self._gathered.append(Batch(self._seen_seq, tick, self._wall(tick), records))
        if not self._gathering:
            self._put(tick)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write what is applied meanwhile in one transaction, at the end: a good part of its cost is its commit.

        `last_seq` tells of it from then on, so nothing of it may be confirmed, or lead to anything outside, before.
        """
        self._gathering = True
        try:
            yield
        finally:
            self._gathering = False
            self._put(self._seen_tick)

    def settle(self, tick: int) -> None:
        """Bring the numbers of events without records into the books, and try what waits again. For once a second."""
        self._see(None, tick)
        if self._backlog:
            self._catch_up(tick)
        elif self._seen_seq != self._seq:
            self._write([Batch(self._seen_seq, tick, 0, ())])

    def retry(self) -> None:
        """Try now what waits. For a shell whose box time stands still because the switch is away."""
        self._backlog.hurry()
        self.settle(self._seen_tick)

    def sync(self) -> None:
        """Bring what was committed to the platter, so that a power cut does not take it. May run on another thread.

        Blocks.
        """
        self._log.sync()

    def count_start(self) -> int:
        """Count a start of the call server; return how many there were. A disk that takes nothing counts none."""
        (starts,) = self._connection.execute("SELECT starts + 1 FROM meta").fetchone()
        self._log.let_go()
        with suppress(sqlite3.Error):
            self._connection.execute("UPDATE meta SET starts = ?", (starts,))
        return int(starts)

    def last_seq(self) -> int:
        """Give the number of the last event of which everything is in the books."""
        return self._seq

    def last_tick(self) -> int:
        """Give the box time of the last event seen."""
        return self._seen_tick

    def label(self, tick: int) -> int:
        """Give the wall clock's label of what happens now."""
        return self._wall(tick)

    def open_books(self) -> OpenBooks:
        """Tell what is open, and the next free numbers."""
        return read_open_books(self._connection)

    def move_mark(self) -> None:
        """Move the mark up to the oldest call that is up, and add what has closed to the totals.

        Raises sqlite3.Error.
        """

        def move(cursor: sqlite3.Cursor) -> None:
            mark.move(cursor)
            totals.count(cursor)

        self._aside(move)

    def forget(self, due: Due) -> None:
        """Take a few rows out of the books, in one transaction. Raises sqlite3.Error."""
        self._aside(lambda cursor: keeping.forget(cursor, due))

    def note_deleted(self, recordings: Sequence[int], now: int) -> None:
        """Note that the files of recordings were deleted for their age. Raises sqlite3.Error."""
        self._aside(lambda cursor: keeping.note_deleted(cursor, recordings, now))

    def status(self) -> StoreStatus:
        """Tell how the books are."""
        pages, size = (self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return StoreStatus(
            last_seq=self._seq,
            bytes=pages * size,
            waiting=len(self._backlog),
            lost=self._backlog.lost,
            error=self._backlog.error,
        )

    def reader(self) -> sqlite3.Connection:
        """Give a connection to read from: one of its own, for another thread, unless the books are in memory."""
        return self._connection if self._path is None else open_reader(self._path)

    def close(self) -> None:
        """Write what can be written and close."""
        self.retry()
        self._log.let_go()
        self._connection.close()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _put(self, tick: int) -> None:
        """Write what was gathered; what the disk does not take goes behind what waits already."""
        gathered, self._gathered = self._gathered, []
        while gathered and not self._backlog and (done := self._write(gathered)):
            del gathered[:done]
        for batch in gathered:
            self._backlog.add(batch)
        if self._backlog:
            self._catch_up(tick)

    def _see(self, seq: int | None, tick: int) -> None:
        self._seen_seq = max(seq or 0, self._seen_seq)
        self._seen_tick = max(tick, self._seen_tick)

    def _catch_up(self, tick: int) -> None:
        """Write the backlog, as far as it goes; one event first, to see whether the disk takes it."""
        size = 1
        while self._backlog.due(tick):
            done = self._write(self._backlog.first(size))
            if not done:
                return
            self._backlog.done(done)
            size = _CATCH_UP
        if not self._backlog:
            self._tell_of_it(tick)

    def _tell_of_it(self, tick: int) -> None:
        """Note that the disk took nothing for a while, now that it does again."""
        waited, lost = self._backlog.began, self._backlog.lost
        told = []
        if waited is not None and tick - waited[0] >= RETRY_TICKS:
            seconds_ = f"{(tick - waited[0]) / TICKS_PER_S:.0f}"
            text = N_("the books took nothing for {seconds} s, and do again: {why}")
            told.append(TroubleNoted("disk", text, values={"seconds": seconds_, "why": waited[1]}))
        if lost:
            text = N_("{count} records were lost: the disk took nothing for too long")
            told.append(TroubleNoted("books", text, values={"count": str(lost)}))
        if not told or self._write([Batch(self._seq, tick, self._wall(tick), told)]):
            self._backlog.began, self._backlog.lost = None, 0

    def _write(self, batches: Sequence[Batch]) -> int:
        """Write batches in one transaction; give how many are settled now: all, or the first alone, or none."""
        try:
            self._transact(batches)
        except _REFUSED as error:
            return self._write(batches[:1]) if len(batches) > 1 else self._refuse(batches[0], error)
        except sqlite3.Error as error:
            self._backlog.failed(str(error), batches[-1].tick)
            return 0
        if self._backlog.error and not self._backlog:
            self._backlog.error = ""
        return len(batches)

    def _refuse(self, batch: Batch, error: Exception) -> int:
        """Note a batch that contradicts the books instead of writing it."""
        values = {"why": str(error), "records": ", ".join(map(repr, batch.records))[:1000]}
        text = N_("records that contradict the books were refused ({why}): {records}")
        told = TroubleNoted("books", text, values=values)
        return self._write([Batch(batch.seq, batch.tick, batch.at, (told,))])

    def _aside(self, work: Callable[[sqlite3.Cursor], None]) -> None:
        """Do something in a transaction of its own, between those of events."""
        before = self._connection.total_changes
        try:
            self._log.hold()
            self._cursor.execute("BEGIN IMMEDIATE")
            work(self._cursor)
            self._cursor.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._cursor.execute("ROLLBACK")
            self._log.let_go()
            raise
        self._log.grew(self._connection.total_changes - before)

    def _transact(self, batches: Sequence[Batch]) -> None:
        last, cursor, execute = batches[-1], self._cursor, self._cursor.execute
        try:
            self._log.hold()
            execute("BEGIN IMMEDIATE")
            for batch in batches:
                tick, at = batch.tick, batch.at
                for record in batch.records:
                    WRITERS[type(record)](cursor, record, tick, at)
            execute("UPDATE meta SET last_seq = ?, last_tick = ?", (last.seq, last.tick))
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                cursor.execute("ROLLBACK")
            self._log.let_go()
            raise
        self._seq = last.seq
        self._log.grew(sum([len(batch.records) + 1 for batch in batches]))
