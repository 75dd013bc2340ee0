# SPDX-License-Identifier: GPL-2.0-or-later
"""RESTART and calls that it meets, message by message (ITU-T Q.931 5.5)."""

from collections.abc import Callable

import pytest

from drivers.pri_events import Clearing, Gone, Restart, RestartAck, Setup
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
    LapdPeer,
    channel,
    message,
)
from tests.drivers.pri_rig import OURS, RESTART, RESTART_ACK, answer, hexa, offered_only

INDICATED, INTERFACE = hexa("790180"), hexa("790187")
THREE_CHANNELS = hexa("1805 a983 01 02 83")  # 1 to 3, an octet each (4.5.13, octet 3.3)
MAP_OF_TWO = hexa("1806 a993 0000000c")  # 2 and 3, as a slot map
SETUP_ACK = 0x0D


def to_all(kind: int, *elements: bytes, flag: int = 0) -> bytes:
    """Return a message with the global call reference."""
    return message(flag, kind, *elements)


def offered_on_5(peer: LapdPeer) -> int:
    """Return a call from the peer on channel 5 without an answer."""
    return offered_only(peer, 5)


def came(step: str) -> Callable[[LapdPeer], int]:
    """Return a maker of calls from the peer on channel 5, up to this step."""

    def make(peer: LapdPeer) -> int:
        call = offered_only(peer, 5)
        getattr(peer.link, step)(call, 5)
        peer.pump()
        return call

    return make


def went(*answers: int) -> Callable[[LapdPeer], int]:
    """Return a maker of calls to the peer on channel 5, with these answers."""

    def make(peer: LapdPeer) -> int:
        call = peer.link.setup(5, "9", overlap=True)
        peer.pump()
        for kind in answers:
            peer.send(message(OURS | 1, kind, channel(5)))
        return call

    return make


def clearing(peer: LapdPeer) -> int:
    """Return a call after DISCONNECT from the link."""
    call = went(CONNECT)(peer)
    peer.link.hangup(call, 16)
    peer.pump()
    return call


@pytest.mark.parametrize("elements", [(channel(5), INDICATED), (INTERFACE,)], ids=["channel", "interface"])
@pytest.mark.parametrize(
    "begin",
    [
        offered_on_5, came("setup_ack"), came("proceeding"), came("alerting"), came("connect"),
        went(SETUP_ACK), went(PROCEEDING), went(ALERTING), went(CONNECT), clearing,
    ],
)  # fmt: skip
def test_a_call_of_which_both_ends_know_ends_without_a_word(
    peer: LapdPeer, begin: Callable[[LapdPeer], int], elements: tuple[bytes, ...]
) -> None:
    """5.5.2: in any state; messages of its clearing may cross with RESTART."""
    call = begin(peer)
    cause = 16 if begin is clearing else 41
    peer.link.events()
    assert answer(peer, to_all(RESTART, *elements)) == [to_all(RESTART_ACK, *elements, flag=OURS)]
    assert peer.link.events() == [Gone(call, cause), Restart(5 if len(elements) == 2 else None)]
    for late, said in ((RELEASE, [RELEASE_COMPLETE]), (RELEASE_COMPLETE, [])):
        assert [sent[4] for sent in answer(peer, message(OURS | 1, late, CAUSE_16))] == said
    assert peer.link.events() == []
    assert peer.link.calls == 0


def test_disconnect_that_crosses_with_restart_ends_the_call_once(peer: LapdPeer) -> None:
    """The cause of the first message counts."""
    call = came("connect")(peer)
    peer.link.events()
    peer.send_only(message(5, DISCONNECT, CAUSE_16))
    peer.send(to_all(RESTART, channel(5), INDICATED))
    assert peer.link.events() == [Clearing(call, 16), Gone(call, 16), Restart(5)]
    assert answer(peer, message(5, RELEASE_COMPLETE)) == []


@pytest.mark.parametrize("elements", [(channel(5), INDICATED), (INTERFACE,)], ids=["channel", "interface"])
def test_a_setup_that_crosses_with_restart_waits_for_its_answer(peer: LapdPeer, elements: tuple[bytes, ...]) -> None:
    """The far end reads it after its RESTART."""
    call = peer.link.setup(5, "9")
    peer.send(to_all(RESTART, *elements))
    assert [event for event in peer.link.events() if isinstance(event, Gone)] == []
    peer.send(message(OURS | 1, RELEASE_COMPLETE, hexa("0802 82ac")))
    assert peer.link.events() == [Gone(call, 44)]


@pytest.mark.parametrize("channels", [THREE_CHANNELS, MAP_OF_TWO])
def test_a_call_that_comes_after_the_restart_of_several_channels_stands(peer: LapdPeer, channels: bytes) -> None:
    """Both messages may come in one tick."""
    before = [offered_only(peer, 2), offered_only(peer, 3)]
    peer.link.events()
    peer.send_only(to_all(RESTART, channels, INDICATED))
    peer.send_only(message(9, SETUP, BEARER, channel(2), CALLED))
    peer.link.run(1.0)
    peer.pump()
    told = peer.link.events()
    assert [event.call for event in told if isinstance(event, Gone)] == before
    assert isinstance(told[-1], Setup)
    assert peer.link.calls == 1
    assert to_all(RESTART_ACK, channels, INDICATED, flag=OURS) in peer.messages


def test_a_second_acknowledgement_is_not_one_of_the_next_channel(peer: LapdPeer) -> None:
    """RESTART was sent twice (T316), and both were acknowledged in the end."""
    peer.link.restart(4)
    peer.link.restart(5)
    peer.link.run(121.0)
    peer.pump()
    assert peer.messages[-2:] == [to_all(RESTART, channel(4), INDICATED)] * 2
    for _ in range(2):
        peer.send(to_all(RESTART_ACK, channel(4), INDICATED, flag=OURS))
    assert peer.link.events() == [RestartAck(4, ok=True)]
    peer.send(to_all(RESTART_ACK, INDICATED, flag=OURS))
    assert peer.link.events() == [RestartAck(5, ok=True)], "one that names no channel answers what was asked last"


def test_a_call_whose_release_is_never_answered_is_told_so(peer: LapdPeer) -> None:
    """5.3.3: T308 twice. An answer in time, or a call that was never put through, is none of these."""
    calls = [came("connect")(peer), went(PROCEEDING)(peer)]
    peer.link.events()
    peer.send(message(5, DISCONNECT, CAUSE_16))
    peer.link.hangup(calls[1], 16)
    peer.pump()
    peer.send(message(OURS | 1, RELEASE))
    peer.link.run(4.1)
    peer.link.run(8.2)
    peer.pump()
    gone = [event for event in peer.link.events() if isinstance(event, Gone)]
    assert gone == [Gone(calls[1], 16), Gone(calls[0], 16, unanswered=True)]
