# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones that may register: their passwords' digests, and the one-time secrets by which they fetch their settings.

A password exists in clear only on its way to its person or telephone. Kept are HA1 = MD5(extension:realm:password) (RFC
7616 section 3.4.2 with MD5, which SIP phones speak), and HA1b for phones that put user@domain into their user name. A
new realm needs new passwords: a digest cannot be converted.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from appliance.phones.schema import open_phones

ALPHABET: Final = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0 O 1 l I, which people mix up; none of these needs escaping in any maker's file."""
PASSWORD_CHARACTERS: Final = 20  # 116 bits
TICKET_CHARACTERS: Final = 28  # 162 bits: too many to try


class PhoneError(ApplianceError):
    """The request does not fit the existing phones."""


@dataclass(frozen=True)
class Phone:
    """A phone that may register. `set_at`: when its password was made, Unix milliseconds UTC."""

    extension: str
    realm: str
    set_at: int


@dataclass(frozen=True)
class Handset:
    """A telephone that fetches its settings. `state`: 'open' (may fetch), 'fetching', 'used' (has fetched)."""

    mac: str
    maker: str
    extension: str
    state: str
    made_at: int
    used_at: int | None


def digests(extension: str, realm: str, password: str) -> tuple[str, str]:
    """Return (HA1, HA1b) of a password."""
    return _md5(f"{extension}:{realm}:{password}"), _md5(f"{extension}@{realm}:{realm}:{password}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()  # digest access authentication uses MD5


def random_text(characters: int) -> str:
    """Return a random secret."""
    return "".join(secrets.choice(ALPHABET) for _n in range(characters))


class PhoneBook:
    """`edge.db`, open; use it in `with`. Every method is a transaction unless it runs inside `all_or_nothing`."""

    def __init__(self, path: Path) -> None:
        self._db: sqlite3.Connection = open_phones(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None) -> None:
        self._db.close()

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Join several changes in one transaction; an exception undoes them all."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def phones(self) -> dict[str, Phone]:
        """Return all phones by their extension."""
        rows = self._db.execute("SELECT extension, realm, set_at FROM phones ORDER BY extension")
        return {row[0]: Phone(*row) for row in rows}

    def add(self, extension: str, realm: str, now: int, password: str = "") -> str:
        """Add a phone that may register; return its password, which is shown only this once.

        Args:
            extension: its user name, too.
            realm: the SIP domain.
            now: Unix milliseconds, a label.
            password: one that the phone has already; else one is made.

        Raises:
            PhoneError: it exists already.
        """
        password = password or random_text(PASSWORD_CHARACTERS)
        row = (extension, realm, *digests(extension, realm, password), now)
        try:
            self._db.execute("INSERT INTO phones VALUES (?, ?, ?, ?, ?)", row)
        except sqlite3.IntegrityError as error:
            hint = _("for a new password: mxbox extension password {number}").format(number=extension)
            raise PhoneError(_("phone {number} has a password already").format(number=extension), hint) from error
        return password

    def set_password(self, extension: str, realm: str, now: int) -> str:
        """Set a new password; the old one no longer works. Return the new one, which is shown only this once."""
        password = random_text(PASSWORD_CHARACTERS)
        self._db.execute(
            "INSERT INTO phones VALUES (?, ?, ?, ?, ?) ON CONFLICT (extension) DO UPDATE SET"
            " realm = excluded.realm, ha1 = excluded.ha1, ha1b = excluded.ha1b, set_at = excluded.set_at",
            (extension, realm, *digests(extension, realm, password), now),
        )
        return password

    def remove(self, extension: str) -> bool:
        """Remove a phone: it can neither register nor fetch its settings; return whether it existed."""
        return self._db.execute("DELETE FROM phones WHERE extension = ?", (extension,)).rowcount > 0

    def handsets(self) -> dict[str, Handset]:
        """Return the telephones that have settings to fetch, or have fetched them, by their extension."""
        rows = self._db.execute("SELECT mac, maker, extension, state, made_at, used_at FROM handsets")
        return {row[2]: Handset(*row) for row in rows}

    def invite(self, extension: str, maker: str, mac: str, now: int) -> str:
        """Allow the telephone with this MAC address to fetch the settings of an extension once.

        Returns the one-time secret, which is shown only this once; an older one no longer works. Raises PhoneError.
        """
        other = self._db.execute("SELECT extension FROM handsets WHERE mac = ?", (mac,)).fetchone()
        if other is not None and other[0] != extension:
            message = _("the telephone {mac} belongs to extension {number}").format(mac=mac, number=other[0])
            raise PhoneError(message, _("remove that extension first, or correct the MAC address"))
        secret = random_text(TICKET_CHARACTERS)
        try:
            self._db.execute(
                "INSERT OR REPLACE INTO handsets VALUES (?, ?, ?, ?, 'open', ?, NULL)",
                (mac, maker, extension, _sha256(secret), now),
            )
        except sqlite3.IntegrityError as error:
            message = _("extension {number} has no phone that registers").format(number=extension)
            raise PhoneError(
                message, _("add it first: mxbox extension add {number}").format(number=extension)
            ) from error
        return secret

    def who(self, secret: str) -> Handset | None:
        """Return the telephone that has, or had, this secret."""
        rows = self._db.execute(
            "SELECT mac, maker, extension, state, made_at, used_at FROM handsets WHERE secret_sha256 = ?",
            (_sha256(secret),),
        ).fetchall()
        return Handset(*rows[0]) if rows else None

    def claim(self, secret: str) -> Handset | None:
        """Reserve a one-time secret for a fetch that begins now; None if it does not exist or is used up.

        Of two fetches at once only one gets it. `used` or `give_back` must follow.
        """
        rows = self._db.execute(
            "UPDATE handsets SET state = 'fetching' WHERE secret_sha256 = ? AND state = 'open'"
            " RETURNING mac, maker, extension, state, made_at, used_at",
            (_sha256(secret),),
        ).fetchall()
        return Handset(*rows[0]) if rows else None

    def used(self, handset: Handset, now: int) -> None:
        """Mark the secret of a telephone as used up: it has its settings."""
        self._db.execute(
            "UPDATE handsets SET state = 'used', used_at = ? WHERE mac = ? AND state = 'fetching'", (now, handset.mac)
        )

    def give_back(self, handset: Handset | None = None) -> None:
        """Reopen a fetch that failed; None: all that a dead server left half done."""
        mac = handset.mac if handset else "%"
        self._db.execute("UPDATE handsets SET state = 'open' WHERE state = 'fetching' AND mac LIKE ?", (mac,))


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
