# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents who are reached at a number outside: offered, announced and recorded like all others."""

from typing import Any

from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box, config
from tests.appliance.engine.test_talk import booked, hears


def box(**changes: Any) -> Box:
    agents = [
        {"number": "101", "outside": "13911112222", "start": "ready"},
        {"number": "102", "extension": "8002", "start": "ready"},
    ]
    outside = {"prefix": "0", "line": "trunk:voip", "caller": "88886600"}
    return Box(config(**{"agent": agents, "outside": outside, **changes}))


def test_an_agent_outside_is_rung_on_a_trunk_announced_and_talks() -> None:
    house = box()
    caller = house.to_queue()
    dial = house.asked(m.Dial)
    assert (dial.line, dial.called, dial.caller) == ("trunk:voip", "13911112222", m.Party("88886600"))
    assert (house.wrote(r.OfferMade).agent, house.wrote(r.LegOpened).role) == ("101", "agent")
    house.tell(m.Answered(dial.leg))
    assert {play.leg for play in house.commands if isinstance(play, m.Play)} == {caller, dial.leg}
    house.played(caller)
    assert hears(house) == {caller: dial.leg, dial.leg: caller}
    assert house.agent("101")[1] == "talking"
    house.tell(m.Cleared(caller, 16), m.Cleared(dial.leg, 16))
    assert house.agent("101")[1] == "wrap_up"
    booked(house)


def test_one_who_does_not_answer_is_passed_over_as_at_a_desk() -> None:
    house = box()
    house.to_queue()
    first = house.asked(m.Dial).leg
    house.wait(30)
    assert m.Clear(first, m.Cause.NO_ANSWER) in house.commands
    assert [dial.called for dial in house.commands if isinstance(dial, m.Dial)] == ["8002"]
    house.tell(m.Cleared(first, 19))
    assert house.agent("101")[0] == "paused"


def test_with_no_line_free_the_agent_outside_is_left_alone_and_the_next_is_rung() -> None:
    house = box(trunk_rule=[{"line": "trunk:voip", "calls": 1}])
    house.phone_dials("0138", "8009")
    house.to_queue()
    assert [dial.called for dial in house.commands if isinstance(dial, m.Dial)] == ["8002"]
    assert house.agent("101")[1] == "unreachable"
    house.wait(10)
    assert house.agent("101")[1] == "idle"
    booked(house)
