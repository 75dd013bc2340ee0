# SPDX-License-Identifier: GPL-2.0-or-later
"""Payload types are those of the offer's map (RFC 8866 6.6), by any number (found with Asterisk: F10)."""

from functools import partial
from pathlib import Path

import pytest

from appliance.contract.switch import Key, SendKey
from tests.appliance.switch.sip_keypad import SOUND, Keypad, keypad, sent_to, tones_in


@pytest.mark.parametrize("number", [96, 97, 101, 120, 127])
@pytest.mark.parametrize("name", ["PCMA/8000", "pcma/8000/1"])
def test_a_codec_under_a_dynamic_number_is_taken_and_sent(tmp_path: Path, number: int, name: str) -> None:
    """Among them numbers that the box itself offers for something else."""
    with keypad(tmp_path, payload_type=number, rtpmap=name, events=False) as pad:
        answer = next(text for text in pad.phone.received if " 200 " in text)
        assert f" RTP/AVP {number}\r\n" in answer
        for key in "159":
            pad.press(key, (SOUND,))
        pad.switch.execute(SendKey(pad.leg, "7", 100))
        pad.quiet(25)
        assert "".join(event.key for event in pad.events if isinstance(event, Key)) == "159"
        packets = sent_to(pad.phone)
        assert {packet.kind for packet in packets} == {number}
        assert [tone.key for tone in tones_in(packets, number)] == ["7"]


@pytest.mark.parametrize(("events", "codec"), [(96, 98), (120, 96), (97, 120)])
def test_it_has_telephone_events_beside_it(tmp_path: Path, events: int, codec: int) -> None:
    with keypad(tmp_path, payload_type=codec, rtpmap="PCMA/8000", events_type=events) as pad:
        for key in "159":
            pad.press(key, ("event",))
        pad.switch.execute(SendKey(pad.leg, "7", 100))
        pad.quiet(25)
        assert pad.keys == "159"
        assert {packet.kind for packet in sent_to(pad.phone)} == {codec, events}


@pytest.mark.parametrize("called", [False, True])
def test_a_static_number_with_its_own_name_is_as_ever(tmp_path: Path, called: bool) -> None:
    with keypad(tmp_path, called=called, payload_type=8, rtpmap="PCMA/8000", events=False) as pad:
        pad.press("1", (SOUND,))
        pad.quiet(15)
        assert pad.keys == "1"


@pytest.mark.parametrize(("number", "name"), [(0, "PCMA/8000"), (8, "PCMU/8000"), (8, "L16/8000"), (9, "PCMA/8000")])
def test_a_static_number_that_is_mapped_to_another_codec_is_refused(tmp_path: Path, number: int, name: str) -> None:
    """It would be noise: nothing but this separates G.711's two laws."""
    with pytest.raises(AssertionError, match="488"), keypad(tmp_path, payload_type=number, rtpmap=name):
        pass


@pytest.mark.parametrize(("number", "as_ours"), [(96, True), (97, False), (101, False), (120, True), (127, False)])
@pytest.mark.parametrize("name", ["PCMA/8000", "pcma/8000/1"])
def test_a_called_phone_may_answer_with_a_number_of_its_own(
    tmp_path: Path, number: int, as_ours: bool, name: str
) -> None:
    """It is sent that; it sends the static one that we announced (RFC 3264 5.1), or its own all the same."""
    with keypad(tmp_path, called=True, payload_type=number, rtpmap=name, events=False) as pad:
        talks_under(pad, number, 8 if as_ours else number)


@pytest.mark.parametrize(("events", "codec"), [(101, 97), (96, 98), (97, 127)])
def test_an_answer_has_telephone_events_beside_it(tmp_path: Path, events: int, codec: int) -> None:
    with keypad(tmp_path, called=True, payload_type=codec, rtpmap="PCMA/8000", events_type=events) as pad:
        pad.phone.payload_type = 8
        for key in "159":
            pad.press(key, ("event",))
        pad.switch.execute(SendKey(pad.leg, "7", 100))
        pad.quiet(25)
        assert pad.keys == "159"
        assert {packet.kind for packet in sent_to(pad.phone)} == {codec, events}


@pytest.mark.parametrize("as_ours", [True, False])
def test_an_encrypted_answer_may_have_a_number_of_its_own(tmp_path: Path, as_ours: bool) -> None:
    phone = partial(keypad, payload_type=97, rtpmap="PCMA/8000", events=False, encrypts=True)
    with phone(tmp_path, called=True, srtp="offer") as pad:
        talks_under(pad, 97, 8 if as_ours else 97)


def test_a_number_may_move_in_a_talk_whoever_called(tmp_path: Path) -> None:
    with keypad(tmp_path, called=True, payload_type=97, rtpmap="PCMA/8000", events=False) as pad:
        talks_under(pad, 97, 8)
        for number in (98, 8, 120):
            pad.phone.payload_type = number
            pad.phone.send(pad.phone.request("INVITE", body=pad.phone.sdp(), content="application/sdp"))
            pad.quiet(10)
            talks_under(pad, number, number)


def talks_under(pad: Keypad, number: int, sends: int) -> None:
    """Check that the phone is sent sound under its number, and heard under the other."""
    pad.phone.payload_type = sends
    pad.events.clear()
    pad.phone.heard.clear()
    for key in "159":
        pad.press(key, (SOUND,))
    pad.switch.execute(SendKey(pad.leg, "7", 100))
    pad.quiet(25)
    assert pad.keys == "159"
    packets = sent_to(pad.phone)
    assert {packet.kind for packet in packets} == {number}
    assert [tone.key for tone in tones_in(packets, number)] == ["7"]
