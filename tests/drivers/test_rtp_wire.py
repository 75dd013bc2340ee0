# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets of calls are taken from their sockets and put there, once a tick, past PJSIP's queue of sockets."""

import contextlib
import re
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.pjsip import open_endpoint
from drivers.sip import SipIncoming, SipOptions
from hw_sim.baresip import free_port
from tests.drivers.sip_peers import Ticker
from tests.drivers.word_phone import WordPhone

EPOLLIN = 1
SENDER_REPORT = 200
TICKS_OF_A_REPORT = 300
"""More than PJMEDIA lets pass between two of its reports (5 s and some)."""


@dataclass
class Talk:
    """An answered call from a phone."""

    phone: WordPhone
    ticker: Ticker
    row: int

    def receive(self) -> int:
        """Take what came, as at the beginning of a tick; return the signs of life that were in it."""
        media = self.ticker.endpoint.media
        before = int(media.alive()[self.row])
        self.ticker.endpoint.poll()
        return int(media.alive()[self.row]) - before

    def say(self, packets: int) -> None:
        for _ in range(packets):
            self.phone.speak(self.phone.packet(bytes(160)))

    def report(self, socket_: socket.socket) -> None:
        """Send a receiver report (RFC 3550 6.4.2) without a block."""
        host, port = self.phone.far_rtp
        socket_.sendto(struct.pack("!BBHI", 0x80, 201, 1, 0x5EED), (host, port + 1))
        self.receive()

    def reports_to(self, *sockets: socket.socket) -> list[bool]:
        """Let time pass, faster than it does; return to which of them reports came."""
        media, silence = self.ticker.endpoint.media, self.ticker._out
        for _ in range(TICKS_OF_A_REPORT):
            self.say(1)
            self.ticker.endpoint.poll()
            media.get(self.ticker._in)
            media.put(silence)
            self.phone.poll()
        return [any(each[1] == SENDER_REPORT for each in received(socket_)) for socket_ in sockets]


def received(socket_: socket.socket) -> list[bytes]:
    packets = []
    with contextlib.suppress(BlockingIOError):
        while True:
            packets.append(socket_.recv(2048))
    return packets


def opened(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    made = socket.socket(type=socket.SOCK_DGRAM)
    made.bind((host, port))
    made.setblocking(False)
    return made


@contextlib.contextmanager
def talk(phone: WordPhone) -> Iterator[Talk]:
    first = min(free_port() & ~1, 60000)
    options = SipOptions(port=0, rtp_first=first, rtp_last=first + 40, calls=2, codecs=("PCMA",))
    with contextlib.closing(phone), open_endpoint(options, lambda *_: True) as endpoint:
        ticker = Ticker(endpoint)
        host, _, port = endpoint.address.rpartition(":")
        phone.call((host, int(port)), "95588")
        came = ticker.wait(SipIncoming)
        endpoint.answer(came.call)
        ticker.until(lambda: bool(phone.poll()) and phone.answered)
        yield Talk(phone, ticker, came.row)


def port_of(phone: WordPhone) -> int:
    """Where the phone takes reports: the port after its RTP's."""
    return int(phone.rtp.getsockname()[1]) + 1


def test_a_tick_takes_all_that_came_and_ends_in_a_flood() -> None:
    with talk(WordPhone()) as call:
        call.say(40)
        assert call.receive() == 40
        call.say(150)
        assert [call.receive() for _ in range(4)] == [64, 64, 22, 0]


def test_one_look_tells_of_all_sockets_of_sound_and_reports_apart_from_signalling() -> None:
    """PJSIP's queue of sockets changes for each packet what the system waits for: it has those of signalling only."""
    with talk(WordPhone()) as call:
        call.ticker.run(0.1)
        ours = [socket_at(call.phone.far_rtp[1] + beside) for beside in (0, 1)]
        looks = [look for look in waited_for() if set(look) & set(ours)]
        assert [sorted(look) for look in looks] == [sorted(ours)]
        assert len(waited_for()) > 1, "the socket of SIP is waited for"


def test_packets_that_the_look_tells_of_are_taken_in_the_same_tick() -> None:
    with talk(WordPhone()) as call:
        for packets in (1, 2, 5, 1, 0, 3):
            call.say(packets)
            assert call.receive() == packets


def socket_at(port: int) -> str:
    """Return the UDP socket at a port, as links of /proc/self/fd show it."""
    lines = Path("/proc/self/net/udp").read_text().splitlines()[1:]
    (inode,) = [line.split()[9] for line in lines if int(line.split()[1].partition(":")[2], 16) == port]
    return f"socket:[{inode}]"


def waited_for() -> list[list[str]]:
    """Return what each epoll waits for to be read, as links of /proc/self/fd (proc(5), fdinfo)."""
    found: list[list[str]] = []
    for info in Path("/proc/self/fdinfo").iterdir():
        with contextlib.suppress(OSError):
            asked = re.findall(r"^tfd:\s+(\d+) events:\s+([0-9a-f]+)", info.read_text(), re.MULTILINE)
            read = [number for number, mask in asked if int(mask, 16) & EPOLLIN]
            found += [[str(Path(f"/proc/self/fd/{number}").readlink()) for number in read]] if read else []
    return found


def test_our_reports_go_to_the_port_after_that_of_the_sound() -> None:
    with talk(WordPhone()) as call, contextlib.closing(opened(port=port_of(call.phone))) as beside:
        assert call.reports_to(beside) == [True]


def test_reports_go_where_three_of_the_far_end_came_from_and_no_strangers() -> None:
    with (
        talk(WordPhone()) as call,
        contextlib.closing(opened(port=port_of(call.phone))) as beside,
        contextlib.closing(opened()) as elsewhere,
        contextlib.closing(opened("127.0.0.9")) as stranger,
    ):
        for _ in range(5):
            call.report(stranger)
        call.report(elsewhere)
        call.report(elsewhere)
        assert call.reports_to(beside, elsewhere, stranger) == [True, False, False]
        call.report(elsewhere)
        assert call.reports_to(beside, elsewhere, stranger) == [False, True, False]


@pytest.mark.parametrize("size", [0, 1, 11, 12, 2000, 9000])
def test_packets_of_any_size_are_borne(size: int) -> None:
    with talk(WordPhone()) as call:
        call.phone.speak(bytes([0x80, 8]) + bytes(max(0, size - 2)) if size > 1 else bytes(size))
        call.receive()
        call.say(3)
        assert call.receive() == 3
