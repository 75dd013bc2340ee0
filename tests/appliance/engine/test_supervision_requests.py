# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs that let a supervisor's phone into a talk, end talks and send callers elsewhere; the books say who asked."""

from typing import Any

import pytest

from appliance.api.messages import ReleaseTalk, Request, Supervise, TransferTalk
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_supervising import box, heard, served
from tests.appliance.engine.test_talk import booked


def asks(house: Box, request: Any, by: str = "lina") -> None:
    house.did(house.engine.request(request, house.now, by))


def refused(house: Box, request: Request, by: str = "lina") -> str:
    with pytest.raises(RequestError) as error:
        asks(house, request, by)
    return error.value.message


def cleared(house: Box) -> set[int]:
    return {clear.leg for clear in house.commands if isinstance(clear, m.Clear)}


@pytest.mark.parametrize("mode", ["listen", "whisper", "barge"])
def test_a_phone_is_rung_and_is_in_the_talk_when_it_answers(mode: Any) -> None:
    house = box()
    caller, agent = served(house)
    asks(house, Supervise("8009", "101", mode=mode))
    dial = house.asked(m.Dial)
    assert (dial.called, dial.caller) == ("8009", m.Party("101", "agent 1")), "the phone shows the agent"
    house.tell(m.Answered(dial.leg))
    assert {(dial.leg, caller), (dial.leg, agent)} <= heard(house)
    hear_it = {leg for leg in (caller, agent) if (leg, dial.leg) in heard(house)}
    assert hear_it == {"listen": set(), "whisper": {agent}, "barge": {caller, agent}}[mode]
    acted = house.wrote(r.SupervisorActed)
    assert acted == r.SupervisorActed(1, mode, "8009", "101", "", "lina")
    booked(house)


def test_asked_again_the_phone_takes_part_in_another_way_and_does_not_ring() -> None:
    house = box()
    caller, agent = served(house)
    asks(house, Supervise("8009", "101"))
    leg = house.asked(m.Dial).leg
    house.tell(m.Answered(leg))
    asks(house, Supervise("8009", call=1, mode="whisper"), by="wang")
    assert house.mixed() == [m.Gain(agent, leg, aside=True)]
    assert house.wrote(r.SupervisorActed).asked_by == "wang"
    asks(house, Supervise("8009", "101", mode="intercept"))
    assert cleared(house) == {agent}
    assert heard(house) == {(caller, leg), (leg, caller)}
    booked(house)


def test_a_phone_that_is_rung_to_intercept_takes_the_agents_place_when_it_answers() -> None:
    house = box()
    caller, agent = served(house)
    asks(house, Supervise("8009", "101", mode="intercept"))
    leg = house.asked(m.Dial).leg
    assert (caller, agent) in heard(house), "the agent talks until then"
    house.tell(m.Answered(leg))
    assert cleared(house) == {agent}
    assert heard(house) == {(caller, leg), (leg, caller)}
    assert [each.role for each in house.all(r.LegOpened) if each.leg == leg] == ["caller", "extension"]
    booked(house)


def test_a_talk_that_is_over_when_the_phone_answers_is_told_by_a_tone() -> None:
    house = box()
    caller, _agent = served(house)
    asks(house, Supervise("8009", "101"))
    leg = house.asked(m.Dial).leg
    house.tell(m.Cleared(caller, 16))
    house.tell(m.Answered(leg))
    assert house.asked(m.Play).leg == leg
    house.wait(30)
    house.tell(m.Cleared(leg, 16))
    booked(house)


def test_a_program_ends_a_talk_by_agent_or_by_call() -> None:
    for request in (ReleaseTalk("101"), ReleaseTalk(call=1)):
        house = box()
        caller, agent = served(house)
        asks(house, request)
        assert cleared(house) == {caller, agent}
        assert house.wrote(r.SupervisorActed) == r.SupervisorActed(1, "release", "", "101", "", "lina")
        booked(house)


def test_a_program_sends_a_caller_elsewhere_and_the_agents_phone_rings_if_that_fails() -> None:
    house = box()
    _caller, agent = served(house)
    asks(house, TransferTalk("8003", "101"))
    assert cleared(house) == {agent}
    assert house.wrote(r.SupervisorActed) == r.SupervisorActed(1, "transfer", "", "101", "8003", "lina")
    rung = house.asked(m.Dial).leg
    house.tell(m.Cleared(agent, 16))
    house.tell(m.Cleared(rung, 17))
    assert house.asked(m.Dial).called == "8001"
    booked(house)


def test_what_is_not_possible_is_an_error_and_changes_nothing() -> None:
    house = box()
    served(house)
    assert refused(house, Supervise("8009", "102")) == "agent 102 is in no talk now"
    assert refused(house, Supervise("8009", call=7)) == "call 7 is no talk of two now"
    assert refused(house, Supervise("4711", "101")) == "there is no extension 4711"
    assert refused(house, ReleaseTalk("999")) == "agent 999 is in no talk now"
    assert refused(house, TransferTalk("4444", "101")) == "no call can be sent to 4444"
    assert not house.all(r.SupervisorActed)
    booked(house)


def test_a_users_role_says_what_the_user_may_ask() -> None:
    house = box(role=[{"name": "trainer", "users": ["lina"], "may": ["listen"], "queues": ["sales"]}])
    served(house)
    said = "the role of lina does not allow this: release"
    assert refused(house, ReleaseTalk("101")) == said
    assert "whisper" in refused(house, Supervise("8009", "101", mode="whisper"))
    asks(house, Supervise("8009", "101"))
    leg = house.asked(m.Dial).leg
    house.tell(m.Answered(leg))
    house.key(leg, "5")
    assert house.asked(m.Play).sounds == ("prompt:en/not-possible",), "keys are the user's as well"
    asks(house, ReleaseTalk("101"), by="root")
    booked(house)
