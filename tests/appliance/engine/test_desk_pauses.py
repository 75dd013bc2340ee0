# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents pause and resume at desk phones: a reason from a list, and a lock code chosen anew at each pause."""

from typing import Any

from appliance.api.messages import SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import CheckLock, KeepLock
from appliance.contract.books import LastAgent, OpenBooks
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_desk import box, hung_up, said, signed_in
from tests.appliance.engine.test_talk import booked

LOCKED = {"agents": {"lock_pause": True}}


def ready(**changes: Any) -> Box:
    """Return a box with agent 104 ready at 8009."""
    house = box(**changes)
    signed_in(house, "8009", "104")
    return house


def paused(house: Box, code: str) -> None:
    """Pause for a meal with a lock code."""
    leg = house.phone_dials("*622", "8009")
    house.key(leg, code + "#")
    if code:
        house.found("kept")
    hung_up(house, leg)


def test_a_pause_has_a_reason_that_is_said_and_in_the_books() -> None:
    house = ready()
    leg = house.phone_dials("*622", "8009")
    assert said(house) == ["agent-paused", "pause-meal"]
    hung_up(house, leg)
    assert house.wrote(r.AgentChanged) == r.AgentChanged("104", "paused", "paused", "meal", "", "8009", True)
    leg = house.phone_dials("*63", "8009")
    assert said(house) == ["agent-resumed"]
    hung_up(house, leg)
    assert house.agent("104") == ("ready", "idle", "")
    booked(house)


def test_the_reason_is_asked_for_and_a_wrong_key_changes_nothing() -> None:
    house = ready()
    leg = house.phone_dials("*62", "8009")
    assert said(house) == ["agent-enter-reason"]
    house.key(leg, "3")
    assert said(house) == ["agent-paused", "pause-meeting"]
    hung_up(house, leg)
    for dialled in ("*629", "*6233"):
        leg = house.phone_dials(dialled, "8009")
        assert said(house) == ["not-possible"]
        hung_up(house, leg)
    assert house.agent("104") == ("paused", "paused", "meeting")


def test_reasons_are_those_of_the_house_and_may_be_none() -> None:
    own = {"pause_reasons": [{"key": "7", "name": "smoke"}]}
    house = ready(agents=own)
    leg = house.phone_dials("*627", "8009")
    assert said(house) == ["agent-paused", "digit-7"]
    hung_up(house, leg)
    assert house.agent("104") == ("paused", "paused", "smoke")
    house = ready(agents={"pause_reasons": []})
    leg = house.phone_dials("*62", "8009")
    assert said(house) == ["agent-paused"]
    hung_up(house, leg)
    assert house.agent("104") == ("paused", "paused", "")


def test_a_pause_during_a_talk_counts_after_it() -> None:
    house = ready()
    caller = house.to_queue()
    agent = house.asked(m.Dial).leg
    house.tell(m.Answered(agent))
    hung_up(house, house.phone_dials("*621", "8009"))
    assert house.agent("104") == ("paused", "talking", "break")
    house.tell(m.Cleared(caller, 16), m.Cleared(agent, 16))
    house.wait(30)
    assert house.agent("104") == ("paused", "paused", "break")
    booked(house)


def test_a_lock_code_is_asked_for_and_ends_with_its_pause() -> None:
    house = ready(**LOCKED)
    paused(house, "55")
    leg = house.phone_dials("*63", "8009")
    assert said(house) == ["agent-enter-lock"]
    house.key(leg, "56#")
    assert house.last_ask() == CheckLock("104", "56")
    house.found("wrong")
    assert said(house) == ["agent-wrong-lock", "agent-enter-lock"]
    assert house.agent("104")[0] == "paused"
    house.key(leg, "55#")
    house.found("right")
    assert said(house) == ["agent-resumed"]
    hung_up(house, leg)
    assert "55" not in str([record for record in house.history if not isinstance(record, r.ChannelSeized)])
    assert "55" not in repr(house.asks)
    paused(house, "")
    hung_up(house, house.phone_dials("*63", "8009"))
    assert house.agent("104")[0] == "ready", "no code was chosen this time"
    booked(house)


def test_another_reason_leaves_a_locked_pause_locked() -> None:
    house = ready(**LOCKED)
    paused(house, "55")
    leg = house.phone_dials("*621", "8009")
    assert said(house) == ["agent-paused", "pause-break"]
    hung_up(house, leg)
    assert house.agent("104") == ("paused", "paused", "break")
    leg = house.phone_dials("*63", "8009")
    assert said(house) == ["agent-enter-lock"]
    hung_up(house, leg)
    assert house.agent("104")[0] == "paused"
    booked(house)


def test_a_locked_pause_is_not_left_by_signing_out_without_its_code() -> None:
    house = ready(**LOCKED)
    paused(house, "55")
    leg = house.phone_dials("*61", "8009")
    assert said(house) == ["agent-enter-lock"]
    house.key(leg, "56#")
    house.found("wrong")
    assert said(house) == ["agent-wrong-lock", "agent-enter-lock"]
    assert house.agent("104")[0] == "paused"
    house.key(leg, "55#")
    house.found("right")
    assert said(house) == ["agent-signed-out"]
    hung_up(house, leg)
    assert house.agent("104")[0] == "signed_out"
    booked(house)


def test_a_phone_hung_up_at_the_question_for_a_code_leaves_a_pause_without_one() -> None:
    house = ready(**LOCKED)
    leg = house.phone_dials("*621", "8009")
    assert said(house) == ["agent-choose-lock"]
    house.tell(m.Cleared(leg, 16))
    assert house.agent("104") == ("paused", "paused", "break")
    hung_up(house, house.phone_dials("*63", "8009"))
    assert house.agent("104")[0] == "ready"


def test_wrong_lock_codes_are_few_as_wrong_pins_are() -> None:
    house = ready(**LOCKED)
    paused(house, "55")
    for n in range(5):
        if n in (0, 3):
            leg = house.phone_dials("*63", "8009")
        house.key(leg, f"{n}#")
        house.found("wrong")
        if n == 2:
            assert said(house) == ["agent-wrong-lock"]
            hung_up(house, leg)
    assert said(house) == ["agent-locked"]
    assert house.wrote(r.TroubleNoted).kind == "agent"
    hung_up(house, leg)
    leg = house.phone_dials("*63", "8009")
    assert said(house) == ["agent-locked"]
    hung_up(house, leg)
    house.did(house.engine.request(SetAgent("104", "ready"), house.now))
    assert house.agent("104")[0] == "ready", "a supervisor ends the pause"


def test_the_pin_ends_a_locked_pause_and_without_a_pin_the_lock_is_asked_for() -> None:
    house = ready(**LOCKED)
    paused(house, "55")
    signed_in(house, "8009", "104")
    assert house.agent("104")[0] == "ready"
    own = house.phone_dials("*60101", "8001")
    house.found("none")
    hung_up(house, own)
    leg = house.phone_dials("*621", "8001")
    house.key(leg, "66#")
    house.found("kept")
    hung_up(house, leg)
    leg = house.phone_dials("*60101", "8001")
    house.found("none")
    assert said(house) == ["agent-enter-lock"]
    house.key(leg, "66#")
    house.found("right")
    hung_up(house, leg)
    assert house.agent("101")[0] == "ready"


def test_a_code_that_could_not_be_kept_leaves_a_pause_without_one_and_says_so() -> None:
    house = ready(**LOCKED)
    leg = house.phone_dials("*621", "8009")
    house.key(leg, "55#")
    assert house.last_ask() == KeepLock(("104",), "55")
    house.wait(5)
    assert said(house) == ["agent-lock-not-kept"]
    hung_up(house, leg)
    hung_up(house, house.phone_dials("*63", "8009"))
    assert house.agent("104")[0] == "ready"
    booked(house)


def test_a_lock_outlives_the_call_server() -> None:
    house = ready(**LOCKED)
    paused(house, "55")
    last = house.all(r.AgentChanged)[-1]
    assert last == r.AgentChanged("104", "paused", "paused", "meal", "", "8009", borrowed=True, locked=True)
    books = OpenBooks(agents=(LastAgent("104", "paused", "paused", "meal", "8009", 1, 1),))
    house = box(books=books, **LOCKED)
    house.tell(m.Attached("test", 64))
    leg = house.phone_dials("*63", "8009")
    assert said(house) == ["agent-enter-lock"]
    house.key(leg, "55#")
    house.found("right")
    hung_up(house, leg)
    assert house.agent("104") == ("ready", "idle", "")
    assert not house.all(r.AgentChanged)[-1].locked


def test_a_supervisor_may_end_the_pause_while_the_code_is_compared() -> None:
    house = ready(**LOCKED)
    paused(house, "55")
    leg = house.phone_dials("*63", "8009")
    house.key(leg, "1#")
    house.did(house.engine.request(SetAgent("104", "ready"), house.now))
    house.found("wrong")
    assert said(house) == ["agent-resumed"]
    hung_up(house, leg)


def test_codes_at_a_phone_without_an_agent_say_so() -> None:
    house = box()
    for code in ("*621", "*62", "*63"):
        leg = house.phone_dials(code, "8002")
        assert said(house) == ["agent-nobody-here"]
        hung_up(house, leg)
