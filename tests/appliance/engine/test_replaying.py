# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings are played to phones of supervisors, by a code or by a request that rings the phone first."""

from typing import Any

import pytest

from appliance.api.messages import PlayMessage, PlayRecording
from appliance.contract import switch as m
from appliance.contract.asks import FindRecording
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import CONFIG, Box, config
from tests.appliance.engine.test_reaching import closes
from tests.appliance.engine.test_voicemail import box_of, spoken

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


QUEUES_BOX = {"name": "late", "number": "8600", "queue": "sales", "lamps": ["8001"]}


def with_messages(*boxes: dict[str, Any]) -> Box:
    """Return a house in which each box has one message; phone 8009 is a supervisor's."""
    box = box_of(*boxes, phones={"8009": {"supervisor": True}})
    for each in boxes:
        leg = box.call_in(str(each["number"]), m.Party("13800138000"))
        spoken(box, leg)
        box.tell(m.Cleared(leg, 16))
    return box


def test_a_message_of_a_queues_box_is_played_to_the_phone_that_is_rung() -> None:
    box = with_messages(QUEUES_BOX)
    (kept,) = box.engine._board.boxes.by_name["late"].messages.values()
    box.did(box.engine.request(PlayMessage(kept.number, "8009"), box.now))
    leg = box.asked(m.Dial).leg
    box.tell(m.Alerting(leg), m.Answered(leg))
    assert box.asks[-1].what == FindRecording(f"*{kept.number}")  # type: ignore[union-attr]
    box.found(sound=SOUND)
    assert played(box) == (SOUND,)
    assert kept.state == "open", "it stays as it is"
    box.played(leg)
    closes(box)


def test_a_message_of_a_person_is_played_to_no_supervisor() -> None:
    box = with_messages({"name": "ann", "number": "8600", "extension": "8001"})
    (kept,) = box.engine._board.boxes.by_name["ann"].messages.values()
    for number in (kept.number, 99):
        with pytest.raises(RequestError, match="in a queue's box"):
            box.engine.request(PlayMessage(number, "8009"), box.now)
