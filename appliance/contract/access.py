# SPDX-License-Identifier: GPL-2.0-or-later
"""Access of users who sign in: kinds of things, doings, and the roles that are built in."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

import msgspec

Kind = Literal[
    "status",
    "calls",
    "history",
    "agents",
    "queues",
    "supervision",
    "phones",
    "routes",
    "recordings",
    "quality",
    "messages",
    "collected",
    "conferences",
    "edge",
    "settings",
    "users",
    "operations",
]
"""status: the box, its lines and troubles; calls: those that are up; history: past calls; supervision: being in talks
of others, and arranging callers who wait; routes: also time plans and duty lists; messages: of voice boxes; collected:
what agents keyed in, and ratings; edge: blocks; settings: configuration and flows; operations: the log of changes."""

Do = Literal["view", "add", "change", "delete"]
BuiltIn = Literal["technician", "supervisor", "agent", "auditor"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ALL_DOINGS: Final[tuple[Do, ...]] = get_args(Do)
BUILT_IN: Final[tuple[BuiltIn, ...]] = get_args(BuiltIn)
_WRITES: Final[tuple[Do, ...]] = ("view", "add", "change")


class Need(NamedTuple):
    """Right that a request takes: its user may `do` this with things of this `kind`."""

    kind: Kind
    do: Do


class Access(NamedTuple):
    """Rights of a role; `own`: only of one's own calls, agent, phone and queues."""

    rights: Mapping[Kind, tuple[Do, ...]]
    own: bool = False

    def holds(self, need: Need) -> bool:
        """Return whether a request of this need may be made."""
        return need.do in self.rights.get(need.kind, ())


_SUPERVISOR: Final[dict[Kind, tuple[Do, ...]]] = {
    "status": ("view",),
    "calls": _WRITES,
    "history": ("view",),
    "agents": _WRITES,
    "queues": _WRITES,
    "supervision": _WRITES,
    "phones": _WRITES,
    "routes": _WRITES,
    "recordings": _WRITES,
    "quality": _WRITES,
    "messages": ALL_DOINGS,
    "collected": ("view",),
    "conferences": ALL_DOINGS,
}
ROLES: Final[Mapping[BuiltIn, Access]] = {
    "technician": Access(dict.fromkeys(KINDS, ALL_DOINGS)),
    "supervisor": Access(_SUPERVISOR),
    "agent": Access(
        {
            "calls": _WRITES,
            "history": ("view",),
            "agents": ("view", "change"),
            "queues": ("view",),
            "phones": ("view", "change"),
            "collected": ("view",),
        },
        own=True,
    ),
    "auditor": Access(dict.fromkeys(KINDS, ("view",))),
}
"""Built-in roles. An auditor looks at everything and changes nothing."""


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user who signs in. Times are Unix milliseconds, 0: never.

    `agent` is the agent that this user is, '' if none; `second_factor`: signs in with a code, too; `locked`: by a
    person; `locked_until`: for wrong passwords; `tickets`: how many are good now.
    """

    user: str
    role: str
    name: str = ""
    agent: str = ""
    second_factor: bool = False
    locked: bool = False
    locked_until: int = 0
    signed_in_at: int = 0
    password_at: int = 0
    tickets: int = 0


class OperationRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the operation log: a user did something, with place, time and reason, and what was before and after.

    `door`: where it was asked for: `root` and others of this machine (`user@machine`), an address, or a phone.
    """

    operation: int
    at: int
    user: str
    door: str
    what: str
    on: str = ""
    why: str = ""
    before: str = ""
    after: str = ""
