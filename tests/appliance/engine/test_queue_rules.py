# SPDX-License-Identifier: GPL-2.0-or-later
"""Who comes into a queue, stays, leaves by key, and is served first: rules, classes, targets, services."""

from typing import Any

import pytest

from appliance.api.messages import SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import CONFIG, HOTLINE, Box, config, flow, reloaded

WHY: dict[str, Any] = {
    "why": {"do": "branch", "on": "result", "cases": {"key": "desk", "long_wait": "bye"}, "otherwise": "nobody"}
}
"""A node that goes by the reason for which a caller left the queue."""


def _box(queue: dict[str, Any] | None = None, *, agents: int = 1, **node: Any) -> Box:
    """Return a box with queue `sales` of some agents, and a flow whose node has further keys."""
    staff = [f"10{n + 1}" for n in range(agents)]
    sales = {"name": "sales", "agents": staff, "announce_agent": False, "wrap_up_s": 0, "max_wait_s": 0, "ring_s": 600}
    nodes: Any = HOTLINE["node"]
    document = {**HOTLINE, "node": {**nodes, "sales": {**nodes["sales"], **node}, **WHY}}
    return Box(
        config(queue=[{**sales, **(queue or {})}, {**CONFIG["queue"][1], "agents": ["103"]}]),
        {"hotline": flow(document)},
    )


def _set(box: Box, agent: str, status: Any) -> None:
    box.did(box.engine.request(SetAgent(agent, status), box.now))


def _served(box: Box) -> list[int]:
    return [made.call for made in box.records if isinstance(made, r.OfferMade)]


def _talk(box: Box) -> tuple[int, int]:
    a, b = box.to_queue(), box.asked(m.Dial).leg
    box.tell(m.Answered(b))
    return a, b


def _end(box: Box, talk: tuple[int, int]) -> None:
    box.tell(m.Cleared(talk[0], 16), m.Cleared(talk[1], 16))


def _reasons(box: Box) -> list[str]:
    return [left.reason for left in box.all(r.QueueLeft)]


# --- join and stay


@pytest.mark.parametrize(
    ("join", "status", "admitted"),
    [
        ("signed_in", "paused", True),
        ("signed_in", "signed_out", False),
        ("ready", "ready", True),
        ("ready", "paused", False),
        ("always", "signed_out", True),
    ],
)
def test_callers_are_admitted_while_the_agents_are_there_whom_the_queue_asks_for(
    join: str, status: str, *, admitted: bool
) -> None:
    box = _box({"join": join, "stay": "always"})
    _set(box, "101", status)
    box.to_queue()
    assert _reasons(box) == ([] if admitted else ["no_agents"])


@pytest.mark.parametrize(
    ("stay", "status", "stays"),
    [
        ("signed_in", "paused", True),
        ("signed_in", "signed_out", False),
        ("ready", "paused", False),
        ("always", "signed_out", True),
    ],
)
def test_callers_wait_on_while_the_agents_are_there_whom_the_queue_asks_for(
    stay: str, status: str, *, stays: bool
) -> None:
    box = _box({"stay": stay})
    _talk(box)
    box.to_queue()
    _set(box, "101", status)
    assert _reasons(box) == ["answered", *([] if stays else ["no_agents"])], "also while the agent still talks"


def test_callers_leave_when_the_last_ready_agent_is_paused_for_calls_not_answered() -> None:
    box = _box({"stay": "ready", "ring_s": 10})
    box.to_queue()
    box.to_queue()
    box.wait(10.1)
    box.tell(m.Cleared(box.all(r.OfferMade)[0].leg, 19))
    assert _reasons(box) == ["no_agents"] * 2


def test_callers_in_a_queue_that_is_taken_out_leave_whatever_the_rule() -> None:
    box = _box({"join": "always", "stay": "always"})
    _set(box, "101", "signed_out")
    box.to_queue()
    box.did(reloaded(box.engine, box.engine._board.config.extension, box.now, queues=()))
    assert _reasons(box) == ["no_agents"]


# --- overflow


def test_who_would_wait_too_long_is_not_admitted_and_the_flow_is_told() -> None:
    box = _box({"max_expected_s": 100}, otherwise="why")
    talk = _talk(box)
    box.wait(80)
    _end(box, talk)
    _talk(box)
    box.to_queue()
    assert box.wrote(r.QueueEntered).predicted == 80 * 50
    a = box.to_queue()
    assert _reasons(box)[-1] == "long_wait"
    assert box.asked(m.Clear).leg == a, "the flow's own way for it"


def test_while_too_few_are_served_in_time_only_those_are_admitted_for_whom_an_agent_is_free() -> None:
    box = _box({"min_service_level": 50, "target_s": 10, "max_length": 100})
    talk = _talk(box)
    waiting = [box.to_queue() for _ in range(10)]
    box.wait(20)
    for a in waiting:
        box.tell(m.Cleared(a, 16))
    box.to_queue()
    assert _reasons(box)[-1] == "service_level"
    _end(box, talk)
    talk = _talk(box)
    assert box.wrote(r.QueueLeft).reason == "answered"
    box.wait(1201)
    box.to_queue()
    assert len(_reasons(box)) == 13, "what is longer ago than twenty minutes does not count"


# --- keys


def test_a_key_of_the_flow_leaves_the_queue_to_its_node() -> None:
    box = _box(keys={"5": "service", "#": "nobody"})
    _talk(box)
    a = box.to_queue()
    box.key(a, "7")
    assert _reasons(box) == ["answered"], "no key of the flow"
    box.key(a, "5")
    assert _reasons(box) == ["answered", "key"]
    assert box.wrote(r.QueueEntered).queue == "service"
    assert box.wrote(r.KeyPressed) == r.KeyPressed(2, a, "5", "hotline/sales", accepted=True)


def test_a_key_leaves_the_queue_also_while_an_agent_is_rung() -> None:
    box = _box(keys={"#": "nobody"})
    a = box.to_queue()
    b = box.asked(m.Dial).leg
    box.key(a, "#")
    assert box.wrote(r.OfferEnded).result == "withdrawn"
    assert box.asked(m.Clear).leg == b
    assert box.asked(m.Play).sounds == ("prompt:en/nobody-available",)
    box.tell(m.Cleared(b, 26))
    assert box.agent("101")[1] == "idle"
    box.tell(m.Cleared(a, 16), m.Recorded(1, 100))
    box.audit.idle()


def test_the_flow_can_tell_a_key_from_other_ends_of_the_wait() -> None:
    box = _box(keys={"#": "why"}, otherwise="why")
    _talk(box)
    a, b = box.to_queue(), box.to_queue()
    box.key(a, "#")
    assert box.asked(m.Dial).called == "8009"
    box.did(box.engine.request(SetAgent("101", "signed_out"), box.now))
    assert _reasons(box) == ["answered", "key", "no_agents"]
    assert box.asked(m.Play).leg == b


# --- classes, services, targets


def test_a_higher_class_is_served_first_and_equal_ones_in_order() -> None:
    box = _box()
    talk = _talk(box)
    box.to_queue()
    box.engine.reload_flows({"hotline": _with_priority(3)})
    box.to_queue(), box.to_queue()
    assert box.engine.queues()[0].waiting == (3, 4, 2)
    _end(box, talk)
    assert _served(box) == [3]


def _with_priority(priority: int) -> Any:
    nodes: Any = HOTLINE["node"]
    return flow({**HOTLINE, "node": {**nodes, "sales": {**nodes["sales"], "priority": priority}}})


@pytest.mark.parametrize(("ahead_s", "first"), [(29, 3), (31, 2)])
def test_a_caller_rises_above_later_ones_of_a_higher_class_with_time(ahead_s: float, first: int) -> None:
    box = _box({"promote_every_s": 10})
    talk = _talk(box)
    box.to_queue()
    box.wait(ahead_s)
    box.engine.reload_flows({"hotline": _with_priority(3)})
    box.to_queue()
    box.wait(500)
    _end(box, talk)
    assert _served(box) == [first], "a class is worth ten seconds"


def test_a_vip_goes_before_every_class() -> None:
    settings = config(queue=[{"name": "sales", "agents": ["101"], "announce_agent": False}], lists={"vip": ["139*"]})
    box = Box(settings, {"hotline": _with_priority(9)})
    _talk(box)
    box.to_queue()
    box.to_queue(caller=m.Party("13912345678"))
    assert box.engine.queues()[0].waiting[0] == 3


def test_the_service_that_a_flow_chose_is_needed_besides_what_the_queue_needs() -> None:
    skills = {"101": {"sales": 5}, "102": {"sales": 5, "english": 3}, "103": {"english": 9}}
    agents = [{"number": n, "extension": f"800{n[-1]}", "start": "ready", "skills": has} for n, has in skills.items()]
    step = [{"after_s": 30, "needs": {"english": 0}}]
    queue = {"name": "sales", "agents": [*skills], "needs": {"sales": 3}, "step": step, "pause_after_no_answer": False}
    nodes: Any = HOTLINE["node"]
    english = {**HOTLINE, "node": {**nodes, "sales": {**nodes["sales"], "needs": {"english": 2}}}}
    box = Box(config(agent=agents, queue=[{**queue, "ring_s": 600}]), {"hotline": flow(english)})
    box.to_queue()
    assert box.wrote(r.OfferMade).agent == "102"
    assert box.wrote(r.QueueChose).choice.passed == {"101": "skill", "103": "skill"}
    box.to_queue()
    assert not _served(box)
    box.wait(30.1)
    assert box.wrote(r.OfferMade).agent == "101", "a step takes the service out"


@pytest.mark.parametrize(("target_s", "first"), [(60, 2), (10, 3)])
def test_of_two_queues_that_is_served_first_whose_caller_waits_longest_for_its_target(
    target_s: float, first: int
) -> None:
    queues = [
        {"name": name, "agents": ["101"], "announce_agent": False, "wrap_up_s": 0, "target_s": target}
        for name, target in (("sales", 60), ("service", target_s))
    ]
    box = Box(config(queue=queues))
    talk = _talk(box)
    box.to_queue("1")
    box.wait(30)
    box.to_queue("2")
    box.wait(30)
    _end(box, talk)
    assert _served(box) == [first]
    rivals = box.wrote(r.QueueChose).choice.rivals
    assert {call for call, _queue, _figure in rivals} == {2, 3}


def test_at_most_so_many_agents_of_a_queue_talk_at_once() -> None:
    box = _box({"max_talking": 2}, agents=3)
    talks = [_talk(box) for _ in range(2)]
    box.to_queue()
    assert not _served(box), "103 is idle, and two talk"
    _end(box, talks[0])
    assert _served(box) == [3]
    box.to_queue()
    assert not _served(box)


def test_the_end_of_a_talk_serves_the_next_though_its_agent_does_wrap_up() -> None:
    box = _box({"max_talking": 1, "wrap_up_s": 30}, agents=2)
    talk = _talk(box)
    box.to_queue()
    assert not _served(box)
    _end(box, talk)
    assert _served(box) == [2]
    assert box.agent("101")[1] == "wrap_up"
