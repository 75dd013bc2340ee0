# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows through other flows: there and back, with keys ahead, swapped meanwhile, from a queue, and lost ones."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.ivr.flow import Flow
from tests.appliance.engine.box import Box, config, flow
from tests.appliance.engine.test_talk import booked

END = {"do": "hangup"}
MAIN = {
    "start": "hello",
    "node": {
        "hello": {"do": "play", "prompts": ["hello"], "next": "ask"},
        "ask": {"do": "sub", "flow": "pin", "next": "which"},
        "which": {"do": "branch", "on": "result", "cases": {"good": "inside"}, "otherwise": "end"},
        "inside": {"do": "say", "text": "{pin}", "next": "end"},
        "end": END,
    },
}
PIN = {
    "start": "pin",
    "language": "zh",
    "node": {
        "pin": {
            "do": "collect",
            "prompts": ["pin"],
            "into": "pin",
            "most": 4,
            "tries": 1,
            "next": "good",
            "otherwise": "bad",
        },
        "good": {"do": "return", "result": "good"},
        "bad": {"do": "return", "result": "bad"},
    },
}


def _box(**more: dict[str, Any]) -> Box:
    return Box(flows={"hotline": flow(MAIN), "pin": flow(PIN), **{name: flow(each) for name, each in more.items()}})


def _heard(box: Box) -> tuple[str, ...]:
    return box.asked(m.Play).sounds


def test_a_caller_goes_through_another_flow_and_back_with_what_was_keyed() -> None:
    box = _box()
    a = box.call_in()
    box.played(a)
    assert _heard(box) == ("prompt:en/pin",), "in the language of the caller"
    assert box.wrote(r.SegmentOpened).what == "pin/pin"
    box.key(a, "47#")
    assert _heard(box) == ("prompt:en/digit-4", "prompt:en/digit-7")
    assert box.wrote(r.SegmentOpened).what == "hotline/inside"
    box.played(a)
    assert box.asked(m.Clear).leg == a
    booked(box)


def test_keys_ahead_answer_the_question_of_a_sub_flow() -> None:
    box = _box()
    a = box.call_in()
    box.key(a, "12#")
    assert all(key.accepted for key in box.all(r.KeyPressed))
    box.played(a)
    assert _heard(box) == ("prompt:en/digit-1", "prompt:en/digit-2"), "through both flows, at once"
    booked(box)


def test_silence_in_a_sub_flow_comes_back_as_its_result() -> None:
    box = _box()
    a = box.call_in()
    box.played(a)
    box.played(a)
    box.wait(5)
    assert box.asked(m.Clear).leg == a
    booked(box)


@pytest.mark.parametrize("moment", range(5))
def test_a_caller_may_hang_up_at_each_moment(moment: int) -> None:
    box = _box()
    a = box.call_in()
    for step in ["", "", "4", "#"][:moment]:
        box.key(a, step) if step else box.played(a)
    box.tell(m.Disconnected(a, m.Cause.NORMAL_CLEARING))
    box.tell(m.Cleared(a, m.Cause.NORMAL_CLEARING))
    booked(box)


def test_a_call_goes_on_in_the_flows_that_it_began() -> None:
    box = _box()
    a = box.call_in()
    other: dict[str, Flow] = {"hotline": flow(MAIN)}
    box.engine.reload_flows(other)
    box.played(a)
    box.key(a, "47#")
    assert _heard(box) == ("prompt:en/digit-4", "prompt:en/digit-7")
    b = box.call_in()
    box.played(b)
    assert box.asked(m.Clear).leg == b
    assert "there is no flow pin" in box.wrote(r.TroubleNoted).text
    booked(box)


def test_goto_leaves_and_a_flow_that_enters_itself_ends_the_call() -> None:
    leave = {"start": "go", "node": {"go": {"do": "goto", "flow": "pin"}}}
    box = Box(flows={"hotline": flow(leave), "pin": flow(PIN)})
    a = box.call_in()
    assert _heard(box) == ("prompt:en/pin",)
    box.key(a, "47#")
    assert box.asked(m.Clear).leg == a, "nothing entered it by sub: the call ends at return"
    booked(box)
    again = {"start": "go", "node": {"go": {"do": "sub", "flow": "hotline", "next": "end"}, "end": END}}
    box = Box(flows={"hotline": flow(again)})
    a = box.call_in()
    assert box.asked(m.Clear).cause == m.Cause.TEMPORARY_FAILURE
    assert "too many sub-flows" in box.wrote(r.TroubleNoted).text
    booked(box)


def test_a_sub_flow_of_a_detour_comes_back_to_its_flow_and_that_to_the_queue() -> None:
    aside = {
        "start": "ask",
        "node": {"ask": {"do": "sub", "flow": "pin", "next": "back"}, "back": {"do": "return"}},
    }
    sales = {"name": "sales", "agents": ["101"], "detours": {"9": "aside"}, "max_wait_s": 600}
    wait = {"start": "q", "node": {"q": {"do": "queue", "queue": "sales", "otherwise": "end"}, "end": END}}
    flows = {"hotline": flow(wait), "aside": flow(aside), "pin": flow(PIN)}
    settings = config(
        queue=[sales],
        agent=[{"number": "101", "name": "a", "extension": "8001", "start": "paused"}],
        recording={"rule": "none"},
    )
    box = Box(settings, flows)
    a = box.call_in()
    box.key(a, "9")
    assert _heard(box) == ("prompt:en/pin",)
    box.key(a, "47#")
    assert len(box.engine._board.queues["sales"].entries) == 1, "the place was kept"
    assert not box.all(r.QueueLeft)
