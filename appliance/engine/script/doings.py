# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of a flow to its call. One at a time; the call returns the result to the flow (`run.Run`)."""

from collections.abc import Mapping

import msgspec

from appliance.contract.asks import AnyQuestion
from appliance.contract.records import MessageWhy


class Utter(msgspec.Struct, frozen=True, gc=False):
    """Play these sounds and report their end. They replace what is being played."""

    sounds: tuple[str, ...]


class Listen(msgspec.Struct, frozen=True, gc=False):
    """Be silent and wait for a key, `seconds` at most."""

    seconds: float


class Join(msgspec.Struct, frozen=True, gc=False):
    """Wait in a queue; a key of `keys` leaves it. `needs`: skills besides those of the queue.

    The caller waits for `agent` alone for `agent_s`, if that agent is there.
    """

    queue: str
    keys: frozenset[str] = frozenset()
    priority: int = 0
    needs: Mapping[str, int] = {}
    agent: str = ""
    agent_s: float = 30.0


class Reach(msgspec.Struct, frozen=True, gc=False):
    """Ring an extension or, if they are set, a number outside or those on duty."""

    extension: str
    outside: str
    ring_s: float
    duty: str = ""


class Leave(msgspec.Struct, frozen=True, gc=False):
    """Take a message into a box."""

    box: str
    why: MessageWhy


class Inquire(msgspec.Struct, frozen=True, gc=False):
    """Ask a question outside. The caller hears `sounds` in a loop until the answer, or silence."""

    what: AnyQuestion
    within_s: float
    sounds: tuple[str, ...] = ()


class Rating(msgspec.Struct, frozen=True, gc=False):
    """Keep a rating of the caller."""

    question: str
    rating: int


class TakeComment(msgspec.Struct, frozen=True, gc=False):
    """Record what the caller says, and report the end of the recording."""

    most_s: float
    silence_s: float


class Finish(msgspec.Struct, frozen=True, gc=False):
    """End the call with a Q.850 cause; `trouble` names the fault of the flow, if there is one."""

    cause: int
    trouble: str = ""


class Enter(msgspec.Struct, frozen=True, gc=False):
    """Enter another flow; `back` is the node of this one at which it goes on afterwards, "" without a return."""

    flow: str
    back: str = ""


class GoBack(msgspec.Struct, frozen=True, gc=False):
    """Go back to the flow that entered this one, or to the queue from which the caller came."""


Doing = Utter | Listen | Join | Reach | Leave | Inquire | Rating | TakeComment | Enter | GoBack | Finish
