# SPDX-License-Identifier: GPL-2.0-or-later
"""Detours: a key of a queue leads into a flow, and the caller keeps the place."""

from typing import Any

import pytest

from appliance.api.messages import HangUp, MoveWaiting, SetAgent, TakeOut
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from tests.appliance.engine.box import HOTLINE, Box, config, flow
from tests.appliance.engine.walked_callbacks import ASIDE

SALES = {"name": "sales", "agents": ["101"], "announce_agent": False, "wrap_up_s": 0, "max_wait_s": 60}
SERVICE = {"name": "service", "agents": ["102"], "announce_agent": False}
FIRST = "13700000001"


def _box(**queue: Any) -> Box:
    settings = config(
        queue=[{**SALES, "detours": {"9": "aside"}, **queue}, SERVICE],
        route=[{"called": "96900", "flow": "hotline"}],
        recording={"rule": "none"},
    )
    box = Box(settings, {"hotline": flow(HOTLINE), "aside": flow(ASIDE)})
    for agent in ("101", "102"):
        _set(box, agent, "paused")
    return box


def _set(box: Box, agent: str, status: Any) -> None:
    box.did(box.engine.request(SetAgent(agent, status), box.now))


def _aside(box: Box) -> int:
    """Wait, and press the key; return the caller's leg."""
    box.wait(1)
    leg = box.to_queue(caller=m.Party(FIRST))
    box.key(leg, "9")
    return leg


def _sounds(box: Box) -> tuple[str, ...]:
    return tuple(sound.removeprefix("prompt:en/") for sound in box.asked(m.Play).sounds)


def _left(box: Box) -> list[str]:
    return [left.reason for left in box.all(r.QueueLeft)]


def _gone(box: Box, leg: int) -> None:
    box.tell(m.Cleared(leg, Cause.NORMAL_CLEARING))


def test_a_caller_hears_a_flow_and_is_where_the_caller_was() -> None:
    box = _box()
    leg = _aside(box)
    assert _sounds(box) == ("welcome",)
    assert box.wrote(r.KeyPressed).accepted
    other = box.to_queue()
    assert _sounds(box)[1:3] == ("queue-position", "number-2"), "the place is kept"
    box.played(leg)
    box.key(leg, "1")
    assert _sounds(box)[:2] == ("queue-position", "number-1")
    assert not _left(box)
    assert len([each for each in box.all(r.QueueEntered) if each.call == 1]) == 1
    _set(box, "101", "ready")
    assert box.wrote(r.OfferMade).call == 1
    for each in (leg, other, box.asked(m.Dial).leg):
        _gone(box, each)
    box.audit.idle()


def test_a_flow_ends_when_an_agent_is_free_and_the_sentence_is_said_to_its_end() -> None:
    box = _box()
    leg = _aside(box)
    other = box.to_queue()
    _set(box, "101", "ready")
    assert box.wrote(r.OfferMade).call == 1
    assert not [each for each in box.commands if isinstance(each, m.Play | m.Hush)]
    rung = box.asked(m.Dial).leg
    box.played(leg)
    assert box.asked(m.Play).sounds == ("music:default",)
    box.tell(m.Answered(rung))
    assert box.heard() == {leg: rung, rung: leg}
    _gone(box, other)
    for each in (leg, rung):
        _gone(box, each)
    box.audit.idle()


def test_a_caller_who_is_asked_something_hears_music_when_an_agent_is_rung() -> None:
    box = _box()
    leg = _aside(box)
    box.played(leg)
    box.played(leg)
    _set(box, "101", "ready")
    assert box.asked(m.Play).sounds == ("music:default",)
    box.key(leg, "4")
    assert [call.state for call in box.engine.calls()] == ["offering"], "keys count for the flow no more"


def test_by_rule_the_place_waits_until_the_caller_is_back() -> None:
    box = _box(detours_interrupted=False)
    leg = _aside(box)
    other = box.to_queue()
    _set(box, "101", "ready")
    assert box.wrote(r.OfferMade).call == 2
    rung = box.asked(m.Dial).leg
    _gone(box, other)
    box.tell(m.Cleared(rung, Cause.NON_SELECTED_USER))
    assert len(box.all(r.OfferMade)) == 1
    box.played(leg)
    box.key(leg, "1")
    assert box.wrote(r.OfferMade).call == 1


@pytest.mark.parametrize(
    ("key", "reason", "state"),
    [("2", "key", "waiting"), ("3", "key", "calling"), ("4", "left", "releasing")],
    ids=["another queue", "an extension", "hang-up"],
)
def test_a_flow_that_leads_elsewhere_takes_the_caller_out_of_the_queue(key: str, reason: str, state: str) -> None:
    box = _box()
    leg = _aside(box)
    box.played(leg)
    box.key(leg, key)
    assert _left(box)[:1] == [reason]
    assert [call.state for call in box.engine.calls()] == [state]
    _set(box, "101", "ready")
    assert not box.all(r.OfferMade)
    _gone(box, leg)


def test_a_caller_who_hangs_up_in_the_flow_has_abandoned_the_queue() -> None:
    box = _box()
    _gone(box, _aside(box))
    assert _left(box) == ["abandoned"]
    assert box.wrote(r.CallClosed).disposition == "abandoned"
    box.audit.idle()


def test_a_call_that_is_ended_from_outside_leaves_the_queue_from_the_flow() -> None:
    box = _box()
    leg = _aside(box)
    box.did(box.engine.request(HangUp(1), box.now))
    assert _left(box) == ["left"]
    _gone(box, leg)
    box.audit.idle()


def test_the_longest_wait_ends_when_the_caller_is_back() -> None:
    box = _box(detours_interrupted=False)
    leg = _aside(box)
    box.played(leg)
    for _ in range(9):
        box.wait(5)
        box.played(leg) if box.engine._board.legs[leg].playing else None
    box.wait(30)
    assert _left(box) == ["timeout"]


def test_agents_who_sign_out_meanwhile_are_missed_when_the_caller_is_back() -> None:
    box = _box()
    leg = _aside(box)
    _set(box, "101", "signed_out")
    assert not _left(box)
    box.played(leg)
    box.key(leg, "1")
    assert _left(box) == ["no_agents"]


def test_a_supervisor_moves_and_takes_out_a_caller_who_is_in_a_flow() -> None:
    box = _box()
    leg = _aside(box)
    other = box.to_queue()
    box.did(box.engine.request(MoveWaiting(2, 1), box.now))
    box.did(box.engine.request(TakeOut(1, "8003"), box.now))
    assert _left(box) == ["taken_out"]
    assert box.asked(m.Dial).called == "8003"
    for each in (leg, other):
        _gone(box, each)


def test_a_key_whose_flow_is_not_loaded_is_a_trouble_and_changes_nothing() -> None:
    box = _box()
    box.engine.reload_flows({"hotline": flow(HOTLINE)})
    _aside(box)
    assert box.wrote(r.TroubleNoted).kind == "flow_missing"
    assert [call.state for call in box.engine.calls()] == ["waiting"]


def test_return_ends_the_call_of_a_flow_that_was_entered_otherwise() -> None:
    box = Box(config(recording={"rule": "none"}), {"hotline": flow({"start": "r", "node": {"r": {"do": "return"}}})})
    box.call_in()
    assert box.asked(m.Clear).cause == Cause.NORMAL_CLEARING


def test_the_switch_goes_away_while_the_caller_is_in_the_flow() -> None:
    box = _box()
    _aside(box)
    box.did(box.engine.detach(box.now))
    assert _left(box) == ["interrupted"]
    box.tell(m.Attached("test", 64))
    box.audit.idle()
