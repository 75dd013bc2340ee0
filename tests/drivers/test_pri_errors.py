# SPDX-License-Identifier: GPL-2.0-or-later
"""Answers of a D channel to impossible messages, octet by octet (Q.931 5.8)."""

import pytest

from drivers.pri_events import Clearing, Gone, Restart
from tests.drivers.lapd_peer import (
    ALERTING,
    BEARER,
    CALLED,
    CAUSE_16,
    CONNECT,
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
from tests.drivers.pri_rig import (
    INFORMATION,
    OURS,
    RESTART,
    RESTART_ACK,
    STATUS_ENQUIRY,
    answer,
    cause,
    hexa,
    offered,
    talk,
)


@pytest.mark.parametrize("reference", [0x1234, 0x9234])
def test_an_enquiry_for_a_call_that_is_not_there(peer: LapdPeer, reference: int) -> None:
    """5.8.10: the null state, cause 30."""
    assert answer(peer, message(reference, STATUS_ENQUIRY)) == [
        message(reference ^ OURS, STATUS, cause(30), b"\x14\x01\x00")
    ]
    assert peer.link.calls == 0


def test_an_enquiry_with_a_reference_of_one_octet(peer: LapdPeer) -> None:
    assert answer(peer, b"\x08\x01\x05\x75") == [b"\x08\x01\x85\x7d" + cause(30) + b"\x14\x01\x00"]


def test_an_enquiry_for_a_call_tells_its_state(peer: LapdPeer) -> None:
    talk(peer)
    [status] = answer(peer, message(1, STATUS_ENQUIRY))
    assert (status[4], status[8] & 0x7F, status[-1]) == (STATUS, 30, 10)


@pytest.mark.parametrize(
    ("elements", "answered"),
    [
        ("08 02 80 9e  14 01 00", None),  # both ends have no such call
        ("08 02 80 9e  14 01 0a", 101),
        ("08 02 80 e2  14 01 0c", 101),
        ("08 02 80 9e", None),  # it does not say
    ],
)
def test_a_status_for_a_call_that_is_not_there(peer: LapdPeer, elements: str, answered: int | None) -> None:
    """5.8.11 a."""
    right = [] if answered is None else [message(0x9234, RELEASE_COMPLETE, cause(answered))]
    assert answer(peer, message(0x1234, STATUS, hexa(elements))) == right


def test_a_status_of_the_null_state_ends_a_call(peer: LapdPeer) -> None:
    """5.8.11 c."""
    call = talk(peer)
    assert answer(peer, message(1, STATUS, hexa("08 02 80 9e  14 01 00"))) == []
    assert peer.link.events() == [Gone(call, 41)]


@pytest.mark.parametrize("kind", [SETUP, CONNECT, RELEASE, RELEASE_COMPLETE, STATUS_ENQUIRY, INFORMATION, 0x62])
@pytest.mark.parametrize("reference", [0x0000, 0x8000])
def test_the_global_reference_is_for_restarts(peer: LapdPeer, kind: int, reference: int) -> None:
    """5.8.3.2 f."""
    sent = message(reference, kind, BEARER, channel(1), CALLED)
    assert answer(peer, sent) == [message(reference ^ OURS, STATUS, cause(81), b"\x14\x01\x00")]
    assert peer.link.events() == []
    assert peer.link.calls == 0
    talk(peer)


@pytest.mark.parametrize("kind", [RESTART, RESTART_ACK])
def test_a_restart_on_the_reference_of_a_call_restarts_nothing(peer: LapdPeer, kind: int) -> None:
    """5.8.4; without such a call 5.8.3.2 a."""
    talk(peer)
    [status] = answer(peer, message(1, kind, hexa("79 01 87")))
    assert (status[4], status[8] & 0x7F, status[-1]) == (STATUS, 101, 10)
    assert answer(peer, message(2, kind, hexa("79 01 87"))) == [message(OURS | 2, RELEASE_COMPLETE, cause(81))]
    assert peer.link.calls == 1


@pytest.mark.parametrize(
    "again",
    [
        "70 06 81 39 39 39 39 39",  # another number
        "04 02 88 90",
        "18 03 a9 83 89",
        "2c 01 35",
    ],
)
def test_the_first_of_repeated_elements_counts(peer: LapdPeer, again: str) -> None:
    """5.8.5.2."""
    setup = offered(peer, BEARER, channel(3), CALLED, hexa(again))
    assert setup
    assert (setup.called, setup.channel) == ("123", 3)


def test_the_first_cause_counts(peer: LapdPeer) -> None:
    call = talk(peer)
    peer.send(message(1, DISCONNECT, CAUSE_16, hexa("08 02 82 91")))
    assert peer.link.events() == [Clearing(call, 16)]


def test_two_progress_indicators_both_count(exchange: LapdPeer) -> None:
    """They may come again."""
    setup = offered(exchange, BEARER, channel(1), hexa("1e 02 82 83 1e 02 82 88"), CALLED)
    assert setup
    assert setup.inband


@pytest.mark.parametrize(("elements", "said"), [("08 01 80", 100), ("08 00", 100), ("08 02 02 83", 100), ("", 96)])
def test_a_disconnect_whose_cause_is_no_cause(peer: LapdPeer, elements: str, said: int) -> None:
    """5.8.6.1, 5.8.6.2: it counts as 31, the RELEASE names the fault."""
    call = talk(peer)
    [release] = answer(peer, message(1, DISCONNECT, hexa(elements)))
    assert release == message(OURS | 1, RELEASE, cause(said))
    assert peer.link.events() == [Clearing(call, 31)]
    peer.send(message(1, RELEASE_COMPLETE))
    assert peer.link.events() == [Gone(call, 31)]


@pytest.mark.parametrize(
    ("elements", "said", "told"),
    [("08 02 80 90", b"", 16), ("08 01 80", cause(100), 31), ("", cause(96), 31)],
)
def test_release_complete_says_only_what_was_wrong(peer: LapdPeer, elements: str, said: bytes, told: int) -> None:
    """Table 3-11: a cause only in the first message that clears, or for errors (5.8.6)."""
    call = talk(peer)
    assert answer(peer, message(1, RELEASE, hexa(elements))) == [message(OURS | 1, RELEASE_COMPLETE, said)]
    assert peer.link.events() == [Gone(call, told)]


def test_release_after_our_disconnect_needs_no_cause(peer: LapdPeer) -> None:
    call = talk(peer)
    peer.link.hangup(call, 17)
    peer.pump()
    assert answer(peer, message(1, RELEASE)) == [message(OURS | 1, RELEASE_COMPLETE)]
    assert peer.link.events() == [Gone(call, 17)]


@pytest.mark.parametrize(
    ("elements", "answered"),
    [
        ("18 03 a9 83 90  79 01 80", 82),  # the D channel
        ("18 03 a9 83 a8  79 01 80", 82),  # 40
        ("18 03 a9 83 80  79 01 80", 82),
        ("18 04 a9 83 01 90  79 01 80", 82),  # 1 and 16
        ("18 04 e9 81 83 81  79 01 80", 82),  # on interface 1
        ("18 06 a9 93 00 01 00 02  79 01 80", 82),  # a map with 16 in it
        ("18 03 a9 83 81  79 01 85", 100),  # a class that is reserved
        ("79 01 81", 100),
        ("79 00", 100),
        ("18 03 a9 83 81", 96),
    ],
)
def test_a_restart_of_what_is_not_there_is_not_acknowledged(peer: LapdPeer, elements: str, answered: int) -> None:
    talk(peer)
    [status] = answer(peer, message(0, RESTART, hexa(elements)))
    assert (status[2:5], status[8] & 0x7F) == (b"\x80\x00\x7d", answered)
    assert peer.link.events() == []
    assert peer.link.calls == 1


@pytest.mark.parametrize("elements", ["79 01 87", "79 01 86", "18 03 a9 83 85  79 01 87", "79 01 80"])
def test_a_restart_of_the_interface_clears_all(peer: LapdPeer, elements: str) -> None:
    """5.5.2: further elements of it are ignored."""
    call = talk(peer)
    [ack] = answer(peer, message(0, RESTART, hexa(elements)))
    assert ack[4] == RESTART_ACK
    assert peer.link.events() == [Gone(call, 41), Restart(None)]


def test_a_call_whose_answers_lack_what_is_mandatory_is_released_at_both_ends(exchange: LapdPeer) -> None:
    """To a user each is no answer to SETUP (5.8.6.1), so T303 ends the call, and the far end is told (9.2)."""
    call = exchange.link.setup(31, "10086")
    exchange.pump()
    reference = int.from_bytes(exchange.messages.pop()[2:4], "big") | 0x8000
    for kind, elements in ((PROCEEDING, hexa("18 03 05 04 03")), (ALERTING, b""), (CONNECT, b"")):
        answer(exchange, message(reference, kind, elements))
    exchange.messages.clear()
    for _tenth in range(100):
        exchange.link.run(exchange.link._now_us / 1e6 + 0.1)
        exchange.pump()
        if exchange.messages:
            break
    assert [(each[4], each[8] & 0x7F) for each in exchange.messages] == [(RELEASE_COMPLETE, 102)]
    assert [event for event in exchange.link.events() if isinstance(event, Gone)] == [Gone(call, 18)]
    assert exchange.link.calls == 0
