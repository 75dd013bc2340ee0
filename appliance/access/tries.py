# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong tries to sign in, by user and by address. Too many, and none is taken for a while, also not the right one."""

import sqlite3
from typing import Final, Literal, NamedTuple

By = Literal["user", "address"]


class Bounds(NamedTuple):
    """How many wrong tries there may be, each within `lock_s` of the one before; then none is taken for `lock_s`."""

    user: int = 5
    address: int = 20
    lock_s: float = 900.0

    def of(self, by: By) -> int:
        """Return the bound by user or by address."""
        return self.user if by == "user" else self.address


_COUNT: Final = "INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?, ?)"


def locked_until(db: sqlite3.Connection, by: By, name: str, now: int, bounds: Bounds) -> int:
    """Return until when no try is taken (Unix milliseconds), 0 if one is."""
    row = db.execute("SELECT locked_until FROM tries WHERE kind = ? AND name = ?", (by, name)).fetchone()
    until = min(row[0], now + _ms(bounds)) if row is not None else 0  # a clock that was set back locks no longer
    return until if until > now else 0


def count(db: sqlite3.Connection, by: By, name: str, now: int, bounds: Bounds) -> None:
    """Count a wrong try; forget those that are too old to count."""
    db.execute("DELETE FROM tries WHERE at < ? AND locked_until < ?", (now - _ms(bounds), now))
    row = db.execute("SELECT wrong FROM tries WHERE kind = ? AND name = ?", (by, name)).fetchone()
    wrong = (row[0] if row is not None else 0) + 1
    over = wrong >= bounds.of(by)
    db.execute(_COUNT, (by, name, 0 if over else wrong, now, now + _ms(bounds) if over else 0))


def forget(db: sqlite3.Connection, by: By, name: str) -> None:
    """Forget wrong tries: the right one came, or a person lifted the lock."""
    db.execute("DELETE FROM tries WHERE kind = ? AND name = ?", (by, name))


def _ms(bounds: Bounds) -> int:
    return int(bounds.lock_s * 1000)
