# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents, queues and memberships that change while calls are up."""

from typing import Any

import msgspec
import pytest

from appliance.api.messages import HangUp, SetAgent
from appliance.config.model import BoxConfig
from appliance.config.queues import AgentConfig, QueueConfig
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import OpenBooks
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import Box, config, reloaded
from tests.appliance.engine.test_reaching import box_with, closes, rung

NEW = AgentConfig(number="109", name="New", extension="8009", start="ready")


def configured(box: Box) -> BoxConfig:
    return box.engine._board.config


def reload(
    box: Box, agents: tuple[AgentConfig, ...] | None = None, queues: tuple[QueueConfig, ...] | None = None
) -> None:
    box.did(reloaded(box.engine, configured(box).extension, box.now, agents=agents, queues=queues))


def without(box: Box, *gone: str) -> None:
    """Remove agents, also from queues."""
    reload(box, tuple(each for each in configured(box).agent if each.number not in gone))


def queues_with(box: Box, **agents: tuple[str, ...]) -> tuple[QueueConfig, ...]:
    """Return the queues, some with other agents."""
    known = {each.name: each for each in configured(box).queue}
    known |= {name: msgspec.structs.replace(known[name], agents=who) for name, who in agents.items()}
    return tuple(known.values())


def answers(box: Box) -> int:
    """Answer a caller of a queue by the agent who is rung; return the agent's leg."""
    box.to_queue()
    leg = box.asked(m.Dial).leg
    box.tell(m.Answered(leg))
    return leg


def all_busy() -> Box:
    """Return a box in which all agents of sales talk with callers of it, and one more caller waits."""
    box = box_with()
    answers(box)
    answers(box)
    box.to_queue()
    assert rung(box) == []
    return box


def test_a_new_agent_is_rung_at_once_for_who_waits() -> None:
    box = all_busy()
    reload(box, (*configured(box).agent, NEW), queues_with(box, sales=("101", "102", "109")))
    assert rung(box) == ["8009"]
    assert r.AgentChanged("109", "ready", "idle", "") in box.records
    closes(box)


def test_a_new_agent_whose_phone_is_in_a_talk_is_rung_when_that_is_over() -> None:
    box = all_busy()
    talks = box.phone_dials("8003", "8009")
    box.tell(m.Answered(box.asked(m.Dial).leg))
    reload(box, (*configured(box).agent, NEW), queues_with(box, sales=("101", "102", "109")))
    assert rung(box) == []
    assert box.agent("109")[1] == "talking"
    box.tell(m.Cleared(talks, 16))
    assert rung(box) == ["8009"]
    closes(box)


def test_a_membership_counts_at_once_for_the_idle_and_later_for_the_busy() -> None:
    box = all_busy()
    reload(box, None, queues_with(box, sales=("101", "102", "103")))
    assert rung(box) == ["8003"]
    box.tell(m.Answered(box.asked(m.Dial).leg))
    reload(box, None, queues_with(box, service=("101", "103")))
    box.to_queue("2")
    assert rung(box) == []
    box.did(box.engine.request(HangUp(1), box.now))
    box.tell(*[m.Cleared(leg.number, 16) for leg in box.engine._board.legs.values() if leg.call.number == 1])
    box.wait(11)
    assert rung(box) == ["8001"], "from now on also for service"
    closes(box)


def test_an_agent_out_of_a_queue_finishes_the_call_and_gets_no_further_one() -> None:
    box = all_busy()
    reload(box, None, queues_with(box, sales=("102",)))
    box.did(box.engine.request(HangUp(1), box.now))
    box.tell(*[m.Cleared(leg.number, 16) for leg in box.engine._board.legs.values() if leg.call.number == 1])
    box.wait(11)
    assert box.agent("101")[:2] == ("ready", "idle")
    assert rung(box) == []
    closes(box)


@pytest.mark.parametrize("status", ["ready", "paused", "signed_out"])
def test_an_agent_who_is_taken_out_and_free_is_gone_at_once(status: Any) -> None:
    box = box_with()
    box.did(box.engine.request(SetAgent("101", status), box.now))
    without(box, "101")
    assert [each.agent for each in box.engine.agents()] == ["102", "103"]
    told = [each.english for each in box.records if isinstance(each, r.TroubleNoted)]
    assert len(told) == (status != "signed_out")
    assert box.all(r.AgentChanged)[-1].state == "signed_out"
    box.to_queue()
    assert rung(box) == ["8002"]
    with pytest.raises(RequestError):
        box.engine.request(SetAgent("101", "ready"), box.now)
    closes(box)


def test_an_agent_who_is_taken_out_in_a_talk_finishes_it() -> None:
    box = all_busy()
    without(box, "101")
    assert box.agent("101")[:2] == ("signed_out", "talking")
    with pytest.raises(RequestError):
        box.engine.request(SetAgent("101", "ready"), box.now)
    assert len(box.engine.calls()) == 3
    box.did(box.engine.request(HangUp(1), box.now))
    box.tell(*[m.Cleared(leg.number, 16) for leg in box.engine._board.legs.values() if leg.call.number == 1])
    assert [each.agent for each in box.engine.agents()] == ["102", "103"], "no wrap-up either"
    assert rung(box) == []
    closes(box)


@pytest.mark.parametrize("answered", [False, True])
def test_an_agent_who_is_taken_out_while_the_phone_rings(answered: bool) -> None:
    box = box_with()
    box.to_queue()
    leg = box.asked(m.Dial).leg
    without(box, "101")
    box.tell(m.Answered(leg) if answered else m.Cleared(leg, 17))
    assert rung(box) == ([] if answered else ["8002"])
    assert ("101" in [each.agent for each in box.engine.agents()]) == answered
    closes(box)


def test_an_agent_who_comes_back_while_busy_stays() -> None:
    box = all_busy()
    before = configured(box).agent
    without(box, "101")
    reload(box, before)
    box.did(box.engine.request(HangUp(1), box.now))
    box.tell(*[m.Cleared(leg.number, 16) for leg in box.engine._board.legs.values() if leg.call.number == 1])
    box.wait(11)
    assert rung(box) == ["8001"]
    closes(box)


def test_who_waits_is_sent_on_when_the_last_agent_is_taken_out() -> None:
    box = all_busy()
    waits = max(box.engine.queues()[0].waiting)
    without(box, "101", "102")
    assert box.wrote(r.QueueLeft) == r.QueueLeft(waits, "sales", "no_agents")
    assert box.asked(m.Play).sounds == ("prompt:en/nobody-available",)
    closes(box)


def test_a_new_queue_takes_callers_at_once() -> None:
    box = box_with()
    box.engine.reload_flows({"hotline": box.engine._board.flows["hotline"]})
    sales = configured(box).queue[0]
    reload(box, None, (*configured(box).queue, msgspec.structs.replace(sales, name="more", agents=("103",))))
    assert [each.queue for each in box.engine.queues()] == ["sales", "service", "more"]
    assert box.engine.queues_of()["103"] == ("service", "more")
    assert box.engine.queues()[2].idle == 1
    closes(box)


def test_callers_of_a_queue_that_is_taken_out_go_on_in_their_flow_and_it_is_told() -> None:
    box = all_busy()
    box.to_queue()
    waiting = box.engine.queues()[0].waiting
    reload(box, None, configured(box).queue[1:])
    left = [each for each in box.records if isinstance(each, r.QueueLeft)]
    assert left == [r.QueueLeft(call, "sales", "no_agents") for call in waiting]
    assert [play.sounds for play in box.commands if isinstance(play, m.Play)] == [("prompt:en/nobody-available",)] * 2
    trouble = box.wrote(r.TroubleNoted)
    assert (trouble.kind, trouble.count) == ("queue", 2)
    assert "sales" in trouble.english
    assert len(box.engine.calls()) == 4, "talks go on"
    box.to_queue()
    assert box.wrote(r.TroubleNoted).kind == "flow", "as if it had never been"
    closes(box)


@pytest.mark.parametrize("answered", [False, True])
def test_a_caller_for_whom_an_agent_of_such_a_queue_rings_is_sent_on_if_he_does_not_answer(answered: bool) -> None:
    box = box_with()
    box.to_queue()
    leg = box.asked(m.Dial).leg
    reload(box, None, configured(box).queue[1:])
    assert not box.commands
    box.tell(m.Answered(leg) if answered else m.Cleared(leg, 17))
    assert box.wrote(r.QueueLeft).reason == ("answered" if answered else "no_agents")
    closes(box)


def test_what_is_changed_in_a_queue_counts_for_the_next_who_is_rung() -> None:
    box = box_with()
    reload(box, None, tuple(msgspec.structs.replace(each, ring_s=3) for each in configured(box).queue))
    box.to_queue()
    leg = box.asked(m.Dial).leg
    box.wait(4)
    assert m.Clear(leg, 19) in box.commands
    closes(box)


def test_who_has_been_idle_longest_stays_so() -> None:
    box = box_with()
    box.did(box.engine.request(SetAgent("101", "paused"), box.now))
    box.wait(5)
    box.did(box.engine.request(SetAgent("101", "ready"), box.now))
    reload(box, None, queues_with(box, sales=("101", "103", "102")))
    box.to_queue()
    assert rung(box) == ["8003"]
    closes(box)


def test_before_the_switch_is_there_agents_come_and_go_as_well() -> None:
    box = Box(config(), books=OpenBooks())
    without(box, "101")
    reload(box, (*configured(box).agent, NEW))
    box.tell(m.Attached("test", 64))
    assert [each.agent for each in box.engine.agents()] == ["102", "103", "109"]
    assert {each.agent for each in box.all(r.AgentChanged)} == {"101", "102", "103", "109"}
    closes(box)
