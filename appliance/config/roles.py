# SPDX-License-Identifier: GPL-2.0-or-later
"""Roles: of supervisors, and of users who sign in."""

from collections.abc import Iterable

import msgspec

from appliance.config.base import Config, Name, Number, UserName
from appliance.contract.access import BUILT_IN, ROLES, Access, BuiltIn, Do, Kind
from appliance.contract.supervision import ALL_ACTS, May


class RoleConfig(Config, frozen=True, kw_only=True):
    """A role: what it may do in talks and queues of others, and what its users who sign in may see and change.

    A supervisor without a role may do all of `may`. A role with the name of a built-in one takes its place.
    """

    name: Name
    may: tuple[May, ...] = ALL_ACTS
    queues: tuple[Name, ...] = ()  # only talks of these queues' agents, and callers in these queues; empty: all
    extensions: tuple[Number, ...] = ()  # phones of this role; they need `supervisor` as well
    users: tuple[UserName, ...] = ()  # of this machine; they need the right `supervise` as well
    like: BuiltIn = "supervisor"  # what its users who sign in may, but for the kinds in `rights`
    rights: dict[Kind, tuple[Do, ...]] = msgspec.field(
        default_factory=dict
    )  # e.g. recordings = ["view", "delete"]; []: nothing of that kind

    @property
    def access(self) -> Access:
        """Access of its users who sign in."""
        like = ROLES[self.like]
        return Access({**like.rights, **self.rights}, like.own)


def access(role: str, roles: Iterable[RoleConfig]) -> Access | None:
    """Return what a role holds, None if there is no such role."""
    return next((each.access for each in roles if each.name == role), None) or next(
        (ROLES[name] for name in BUILT_IN if name == role), None
    )


def names(roles: Iterable[RoleConfig]) -> list[str]:
    """Return the names of all roles, the built-in ones first."""
    return list(dict.fromkeys([*BUILT_IN, *(each.name for each in roles)]))
