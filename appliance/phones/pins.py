# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents' PINs: `<state>/pins.db`, for its owner only.

Kept is scrypt (RFC 7914) of each PIN with a salt of its own. A PIN has few digits, so a thief of the file can try them
all; the box itself takes only a few wrong ones (`agents.wrong_pins`).
"""

import hashlib
import hmac
import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final, Literal

from appliance.contract.errors import StoreError
from appliance.contract.reasons import why
from appliance.i18n import N_

FILE: Final = "pins.db"
DIGITS: Final = 6
_BUSY_MS: Final = 5000
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS pins (agent TEXT PRIMARY KEY, salt BLOB NOT NULL, scrypt BLOB NOT NULL,"
    " set_at INTEGER NOT NULL) STRICT, WITHOUT ROWID"
)

Verdict = Literal["right", "wrong", "none"]


def check(path: Path, agent: str, pin: str) -> Verdict:
    """Compare a PIN with the agent's; `none`: the agent has none. It takes a while on purpose. Raises StoreError."""
    if not path.exists():
        return "none"
    try:
        with closing(_open(path)) as db:
            row = db.execute("SELECT salt, scrypt FROM pins WHERE agent = ?", (agent,)).fetchone()
    except (OSError, sqlite3.Error) as error:
        raise _cannot(path, error) from error
    if row is None:
        return "none"
    return "right" if pin and hmac.compare_digest(_scrypt(pin, row[0]), row[1]) else "wrong"


def renew(path: Path, agent: str, now: int) -> str:
    """Make a new PIN for an agent; return it, which is shown only this once. Raises StoreError."""
    pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    salt = secrets.token_bytes(16)
    _change(path, "INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", (agent, salt, _scrypt(pin, salt), now))
    return pin


def remove(path: Path, agent: str) -> None:
    """Remove an agent's PIN. Raises StoreError."""
    _change(path, "DELETE FROM pins WHERE agent = ?", (agent,))


def _change(path: Path, sql: str, values: tuple[str | bytes | int, ...]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_open(path)) as db:
            db.execute(sql, values)
    except (OSError, sqlite3.Error) as error:
        raise _cannot(path, error) from error


def _open(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its journal the same mode
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    db.execute(_TABLE)
    return db


def _scrypt(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=1 << 14, r=8, p=1, dklen=32)


def _cannot(path: Path, error: Exception) -> StoreError:
    hint = N_("look at the disk's free space and the file's owner")
    return StoreError.of(N_("the agents' PINs {path} cannot be opened: {why}"), hint, path=path, why=why(error))
