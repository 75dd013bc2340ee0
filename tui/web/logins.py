# SPDX-License-Identifier: GPL-2.0-or-later
"""Users who are signed in, and their sessions. Pure: seconds of a clock that does not jump are passed in."""

import math
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Protocol

from appliance.contract.errors import ApplianceError
from appliance.i18n import N_
from tui.web.files import Files
from tui.web.visit import Guest

MAX_LOGINS: Final = 100
"""With one more, the one that was silent longest and shows nothing is signed out."""
_TOKEN_BYTES: Final = 32


class FullError(ApplianceError):
    """There is no room for another session."""


class Session(Protocol):
    """A terminal in a browser."""

    @property
    def files(self) -> Files:
        """Files that it delivers."""

    def end(self, why: str) -> None:
        """End it; `why` is a msgid."""


@dataclass(eq=False)
class Login:
    """A browser that has signed in.

    Attributes:
        token: the value of its cookie.
        language: locale of its pages and sessions.
        until: when its ticket ends.
        seen: when its user last did something.
        why: why its last session ended, or was refused: in the reader's language.
    """

    token: str
    guest: Guest
    language: str
    until: float
    seen: float
    sessions: list[Session] = field(default_factory=list)
    why: str = ""


class Logins:
    """Logins and their sessions.

    Args:
        total: sessions at once.
        each: sessions of one user at once.
        idle_s: a login without sessions is over after this time.
    """

    def __init__(self, total: int, each: int, idle_s: float) -> None:
        self._total, self._each, self._idle_s = total, each, idle_s
        self._logins: dict[str, Login] = {}

    def __iter__(self) -> Iterator[Login]:
        """Return the logins, in the order in which they were made."""
        return iter(list(self._logins.values()))

    def enter(self, guest: Guest, language: str, now: float) -> Login:
        """Make a login."""
        login = Login(secrets.token_urlsafe(_TOKEN_BYTES), guest, language, now + (guest.good_s or math.inf), now)
        self._logins[login.token] = login
        return login

    def find(self, token: str, now: float) -> Login | None:
        """Return the login of a cookie, if there is one that is not over."""
        login = self._logins.get(token)
        return login if login is not None and not self._over(login, now) else None

    def begin(self, login: Login, session: Session) -> None:
        """Count a session of a login. Raises FullError."""
        counts = [(len(each.sessions), each.guest.user == login.guest.user) for each in self]
        if sum(n for n, _mine in counts) >= self._total:
            raise FullError.of(N_("all {n} sessions of this box are taken: end one, or come back later"), n=self._total)
        if sum(n for n, mine in counts if mine) >= self._each:
            raise FullError.of(N_("you have {n} sessions open, which is all you may have: end one"), n=self._each)
        login.sessions.append(session)

    def over(self, login: Login, session: Session, why: str, now: float) -> None:
        """Count a session as ended."""
        login.sessions.remove(session)
        login.why, login.seen = why, now

    def leave(self, login: Login, why: str) -> None:
        """Remove a login and end its sessions."""
        self._logins.pop(login.token, None)
        for session in list(login.sessions):
            session.end(why)

    def stale(self, now: float) -> list[Login]:
        """Return logins that are over, and those that are too many."""
        over = [login for login in self if self._over(login, now)]
        free = sorted((login for login in self if not login.sessions), key=lambda login: login.seen)
        return list(dict.fromkeys([*over, *free[: max(0, len(self._logins) - MAX_LOGINS)]]))

    def _over(self, login: Login, now: float) -> bool:
        return now >= login.until or (not login.sessions and now - login.seen >= self._idle_s)
