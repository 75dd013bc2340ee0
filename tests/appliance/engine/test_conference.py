# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences: ways in, PINs, what members hear, keys of all, guests who ask to speak, recording, every end."""

from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import CheckPin
from appliance.contract.views import ConferenceView, MemberView
from tests.appliance.engine.box import CONFIG, Box, config
from tests.appliance.engine.test_reaching import closes
from tests.appliance.engine.test_room import heard
from tests.appliance.engine.test_talk import booked, talk

PHONES: list[dict[str, Any]] = CONFIG["extension"]
HALL = {"number": "8501", "name": "board", "host_pin": True, "guest_pin": True, "members": 4}
LECTURE = {"number": "8502", "hosts": ["8009"], "guests_speak": False, "speakers": 1}


def box(**changes: Any) -> Box:
    return Box(config(conference=[{"number": "8500"}, HALL, LECTURE], **changes))


def conference(house: Box) -> ConferenceView:
    [found] = house.engine.conferences()
    return found


def members(house: Box) -> dict[int, MemberView]:
    return {each.leg: each for each in conference(house).members}


def words(house: Box, leg: int) -> list[str]:
    """Return the names of the prompts that were last played to a leg."""
    sounds = house.engine._board.legs[leg].plays[0]
    return [each.rpartition("/")[2] for each in sounds]


def in_room(house: Box, number: str = "8500") -> tuple[int, int, int]:
    """Return the legs of a host, a phone and a caller from outside in a conference."""
    legs = house.phone_dials(number, "8009"), house.phone_dials(number, "8001"), house.call_in(number)
    for leg in legs:
        while house.engine._board.legs[leg].playing:
            house.played(leg)
    return legs


def asked(house: Box, request: Any) -> None:
    house.did(house.engine.request(request, house.now))


def noted(house: Box) -> list[tuple[str, int]]:
    return [(each.what, each.leg) for each in house.all(r.RoomChanged)]


# --- ways in


def test_the_first_begins_the_conference_and_others_come_into_its_call() -> None:
    house = box()
    a = house.phone_dials("8500", "8009")
    assert house.asked(m.Answer).leg == a
    assert house.wrote(r.CallAnswered).call == 1
    assert words(house, a) == ["room-alone"]
    assert not house.all(r.SegmentOpened), "one who waits does not talk"
    b = house.call_in("8500")
    assert house.asked(m.Answer).leg == b
    assert heard(house) == {(a, b), (b, a)}
    assert [leg.leg for leg in house.engine.calls()[0].legs] == [a, b]
    assert len(house.engine.calls()) == 1
    assert set(house.all(r.SegmentOpened)[-1].legs) == {a, b}
    assert (house.all(r.LegOpened)[-1].role, house.all(r.LegOpened)[-1].call) == ("member", 1)
    booked(house)


def test_a_conference_goes_on_when_the_first_leaves_and_ends_with_the_last() -> None:
    house = box()
    a, b, c = in_room(house)
    house.tell(m.Cleared(a, 16))
    assert heard(house) == {(b, c), (c, b)}
    assert house.asked(m.Record).leg == b, "the recording goes on at another member"
    house.tell(m.Cleared(b, 16))
    assert [each.leg for each in conference(house).members] == [c]
    house.tell(m.Cleared(c, 16))
    assert not house.engine.conferences()
    assert house.wrote(r.CallClosed).disposition == "answered"
    booked(house)
    house.phone_dials("8500", "8001")
    assert conference(house).call > 1, "the number is free for the next one"
    closes(house)


def keyed(house: Box, leg: int, pin: str, *compared: tuple[str, str]) -> None:
    """Key in a PIN; `compared`: the PINs with which it is compared, and the results."""
    house.key(leg, f"{pin}#")
    for whose, result in compared:
        assert house.last_ask() == CheckPin(f"conference:{whose}", pin)
        house.found(result)


@pytest.mark.parametrize("host", [True, False])
def test_the_pin_says_who_is_a_host(host: bool) -> None:
    house = box()
    leg = house.call_in("8501")
    assert words(house, leg) == ["room-enter-pin"]
    of_guests = ("guest:8501", "wrong" if host else "right")
    keyed(house, leg, "4711", of_guests, *([("host:8501", "right")] if host else []))
    assert members(house)[leg].host == host
    assert not [each for each in house.history if "4711" in repr(each)], "it is in no record"
    booked(house)


def test_three_wrong_pins_end_the_call_and_are_told() -> None:
    house = box()
    leg = house.call_in("8501")
    for pin in ("999", "", "99"):
        keyed(house, leg, pin, *((("guest:8501", "wrong"), ("host:8501", "wrong")) if pin else ()))
    assert words(house, leg) == ["room-wrong-pin"]
    assert house.wrote(r.TroubleNoted).values == {"number": "8501", "n": "3", "caller": "13800138000"}
    house.played(leg)
    assert house.asked(m.Clear).leg == leg
    booked(house)


def test_without_a_pin_for_guests_the_hash_key_alone_is_theirs() -> None:
    house = Box(config(conference=[{"number": "8500", "host_pin": True}]))
    guest = house.call_in("8500")
    house.key(guest, "#")
    host = house.phone_dials("8500", "8001")
    keyed(house, host, "77", ("host:8500", "right"))
    assert {leg: each.host for leg, each in members(house).items()} == {guest: False, host: True}
    booked(house)


@pytest.mark.parametrize(
    ("compared", "told"),
    [
        ((("guest:8501", "none"), ("host:8501", "wrong")), ["conference {number} has no PIN: `mxbox conference pin"]),
        ((("guest:8501", "wrong"), ("host:8501", "none")), ["conference {number} has no PIN for hosts: `mxbox"]),
        ((("guest:8501", "failed"), ("host:8501", "failed")), []),
    ],
)
def test_a_conference_whose_pin_was_never_made_or_cannot_be_read_lets_nobody_in(
    compared: tuple[tuple[str, str], ...], told: list[str]
) -> None:
    house = box()
    leg = house.call_in("8501")
    keyed(house, leg, "4711", *compared)
    assert not house.engine.conferences()
    said = ["room-wrong-pin", "room-enter-pin"] if compared[1][1] == "wrong" else ["not-possible"]
    assert words(house, leg) == said
    troubles = [each.text for each in house.all(r.TroubleNoted)]
    assert [text.startswith(begin) for text, begin in zip(troubles, told, strict=True)] == [True] * len(told)
    booked(house)


def test_a_full_or_locked_conference_says_so() -> None:
    house = Box(config(conference=[{"number": "8500", "members": 2}]))
    host = house.phone_dials("8500", "8009")
    house.key(host, "*7")
    late = house.phone_dials("8500", "8001")
    assert words(house, late) == ["room-locked"]
    house.key(host, "*7")
    house.phone_dials("8500", "8002")
    late = house.phone_dials("8500", "8003")
    assert words(house, late) == ["room-full"]
    booked(house)


def test_phones_that_dial_the_same_number_behind_the_code_meet() -> None:
    house = box()
    a, b = house.phone_dials("*551234", "8001"), house.phone_dials("*551234", "8002")
    house.phone_dials("*559", "8003")
    assert heard(house) == {(a, b), (b, a)}
    assert [each.number for each in house.engine.conferences()] == ["1234", "9"]
    booked(house)


def test_a_party_can_be_transferred_into_a_conference() -> None:
    house = box()
    a, b = talk(house)
    host = house.phone_dials("8500", "8009")
    house.tell(m.TransferWanted(b, "8500"))
    assert house.asked(m.Transferred) == m.Transferred(b, ok=True)
    assert heard(house) == {(a, host), (host, a)}
    booked(house)


def test_a_conference_cannot_be_consulted_nor_forwarded_to() -> None:
    house = box()
    a, b = talk(house)
    house.key(b, "*28500#")
    assert house.heard() == {a: b, b: a}
    booked(house)


# --- what members hear


def test_others_are_told_who_comes_and_goes() -> None:
    house = box()
    a = house.phone_dials("8500", "8009")
    house.played(a)
    b = house.phone_dials("8500", "8001")
    assert words(house, b) == ["room-welcome"]
    assert words(house, a) == ["tone:busy", "digit-8", "digit-0", "digit-0", "digit-1", "room-joined"]
    assert m.Gain(-1, a, 1.0, played=True) in house.mixed(), "all hear it"
    house.played(a)
    assert m.Gain(-1, a, 0.0, played=True) in house.mixed()
    house.phone_dials("8500", "8002")
    house.tell(m.Cleared(b, 16))
    booked(house)


def test_a_member_whose_extension_has_a_recorded_name_is_told_by_it() -> None:
    extensions = [{**each, "spoken_name": "names/ann"} if each["number"] == "8001" else each for each in PHONES]
    house = box(extension=extensions)
    a = house.phone_dials("8500", "8009")
    house.played(a)
    b = house.phone_dials("8500", "8001")
    assert words(house, a) == ["tone:busy", "ann", "room-joined"]
    house.played(a)
    house.key(a, "*9")
    assert words(house, a)[-3:] == ["room-place", "number-2", "ann"], "and to a host who asks"
    house.played(a)
    house.tell(m.Cleared(b, 16))
    assert words(house, a) == ["tone:congestion", "ann", "room-left"]
    booked(house)


def test_a_withheld_number_is_not_said() -> None:
    house = box()
    a = house.phone_dials("8500", "8009")
    house.played(a)
    house.call_in("8500", m.Party("13800138000", presentation=m.Presentation.RESTRICTED))
    assert words(house, a) == ["tone:busy"]
    booked(house)


# --- keys of all


def test_a_member_mutes_itself() -> None:
    house = box()
    a, b, c = in_room(house)
    house.key(c, "*6")
    assert words(house, c) == ["room-muted"]
    assert heard(house) == {(a, b), (b, a), (c, a), (c, b)}
    house.key(c, "*6")
    assert (a, c) in heard(house)
    booked(house)


def test_a_guest_asks_to_speak_the_host_hears_of_it_and_grants_it() -> None:
    house = box()
    host, one, two = in_room(house, "8502")
    assert heard(house) == {(one, host), (two, host)}
    house.key(two, "*1")
    house.key(one, "*1")
    assert words(house, one) == ["room-asked"]
    assert words(house, host) == ["room-place", "number-2", "room-asks"]
    assert {leg: each.asks for leg, each in members(house).items()} == {host: 0, two: 1, one: 2}
    house.key(host, "*4#")
    assert words(house, two) == ["room-may-speak"]
    assert heard(house) == {(one, host), (two, host), (one, two), (host, two)}
    house.key(host, "*42#")
    assert words(house, host) == ["not-possible"], "one guest speaks at a time"
    house.key(host, "*5#")
    house.key(host, "*42#")
    assert heard(house) == {(one, host), (two, host), (host, one), (two, one)}
    assert [what for what, leg in noted(house) if leg in (one, two)] == [
        *("joined", "joined", "asked", "asked", "granted", "revoked", "granted"),
    ]
    booked(house)


def test_a_guest_takes_the_wish_back() -> None:
    house = box()
    host, one, _two = in_room(house, "8502")
    house.key(one, "*1*1")
    assert words(house, one) == ["room-withdrawn"]
    house.key(host, "*4#")
    assert words(house, host) == ["not-possible"]
    booked(house)


def test_who_is_there_is_told() -> None:
    house = box()
    host, one, _two = in_room(house)
    house.key(one, "*9")
    assert words(house, one) == ["room-members", "number-3"]
    house.key(host, "*9")
    said = words(house, host)
    assert said[:4] == ["room-members", "number-3", "room-place", "number-1"]
    assert "".join(each[-1] for each in said if each.startswith("digit")) == "8009" + "8001" + "13800138000"
    booked(house)


# --- recording and ends


@pytest.mark.parametrize(("record", "rule", "recorded"), [("always", "none", True), ("never", "all", False)])
def test_a_conference_is_recorded_as_it_says(record: str, rule: str, recorded: bool) -> None:
    house = Box(config(conference=[{"number": "8500", "record": record}], recording={"rule": rule}))
    in_room(house)
    assert bool(house.all(r.RecordingOpened)) == recorded
    assert house.all(r.RecordingDecided)[0].wanted == recorded
    booked(house)


def test_hold_transfer_and_a_lost_switch() -> None:
    house = box()
    a, b, c = in_room(house)
    house.tell(m.Held(b))
    assert heard(house) == {(a, c), (c, a), (b, a), (b, c)}
    house.tell(m.Resumed(b), m.TransferWanted(b, "8003"))
    assert house.asked(m.Transferred) == m.Transferred(b, ok=False)
    house.did(house.engine.detach(house.now))
    house.tell(m.Cleared(a, 41), m.Cleared(b, 41), m.Cleared(c, 41), m.Attached("test", 64))
    assert not house.engine.conferences()
    booked(house)
