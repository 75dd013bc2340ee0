# SPDX-License-Identifier: GPL-2.0-or-later
"""Call-backs of a queue: callers who hang up and keep their place."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import Config, Digits, PlanName, Seconds

Key = Annotated[str, Meta(pattern=r"^[0-9*#A-D]$", description="a key of the phone")]


class CallBackConfig(Config, frozen=True, kw_only=True):
    """Callers may hang up and be called back when an agent is reserved for them; they keep their place meanwhile."""

    key: Key = "2"  # pressed while waiting, to ask for it
    announce: bool = True  # say so after the position
    plan: PlanName = ""  # callers are called back only while this [[plan]] is open; empty: the queue's plan
    tries: Annotated[int, Meta(ge=1, le=99)] = 3  # busy, not answered, an answering machine: so many times in all
    every_s: Seconds = 600.0  # pause between two tries
    ring_s: Annotated[float, Meta(gt=0)] = 30.0  # how long the caller's phone rings
    expire_s: Annotated[float, Meta(gt=0)] = 86400.0  # given up after so long
    caller: Digits = ""  # number shown outside; empty: as the trunk's rules say
    calling: Literal["local", "long_distance", "international"] = "long_distance"  # numbers that may be called back
    machines: bool = True  # a line on which an answering machine is recognised is cleared; false: the agent decides
    again: Literal["take", "keep"] = "take"  # one who calls again takes the place of the call-back, or it stays
