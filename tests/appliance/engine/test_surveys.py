# SPDX-License-Identifier: GPL-2.0-or-later
"""Surveys after talks: who is asked, what comes of it, also when nothing is pressed."""

from typing import Any

import pytest

from appliance.api.messages import HangUp
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import OpenBooks, OpenLeg, OpenSurvey
from tests.appliance.engine.answers import SURVEY
from tests.appliance.engine.box import CONFIG, Box, config, flow
from tests.appliance.engine.test_desk import said
from tests.appliance.engine.test_talk import booked

QUEUES = [{**CONFIG["queue"][0], "survey": "survey"}, CONFIG["queue"][1]]
ENGLISH = {
    "start": "en",
    "node": {
        "en": {"do": "set", "language": "zh", "next": "sales"},
        "sales": {"do": "queue", "queue": "sales", "otherwise": "bye"},
        "bye": {"do": "hangup"},
    },
}


def talking(key: str = "1", **changes: Any) -> tuple[Box, int, int]:
    """Return a box where an agent talks with a caller of the queue of a key; and the legs of both."""
    flows = {"hotline": flow(), "survey": flow(SURVEY)}
    house = Box(config(**{"queue": QUEUES, **changes}), flows)
    caller = house.to_queue(key)
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    if key == "1":
        house.played(caller)
    return house, caller, agent


def left(house: Box, leg: int, cause: int = 16) -> None:
    house.tell(m.Disconnected(leg, cause), m.Cleared(leg, cause))


def surveys(house: Box) -> list[r.AnyRecord]:
    kinds = (r.SurveyOpened, r.SurveyRated, r.SurveyCommented, r.SurveyClosed)
    return [record for record in house.history if isinstance(record, kinds)]


def test_the_caller_is_asked_when_the_agent_hangs_up_first() -> None:
    house, caller, agent = talking()
    left(house, agent)
    assert said(house) == ["survey-service"]
    assert house.agent("101")[1] == "wrap_up", "the agent is free of the caller"
    house.key(caller, "5")
    assert said(house) == ["survey-solved"]
    house.key(caller, "1")
    assert said(house) == ["survey-thanks"]
    house.played(caller)
    house.tell(m.Cleared(caller, 16))
    assert surveys(house) == [
        r.SurveyOpened(1, 1, "sales", "101", "end"),
        r.SurveyRated(1, 1, "service", 5),
        r.SurveyRated(1, 1, "solved", 1),
        r.SurveyClosed(1, 1, "answered"),
    ]
    booked(house)


def test_the_agent_sends_the_caller_by_code_and_is_free() -> None:
    house, caller, agent = talking()
    house.key(agent, "*9")
    assert house.asked(m.Clear) == m.Clear(agent, 16)
    assert said(house) == ["survey-service"]
    assert not [command for command in house.commands if isinstance(command, m.SendKey)]
    house.tell(m.Cleared(agent, 16))
    left(house, caller)
    assert surveys(house) == [r.SurveyOpened(1, 1, "sales", "101", "code"), r.SurveyClosed(1, 1, "hung_up")]
    booked(house)


def test_nothing_pressed_to_the_end_is_counted() -> None:
    house, caller, agent = talking()
    left(house, agent)
    for _ in range(2):
        house.played(caller)
        house.wait(5.1)
    assert said(house) == ["survey-thanks"]
    house.played(caller)
    assert surveys(house)[-1] == r.SurveyClosed(1, 1, "nothing")
    house.tell(m.Cleared(caller, 16))
    booked(house)


def test_a_rating_counts_although_the_caller_hangs_up_after_it() -> None:
    house, caller, agent = talking()
    left(house, agent)
    house.key(caller, "2")
    left(house, caller)
    assert surveys(house)[1:] == [r.SurveyRated(1, 1, "service", 2), r.SurveyClosed(1, 1, "answered")]


def comment(house: Box, caller: int) -> m.Record:
    house.key(caller, "1")
    house.key(caller, "2")
    assert said(house) == ["survey-comment"]
    house.played(caller)
    return house.asked(m.Record)


@pytest.mark.parametrize("ends", ["hash", "length", "hang up"])
def test_a_comment_is_recorded_beside_the_call_until_the_switch_ends_it(ends: str) -> None:
    house, caller, agent = talking()
    left(house, agent)
    order = comment(house, caller)
    assert order == m.Record(caller, 2, "000000/000000001-000000002.wav", "said", 20.0, "#", 5.0)
    assert surveys(house)[-1] == r.SurveyCommented(1, 1, 2)
    assert not [command for command in house.commands if isinstance(command, m.StopRecord)], "the call's goes on"
    if ends == "hang up":
        left(house, caller)
        house.tell(m.Recorded(2, 8000))
    else:
        house.tell(*([m.Key(caller, "#", 80)] if ends == "hash" else []), m.Recorded(2, 8000))
        assert said(house) == ["survey-thanks"]
        left(house, caller)
    house.tell(m.Recorded(1, 8000))
    assert surveys(house)[-1] == r.SurveyClosed(1, 1, "answered")
    booked(house)


def test_a_comment_ends_although_the_switch_does_not_tell() -> None:
    house, caller, agent = talking()
    left(house, agent)
    comment(house, caller)
    house.wait(22.1)
    assert house.asked(m.StopRecord) == m.StopRecord(2)
    assert said(house) == ["survey-thanks"]
    house.tell(m.Recorded(2, 8000))


def test_a_caller_who_hangs_up_first_is_not_asked() -> None:
    house, caller, agent = talking()
    left(house, caller)
    assert house.asked(m.Clear).leg == agent
    assert not surveys(house)


@pytest.mark.parametrize("cause", [27, 41])
def test_a_line_that_failed_asks_nothing(cause: int) -> None:
    house, caller, agent = talking()
    left(house, agent, cause)
    assert house.asked(m.Clear).leg == caller
    assert not surveys(house)


def test_a_queue_without_a_survey_ends_the_call_and_passes_the_keys_of_the_code_on() -> None:
    house, caller, agent = talking("2")
    house.key(agent, "*9")
    assert "".join(command.key for command in house.commands if isinstance(command, m.SendKey)) == "*9"
    left(house, agent)
    assert house.asked(m.Clear).leg == caller
    assert not surveys(house)


def test_an_extension_to_which_the_agent_gave_the_caller_asks_nothing() -> None:
    house, caller, agent = talking()
    house.key(agent, "##8009#")
    desk = house.asked(m.Dial).leg
    house.tell(m.Answered(desk))
    left(house, desk)
    assert house.asked(m.Clear).leg == caller
    assert not surveys(house)


def test_a_flow_that_is_not_loaded_is_a_trouble_and_ends_the_call() -> None:
    house = Box(config(queue=QUEUES))
    caller = house.to_queue()
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    house.played(caller)
    house.key(agent, "*9")
    assert house.wrote(r.TroubleNoted).kind == "flow_missing"
    assert agent in house.heard(), "the talk goes on"
    left(house, agent)
    assert house.asked(m.Clear).leg == caller


def test_the_survey_speaks_the_language_of_the_caller() -> None:
    house = Box(config(queue=QUEUES), {"hotline": flow(ENGLISH), "survey": flow(SURVEY)})
    caller = house.call_in()
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    house.played(caller)
    left(house, agent)
    assert house.asked(m.Play).sounds == ("prompt:zh/survey-service",)


def test_a_flow_may_ask_without_a_queue() -> None:
    house = Box(config(), {"hotline": flow(SURVEY)})
    caller = house.call_in()
    house.key(caller, "4")
    assert surveys(house) == [r.SurveyOpened(1, 1, "", "", "flow"), r.SurveyRated(1, 1, "service", 4)]
    house.did(house.engine.request(HangUp(1), house.now))
    assert surveys(house)[-1] == r.SurveyClosed(1, 1, "answered")


def test_keying_and_a_survey_go_on_at_the_same_time() -> None:
    house, caller, agent = talking(keyed=[{"name": "pickup", "code": "*41"}])
    house.key(agent, "*41")
    plays = {command.leg: command.sounds[0] for command in house.commands if isinstance(command, m.Play)}
    assert plays == {agent: "prompt:en/enter-number", caller: "prompt:en/survey-service"}
    house.key(agent, "4711#")
    house.key(caller, "5")
    assert house.all(r.DataKeyed)[0].call == house.all(r.SurveyRated)[0].call == 1
    house.tell(m.Cleared(agent, 16))
    left(house, caller)
    booked(house)


def test_a_survey_that_the_books_left_open_is_closed_as_interrupted() -> None:
    books = OpenBooks(
        next_call=2, next_survey=8, calls=(1,), legs=(OpenLeg(2, 1, "pri:carrier"),), surveys=(OpenSurvey(7, 1),)
    )
    house = Box(config(queue=QUEUES), {"hotline": flow(), "survey": flow(SURVEY)}, books)
    step = house.engine.handle(m.Attached("test", 64), 0)
    assert r.SurveyClosed(7, 1, "interrupted") in step.records
