# SPDX-License-Identifier: GPL-2.0-or-later
"""Gains as functions of the members: talk, hold, a room, supervisors."""

from appliance.contract.switch import Party
from appliance.engine.parts import hearing
from appliance.engine.parts.call import ASIDE, PLAYED, Call, Leg, Mixed
from appliance.engine.parts.legs import LegState

CALL = Call(1, "in", Party(), "96900")


def legs(many: int) -> list[Leg]:
    return [Leg(number, CALL, "sip:1@x", "caller", str(number), LegState.ACTIVE) for number in range(1, many + 1)]


def said(mixed: Mixed) -> set[tuple[int, int]]:
    assert set(mixed.values()) <= {1.0}
    return {(listener, speaker) for listener, speaker, what in mixed if what != PLAYED}


def test_two_who_talk_hear_each_other_and_one_who_holds_is_not_heard() -> None:
    a, b = legs(2)
    assert said(hearing.talk(a, b)) == {(1, 2), (2, 1)}
    b.held = True
    assert said(hearing.talk(a, b)) == {(2, 1)}


def test_in_a_room_all_hear_all_who_speak_and_nobody_hears_himself() -> None:
    members = legs(3)
    assert said(hearing.room(members)) == {(1, 2), (1, 3), (2, 1), (2, 3), (3, 1), (3, 2)}
    assert said(hearing.room(members, members[:1])) == {(2, 1), (3, 1)}
    crowd = legs(60)
    assert len(hearing.room(crowd, crowd[:8])) == 60 * 8 - 8
    members[0].held = True
    assert said(hearing.room(members)) == {(1, 2), (1, 3), (2, 3), (3, 2)}


def test_a_supervisor_who_listens_hears_also_what_is_played_and_is_heard_by_nobody() -> None:
    caller, agent, supervisor = legs(3)
    assert said(hearing.listen(supervisor, caller, agent)) == {(3, 1), (3, 2)}
    caller.playing = 7
    assert (3, 1, True) in hearing.listen(supervisor, caller), "a caller in a queue says little: the music is heard too"


def test_a_supervisor_who_whispers_is_heard_by_the_agent_alone_and_one_who_barges_by_both() -> None:
    caller, agent, supervisor = legs(3)
    assert said(hearing.whisper(supervisor, agent, caller)) == {(3, 1), (3, 2), (2, 3)}
    assert (2, 3, ASIDE) in hearing.whisper(supervisor, agent, caller), "recordings leave it out"
    assert said(hearing.barge(supervisor, caller, agent)) >= {(1, 3), (2, 3), (3, 1), (3, 2)}
