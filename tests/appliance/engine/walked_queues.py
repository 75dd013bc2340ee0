# SPDX-License-Identifier: GPL-2.0-or-later
"""Queues for walks: steps, reserve, rules of many kinds, and flows whose callers wish something of them."""

from typing import Any, get_args

from appliance.contract.choices import Strategy
from tests.appliance.engine.box import CONFIG, HOTLINE

STEPPED = {
    "needs": {"english": 6},
    "reserve": ["103"],
    "reserve_over_s": 8,
    "announce_wait": True,
    "announce_position_every_s": 6,
    "announce_texts": ["welcome"],
    "step": [{"after_s": 3, "needs": {"english": 2}}, {"after_s": 12, "needs": {"english": 0}, "reserve": True}],
}
"""A queue whose callers come to more agents the longer they wait."""

MANNED = ("signed_in", "ready", "always")


def rules(seed: int) -> dict[str, Any]:
    """Return rules of a queue by which callers come in, wait on, and are served."""
    return {
        "join": MANNED[seed % 3],
        "stay": MANNED[seed // 2 % 3],
        "max_expected_s": seed % 2 * 60,
        "min_service_level": seed // 2 % 2 * 20,
        "target_s": 5 + seed % 4 * 10,
        "promote_every_s": seed % 3 * 5,
        "max_talking": (0, 0, 1, 2)[seed % 4],
    }


def agents() -> list[dict[str, Any]]:
    """Return the bench's agents with a skill."""
    return [{**each, "skills": {"english": level}} for each, level in zip(CONFIG["agent"], (7, 3, 2), strict=True)]


def queues(seed: int) -> list[dict[str, Any]]:
    """Return the bench's queues, of any strategy, most with steps and rules."""
    strategies = get_args(Strategy)
    more = [{"strategy": strategies[(seed + n) % len(strategies)], "survey": "survey"} for n in range(9)]
    made = [{**each, **more[n]} for n, each in enumerate(CONFIG["queue"])]
    if seed % 3:
        made[0] |= STEPPED
    return [{**each, **rules(seed + n)} for n, each in enumerate(made)] if seed % 5 else made


def wishing(seed: int) -> dict[str, Any]:
    """Return the hotline with callers of several classes and services, who leave a queue by key."""
    nodes: dict[str, Any] = {**HOTLINE["node"]}  # type: ignore[dict-item]
    nodes["sales"] = {**nodes["sales"], "keys": {"5": "service", "#": "nobody"}, "priority": seed % 5}
    if seed % 7 == 0:
        nodes["welcome"] = {**nodes["welcome"], "next": "again"}
        nodes["again"] = {"do": "last_agent", "days": 7, "found": "own", "missing": "menu"}
        nodes["own"] = {**nodes["service"], "agent": "{agent}", "agent_s": 6, "keys": {"1": "desk"}}
    nodes["service"] = {**nodes["service"], "keys": {"5": "desk"}, "needs": {"english": 3} if seed % 2 else {}}
    return {**HOTLINE, "node": nodes}
