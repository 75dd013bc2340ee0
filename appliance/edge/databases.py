# SPDX-License-Identifier: GPL-2.0-or-later
"""`<state>/location.db`: kamailio's own memory, which outlives it: registrations, and subscriptions of watchers.

The box reads only registrations (`registered.py`), and writes only the trunks that register (`uacreg`). Tables and
versions are those that usrloc, presence and uac of kamailio 5.6 ask for.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FILE: Final = "location.db"

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS version (table_name TEXT PRIMARY KEY, table_version INTEGER NOT NULL);
INSERT OR REPLACE INTO version VALUES
    ('location', 9), ('presentity', 5), ('active_watchers', 12), ('watchers', 3), ('uacreg', 5);
CREATE TABLE IF NOT EXISTS location (
    id INTEGER PRIMARY KEY, ruid TEXT NOT NULL UNIQUE, username TEXT NOT NULL, domain TEXT, contact TEXT NOT NULL,
    received TEXT, path TEXT, expires TIMESTAMP NOT NULL, q FLOAT NOT NULL, callid TEXT NOT NULL, cseq INTEGER NOT NULL,
    last_modified TIMESTAMP NOT NULL, flags INTEGER NOT NULL, cflags INTEGER NOT NULL, user_agent TEXT NOT NULL,
    socket TEXT, methods INTEGER, instance TEXT, reg_id INTEGER NOT NULL DEFAULT 0,
    server_id INTEGER NOT NULL DEFAULT 0,
    connection_id INTEGER NOT NULL DEFAULT 0, keepalive INTEGER NOT NULL DEFAULT 0, partition INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS location_user ON location (username, contact);
CREATE INDEX IF NOT EXISTS location_expires ON location (expires);
CREATE TABLE IF NOT EXISTS presentity (
    id INTEGER PRIMARY KEY, username TEXT NOT NULL, domain TEXT NOT NULL, event TEXT NOT NULL, etag TEXT NOT NULL,
    expires INTEGER NOT NULL, received_time INTEGER NOT NULL, body BLOB NOT NULL, sender TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0, ruid TEXT, UNIQUE (username, domain, event, etag)
);
CREATE TABLE IF NOT EXISTS active_watchers (
    id INTEGER PRIMARY KEY, presentity_uri TEXT NOT NULL, watcher_username TEXT NOT NULL, watcher_domain TEXT NOT NULL,
    to_user TEXT NOT NULL, to_domain TEXT NOT NULL, event TEXT NOT NULL, event_id TEXT, to_tag TEXT NOT NULL,
    from_tag TEXT NOT NULL, callid TEXT NOT NULL, local_cseq INTEGER NOT NULL, remote_cseq INTEGER NOT NULL,
    contact TEXT NOT NULL, record_route TEXT, expires INTEGER NOT NULL, status INTEGER NOT NULL, reason TEXT,
    version INTEGER NOT NULL DEFAULT 0, socket_info TEXT NOT NULL, local_contact TEXT NOT NULL, from_user TEXT NOT NULL,
    from_domain TEXT NOT NULL, updated INTEGER NOT NULL, updated_winfo INTEGER NOT NULL,
    flags INTEGER NOT NULL DEFAULT 0, user_agent TEXT, UNIQUE (callid, to_tag, from_tag)
);
CREATE TABLE IF NOT EXISTS watchers (
    id INTEGER PRIMARY KEY, presentity_uri TEXT NOT NULL, watcher_username TEXT NOT NULL, watcher_domain TEXT NOT NULL,
    event TEXT NOT NULL DEFAULT 'presence', status INTEGER NOT NULL, reason TEXT, inserted_time INTEGER NOT NULL,
    UNIQUE (presentity_uri, watcher_username, watcher_domain, event)
);
CREATE TABLE IF NOT EXISTS uacreg (
    id INTEGER PRIMARY KEY, l_uuid TEXT NOT NULL UNIQUE, l_username TEXT NOT NULL, l_domain TEXT NOT NULL,
    r_username TEXT NOT NULL, r_domain TEXT NOT NULL, realm TEXT NOT NULL, auth_username TEXT NOT NULL,
    auth_password TEXT NOT NULL, auth_ha1 TEXT NOT NULL, auth_proxy TEXT NOT NULL, expires INTEGER NOT NULL,
    flags INTEGER NOT NULL, reg_delay INTEGER NOT NULL, contact_addr TEXT NOT NULL, socket TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Registration:
    """A trunk at which the box registers.

    Attributes:
        user, domain: its address of record; `account` answers challenges.
        address: its registrar as host:port.
    """

    name: str
    user: str
    account: str
    domain: str
    password: str
    address: str
    expires_s: int

    @property
    def record(self) -> str:
        """Its address of record (RFC 3261 10)."""
        return f"sip:{self.user}@{self.domain}"

    @property
    def to(self) -> str:
        """Destination of its requests, whatever its domain resolves to."""
        return f"sip:{self.address}"


def prepare(path: Path, registrations: Iterable[Registration] = ()) -> None:
    """Create the missing tables of kamailio's file at `path`, and write the trunks into it. Raises sqlite3.Error."""
    path.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(path, isolation_level=None)
    try:
        path.chmod(0o600)
        database.execute("PRAGMA journal_mode = WAL")
        database.executescript(f"BEGIN; {SCHEMA} COMMIT;")
        database.execute("DELETE FROM uacreg")
        database.executemany(
            "INSERT INTO uacreg VALUES (NULL, ?, ?, ?, ?, ?, '', ?, ?, '', ?, ?, 0, 0, '', '')",
            [
                (
                    each.name,
                    each.user,
                    each.domain,
                    each.user,
                    each.domain,
                    each.account,
                    each.password,
                    each.to,
                    each.expires_s,
                )
                for each in registrations
            ],
        )
    finally:
        database.close()
