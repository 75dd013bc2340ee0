# SPDX-License-Identifier: GPL-2.0-or-later
"""Presence and place of the far end: phones that rightly send nothing stay, gone ones go; strays take nothing."""

import itertools
import re
import socket
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np
import pytest

from appliance.contract.switch import Answer, Cause, Clear, Cleared, Dial, Incoming
from tests.appliance.switch.test_sip_card import Runner, address, running
from tests.drivers.word_phone import WordPhone

SILENCE_S = 2.0
SILENT = bytes([0xD5]) * 160
SENDER_REPORT = struct.pack("!BBHIQIII", 0x80, 200, 6, 0x5EED, 0, 0, 0, 0)
PRIVATE = "192.168.77.5"


@dataclass
class OddPhone(WordPhone):
    """A phone whose description is altered, whose answers to requests a test chooses, and that may send RTCP."""

    description: tuple[str, str] = ("", "")
    says: str = "200 OK"
    reports: bool = False

    def sdp(self) -> str:
        return super().sdp().replace(*self.description) if self.description[0] else super().sdp()

    def _take(self, text: str) -> None:
        if text.startswith("OPTIONS") and self.answers_requests:
            kept = re.findall(r"^((?:Via|From|To|Call-ID|CSeq): [^\r]+)", text, re.MULTILINE)
            self.send("\r\n".join([f"SIP/2.0 {self.says}", *kept, "Content-Length: 0", "", ""]))
        else:
            super()._take(text)

    def asked(self) -> int:
        return sum(text.startswith("OPTIONS") for text in self.received)


@dataclass
class EdgePhone(OddPhone):
    """A phone with the edge in front of it, whose header names the source of the phone's messages."""

    source: str = ""

    def send(self, text: str) -> None:
        first, _, rest = text.partition("\r\n")
        said = f"X-MXBox-Source: {self.source}\r\n" if self.source else ""
        super().send(f"{first}\r\nX-MXBox-From: 1001\r\n{said}{rest}")


def call(box: Runner, phone: WordPhone) -> int:
    host, port = address(box.card).split(":")
    phone.call((host, int(port)), "95588")
    leg = box.wait(Incoming).leg
    box.card.execute(Answer(leg), box.now)
    turn(box, [phone], lambda: phone.answered)
    return leg


def turn(
    box: Runner, phones: Sequence[WordPhone], done: Callable[[], bool] | None = None, seconds: float = 10.0
) -> None:
    """Tick, phones answering; with `done`, until it is true."""
    for _ in range(round(seconds * 50)):
        if done and done():
            return
        for phone in phones:
            phone.poll()
        box.tick()
    assert done is None, box.events


@contextmanager
def odd_phones(*phones: WordPhone) -> Iterator[Runner]:
    with running(*(phone.line for phone in phones), calls=len(phones), silence_s=SILENCE_S) as box:
        yield box
    for phone in phones:
        phone.close()


def test_phones_that_rightly_send_nothing_stay_as_long_as_they_answer() -> None:
    phones = [
        OddPhone(),
        *(OddPhone(description=("a=ptime:20", f"a={direction}")) for direction in ("recvonly", "inactive", "sendonly")),
        OddPhone(description=("c=IN IP4 127.0.0.1", "c=IN IP4 0.0.0.0")),
        *(OddPhone(says=says) for says in ("405 Method Not Allowed", "500 Server Internal Error", "401 Who")),
        OddPhone(reports=True, answers_requests=False),
    ]
    with odd_phones(*phones) as box:
        for phone in phones:
            call(box, phone)
        for _ in range(10):
            for phone in phones:
                if phone.reports:
                    phone.rtp.sendto(SENDER_REPORT, (phone.far_rtp[0], phone.far_rtp[1] + 1))
            turn(box, phones, seconds=0.7)
        assert not [event for event in box.events if isinstance(event, Cleared)]
        assert all(phone.asked() >= 2 for phone in phones if not phone.reports)
        assert not phones[-1].asked(), "its reports are signs of life"


@pytest.mark.parametrize("says", ["nothing", "481 Call/Transaction Does Not Exist"])
def test_a_phone_that_is_gone_is_found_in_time(says: str) -> None:
    phone = OddPhone(answers_requests=says != "nothing", says=says)
    with odd_phones(phone) as box:
        leg = call(box, phone)
        for _ in range(100):
            phone.speak(phone.packet(SILENT))
            turn(box, [phone], seconds=0.02)
        silent = box.now
        turn(box, [phone], lambda: any(isinstance(event, Cleared) for event in box.events))
        assert box.wait(Cleared) == Cleared(leg, Cause.DESTINATION_OUT_OF_ORDER)
        assert 80 <= box.now - silent <= 160, "2 s of silence, looked at once a second"


def test_the_far_end_is_asked_in_its_dialog_and_the_dialog_goes_on() -> None:
    phone = OddPhone()
    with odd_phones(phone) as box:
        leg = call(box, phone)
        turn(box, [phone], lambda: phone.asked() == 2)
        box.card.execute(Clear(leg), box.now)
        turn(box, [phone], lambda: any(text.startswith("BYE") for text in phone.received))
        numbers = [int(re.search(r"^CSeq: (\d+) (?:OPTIONS|BYE)", text, re.MULTILINE)[1])  # type: ignore[index]
                   for text in phone.received if text.startswith(("OPTIONS", "BYE"))]  # fmt: skip
        assert numbers == list(range(numbers[0], numbers[0] + 3))


class Source:
    """A sender of RTP from an address of its own, with a count of the packets that it gets."""

    _ssrcs = itertools.count(1000)

    def __init__(self, host: str) -> None:
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.socket.setblocking(False)
        self.ssrc, self.seq, self.heard = next(self._ssrcs), 0, 0

    def speak(self, to: tuple[str, int], octet: int = 0xD5) -> None:
        header = struct.pack("!BBHII", 0x80, 8, self.seq, self.seq * 160, self.ssrc)
        self.socket.sendto(header + bytes([octet, octet ^ 0x80]) * 80, to)
        self.seq += 1

    def listen(self) -> int:
        with suppress(BlockingIOError):
            while self.socket.recv(2000):
                self.heard += 1
        return self.heard


@pytest.mark.parametrize("strays", [1, 30])
def test_behind_a_nat_a_stray_packet_takes_no_call(strays: int) -> None:
    phone, stray = OddPhone(description=("c=IN IP4 127.0.0.1", f"c=IN IP4 {PRIVATE}")), Source("127.0.0.66")
    with odd_phones(phone) as box:
        call(box, phone)
        for _ in range(strays):
            stray.speak(phone.far_rtp)
            box.tick()
        media = Source("127.0.0.1")  # the NAT's, on the host of signalling
        for _ in range(50):
            media.speak(phone.far_rtp)
            stray.speak(phone.far_rtp, 0x55)
            box.tick()
        assert media.listen() >= 43
        assert stray.listen() == 0
        said = np.concatenate([sound[0] for sound in box.heard[-10:]])
        assert np.abs(said).max() < 0.01, "the stranger was heard"


def test_a_phone_that_moves_is_heard_and_sent_to_at_its_new_place() -> None:
    """Its port with the stream going on; then another host with a stream of its own."""
    phone = OddPhone()
    with odd_phones(phone) as box:
        call(box, phone)
        for _ in range(50):
            phone.speak(phone.packet(SILENT))
            turn(box, [phone], seconds=0.02)
        port, host = Source("127.0.0.1"), Source("127.0.0.9")
        port.ssrc, port.seq = 0x5EED, phone.sequence
        for source, wait in ((port, 10), (host, 50)):
            for number in range(wait + 50):
                source.speak(phone.far_rtp)
                box.tick()
                if number == wait:
                    source.listen()
                    source.heard = 0
            assert source.listen() >= 45
        assert box.card.status()[0].counters["strange_rtp"] == 0


def test_a_port_of_rtp_is_not_used_again_at_once() -> None:
    """Calls in and out have one counter: a port of a call that ended just now, either way, rests."""
    caller, called = OddPhone(), OddPhone()
    with odd_phones(caller, called) as box:
        ports = []
        for number in range(1, 9, 2):
            caller.far_rtp = ("", 0)
            legs = (call(box, caller), number)
            called.received.clear()
            box.card.execute(Dial(number, called.line, "1002"), box.now)
            turn(box, [called], lambda: bool(called.received))
            ports += [caller.far_rtp[1], int(re.search(r"^m=audio (\d+)", called.received[0], re.MULTILINE)[1])]  # type: ignore[index]
            for leg in legs:
                box.card.execute(Clear(leg), box.now)
            turn(box, [caller, called], lambda: any(isinstance(event, Cleared) for event in box.events))
            box.events.clear()
        assert len(set(ports)) == 8


@pytest.mark.parametrize(("source", "stays"), [("127.0.0.77", True), ("", False)])
def test_with_an_edge_it_says_who_answered_and_where_from(source: str, stays: bool) -> None:
    """A message of the edge's own, in the place of a phone that is gone, is no sign of life."""
    phone = EdgePhone(source=source, description=("c=IN IP4 127.0.0.1", f"c=IN IP4 {PRIVATE}"))
    edge_port = phone.sip.getsockname()[1]
    with running("phone:1001", calls=1, silence_s=SILENCE_S, edge_port=edge_port) as box:
        call(box, phone)
        beside, media = Source("127.0.0.1"), Source(source or "127.0.0.2")
        for _ in range(30):
            beside.speak(phone.far_rtp)
            media.speak(phone.far_rtp)
            turn(box, [phone], seconds=0.02)
        assert (media.listen() > 20) == stays
        assert beside.listen() == 0, "the edge's host is not the phone's"
        turn(box, [phone], seconds=3.6)
        assert bool([event for event in box.events if isinstance(event, Cleared)]) != stays
    phone.close()
