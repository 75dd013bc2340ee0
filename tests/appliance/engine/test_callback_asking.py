# SPDX-License-Identifier: GPL-2.0-or-later
"""How a caller in a queue orders a call-back: which number, refusals, two of one number, and the talk in the end."""

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause, Presentation
from tests.appliance.engine.calling_back import (
    OTHER,
    OWN,
    ask,
    be,
    come,
    dialled,
    gone,
    order,
    ready,
    said,
    waiting_box,
)


def test_a_caller_orders_a_call_back_and_is_reached_in_turn() -> None:
    box = waiting_box()
    caller = ask(box)
    digits = tuple(f"digit-{digit}" for digit in OWN)
    assert said(box) == ("callback-number", *digits, "callback-confirm")
    box.key(caller, "1")
    assert said(box) == ("callback-ordered", "goodbye")
    assert box.wrote(r.QueueLeft) == r.QueueLeft(1, "sales", "call_back")
    asked = box.wrote(r.CallBackAsked)
    assert (asked.callback, asked.call, asked.queue, asked.number) == (1, 1, "sales", OWN)
    box.played(caller)
    box.tell(m.Cleared(caller, Cause.NORMAL_CLEARING))

    be(box, "101", "ready")
    dial = box.asked(m.Dial)
    assert (dial.called, dial.caller.number, dial.caller.name) == ("8001", "0" + OWN, "call-back")
    assert box.wrote(r.CallBackTried) == r.CallBackTried(1, 2, "sales")
    box.tell(m.Alerting(dial.leg), m.Answered(dial.leg))
    assert said(box) == ("callback-now", *digits)
    out = dialled(box, dial.leg)
    assert (out.line, out.called) == ("pri:carrier", OWN)
    box.tell(m.Alerting(out.leg))
    assert box.asked(m.Play).sounds == ("tone:ringback",)
    box.tell(m.Answered(out.leg))
    assert box.asked(m.Listen) == m.Listen(out.leg, answer=True)
    assert box.heard() == {dial.leg: out.leg, out.leg: dial.leg}
    box.tell(m.Heard(out.leg, "answer", "human"))
    assert box.wrote(r.CallBackEnded) == r.CallBackEnded(1, "reached", "", 2)
    gone(box, out.leg)
    gone(box, dial.leg)
    assert box.agent("101") == ("ready", "idle", "")
    box.audit.idle()
    assert not box.audit.callbacks


def test_the_number_of_the_queue_is_shown_outside() -> None:
    box = waiting_box(caller="96900")
    order(box)
    assert dialled(box, ready(box)).caller.number == "96900"


def test_a_caller_whose_number_is_withheld_must_key_one_in() -> None:
    box = waiting_box()
    leg = come(box, m.Party(OWN, presentation=Presentation.RESTRICTED))
    box.key(leg, "2")
    assert said(box) == ("callback-enter",)
    box.key(leg, OTHER + "#")
    assert said(box)[1:12] == tuple(f"digit-{digit}" for digit in OTHER)
    box.key(leg, "1")
    assert box.wrote(r.CallBackAsked).number == OTHER


def test_another_number_can_be_keyed_in_and_corrected() -> None:
    box = waiting_box()
    leg = ask(box)
    box.key(leg, "2139*" + OTHER + "#")
    box.key(leg, "1")
    assert box.wrote(r.CallBackAsked).number == OTHER


@pytest.mark.parametrize(
    "number", ["0085212345678", "110", "*77"], ids=["of a class too dear", "emergency", "a phone code"]
)
def test_a_number_that_may_not_be_called_is_refused_at_once(number: str) -> None:
    box = waiting_box()
    leg = ask(box)
    box.key(leg, "2" + number.replace("*", "") + "#" if "*" not in number else "2#")
    if "*" not in number:
        assert said(box) == ("callback-refused", "callback-enter")
        box.key(leg, number + "#" + number + "#")
    assert not box.all(r.CallBackAsked)
    assert not box.all(r.QueueLeft), "the caller goes on waiting"
    assert [call.state for call in box.engine.calls()] == ["waiting"]


def test_a_caller_who_presses_nothing_more_goes_on_waiting_in_the_same_place() -> None:
    box = waiting_box()
    first = come(box)
    leg = ask(box, OTHER)
    for _ in range(3):
        box.played(leg)
        box.wait(6.1)
    assert said(box)[:2] == ("queue-position", "number-2")
    gone(box, first)
    be(box, "101", "ready")
    assert box.wrote(r.OfferMade).call == 2


def test_a_caller_who_hangs_up_while_being_asked_has_abandoned_the_queue() -> None:
    box = waiting_box()
    gone(box, ask(box))
    assert box.wrote(r.QueueLeft).reason == "abandoned"
    assert box.wrote(r.CallClosed).disposition == "abandoned"
    box.audit.idle()


def test_the_place_waits_while_the_caller_is_asked() -> None:
    box = waiting_box()
    leg = ask(box)
    second = come(box, m.Party(OTHER))
    be(box, "101", "ready")
    assert box.wrote(r.OfferMade).call == 2, "one who is on the line is not held up"
    box.key(leg, "#")
    be(box, "102", "ready")
    assert box.wrote(r.OfferMade).call == 1
    gone(box, second)
    gone(box, leg)


def test_a_caller_whom_an_agent_is_rung_for_may_still_ask() -> None:
    box = waiting_box()
    be(box, "101", "ready")
    leg = come(box)
    rung = box.asked(m.Dial).leg
    box.key(leg, "2")
    assert m.Clear(rung, Cause.NON_SELECTED_USER) in box.commands
    box.key(leg, "1")
    gone(box, rung)
    assert not box.all(r.CallBackTried), "the caller's line is still up"
    gone(box, leg)
    assert box.wrote(r.CallBackTried).callback == 1


def test_two_call_backs_of_one_number_are_one_in_the_older_place() -> None:
    box = waiting_box(again="keep")
    order(box)
    between = come(box, m.Party(OTHER))
    leg = ask(box)
    box.key(leg, "1")
    assert said(box) == ("callback-already", "goodbye")
    assert box.wrote(r.QueueLeft).reason == "key"
    gone(box, leg)
    assert len(box.all(r.CallBackAsked)) == 1
    be(box, "101", "ready")
    assert box.wrote(r.CallBackTried).callback == 1
    gone(box, between)


def test_callers_are_told_of_the_key() -> None:
    box = waiting_box()
    come(box)
    assert said(box)[-2:] == ("callback-offer", "digit-2")
    box = waiting_box(announce=False)
    come(box)
    assert "callback-offer" not in said(box)
