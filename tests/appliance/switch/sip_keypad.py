# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone that presses keys in any way, in a call with the switch: what the box hears, and what it is sent."""

import re
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from appliance.config.model import ExtensionConfig, SendKeys, SipConfig
from appliance.contract.switch import Answer, Answered, AnyEvent, Confirm, Dial, Incoming, Key
from appliance.contract.ticks import MS_PER_TICK
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.sip.card import SipCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.recorders import Recorders
from drivers.span import TICK_SAMPLES
from dsp.dtmf import DtmfDetector, KeyEnd
from dsp.g711 import alaw_decode, alaw_encode
from dsp.keypad import dtmf_samples
from hw_sim.bad_network import BadNetwork, NetworkPlan
from hw_sim.baresip import free_port
from tests.drivers.word_phone import WordPhone

EVENT, INFO, SOUND = "event", "info", "sound"
ON, OFF, LAST_PACKETS = 5, 5, 3
"""Ticks of a press and of a pause; a press's end is sent three times (RFC 4733 2.5.1.4)."""
SILENCE = np.zeros(TICK_SAMPLES, np.float32)
NUMBER = "112*#0099D"


class NoSounds:
    """No prompts: none are played."""

    samples = np.zeros(160, np.int16)

    def find(self, sound: str) -> None:
        del sound


class Keypad:
    """A phone in a call with the switch, in box time."""

    def __init__(self, switch: Switch, card: SipCard, phone: WordPhone, plan: NetworkPlan) -> None:
        self.switch, self.card, self.phone = switch, card, phone
        self.network = BadNetwork[bytes](plan, seed=2)
        self.events: list[AnyEvent] = []
        self.leg = 1
        self.said = np.zeros((0, switch.rows, TICK_SAMPLES), np.float32)
        """The phone's sound in the fabric, the last two seconds."""
        switch.attach(Confirm(0))

    def call(self) -> None:
        host, port = self.card.status()[0].values["address"].split(":")
        self.phone.call((host, int(port)), "95588")
        deadline = time.monotonic() + 10
        while not self.phone.answered:
            assert time.monotonic() < deadline, self.phone.received
            assert self.phone.status() < 300, self.phone.received
            self.tick()
            for event in [each for each in self.events if isinstance(each, Incoming)]:
                self.leg = event.leg
                self.switch.execute(Answer(event.leg))
                self.events.clear()
            time.sleep(0.001)
        self.tick()

    def be_called(self) -> None:
        self.switch.execute(Dial(self.leg, self.phone.line, "1001"))
        deadline = time.monotonic() + 10
        while not any(isinstance(event, Answered) for event in self.events):
            assert time.monotonic() < deadline, self.phone.received
            self.tick()
            time.sleep(0.001)
        self.tick()

    def tick(self) -> None:
        for packet in self.network.arrived(self.switch.now * MS_PER_TICK):
            self.phone.speak(packet)
        self.events += [envelope.event for envelope in self.switch.tick()]
        self.phone.poll()
        self.said = np.concatenate((self.said[-100:], self.switch._sound.said[np.newaxis]))

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
def keypad(
    folder: Path,
    plan: NetworkPlan = NetworkPlan(),  # noqa: B008 - frozen
    *,
    called: bool = False,
    send_keys: SendKeys = "auto",
    srtp: Literal["accept", "offer"] = "accept",
    **phone_is: Any,
) -> Iterator[Keypad]:
    """A phone in a call that it made, or with `called` in one that the box made."""
    phone = WordPhone(answers_calls=called, **phone_is)
    first = min(free_port() & ~1, 60000)
    config = SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 40, calls=1, srtp=srtp)
    journal = Journal(None)
    extension = ExtensionConfig(number="1001", line=phone.line, send_keys=send_keys)
    card = SipCard(config, [extension], journal.new_leg)
    switch = Switch([card], NoSounds(), partial(Recorders, disk=InlineDisk(folder)), journal)
    try:
        pad = Keypad(switch, card, phone, plan)
        pad.be_called() if called else pad.call()
        yield pad
    finally:
        switch.close()
        phone.close()


class Packet(NamedTuple):
    """An RTP packet as it came to the phone."""

    marked: bool
    kind: int
    sequence: int
    timestamp: int
    payload: bytes


def sent_to(phone: WordPhone) -> list[Packet]:
    packets = []
    for octets in phone.heard:
        _, kind, sequence, timestamp, _ = struct.unpack("!BBHII", octets[:12])
        packets.append(Packet(kind > 127, kind & 127, sequence, timestamp, octets[12:]))
    return packets


def tones_in(packets: list[Packet], payload_type: int = 8) -> list[KeyEnd]:
    detector, found = DtmfDetector(1), []
    for packet in packets:
        if packet.kind == payload_type:
            found += detector.feed(alaw_decode(np.frombuffer(packet.payload, np.uint8))[np.newaxis])
    return [event for event in found if isinstance(event, KeyEnd)]


def info_keys(phone: WordPhone) -> list[tuple[str, str]]:
    infos = [text for text in phone.received if text.startswith("INFO ")]
    assert all("Content-Type: application/dtmf-relay" in text for text in infos)
    found = [re.search(r"Signal=(\S+)\r\nDuration=(\d+)", text) for text in infos]
    return [(match[1], match[2]) for match in found if match]
