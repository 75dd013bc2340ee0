# SPDX-License-Identifier: GPL-2.0-or-later
"""Octets that are no frame or no message never raise out of a link, and real calls go on beside them."""

import random
from collections.abc import Callable

import pytest

from drivers.pri import PriLink
from drivers.pri_events import Clearing, Connect, Gone, LinkDown, PriEvent, Setup
from tests.drivers.lapd_peer import (
    BEARER,
    CALLED,
    CAUSE_16,
    CONNECT,
    CONNECT_ACK,
    DISCONNECT,
    PROCEEDING,
    RELEASE,
    RELEASE_COMPLETE,
    SETUP,
    STATUS,
    LapdPeer,
    channel,
    message,
)

NO_CIRCUIT = 34
REAL = range(0x7000, 0x7010)
"""Call references of the peer's real calls: no rubbish has them."""
FROM_LINK = 0x8000


def begin(peer: LapdPeer, reference: int, timeslot: int) -> int:
    """A call from the peer, answered by the link."""
    peer.send(message(reference, SETUP, BEARER, channel(timeslot), CALLED))
    [call] = [event.call for event in peer.link.events() if isinstance(event, Setup)]
    peer.link.connect(call, timeslot)
    peer.pump()
    assert peer.messages[-1][:5] == message(reference | FROM_LINK, CONNECT)
    peer.send(message(reference, CONNECT_ACK))
    return call


def rubbish(rng: random.Random) -> bytes:
    """The information field of an I frame: a message spoilt in one of many ways, on a reference of no call."""
    reference = rng.choice([rng.randrange(0x7000), rng.randrange(0xC000, 0x10000), 0, 0x8000])
    kinds = [SETUP, 0x01, 0x02, 0x03, 0x07, 0x0D, 0x0F, DISCONNECT, RELEASE, 0x5A, 0x62, 0x64, 0x6E, 0x75, 0x7B, STATUS]
    kind = rng.choice([*kinds, rng.randrange(0x80), rng.randrange(0x100)])
    if not reference & 0x7FFF and kind == 0x46:
        kind = STATUS  # RESTART on the global reference is no rubbish: it has to clear calls
    good = [BEARER, channel(rng.randrange(128)), CALLED, CAUSE_16, b"\xa1", b"\x96", b"\x9e"]
    elements = b"".join(
        rng.choice(
            [rng.choice(good), bytes([rng.randrange(256), rng.randrange(64)]) + rng.randbytes(rng.randrange(64))]
        )
        for _ in range(rng.randrange(6))
    )
    whole = bytearray(message(reference, kind, elements)[:260])
    match rng.randrange(5):
        case 0:
            del whole[rng.randrange(len(whole)) :]
        case 1:
            whole = bytearray(rng.randbytes(rng.randrange(260)))
            if len(whole) > 4:
                whole[2:4] = b"\x01\x02"
                whole[4] &= 0x3F  # never RESTART
        case 2:
            for _ in range(3):
                whole[rng.randrange(5, len(whole)) if len(whole) > 5 else 0] = rng.randrange(256)
        case _:
            pass
    return bytes(whole)


def refuse_all(peer: LapdPeer, events: list[PriEvent]) -> None:
    """Refuse all calls, as a card without a free channel does."""
    for event in events:
        if isinstance(event, Setup):
            peer.link.hangup(event.call, NO_CIRCUIT)
    peer.pump()


def test_rubbish_in_fifty_thousand_frames_harms_no_call(peer: LapdPeer) -> None:
    link, rng = peer.link, random.Random(7)
    call = begin(peer, REAL[0], 1)
    ours = link.setup(2, "555", exclusive=True)
    peer.pump()
    ours_reference = int.from_bytes(peer.messages[-1][2:4], "big")
    peer.send(message(ours_reference | FROM_LINK, PROCEEDING, channel(2)))
    link.events()
    told: list[PriEvent] = []
    for n in range(50_000):
        if n % 5:
            peer.send(rubbish(rng))
        else:
            noise = rng.randbytes(rng.randrange(300))
            if noise[:2] not in {b"\x00\x01", b"\x02\x01"}:  # a frame for us may say anything, and be obeyed
                link.receive(noise)
        if n % 50 == 0:
            link.run(n * 0.0001)
            peer.pump()
        refuse_all(peer, events := link.events())
        told += [e for e in events if not isinstance(e, Setup) and getattr(e, "call", 0) in {call, ours, 0}]
        peer.messages.clear()
    assert told == []
    assert link.calls == 2
    peer.send(message(ours_reference | FROM_LINK, CONNECT))
    assert Connect(ours, 2, inband=False) in link.events()
    peer.send(message(REAL[0], DISCONNECT, CAUSE_16))
    assert peer.messages[-1][:5] == message(REAL[0] | FROM_LINK, RELEASE)
    peer.send(message(REAL[0], RELEASE_COMPLETE))
    assert link.events() == [Clearing(call, 16), Gone(call, 16)]


def test_spoilt_messages_of_a_call_end_it_once_or_not_at_all(peer: LapdPeer) -> None:
    link, rng = peer.link, random.Random(11)
    for n in range(4000):
        reference = REAL[n % len(REAL)]
        call = begin_somehow(peer, reference, rng)
        ends = 0
        for _ in range(rng.randrange(6)):
            peer.send(
                message(
                    reference,
                    rng.choice([0x45, 0x4D, 0x5A, 0x7D, 0x7B, 0x62, 0x05, 0x24, 0x31, 0x0F]),
                    rng.randbytes(rng.randrange(20)),
                )
            )
            ends += sum(isinstance(event, Gone) for event in link.events())
        assert ends <= 1
        link.hangup(call, 16)
        peer.pump()
        peer.send(message(reference, RELEASE_COMPLETE))
        ends += sum(isinstance(event, Gone) for event in link.events())
        assert (ends, link.calls) == (1, 0)
        peer.messages.clear()


def begin_somehow(peer: LapdPeer, reference: int, rng: random.Random) -> int:
    peer.send(message(reference, SETUP, BEARER, channel(1), CALLED))
    [call] = [event.call for event in peer.link.events() if isinstance(event, Setup)]
    link = peer.link
    ways: list[Callable[[int], object]] = [link.proceeding, link.alerting, link.connect, link.setup_ack]
    rng.choice([lambda _call: None, *ways])(call)
    peer.pump()
    return call


def spoilt_setup(rng: random.Random) -> list[bytes]:
    """Elements of a SETUP, one of them changed, cut, doubled or put elsewhere."""
    elements = [
        BEARER, channel(rng.choice([1, 2, 31])), b"\x1e\x02\x82\x83", b"\x28\x05\xb1Ann ", b"\x6c\x04\x21\x83\x35\x36",
        b"\x2c\x02\x35\x36", CALLED, b"\x7d\x02\x91\x81", b"\xa1",
    ]  # fmt: skip
    at = rng.randrange(len(elements))
    one = bytearray(elements[at])
    match rng.randrange(5):
        case 0:
            one[rng.randrange(len(one))] = rng.randrange(256)
        case 1:
            one[-1:] = rng.randbytes(rng.randrange(40))
        case 2:
            del elements[at]
        case 3:
            elements.insert(rng.randrange(len(elements)), bytes(one))
        case _:
            one[1:] = bytes([rng.randrange(100)]) + rng.randbytes(rng.randrange(100))
    if at < len(elements):
        elements[at] = bytes(one)
    return elements


def test_spoilt_setups_that_are_taken_become_calls_and_end(peer: LapdPeer) -> None:
    """Every one is a call or is answered; none disturbs the call beside it."""
    link, rng = peer.link, random.Random(17)
    beside = begin(peer, REAL[0], 30)
    taken = 0
    for _ in range(15_000):
        peer.messages.clear()
        peer.send(message(1, SETUP, *spoilt_setup(rng))[:260])
        setups = [event for event in link.events() if isinstance(event, Setup)]
        assert setups or [sent[4] for sent in peer.messages] == [RELEASE_COMPLETE]
        for setup in setups:
            taken += 1
            steps: list[Callable[[int], object]] = [link.proceeding, link.alerting, link.connect, link.setup_ack]
            rng.choice(steps)(setup.call)
            link.hangup(setup.call, 16)
            peer.pump()
            peer.send(message(1, RELEASE, CAUSE_16))
            assert [event for event in link.events() if isinstance(event, Gone)] == [Gone(setup.call, 16)]
        assert link.calls == 1
    assert 5_000 < taken < 15_000
    peer.send(message(REAL[0], DISCONNECT, CAUSE_16))
    assert link.events() == [Clearing(beside, 16)]


def test_an_unknown_reference_is_answered_with_cause_81(peer: LapdPeer) -> None:
    """Q.931 5.8.3.2 a."""
    peer.send(message(0x1234, CONNECT))
    assert peer.messages == [message(0x1234 | FROM_LINK, RELEASE_COMPLETE, bytes.fromhex("0802 81d1"))]


def test_a_message_of_no_known_type_is_answered_with_status_97(peer: LapdPeer) -> None:
    """Q.931 5.8.4; HOLD is one of those here."""
    begin(peer, REAL[0], 1)
    for kind in (0x7F, 0x24):
        peer.messages.clear()
        peer.send(message(REAL[0], kind))
        [answer] = peer.messages
        assert answer[4] == STATUS
        assert answer[8] & 0x7F == 97


def test_setup_without_its_mandatory_elements_is_refused(peer: LapdPeer) -> None:
    """Q.931 5.8.6.1: cause 96."""
    peer.send(message(0x0001, SETUP, CALLED))
    assert peer.messages == [message(0x8001, RELEASE_COMPLETE, bytes.fromhex("0802 81e0"))]
    assert peer.link.events() == []


def test_setup_again_on_the_reference_of_a_call_is_ignored(peer: LapdPeer) -> None:
    """Q.931 5.8.3.2 e."""
    begin(peer, REAL[0], 1)
    peer.messages.clear()
    peer.send(message(REAL[0], SETUP, BEARER, channel(9), CALLED))
    assert peer.messages == []
    assert peer.link.events() == []


@pytest.mark.parametrize(
    ("elements", "calling", "errors"),
    [
        ("6c 02 81 35", "5", 0),
        ("6c 03 01 83 35", "5", 0),
        ("6c 00", "", 1),
        ("6c 01 01", "", 1),  # octet 3a is said to follow, and does not (libpri would read on for it)
        ("6c 04 01 01 01 01", "", 1),
        ("1c 04 91 a1 ff ff  6c 02 81 35", "5", 0),  # facility: not offered here
        ("7e 03 04 41 42  6c 02 81 35", "5", 0),  # user-to-user
        ("9e 6c 02 81 36  6c 02 81 35", "5", 0),  # for one element, codeset 6
        ("6c 02 81 35  96 6c 02 81 36", "5", 0),  # from here on, codeset 6
        ("6c 40 81 35", "", 1),  # longer than the message
    ],
)
def test_elements_that_are_cut_off_or_not_for_us(peer: LapdPeer, elements: str, calling: str, errors: int) -> None:
    peer.send(message(1, SETUP, BEARER, channel(1), CALLED, bytes.fromhex(elements)))
    [setup] = peer.link.events()
    assert isinstance(setup, Setup)
    assert (setup.called, setup.calling) == ("123", calling)
    assert peer.link.errors == errors


NETWORK, USER = "6c 0a 21 83 32313535353530 31", "6c 06 01 80 31303030"  # 21555501, national; 1000, not screened


@pytest.mark.parametrize(
    ("elements", "calling", "kind", "presentation"),
    [
        (f"{NETWORK} {USER}", "21555501", 2, 0),
        (f"{USER} {NETWORK}", "21555501", 2, 0),
        (f"{USER} 28 03 416e6e {NETWORK} a1", "21555501", 2, 0),
        ("6c 06 01 80 31303030  6c 06 21 a1 32303030", "2000", 2, 1),  # verified and passed, restricted
        ("6c 06 01 82 31303030  6c 06 01 80 32303030", "2000", 0, 0),  # verified and failed
        ("6c 06 01 83 31303030  6c 06 01 83 32303030", "1000", 0, 0),  # the first of two that are alike
        ("6c 05 81 31303030  6c 05 81 32303030", "1000", 0, 0),  # without octet 3a
        ("6c 07 11 81 34343230 37", "+44207", 1, 0),
    ],
)
def test_of_two_calling_numbers_the_one_that_the_network_knows_counts(
    peer: LapdPeer, elements: str, calling: str, kind: int, presentation: int
) -> None:
    peer.send(message(1, SETUP, BEARER, channel(1), bytes.fromhex(elements), CALLED))
    [setup] = peer.link.events()
    assert isinstance(setup, Setup)
    assert (setup.calling, setup.calling_type, setup.presentation) == (calling, kind, presentation)
    assert setup.called == "123"


@pytest.mark.parametrize(
    ("octets", "name"),
    [
        ("张伟公司".encode("gb18030"), "张伟公司"),
        ("张伟公司".encode(), "张伟公司"),
        (b"Ann Lee", "Ann Lee"),
        (b"\xb1Ann Lee", "Ann Lee"),  # the octet that names a character set
        (b"\x1b[31mAnn\x07", "[31mAnn"),
        ("a\u202eb".encode(), "ab"),
        (b"\xff\xfe\xff", "\ufffd\ufffd\ufffd"),
        ("张".encode("gb18030") * 40, "张" * 40),
        ("张".encode("gb18030") * 60, "张" * 41),  # as much as is kept
    ],
)
def test_a_name_is_read_whole_and_in_its_coding(peer: LapdPeer, octets: bytes, name: str) -> None:
    display = bytes([0x28, len(octets)]) + octets
    peer.send(message(1, SETUP, BEARER, channel(1), display, CALLED))
    peer.send(message(2, SETUP, BEARER, channel(2), CALLED))
    assert [setup.name for setup in peer.link.events() if isinstance(setup, Setup)] == [name, ""]


def test_facility_messages_are_passed_over(peer: LapdPeer) -> None:
    """Charging units (EN 300 182) come so, every few seconds of a call."""
    begin(peer, REAL[0], 1)
    peer.messages.clear()
    peer.send(message(REAL[0], 0x62, bytes.fromhex("1c 10 91a1 0d 020101 020122 3005 8101 0a 8201 01")))
    assert peer.messages == []
    assert peer.link.events() == []


def test_more_calls_than_any_access_has_are_refused_without_a_word_above(peer: LapdPeer) -> None:
    for reference in range(1, 200):
        peer.send(message(reference, SETUP, BEARER, channel(1), CALLED))
    assert peer.link.calls == 128
    assert peer.messages[-1][4] == RELEASE_COMPLETE


def test_frames_of_any_length_and_content() -> None:
    link, rng = PriLink("user"), random.Random(3)
    for n in range(50_000):
        link.receive(b"" if n < 3 else rng.choice([b"", b"\x02\x01", b"\x00\x01"]) + rng.randbytes(rng.randrange(400)))
        if n % 1000 == 0:
            link.run(n * 0.001)
            link.take_frames()
    assert all(not isinstance(event, LinkDown) or link.calls == 0 for event in link.events())
    link.close()
