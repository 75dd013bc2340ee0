# SPDX-License-Identifier: GPL-2.0-or-later
"""INVITE with Replaces (RFC 3891): a leg that comes in takes another's place."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.engine.activities.park import RECALL_S
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with, rung
from tests.appliance.engine.test_talk import booked, hears, talk


def replaces(box: Box, old: int, phone: str = "8003", line: str = "sip", **more: Any) -> int:
    """Send in a leg for the place of another; return it."""
    leg = box._next_leg
    box._next_leg += 2
    box.tell(m.Incoming(leg, line, "95588", m.Party(phone), replaces=old, **more))
    return leg


@pytest.mark.parametrize("side", [0, 1])
def test_a_talk_is_taken_over_by_another_phone(side: int) -> None:
    box = box_with()
    pair = talk(box)
    old, far = pair[side], pair[1 - side]
    new = replaces(box, old)
    assert box.asked(m.Answer).leg == new
    assert box.asked(m.Clear) == m.Clear(old, 16)
    assert hears(box) == {new: far, far: new}
    box.tell(m.Cleared(old, 16))
    assert {leg.leg for call in box.engine.calls() for leg in call.legs} == {new, far}
    booked(box)


def test_a_phone_that_rings_is_picked_up_by_who_replaces_its_call() -> None:
    box = box_with()
    a = box.phone_dials("8002", "8001")
    ringing = box.asked(m.Dial).leg
    box.tell(m.Alerting(ringing))
    new = replaces(box, ringing)
    assert box.asked(m.Clear) == m.Clear(ringing, m.Cause.NON_SELECTED_USER)
    assert hears(box) == {new: a, a: new}
    box.tell(m.Cleared(ringing, 26))
    booked(box)


def test_who_waits_keeps_the_place_when_another_phone_takes_over() -> None:
    box = box_with()
    leg = box.phone_dials("96900", "8001")
    box.played(leg)
    new = replaces(box, leg)
    assert box.asked(m.Clear) == m.Clear(leg, 16)
    assert box.asked(m.Play).leg == new
    box.tell(m.Cleared(leg, 16))
    box.played(new)
    box.key(new, "3")
    assert rung(box) == ["8009"]
    booked(box)


def test_a_leg_that_is_gone_is_not_replaced() -> None:
    box = box_with()
    a, b = talk(box)
    new = replaces(box, 998)
    assert box.asked(m.Clear) == m.Clear(new, m.Cause.CALL_REJECTED)
    box.tell(m.Cleared(new, 21))
    assert hears(box) == {a: b, b: a}
    booked(box)


def test_a_line_outside_replaces_legs_of_its_own_and_no_others() -> None:
    box = box_with()
    a, b = talk(box)
    stranger = replaces(box, b, "13900000001", "trunk:carrier")
    assert box.asked(m.Clear) == m.Clear(stranger, m.Cause.CALL_REJECTED)
    box.tell(m.Cleared(stranger, 21))
    own = replaces(box, a, "13900000001", "pri:carrier", span=1, timeslot=9)
    assert box.asked(m.Clear) == m.Clear(a, 16)
    assert hears(box) == {own: b, b: own}
    box.tell(m.Cleared(a, 16))
    booked(box)


def test_a_line_outside_picks_up_nothing() -> None:
    box = box_with()
    box.phone_dials("8002", "8001")
    ringing = box.asked(m.Dial).leg
    leg = replaces(box, ringing, "13900000001", "trunk:carrier")
    assert box.asked(m.Clear) == m.Clear(leg, m.Cause.CALL_REJECTED)
    box.tell(m.Cleared(leg, 21))
    box.wait(RECALL_S)
    assert not [record for record in box.records if isinstance(record, r.CallClosed)]


def test_who_consults_is_not_replaced() -> None:
    box = box_with()
    _a, b = talk(box)
    box.key(b, "*2")
    box.key(b, "8002#")
    new = replaces(box, b)
    assert box.asked(m.Clear) == m.Clear(new, m.Cause.CALL_REJECTED)
