# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents, and the queues in which callers wait for them."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import Config, Digits, Name, Number, PlanName, Seconds
from appliance.config.callbacks import CallBackConfig, Key
from appliance.contract.choices import Strategy

Level = Annotated[int, Meta(ge=1, le=9)]
"""How well an agent has a skill: 9 is best."""


Text = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_/-]{0,63}$")]  # the name of a prompt


FlowName = Annotated[str, Meta(min_length=1)]


class AgentConfig(Config, frozen=True, kw_only=True):
    """A person who takes calls from queues; `number` (工号) is announced to the caller.

    `extension` is the phone of the house that rings, or `outside` a number outside, without the prefix. With a PIN the
    agent may sign in at any other phone, which rings then; without one at `extension` only.
    """

    number: Number
    name: str = ""
    extension: Number = ""
    outside: Digits = ""
    start: Literal["signed_out", "ready", "paused"] = "signed_out"
    skills: dict[Name, Level] = {}  # noqa: RUF012 - msgspec copies it; e.g. { english = 7 }


Percent = Annotated[int, Meta(ge=0, le=100)]
Manned = Literal["signed_in", "ready", "always"]


class QueueStepConfig(Config, frozen=True, kw_only=True):
    """Changes for a caller who has waited `after_s`; the caller keeps the place.

    A step that no agent who is signed in fits is passed at once.
    """

    after_s: Seconds
    needs: dict[Name, Annotated[int, Meta(ge=0, le=9)]] = {}  # noqa: RUF012 - levels from now on; 0: needed no more
    reserve: bool = False  # the queue's reserve serves this caller from now on, however long the predicted wait is


class BoardConfig(Config, frozen=True, kw_only=True):
    """Values from which a queue is shown in yellow and from which in red: two numbers; 0: never."""

    waiting: tuple[Annotated[int, Meta(ge=0)], Annotated[int, Meta(ge=0)]] = (0, 0)  # callers
    longest_s: tuple[Seconds, Seconds] = (0.0, 0.0)  # the longest wait
    service_level: tuple[Percent, Percent] = (0, 0)  # percent of today's callers answered within `target_s`, or fewer


class QueueConfig(Config, frozen=True, kw_only=True, omit_defaults=True):
    """Callers who wait, and the agents who serve them."""

    name: Name
    agents: tuple[Number, ...] = ()
    plan: PlanName = ""  # callers are admitted only while this [[plan]] is open; those who wait already are served
    strategy: Strategy = "longest_idle"  # which of the idle agents is rung
    needs: dict[Name, Level] = {}  # noqa: RUF012 - likewise; skills its agents need, each with the lowest level
    ring_s: Seconds = 15.0
    wrap_up_s: Seconds = 10.0
    pause_after_no_answer: bool = True
    pause_after_misses: Annotated[int, Meta(ge=1, le=99)] = 1  # calls in a row that the agent does not answer
    music: str = "default"
    announce_position_every_s: Seconds = 30.0
    announce_wait: bool = False  # the expected wait after the position, in minutes
    announce_texts: tuple[Text, ...] = ()  # prompts in turn, each halfway between two announcements of the position
    announce_agent: bool = True
    max_wait_s: Seconds = 600.0
    survey: str = ""  # flow in which the caller rates the talk when the agent ends it, or sends the caller by code
    max_length: Annotated[int, Meta(ge=1)] = 100
    join: Manned = "signed_in"  # callers are admitted while an agent is signed in, or ready (not paused), or always
    stay: Manned = "signed_in"  # and wait on so long
    max_expected_s: Seconds = 0.0  # callers who would wait longer, by the forecast, are not admitted; 0: all are
    min_service_level: Annotated[int, Meta(ge=0, le=100)] = (
        0  # percent served within `target_s` in the last 20 minutes;
    )
    # below it callers for whom no agent is free are not admitted; 0: all are
    target_s: Annotated[float, Meta(gt=0)] = 20.0  # an agent of several queues serves the caller whose wait is the
    # largest part of its queue's target
    promote_every_s: Seconds = 0.0  # priority n goes before callers who came up to n times that earlier; 0: before all
    max_talking: Annotated[int, Meta(ge=0)] = 0  # agents in talk at once; 0: any number
    reserve: tuple[Number, ...] = ()  # more agents, who serve only while the predicted wait is over `reserve_over_s`
    reserve_over_s: Seconds = 60.0
    step: tuple[QueueStepConfig, ...] = ()
    board: BoardConfig = BoardConfig()
    callback: CallBackConfig | None = None
    detours: dict[Key, FlowName] = {}  # noqa: RUF012 - likewise; keys that lead into a flow, whose callers keep the place
    detours_interrupted: bool = True  # a flow ends when an agent is free for its caller; false: the place waits
