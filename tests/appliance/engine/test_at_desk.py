# SPDX-License-Identifier: GPL-2.0-or-later
"""A program does in the talk of a phone what its codes do: the same parties hear each other afterwards."""

import pytest

from appliance.api.messages import ChangeTalk
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from appliance.numbering import NumberError
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with, fails, rung
from tests.appliance.engine.test_talk import booked, hears, talk


def does(box: Box, do: str, to: str = "", phone: str = "8001") -> None:
    box.did(box.engine.request(ChangeTalk(phone, do, to), box.now))  # type: ignore[arg-type]


def refused(box: Box, do: str, to: str = "", phone: str = "8001") -> str:
    before = hears(box)
    with pytest.raises(RequestError) as error:
        does(box, do, to, phone)
    assert error.value.hint
    assert hears(box) == before
    return error.value.message


def consulting(box: Box) -> tuple[int, int, int]:
    a, b = talk(box)
    does(box, "consult", "8003")
    assert rung(box) == ["8003"]
    c = box.asked(m.Dial).leg
    box.tell(m.Answered(c))
    assert hears(box) == {b: c, c: b}
    return a, b, c


@pytest.mark.parametrize("to", ["8003", "80-03"])
def test_transfer(to: str) -> None:
    box = box_with()
    a, _b = talk(box)
    does(box, "transfer", to)
    assert rung(box) == ["8003"]
    c = box.asked(m.Dial).leg
    box.tell(m.Cleared(1, 16), m.Answered(c))
    assert hears(box) == {a: c, c: a}
    booked(box)


def test_a_transfer_that_fails_comes_back() -> None:
    box = box_with()
    _a, b = talk(box)
    does(box, "transfer", "8003")
    box.tell(m.Cleared(b, 16))
    fails(box, 17)
    assert rung(box) == ["8001"]
    booked(box)


def test_the_party_on_hold_is_transferred_as_well() -> None:
    box = box_with()
    a, b = talk(box)
    box.tell(m.Held(b))
    does(box, "transfer", "8003")
    c = box.asked(m.Dial).leg
    box.tell(m.Cleared(b, 16), m.Answered(c))
    assert hears(box) == {a: c, c: a}
    booked(box)


def test_of_two_talks_of_a_phone_it_is_the_one_that_is_not_on_hold() -> None:
    box = box_with()
    _a, b = talk(box)
    box.tell(m.Held(b))
    d = box.phone_dials("8002", "8001")
    e = box.asked(m.Dial).leg
    box.tell(m.Answered(e))
    does(box, "transfer", "8003")
    assert box.asked(m.Clear).leg == d
    f = box.asked(m.Dial).leg
    box.tell(m.Cleared(d, 16), m.Answered(f))
    assert hears(box)[e] == f
    booked(box)


def test_consult_then_hang_up_joins_the_others() -> None:
    box = box_with()
    a, b, c = consulting(box)
    box.tell(m.Cleared(b, 16))
    assert hears(box) == {a: c, c: a}
    booked(box)


def test_consult_then_join_them_and_be_free() -> None:
    box = box_with()
    a, b, c = consulting(box)
    does(box, "join")
    assert box.asked(m.Clear) == m.Clear(b, 16)
    box.tell(m.Cleared(b, 16))
    assert hears(box) == {a: c, c: a}
    assert [call.call for call in box.engine.calls()] == [1]
    booked(box)


def test_consult_then_back_and_again() -> None:
    box = box_with()
    a, b, c = consulting(box)
    does(box, "back")
    assert box.asked(m.Clear).leg == c
    box.tell(m.Cleared(c, 16))
    assert hears(box) == {a: b, b: a}
    does(box, "consult", "8002")
    assert rung(box) == ["8002"]
    booked(box)


def test_consult_then_all_three_talk() -> None:
    box = box_with()
    a, b, c = consulting(box)
    does(box, "conference")
    [conference] = box.engine.conferences()
    assert {each.leg for each in conference.members} == {a, b, c}
    booked(box)


def test_park_says_where_at_the_phone() -> None:
    box = box_with()
    a, b = talk(box)
    does(box, "park")
    assert [call.place for call in box.engine.calls()] == ["701"]
    box.played(b)
    box.tell(m.Cleared(b, 16))
    c = box.phone_dials("701", "8003")
    assert hears(box) == {a: c, c: a}
    booked(box)
    assert box.all(r.CallClosed)[0].disposition == "answered"


def test_what_cannot_be_is_refused_and_changes_nothing() -> None:
    box = box_with()
    assert "no talk of two" in refused(box, "transfer", "8003")
    assert "there is no extension" in refused(box, "park", phone="4711")
    a = box.call_in("8001")
    assert "no talk of two" in refused(box, "park"), "it rings"
    box.tell(m.Answered(1))
    assert hears(box) == {a: 1, 1: a}
    assert "4444" in refused(box, "transfer", "4444")
    assert "*72" in refused(box, "consult", "*72")
    assert "consults with no one" in refused(box, "back")
    assert "consults with no one" in refused(box, "conference")
    for text in ("", "Li Na"):
        with pytest.raises(NumberError):
            does(box, "transfer", text)
    box.key(1, "##8")
    assert "no talk of two" in refused(box, "consult", "8002"), "a number is being keyed in"
    booked(box)


def test_in_a_consultation_neither_party_begins_another() -> None:
    box = box_with()
    a, b, c = consulting(box)
    for phone in ("8001", "8003"):
        for do in ("transfer", "consult"):
            assert "is a consultation" in refused(box, do, "8002", phone)
    for do in ("back", "join", "conference"):
        assert "consults with no one" in refused(box, do, phone="8003"), "the one who is consulted"
    box.tell(m.Cleared(c, 16))
    assert hears(box) == {a: b, b: a}
    booked(box)
