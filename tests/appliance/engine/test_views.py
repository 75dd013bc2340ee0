# SPDX-License-Identifier: GPL-2.0-or-later
"""Views of calls that are held, parked, or wait while a phone consults."""

import pytest

from appliance.contract import switch as m
from appliance.contract.views import CallView
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with, closes
from tests.appliance.engine.test_talk import talk


def seen(box: Box) -> list[CallView]:
    return box.engine.calls()


@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_held_talk_says_who_holds(who: str) -> None:
    box = box_with()
    legs = talk(box, "8002", phone="8001")
    holds = legs[who == "callee"]
    box.tell(m.Held(holds))
    (call,) = seen(box)
    assert call.state == "held"
    assert {leg.leg: leg.held for leg in call.legs} == {leg: leg == holds for leg in legs}
    box.tell(m.Resumed(holds))
    assert seen(box)[0].state == "talking"
    closes(box)


def test_a_phone_that_dials_a_code_in_a_talk_holds_nobody() -> None:
    box = box_with()
    _a, b = talk(box)
    box.key(b, "*2")
    assert seen(box)[0].state == "talking"
    closes(box)


def test_a_parked_call_says_where() -> None:
    box = box_with()
    _a, b = talk(box)
    box.tell(m.TransferWanted(b, "701"))
    (call,) = seen(box)
    assert (call.state, call.place) == ("parked", "701")
    closes(box)


def test_who_waits_for_whom_while_a_phone_consults() -> None:
    box = box_with()
    _a, b = talk(box)
    box.key(b, "*28002#")
    waits, own = seen(box)
    assert (waits.state, waits.consults, waits.place) == ("consulted", own.call, "")
    assert (own.state, own.consults) == ("calling", waits.call)
    box.tell(m.Answered(box.engine._board.calls[own.call].legs.copy().popitem()[0]))
    box.key(b, "*2")
    back, *_rest = seen(box)
    assert (back.state, back.consults) == ("talking", 0)
    closes(box)
