# SPDX-License-Identifier: GPL-2.0-or-later
"""`<state>/access.db`: users, their tickets, wrong tries, and the operation log; for its owner only.

It is a file of its own, beside the books: rows leave the books with time, and may be lost for a second by a power cut.
A row here is on the disk before the answer, outlives the books, and is written by commands also while no box runs.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from appliance.access.errors import AccessError
from appliance.contract.reasons import why
from appliance.i18n import N_

FILE: Final = "access.db"
_BUSY_MS: Final = 5000
_TABLES: Final = (
    """CREATE TABLE IF NOT EXISTS users (
        user TEXT PRIMARY KEY,
        role TEXT NOT NULL,
        name TEXT NOT NULL,
        agent TEXT NOT NULL,
        password TEXT NOT NULL,
        password_at INTEGER NOT NULL,
        secret TEXT NOT NULL DEFAULT '',
        step INTEGER NOT NULL DEFAULT 0,
        locked INTEGER NOT NULL DEFAULT 0,
        signed_in_at INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS tickets (
        hash BLOB PRIMARY KEY,
        user TEXT NOT NULL,
        address TEXT NOT NULL,
        made_at INTEGER NOT NULL,
        used_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS tries (
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        wrong INTEGER NOT NULL,
        at INTEGER NOT NULL,
        locked_until INTEGER NOT NULL,
        PRIMARY KEY (kind, name)
    ) STRICT, WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS operations (
        operation INTEGER PRIMARY KEY AUTOINCREMENT,
        at INTEGER NOT NULL,
        user TEXT NOT NULL,
        door TEXT NOT NULL,
        what TEXT NOT NULL,
        "on" TEXT NOT NULL,
        why TEXT NOT NULL,
        before TEXT NOT NULL,
        after TEXT NOT NULL,
        hash BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE IF NOT EXISTS archived (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        operation INTEGER NOT NULL,
        hash BLOB NOT NULL
    ) STRICT""",
    """CREATE TRIGGER IF NOT EXISTS operations_stay BEFORE UPDATE ON operations
    BEGIN SELECT RAISE(ABORT, 'the operation log is only added to'); END""",
)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file, made if missing, for one transaction. Raises AccessError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its journal the same mode
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("BEGIN IMMEDIATE")
            for table in _TABLES:
                db.execute(table)
            yield db
            db.execute("COMMIT")
    except (OSError, sqlite3.Error) as error:
        hint = N_("look at the disk's free space and the file's owner")
        text = N_("users and operation log {path} cannot be opened: {why}")
        raise AccessError.of(text, hint, path=path, why=why(error)) from error
