# SPDX-License-Identifier: GPL-2.0-or-later
"""Two desk phones that are not ours talk through the switch, each in its own codec, encrypted or not: sentences are
found again at the other side, both ways."""

import contextlib
import time
import wave
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from scipy.signal import resample_poly  # type: ignore[attr-defined]

from appliance.config.model import ExtensionConfig, SipConfig
from appliance.contract.switch import (
    Answer,
    Answered,
    AnyEvent,
    Clear,
    Cleared,
    Confirm,
    Dial,
    Event,
    Gain,
    Incoming,
    Mix,
)
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.sip.card import SipCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.recorders import Recorders
from drivers.span import TICK_S
from dsp.correlate import find_pieces
from dsp.levels import Float
from hw_sim.baresip import BaresipPhone, PhoneOptions, free_port
from tests.appliance.switch.sip_keypad import NoSounds
from tests.appliance.switch.test_sip_card import address
from tests.drivers.sip_peers import read_wav
from tests.scenarios.house import prompts

E = TypeVar("E", bound=Event)
RATES = {"PCMA": (8000, 1), "PCMU": (8000, 1), "G722": (16000, 1), "opus": (48000, 2)}
LEAD_S, SENTENCE_S = 1.2, 3.0
PIECE = 4000
"""Samples looked for by themselves: a stall of this machine moves all sound after it."""
Phone = tuple[str, bool]
"""Its codec, and whether it wants nothing but SRTP."""


def write(path: Path, sentence: Float, codec: str) -> Path:
    """A sentence as the phone reads it: at its codec's rate."""
    rate, channels = RATES[codec]
    lead = np.zeros(round(LEAD_S * 8000), np.float32)
    sound = resample_poly(np.concatenate((lead, sentence, np.zeros(16000, np.float32))), rate, 8000)
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(np.repeat((sound * 32000).astype("<i2"), channels).tobytes())
    return path


class Bridge:
    """A switch in real time that connects phones, two and two."""

    def __init__(self, folder: Path, pairs: list[tuple[BaresipPhone, BaresipPhone]]) -> None:
        first, phones = min(free_port() & ~1, 60000), list(chain(*pairs))
        config = SipConfig(port=free_port(), rtp_first=first, rtp_last=first + 98, calls=len(phones), srtp="accept")
        journal = Journal(None)
        extensions = [ExtensionConfig(number=phone.options.number, line=phone.line) for phone in phones]
        self.card = SipCard(config, extensions, journal.new_leg)
        self.switch = Switch([self.card], NoSounds(), partial(Recorders, disk=InlineDisk(folder)), journal)
        self.switch.attach(Confirm(0))
        self.events: list[AnyEvent] = []
        self._next = time.monotonic()
        self._pairs = pairs
        self.legs: list[tuple[int, int]] = []

    def connect(self) -> None:
        """The first of each pair is called, also if it takes nothing but SRTP; the second calls."""
        for number, (called, caller) in enumerate(self._pairs):
            leg = 2 * number + 1
            self.switch.execute(Dial(leg, called.line, called.options.number))
            self.wait(Answered)
            caller.command("dial", f"sip:95588@{address(self.card)}")
            came = self.wait(Incoming)
            self.switch.execute(Answer(came.leg))
            self.legs.append((leg, came.leg))
            self.switch.execute(Mix((Gain(leg, came.leg), Gain(came.leg, leg))))

    def tick(self) -> None:
        self.events += [envelope.event for envelope in self.switch.tick()]
        self._next += TICK_S
        time.sleep(max(0.0, self._next - time.monotonic()))

    def wait(self, kind: type[E], seconds: float = 10.0) -> E:
        for _ in range(round(seconds / TICK_S)):
            for event in self.events:
                if isinstance(event, kind):
                    self.events.remove(event)
                    return event
            self.tick()
        raise AssertionError(f"did not happen: {self.events}")

    def talk(self) -> None:
        for _ in range(round((LEAD_S + SENTENCE_S + 1) / TICK_S)):
            self.tick()
        for leg in chain(*self.legs):
            self.switch.execute(Clear(leg))
            self.wait(Cleared)
        for _ in range(10):
            self.tick()  # the phones answer


@dataclass
class Heard:
    """The sound meant for a phone, its recording of it, and the messages of its call."""

    phone: BaresipPhone
    other_said: Float
    texts: list[str]

    def found(self) -> None:
        """It is the other's sentence, in this phone's codec, encrypted as it wants it."""
        options = self.phone.options
        rate, _channels = RATES[options.codec]
        heard = resample_poly(read_wav(self.phone.heard()[0]) / 32768, 8000, rate).astype(np.float32)
        pieces = find_pieces(self.other_said, heard, PIECE)
        print(options.codec, options.encrypts, pieces)
        alike = [piece for piece in pieces if piece.score > 0.7]
        assert len(alike) > len(pieces) / 2
        assert abs(np.median([piece.gain_db for piece in alike])) < 3  # one that a busy machine cut short is quieter
        answer = next(text for text in self.texts if text.startswith("SIP/2.0 200") and "m=audio" in text)
        assert ("RTP/SAVP" in answer) == options.encrypts
        assert options.codec.lower() in answer.lower() or options.codec in ("PCMA", "PCMU")


PAIRS: list[tuple[Phone, Phone]] = [
    (("G722", False), ("opus", False)),
    (("PCMA", True), ("opus", True)),
    (("G722", True), ("PCMU", False)),
]


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[Phone, Phone], tuple[Heard, Heard]]:
    """All pairs talk at once."""
    folder = tmp_path_factory.mktemp("codecs")
    sentences = [sound[: round(SENTENCE_S * 8000)] for sound in prompts("en", ["welcome", "menu-hotline"]).values()]
    phones = []
    for number, (codec, encrypts) in enumerate(chain(*PAIRS)):
        name = str(1001 + number)
        says = write(folder / f"{name}.wav", sentences[number % 2], codec)
        phones.append(BaresipPhone(folder / name, PhoneOptions(name, says=says, codec=codec, encrypts=encrypts)))
    with contextlib.ExitStack() as stack:
        for phone in phones:
            stack.enter_context(phone)
        bridge = Bridge(folder, list(zip(phones[::2], phones[1::2], strict=True)))
        stack.callback(bridge.switch.close)
        bridge.connect()
        bridge.talk()
        texts = [[each.text for each in bridge.card.trace(leg)] for leg in chain(*bridge.legs)]
    heard = [Heard(*each) for each in zip(phones, sentences[::-1] * len(PAIRS), texts, strict=True)]
    return dict(zip(PAIRS, zip(heard[::2], heard[1::2], strict=True), strict=True))


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_sentence_is_found_again_both_ways(
    talks: dict[tuple[Phone, Phone], tuple[Heard, Heard]], pair: tuple[Phone, Phone]
) -> None:
    for heard in talks[pair]:
        heard.found()
