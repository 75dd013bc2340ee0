# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of `<state>/edge.db`: phones that may register, and telephones with settings to fetch.

A file of its own, so that the SIP face outside can open neither the books nor anything else. kamailio reads `version`
and the view `subscriber` (auth_db with calculate_ha1=0); `phones.realm` must be `edge.domain`, the realm with which it
challenges. No password is kept, only its digest (HA1, RFC 2617 section 3.2.2.2), and of a one-time secret only its
SHA-256.
"""

import os
import sqlite3
from pathlib import Path
from typing import Final

from appliance.children.alone import alone
from appliance.contract.errors import StoreError
from appliance.contract.reasons import why
from appliance.i18n import _

FILE: Final = "edge.db"
_BUSY_MS: Final = 5000
_NEWEST: Final = "SELECT 1 FROM sqlite_master WHERE name = 'handsets'"

SCHEMA: Final = (
    "CREATE TABLE version (table_name TEXT PRIMARY KEY, table_version INTEGER NOT NULL)",
    "INSERT INTO version VALUES ('subscriber', 7)",  # the version that auth_db of kamailio 5.6 requires of its table
    """CREATE TABLE phones (
        extension TEXT PRIMARY KEY,
        realm TEXT NOT NULL,
        ha1 TEXT NOT NULL,
        ha1b TEXT NOT NULL,
        set_at INTEGER NOT NULL
    ) WITHOUT ROWID""",
    """CREATE VIEW subscriber AS
        SELECT extension AS username, realm AS domain, '' AS password, ha1, ha1b FROM phones""",
    """CREATE TABLE handsets (
        mac TEXT PRIMARY KEY,
        maker TEXT NOT NULL,
        extension TEXT NOT NULL UNIQUE REFERENCES phones ON DELETE CASCADE,
        secret_sha256 TEXT NOT NULL UNIQUE,
        state TEXT NOT NULL CHECK (state IN ('open', 'fetching', 'used')),
        made_at INTEGER NOT NULL,
        used_at INTEGER
    ) WITHOUT ROWID""",
)


def open_phones(path: Path) -> sqlite3.Connection:
    """Open the file of phones, made if need be, for its owner only (mode 0600).

    WAL: kamailio reads while the command writes, and neither waits for the other. Raises StoreError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)  # an HA1 is as good as its password; SQLite gives -wal and -shm the same mode
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        connection.execute("PRAGMA foreign_keys = ON")
        if connection.execute(_NEWEST).fetchone() is None:
            with alone(path.with_suffix(".lock")):  # SQLite fails at once if another process changes the journal's mode
                connection.execute("PRAGMA journal_mode = WAL")  # kept in the file
                _make_tables(connection)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            _("the phones' passwords {path} cannot be opened: {why}").format(path=path, why=why(error)),
            _("look at the disk's free space and the file's owner"),
        ) from error
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute(_NEWEST).fetchone() is None:  # no other process was quicker
        for statement in SCHEMA:
            connection.execute(statement)
    connection.execute("COMMIT")
