# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrap-up goes on while the agent's phone is in other calls; codes lengthen and end it. And an agent's figures."""

import pytest

from appliance.api.messages import SetAgent
from appliance.contract import switch as m
from appliance.contract.asks import Ask, Figures
from appliance.contract.records import AgentStatus
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_desk import box, hung_up, said, signed_in
from tests.appliance.engine.test_talk import booked


def wrapping_up() -> Box:
    """Return a box whose agent 104 has just ended a talk, with 10 s of wrap-up."""
    house = box()
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
