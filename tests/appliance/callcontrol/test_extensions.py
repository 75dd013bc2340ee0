# SPDX-License-Identifier: GPL-2.0-or-later
"""Extensions that come and go while calls are up."""

import msgspec

from appliance import messages as m
from appliance import records as r
from appliance.config.model import ExtensionConfig
from appliance.messages import Cause
from tests.appliance.callcontrol.test_reaching import box_with, closes, rung

NEW = ExtensionConfig(number="8050", line="phone:8050", name="New")


def test_a_new_extension_calls_and_is_called() -> None:
    box = box_with()
    before = box.engine._board.config.extension
    box.tell(m.Incoming(2, "phone:8050", "8001", m.Party("8050")))
    assert box.asked(m.Clear).cause == Cause.CALL_REJECTED
    box.tell(m.Cleared(2, 21))
    box.engine.reload_extensions((*before, NEW))
    box.tell(m.Incoming(4, "phone:8050", "8001", m.Party("8050")))
    assert box.asked(m.Dial).caller == m.Party("8050", "New")
    box.call_in("8050")
    assert rung(box) == ["8050"]
    assert "8050" in [told.extension for told in box.engine.presence()]
    closes(box)


def test_the_call_of_an_extension_that_is_taken_out_goes_on() -> None:
    box = box_with()
    phones = box.engine._board.config.extension
    box.call_in("8001")
    box.tell(m.Answered(box.asked(m.Dial).leg))
    answered = box.wrote(r.CallAnswered)
    box.engine.reload_extensions(tuple(phone for phone in phones if phone.number != "8001"))
    assert [call.call for call in box.engine.calls()] == [answered.call]
    box.call_in("8001")
    assert rung(box) == []
    closes(box)


def test_what_was_set_on_a_phone_outlives_its_absence() -> None:
    box = box_with()
    phones = box.engine._board.config.extension
    box.did(box.engine.set_phone("8001", "forward_always", "8002", box.now))
    box.engine.reload_extensions(tuple(phone for phone in phones if phone.number != "8001"))
    box.engine.reload_extensions(
        tuple(msgspec.structs.replace(phone, name="Renamed") if phone.number == "8001" else phone for phone in phones)
    )
    box.call_in("8001")
    assert rung(box) == ["8002"]
    closes(box)
