# SPDX-License-Identifier: GPL-2.0-or-later
"""Goals of a call, tried one after the other: forwards, further numbers, hunt groups and trunks alike."""

from collections.abc import Callable
from typing import Final

import msgspec

from appliance.config.model import ExtensionConfig
from appliance.contract.records import Role
from appliance.contract.switch import Cause, Party, Redirecting
from appliance.engine.routes.routing import Target

T301_S: Final = 180.0
"""Q.931 9.5.1, T301: how long a called party may ring (at least 3 minutes)."""

MAX_GOALS: Final = 20
"""Goals that one call tries: more are forwards in a ring."""


class Ring(msgspec.Struct, frozen=True):
    """One leg to start; `phone` if it is one of the house, `agent` the number of the agent who is rung.

    `redirecting`: the party that redirected the call there.
    """

    line: str
    called: str
    caller: Party
    role: Role
    phone: ExtensionConfig | None = None
    agent: str = ""
    redirecting: Redirecting | None = None


After = Callable[[int], bool]
"""Predicate of the cause with which the goals before it failed: whether this one is tried."""


class Legs(msgspec.Struct, frozen=True):
    """A goal that is legs to ring together, for how long, and for which phone they are called; None: the box itself."""

    rings: tuple[Ring, ...]
    ring_s: float = T301_S
    after: After | None = None
    behalf: ExtensionConfig | None = None


class Goal(msgspec.Struct, frozen=True):
    """A goal that becomes legs, or other goals: a number as a phone of the house dials it, or a target.

    `ring_s`: how long it may ring there; None: as long as the extension says, T301 outside. `behalf`: the phone whose
    class and number count outside; None: the box itself, which may call anywhere. `redirecting`: the party that
    redirects the call there, None if it is none of the house. `in_group`: a phone of a hunt group, whose calls its box
    does not take.
    """

    to: str | Target
    ring_s: float | None = None
    after: After | None = None
    behalf: ExtensionConfig | None = None
    redirecting: Redirecting | None = None
    in_group: bool = False


class Reaching(msgspec.Struct, frozen=True):
    """Target of a number or a flow, and how long it rings."""

    target: Target
    ring_s: float | None = None
    behalf: ExtensionConfig | None = None
    otherwise: tuple[Goal, ...] = ()


_UNANSWERED: Final = frozenset({Cause.NO_USER_RESPONDING, Cause.NO_ANSWER, 20})
_BUSY: Final = frozenset({Cause.USER_BUSY, Cause.CALL_REJECTED})


def busy(cause: int) -> bool:
    """Return whether the phone is in use, or its user refuses the call."""
    return cause in _BUSY


def unanswered(cause: int) -> bool:
    """Return whether the call is not answered, or the phone is not there."""
    return cause in _UNANSWERED or line_fault(cause)


def either(cause: int) -> bool:
    """Return whether the goal is busy or unanswered."""
    return busy(cause) or unanswered(cause)


def line_fault(cause: int) -> bool:
    """Return whether the line there is full or out of order (Q.850 classes 2 to 6): another way may work."""
    return cause == Cause.DESTINATION_OUT_OF_ORDER or 32 <= cause < 127
