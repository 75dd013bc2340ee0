# SPDX-License-Identifier: GPL-2.0-or-later
"""How activities hand over: one says what comes next, and `engine.table` makes it. None of them knows another."""

from typing import Literal, NamedTuple

from appliance.config.model import ExtensionConfig
from appliance.engine.parts.call import Ending, Leg, Takes
from appliance.engine.parts.goals import Goal, Reaching
from appliance.engine.parts.queues import Queue
from appliance.engine.routes.routing import Target


class StartAddress(NamedTuple):
    """The caller has dialled: `target` is where the number leads so far; None: nothing is done yet."""

    caller: Leg
    target: Target | None = None


class StartFlow(NamedTuple):
    """A flow takes the caller."""

    caller: Leg
    name: str


class StartWait(NamedTuple):
    """The caller waits in a queue; `back`: what goes on if nobody serves, in `language` meanwhile."""

    caller: Leg
    queue: Queue
    back: Takes
    node: str
    language: str


class StartRing(NamedTuple):
    """Others are rung for the caller; `back`: what goes on if nobody answers, None: the caller is told the cause."""

    caller: Leg
    reaching: Reaching
    back: Takes | None = None
    node: str = ""


class StartOriginate(NamedTuple):
    """A phone is rung first; when it answers, the number is dialled for it."""

    goal: Goal


class StartTalk(NamedTuple):
    """Two talk, after both heard `announce`. `tell`: whose lines are told whom they talk to."""

    a: Leg
    b: Leg
    announce: tuple[str, ...] = ()
    tell: Literal["", "b", "both"] = ""


class StartRoom(NamedTuple):
    """Three or more talk together; the first one is whose call it is."""

    members: tuple[Leg, ...]


class StartPark(NamedTuple):
    """The caller waits with music until another phone takes the call. Without `place` its phone consults meanwhile."""

    caller: Leg
    place: str
    by: ExtensionConfig


class StartTone(NamedTuple):
    """The caller hears a tone that says why it did not work."""

    caller: Leg
    ending: Ending


class StartSpeech(NamedTuple):
    """The caller hears these sounds, then the call ends."""

    caller: Leg
    sounds: tuple[str, ...]


class StartOver(NamedTuple):
    """Every leg is on its way out."""


Start = (
    StartAddress
    | StartFlow
    | StartWait
    | StartRing
    | StartOriginate
    | StartTalk
    | StartPark
    | StartRoom
    | StartTone
    | StartSpeech
    | StartOver
)
