# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents' PINs, and the lock codes of their pauses: `<state>/pins.db`, for its owner only.

Kept is scrypt (RFC 7914) of each with a salt of its own. They have few digits, so a thief of the file can try them all;
the box itself takes only a few wrong ones (`agents.wrong_pins`, `agents.wrong_pins_phone`).
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
_TABLES: Final = tuple(
    f"CREATE TABLE IF NOT EXISTS {name} (agent TEXT PRIMARY KEY, salt BLOB NOT NULL, scrypt BLOB NOT NULL,"
    " set_at INTEGER NOT NULL) STRICT, WITHOUT ROWID"
    for name in ("pins", "locks")
)
_PIN: Final = "SELECT salt, scrypt FROM pins WHERE agent = ?"
_LOCK: Final = "SELECT salt, scrypt FROM locks WHERE agent = ?"

Verdict = Literal["right", "wrong", "none"]


def check(path: Path, agent: str, pin: str) -> Verdict:
    """Compare a PIN with the agent's; `none`: the agent has none. It takes a while on purpose. Raises StoreError."""
    return _compare(path, _PIN, agent, pin)


def check_lock(path: Path, agent: str, code: str) -> Verdict:
    """Compare a code with that of the agent's last locked pause. Raises StoreError."""
    return _compare(path, _LOCK, agent, code)


def renew(path: Path, agent: str, now: int) -> str:
    """Make a new PIN for an agent; return it, which is shown only this once. Raises StoreError."""
    pin = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    keep(path, agent, pin, now)
    return pin


def keep(path: Path, agent: str, pin: str, now: int) -> None:
    """Keep the PIN that an agent chose. Raises StoreError."""
    _change(path, "INSERT OR REPLACE INTO pins VALUES (?, ?, ?, ?)", _row(agent, pin, now))


def keep_lock(path: Path, agent: str, code: str, now: int) -> None:
    """Keep the code with which an agent's pause ends. Raises StoreError."""
    _change(path, "INSERT OR REPLACE INTO locks VALUES (?, ?, ?, ?)", _row(agent, code, now))


def remove(path: Path, agent: str) -> None:
    """Remove an agent's PIN. Raises StoreError."""
    _change(path, "DELETE FROM pins WHERE agent = ?", (agent,))


def _compare(path: Path, sql: str, agent: str, keyed: str) -> Verdict:
    if not path.exists():
        return "none"
    try:
        with closing(_open(path)) as db:
            row = db.execute(sql, (agent,)).fetchone()
    except (OSError, sqlite3.Error) as error:
        raise _cannot(path, error) from error
    if row is None:
        return "none"
    return "right" if keyed and hmac.compare_digest(_scrypt(keyed, row[0]), row[1]) else "wrong"


def _row(agent: str, secret: str, now: int) -> tuple[str | bytes | int, ...]:
    salt = secrets.token_bytes(16)
    return (agent, salt, _scrypt(secret, salt), now)


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
    for table in _TABLES:
        db.execute(table)
    return db


def _scrypt(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, n=1 << 14, r=8, p=1, dklen=32)


def _cannot(path: Path, error: Exception) -> StoreError:
    hint = N_("look at the disk's free space and the file's owner")
    return StoreError.of(N_("the agents' PINs {path} cannot be opened: {why}"), hint, path=path, why=why(error))
