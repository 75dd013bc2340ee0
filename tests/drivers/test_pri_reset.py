# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls when the data link is set up anew: by the far end, by ours, by both (ITU-T Q.931 5.8.8)."""

from collections.abc import Callable

import pytest

from drivers.pri import PriLink, Side
from drivers.pri_events import Clearing, Gone, LinkDown, LinkUp, SetupAck
from tests.drivers.lapd_peer import (
    ALERTING,
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
from tests.drivers.pri_pair import Pair
from tests.drivers.pri_rig import INFORMATION, OURS, STATUS_ENQUIRY, cause, hexa, offered_only, sabme, talk

SETUP_ACK, PROGRESS = 0x0D, 0x03
SENDING_COMPLETE = b"\xa1"
INTERWORKING = b"\x1e\x02\x82\x81"


def our_sabme(peer: LapdPeer) -> None:
    """Make the link set itself up anew: acknowledge a frame that was never sent (Q.921 5.8.5)."""
    address = b"\x00\x01" if peer.link.side == "user" else b"\x02\x01"
    peer.link.receive(address + b"\x01\x90")
    peer.pump()


def our_sabme_after_silence(peer: LapdPeer) -> None:
    """Acknowledge nothing until the link is given up, and then answer its SABME."""
    peer.link.restart(30)
    for _tenth in range(100):
        peer.link.run(peer.link._now_us / 1e6 + 0.1)
        sent = peer.link.take_frames()
        if any(frame[2] == 0x7F for frame in sent):
            break
    assert LinkDown() in peer.link._events
    peer.restart()
    peer.link.receive((b"\x00\x01" if peer.link.side == "user" else b"\x02\x01") + b"\x73")
    peer.pump()


AGAIN = pytest.mark.parametrize("again", [sabme, our_sabme, our_sabme_after_silence])


def overlap(peer: LapdPeer, reference: int) -> int:
    """Return a call from the peer that is asked for digits."""
    call = offered_only(peer, reference)
    peer.link.setup_ack(call, reference)
    peer.pump()
    return call


def dialled(peer: LapdPeer, reference: int, *answers: int, overlap: bool = False) -> int:
    """Return a call of the link that the peer has answered so far."""
    call = peer.link.setup(20 + reference, "9", overlap=overlap)
    peer.pump()
    for kind in answers:
        peer.send(message(OURS | reference, kind, channel(20 + reference), *[INTERWORKING] * (kind == PROGRESS)))
    return call


@AGAIN
def test_calls_whose_digits_may_be_lost_end_when_the_link_is_set_up_anew(
    peer: LapdPeer, again: Callable[[LapdPeer], None]
) -> None:
    """5.8.8 a: overlap receiving and overlap sending, with 41; the channel is free when the far end has released it."""
    receiving = overlap(peer, 1)
    sending = dialled(peer, 1, SETUP_ACK, overlap=True)
    interworking = dialled(peer, 2, SETUP_ACK, PROGRESS, overlap=True)
    peer.link.events()
    peer.messages.clear()
    again(peer)
    cleared = sorted(sent for sent in peer.messages if sent[4] == DISCONNECT)
    assert cleared == sorted(message(reference, DISCONNECT, cause(41)) for reference in (OURS | 1, 1, 2))
    for reference in (1, OURS | 1, OURS | 2):
        peer.send(message(reference, RELEASE))
    gone = [event for event in peer.link.events() if isinstance(event, Gone)]
    assert gone == [Gone(receiving, 41), Gone(sending, 41), Gone(interworking, 41)]
    assert peer.link.calls == 0


@AGAIN
def test_calls_that_have_their_number_go_on_when_the_link_is_set_up_anew(
    peer: LapdPeer, again: Callable[[LapdPeer], None]
) -> None:
    """5.8.8: also calls without an answer to SETUP, which is sent again (T303)."""
    timed_out = overlap(peer, 2)
    peer.link.run(15.1)  # T302: what was dialled is all there is
    complete = overlap(peer, 1)
    peer.send(message(1, INFORMATION, SENDING_COMPLETE))
    kept = {complete, timed_out, talk(peer, 7), offered_only(peer, 8)}
    kept |= {dialled(peer, 1), dialled(peer, 2, PROCEEDING), dialled(peer, 3, ALERTING), dialled(peer, 4, CONNECT)}
    kept.add(dialled(peer, 5, SETUP_ACK, PROCEEDING, overlap=True))
    peer.messages.clear()
    again(peer)
    assert not {DISCONNECT, RELEASE, RELEASE_COMPLETE} & {sent[4] for sent in peer.messages}
    assert [event for event in peer.link.events() if isinstance(event, Clearing | Gone)] == []
    assert set(peer.link._calls) == kept


def test_the_two_ends_clear_calls_that_wait_for_digits_at_once() -> None:
    pair = Pair().up()
    call, far_call = pair.offer(pair.usr, 3, "9", overlap=True)
    pair.net.setup_ack(far_call)
    pair.exchange()
    pair.usr.receive(b"\x02\x01\x7f")
    pair.net.receive(b"\x00\x01\x7f")
    pair.run(60)
    assert pair.gone(pair.usr, call) == pair.gone(pair.net, far_call) == [41]
    assert pair.usr.calls == pair.net.calls == 0
    assert pair.usr.errors == pair.net.errors == 0


@pytest.mark.parametrize("side", ["user", "network"])
def test_a_second_sabme_at_the_start_ends_nothing(side: Side) -> None:
    """Each end begins by itself, and repeats its SABME when the UA was lost."""
    link = PriLink(side)
    peer = LapdPeer(link)
    link.run(0.0)
    sabme(peer)
    sabme(peer)
    assert link.events() == [LinkUp()]
    call = dialled(peer, 1, overlap=True)
    sabme(peer)
    assert [sent[4] for sent in peer.messages] == [SETUP]
    link.run(4.1)  # T303: the far end begins to listen now
    peer.pump()
    peer.send(message(OURS | 1, SETUP_ACK, channel(21)))
    assert link.events() == [SetupAck(call, 21, inband=False)]
    link.close()


@AGAIN
def test_a_far_end_that_forgot_a_call_that_rings_is_found_out(
    peer: LapdPeer, again: Callable[[LapdPeer], None]
) -> None:
    """5.8.10, 5.8.11: STATUS with state 0 ends it; T310 and T301 run on meanwhile."""
    inwards = offered_only(peer, 1)
    peer.link.alerting(inwards, 1)
    outwards = [dialled(peer, 1, PROCEEDING), dialled(peer, 2, ALERTING)]
    peer.pump()
    peer.link.events()
    peer.messages.clear()
    again(peer)
    asked = [sent for sent in peer.messages if sent[4] == STATUS_ENQUIRY]
    assert asked == [message(reference, STATUS_ENQUIRY) for reference in (OURS | 1, 1, 2)]
    assert all(peer.link._calls[call].deadline_us > 50e6 for call in outwards)
    for reference in (1, OURS | 1, OURS | 2):
        peer.send(message(reference, STATUS, hexa("08 02 82 9e  14 01 00")))
    gone = [event for event in peer.link.events() if isinstance(event, Gone)]
    assert gone == [Gone(call, 41) for call in (inwards, *outwards)]
