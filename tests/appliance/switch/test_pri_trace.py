# SPDX-License-Identifier: GPL-2.0-or-later
"""The recorder of a D channel: which frames were of which leg, whatever call references the far end chooses."""

from collections.abc import Hashable

import pytest

from appliance.contract.switch import Answer, Clear
from appliance.switch.lines import recorder
from appliance.switch.lines.recorder import Reading, Recorder
from appliance.wall import lockstep_wall
from tests.appliance.switch.pri_rig import Rig


def names(rig: Rig, leg: int) -> list[str]:
    return [each.brief.split(" timeslot")[0].split(" cause")[0] for each in rig.card.trace(leg)]


def test_a_call_from_outside_is_told_from_setup_to_release_complete() -> None:
    rig = Rig().up()
    leg, _call = rig.come_in(timeslot=3)
    rig.card.execute(Answer(leg), rig.now)
    rig.tick(5)
    rig.card.execute(Clear(leg), rig.now)
    rig.tick(10)
    assert rig.cleared(leg) == [16]
    told = rig.card.trace(leg)
    assert names(rig, leg) == [
        "SETUP", "CONNECT", "CONNECT ACKNOWLEDGE", "DISCONNECT", "RELEASE", "RELEASE COMPLETE"
    ]  # fmt: skip
    assert [each.sent for each in told] == [False, True, False, True, False, True]
    assert {(each.leg, each.peer, each.signalling) for each in told} == {(leg, "span 1", "pri")}
    assert told[0].octets[4] == 0x08
    assert [each.time_us for each in told] == sorted(each.time_us for each in told)


def test_a_call_of_ours_is_told_and_no_other() -> None:
    rig = Rig().up()
    legs = [rig.dial()[0] for _ in range(3)]
    for leg in legs:
        rig.card.execute(Clear(leg), rig.now)
        rig.tick(10)
    for leg in legs:
        assert names(rig, leg)[0] == "SETUP"
        assert names(rig, leg)[-1] == "RELEASE COMPLETE"
        assert names(rig, leg).count("SETUP") == 1


def test_a_span_is_told_with_what_is_of_no_call() -> None:
    rig = Rig().up()
    briefs = [each.brief for each in rig.card.trace(0, 1)]
    assert any(brief.startswith("SABME") for brief in briefs)
    assert sum(brief.startswith("RESTART timeslot") for brief in briefs) == 30
    assert rig.card.trace(0, 2) == []


# --- the recorder alone, with messages that are two letters: what they do, and the key


def read(octets: bytes, sent: bool) -> Reading:
    del sent
    do, key = chr(octets[0]), chr(octets[1])
    return Reading(octets.decode(), "", key, do == "S", do == "R")


class Tape:
    def __init__(self) -> None:
        self.recorder = Recorder("pri", "span 1", read, lockstep_wall(1_000))
        self.now = 0

    def note(self, *messages: str) -> None:
        for message in messages:
            self.now += 1
            self.recorder.note(message.encode(), self.now, sent=False)

    def begin(self, leg: int, key: Hashable, *, ours: bool = False) -> None:
        self.recorder.begin(leg, key, ours=ours)

    def of(self, leg: int) -> str:
        return " ".join(each.brief for each in self.recorder.of(leg))


def test_a_key_that_is_used_again_parts_the_calls() -> None:
    tape = Tape()
    for leg in (2, 4, 6):
        tape.note("SA")
        tape.begin(leg, "A")
        tape.note("mA", "mB", "RA")
    assert [tape.of(leg) for leg in (2, 4, 6)] == ["SA mA RA"] * 3


def test_a_setup_that_is_repeated_is_of_the_same_call() -> None:
    tape = Tape()
    tape.note("SA")
    tape.begin(2, "A")
    tape.note("SA", "mA", "RA")
    tape.begin(1, "C", ours=True)
    tape.note("SC", "SC", "RC")
    assert (tape.of(2), tape.of(1)) == ("SA SA mA RA", "SC SC RC")


def test_a_setup_is_found_behind_others_that_came_in_the_same_tick() -> None:
    tape = Tape()
    tape.note("SA", "SA", "SB", "mA")
    tape.begin(2, "A")
    tape.begin(4, "B")
    tape.note("RA")
    assert (tape.of(2), tape.of(4)) == ("SA SA mA RA", "SB")


def test_a_leg_that_tried_two_channels_has_the_messages_of_both() -> None:
    tape = Tape()
    tape.begin(1, "A", ours=True)
    tape.note("SA", "RA")
    tape.begin(1, "B", ours=True)
    tape.note("SB", "mB")
    assert tape.of(1) == "SA RA SB mB"


def test_what_the_ring_has_lost_is_not_told_as_another_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "ROOM", 4)
    tape = Tape()
    tape.note("SA")
    tape.begin(2, "A")
    tape.note("mA", "RA", "SA")
    tape.begin(4, "A")
    tape.note("mA", "mA")
    assert tape.of(4) == "SA mA mA"
    assert tape.of(2) in ("", "RA")
    tape.note("mB", "mB", "mB", "mB")
    assert (tape.of(2), tape.of(4)) == ("", "")


def test_only_so_many_legs_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "LEGS", 2)
    tape = Tape()
    for leg, key in ((2, "A"), (4, "B"), (6, "C")):
        tape.note(f"S{key}")
        tape.begin(leg, key)
    assert [tape.of(leg) for leg in (2, 4, 6)] == ["", "SB", "SC"]
