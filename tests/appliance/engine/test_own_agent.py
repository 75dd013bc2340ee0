# SPDX-License-Identifier: GPL-2.0-or-later
"""Callers who have an agent of their own, by the flow or by their last talk: that one alone is rung for a while."""

from collections import Counter
from typing import Any

from appliance.api.messages import SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import Ask, LastAgent
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import HOTLINE, Box, config, flow
from tests.bench.walk import walk


def _box(agents: tuple[str, ...] = ("101", "102"), start: str = "welcome", **node: Any) -> Box:
    sales = {"name": "sales", "agents": agents, "announce_agent": False, "wrap_up_s": 0, "max_wait_s": 0, "ring_s": 600}
    nodes: Any = HOTLINE["node"]
    own = {"do": "last_agent", "days": 7, "found": "sales", "missing": "desk"}
    document = {**HOTLINE, "start": start, "node": {**nodes, "sales": {**nodes["sales"], **node}, "own": own}}
    settings = config(queue=[{**sales, "pause_after_no_answer": False, "strategy": "linear"}], route=ROUTE)
    return Box(settings, {"hotline": flow(document)})


ROUTE = [{"called": "96900", "flow": "hotline"}]


def _set(box: Box, agent: str, status: Any) -> None:
    box.did(box.engine.request(SetAgent(agent, status), box.now))


def _rung(box: Box) -> list[str]:
    return [made.agent for made in box.records if isinstance(made, r.OfferMade)]


def _talk(box: Box) -> tuple[int, int]:
    a, b = box.to_queue(), box.asked(m.Dial).leg
    box.tell(m.Answered(b))
    return a, b


def test_the_callers_agent_is_rung_though_another_comes_first_in_the_list() -> None:
    box = _box(agent="102", agent_s=20)
    box.to_queue()
    assert _rung(box) == ["102"]
    assert box.wrote(r.QueueChose).choice.passed == {"101": "alone"}


def test_a_caller_waits_for_the_own_agent_alone_and_then_for_all() -> None:
    box = _box(agent="102", agent_s=20)
    _talk(box)
    box.to_queue()
    assert not _rung(box), "102 talks, 101 is idle"
    box.wait(19)
    assert not _rung(box)
    box.wait(1.1)
    assert _rung(box) == ["101"]


def test_others_are_not_held_up_by_a_caller_who_waits_for_one_agent() -> None:
    box = _box(agent="102", agent_s=20)
    _talk(box)
    box.to_queue()
    box.engine.reload_flows({"hotline": flow()})
    box.to_queue()
    assert [(made.call, made.agent) for made in box.all(r.OfferMade)[1:]] == [(3, "101")]


def test_an_agent_who_is_free_again_takes_the_own_callers_first() -> None:
    box = _box(agents=("102",), agent_s=60)
    talk = _talk(box)
    box.to_queue()
    nodes: Any = HOTLINE["node"]
    own = flow({**HOTLINE, "node": {**nodes, "sales": {**nodes["sales"], "agent": "102"}}})
    box.engine.reload_flows({"hotline": own})
    box.to_queue()
    box.tell(m.Cleared(talk[0], 16), m.Cleared(talk[1], 16))
    assert box.wrote(r.OfferMade).call == 3
    assert box.engine.queues()[0].waiting == (2, 3), "the other keeps the place"


def test_an_agent_who_is_not_there_is_not_waited_for() -> None:
    for agent in ("102", "103", "999"):
        box = _box(agent=agent)
        _set(box, "102", "signed_out")
        box.to_queue()
        assert _rung(box) == ["101"], agent


def test_when_the_own_agent_signs_out_all_are_rung() -> None:
    box = _box(agent="102", agent_s=600)
    _talk(box)
    box.to_queue()
    assert not _rung(box)
    _set(box, "102", "signed_out")
    assert _rung(box) == ["101"]


def test_when_the_own_agent_does_not_take_the_call_all_are_rung() -> None:
    box = _box(agent="102", agent_s=600)
    box.to_queue()
    box.tell(m.Cleared(box.asked(m.Dial).leg, 21))
    assert _rung(box) == ["101"]


def test_the_flow_asks_the_books_for_the_agent_of_the_last_talk() -> None:
    box = _box(start="own", agent="{agent}", agent_s=30)
    box.call_in()
    ask = box.asks[-1]
    assert isinstance(ask, Ask)
    assert ask.what == LastAgent("13800138000", 7)
    box.found("found", agent="102")
    assert _rung(box) == ["102"]
    box.call_in()
    box.found("missing")
    assert box.asked(m.Dial).called == "8009", "the flow's way for callers without one"


def test_no_answer_of_the_books_is_as_if_there_were_no_agent() -> None:
    box = _box(start="own")
    box.call_in()
    box.wait(3.1)
    assert box.asked(m.Dial).called == "8009"


def test_the_books_know_who_talked_with_a_caller_last() -> None:
    box, store = _box(), Store.in_memory(lockstep_wall(10_000_000))
    for agent in ("101", "102"):
        for other in {"101", "102"} - {agent}:
            _set(box, other, "paused")
        _set(box, agent, "ready")
        a, b = _talk(box)
        box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
    caller = box.all(r.CallOpened)[0].caller.number
    for seq, record in enumerate(box.history, 1):
        store.apply(seq, seq, [record])
    reads = Reads(store.reader())
    assert reads.last_agent(caller, 0) == "102"
    assert reads.last_agent(caller, 20_000_000_000_000) == "", "too long ago"
    assert reads.last_agent("0139", 0) == ""
    assert reads.last_agent("", 0) == "", "withheld numbers are nobody's"


def test_wild_callers_with_agents_of_their_own_leave_balanced_books() -> None:
    seen: Counter[str] = Counter()
    for seed in (84, 91, 98):
        seen += walk(seed, 5000).audit.passed
    assert seen["alone"]
