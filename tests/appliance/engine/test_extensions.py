# SPDX-License-Identifier: GPL-2.0-or-later
"""Extensions that are added and removed while calls are up."""

from typing import Any

import msgspec
import pytest

from appliance.api.messages import HangUp, SetPhone
from appliance.config.model import ExtensionConfig, HuntConfig
from appliance.config.queues import AgentConfig
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from tests.appliance.engine.box import Box, reloaded
from tests.appliance.engine.test_reaching import box_with, closes, rung

NEW = ExtensionConfig(number="8050", line="phone:8050", name="New")


def without(box: Box, number: str, **more: Any) -> None:
    """Load the extensions anew, without one."""
    left = tuple(phone for phone in box.engine._board.config.extension if phone.number != number)
    box.did(reloaded(box.engine, left, box.now, **more))


def test_a_new_extension_calls_and_is_called() -> None:
    box = box_with()
    before = box.engine._board.config.extension
    box.tell(m.Incoming(2, "phone:8050", "8001", m.Party("8050")))
    assert box.asked(m.Clear).cause == Cause.CALL_REJECTED
    box.tell(m.Cleared(2, 21))
    box.did(reloaded(box.engine, (*before, NEW), box.now))
    box.tell(m.Incoming(4, "phone:8050", "8001", m.Party("8050")))
    assert box.asked(m.Dial).caller == m.Party("8050", "New")
    box.call_in("8050")
    assert rung(box) == ["8050"]
    assert "8050" in [told.extension for told in box.engine.presence()]
    closes(box)


def test_the_call_of_an_extension_that_is_taken_out_goes_on() -> None:
    box = box_with()
    box.call_in("8001")
    box.tell(m.Answered(box.asked(m.Dial).leg))
    answered = box.wrote(r.CallAnswered)
    without(box, "8001")
    assert [call.call for call in box.engine.calls()] == [answered.call]
    box.call_in("8001")
    assert rung(box) == []
    closes(box)


def test_what_was_set_on_a_phone_outlives_its_absence() -> None:
    box = box_with()
    phones = box.engine._board.config.extension
    box.did(box.engine.request(SetPhone("8001", "forward_always", "8002"), box.now))
    without(box, "8001")
    renamed = [msgspec.structs.replace(phone, name="Renamed") if phone.number == "8001" else phone for phone in phones]
    box.did(reloaded(box.engine, tuple(renamed), box.now))
    box.call_in("8001")
    assert rung(box) == ["8002"]
    closes(box)


@pytest.mark.parametrize("file", ["kept", "taken out"])
def test_an_agent_whose_extension_is_taken_out_is_signed_out_and_the_queue_goes_on(file: str) -> None:
    box = box_with()
    left = tuple(AgentConfig(number=f"10{n}", extension=f"800{n}") for n in (2, 3))
    without(box, "8001", agents=left if file == "taken out" else None)
    changed = box.wrote(r.AgentChanged)
    why = "no extension" if file == "kept" else "not configured"
    was = "" if file == "kept" else "8001"
    assert changed == r.AgentChanged("101", "signed_out", "signed_out", why, extension=was)
    assert ("101" in [each.agent for each in box.engine.agents()]) == (file == "kept")
    assert "agent 101" in box.wrote(r.TroubleNoted).english
    box.to_queue()
    assert rung(box) == ["8002"]
    closes(box)


def test_who_waits_for_an_agent_whose_extension_is_taken_out_is_sent_on() -> None:
    box = box_with(agent=[{"number": "101", "extension": "8001", "start": "ready"}])
    box.tell(m.Answered(rings(box, "8001")))
    waits = box.to_queue()
    without(box, "8001")
    assert box.asked(m.Play) == m.Play(waits, box.asked(m.Play).play, ("prompt:en/nobody-available",))
    closes(box)


def rings(box: Box, phone: str) -> int:
    """Ring a phone by a call from outside; return the phone's leg."""
    box.call_in(phone)
    return box.asked(m.Dial).leg


def test_an_offer_under_way_to_an_extension_that_is_taken_out_ends_as_always() -> None:
    box = box_with()
    box.to_queue()
    leg = box.asked(m.Dial).leg
    without(box, "8001")
    box.tell(m.Cleared(leg, 27))
    assert rung(box) == ["8002"]
    closes(box)


def test_an_agent_who_got_another_phone_is_rung_there_and_busy_with_it() -> None:
    box = box_with()
    box.tell(m.Answered(rings(box, "8009")))
    moved = [AgentConfig(number="101", extension="8009"), AgentConfig(number="102", extension="8002")]
    phones = box.engine._board.config.extension
    box.did(reloaded(box.engine, phones, box.now, agents=tuple(moved)))
    assert box.agent("101")[1] == "talking", "the phone is in a talk"
    for call in box.engine.calls():
        box.did(box.engine.request(HangUp(call.call), box.now))
    box.tell(*[m.Cleared(leg, 16) for leg in list(box.engine._board.legs)])
    assert box.agent("101")[1] == "idle"
    box.to_queue()
    box.to_queue()
    assert {leg.who for leg in box.engine._board.legs.values() if leg.agent} == {"8002", "8009"}
    closes(box)


def test_groups_are_those_that_are_written_now() -> None:
    box = box_with(hunt=[{"number": "8100", "extensions": ["8001", "8002"]}])
    without(box, "8001")
    box.call_in("8100")
    assert rung(box) == ["8002"], "who is gone is not rung"
    phones = box.engine._board.config.extension
    box.did(reloaded(box.engine, phones, box.now, hunt=(HuntConfig(number="8100", extensions=("8003",)),)))
    box.call_in("8100")
    assert rung(box) == ["8003"]
    closes(box)
