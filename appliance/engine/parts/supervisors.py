# SPDX-License-Identifier: GPL-2.0-or-later
"""Supervisors and their roles."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from appliance.config.roles import RoleConfig
from appliance.contract.supervision import ALL_ACTS, May


class Role(NamedTuple):
    """Acts that its supervisors may do; `queues`: only there, none: everywhere."""

    may: frozenset[May]
    queues: frozenset[str] = frozenset()

    def reaches(self, queues: Iterable[str]) -> bool:
        """Return whether one of these queues is among its own."""
        return not self.queues or not self.queues.isdisjoint(queues)


ALL: Final = Role(frozenset(ALL_ACTS))


class Supervisor(NamedTuple):
    """A supervisor: at the phone `extension`, or by a request of a user of the machine, or both."""

    role: Role
    extension: str = ""
    user: str = ""


class Roles:
    """The roles of phones and users."""

    __slots__ = ("_named", "_phones", "_users")

    def __init__(self, roles: Iterable[RoleConfig]) -> None:
        self._phones: dict[str, Role] = {}
        self._users: dict[str, Role] = {}
        self._named: dict[str, Role] = {}
        for each in roles:
            role = self._named[each.name] = Role(frozenset(each.may), frozenset(each.queues))
            self._phones |= dict.fromkeys(each.extensions, role)
            self._users |= dict.fromkeys(each.users, role)

    def at_phone(self, extension: str) -> Supervisor:
        """Return the supervisor at a phone."""
        return Supervisor(self._phones.get(extension, ALL), extension)

    def user(self, user: str, extension: str = "") -> Supervisor:
        """Return a user of the machine as a supervisor; `extension` is the phone for which is asked."""
        return Supervisor(self._users.get(user, ALL), extension, user)

    def admit(self, user: str, role: str) -> None:
        """Set the role of a user who has signed in; one that is built in may do all."""
        self._users[user] = self._named.get(role, ALL)
