# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening the database of the books: settings, migrations, views, and the lock against a second call server.

WAL with synchronous=NORMAL: a commit survives the death of the process (kill -9). A power cut loses what was committed
since the last sync of the log, which the call server does every second (`Store.sync`). SQLite's own order of syncs
keeps the file consistent in every case.
"""

import fcntl
import os
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import IO

from sqlite_utils import Database

from appliance.contract.errors import StoreError
from appliance.contract.reasons import why
from appliance.i18n import _
from appliance.store import totals
from appliance.store.migrations import MIGRATIONS
from appliance.store.views import make_views

_PAGE_BYTES = 1024  # an event touches some five pages with a row or two each: small pages halve the octets written
_BUSY_MS = 20  # bounded wait: call handling never stalls on a locked file


def open_writer(path: Path | None) -> sqlite3.Connection:
    """Open the books for writing, made or brought up to date as needed; None: in memory.

    Raises StoreError if they cannot be opened, are no books, or were made by a newer version.
    """
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(":memory:" if path is None else path, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if path is None:
            connection.deserialize(_empty_books())
        else:
            bring_up_to_date(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # the log begins with what calls write
        totals.fill(connection)
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # migrations leave a log of many pages
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            _("the books {path} cannot be opened: {why}").format(path=path, why=why(error)),
            _("look at the disk's free space and the file's owner; move a damaged file away: a new one is made"),
        ) from error
    return connection


@cache
def _empty_books() -> bytes:
    """Return books in memory as they are after all migrations: made once, for these take 200 times longer to run."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        bring_up_to_date(connection)
        return connection.serialize()


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the books for reading only, beside their writer. Raises StoreError."""
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
        connection.execute("SELECT last_seq FROM meta")
    except sqlite3.Error as error:
        raise StoreError(
            _("the books {path} cannot be read: {why}").format(path=path, why=why(error)),
            _("name the store.db of a box, which lies in its state folder"),
        ) from error
    return connection


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Run the missing migrations and renew the views. Raises StoreError for books of a newer version."""
    db = Database(connection)
    known = {migration.name for migration in MIGRATIONS.pending(Database(memory=True))}
    unknown = [done.name for done in MIGRATIONS.applied(db) if done.name not in known]
    if unknown:
        raise StoreError(
            _("the books were made by a newer version ({names})").format(names=", ".join(unknown)),
            _("install that version again, or restore a backup made by this one"),
        )
    if MIGRATIONS.pending(db):
        MIGRATIONS.apply(db)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # the log begins empty, however many steps there are
    make_views(db)


def lock(path: Path) -> IO[bytes]:
    """Lock the books against a second call server; the lock ends with the process, however it ends.

    Raises StoreError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.with_name(path.name + ".lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise StoreError(
            _("the books {path} are in use by another call server").format(path=path),
            _("stop that box first, or give this one a state folder of its own"),
        ) from error
    return file
