# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrong PINs are counted by agent and by phone, also over a restart; and agents choose PINs of their own."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import CheckPin, KeepPin
from appliance.contract.books import LastPins, OpenBooks
from appliance.contract.ticks import ticks
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_desk import PIN, box, hung_up, pinned, said, signed_in
from tests.appliance.engine.test_talk import booked

FEW: Any = {"agents": {"wrong_pins": 3, "wrong_pins_phone": 4, "lock_s": 100}}


def wrong(house: Box, phone: str, agent: str) -> None:
    """Key in a wrong PIN once."""
    leg = pinned(house, phone, agent, "1")
    house.found("wrong")
    house.tell(m.Cleared(leg, 16))


def test_a_phone_takes_few_wrong_pins_of_whatever_agents() -> None:
    house = box(**FEW)
    for agent in ("104", "999", "101", "888"):
        wrong(house, "8009", agent)
    trouble = house.all(r.TroubleNoted)[-1]
    assert trouble.english == "extension 8009: 4 wrong PINs keyed there; none is taken there for 100 s"
    assert "999" not in str(house.all(r.PinsCounted)), "it may be a PIN in the wrong place"
    leg = pinned(house, "8009", "104")
    house.found("right")
    assert said(house) == ["agent-locked"]
    hung_up(house, leg)
    signed_in(house, "8002", "104")
    assert house.agent("104")[0] == "ready", "another phone takes them"
    house.wait(101)
    signed_in(house, "8009", "104")
    booked(house)


def test_the_right_pin_of_one_agent_begins_no_new_count_at_the_phone() -> None:
    house = box(**FEW)
    for _ in range(3):
        wrong(house, "8009", "101")
        signed_in(house, "8009", "104")
        house.wait(1)
    leg = pinned(house, "8009", "105", "1")
    house.found("wrong")
    assert said(house) == ["agent-locked"]
    hung_up(house, leg)


def test_mistakes_far_apart_lock_no_phone() -> None:
    house = box(**FEW)
    for agent in ("104", "101", "105", "104", "101", "105"):
        wrong(house, "8009", agent)
        house.wait(101)
    assert not house.all(r.TroubleNoted)


@pytest.mark.parametrize(("owner", "number"), [("agent", "104"), ("extension", "8009")])
@pytest.mark.parametrize(("later_s", "takes"), [(50, False), (101, True)])
def test_a_lock_outlives_the_call_server(owner: r.PinOwner, number: str, later_s: int, takes: bool) -> None:
    books = OpenBooks(pins=(LastPins(owner, number, 0, 100.0, ticks(7)),))
    house = box(books=books, **FEW)
    house.now = ticks(7 + later_s)
    house.tell(m.Attached("test", 64))
    leg = pinned(house, "8009", "104")
    house.found("right")
    assert (said(house) == ["agent-locked"]) != takes
    hung_up(house, leg)


def test_the_count_of_an_agent_goes_on_after_a_restart_and_ends_with_the_right_pin() -> None:
    books = OpenBooks(pins=(LastPins("agent", "104", 2, 0.0, 5),))
    house = box(books=books, **FEW)
    house.tell(m.Attached("test", 64))
    leg = pinned(house, "8009", "104", "1")
    house.found("wrong")
    assert said(house) == ["agent-locked"]
    hung_up(house, leg)
    house = box(books=books, **FEW)
    house.tell(m.Attached("test", 64))
    signed_in(house, "8009", "104")
    assert house.all(r.PinsCounted) == [r.PinsCounted("agent", "104", 0)]


# --- the own PIN


def chooses(house: Box, pin: str, again: str) -> int:
    """Prove to be agent 104 at the own phone and key in a new PIN twice; return the leg."""
    leg = house.phone_dials("*66", "8009")
    assert said(house) == ["agent-enter-pin"]
    house.key(leg, PIN + "#")
    assert house.last_ask() == CheckPin("104", PIN)
    house.found("right")
    assert said(house) == ["agent-choose-pin"]
    house.key(leg, pin + "#")
    if again:
        assert said(house) == ["agent-repeat-pin"]
        house.key(leg, again + "#")
    return leg


def test_an_agent_chooses_another_pin() -> None:
    house = box()
    signed_in(house, "8009", "104")
    leg = chooses(house, "580217", "580217")
    assert house.last_ask() == KeepPin("104", "580217")
    house.found("kept")
    assert said(house) == ["agent-pin-changed"]
    hung_up(house, leg)
    assert "580217" not in str(house.history) + repr(house.asks)
    booked(house)


def test_a_pin_that_was_not_repeated_rightly_or_not_kept_changes_nothing() -> None:
    house = box()
    signed_in(house, "8009", "104")
    leg = chooses(house, "580217", "580218")
    assert said(house) == ["agent-pins-differ", "agent-choose-pin"]
    house.tell(m.Cleared(leg, 16))
    assert not any(isinstance(getattr(ask, "what", None), KeepPin) for ask in house.asks)
    leg = chooses(house, "580217", "580217")
    house.wait(5)
    assert said(house) == ["not-possible"]
    hung_up(house, leg)


@pytest.mark.parametrize("easy", ["58021", "111111", "123456", "987654", "104", ""])
def test_a_pin_that_is_short_or_guessed_first_is_refused(easy: str) -> None:
    house = box()
    signed_in(house, "8009", "104")
    leg = chooses(house, easy, "")
    assert said(house) == ["agent-pin-too-easy", "agent-choose-pin"]
    hung_up(house, leg)


def test_without_a_seat_the_number_is_asked_for_and_wrong_pins_are_few() -> None:
    house = box(**FEW)
    leg = house.phone_dials("*66", "8002")
    assert said(house) == ["agent-enter-number"]
    house.key(leg, "104#")
    for n in range(3):
        house.key(leg, f"{n}#")
        house.found("none" if n == 1 else "wrong")
    assert said(house) == ["agent-locked"]
    hung_up(house, leg)
    assert house.agent("104")[0] == "signed_out"
    booked(house)
