# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrap-up goes on while the agent's phone is in other calls; codes lengthen and end it. And an agent's figures."""

from typing import Any

import pytest

from appliance.api.messages import SetAgent, SetWrapUpCode
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import Ask, Figures
from appliance.contract.errors import RequestError
from appliance.contract.records import AgentStatus
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_desk import box, hung_up, said, signed_in
from tests.appliance.engine.test_talk import booked


def wrapping_up(**changes: Any) -> Box:
    """Return a box whose agent 104 has just ended a talk, with 10 s of wrap-up."""
    house = box(**changes)
    signed_in(house, "8009", "104")
    caller = house.to_queue()
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    house.tell(m.Cleared(caller, 16), m.Cleared(agent, 16))
    assert house.agent("104") == ("ready", "wrap_up", "")
    return house


def test_a_call_of_the_agent_does_not_end_the_wrap_up() -> None:
    house = wrapping_up()
    house.wait(4)
    leg = house.phone_dials("701", "8009")
    assert house.agent("104")[1] == "talking"
    house.wait(2)
    house.tell(m.Cleared(leg, 16))
    assert house.agent("104")[1] == "wrap_up"
    house.wait(3.9)
    assert house.agent("104")[1] == "wrap_up"
    house.wait(0.2)
    assert house.agent("104")[1] == "idle"
    booked(house)


def test_a_wrap_up_that_ends_during_a_call_is_over_after_it() -> None:
    house = wrapping_up()
    leg = house.phone_dials("*43", "8009")
    house.wait(11)
    assert house.agent("104")[1] == "talking"
    hung_up(house, leg)
    assert house.agent("104")[1] == "idle"
    booked(house)


def test_more_time_is_given_each_time_it_is_asked_for() -> None:
    house = wrapping_up()
    for _ in range(2):
        leg = house.phone_dials("*64", "8009")
        assert said(house) == ["agent-more-time"]
        hung_up(house, leg)
        house.wait(50)
        assert house.agent("104") == ("ready", "wrap_up", "")
    house.wait(11)
    assert house.agent("104")[1] == "idle"
    leg = house.phone_dials("*64", "8009")
    assert said(house) == ["not-possible"], "there is no wrap-up to lengthen"
    hung_up(house, leg)
    booked(house)


def test_the_code_for_ready_ends_the_wrap_up() -> None:
    house = wrapping_up()
    house.to_queue()
    leg = house.phone_dials("*63", "8009")
    hung_up(house, leg)
    assert house.agent("104")[1] == "offered"
    house.wait(60)


@pytest.mark.parametrize(("status", "then"), [("ready", "idle"), ("paused", "paused"), ("signed_out", "signed_out")])
def test_a_choice_during_a_call_in_wrap_up_counts_after_it(status: AgentStatus, then: str) -> None:
    house = wrapping_up()
    leg = house.phone_dials("*43", "8009")
    house.did(house.engine.request(SetAgent("104", status), house.now))
    hung_up(house, leg)
    assert house.agent("104")[1] == then
    house.wait(60)
    assert house.agent("104")[1] == then
    booked(house)


def test_an_agent_hears_calls_talk_time_and_state_of_today() -> None:
    house = wrapping_up()
    leg = house.phone_dials("*67", "8009")
    assert isinstance(house.asks[-1], Ask)
    assert house.asks[-1].what == Figures("104")
    house.found(calls="12", talk_s="3599.9")
    figures = ["agent-calls-today", "number-12", "agent-talk-today", "number-60", "agent-minutes", "agent-ready"]
    assert said(house) == figures
    hung_up(house, leg)
    leg = house.phone_dials("*67", "8002")
    assert said(house) == ["agent-nobody-here"]
    hung_up(house, leg)
    booked(house)


CODES: Any = {
    "agents": {
        "wrap_up_codes": [{"key": "1", "name": "sold", "prompt": "pause-meal"}, {"key": "20", "name": "complaint"}]
    }
}


def test_a_wrap_up_code_is_said_and_belongs_to_the_last_call() -> None:
    house = wrapping_up(**CODES)
    leg = house.phone_dials("*6520", "8009")
    assert said(house) == ["agent-wrap-up-code", "digit-2", "digit-0"]
    assert house.wrote(r.WrapUpCoded) == r.WrapUpCoded(2, "104", "20", "complaint")
    hung_up(house, leg)
    assert coded(house) == "complaint"
    leg = house.phone_dials("*65", "8009")
    assert said(house) == ["agent-enter-wrap-up-code"]
    house.key(leg, "1#")
    assert said(house) == ["agent-wrap-up-code", "pause-meal"]
    hung_up(house, leg)
    assert coded(house) == "sold"
    assert [record.name for record in house.all(r.WrapUpCoded)] == ["complaint", "sold"]
    booked(house)


def test_a_code_may_be_set_in_the_talk_and_ends_with_the_next_call() -> None:
    house = wrapping_up(**CODES)
    hung_up(house, house.phone_dials("*651", "8009"))
    house.wait(11)
    caller = house.to_queue()
    agent = house.asked(m.Dial).leg
    assert coded(house) == "sold", "a call that only rings changes nothing"
    house.tell(m.Answered(agent))
    assert coded(house) == ""
    leg = house.phone_dials("*6520", "8009")
    assert house.wrote(r.WrapUpCoded).call == house.engine.calls()[0].call
    hung_up(house, leg)
    house.tell(m.Cleared(caller, 16), m.Cleared(agent, 16))
    assert coded(house) == "complaint"
    house.wait(20)
    booked(house)


@pytest.mark.parametrize("dialled", ["*659", "*65"])
def test_a_code_that_is_none_or_without_a_list_of_codes_changes_nothing(dialled: str) -> None:
    house = wrapping_up(**(CODES if dialled == "*659" else {}))
    leg = house.phone_dials(dialled, "8009")
    assert said(house) == ["not-possible"]
    hung_up(house, leg)
    leg = house.phone_dials(dialled, "8002")
    assert said(house) == ["agent-nobody-here"]
    hung_up(house, leg)
    assert not house.all(r.WrapUpCoded)


def test_an_agent_who_has_answered_no_call_has_none_to_code() -> None:
    house = box(**CODES)
    signed_in(house, "8009", "104")
    leg = house.phone_dials("*651", "8009")
    assert said(house) == ["not-possible"]
    hung_up(house, leg)


def test_a_program_sets_the_code_and_is_told_what_is_wrong() -> None:
    house = wrapping_up(**CODES)
    house.did(house.engine.request(SetWrapUpCode("104", "1"), house.now))
    assert house.wrote(r.WrapUpCoded) == r.WrapUpCoded(2, "104", "1", "sold")
    for agent, code, told in (
        ("999", "1", "there is no agent 999"),
        ("104", "9", "there is no wrap-up code 9"),
        ("101", "1", "agent 101 has answered no call"),
    ):
        with pytest.raises(RequestError, match=told):
            house.engine.request(SetWrapUpCode(agent, code), house.now)


def coded(house: Box) -> str:
    return next(view.wrap_up_code for view in house.engine.agents() if view.agent == "104")
