# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents sign in and out at desk phones by codes: number, PIN, tries, the phone that rings from then on."""

from typing import Any

import pytest

from appliance.api.messages import SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import Ask, CheckPin
from appliance.contract.books import LastAgent, OpenBooks
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import Box, config, reloaded
from tests.appliance.engine.test_talk import booked

PIN = "4711"


def box(*, books: OpenBooks | None = None, **changes: Any) -> Box:
    """Return a box whose agent 101 has the seat 8001, 104 none; both are signed out, and serve sales alone."""
    agents = [{"number": "101", "extension": "8001"}, {"number": "104"}, {"number": "105", "outside": "5551234"}]
    queues = [{"name": "sales", "agents": ["101", "104", "105"]}, {"name": "service"}]
    return Box(config(agent=agents, queue=queues, **changes), books=books)


def pinned(house: Box, phone: str, agent: str, pin: str = PIN) -> int:
    """Dial the code, key in number and PIN; return the leg."""
    leg = house.phone_dials("*60", phone)
    house.key(leg, agent + "#")
    house.found("wrong")  # there is a PIN
    house.key(leg, pin + "#")
    return leg


def signed_in(house: Box, phone: str, agent: str) -> None:
    leg = pinned(house, phone, agent)
    house.found("right")
    hung_up(house, leg)


def hung_up(house: Box, leg: int) -> None:
    house.played(leg)
    house.tell(m.Cleared(leg, 16))


def extension(house: Box, agent: str) -> str:
    return next(view.extension for view in house.engine.agents() if view.agent == agent)


def said(house: Box) -> list[str]:
    return [sound.partition("/")[2] for sound in house.asked(m.Play).sounds]


def test_an_agent_signs_in_at_any_phone_which_rings_from_then_on() -> None:
    house = box()
    leg = house.phone_dials("*60", "8009")
    assert house.asked(m.Answer).leg == leg
    assert said(house) == ["agent-enter-number"]
    house.key(leg, "104#")
    assert house.asks[-1] == Ask(1, 1, "phone code", 5.0, CheckPin("104"))
    house.found("wrong")
    assert said(house) == ["agent-enter-pin"]
    house.key(leg, PIN + "#")
    assert isinstance(house.asks[-1], Ask)
    assert house.asks[-1].what == CheckPin("104", PIN)
    house.commands.clear()
    house.found("right")
    assert said(house) == ["agent-number", "digit-1", "digit-0", "digit-4", "agent-signed-in"]
    assert house.agent("104") == ("ready", "talking", ""), "the phone is in the dialogue still"
    hung_up(house, leg)
    assert house.agent("104") == ("ready", "idle", "")
    assert house.wrote(r.AgentChanged) == r.AgentChanged("104", "ready", "idle", extension="8009", borrowed=True)
    house.to_queue()
    assert house.asked(m.Dial).line == "sip:8009@127.0.0.1:5009"
    booked(house)


def test_the_pin_is_nowhere_in_the_books_and_the_call_is_not_recorded() -> None:
    house = box()
    signed_in(house, "8009", "104")
    assert PIN not in str(house.history)
    assert PIN not in repr(house.asks)
    assert not house.all(r.KeyPressed)
    assert not house.all(r.RecordingOpened)


def test_the_number_may_be_dialled_with_the_code() -> None:
    house = box()
    leg = house.phone_dials("*60104", "8009")
    house.found("wrong")
    assert said(house) == ["agent-enter-pin"]
    house.key(leg, "*")
    house.key(leg, "12*" + PIN + "#")
    assert isinstance(house.asks[-1], Ask)
    assert house.asks[-1].what == CheckPin("104", PIN), "a star begins anew"


def test_an_agent_without_a_pin_signs_in_at_the_own_seat_alone() -> None:
    house = box()
    own = house.phone_dials("*60101", "8001")
    house.found("none")
    assert house.agent("101")[0] == "ready"
    hung_up(house, own)
    hung_up(house, house.phone_dials("*61", "8001"))
    elsewhere = house.phone_dials("*60101", "8002")
    house.found("none")
    house.key(elsewhere, "#")
    house.found("none")
    assert "agent-wrong-pin" in said(house)
    assert house.agent("101")[0] == "signed_out"


@pytest.mark.parametrize("agent", ["104", "999"])
def test_three_wrong_pins_end_the_call_of_agents_and_strangers_alike(agent: str) -> None:
    house = box()
    leg = pinned(house, "8009", agent, "1")
    heard = []
    for _ in range(2):
        house.found("wrong")
        heard.append(said(house))
        house.key(leg, "2#")
    house.found("wrong")
    assert heard == [["agent-wrong-pin", "agent-enter-pin"]] * 2
    assert said(house) == ["agent-wrong-pin"]
    hung_up(house, leg)
    booked(house)


def test_after_five_wrong_pins_in_a_row_even_the_right_one_is_refused_for_a_while() -> None:
    house = box()
    for n in range(5):
        leg = pinned(house, "8009", "104", str(n))
        house.found("wrong")
        if n < 4:
            house.tell(m.Cleared(leg, 16))
    assert said(house) == ["agent-locked"]
    assert house.wrote(r.TroubleNoted).values == {"agent": "104", "n": "5", "extension": "8009", "seconds": "900"}
    hung_up(house, leg)
    leg = pinned(house, "8002", "104")
    house.found("right")
    assert said(house) == ["agent-locked"]
    assert house.agent("104")[0] == "signed_out"
    hung_up(house, leg)
    house.wait(900)
    signed_in(house, "8002", "104")
    assert house.agent("104")[0] == "ready"


def test_signing_in_elsewhere_moves_the_agent_and_signs_out_whose_phone_it_was() -> None:
    house = box()
    signed_in(house, "8009", "104")
    signed_in(house, "8002", "104")
    assert extension(house, "104") == "8002"
    signed_in(house, "8002", "101")
    assert extension(house, "101") == "8002"
    assert house.agent("104") == ("signed_out", "signed_out", "phone taken")
    assert extension(house, "104") == ""
    hung_up(house, house.phone_dials("*61", "8002"))
    assert house.agent("101")[0] == "signed_out"
    assert extension(house, "101") == "8001", "back at the configured phone"


def test_a_phone_in_a_talk_of_a_queue_is_not_given_to_another_agent() -> None:
    house = box()
    signed_in(house, "8009", "104")
    house.to_queue()
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    leg = pinned(house, "8009", "101")
    house.found("right")
    assert said(house) == ["not-possible"]
    hung_up(house, leg)
    assert (house.agent("104")[1], house.agent("101")[0]) == ("talking", "signed_out")
    assert house.phone_dials("*61", "8009"), "signing out counts when the talk is over"
    assert house.agent("104")[:2] == ("signed_out", "talking")
    house.tell(m.Cleared(agent, 16))
    assert house.agent("104")[1] == "signed_out"
    assert extension(house, "104") == ""
    booked(house)


def test_callers_are_sent_on_when_the_last_agent_signs_out_by_code() -> None:
    house = box()
    signed_in(house, "8009", "104")
    busy = house.phone_dials("8001", "8009")
    caller = house.to_queue()
    leg = house.phone_dials("*61", "8009")
    assert house.wrote(r.QueueLeft).reason == "no_agents"
    for each in (busy, caller, leg):
        house.tell(m.Cleared(each, 16))
    booked(house)


def test_a_phone_without_an_agent_has_nobody_to_sign_out() -> None:
    house = box()
    leg = house.phone_dials("*61", "8009")
    assert said(house) == ["agent-nobody-here"]
    hung_up(house, leg)


def test_silence_repeats_the_question_and_ends_the_call_at_last() -> None:
    house = box()
    leg = house.phone_dials("*60", "8009")
    for _ in range(2):
        house.played(leg)
        house.wait(6)
        assert said(house) == ["agent-enter-number"]
    house.played(leg)
    house.wait(6)
    assert said(house) == ["not-possible"]
    hung_up(house, leg)
    booked(house)


def test_without_an_answer_of_the_check_nothing_is_changed() -> None:
    house = box()
    leg = house.phone_dials("*60104", "8009")
    house.wait(5)
    assert said(house) == ["not-possible"]
    hung_up(house, leg)
    leg = house.phone_dials("*60104", "8009")
    house.tell(m.Cleared(leg, 16))
    assert len(house.asks) == 4, "the second is withdrawn with its call"
    booked(house)


def test_a_seat_taken_survives_a_restart_and_ends_with_its_extension() -> None:
    books = OpenBooks(agents=(LastAgent("104", "paused", "paused", "lunch", "8009", 1),))
    house = Box(config(agent=[{"number": "104"}], queue=[{"name": "sales", "agents": ["104"]}]), books=books)
    assert extension(house, "104") == "8009"
    assert house.agent("104") == ("paused", "paused", "lunch")
    left = tuple(each for each in config().extension if each.number != "8009")
    house.did(reloaded(house.engine, left, house.now))
    assert house.agent("104") == ("signed_out", "signed_out", "no extension")
    assert extension(house, "104") == ""


def test_a_phone_that_is_taken_out_during_the_dialogue_seats_no_agent() -> None:
    house = box()
    leg = pinned(house, "8009", "104")
    left = tuple(each for each in config().extension if each.number != "8009")
    house.did(reloaded(house.engine, left, house.now))
    house.found("right")
    assert said(house) == ["not-possible"]
    assert house.agent("104")[0] == "signed_out"
    hung_up(house, leg)
    booked(house)


def test_a_reload_keeps_the_seats_that_were_taken() -> None:
    house = box()
    signed_in(house, "8009", "101")
    house.did(reloaded(house.engine, config().extension, house.now))
    assert extension(house, "101") == "8009"
    assert house.agent("101")[0] == "ready"


def test_a_program_may_seat_an_agent() -> None:
    house = box()
    house.did(house.engine.request(SetAgent("104", "ready", extension="8002"), house.now))
    assert extension(house, "104") == "8002"
    caller = house.to_queue()
    agent = house.asked(m.Dial)
    assert agent.line == "sip:8002@127.0.0.1:5002"
    house.tell(m.Answered(agent.leg))
    with pytest.raises(RequestError, match="a talk of a queue goes on"):
        house.engine.request(SetAgent("104", "ready", extension="8009"), house.now)
    with pytest.raises(RequestError, match="there is no extension 7777"):
        house.engine.request(SetAgent("104", "ready", extension="7777"), house.now)
    house.tell(m.Cleared(caller, 16), m.Cleared(agent.leg, 16))
    booked(house)


def test_an_agent_who_works_outside_may_come_to_a_desk_phone() -> None:
    house = box()
    house.did(house.engine.request(SetAgent("105", "ready"), house.now))
    signed_in(house, "8009", "105")
    caller = house.to_queue()
    agent = house.asked(m.Dial)
    assert agent.line == "sip:8009@127.0.0.1:5009"
    house.tell(m.Cleared(caller, 16), m.Cleared(agent.leg, 16))
    house.wait(60)
    hung_up(house, house.phone_dials("*61", "8009"))
    assert extension(house, "105") == ""
