# SPDX-License-Identifier: GPL-2.0-or-later
"""Tickets: a random text for each user who has signed in. The file keeps their hashes, so that they outlive a restart.

A ticket ends when it is used too long ago, when it is too old, when its user signs out, is changed or removed. While a
connection with it is open it is in use.
"""

import hashlib
import logging
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from appliance.access.database import opened
from appliance.access.errors import AccessError

_log = logging.getLogger(__name__)

Statement = tuple[str, tuple[str | bytes | int, ...]]
"""A statement of SQL and its values."""


class Lives(NamedTuple):
    """How long tickets are good: without use, and at all."""

    idle_s: float = 1800.0
    most_s: float = 43_200.0


class Ticket:
    """A ticket that is good. `connections`: how many are open with it."""

    __slots__ = ("address", "connections", "hash", "made_at", "used_at", "user", "written_at")

    def __init__(self, hash_: bytes, user: str, address: str, made_at: int, used_at: int) -> None:
        self.hash, self.user, self.address = hash_, user, address
        self.made_at, self.used_at, self.written_at = made_at, used_at, used_at
        self.connections = 0


class Tickets:
    """All good tickets, in memory; `unwritten` of them goes into the file, on another thread.

    Args:
        path: `access.db`.
        lives: how long they are good.
        ended: is told of a ticket that has ended.
    """

    def __init__(self, path: Path, lives: Lives, ended: Callable[[Ticket], None] = lambda _ticket: None) -> None:
        self.lives, self.ended = lives, ended
        self._good: dict[bytes, Ticket] = {}
        self._unwritten: list[Statement] = []
        if path.exists():
            self._good = {ticket.hash: ticket for ticket in _read(path)}

    def make(self, user: str, address: str, now: int) -> tuple[str, Ticket]:
        """Make a ticket; return it, and what is kept of it."""
        text = secrets.token_urlsafe(32)
        made = self._good[_hash(text)] = Ticket(_hash(text), user, address, now, now)
        self._unwritten.append(("INSERT INTO tickets VALUES (?, ?, ?, ?, ?)", (made.hash, user, address, now, now)))
        return text, made

    def find(self, text: str, now: int) -> Ticket | None:
        """Return a ticket, None if it is not good; it is used now."""
        found = self._good.get(_hash(text))
        return found if found is not None and self.use(found, now) else None

    def use(self, ticket: Ticket, now: int) -> bool:
        """Return whether a ticket is still good; it is used now."""
        if ticket.hash not in self._good or self._over(ticket, now):
            self.end(ticket)
            return False
        ticket.used_at = now
        return True

    def of(self, user: str) -> list[Ticket]:
        """Return the tickets of a user."""
        return [ticket for ticket in self._good.values() if ticket.user == user]

    def end(self, *tickets: Ticket) -> None:
        """End tickets."""
        gone = [ticket for ticket in tickets if self._good.pop(ticket.hash, None) is not None]
        self._unwritten += [("DELETE FROM tickets WHERE hash = ?", (ticket.hash,)) for ticket in gone]
        for ticket in gone:
            self.ended(ticket)

    def sweep(self, now: int) -> None:
        """End those that are too old, or not used for too long; note for the file how long ago others were used."""
        self.end(*[ticket for ticket in self._good.values() if self._over(ticket, now)])
        for ticket in self._good.values():
            if ticket.connections:
                ticket.used_at = now
            if ticket.used_at != ticket.written_at:
                ticket.written_at = ticket.used_at
                self._unwritten.append(("UPDATE tickets SET used_at = ? WHERE hash = ?", (ticket.used_at, ticket.hash)))

    def unwritten(self) -> list[Statement]:
        """Return what is not in the file yet, for `write`."""
        taken, self._unwritten = self._unwritten, []
        return taken

    def until(self, ticket: Ticket) -> int:
        """Return when a ticket ends at the latest (Unix milliseconds)."""
        return ticket.made_at + int(self.lives.most_s * 1000)

    def _over(self, ticket: Ticket, now: int) -> bool:
        idle = 0 if ticket.connections else now - ticket.used_at
        return idle > self.lives.idle_s * 1000 or now >= self.until(ticket)


def _read(path: Path) -> list[Ticket]:
    try:
        with opened(path) as db:
            return [Ticket(*row) for row in db.execute("SELECT hash, user, address, made_at, used_at FROM tickets")]
    except AccessError as error:
        _log.error("who was signed in has to sign in again: %s", error.message)  # calls go on without the file
        return []


def write(path: Path, statements: list[Statement]) -> None:
    """Write what changed of tickets into `access.db`. Raises AccessError."""
    if statements:
        with opened(path) as db:
            for sql, values in statements:
                db.execute(sql, values)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
