# SPDX-License-Identifier: GPL-2.0-or-later
"""How much sound a packet of ours carries: as much as the far end asks for, within reason (RFC 8866 6.4)."""

import contextlib

import numpy as np
import pytest

from drivers.pjsip import open_endpoint
from drivers.sip import SipIncoming, SipOptions
from dsp.g711 import alaw_decode
from hw_sim.baresip import free_port
from tests.drivers.sip_peers import Ticker, strongest_hz
from tests.drivers.word_phone import WordPhone

HEADER = 12
TONE_HZ = 1000.0


@pytest.mark.parametrize(
    ("asked", "sent_ms"),
    [
        ("", 20),
        ("a=ptime:10\r\n", 10),
        ("a=ptime:20\r\n", 20),
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
    first = min(free_port() & ~1, 60000)
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 40, calls=2)
    phone = WordPhone()
    with contextlib.closing(phone), open_endpoint(options, lambda *_: True) as endpoint:
        ticker = Ticker(endpoint, {0: TONE_HZ})
        host, _, port = endpoint.address.rpartition(":")
        phone.call((host, int(port)), "95588", body=phone.sdp().replace("a=ptime:20\r\n", asked))
        endpoint.answer(ticker.wait(SipIncoming).call)
        ticker.until(lambda: bool(phone.poll()) and phone.answered)
        ticker.run(0.8)
        phone.poll()
        sound = [packet[HEADER:] for packet in phone.heard if packet[1] & 127 == phone.payload_type]
        assert {len(octets) for octets in sound} == {sent_ms * 8}
        assert 600 < len(sound) * sent_ms < 1000, "as much as was said"
        heard = alaw_decode(np.frombuffer(b"".join(sound[5:]), np.uint8)).astype(np.float64) * 32768
        assert strongest_hz(heard) == pytest.approx(TONE_HZ, abs=4)
