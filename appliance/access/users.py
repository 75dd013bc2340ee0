# SPDX-License-Identifier: GPL-2.0-or-later
"""Users who sign in: added, changed, and proved by password and second factor."""

import re
import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

from appliance.access import passwords, totp, tries
from appliance.access.database import opened
from appliance.access.errors import AccessError
from appliance.access.tries import Bounds
from appliance.contract.access import UserRow
from appliance.i18n import N_

USER: Final = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
_MINUTE_MS: Final = 60_000
_ROWS: Final = """SELECT user, role, name, agent, secret <> '', locked,
    coalesce((SELECT locked_until FROM tries WHERE kind = 'user' AND tries.name = user), 0),
    signed_in_at, password_at, (SELECT count(*) FROM tickets WHERE tickets.user = users.user)
    FROM users ORDER BY user"""


class Account(NamedTuple):
    """A user as a ticket is made for one."""

    user: str
    role: str
    agent: str


class _Known(NamedTuple):
    password: str
    secret: str
    step: int
    locked: int


def listed(path: Path) -> tuple[UserRow, ...]:
    """Return all users, by name. Raises AccessError."""
    with opened(path) as db:
        return tuple(_row(*values) for values in db.execute(_ROWS))


def account(path: Path, user: str) -> Account:
    """Return a user who is not locked. Raises AccessError."""
    with opened(path) as db:
        row = db.execute("SELECT user, role, agent FROM users WHERE user = ? AND NOT locked", (user,)).fetchone()
    if row is None:
        raise unknown(user)
    return Account(*row)


def add(path: Path, account: Account, name: str, password: str, now: int) -> None:
    """Add a user. Raises AccessError."""
    if not USER.fullmatch(account.user):
        text = N_("{user} is no name of a user: small letters, digits and _ . - after a letter, 32 at most")
        raise AccessError.of(text, N_("choose another name"), user=account.user)
    passwords.check(password, account.user)
    kept = passwords.kept(password)
    with opened(path) as db:
        if _there(db, account.user):
            raise AccessError.of(N_("user {user} is there already"), N_("see `mxbox user list`"), user=account.user)
        values = (account.user, account.role, name, account.agent, kept, now)
        db.execute(
            "INSERT INTO users (user, role, name, agent, password, password_at) VALUES (?, ?, ?, ?, ?, ?)", values
        )


def change(
    path: Path, user: str, role: str | None, name: str | None, agent: str | None, *, locked: bool | None
) -> tuple[UserRow, UserRow]:
    """Change what is not None of a user; return how it was and how it is. Raises AccessError."""
    with opened(path) as db:
        before = _one(db, user)
        db.execute(
            "UPDATE users SET role = coalesce(?, role), name = coalesce(?, name), agent = coalesce(?, agent),"
            " locked = coalesce(?, locked) WHERE user = ?",
            (role, name, agent, locked, user),
        )
        if locked is False:
            tries.forget(db, "user", user)
        return before, _one(db, user)


def set_password(path: Path, user: str, password: str, now: int) -> None:
    """Set a new password. Raises AccessError."""
    passwords.check(password, user)
    kept = passwords.kept(password)
    with opened(path) as db:
        _one(db, user)
        db.execute("UPDATE users SET password = ?, password_at = ? WHERE user = ?", (kept, now, user))
        tries.forget(db, "user", user)


def set_secret(path: Path, user: str, secret: str) -> None:
    """Set the key of the second factor, '' to have none. Raises AccessError."""
    with opened(path) as db:
        _one(db, user)
        db.execute("UPDATE users SET secret = ?, step = 0 WHERE user = ?", (secret, user))


def remove(path: Path, user: str) -> UserRow:
    """Remove a user; return how it was. Raises AccessError."""
    with opened(path) as db:
        before = _one(db, user)
        db.execute("DELETE FROM users WHERE user = ?", (user,))
        db.execute("DELETE FROM tickets WHERE user = ?", (user,))
        return before


def prove(path: Path, user: str, password: str, address: str, now: int, bounds: Bounds, code: str | None) -> None:
    """Compare password and second factor; `code` None: the password is enough. Counts what is wrong.

    It takes as long, and says the same, for a user who is not there. Not to be called twice at once: guesses in
    parallel would be counted late. Raises AccessError.
    """
    user = user[:64]
    with opened(path) as db:
        for by, named in (("user", user), ("address", address)):
            if until := tries.locked_until(db, "user" if by == "user" else "address", named, now, bounds):
                raise _locked(until - now)
        found = db.execute("SELECT password, secret, step, locked FROM users WHERE user = ?", (user,)).fetchone()
    known = _Known(*found) if found is not None else _Known(passwords.nothing(), "", 0, 1)
    right = passwords.fits(password, known.password) and not known.locked
    step: int | None = known.step
    if right and known.secret and code is not None:
        if not code:
            raise AccessError.of(N_("this user signs in with a second factor"), N_("give its code, too"))
        step = totp.step_of(known.secret, code, now, known.step)
    with opened(path) as db:
        if right and step is not None:
            tries.forget(db, "user", user)
            db.execute("UPDATE users SET step = ?, signed_in_at = ? WHERE user = ?", (step, now, user))
            return
        tries.count(db, "user", user, now, bounds)
        tries.count(db, "address", address, now, bounds)
    raise AccessError.of(N_("user, password or code is wrong"), N_("try again, or ask who keeps the users"))


def unknown(user: str) -> AccessError:
    """Return the error of a user who is not there."""
    return AccessError.of(N_("there is no user {user}"), N_("see `mxbox user list`"), user=user)


def _there(db: sqlite3.Connection, user: str) -> bool:
    return db.execute("SELECT 1 FROM users WHERE user = ?", (user,)).fetchone() is not None


def _one(db: sqlite3.Connection, user: str) -> UserRow:
    for values in db.execute(_ROWS):
        if values[0] == user:
            return _row(*values)
    raise unknown(user)


def _row(
    user: str, role: str, name: str, agent: str, second: int, locked: int, until: int, signed: int, at: int, n: int
) -> UserRow:
    return UserRow(
        user=user, role=role, name=name, agent=agent, second_factor=bool(second), locked=bool(locked),
        locked_until=until, signed_in_at=signed, password_at=at, tickets=n,
    )  # fmt: skip


def _locked(ms: int) -> AccessError:
    text = N_("too many wrong tries: none is taken for {n} minutes")
    return AccessError.of(text, N_("wait, or have the lock lifted: mxbox user unlock"), n=-(-ms // _MINUTE_MS))
