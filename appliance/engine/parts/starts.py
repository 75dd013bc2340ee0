# SPDX-License-Identifier: GPL-2.0-or-later
"""Starts of activities: one activity names the next, and `engine.table` makes it. None imports another."""

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import msgspec

from appliance.config.callbacks import CallBackConfig
from appliance.config.conferences import ConferenceConfig
from appliance.config.keyed import KeyedConfig
from appliance.config.model import ExtensionConfig
from appliance.contract.records import MessageWhy, MissedWhy
from appliance.engine.parts.agents import Served
from appliance.engine.parts.boxes import Greeting
from appliance.engine.parts.call import Call, Ending, Leg, Place, Takes
from appliance.engine.parts.goals import Legs, Reaching, Ring
from appliance.engine.parts.queues import Queue
from appliance.engine.parts.turns import Turn
from appliance.engine.routes.routing import Target


class CalledBack(Protocol):
    """A call-back that is tried: see `callbacks.CallBack`."""

    to: str
    language: str

    @property
    def rules(self) -> CallBackConfig:
        """Rules of the queue."""
        ...

    def served(self) -> None:
        """Leave the queue: an agent has answered."""
        ...

    def answered(self, line: Leg, agent: Leg, machine: Callable[[Leg], None]) -> None:
        """Note that the caller's line has answered; `machine` is called if a machine has."""
        ...

    def missed(self, why: MissedWhy) -> None:
        """Go back to the place in the queue after a try that did not reach the caller, or give up."""
        ...


class StartAddress(msgspec.Struct, frozen=True):
    """The caller has dialled: `target` is where the number leads so far; None: the activity waits."""

    caller: Leg
    target: Target | None = None


class StartFlow(msgspec.Struct, frozen=True):
    """The caller enters a flow; `language`: that of the caller, '' for the box's.

    `back`: the queue in which the caller keeps the place, and goes on after the flow.
    """

    caller: Leg
    name: str
    language: str = ""
    back: Place | None = None


class StartWait(msgspec.Struct, frozen=True):
    """The caller waits in a queue; `back`: goes on if no agent serves, in `language` meanwhile.

    `keys` leave the queue; `priority` and `needs` are the caller's own, who waits for `agent` alone for `agent_s`.
    """

    caller: Leg
    queue: Queue
    back: Takes
    node: str
    language: str
    keys: frozenset[str] = frozenset()
    priority: int = 0
    needs: Mapping[str, int] = {}
    agent: str = ""
    agent_s: float = 0.0


class StartRing(msgspec.Struct, frozen=True):
    """Others are rung for the caller; `back`: goes on if none answers, None: the cause is signalled to the caller.

    `reached` takes the call, the caller and the leg that answered; None: they talk.
    """

    caller: Leg
    reaching: Reaching
    back: Takes | None = None
    node: str = ""
    reached: Callable[[Call, Leg, Leg], None] | None = None


class StartCallBack(msgspec.Struct, frozen=True):
    """Agents are rung for a call-back; the one who answers is connected with the caller, who is called then."""

    back: CalledBack
    rings: tuple[Ring, ...]
    queue: Queue
    target: Target
    behalf: ExtensionConfig


class StartOriginate(msgspec.Struct, frozen=True):
    """A phone is rung first. When it answers, `reached` gets its leg; None: the number is dialled for it."""

    goal: Legs
    reached: Callable[[Call, Leg], None] | None = None


class StartTalk(msgspec.Struct, frozen=True):
    """Two parties talk, after both heard `announce`. `tell`: the lines that are sent their connected party."""

    a: Leg
    b: Leg
    announce: tuple[str, ...] = ()
    tell: Literal["", "b", "both"] = ""


class StartRoom(msgspec.Struct, frozen=True):
    """A conference begins; the call is that of the first member."""

    members: tuple[Leg, ...]
    plan: ConferenceConfig
    host: Leg | None = None


class StartPark(msgspec.Struct, frozen=True):
    """The caller waits with music until another phone takes the call. Without `place` its phone consults meanwhile."""

    caller: Leg
    place: str
    by: ExtensionConfig


class StartTone(msgspec.Struct, frozen=True):
    """The caller hears a tone that signals a failure."""

    caller: Leg
    ending: Ending


class StartSpeech(msgspec.Struct, frozen=True):
    """The caller hears these sounds, then the call ends."""

    caller: Leg
    sounds: tuple[str, ...]


class StartDialogue(msgspec.Struct, frozen=True):
    """The caller is asked questions, beginning with `turn`; `silent`: the turn after one that is never answered."""

    caller: Leg
    turn: Turn
    silent: Turn | None = None


class StartKeying(msgspec.Struct, frozen=True):
    """An agent keys in fields about a caller."""

    agent: Leg
    served: Served
    fields: tuple[KeyedConfig, ...]


class StartMessage(msgspec.Struct, frozen=True):
    """The caller leaves a message in a box, or speaks a `greeting` of it or a prompt; `back`: goes on after it."""

    caller: Leg
    box: str
    why: MessageWhy
    greeting: Greeting | None = None
    back: Takes | None = None
    language: str = ""


class StartOver(msgspec.Struct, frozen=True):
    """Every leg is being cleared."""


Start = (
    StartAddress
    | StartFlow
    | StartWait
    | StartRing
    | StartCallBack
    | StartOriginate
    | StartTalk
    | StartPark
    | StartRoom
    | StartTone
    | StartSpeech
    | StartDialogue
    | StartKeying
    | StartMessage
    | StartOver
)
