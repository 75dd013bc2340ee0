# SPDX-License-Identifier: GPL-2.0-or-later
"""Length of our packets of sound: as the far end asks for, within reason (RFC 8866 6.4)."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from drivers.pjsip import open_endpoint
from drivers.sip import SipIncoming, SipOptions
from drivers.span import TICK_S
from hw_sim.baresip import free_port
from tests.drivers.sip_peers import Ticker
from tests.drivers.word_phone import WordPhone

HEADER = 12
TONE_HZ = 1000.0
PURE = 0.98


@dataclass
class Echo:
    """A talk with a phone that sends back its received sound, packet by packet."""

    phone: WordPhone
    ticker: Ticker
    row: int
    version: int = 1

    def run(self, seconds: float) -> list[int]:
        """Go on for a time; return the octets of sound in each packet that the phone got."""
        lengths = []
        for _ in range(round(seconds / TICK_S)):
            self.ticker.tick()
            self.phone.poll()
            for packet in self.phone.heard:
                self.phone.speak(packet)
            lengths += [len(each) - HEADER for each in self.phone.heard if each[1] & 127 == self.phone.payload_type]
            self.phone.heard.clear()
        return lengths

    def ask_for(self, asked: str) -> None:
        """Ask for another length in the talk (re-INVITE)."""
        self.version += 1
        body = described(self.phone, asked).replace("o=- 1 1 ", f"o=- 1 {self.version} ")
        self.phone.send(self.phone.request("INVITE", body=body, content="application/sdp"))
        before = len(self.phone.received)
        self.ticker.until(lambda: bool(self.phone.poll()) and "SIP/2.0 200" in "".join(self.phone.received[before:]))

    def purity(self, last_s: float) -> float:
        """Return the share of the tone in the returned sound."""
        sound = self.ticker.row(self.row, last_s)
        spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
        middle = round(TONE_HZ * last_s)
        return float(spectrum[middle - 3 : middle + 4].sum() / max(spectrum.sum(), 1.0))


def described(phone: WordPhone, asked: str) -> str:
    return phone.sdp().replace("a=ptime:20\r\n", asked)


@contextlib.contextmanager
def echo(phone: WordPhone, asked: str) -> Iterator[Echo]:
    first = min(free_port() & ~1, 60000)
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 40, calls=2, codecs=("PCMA", "G722", "OPUS"))
    with contextlib.closing(phone), open_endpoint(options, lambda *_: True) as endpoint:
        ticker = Ticker(endpoint, {0: TONE_HZ})
        host, _, port = endpoint.address.rpartition(":")
        phone.call((host, int(port)), "95588", body=described(phone, asked))
        came = ticker.wait(SipIncoming)
        endpoint.answer(came.call)
        ticker.until(lambda: bool(phone.poll()) and phone.answered)
        yield Echo(phone, ticker, came.row)


@pytest.mark.parametrize(
    ("asked", "sent_ms"),
    [
        ("", 20),
        ("a=ptime:10\r\n", 10),
        ("a=ptime:20\r\n", 20),
        ("a=ptime:25\r\n", 30),
        ("a=ptime:30\r\n", 30),
        ("a=ptime:40\r\na=maxptime:140\r\n", 40),
        ("a=ptime:60\r\n", 60),
        ("a=ptime:60\r\na=maxptime:30\r\n", 30),
        ("a=ptime:200\r\n", 60),
        ("a=ptime:2560\r\n", 20),
        ("a=ptime:99999999999\r\n", 20),
        ("a=ptime:0\r\n", 20),
        ("a=ptime:x\r\n", 20),
        ("a=ptime:-20\r\n", 20),
        ("a=maxptime:0\r\n", 20),
        ("a=maxptime:5\r\n", 10),
    ],
)
def test_packets_are_as_long_as_the_far_end_asks_for(asked: str, sent_ms: int) -> None:
    with echo(WordPhone(), asked) as talk:
        lengths = talk.run(0.5)
        assert set(lengths) == {sent_ms * 8}
        assert 300 < len(lengths) * sent_ms < 700, "as much as was said"
        assert talk.purity(0.3) > PURE


KINDS = [(8, "PCMA/8000", 8), (9, "G722/8000", 8), (96, "opus/48000/2", 0)]
"""Payload type, name, octets a millisecond (0: they vary)."""


@pytest.mark.parametrize(("number", "name", "octets"), KINDS, ids=["PCMA", "G722", "Opus"])
def test_the_length_may_change_in_a_talk_and_nothing_of_the_sound_is_lost(number: int, name: str, octets: int) -> None:
    with echo(WordPhone(payload_type=number, rtpmap=name), "a=ptime:20\r\n") as talk:
        for asked_ms in (60, 10, 30, 40):
            talk.ask_for(f"a=ptime:{asked_ms}\r\n")
            talk.run(0.3)  # what was under way before
            lengths = talk.run(0.6)
            sent_ms = asked_ms if octets else 20
            assert 440 < len(lengths) * sent_ms < 760, "as much as was said"
            assert not octets or set(lengths) == {sent_ms * octets}
            assert talk.purity(0.4) > PURE, asked_ms
