# SPDX-License-Identifier: GPL-2.0-or-later
"""SQLite's write-ahead log as its writer handles it: held open between events, checkpointed, synced.

An event is a transaction of a few rows; a good part of its cost is file locks and the check for writes of others. There
is one writer, so there are none: a SELECT that is never read to its end keeps the read transaction, and with it those
locks, from event to event; SQLite moves it along with each commit of the same connection. While it is held the log
cannot begin anew, so it is released for a checkpoint, which therefore is done here and not by SQLite itself. Readers
are not affected.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

CARRY_OVER = 12_000
"""Rows written after which a checkpoint is due: some 14 MB, 300 calls."""


class WriteAheadLog:
    """The log of the books at `path`; None: they are in memory and have no log."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path
        self._held: sqlite3.Cursor | None = None
        self._rows = 0
        self._unsynced = False
        connection.execute("PRAGMA wal_autocheckpoint = 0")

    def hold(self) -> None:
        """Hold the read transaction from now on. Raises sqlite3.Error."""
        if self._held is None and self._path is not None:
            self._held = self._connection.execute("SELECT one FROM mark")

    def let_go(self) -> None:
        """Release the read transaction: the next hold checks the file anew.

        After an error, for others may have written.
        """
        if self._held is not None:
            self._held.close()
            self._held = None

    def grew(self, rows: int) -> None:
        """Count committed rows; run a checkpoint when the log is long. One that fails is tried again later."""
        self._unsynced = True
        self._rows += rows
        if self._rows >= CARRY_OVER:
            self._rows = 0
            self.let_go()
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def sync(self) -> None:
        """Sync what was committed to disk, so that a power cut does not lose it. May run on another thread.

        Blocks.
        """
        if self._path is None or not self._unsynced:
            return
        self._unsynced = False
        try:
            log = os.open(self._path.with_name(self._path.name + "-wal"), os.O_RDONLY)
        except OSError:
            return  # no log: all of it was checkpointed, and synced
        try:
            os.fdatasync(log)
        except OSError:
            self._unsynced = True
        finally:
            os.close(log)
