# SPDX-License-Identifier: GPL-2.0-or-later
"""The writer's care for SQLite's write-ahead log: held open between events, carried over, brought to the platter.

An event is a transaction of a few rows; a good part of its cost is file locks and the look at what others wrote
meanwhile. There is one writer, so nobody did: a SELECT that is never read to its end keeps the read transaction, and
with it those locks, from event to event; SQLite moves it along with each commit of the same connection. While it is
held the log cannot begin anew, so it is let go to carry the log over into the database, which therefore is done here
and not by SQLite itself. Readers notice nothing.
"""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

CARRY_OVER = 12_000
"""Rows written after which the log is carried over: some 14 MB, 300 calls."""


class WriteAheadLog:
    """Of the books at `path`; None: they are in memory and have no log."""

    def __init__(self, connection: sqlite3.Connection, path: Path | None) -> None:
        self._connection = connection
        self._path = path
        self._held: sqlite3.Cursor | None = None
        self._rows = 0
        self._unsynced = False
        connection.execute("PRAGMA wal_autocheckpoint = 0")

    def hold(self) -> None:
        """Keep the read transaction from now on. Raises sqlite3.Error."""
        if self._held is None and self._path is not None:
            self._held = self._connection.execute("SELECT one FROM mark")

    def let_go(self) -> None:
        """Look at the file anew next time: after an error, for somebody else may have written."""
        if self._held is not None:
            self._held.close()
            self._held = None

    def grew(self, rows: int) -> None:
        """Count what was committed; carry the log over when it is long. If that fails it is tried again later."""
        self._unsynced = True
        self._rows += rows
        if self._rows >= CARRY_OVER:
            self._rows = 0
            self.let_go()
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def sync(self) -> None:
        """Bring what was committed to the platter, so that a power cut does not take it. May run on another thread.

        Blocks.
        """
        if self._path is None or not self._unsynced:
            return
        self._unsynced = False
        try:
            log = os.open(self._path.with_name(self._path.name + "-wal"), os.O_RDONLY)
        except OSError:
            return  # no log: all of it was carried over, and synced
        try:
            os.fdatasync(log)
        except OSError:
            self._unsynced = True
        finally:
            os.close(log)
