# SPDX-License-Identifier: GPL-2.0-or-later
"""Scripts as testers write them, and their mistakes."""

import pytest

from hw_sim import steps
from hw_sim.errors import ScriptError
from hw_sim.script import read_script


def test_the_line_of_the_manual() -> None:
    assert read_script("wait answer; listen 3; key 1; listen 2; speak tone 1004 -10 5; hangup") == (
        steps.Await("answer"),
        steps.Listen(3),
        steps.Key("1"),
        steps.Listen(2),
        steps.SpeakTone((1004.0,), -10, 5),
        steps.HangUp(16),
    )


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("wait 1.5", steps.Pause(1.5)),
        ("wait 1..3", steps.Pause(1, 3)),
        ("wait connected 5", steps.Await("connect", 5)),
        ("hear 'en/welcome back' 4", steps.Hear("en/welcome back", 4)),
        ("expect busy", steps.Expect("busy")),
        ("key *0# ms=40 gap=30 level=-20 twist=-4 noise=-35", steps.Key("*0#", 40, 30, -20, -4, -35)),
        ("speak tone 350+440 -13 2", steps.SpeakTone((350.0, 440.0), -13, 2)),
        ("speak tone ringback 6", steps.SpeakNamed("ringback", 6)),
        ("speak noise -30 2", steps.SpeakNoise(-30, 2)),
        ("speak hello.wav", steps.SpeakFile("hello.wav")),
        ("speak hello.wav -20", steps.SpeakFile("hello.wav", -20)),
        ("loop", steps.Loop()),
        ("loop off", steps.Loop(on=False)),
        ("hold", steps.Hold()),
        ("hangup 31", steps.HangUp(31)),
        ("reject 21", steps.HangUp(21)),
        ("digits 00", steps.Digits("00")),
    ],
)
def test_steps(text: str, step: steps.AnyStep) -> None:
    assert read_script(text) == (step,)


def test_a_reply_waits_for_its_question_however_late_it_comes() -> None:
    hear, pause, key = read_script("reply zh/survey-service 5#")
    assert hear == steps.Hear("zh/survey-service", 86400)
    assert isinstance(pause, steps.Pause)
    assert key == steps.Key("5#")


def test_behaviours_in_one_word() -> None:
    assert read_script("answers 1..2")[:3] == (steps.Alert(), steps.Pause(1, 2), steps.Answer())
    assert steps.Loop() in read_script("echoes")
    assert read_script("busy") == (steps.HangUp(17),)
    assert read_script(["alert", "wait 1; answer"]) == (steps.Alert(), steps.Pause(1), steps.Answer())


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("dance", "'dance' is no step", "steps are: alert, "),
        ("wait forever", "'forever' is neither a number nor a state", "answer"),
        ("wait 1 2", "too many arguments", "wait STATE [SECONDS]"),
        ("wait 3..1", "1 is out of range", "3 to 86400"),
        ("key 1x", "no key", "0123456789*#ABCD"),
        ("key 1 volume=3", "'volume=3' is no option", "level=NUMBER"),
        ("key 1 level=9", "out of range", "-60 to 0"),
        ("speak tone 440 9 1", "9 is out of range", "-70 to 3"),
        ("speak tone 5000 -10 1", "5000 is out of range", "20 to 3980"),
        ("speak", "too few arguments", "speak FILE"),
        ("hangup 200", "200 is out of range", "1 to 127"),
        ("loop back", "neither on nor off", "loop off"),
        ("answer now", "too many arguments", "answer"),
        ("expect 'busy", "no closing quotation", "close the quotation mark"),
    ],
)
def test_mistakes_are_named_with_a_remedy(text: str, problem: str, hint: str) -> None:
    with pytest.raises(ScriptError) as caught:
        read_script(f"wait 1; {text}")
    assert caught.value.number == 2
    assert caught.value.step == text
    assert problem in str(caught.value)
    assert hint in caught.value.hint
