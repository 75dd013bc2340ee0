# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys in the sound of one line, on to a line that takes keys otherwise: sent once, and the tone is cut out."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from appliance.config.model import ExtensionConfig, SendKeys, SipConfig
from appliance.contract.switch import Alerting, Answered, Dial, Gain, Key, Mix, SendKey
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.sip.card import SipCard
from appliance.switch.lines.station import StationCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.recorders import Recorders
from drivers.sip_keys import EVENT_KEYS
from drivers.span import TICK_SAMPLES
from dsp.g711 import alaw_decode
from dsp.keypad import dtmf_samples
from hw_sim.bad_network import NetworkPlan
from hw_sim.baresip import free_port
from hw_sim.station import StationBank
from tests.appliance.switch.sip_keypad import (
    EVENT,
    INFO,
    SOUND,
    Keypad,
    NoSounds,
    Packet,
    info_keys,
    sent_to,
    tones_in,
)
from tests.drivers.word_phone import WordPhone

STATION = 1
PRESSES = "answer; wait 0.5; key 159#0 ms=100 gap=120; wait 60"
PRESSED = "159#0"


class Talk(Keypad):
    """A phone in a call, and a further line."""

    def called_early(self) -> None:
        """Ring the phone until its sound is there."""
        self.leg = STATION + 2
        self.switch.execute(Dial(self.leg, self.phone.line, "1001"))
        deadline = time.monotonic() + 10
        while not self.phone.answered or not any(isinstance(event, Alerting) for event in self.events):
            assert time.monotonic() < deadline, self.phone.received
            self.tick()
            time.sleep(0.001)


@contextmanager
def talk(folder: Path, behaviour: str = PRESSES, *, send_keys: SendKeys = "auto", **phone_is: Any) -> Iterator[Talk]:
    """A talk of a SIP phone and a line that has nothing but sound, under the test's control."""
    phone = WordPhone(**phone_is)
    first = min(free_port() & ~1, 60000)
    config = SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 40, calls=1)
    journal = Journal(None)
    card = SipCard(config, [ExtensionConfig(number="1001", line=phone.line, send_keys=send_keys)], journal.new_leg)
    stations = StationCard(StationBank(("1",), behaviour), journal.new_leg)
    switch = Switch([card, stations], NoSounds(), partial(Recorders, disk=InlineDisk(folder)), journal)
    try:
        pad = Talk(switch, card, phone, NetworkPlan())
        pad.called_early() if phone.answers_calls else pad.call()
        switch.execute(Dial(STATION, "station:1", "1"))
        switch.execute(Mix((Gain(pad.leg, STATION), Gain(STATION, pad.leg))))
        yield pad
    finally:
        switch.close()
        phone.close()


def events_in(packets: list[Packet], payload_type: int = 101) -> list[tuple[str, int]]:
    """Each press once: the key, and its length in ms."""
    events = [packet for packet in packets if packet.kind == payload_type]
    presses = [list(each) for _, each in itertools.groupby(events, lambda packet: packet.timestamp)]
    return [(EVENT_KEYS[press[0].payload[0]], int.from_bytes(press[-1].payload[2:]) // 8) for press in presses]


def longest_ms(packets: list[Packet]) -> float:
    """Return the longest time of sound without a break of two packets."""
    longest = now = silent = 0
    for packet in packets:
        if packet.kind == 8:
            loud = np.count_nonzero(np.abs(alaw_decode(np.frombuffer(packet.payload, np.uint8))) > 0.01)
            silent = 0 if loud else silent + 1
            now = now + int(loud) if silent < 2 else 0
            longest = max(longest, now)
    return longest / 8


def test_a_tone_is_an_event_to_who_announced_events_and_is_cut_out_of_the_sound(tmp_path: Path) -> None:
    """B02."""
    with talk(tmp_path) as pad:
        pad.quiet(150)
        packets = sent_to(pad.phone)
        pressed = events_in(packets)
        assert [key for key, _ in pressed] == list(PRESSED)
        assert [ms for _, ms in pressed] == pytest.approx([100] * 5, abs=12)
        assert tones_in(packets) == []
        assert longest_ms(packets) < 20, "Q.24: no receiver takes a tone below 23 ms for a key"
        assert [key.key for key in pad.events if isinstance(key, Key)] == list(PRESSED), (
            "call control hears them as ever"
        )


@pytest.mark.parametrize("key_ms", [45, 80, 400])
def test_short_and_long_presses_keep_their_length(tmp_path: Path, key_ms: int) -> None:
    with talk(tmp_path, f"answer; wait 0.3; key 7 ms={key_ms} level=-20; wait 60") as pad:
        pad.quiet(100)
        ((key, lasted),) = events_in(sent_to(pad.phone))
        assert key == "7"
        assert lasted == pytest.approx(max(key_ms, 80), abs=12), "at least what every receiver takes"
        assert tones_in(sent_to(pad.phone)) == []


def test_a_tone_stays_in_the_sound_for_who_announced_no_events(tmp_path: Path) -> None:
    with talk(tmp_path, events=False) as pad:
        pad.quiet(150)
        packets = sent_to(pad.phone)
        assert [tone.key for tone in tones_in(packets)] == list(PRESSED)
        assert {packet.kind for packet in packets} == {8}
        assert not info_keys(pad.phone)


@pytest.mark.parametrize("send_keys", ["info", "tones"])
def test_what_is_configured_counts_more_than_what_was_announced(tmp_path: Path, send_keys: SendKeys) -> None:
    with talk(tmp_path, send_keys=send_keys) as pad:
        pad.quiet(150)
        packets = sent_to(pad.phone)
        assert events_in(packets) == []
        assert [key for key, _ in info_keys(pad.phone)] == (list(PRESSED) if send_keys == "info" else [])
        assert [tone.key for tone in tones_in(packets)] == ([] if send_keys == "info" else list(PRESSED))


def test_who_does_not_hear_the_line_gets_no_key_of_it(tmp_path: Path) -> None:
    with talk(tmp_path) as pad:
        pad.switch.execute(Mix((Gain(pad.leg, STATION, 0.0),)))
        pad.quiet(150)
        assert events_in(sent_to(pad.phone)) == []


@pytest.mark.parametrize("hz", ["440+480", "725+1257", "697"])
def test_all_but_keys_is_heard_as_it_is(tmp_path: Path, hz: str) -> None:
    """A pair 4 % off, too, but for the two ticks in which it might be a key."""
    with talk(tmp_path, f"answer; wait 0.3; speak tone {hz} -10 1; wait 60") as pad:
        pad.quiet(120)
        assert events_in(sent_to(pad.phone)) == []
        assert longest_ms(sent_to(pad.phone)) >= 940


def test_an_echo_of_what_a_line_was_sent_is_no_key_for_the_one_who_pressed_it(tmp_path: Path) -> None:
    """Two boxes would send each other the same key for ever."""
    with talk(tmp_path, "answer; loop; wait 60") as pad:
        for key in "12":
            pad.switch.execute(SendKey(STATION, key, 100))
        pad.quiet(60)
        assert [key.key for key in pad.events if isinstance(key, Key)] == ["1", "2"], "it does come back"
        assert events_in(sent_to(pad.phone)) == []
        assert [tone.key for tone in tones_in(sent_to(pad.phone))] == ["1", "2"]


def test_nor_is_that_of_a_tone_that_it_heard(tmp_path: Path) -> None:
    with talk(tmp_path, "answer; loop; wait 60") as pad:
        for key in "12":
            pad.press(key, (SOUND,))
        pad.quiet(60)
        assert events_in(sent_to(pad.phone)) == []


def test_after_the_echo_s_time_its_own_keys_are_taken_again(tmp_path: Path) -> None:
    with talk(tmp_path, "answer; wait 1.5; key 7; wait 60") as pad:
        pad.quiet(2)
        pad.switch.execute(SendKey(STATION, "7", 100))
        pad.quiet(120)
        assert [key for key, _ in events_in(sent_to(pad.phone))] == ["7"]


def test_a_key_told_twice_by_its_own_line_goes_on_once(tmp_path: Path) -> None:
    """By INFO and in the sound, to a phone that takes events: here the pressing phone hears itself."""
    with talk(tmp_path, "answer; wait 60") as pad:
        pad.switch.execute(Mix((Gain(pad.leg, pad.leg),)))
        for key in "123":
            pad.press(key, (INFO, SOUND))
            pad.quiet(10)
        for told in [each for each in pad.events if isinstance(each, Key) and not each.inband]:
            pad.switch.execute(SendKey(pad.leg, told.key, told.duration_ms))  # as call control does
        pad.quiet(30)
        assert sorted(key for key, _ in events_in(sent_to(pad.phone))) == ["1", "2", "3"]
        assert tones_in(sent_to(pad.phone)) == []


def test_a_key_through_speech_is_sent_as_well(tmp_path: Path) -> None:
    """Its beginning is heard for longer: the detector needs to be sure."""
    rng = np.random.default_rng(1)
    with talk(tmp_path, "answer; wait 60") as pad:
        tone = dtmf_samples("5", 200, 0, -8).reshape(-1, TICK_SAMPLES)
        noise = rng.normal(0, 0.012, tone.shape)
        card = pad.switch.cards[1]
        intact, left = card.receive, [*(tone + noise)]

        def receive(sound: Any) -> None:
            intact(sound)
            if left:
                sound[0] = left.pop(0)

        pad.quiet(5)
        card.receive = receive  # type: ignore[method-assign]
        pad.quiet(60)
        assert [key for key, _ in events_in(sent_to(pad.phone))] == ["5"]
        assert longest_ms(sent_to(pad.phone)) <= 60


def test_keys_go_both_ways_before_a_call_is_answered(tmp_path: Path) -> None:
    """As telephone-events in the early dialog of a far end that has its own description in a 183."""
    with talk(tmp_path, answers_calls=True, answers_with="183 Session Progress") as pad:
        pad.quiet(150)
        pad.press("4", (EVENT,))
        pad.switch.execute(SendKey(pad.leg, "3", 100))
        pad.quiet(20)
        assert not [event for event in pad.events if isinstance(event, Answered) and event.leg == pad.leg]
        assert [event.key for event in pad.events if isinstance(event, Key) and event.leg == pad.leg] == ["4"]
        assert [key for key, _ in events_in(sent_to(pad.phone))] == [*PRESSED, "3"]
        assert tones_in(sent_to(pad.phone)) == []
