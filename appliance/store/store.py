# SPDX-License-Identifier: GPL-2.0-or-later
"""The books: records are written as they happen, one transaction an event, up to a known number of the switch's events.

Events that came together (the switch reports a whole tick at once) may share a transaction: see `Store.together`. An
event that led to nothing outside the books, such as the end of a recording, shares that of the next one.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import get_ident
from typing import IO, Self

from appliance.contract.books import OpenBooks
from appliance.contract.records import AnyRecord, TroubleNoted
from appliance.contract.rows import StoreStatus
from appliance.contract.ticks import TICKS_PER_S
from appliance.contract.upkeep import QuarterRow
from appliance.i18n import N_
from appliance.store import aged, keeping, lines, mark, messages, quality, totals
from appliance.store.archive import Due
from appliance.store.backlog import MAX_RECORDS, RETRY_TICKS, Backlog, Batch
from appliance.store.database import lock, open_reader, open_writer
from appliance.store.open_books import read_open_books
from appliance.store.write_ahead import WriteAheadLog
from appliance.store.writer import WRITERS
from appliance.wall import Wall, system_wall

_REFUSED = (sqlite3.IntegrityError, sqlite3.ProgrammingError, OverflowError, ValueError, TypeError)
"""Errors that lie in a record, not in the disk: a number used twice, a text that cannot be encoded."""
_CATCH_UP = 200
"""Batches in one transaction when a backlog is written: some milliseconds."""


class Store:
    """The books of one box. One writer, on one thread.

    `apply` never fails towards the call: while the disk takes nothing (full, torn off, locked) records wait in memory
    in their order and are written later. Only events up to `last_seq` are on disk, so only those may be confirmed to
    the switch. A record that contradicts the books (a number used twice) is a bug; it is refused with a trouble of kind
    'books', which the ledger reports, and so are the other records of its event.
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
        self._due = False
        self._thread = get_ident()
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
        """Open books in memory, which are gone when closed."""
        return cls(None, wall)

    def apply(self, seq: int | None, tick: int, records: Sequence[AnyRecord], *, without_effect: bool = False) -> None:
        """Write the records of one event in one transaction; `seq` None for records of a timer or a request.

        An event without records costs no transaction: its number is written with the next one, or by `settle`. So are
        the records of an event `without_effect`, which led to no command and no ask: the switch repeats it if this
        process dies before, for it is not confirmed until then.
        """
        self._see(seq, tick)
        if not records:
            return
        self._gathered.append(Batch(self._seen_seq, tick, self._wall(tick), records))
        self._due = self._due or seq is None or not without_effect
        if self._due and not self._gathering:
            self._put(tick)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Write all that is applied in the body in one transaction, at its end: a good part of the cost is the commit.

        `last_seq` covers it only from then on: before, nothing of it may be confirmed to the switch or have an effect
        outside.
        """
        self._gathering = True
        try:
            yield
        finally:
            self._gathering = False
            if self._due:
                self._put(self._seen_tick)

    def flush(self) -> None:
        """Write the records of events without effect now: for an owner who is about to read the books."""
        if self._gathered and not self._gathering:
            self._put(self._seen_tick)

    def settle(self, tick: int) -> None:
        """Write the numbers of events without records, and try records that wait again. Due once a second."""
        self._see(None, tick)
        self.flush()
        if self._backlog:
            self._catch_up(tick)
        elif self._seen_seq != self._seq:
            self._write([Batch(self._seen_seq, tick, 0, ())])

    def retry(self) -> None:
        """Write now the records that wait. For an owner whose box time stands still because the switch is away."""
        self._backlog.hurry()
        self.settle(self._seen_tick)

    def sync(self) -> None:
        """Sync what was committed to disk, so that a power cut does not lose it. May run on another thread.

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
        """Return the number of the last event of which all records are in the books."""
        return self._seq

    def last_tick(self) -> int:
        """Return the box time of the last event seen."""
        return self._seen_tick

    def label(self, tick: int) -> int:
        """Return the wall clock's label for a moment of box time."""
        return self._wall(tick)

    def open_books(self) -> OpenBooks:
        """Return the open entries, and the next free numbers."""
        return read_open_books(self._connection)

    def move_mark(self) -> None:
        """Move the mark up to the oldest call that is up, and add closed calls to the totals. Raises sqlite3.Error."""

        def move(cursor: sqlite3.Cursor) -> None:
            mark.move(cursor)
            totals.count(cursor)

        self._aside(move)

    def forget(self, due: Due) -> None:
        """Delete a few old rows from the books, in one transaction. Raises sqlite3.Error."""
        self._aside(lambda cursor: keeping.forget(cursor, due))

    def note_deleted(self, recordings: Sequence[int], now: int, by: str = "", why: str = "") -> None:
        """Set when the files of recordings were deleted, and by whom and why if not for their age.

        Raises sqlite3.Error.
        """
        self._aside(lambda cursor: aged.note_deleted(cursor, recordings, now, by, why))

    def note_moved(self, recordings: Sequence[int], folder: str) -> None:
        """Set the folder to which the files of recordings were moved. Raises sqlite3.Error."""
        self._aside(lambda cursor: aged.note_moved(cursor, recordings, folder))

    def note_quality(self, taken: quality.Taken) -> None:
        """Add a step of a review of a recording. Raises sqlite3.Error, and RequestError if it comes too late."""
        self._aside(lambda cursor: quality.add(cursor, taken))

    def note_messages_gone(self, numbers: Sequence[int], now: int) -> None:
        """Set when the files of messages were deleted. Raises sqlite3.Error."""
        self._aside(lambda cursor: messages.note_gone(cursor, numbers, now))

    def block(self, span: int, timeslots: Sequence[int], at: int | None, by: str) -> None:
        """Note that a user blocked timeslots at a time (Unix ms); None: no longer. Raises sqlite3.Error."""
        if at is None:
            self._aside(lambda cursor: lines.unblock(cursor, span, timeslots))
        else:
            self._aside(lambda cursor: lines.block(cursor, span, timeslots, at, by))

    def blocked(self) -> dict[int, tuple[int, ...]]:
        """Return the blocked timeslots by span."""
        return lines.blocked(self._connection)

    def put_quarters(self, quarters: Sequence[QuarterRow]) -> None:
        """Write counters of spans in quarters of an hour. Raises sqlite3.Error."""
        self._aside(lambda cursor: lines.put_quarters(cursor, quarters))

    def status(self) -> StoreStatus:
        """Return the state of the books."""
        pages, size = (self._connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
        return StoreStatus(
            last_seq=self._seq,
            bytes=pages * size,
            waiting=len(self._backlog),
            lost=self._backlog.lost,
            error=self._backlog.error,
        )

    def reader(self) -> sqlite3.Connection:
        """Return a connection to read from: one of its own, for another thread, unless the books are in memory.

        Asked for on the writer's thread, it finds what events without effect left; another thread asks its owner to
        `flush` before.
        """
        if get_ident() == self._thread:
            self.flush()
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
        """Write the gathered batches; those that the disk does not take are appended to the backlog."""
        gathered, self._gathered, self._due = self._gathered, [], False
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
        """Write the backlog, as far as the disk takes it; one event first, as a test of the disk."""
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
        """Note, once the disk takes records again, for how long it did not, and how many were lost."""
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
        """Write batches in one transaction; return how many are settled: all, or the first alone, or none."""
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
        """Write a trouble in place of a batch that contradicts the books; return how many batches are settled."""
        values = {"why": str(error), "records": ", ".join(map(repr, batch.records))[:1000]}
        text = N_("records that contradict the books were refused ({why}): {records}")
        told = TroubleNoted("books", text, values=values)
        return self._write([Batch(batch.seq, batch.tick, batch.at, (told,))])

    def _aside(self, work: Callable[[sqlite3.Cursor], None]) -> None:
        """Run `work` in a transaction of its own, between those of events. Raises its exceptions, after a rollback."""
        self.flush()
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
