# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys end to end: a phone presses them by telephone-events, by INFO, in its sound, in any of these together.

The switch, with its detectors, reports each once.
"""

import itertools
import time
from pathlib import Path

import numpy as np
import pytest

from appliance.config.model import SendKeys
from appliance.contract.switch import Key, SendKey
from appliance.contract.ticks import MS_PER_TICK
from drivers.span import TICK_SAMPLES
from dsp.g711 import alaw_encode
from dsp.tones import sine
from hw_sim.bad_network import NetworkPlan
from tests.appliance.switch.sip_keypad import (
    EVENT,
    INFO,
    LAST_PACKETS,
    NUMBER,
    OFF,
    ON,
    SOUND,
    info_keys,
    keypad,
    sent_to,
    tones_in,
)

ALL = (EVENT, INFO, SOUND)
OFFERED = [ways for n in (1, 2, 3) for ways in itertools.combinations(ALL, n) if ways != (SOUND,)]
NOT_OFFERED = [(SOUND,), (INFO,), (INFO, SOUND)]


@pytest.mark.parametrize(
    ("events", "ways"), [*((True, ways) for ways in OFFERED), *((False, ways) for ways in NOT_OFFERED)]
)
def test_each_press_is_told_once_whatever_ways_are_taken_together(
    tmp_path: Path, events: bool, ways: tuple[str, ...]
) -> None:
    with keypad(tmp_path, events=events) as pad:
        for key in NUMBER:
            pad.press(key, ways)
        pad.quiet(15)
        assert pad.keys == NUMBER


def test_a_phone_that_promised_events_and_sends_tones_is_heard(tmp_path: Path) -> None:
    """B06."""
    with keypad(tmp_path) as pad:
        for key in NUMBER:
            pad.press(key, (SOUND,))
        pad.quiet(15)
        assert pad.keys == NUMBER


def test_tones_are_not_listened_to_from_the_first_event_on(tmp_path: Path) -> None:
    """Sounds like keys are speech then."""
    with keypad(tmp_path) as pad:
        pad.press("1", (SOUND,))
        pad.press("2", (EVENT,))
        pad.quiet(15)
        for key in NUMBER:
            pad.press(key, (SOUND,))
        pad.quiet(15)
        assert pad.keys == "12"


@pytest.mark.parametrize("called", [False, True])
@pytest.mark.parametrize(
    ("announced", "sent", "rate"),
    [
        *((101, 101, 8000), (96, 96, 8000), (120, 120, 8000), (122, 101, 8000), (101, 120, 8000), (96, 101, 8000)),
        *((121, 121, 48000), (110, 110, 16000), (127, 127, 8000)),
    ],
)
def test_events_are_taken_by_whatever_number(
    tmp_path: Path, called: bool, announced: int, sent: int, rate: int
) -> None:
    """B09: in calls of both directions, the phone's own number, ours, or one that neither announced."""
    with keypad(tmp_path, called=called, events_type=announced, sends_events_as=sent, events_rate=rate) as pad:
        for key in "1155#":
            pad.press(key, (EVENT, SOUND))
        pad.quiet(15)
        assert pad.keys == "1155#"


def test_a_number_that_changes_in_mid_call_is_followed(tmp_path: Path) -> None:
    with keypad(tmp_path) as pad:
        pad.press("1", (EVENT,))
        pad.phone.events_type = 99
        many = len(pad.phone.received)
        pad.phone.send(pad.phone.request("INVITE", body=pad.phone.sdp(), content="application/sdp"))
        deadline = time.monotonic() + 10
        while not any(" 200 " in text for text in pad.phone.received[many:]):
            assert time.monotonic() < deadline, pad.phone.received
            pad.quiet(1)
        pad.press("1", (EVENT,))
        pad.quiet(15)
        pad.switch.execute(SendKey(pad.leg, "7", 100))
        pad.quiet(20)
        assert pad.keys == "11"
        assert {packet.kind for packet in sent_to(pad.phone) if packet.kind not in (8, 101)} == {99}


def test_the_tone_beside_an_event_is_not_heard_by_others(tmp_path: Path) -> None:
    """It would be a second press to listeners that are sent the event."""
    with keypad(tmp_path) as pad:
        pad.quiet(50)
        row, loudest = pad.switch.cards[0].row(pad.leg), []
        assert row is not None
        for key in "159":
            pad.press(key, (EVENT, SOUND))
            loudest.append(float(np.abs(pad.said[-ON - OFF :, row]).max()))
        assert max(loudest) < 0.01
        pad.press("1", (SOUND,))
        assert np.abs(pad.said[-ON - OFF :, row]).max() > 0.1, "later the phone is heard again"


@pytest.mark.parametrize("beside", [True, False], ids=["sound beside events", "events in place of sound"])
def test_a_talker_is_silent_for_a_key_and_a_moment_and_comes_no_later_afterwards(tmp_path: Path, beside: bool) -> None:
    """Events take sequence numbers of packets of sound: it must not be waited for these as for lost ones."""
    tone = alaw_encode(sine([700], -10, TICK_SAMPLES)).tobytes()
    held, silent = 12, 0
    with keypad(tmp_path) as pad:
        row = pad.switch.cards[0].row(pad.leg)
        assert row is not None
        for n in range(200):
            pressing = 100 <= n < 100 + held + LAST_PACKETS
            if pressing:
                began = pad.phone.timestamp - (n - 100) * TICK_SAMPLES
                duration = min(n - 99, held) * TICK_SAMPLES
                pad._event("5", began, duration, end=n - 100 >= held, mark=n == 100)
            if beside or not pressing:
                pad.send(pad.phone.packet(tone))
            else:
                pad.phone.timestamp += TICK_SAMPLES
            pad.tick()
            silent += n >= 100 and float(np.abs(pad.said[-1, row]).max()) < 0.05
        assert pad.keys == "5"
    assert held <= silent <= held + LAST_PACKETS + 5


def test_a_phone_that_changes_its_mind_in_mid_call_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with keypad(tmp_path, events=False) as pad:
        for key, ways in zip(
            "123456", [(SOUND,), (SOUND,), (INFO, SOUND), (INFO,), (INFO, SOUND), (INFO,)], strict=True
        ):
            pad.press(key, ways, "application/dtmf")
            pad.quiet(10)
        assert pad.keys == "123456"


@pytest.mark.parametrize(
    "plan",
    [
        NetworkPlan(loss=0.05, jitter_ms=60),
        NetworkPlan(overtaken=0.1, overtaken_ms=40, doubled=0.2),
        NetworkPlan(loss=0.05, jitter_ms=60, overtaken=0.02, doubled=0.02),
    ],
    ids=str,
)
def test_keys_as_events_survive_a_bad_network(tmp_path: Path, plan: NetworkPlan) -> None:
    """A press has eight packets, three of its end: 20 presses, none lost, none doubled."""
    with keypad(tmp_path, plan) as pad:
        for key in 2 * NUMBER:
            pad.press(key, (EVENT, SOUND))
        pad.quiet(15)
        assert pad.network.sent > 200
        assert pad.keys == 2 * NUMBER


def test_keys_in_sound_survive_jitter(tmp_path: Path) -> None:
    with keypad(tmp_path, NetworkPlan(jitter_ms=60), events=False) as pad:
        pad.quiet(100)  # the jitter buffer learns
        for key in 2 * NUMBER:
            pad.press(key, (SOUND,))
        pad.quiet(25)
        assert pad.keys == 2 * NUMBER


# --- keys that the box sends


@pytest.mark.parametrize(("number", "length_ms"), [(101, 100), (96, 60), (120, 500), (122, 0)])
def test_a_phone_that_announced_events_is_sent_keys_by_its_number(tmp_path: Path, number: int, length_ms: int) -> None:
    """B02; RFC 4733 2.5.1: marker, one time stamp, growing duration, three ends; then the sound goes on in time."""
    with keypad(tmp_path, events_type=number) as pad:
        for key in "1#11":
            pad.switch.execute(SendKey(pad.leg, key, length_ms))
        pad.quiet(200)
        packets = sent_to(pad.phone)
        events = [packet for packet in packets if packet.kind != 8]
        assert {packet.kind for packet in events} == {number}
        presses = [list(each) for _, each in itertools.groupby(events, lambda packet: packet.timestamp)]
        assert ["0123456789*#"[press[0].payload[0]] for press in presses] == list("1#11")
        length = {100: 800, 60: 640, 500: 4000, 0: 800}[length_ms]
        for press in presses:
            assert [packet.marked for packet in press] == [True] + [False] * (len(press) - 1)
            lasted = [int.from_bytes(packet.payload[2:]) for packet in press]
            assert lasted == [*range(160, length + 1, 160), length, length]
            assert [packet.payload[1] >> 7 for packet in press] == [0] * (len(press) - 3) + [1, 1, 1]
        assert [(b.sequence - a.sequence) & 0xFFFF for a, b in itertools.pairwise(packets)] == [1] * (len(packets) - 1)
        sound = [(at, packet.timestamp) for at, packet in enumerate(packets) if packet.kind == 8]
        assert {(stamp - 160 * at) & 0xFFFFFFFF for at, stamp in sound} == {sound[0][1] - 160 * sound[0][0]}
        assert tones_in(packets) == []


@pytest.mark.parametrize(("length_ms", "heard_ms"), [(0, 100), (40, 80), (100, 100), (700, 700), (2300, 2300)])
def test_a_phone_without_events_is_sent_tones_of_right_length_and_level(
    tmp_path: Path, length_ms: int, heard_ms: int
) -> None:
    with keypad(tmp_path, events=False) as pad:
        for key in "159D":
            pad.switch.execute(SendKey(pad.leg, key, length_ms))
        pad.quiet(25 + 4 * (heard_ms + 100) // MS_PER_TICK)
        heard = tones_in(sent_to(pad.phone))
        assert [tone.key for tone in heard] == list("159D")
        for tone in heard:
            assert tone.duration_ms == pytest.approx(heard_ms, abs=12)
            assert tone.level_dbm0 == pytest.approx(-7, abs=1)
            assert tone.twist_db == pytest.approx(2, abs=1)


def test_a_phone_that_tells_its_keys_by_info_is_told_keys_so(tmp_path: Path) -> None:
    with keypad(tmp_path, events=False) as pad:
        pad.press("4", (INFO,))
        for key in "5#":
            pad.switch.execute(SendKey(pad.leg, key, 160))
        pad.quiet(30)
        assert info_keys(pad.phone) == [("5", "160"), ("#", "160")]
        assert tones_in(sent_to(pad.phone)) == []


@pytest.mark.parametrize("send_keys", ["info", "tones"])
def test_a_phone_is_sent_keys_as_configured(tmp_path: Path, send_keys: SendKeys) -> None:
    with keypad(tmp_path, send_keys=send_keys) as pad:
        pad.press("4", (INFO,))
        pad.switch.execute(SendKey(pad.leg, "5", 100))
        pad.quiet(30)
        packets = sent_to(pad.phone)
        assert {packet.kind for packet in packets} == {8}
        assert [key for key, _ in info_keys(pad.phone)] == (["5"] if send_keys == "info" else [])
        assert [tone.key for tone in tones_in(packets)] == ([] if send_keys == "info" else ["5"])


def test_keys_by_info_that_are_in_the_sound_too_are_said_to_be(tmp_path: Path) -> None:
    with keypad(tmp_path, events=False) as pad:
        for key in "123":
            pad.press(key, (INFO, SOUND))
            pad.quiet(10)
        assert [event.inband for event in pad.events if isinstance(event, Key)][1:] == [True, True]
    with keypad(tmp_path, events=False) as pad:
        for key in "123":
            pad.press(key, (INFO,))
        assert [event.inband for event in pad.events if isinstance(event, Key)] == [False] * 3
    with keypad(tmp_path, events=False) as pad:
        pad.press("1", (SOUND,))
        pad.quiet(10)
        assert [event.inband for event in pad.events if isinstance(event, Key)] == [True]
