# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that a D channel takes: bearer, channel and number of a SETUP (Q.931 5.2.2, 5.2.3.1, 5.1.1)."""

import pytest

from drivers.pri_events import InfoDigits
from tests.drivers.lapd_peer import (
    ALERTING,
    BEARER,
    CALLED,
    DISCONNECT,
    PROCEEDING,
    RELEASE_COMPLETE,
    STATUS,
    LapdPeer,
    channel,
    message,
)
from tests.drivers.pri_rig import INFORMATION, OURS, answer, cause, hexa, offered, talk


@pytest.mark.parametrize(
    "bearer",
    [
        "04 02 88 90",  # unrestricted 64 kbit/s
        "04 02 89 90",  # restricted
        "04 02 98 90",  # video
        "04 02 91 90",  # unrestricted with tones
        "04 03 98 90 a6",  # H.221 and H.242
        "04 04 88 90 21 8f",  # V.110
        "04 03 90 90 a2",  # mu-law
        "04 03 80 90 a4",  # ADPCM
        "04 02 88 c0",  # packet mode
        "04 03 88 13 80",  # 384 kbit/s, Blue Book extension
        "04 02 90 93",  # 384 kbit/s
        "04 03 e0 90 a3",  # a coding that is not CCITT's
    ],
)
def test_a_call_that_is_no_speech_is_refused(peer: LapdPeer, bearer: str) -> None:
    """A called user: 88 (5.2.2, annex B.3.2). A network: 65 (5.1.5.2)."""
    assert offered(peer, hexa(bearer), channel(1), CALLED) is None
    refused = 65 if peer.link.side == "network" else 88
    assert peer.messages == [message(OURS | 1, RELEASE_COMPLETE, cause(refused))]
    assert peer.link.calls == 0
    talk(peer)


@pytest.mark.parametrize(
    "elements",
    [
        "04 03 80 90 a3",  # speech
        "04 03 90 90 a3",  # 3.1 kHz audio
        "04 02 90 90",  # layer 1 left out
        "04 03 90 90 a3  7d 02 91 84",  # HLC: facsimile
        "04 03 80 90 a3  04 02 88 90",  # the first of two counts (5.8.5.2), and in a list it is the least (5.11.2)
        "04 04 80 10 80 a3",  # octet 4a of the Blue Book
    ],
)
def test_speech_and_audio_are_taken(peer: LapdPeer, elements: str) -> None:
    assert offered(peer, hexa(elements), channel(1), CALLED)


@pytest.mark.parametrize(("elements", "refused"), [("04 01 80", 100), ("04 00", 100), ("", 96)])
def test_a_bearer_that_is_broken_is_not_one_that_is_missing(peer: LapdPeer, elements: str, refused: int) -> None:
    """5.8.6.1 and 5.8.6.2."""
    assert offered(peer, hexa(elements), channel(1), CALLED) is None
    assert peer.messages == [message(OURS | 1, RELEASE_COMPLETE, cause(refused))]


@pytest.mark.parametrize(
    ("element", "refused"),
    [
        ("18 06 a9 93 00 00 00 40", 44),  # slot map, exclusive: EN 300 403 has numbers only
        ("18 03 a9 83 80", 82),  # channel 0
        ("18 03 a9 83 90", 82),  # the D channel
        ("18 03 a9 83 a8", 82),  # 40
        ("18 03 a1 83 a8", 82),  # preferred: it is not there all the same
        ("18 01 a8", 34),  # no channel
        ("18 01 a0", 34),
        ("18 01 89", 100),  # basic access
        ("18 01 8a", 100),
        ("18 01 aa", 100),  # reserved
        ("18 04 e9 81 83 83", 82),  # interface 1
        ("18 01 e9", 100),  # interface, and none follows
        ("18 01 a9", 100),  # as indicated, and nothing follows
        ("18 02 a9 83", 100),
        ("18 03 a9 86 81", 66),  # H0
        ("18 03 a9 e3 81", 100),  # coding of others
    ],
)
def test_a_channel_that_cannot_be_had_is_refused(peer: LapdPeer, element: str, refused: int) -> None:
    assert offered(peer, BEARER, hexa(element), CALLED) is None
    assert peer.messages == [message(OURS | 1, RELEASE_COMPLETE, cause(refused))]
    assert peer.link.calls == 0


@pytest.mark.parametrize(
    ("element", "timeslot", "exclusive"),
    [
        ("18 03 a9 83 87", 7, True),
        ("18 03 a1 83 9f", 31, False),
        ("18 04 e9 80 83 83", 3, True),  # interface 0, which has the D channel
        ("18 03 a9 83 07", 7, True),  # the extension bit is missing
        ("18 01 a3", 0, False),  # any
        ("18 06 a1 93 00 00 00 40", 0, False),  # a map that is preferred only: the choice is ours
        ("18 03 a9 83 87  18 03 a9 83 88", 7, True),  # repeated
    ],
)
def test_channels_that_can_be_had(peer: LapdPeer, element: str, timeslot: int, exclusive: bool) -> None:
    setup = offered(peer, BEARER, hexa(element), CALLED)
    assert setup
    assert (setup.channel, setup.exclusive) == (timeslot, exclusive)


def test_a_broken_channel_in_the_first_answer_is_told(exchange: LapdPeer) -> None:
    """5.8.6.2: the channel is mandatory there, so STATUS 100, and the message counts for nothing."""
    call = exchange.link.setup(5, "1")
    exchange.pump()
    reference = int.from_bytes(exchange.messages[-1][2:4], "big")
    [status] = answer(exchange, message(OURS | reference, PROCEEDING, hexa("18 01 89")))
    assert (status[4], status[8] & 0x7F) == (STATUS, 100)
    assert exchange.link.events() == []
    assert exchange.link.calls == 1
    exchange.send(message(OURS | reference, ALERTING, channel(5)))
    assert [event.call for event in exchange.link.events() if hasattr(event, "call")] == [call]


@pytest.mark.parametrize("number", [b"12345xyz", b"1" * 32, b"1 2", b"021-555", b"\xb1\xb2", b"12\x00", b"1.2", b"12e"])
def test_a_called_number_that_is_none_is_refused(peer: LapdPeer, number: bytes) -> None:
    """Rather than that another one is called: 28."""
    assert offered(peer, BEARER, channel(1), bytes([0x70, 1 + len(number), 0x81]) + number) is None
    assert peer.messages == [message(OURS | 1, RELEASE_COMPLETE, cause(28))]


@pytest.mark.parametrize("number", ["1" * 31, "", "*#12ABCD"])
def test_called_numbers_of_any_digits_arrive_whole(peer: LapdPeer, number: str) -> None:
    setup = offered(peer, BEARER, channel(1), bytes([0x70, 1 + len(number), 0x81]) + number.encode())
    assert setup
    assert setup.called == number


@pytest.mark.parametrize(("keypad", "called"), [(b"95555", "95555"), (b"9x", None)])
def test_a_number_may_come_as_keypad(peer: LapdPeer, keypad: bytes, called: str | None) -> None:
    """5.1.1."""
    setup = offered(peer, BEARER, channel(1), bytes([0x2C, len(keypad)]) + keypad)
    assert (setup.called if setup else None) == called


@pytest.mark.parametrize("pieces", [[b"12", b"x"], [b"1" * 20, b"2" * 12]])
def test_a_number_in_pieces_is_no_other(peer: LapdPeer, pieces: list[bytes]) -> None:
    setup = offered(peer, BEARER, channel(1))
    assert setup
    peer.link.setup_ack(setup.call, 1)
    peer.pump()
    for piece in pieces:
        peer.send(message(1, INFORMATION, bytes([0x70, 1 + len(piece), 0x81]) + piece))
    peer.pump()
    assert peer.messages[-1] == message(OURS | 1, DISCONNECT, cause(28))
    digits = [event.digits for event in peer.link.events() if isinstance(event, InfoDigits)]
    assert digits == [piece.decode() for piece in pieces[:1]]
