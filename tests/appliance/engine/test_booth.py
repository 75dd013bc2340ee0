# SPDX-License-Identifier: GPL-2.0-or-later
"""Prompts recorded at a phone: code and PIN, or a request that rings it; heard again, kept by a key, nothing left."""

import pytest

from appliance.api.messages import PlayPrompt, RecordPrompt
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import Ask, CheckPin, FindPrompt, KeepPrompt
from appliance.contract.books import BoxMessage, OpenBooks
from appliance.contract.errors import RequestError
from appliance.engine.engine import Engine
from tests.appliance.engine.box import Box, config
from tests.appliance.engine.test_reaching import closes
from tests.appliance.engine.test_voicemail import said, spoken

PROMPT = "zh/welcome"
TAKE = "file:recordings/voicemail/000000/000000001.wav"


def what(box: Box) -> object:
    """Return the last question that is asked outside."""
    return next(ask.what for ask in reversed(box.asks) if isinstance(ask, Ask))


def at_the_keys(code: str = "*7712") -> tuple[Box, int]:
    """Dial the code, prove the PIN, find the prompt; return the box and the leg."""
    box = Box(config())
    leg = box.phone_dials(code, "8001")
    assert what(box) == CheckPin("box:prompt:")
    box.found("wrong")  # there is a PIN
    for key in "1234#":
        box.key(leg, key)
    box.found("right")
    if code == "*77":
        assert said(box) == ["prompt-enter-number"]
        for key in "12#":
            box.key(leg, key)
    assert what(box) == FindPrompt("12")
    box.found(prompt=PROMPT)
    assert said(box) == ["prompt-keys"]
    return box, leg


def records(box: Box, leg: int, seconds: float = 3.0) -> None:
    box.key(leg, "1")
    assert said(box) == ["voicemail-speak", "tone:beep"]
    spoken(box, leg, seconds)
    box.played(leg)


@pytest.mark.parametrize("code", ["*77", "*7712"])
def test_a_prompt_is_recorded_heard_again_and_kept_by_a_key(code: str) -> None:
    box, leg = at_the_keys(code)
    box.key(leg, "1")
    box.played(leg)
    record = box.asked(m.Record)
    assert (record.tracks, record.longest_s, record.end_keys, record.silence_s) == ("said", 600.0, "#", 5.0)
    box.tell(m.Recorded(record.recording, 24_000, why="key"))
    assert said(box) == ["voicemail-saved"]
    box.played(leg)
    assert said(box) == ["prompt-keys"]
    box.key(leg, "2")
    assert box.asked(m.Play).sounds == (f"file:recordings/{record.path}",)
    box.played(leg)
    assert said(box) == ["prompt-keys"]
    box.key(leg, "3")
    assert what(box) == KeepPrompt(PROMPT, record.path, "8001", 1)
    box.found("kept")
    assert box.wrote(r.MessageMarked) == r.MessageMarked(record.recording, "deleted", "101")
    assert said(box) == ["prompt-changed", "prompt-keys"]
    box.key(leg, "2")
    assert box.asked(m.Play).sounds == (f"prompt:{PROMPT}",), "the one in force"
    box.key(leg, "3")
    assert said(box) == ["prompt-keys"], "there is nothing more to keep"
    box.key(leg, "4")
    assert said(box) == ["goodbye"]
    box.played(leg)
    closes(box)


def test_what_is_not_fit_is_told_and_can_be_recorded_again() -> None:
    box, leg = at_the_keys()
    records(box, leg)
    box.key(leg, "3")
    box.found("refused")
    assert said(box) == ["prompt-not-changed", "prompt-keys"]
    records(box, leg)
    box.key(leg, "3")
    assert isinstance(what(box), KeepPrompt)
    box.tell(m.Cleared(leg, 16))
    closes(box)


def test_without_a_pin_no_phone_records() -> None:
    box = Box(config())
    leg = box.phone_dials("*77", "8001")
    box.found("none")
    assert said(box) == ["not-possible"]
    box.tell(m.Cleared(leg, 16))
    closes(box)


def test_wrong_pins_end_the_call_and_then_none_is_taken() -> None:
    box = Box(config(agents={"wrong_pins": 4}))
    for n in range(1, 5):
        if n in (1, 4):
            leg = box.phone_dials("*77", "8001")
            box.found("wrong")
        for key in "1234#":
            box.key(leg, key)
        box.found("wrong")
        assert said(box)[0] == ("agent-locked" if n == 4 else "voicemail-wrong-pin")
        if n in (3, 4):
            box.tell(m.Cleared(leg, 16))
    leg = box.phone_dials("*77", "8002")
    box.found("wrong")
    assert said(box) == ["agent-locked"], "at no other phone either"
    box.tell(m.Cleared(leg, 16))
    closes(box)


def test_what_a_phone_hung_up_on_is_gone_when_another_comes() -> None:
    box, leg = at_the_keys()
    records(box, leg)
    box.tell(m.Cleared(leg, 16))
    box.did(box.engine.request(RecordPrompt(PROMPT, "8002"), box.now))
    leg = box.asked(m.Dial).leg
    box.tell(m.Alerting(leg), m.Answered(leg))
    assert box.wrote(r.MessageMarked).mark == "deleted"
    box.key(leg, "2")
    assert box.asked(m.Play).sounds == (f"prompt:{PROMPT}",)
    box.tell(m.Cleared(leg, 16))
    closes(box)


def test_a_request_rings_a_phone_which_needs_no_pin() -> None:
    box = Box(config())
    box.did(box.engine.request(RecordPrompt(PROMPT, "8001"), box.now))
    dial = box.asked(m.Dial)
    assert dial.caller.name == PROMPT
    box.tell(m.Alerting(dial.leg), m.Answered(dial.leg))
    assert said(box) == ["prompt-keys"]
    records(box, dial.leg)
    box.key(dial.leg, "3")
    assert isinstance(what(box), KeepPrompt)
    box.found("kept")
    box.tell(m.Cleared(dial.leg, 16))
    closes(box)


@pytest.mark.parametrize(
    ("version", "sound"),
    [("", "prompt:zh/welcome"), ("0123456789abcdef", "file:prompts/zh/welcome/0123456789abcdef.wav")],
)
def test_a_prompt_or_what_it_was_before_is_played_to_a_phone_that_is_rung(version: str, sound: str) -> None:
    box = Box(config())
    box.did(box.engine.request(PlayPrompt(PROMPT, "8001", version), box.now))
    leg = box.asked(m.Dial).leg
    box.tell(m.Alerting(leg), m.Answered(leg))
    assert box.asked(m.Play).sounds == (sound,)
    box.played(leg)
    box.tell(m.Cleared(leg, 16))
    closes(box)


@pytest.mark.parametrize("request_", [PlayPrompt(PROMPT, "4444"), RecordPrompt(PROMPT, "4444")])
def test_a_phone_that_is_not_there_is_not_rung(request_: PlayPrompt | RecordPrompt) -> None:
    box = Box(config())
    with pytest.raises(RequestError, match="there is no extension 4444"):
        box.engine.request(request_, box.now)


def test_a_recording_that_a_restart_cut_off_is_gone_with_the_next_one() -> None:
    left = BoxMessage(
        message=7, box=f"prompt:{PROMPT}", leg=1, path="voicemail/7.wav", number="8001", name="", presentation=0,
        why="dialled", greeting="prompt", at=0, samples=8000, open=0, heard=0, saved=0, state="", owner="", due_at=0,
    )  # fmt: skip
    engine = Engine(config(), {}, OpenBooks(messages=(left,), next_recording=8))
    box = engine._board.boxes.booth(PROMPT)
    assert box.greetings["prompt"].number == 7
    assert not box.messages
