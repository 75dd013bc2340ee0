# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets that are believed: the far end's, wherever it is and moves, and no stranger's."""

import itertools
import struct
from typing import Any

import pytest
from drivers._pjmedia import ffi, lib

PHONE, OTHER_PORT = ("10.0.0.9", 4000), ("10.0.0.9", 4500)
PUBLIC, PUBLIC_TOO = ("192.0.2.7", 31000), ("192.0.2.7", 31002)
STRANGER, STRANGER_TOO = ("198.51.100.66", 5000), ("198.51.100.67", 5000)
Address = tuple[str, int]


def place(address: Address) -> Any:
    made = ffi.new("mx_place *", {"octets": 4, "port": address[1]})
    made.host[0:4] = [int(octet) for octet in address[0].split(".")]
    return made


class Port:
    """A port of RTP as it is after an offer and its answer. Time goes on with `stream`, a packet each tick."""

    def __init__(self, agreed: Address = PHONE, signalling: str = "10.0.0.9", *, behind_nat: bool = True) -> None:
        self.sources = ffi.new("mx_sources *")
        self.signalling = place((signalling, 5060))
        self.behind_nat = behind_nat
        self.agree(agreed)

    def agree(self, address: Address) -> None:
        lib.mx_sources_agree(self.sources, place(address), self.behind_nat)

    def take(self, source: Address, packet: bytes) -> bool:
        taken = lib.mx_sources_take(self.sources, place(source), self.signalling, packet, len(packet))
        if taken:
            lib.mx_sources_follow(self.sources, place(source))
        return bool(taken)

    def report(self, source: Address) -> bool:
        return bool(lib.mx_sources_report(self.sources, place(source), self.signalling))

    def stream(self, *streams: "Stream", packets: int = 1) -> list[int]:
        """All streams send `packets` each, side by side; how many of each were taken."""
        taken = [0] * len(streams)
        for _ in range(packets):
            self.sources.now += 1
            for number, stream in enumerate(streams):
                taken[number] += self.take(stream.source, stream.packet())
        return taken

    def silence(self, ticks: int) -> None:
        self.sources.now += ticks

    @property
    def sends_to(self) -> Address:
        sending = self.sources.sending
        return ".".join(map(str, sending.host[0:4])), int(sending.port)

    @property
    def strange(self) -> int:
        return int(self.sources.strange)


class Stream:
    """Packets of one source."""

    _ssrcs = itertools.count(77)

    def __init__(self, source: Address, seq: int = 65530, ssrc: int = 0) -> None:
        self.source, self.seq, self.ssrc = source, seq, ssrc or next(self._ssrcs)

    def packet(self) -> bytes:
        self.seq += 1
        return struct.pack("!BBHII", 0x80, 8, self.seq & 0xFFFF, self.seq * 160 & 0xFFFFFFFF, self.ssrc) + bytes(160)

    def moved_to(self, source: Address) -> "Stream":
        return Stream(source, self.seq, self.ssrc)


def test_the_address_agreed_on_is_taken_from_its_first_packet() -> None:
    port = Port()
    assert port.stream(Stream(PHONE), Stream(STRANGER), packets=100) == [100, 0]
    assert (port.sends_to, port.strange) == (PHONE, 100)


@pytest.mark.parametrize("agreed", [PHONE, ("192.168.1.5", 4000)], ids=["heard openly", "behind a NAT"])
@pytest.mark.parametrize("source", [STRANGER, PUBLIC_TOO, ("10.0.0.9", 4500)], ids=str)
@pytest.mark.parametrize("packets", [1, 2, 4])
def test_some_stray_packets_take_no_call(agreed: Address, source: Address, packets: int) -> None:
    port = Port(agreed, "192.0.2.7")
    assert port.stream(Stream(source), packets=packets) == [0]
    assert port.sends_to == agreed
    phone = Stream(PUBLIC)
    assert port.stream(phone, packets=50)[0] >= 45
    assert port.sends_to == PUBLIC


def test_what_a_neighbour_still_sends_after_its_call_takes_no_call() -> None:
    """0.3 s of it, to a phone that listens before it speaks."""
    port = Port()
    assert port.stream(Stream(OTHER_PORT), packets=15) == [0]
    assert port.sends_to == PHONE


def test_what_comes_now_and_then_never_passes_the_probation() -> None:
    port = Port(signalling="192.0.2.7")
    stray = Stream(STRANGER)
    for _ in range(200):
        assert port.stream(stray) == [0]
        port.silence(30)
    leaping = Stream(STRANGER_TOO)
    for _ in range(200):
        leaping.seq += 100
        assert port.stream(leaping) == [0]
    assert port.strange == 400


def test_nothing_but_rtp_makes_a_source() -> None:
    port = Port(("192.168.1.5", 4000), "192.0.2.7")
    sip, stun, report = b"OPTIONS sip:box SIP/2.0\r\n\r\n", b"\0\1\0\0" + bytes(16), b"\x80\xc8\0\6" + bytes(24)
    for packet in (b"\r\n\r\n", b"", sip, stun, report) * 50:
        port.sources.now += 1
        assert not port.take(PUBLIC, packet)
    assert port.sends_to == ("192.168.1.5", 4000)


def test_behind_a_nat_the_host_of_signalling_is_found_and_sent_to() -> None:
    port = Port(("192.168.1.5", 4000), "192.0.2.7")
    assert port.stream(Stream(PUBLIC), packets=20) == [16]
    assert (port.sends_to, port.strange) == (PUBLIC, 0), "the packets of its probation are no stranger's"


@pytest.mark.parametrize("first", [5, 45, 500])
def test_a_stranger_that_comes_first_and_goes_on_loses_to_the_host_of_signalling(first: int) -> None:
    port = Port(("192.168.1.5", 4000), "192.0.2.7")
    stranger, phone = Stream(STRANGER), Stream(PUBLIC)
    port.stream(stranger, packets=first)
    assert port.stream(stranger, phone, packets=100)[1] >= 95
    assert port.sends_to == PUBLIC
    assert port.stream(stranger, phone, packets=100) == [0, 100]


def test_many_strangers_do_not_keep_the_phone_away() -> None:
    port = Port(("192.168.1.5", 4000), "192.0.2.7")
    crowd = [Stream((f"198.51.100.{n}", 4000 + n)) for n in range(40)]
    assert port.stream(*crowd, Stream(PUBLIC), packets=50)[-1] == 46
    assert port.sends_to == PUBLIC


def test_a_source_that_is_heard_is_not_left_for_a_stranger() -> None:
    """Not for one of its own host with another stream, nor for one elsewhere, as long as it sends now and then."""
    for rival in (Stream(OTHER_PORT), Stream(STRANGER)):
        port, phone = Port(), Stream(PHONE)
        port.stream(phone, packets=10)
        for _ in range(20):
            assert port.stream(rival, packets=20) == [0]
            assert port.stream(phone) == [1]
        assert port.sends_to == PHONE


def test_reports_keep_a_source_that_sends_no_sound() -> None:
    port, rival = Port(), Stream(STRANGER)
    port.stream(Stream(PHONE), packets=10)
    for _ in range(20):
        assert port.stream(rival, packets=30) == [0]
        assert port.report((PHONE[0], PHONE[1] + 1))
    assert not port.report(STRANGER)


def test_a_phone_that_moves_its_port_is_followed() -> None:
    port, phone = Port(), Stream(PHONE)
    port.stream(phone, packets=100)
    assert port.stream(phone.moved_to(OTHER_PORT), packets=50)[0] >= 45
    assert port.sends_to == OTHER_PORT


@pytest.mark.parametrize("ssrc", ["the same", "a new one"])
@pytest.mark.parametrize("to", [OTHER_PORT, PUBLIC, STRANGER], ids=["port", "host of signalling", "another host"])
def test_a_phone_that_moves_is_followed_when_its_old_place_is_silent(to: Address, ssrc: str) -> None:
    port, phone = Port(signalling="192.0.2.7"), Stream(PHONE)
    port.stream(phone, packets=100)
    moved = phone.moved_to(to) if ssrc == "the same" else Stream(to)
    assert port.stream(moved, packets=100)[0] >= 55
    assert port.sends_to == to
    assert port.stream(phone) == [1], "it came back"
    assert port.sends_to == PHONE


def test_not_behind_a_nat_nobody_on_another_host_is_believed() -> None:
    port = Port(behind_nat=False)
    assert port.stream(Stream(STRANGER), Stream(PUBLIC), packets=200) == [0, 0]
    assert port.stream(Stream(OTHER_PORT), packets=50)[0] >= 30


def test_what_was_heard_stays_when_the_same_is_agreed_on_again_and_goes_with_another_address() -> None:
    port, phone = Port(("192.168.1.5", 4000), "192.0.2.7"), Stream(PUBLIC)
    port.stream(phone, packets=20)
    port.agree(("192.168.1.5", 4000))
    assert port.stream(phone, packets=5) == [5]
    assert port.sends_to == PUBLIC
    port.agree(("192.168.1.5", 4002))
    assert port.stream(phone) == [0]
    assert port.sends_to == ("192.168.1.5", 4002)


def test_loss_and_overtaking_do_not_end_a_probation() -> None:
    port, phone = Port(("192.168.1.5", 4000), "192.0.2.7"), Stream(PUBLIC)
    sent = [phone.packet() for _ in range(20)]
    del sent[1::4]
    sent[2], sent[3] = sent[3], sent[2]
    assert sum(port.take(PUBLIC, packet) for packet in sent) >= 8
