# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys end to end: a phone presses them by telephone-events, by INFO, in its sound, in any of these together; the
switch, with its detectors, tells each once."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from appliance.config.model import ExtensionConfig, SipConfig
from appliance.messages import Answer, AnyEvent, Confirm, Incoming, Key
from appliance.switch.core import Switch
from appliance.switch.disk import InlineDisk
from appliance.switch.journal import Journal
from appliance.switch.recorders import Recorders
from appliance.switch.sip_card import SipCard
from appliance.ticks import MS_PER_TICK
from drivers.span import TICK_SAMPLES
from dsp.g711 import alaw_encode
from dsp.keypad import dtmf_samples
from hw_sim.bad_network import BadNetwork, NetworkPlan
from hw_sim.baresip import free_port
from tests.drivers.word_phone import WordPhone

EVENT, INFO, SOUND = "event", "info", "sound"
ON, OFF, LAST_PACKETS = 5, 5, 3
"""Ticks of a press and of a pause; a press's end is told three times (RFC 4733 2.5.1.4)."""
SILENCE = np.zeros(TICK_SAMPLES, np.float32)
NUMBER = "112*#0099D"


class NoSounds:
    """No prompts: nobody plays any."""

    samples = np.zeros(160, np.int16)

    def find(self, sound: str) -> None:
        del sound


class Keypad:
    """A phone in a call with the switch, in box time."""

    def __init__(self, switch: Switch, card: SipCard, phone: WordPhone, plan: NetworkPlan) -> None:
        self.switch, self.card, self.phone = switch, card, phone
        self.network = BadNetwork[bytes](plan, seed=2)
        self.events: list[AnyEvent] = []
        switch.attach(Confirm(0))

    def call(self) -> None:
        host, port = self.card.status()[0].detail.split()[2].rstrip(",").split(":")
        self.phone.call((host, int(port)), "95588")
        deadline = time.monotonic() + 10
        while not self.phone.answered:
            assert time.monotonic() < deadline, self.phone.received
            self.tick()
            for event in [each for each in self.events if isinstance(each, Incoming)]:
                self.switch.execute(Answer(event.leg))
                self.events.clear()
            time.sleep(0.001)
        self.tick()

    def tick(self) -> None:
        for packet in self.network.arrived(self.switch.now * MS_PER_TICK):
            self.phone.speak(packet)
        self.events += [envelope.event for envelope in self.switch.tick()]
        self.phone.poll()

    def send(self, packet: bytes) -> None:
        self.network.send(packet, self.switch.now * MS_PER_TICK)

    def press(self, key: str, ways: tuple[str, ...], info_kind: str = "application/dtmf-relay") -> None:
        """Press a key for 100 ms; every way begins when the press does, INFO comes when it ends."""
        sound = dtmf_samples(key, on_ms=ON * MS_PER_TICK, off_ms=0) if SOUND in ways else np.tile(SILENCE, ON)
        began = self.phone.timestamp
        for n in range(ON + OFF):
            block = sound[n * TICK_SAMPLES :][:TICK_SAMPLES] if n < ON else SILENCE
            if EVENT in ways and n < ON:
                self._event(key, began, (n + 1) * TICK_SAMPLES, mark=n == 0)
            if EVENT in ways and ON <= n < ON + LAST_PACKETS:
                self._event(key, began, ON * TICK_SAMPLES, end=True)
            self.send(self.phone.packet(alaw_encode(block).tobytes()))
            if INFO in ways and n == ON:
                relay = info_kind.endswith("relay")
                body = f"Signal={key}\r\nDuration={ON * MS_PER_TICK}\r\n" if relay else key
                self.phone.send(self.phone.request("INFO", body=body, content=info_kind))
            self.tick()

    def _event(self, key: str, began: int, duration: int, *, end: bool = False, mark: bool = False) -> None:
        now, self.phone.timestamp = self.phone.timestamp, began
        self.send(self.phone.event(key, duration, end=end, mark=mark))
        self.phone.timestamp = now

    def quiet(self, ticks: int) -> None:
        for _ in range(ticks):
            self.send(self.phone.packet(alaw_encode(SILENCE).tobytes()))
            self.tick()

    @property
    def keys(self) -> str:
        return "".join(event.key for event in self.events if isinstance(event, Key))


@contextmanager
def keypad(folder: Path, plan: NetworkPlan = NetworkPlan(), *, events: bool = True) -> Iterator[Keypad]:  # noqa: B008
    phone = WordPhone(events=events)
    first = min(free_port() & ~1, 60000)
    config = SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 40, calls=1)
    journal = Journal(None)
    card = SipCard(config, [ExtensionConfig(number="1001", line=phone.line)], journal.new_leg)
    switch = Switch([card], NoSounds(), partial(Recorders, disk=InlineDisk(folder)), journal)
    try:
        pad = Keypad(switch, card, phone, plan)
        pad.call()
        yield pad
    finally:
        switch.close()
        phone.close()


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


def test_a_phone_that_promised_events_is_not_listened_to(tmp_path: Path) -> None:
    """What sounds like a key there is speech: its own keys come as events."""
    with keypad(tmp_path) as pad:
        for key in NUMBER:
            pad.press(key, (SOUND,))
        pad.quiet(15)
        assert pad.keys == ""


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
    """A press is told by eight packets, three of its end: 20 presses, none lost, none doubled."""
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
