# SPDX-License-Identifier: GPL-2.0-or-later
"""Hosts of conferences: their keys, numbers called in, the same by requests, and walks through all of it."""

from typing import Any, get_args

import pytest

from appliance.api.messages import CallIntoConference, ChangeConference, HangUp
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import CONFIG, Box, config
from tests.appliance.engine.meeting import conduct, meet
from tests.appliance.engine.test_conference import (
    asked,
    box,
    conference,
    in_room,
    keyed,
    members,
    noted,
    words,
)
from tests.appliance.engine.test_room import heard
from tests.appliance.engine.test_talk import booked, talk
from tests.appliance.engine.test_walk import Walk


def test_keys_of_hosts_are_for_hosts() -> None:
    house = box()
    host, one, two = in_room(house)
    before = heard(house)
    for keys in ("*2#", "*32#", "*7", "*88002#", "*0#"):
        house.key(one, keys)
        assert words(house, one) == ["not-possible"]
    assert heard(house) == before
    assert not conference(house).locked
    assert {leg: each.host for leg, each in members(house).items()} == {host: True, one: False, two: False}
    booked(house)


def test_a_host_mutes_one_and_all() -> None:
    house = box()
    host, one, two = in_room(house)
    house.key(host, "*23#")
    assert [leg for leg, each in members(house).items() if each.muted] == [two]
    house.key(host, "*2#")
    assert [leg for leg, each in members(house).items() if each.muted] == [one, two]
    house.key(host, "*2#")
    assert not any(each.muted for each in members(house).values())
    house.key(host, "*29#")
    assert words(house, host) == ["not-possible"]
    booked(house)


def test_a_host_removes_a_member_who_is_told() -> None:
    house = box()
    host, one, two = in_room(house)
    house.key(host, "*32#")
    assert words(house, one) == ["room-removed"]
    assert heard(house) == {(host, two), (two, host)}
    house.played(one)
    assert house.asked(m.Clear).leg == one
    booked(house)


def test_a_host_ends_it_for_all() -> None:
    house = box()
    legs = in_room(house)
    house.key(legs[0], "*0#")
    assert {clear.leg for clear in house.commands if isinstance(clear, m.Clear)} == set(legs)
    assert [what for what, _leg in noted(house)][-4:] == ["ended", "left", "left", "left"]
    booked(house)


def test_a_host_calls_in_a_phone_and_a_number_outside() -> None:
    house = box()
    host, one, two = in_room(house)
    house.key(host, "*88002#")
    dial = house.asked(m.Dial)
    assert (dial.called, dial.caller.number) == ("8002", "8009")
    assert conference(house).ringing == ("8002",)
    house.key(host, "*80555#")
    outside = house.asked(m.Dial)
    assert (outside.line, outside.called) == ("pri:carrier", "555")
    house.tell(m.Answered(dial.leg), m.Seized(outside.leg, 1, 9), m.Answered(outside.leg))
    assert set(members(house)) == {host, one, two, dial.leg, outside.leg}
    booked(house)


def test_a_number_that_does_not_answer_is_told_to_the_host() -> None:
    house = box()
    host, *_ = in_room(house)
    house.key(host, "*88002#")
    house.tell(m.Cleared(house.asked(m.Dial).leg, 17))
    assert words(house, host) == ["room-not-reached"]
    assert not conference(house).ringing
    booked(house)


@pytest.mark.parametrize("number", ["8500", "*78", "701", "96900", "4444", ""])
def test_only_parties_can_be_called_in(number: str) -> None:
    house = box()
    host, *_ = in_room(house)
    house.key(host, f"*8{number.replace('*', '')}#")
    assert words(house, host) == ["not-possible"]
    booked(house)


def test_a_host_outside_calls_nobody_outside_and_a_phone_no_further_than_its_class() -> None:
    house = Box(
        config(
            conference=[{"number": "8500", "host_pin": True, "guest_pin": True, "hosts": ["8001"]}],
            extension=[{**each, "calling": "internal"} for each in CONFIG["extension"]],
        )
    )
    outside = house.call_in("8500")
    keyed(house, outside, "1", ("guest:8500", "wrong"), ("host:8500", "right"))
    phone = house.phone_dials("8500", "8001")
    for leg in (outside, phone):
        house.key(leg, "*80555#")
        assert words(house, leg) == ["not-possible"]
        house.key(leg, "*88002#")
        assert house.asked(m.Dial).called == "8002"
        house.tell(m.Cleared(house.asked(m.Dial).leg, 17))
    booked(house)


# --- from a talk


def test_three_from_a_talk_are_a_conference_whose_host_calls_in_more() -> None:
    house = box()
    a, b = talk(house)
    house.key(b, "*28003#")
    c = house.asked(m.Dial).leg
    house.tell(m.Answered(c))
    house.key(b, "*5")
    house.key(b, "*88002#")
    d = house.asked(m.Dial).leg
    house.tell(m.Cleared(c, 16))
    assert conference(house).ringing == ("8002",), "two and one who is called are still a conference"
    house.tell(m.Answered(d))
    assert set(members(house)) == {a, b, d}
    house.tell(m.Cleared(d, 16))
    assert house.engine.calls()[0].state == "talking"
    assert house.heard() == {a: b, b: a}
    booked(house)


def test_two_who_wait_in_vain_for_a_third_talk() -> None:
    house = box()
    a, b = talk(house)
    house.key(b, "*28003#")
    c = house.asked(m.Dial).leg
    house.tell(m.Answered(c))
    house.key(b, "*5")
    house.key(b, "*88002#")
    d = house.asked(m.Dial).leg
    house.tell(m.Cleared(c, 16), m.Cleared(d, 17))
    assert house.heard() == {a: b, b: a}
    booked(house)


# --- requests


def test_programs_see_and_change_a_conference() -> None:
    house = box()
    host, one, two = in_room(house, "8502")
    view = conference(house)
    assert (view.number, view.call, view.locked) == ("8502", 1, False)
    assert [(each.place, each.number, each.name, each.host, each.floor) for each in view.members] == [
        (1, "8009", "Desk", True, True),
        (2, "8001", "Ann", False, False),
        (3, "13800138000", "", False, False),
    ]
    asked(house, ChangeConference("8502", "grant", 3))
    assert (host, two) in heard(house)
    asked(house, ChangeConference("8502", "mute", 3))
    assert (host, two) not in heard(house)
    asked(house, ChangeConference("8502", "unmute"))
    asked(house, ChangeConference("8502", "revoke"))
    asked(house, ChangeConference("8502", "lock"))
    assert conference(house).locked
    asked(house, CallIntoConference("8502", "0555"))
    assert house.asked(m.Dial).called == "555"
    asked(house, ChangeConference("8502", "remove", 2))
    assert words(house, one) == ["room-removed"]
    asked(house, ChangeConference("1", "end"))
    assert not house.engine.conferences()
    booked(house)


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (ChangeConference("8599", "lock"), "there is no conference 8599 now"),
        (ChangeConference("8500", "mute", 9), "there is no member 9 in it"),
        (ChangeConference("8500", "remove"), "it is not said which member is to be removed"),
        (ChangeConference("8500", "unlock"), "there is nothing to change: it is so already"),
        (ChangeConference("8500", "grant"), "there is nothing to change: it is so already"),
        (CallIntoConference("8500", "96900"), "96900 cannot be called into a conference"),
        (CallIntoConference("2", "8002"), "there is no conference 2 now"),
    ],
)
def test_a_request_that_cannot_be_carried_out_is_refused_with_the_reason(request_: Any, why: str) -> None:
    house = box()
    in_room(house)
    with pytest.raises(RequestError) as refused:
        asked(house, request_)
    assert refused.value.message == why
    assert refused.value.hint
    booked(house)


def test_a_person_hangs_the_call_up_while_another_is_called_in() -> None:
    house = box()
    host, *_ = in_room(house)
    house.key(host, "*88002#")
    asked(house, HangUp(1))
    assert len([each for each in house.commands if isinstance(each, m.Clear)]) == 4
    booked(house)


def test_walks_into_conferences_do_all_that_can_be_done_there() -> None:
    walk = Walk(3)
    for _ in range(6000):
        walk.turn()
        if walk.rng.random() < 0.5:
            meet(walk)
        if walk.rng.random() < 0.05:
            conduct(walk)
    walk.finish()
    walk.audit.idle()
    assert {f"conference {what}" for what in get_args(r.RoomChange)} <= set(walk.audit.counts)
