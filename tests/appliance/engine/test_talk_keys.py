# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys in a talk: they reach the other party; transfer, consult and park by keys, for phones without such functions."""

from collections.abc import Callable

import pytest

from appliance.api.messages import Originate
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from tests.appliance.engine.box import Box, config
from tests.appliance.engine.test_reaching import box_with, fails, rung
from tests.appliance.engine.test_talk import booked, hears, talk


def test_before_the_answer_keys_go_to_the_one_whose_sound_is_heard_and_back() -> None:
    """A carrier's menu that answers later; the caller's sound does not reach it yet, so tones are sent as well."""
    box = box_with()
    a, b = box.call_in("8001"), 1
    box.tell(m.Alerting(b))
    box.key(a, "1")
    assert not box.commands, "it only rings"
    box.tell(m.Alerting(b, inband=True), m.EarlySound(b, heard=True))
    box.tell(m.Key(a, "2", 120), m.Key(a, "3", 90, inband=True))
    assert box.commands == [m.SendKey(b, "2", 120), m.SendKey(b, "3", 90)]
    box.tell(m.Key(b, "4", 100), m.Key(b, "5", 100, inband=True))
    assert box.commands == [m.SendKey(a, "4", 100)], "the other one was heard"
    box.tell(m.Answered(b))
    box.tell(m.Key(a, "6", 120), m.Key(a, "7", 90, inband=True))
    assert box.commands == [m.SendKey(b, "6", 120)], "from now on it hears the caller"
    booked(box)


def test_a_phone_s_codes_are_none_before_the_answer() -> None:
    box = box_with()
    a = box.phone_dials("8002", "8001")
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b, inband=True))
    box.key(a, "##")
    assert box.commands == [m.SendKey(b, "#", 80)] * len(box.commands)
    assert len(box.commands) >= 1
    box.tell(m.Answered(b))
    assert hears(box) == {a: b, b: a}
    booked(box)


def test_of_several_that_ring_only_the_one_that_is_heard_gets_keys_and_gives_them() -> None:
    box = Box(config(hunt=[{"number": "8100", "extensions": ["8001", "8002"], "ring_s": 10}]))
    a = box.call_in("8100")
    box.tell(m.Alerting(1), m.Alerting(3, inband=True))
    box.tell(m.EarlySound(3, heard=True))
    box.tell(m.Key(a, "1", 80), m.Key(1, "2", 80), m.Key(3, "3", 80))
    assert box.commands == [m.SendKey(3, "1", 80), m.SendKey(a, "3", 80)]


@pytest.mark.parametrize("to", ["8009", "96900"])
def test_keys_before_an_answer_are_no_trouble_anywhere_else(to: str) -> None:
    """Keys of the caller of a flow or a phone, and of a phone that is rung first."""
    box = Box()
    a = box.call_in(to)
    box.key(a, "1")
    box.did(box.engine.request(Originate("8001", "8002"), box.now))
    box.key(box.asked(m.Dial).leg, "1")
    assert box.audit.troubles == {}


def waits_with_music(box: Box, leg: int) -> bool:
    found = box.engine._board.legs[leg]
    return bool(found.playing) and leg not in box.heard()


def test_transfer_by_keys() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "##")
    assert {play.leg: play.sounds for play in box.commands if isinstance(play, m.Play)} == {
        a: ("music:default",),
        b: ("tone:dial",),
    }
    box.key(b, "8003#")
    assert rung(box) == ["8003"]
    c = box.asked(m.Dial).leg
    assert box.asked(m.Clear) == m.Clear(b, 16)
    box.tell(m.Cleared(b, 16), m.Answered(c))
    assert hears(box) == {a: c, c: a}
    booked(box)


def test_a_pause_ends_the_number_and_nothing_pressed_ends_it_all() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "##800")
    box.wait(3)
    box.key(b, "3")
    assert not rung(box)
    box.wait(5)
    assert rung(box) == ["8003"]
    box.tell(m.Cleared(b, 16), m.Answered(box.asked(m.Dial).leg))
    c = box.engine._board.calls[1].activity.parties()[1]
    box.key(c.number, "##")
    box.wait(11)
    assert hears(box) == {a: c.number, c.number: a}
    booked(box)


def test_a_number_that_leads_nowhere_brings_the_talk_back() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "##4444#")
    assert hears(box) == {a: b, b: a}
    assert not waits_with_music(box, a)
    booked(box)


def test_callers_from_outside_press_what_they_like_and_codes_are_pressed_at_once() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(a, "##*2*3")
    box.key(b, "#")
    box.wait(3)
    box.key(b, "#1*12")
    assert hears(box) == {a: b, b: a}
    booked(box)


def consulting(box: Box) -> tuple[int, int, int]:
    """Return the legs of a talk of a and b, of whom b consults c."""
    a, b = talk(box)
    box.key(b, "*28003#")
    assert rung(box) == ["8003"]
    c = box.asked(m.Dial).leg
    assert box.asked(m.Dial).caller.number == "8001"
    assert waits_with_music(box, a)
    box.tell(m.Answered(c))
    assert hears(box) == {b: c, c: b}
    return a, b, c


def test_consult_then_hang_up_joins_the_others() -> None:
    box = box_with()
    a, b, c = consulting(box)
    box.tell(m.Cleared(b, 16))
    assert hears(box) == {a: c, c: a}
    assert [call.call for call in box.engine.calls()] == [1]
    assert box.asked(m.Show).leg == c
    booked(box)


@pytest.mark.parametrize("how", ["code", "c hangs up"])
def test_consult_then_go_back(how: str) -> None:
    box = box_with()
    a, b, c = consulting(box)
    if how == "code":
        box.key(b, "*2")
        assert box.asked(m.Clear).leg == c
    box.tell(m.Cleared(c, 16))
    assert hears(box) == {a: b, b: a}
    assert [call.call for call in box.engine.calls()] == [1]
    box.key(b, "*28003#")
    assert rung(box) == ["8003"], "and again"
    booked(box)


def test_consult_hang_up_while_it_rings_lets_it_ring_for_the_one_who_waits() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "*28003#")
    box.tell(m.Cleared(b, 16))
    assert rung(box) == ["8003"]
    c = box.asked(m.Dial).leg
    box.tell(m.Answered(c))
    assert hears(box) == {a: c, c: a}
    booked(box)


def test_consult_somebody_busy_goes_back_after_the_tone() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "*28003#")
    fails(box, Cause.USER_BUSY)
    assert box.asked(m.Play).sounds == ("tone:busy",)
    box.wait(9)
    assert hears(box) == {a: b, b: a}
    booked(box)


def test_hang_up_in_the_busy_tone_rings_again_for_who_waits() -> None:
    box = box_with()
    _a, b = talk(box)
    box.key(b, "*28003#")
    fails(box, Cause.USER_BUSY)
    box.tell(m.Cleared(b, 16))
    box.wait(2)
    assert rung(box) == ["8001"]
    booked(box)


def test_who_waits_hangs_up_and_the_consultation_goes_on() -> None:
    box = box_with()
    a, b, c = consulting(box)
    box.tell(m.Cleared(a, 16))
    assert hears(box) == {b: c, c: b}
    box.tell(m.Cleared(c, 16))
    assert box.asked(m.Clear).leg == b
    booked(box)


def test_park_by_keys_says_where() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "*3")
    sounds = next(play.sounds for play in box.commands if isinstance(play, m.Play) and play.leg == b)
    assert sounds == ("prompt:en/parked-at", "prompt:en/digit-7", "prompt:en/digit-0", "prompt:en/digit-1")
    box.played(b)
    assert box.asked(m.Clear) == m.Clear(b, 16)
    box.tell(m.Cleared(b, 16))
    c = box.phone_dials("701", "8003")
    assert hears(box) == {a: c, c: a}
    booked(box)
    assert box.all(r.CallClosed)[0].disposition == "answered"


def test_the_one_who_is_consulted_does_not_take_the_party_that_waits() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "*28002#")
    c = box.asked(m.Dial).leg
    box.tell(m.Answered(c))
    box.key(c, "*2")
    assert hears(box) == {b: c, c: b}
    assert waits_with_music(box, a)
    booked(box)


# --- keys go on to the other party (B02)


def sent(box: Box, leg: int) -> str:
    """Return the keys that a leg's party was sent in the last step."""
    return "".join(each.key for each in box.commands if isinstance(each, m.SendKey) and each.leg == leg)


def sends(box: Box) -> bool:
    return any(isinstance(each, m.SendKey) for each in box.commands)


def trunks_talk(box: Box) -> tuple[int, int]:
    """Call in from outside and out again; return both legs."""
    a = box.call_in("96900")
    box.played(a)
    box.key(a, "4")
    b = box.asked(m.Dial).leg
    box.tell(m.Seized(b, 1, 9), m.Answered(b))
    return a, b


@pytest.mark.parametrize("talking", [talk, trunks_talk])
def test_keys_told_by_signalling_or_events_reach_the_other_party(talking: Callable[[Box], tuple[int, int]]) -> None:
    box = box_with()
    a, b = talking(box)
    box.key(a, "1230")
    assert sent(box, b) == "1230"
    box.key(b, "4456")
    assert sent(box, a) == "4456"
    box.tell(m.Key(a, "7", 340))
    assert box.asked(m.SendKey) == m.SendKey(b, "7", 340)
    booked(box)


def test_keys_in_the_sound_pass_by_themselves() -> None:
    box = box_with()
    a, b = talk(box)
    for leg in (a, b):
        box.tell(*[m.Key(leg, key, 100, -10.0, inband=True) for key in "12#3"])
        assert not sends(box)
    box.wait(3)
    assert not sends(box)
    booked(box)


def test_callers_from_outside_have_no_codes_and_wait_for_nothing() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(a, "##*2*3")
    assert sent(box, b) == "##*2*3"
    booked(box)


def test_the_first_key_of_a_code_waits_a_moment_and_goes_on_in_order() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "12#")
    assert sent(box, a) == "12"
    box.wait(0.5)
    assert sent(box, a) == ""
    box.wait(0.2)
    assert sent(box, a) == "#"
    box.key(b, "*")
    assert sent(box, a) == ""
    box.key(b, "9")
    assert sent(box, a) == "*9"
    box.key(b, "#*#1")
    assert sent(box, a) == "#*#1"
    box.wait(3)
    assert sent(box, a) == ""
    booked(box)


def test_a_code_reaches_only_the_box() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "5*28003#")
    assert sent(box, a) == "5"
    assert rung(box) == ["8003"]
    booked(box)


def test_a_code_pressed_slowly_is_one_though_its_first_key_went_on() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "#")
    box.wait(1)
    assert sent(box, a) == "#"
    box.key(b, "#")
    assert sent(box, a) == ""
    box.key(b, "8003#")
    assert rung(box) == ["8003"]
    booked(box)


def test_nothing_is_sent_to_a_party_that_holds_or_waits() -> None:
    box = box_with()
    a, b = talk(box)
    box.tell(m.Held(b))
    box.key(a, "12")
    assert sent(box, b) == ""
    box.tell(m.Resumed(b))
    box.key(a, "3")
    assert sent(box, b) == "3"
    a, b, c = consulting(box_two := box_with())
    box_two.key(b, "45")
    assert sent(box_two, c) == "45"
    box_two.key(a, "1")
    assert sent(box_two, b) == sent(box_two, c) == ""
    booked(box)
    booked(box_two)


def test_a_key_that_waits_is_not_sent_to_a_new_partner() -> None:
    box = box_with()
    a, b, c = consulting(box)
    box.key(b, "*")
    box.tell(m.Cleared(c, 16))
    assert hears(box) == {a: b, b: a}
    box.wait(3)
    assert not sends(box)
    box.key(b, "1")
    assert sent(box, a) == "1"
    booked(box)


def test_without_codes_nothing_waits() -> None:
    box = Box(config(codes={"transfer": "", "consult": "", "park_talk": ""}))
    a, b = talk(box)
    box.key(b, "##*2*3")
    assert sent(box, a) == "##*2*3"
    booked(box)
