# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings are played to phones of supervisors, by a code or by a request that rings the phone first."""

import pytest

from appliance.api.messages import PlayRecording
from appliance.contract import switch as m
from appliance.contract.asks import FindRecording
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import CONFIG, Box, config

SOUND = "file:recordings/000000/000000017-000000017.wav"


@pytest.fixture
def box() -> Box:
    phones = [{**each, "supervisor": each["number"] == "8009"} for each in CONFIG["extension"]]
    return Box(config(extension=phones))


def played(box: Box) -> tuple[str, ...]:
    return box.asked(m.Play).sounds


def test_a_supervisor_dials_the_code_and_a_number_and_hears_the_recording(box: Box) -> None:
    leg = box.phone_dials("*3617")
    assert box.asks[-1].what == FindRecording("17")  # type: ignore[union-attr]
    box.found(sound=SOUND)
    assert played(box) == (SOUND,)
    box.played(leg)
    assert box.asked(m.Clear).leg == leg
    box.tell(m.Cleared(leg, 16))
    box.audit.idle()


def test_a_recording_that_is_not_there_is_said_to_be_impossible(box: Box) -> None:
    leg = box.phone_dials("*36999")
    box.found("missing")
    assert played(box) == ("prompt:en/not-possible",)
    box.tell(m.Cleared(leg, 16))
    box.audit.idle()


def test_other_phones_are_refused(box: Box) -> None:
    leg = box.phone_dials("*3617", "8001")
    assert not box.asks
    assert played(box) == ("prompt:en/not-possible",)
    box.tell(m.Cleared(leg, 16))
    box.audit.idle()


def test_a_request_rings_the_phone_and_plays_when_it_answers(box: Box) -> None:
    box.did(box.engine.request(PlayRecording(17, "8009"), box.now))
    leg = box.asked(m.Dial).leg
    box.tell(m.Alerting(leg), m.Answered(leg))
    box.found(sound=SOUND)
    assert played(box) == (SOUND,)
    box.played(leg)
    box.tell(m.Cleared(leg, 16))
    box.audit.idle()


@pytest.mark.parametrize(
    ("extension", "codes", "said"),
    [
        ("8001", {}, "is no supervisor's"),
        ("4444", {}, "there is no extension 4444"),
        ("8009", {"play_recording": ""}, "codes.play_recording is empty"),
    ],
)
def test_a_request_that_cannot_be_done_says_why(extension: str, codes: dict[str, str], said: str) -> None:
    phones = [{**each, "supervisor": each["number"] == "8009"} for each in CONFIG["extension"]]
    box = Box(config(extension=phones, codes=codes))
    with pytest.raises(RequestError, match=said):
        box.engine.request(PlayRecording(17, extension), box.now)
    assert not box.engine.calls()
