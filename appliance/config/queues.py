# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents, and the queues in which callers wait for them."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import Config, Digits, Name, Number, Seconds
from appliance.contract.choices import Strategy

Level = Annotated[int, Meta(ge=1, le=9)]
"""How well an agent has a skill: 9 is best."""


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


class QueueConfig(Config, frozen=True, kw_only=True):
    """Callers who wait, and the agents who serve them."""

    name: Name
    agents: tuple[Number, ...] = ()
    strategy: Strategy = "longest_idle"  # which of the idle agents is rung
    needs: dict[Name, Level] = {}  # noqa: RUF012 - likewise; skills its agents need, each with the lowest level
    ring_s: Seconds = 15.0
    wrap_up_s: Seconds = 10.0
    pause_after_no_answer: bool = True
    pause_after_misses: Annotated[int, Meta(ge=1, le=99)] = 1  # calls in a row that the agent does not answer
    music: str = "default"
    announce_position_every_s: Seconds = 30.0
    announce_agent: bool = True
    max_wait_s: Seconds = 600.0
    survey: str = ""  # flow in which the caller rates the talk when the agent ends it, or sends the caller by code
    max_length: Annotated[int, Meta(ge=1)] = 100
