# SPDX-License-Identifier: GPL-2.0-or-later
"""A box with a queue that calls back, and short ways to play its callers and agents."""

from typing import Any

from appliance.api.messages import SetAgent
from appliance.bugs import Guard
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import OpenBooks
from appliance.contract.switch import Cause
from tests.appliance.engine.box import Box, config

OWN, OTHER = "13800138000", "13911112222"
SALES = {"name": "sales", "agents": ["101", "102"], "announce_agent": False, "wrap_up_s": 0, "max_wait_s": 0}
ROUTE = [{"called": "96900", "flow": "hotline"}]


def waiting_box(
    books: OpenBooks | None = None,
    queue: dict[str, Any] | None = None,
    guard: Guard | None = None,
    rules: tuple[dict[str, Any], ...] = (),
    **callback: Any,
) -> Box:
    """Return a box whose agents are paused: callers wait. `rules` are those of recordings."""
    settings = config(
        queue=[{**SALES, "pause_after_no_answer": False, **(queue or {}), "callback": {"every_s": 60, **callback}}],
        route=ROUTE,
        outside={"line": "pri:carrier"},
        recording={"rule": "none"},
        recording_rule=rules,
        plan=[{"name": "day", "hours": "mon-fri 08:00-18:00"}],
    )
    box = Box(settings, books=books, guard=guard)
    if books is None:
        for agent in ("101", "102"):
            be(box, agent, "paused")
    return box


def be(box: Box, agent: str, status: Any) -> None:
    box.did(box.engine.request(SetAgent(agent, status), box.now))


def come(box: Box, caller: m.Party | None = None) -> int:
    """Come into the queue, a moment after the last caller; return the caller's leg."""
    box.wait(1)
    return box.to_queue(caller=caller)


def ask(box: Box, caller: str = OWN) -> int:
    """Wait in the queue and press its key; return the caller's leg."""
    leg = come(box, m.Party(caller))
    box.key(leg, "2")
    return leg


def gone(box: Box, leg: int) -> None:
    box.tell(m.Cleared(leg, Cause.NORMAL_CLEARING))


def order(box: Box, caller: str = OWN) -> int:
    """Ask for a call-back to the caller's own number, and hang up; return its number."""
    leg = ask(box, caller)
    box.key(leg, "1")
    asked = box.wrote(r.CallBackAsked)
    gone(box, leg)
    return asked.callback


def said(box: Box) -> tuple[str, ...]:
    """Return what the last leg that was told something hears."""
    (*_, play) = [each for each in box.commands if isinstance(each, m.Play)]
    return tuple(sound.removeprefix("prompt:en/") for sound in play.sounds)


def ready(box: Box, agent: str = "101") -> int:
    """Let the agent be ready, who is rung and answers; return the agent's leg."""
    be(box, agent, "ready")
    leg = box.asked(m.Dial).leg
    box.tell(m.Answered(leg))
    return leg


def dialled(box: Box, agent: int) -> m.Dial:
    """Let the agent hear what it is; return the call to the caller."""
    box.played(agent)
    return box.asked(m.Dial)


def reach(box: Box, agent: int) -> int:
    line = dialled(box, agent).leg
    box.tell(m.Answered(line))
    return line


def ends(box: Box) -> list[tuple[str, str]]:
    return [(each.result, each.why) for each in box.all(r.CallBackEnded)]
