# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans of walks, and what people ask about them at odd moments."""

import random
from typing import Any

from appliance.api.messages import SetDuty, SetPlan


def planned(seed: int, queues: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the queues, in some walks the first one with a plan; not in all, or few callers would come into it."""
    if seed % 4 == 2:
        queues[0] = {**queues[0], "plan": "work"}
    return queues


def by_time(phones: list[dict[str, Any]]) -> dict[str, Any]:
    """Return plans and ways of a walk."""
    phones[0]["follow_me_plan"] = "work"
    plan = {"name": "work", "hours": "mon-fri 08:00-18:00", "key": "1"}
    slot = {"when": "mon-fri", "call": ["8001", "0138", "8100"]}
    return {
        "plan": [plan],
        "duty": [{"name": "service", "number": "8800", "ring_s": 4, "otherwise": "8009", "slot": [slot]}],
        "outgoing": [{"name": "all", "via": ["pri:carrier", "trunk:voip", "pri:carrier"]}],
        "trunk_rule": [{"line": "trunk:voip", "calls": 1}],
        "parking": {"places": 2, "back_after_s": 20},
    }


def switched(rng: random.Random) -> SetPlan | SetDuty:
    """Return a request to switch the plan by hand, or back; or to set who is on duty."""
    if rng.random() < 0.3:
        call = rng.choice(((), ("0139",), ("0138", "0137")))
        return SetDuty("service", rng.choice(("mon", "2024-01-01")), call)
    return SetPlan("work", rng.choice(("open", "open", "closed", "by_plan")), rng.choice(("", "next")))
