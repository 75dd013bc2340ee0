# SPDX-License-Identifier: GPL-2.0-or-later
"""A person decides on a recording in place of the rules, and has silence recorded while a card number is said."""

from typing import Any, Literal

import pytest

from appliance.api.messages import RecordCall
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import Box, config
from tests.appliance.engine.test_recording_rules import end, talk

Do = Literal["record", "stop", "rules", "pause", "resume"]


def box_of(rule: str = "all", **recording: Any) -> Box:
    return Box(config(recording={"rule": rule, **recording}))


def talking(box: Box) -> tuple[int, int]:
    """Bring a caller to an agent and let the announcement end; return both legs."""
    a, b = talk(box)
    box.played(a)
    return a, b


def ask(box: Box, do: Do, call: int = 1) -> None:
    box.did(box.engine.request(RecordCall(call, do), box.now))


def said(box: Box, leg: int) -> list[tuple[str, ...]]:
    """Return what the last step plays to a leg."""
    return [each.sounds for each in box.commands if isinstance(each, m.Play) and each.leg == leg]


def silence(box: Box) -> list[tuple[int, bool]]:
    """Return what the last step changes between sound and silence: recording, whether silence."""
    return [(each.recording, each.paused) for each in box.commands if isinstance(each, m.PauseRecord)]


def test_an_agent_records_a_talk_that_no_rule_wants_and_gives_it_back_to_the_rules() -> None:
    box = box_of("none")
    a, b = talking(box)
    assert not box.all(r.RecordingOpened)
    box.key(b, "*1")
    assert said(box, b) == [("prompt:en/recording-on",)]
    assert not said(box, a), "the caller hears nothing of it"
    assert box.all(r.RecordingDecided) == [r.RecordingDecided(1, "", wanted=True, asked=True, phone="8001")]
    assert [each.leg for each in box.all(r.RecordingOpened)] == [a]
    box.played(b)
    box.key(b, "*1")
    assert said(box, b) == [("prompt:en/recording-off",)]
    assert box.all(r.RecordingDecided)[1:] == [r.RecordingDecided(1, "", wanted=False, phone="8001")]
    end(box, a, b)


def test_silence_is_recorded_between_two_presses_of_the_code_and_the_books_tell_when() -> None:
    box = box_of()
    a, b = talking(box)
    box.wait(5)
    box.key(b, "*7")
    assert silence(box) == [(1, True)]
    assert said(box, b) == [("prompt:en/recording-paused",)]
    assert box.wrote(r.RecordingPaused) == r.RecordingPaused(1, 1, "8001")
    box.wait(12)
    box.key(b, "*7")
    assert silence(box) == [(1, False)]
    assert box.wrote(r.RecordingResumed) == r.RecordingResumed(1, 1, "8001")
    assert len(box.all(r.RecordingOpened)) == 1, "one file: its length stays that of the talk"
    end(box, a, b)


def test_the_caller_outside_presses_the_same_keys_without_effect() -> None:
    box = box_of()
    a, b = talking(box)
    box.key(a, "*7*1")
    assert not box.all(r.RecordingPaused)
    assert not box.all(r.RecordingDecided)
    end(box, a, b)


@pytest.mark.parametrize(("until", "paused"), [("resumed", True), ("transfer", False)])
def test_a_transfer_ends_a_pause_only_where_that_is_configured(until: str, *, paused: bool) -> None:
    box = box_of(pause_until=until)
    a, b = talking(box)
    box.key(b, "*7")
    box.tell(m.TransferWanted(b, "8009"))
    c = box.asked(m.Dial).leg
    box.tell(m.Cleared(b, 16), m.Alerting(c), m.Answered(c))
    assert bool(box.all(r.RecordingResumed)) is not paused
    box.tell(m.Held(c), m.Resumed(c))
    box.key(c, "*7")
    assert silence(box) == [(1, not paused)], "the new party ends the pause, or begins one"
    end(box, a, c)


@pytest.mark.parametrize("until", ["resumed", "transfer"])
def test_hold_does_not_end_a_pause(until: str) -> None:
    box = box_of(pause_until=until)
    a, b = talking(box)
    box.key(b, "*7")
    box.tell(m.Held(b))
    box.tell(m.Resumed(b))
    assert not box.all(r.RecordingResumed)
    end(box, a, b)


def test_a_consultation_during_a_pause_is_recorded_as_silence_and_so_is_the_talk_after_it() -> None:
    box = box_of()
    a, b = talking(box)
    box.key(b, "*7")
    box.played(b)
    box.key(b, "*28009#")
    c = box.asked(m.Dial).leg
    box.tell(m.Alerting(c), m.Answered(c))
    consultation = box.all(r.RecordingOpened)[-1]
    assert (consultation.recording, True) in silence(box)
    box.key(b, "*2")
    box.tell(m.Cleared(c, 16))
    assert not box.all(r.RecordingResumed)
    box.key(b, "*7")
    assert box.all(r.RecordingResumed) == [r.RecordingResumed(1, 1, "8001")]
    end(box, a, b)


def test_programs_ask_for_calls_that_are_up_and_are_named_in_the_books() -> None:
    box = box_of()
    a, b = talking(box)
    ask(box, "stop")
    assert box.asked(m.StopRecord).recording == 1
    ask(box, "stop")
    assert box.commands == []
    ask(box, "record")
    assert box.asked(m.Record).recording == 2
    ask(box, "pause")
    ask(box, "pause")
    assert box.commands == []
    ask(box, "resume")
    assert silence(box) == [(2, False)]
    ask(box, "rules")
    assert not box.commands, "the rules want the same"
    decided = [(each.wanted, each.asked) for each in box.all(r.RecordingDecided)]
    assert decided == [(False, True), (True, True), (True, False)]
    with pytest.raises(RequestError, match="there is no call 77 now"):
        ask(box, "pause", 77)
    end(box, a, b)


def test_what_is_asked_before_the_answer_holds_from_the_answer_on() -> None:
    box = box_of()
    a = box.phone_dials("8001")
    b = box.asked(m.Dial).leg
    ask(box, "stop")
    box.tell(m.Alerting(b), m.Answered(b))
    assert not box.all(r.RecordingOpened)
    assert box.all(r.RecordingDecided) == [r.RecordingDecided(1, "", wanted=False, asked=True)]
    end(box, a, b)


def test_a_recording_that_begins_during_a_pause_begins_with_silence() -> None:
    box = box_of("none")
    a, b = talking(box)
    box.key(b, "*7")
    assert not box.all(r.RecordingPaused), "nothing is recorded"
    box.played(b)
    box.key(b, "*1")
    assert silence(box) == [(1, True)]
    assert said(box, b) == [("prompt:en/recording-paused",)]
    end(box, a, b)


def test_a_confirmation_ends_with_the_talk_and_gives_way_to_music() -> None:
    box = box_of()
    a, b = talking(box)
    box.key(b, "*7")
    box.tell(m.Held(a))
    assert said(box, b) == [("music:default",)]
    box.key(b, "*7")
    assert not said(box, b), "the music goes on"
    box.tell(m.Resumed(a))
    box.key(b, "*7")
    assert said(box, b) == [("prompt:en/recording-paused",)]
    box.tell(m.Cleared(a, 16))
    assert any(isinstance(each, m.Hush | m.Clear) and each.leg == b for each in box.commands)
    end(box, b)


def test_a_phone_that_parks_its_party_right_after_a_code_hears_the_place_and_is_cleared() -> None:
    box = box_of()
    a, b = talking(box)
    box.key(b, "*7*3")
    assert said(box, b)[-1][0] == "prompt:en/parked-at"
    assert not [each for each in box.commands if isinstance(each, m.Hush) and each.leg == b]
    box.played(b)
    assert box.asked(m.Clear).leg == b
    end(box, a, b)
