# SPDX-License-Identifier: GPL-2.0-or-later
"""A conference of three: from a consultation, with each member leaving it."""

import pytest

from appliance.api.messages import HangUp
from appliance.contract import records as r
from appliance.contract import switch as m
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with
from tests.appliance.engine.test_talk import booked, hears, talk


def heard(house: Box) -> set[tuple[int, int]]:
    """Return which leg hears which: directly, or by the conference that hears it."""
    mixed = [entry[:2] for call in house.engine._board.calls.values() for entry in call.mixed if not entry[2]]
    heard_by = {room: {leg for listener, leg in mixed if listener == room} for _, room in mixed if room < 0}
    direct = {(listener, leg) for listener, leg in mixed if min(listener, leg) > 0}
    return direct | {(a, b) for a, room in mixed if room < 0 for b in heard_by[room] if b != a}


def three(house: Box) -> tuple[int, int, int]:
    """Return the legs of a caller, of the phone that consulted, and of the one it consulted."""
    a, b = talk(house)
    house.key(b, "*28003#")
    c = house.asked(m.Dial).leg
    house.tell(m.Answered(c))
    house.key(b, "*5")
    return a, b, c


def test_three_hear_each_other_in_one_call() -> None:
    house = box_with()
    a, b, c = three(house)
    assert heard(house) == {(a, b), (a, c), (b, a), (b, c), (c, a), (c, b)}
    [call] = house.engine.calls()
    assert (call.state, {leg.leg for leg in call.legs}) == ("conference", {a, b, c})
    assert set(house.all(r.SegmentOpened)[-1].legs) == {a, b, c}
    house.tell(m.Held(b))
    assert heard(house) == {(a, c), (c, a), (b, a), (b, c)}
    house.tell(m.Resumed(b))
    booked(house)


@pytest.mark.parametrize("leaves", [0, 1, 2])
def test_when_one_leaves_two_talk_on(leaves: int) -> None:
    house = box_with()
    legs = three(house)
    house.tell(m.Cleared(legs[leaves], 16))
    one, other = [leg for leg in legs if leg != legs[leaves]]
    assert hears(house) == {one: other, other: one}
    house.tell(m.Cleared(one, 16))
    assert house.asked(m.Clear).leg == other
    booked(house)


def test_a_conference_that_a_person_ends_lets_all_go() -> None:
    house = box_with()
    legs = three(house)
    [call] = house.engine.calls()
    house.did(house.engine.request(HangUp(call.call), house.now))
    assert {clear.leg for clear in house.commands if isinstance(clear, m.Clear)} == set(legs)
    booked(house)


def test_without_a_consultation_the_code_does_nothing() -> None:
    house = box_with()
    a, b = talk(house)
    house.key(b, "*5")
    assert hears(house) == {a: b, b: a}
    booked(house)
