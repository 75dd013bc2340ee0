# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls when the data link is set up anew (Q.931 5.8.8), and announcements after DISCONNECT (5.3.4.1)."""

import pytest

from drivers.pri_events import Clearing, Gone, LinkDown, LinkUp
from tests.drivers.lapd_peer import (
    CAUSE_16,
    DISCONNECT,
    RELEASE,
    RELEASE_COMPLETE,
    STATUS,
    LapdPeer,
    message,
)
from tests.drivers.pri_rig import OURS, STATUS_ENQUIRY, answer, cause, hexa, peer_of, sabme, talk


def test_a_storm_of_sabme_draws_one_enquiry_a_call(peer: LapdPeer) -> None:
    """5.8.8, 5.8.10: neither STATUS nor CONNECT ACKNOWLEDGE, which fit no state of a far end that has the call."""
    call = talk(peer)
    peer.messages.clear()
    for _ in range(50):
        sabme(peer)
    assert peer.messages == [message(OURS | 1, STATUS_ENQUIRY)]
    peer.link.run(4.2)  # T322: the answer is missing
    peer.pump()
    assert peer.messages == [message(OURS | 1, STATUS_ENQUIRY)] * 2
    peer.send(message(1, STATUS, hexa("08 02 82 9e  14 01 0a")))
    peer.link.run(20.0)
    peer.pump()
    assert len(peer.messages) == 2
    assert peer.link.events() == []
    assert peer.link.calls == 1
    assert call


def test_an_exchange_that_answers_no_enquiry_keeps_its_calls(peer: LapdPeer) -> None:
    talk(peer)
    peer.messages.clear()
    sabme(peer)
    for second in range(1, 60):
        peer.link.run(second)
        peer.pump()
    assert peer.messages == [message(OURS | 1, STATUS_ENQUIRY)] * 3
    assert peer.link.calls == 1


def test_t309_stops_however_the_link_comes_back() -> None:
    """Here by a SABME of each end."""
    with peer_of("user", {"T309": 30.0}) as peer:
        talk(peer)
        for second in range(1, 30):
            peer.link.run(second)
            peer.link.take_frames()  # lost
        assert LinkDown() in peer.link.events()
        sabme(peer)
        assert LinkUp() in peer.link.events()
        for second in range(30, 100):
            peer.link.run(second)
            peer.pump()
        assert peer.link.calls == 1


@pytest.mark.parametrize("ends", [DISCONNECT, RELEASE])
def test_a_clearing_that_was_lost_with_the_link_is_said_again(peer: LapdPeer, ends: int) -> None:
    """Not only when T305 (30 s) or T308 comes round: until then the channel would be blocked."""
    call = talk(peer)
    if ends == DISCONNECT:
        peer.link.hangup(call, 16)
    else:
        peer.send_only(message(1, DISCONNECT, CAUSE_16))
    peer.link.take_frames()  # lost
    peer.messages.clear()
    sabme(peer)
    assert [sent[:5] for sent in peer.messages] == [message(OURS | 1, ends)]
    peer.send(message(1, RELEASE if ends == DISCONNECT else RELEASE_COMPLETE))
    assert peer.link.calls == 0
    sabme(peer)
    assert [sent[4] for sent in peer.messages] == [ends] + [RELEASE_COMPLETE] * (ends == DISCONNECT)


IN_BAND = hexa("1e 02 82 88")


def test_an_announcement_after_disconnect_is_let_be_heard(exchange: LapdPeer) -> None:
    """5.3.4.1: the network sends RELEASE when it is over (T306)."""
    call = talk(exchange)
    assert answer(exchange, message(1, DISCONNECT, CAUSE_16, IN_BAND)) == []
    assert exchange.link.events() == [Clearing(call, 16, inband=True)]
    exchange.link.run(29.0)
    exchange.pump()
    assert answer(exchange, message(1, RELEASE, CAUSE_16)) == [message(OURS | 1, RELEASE_COMPLETE)]
    assert exchange.link.events() == [Gone(call, 16)]


def test_an_announcement_ends_when_nobody_listens(exchange: LapdPeer) -> None:
    call = talk(exchange)
    exchange.send(message(1, DISCONNECT, CAUSE_16, IN_BAND))
    exchange.link.hangup(call, 16)
    exchange.pump()
    assert exchange.messages == [message(OURS | 1, RELEASE, cause(16))]


def test_an_announcement_without_end_is_ended(exchange: LapdPeer) -> None:
    call = talk(exchange)
    exchange.send(message(1, DISCONNECT, CAUSE_16, IN_BAND))
    exchange.link.run(44.0)
    exchange.pump()
    assert exchange.messages == []
    exchange.link.run(46.0)
    exchange.pump()
    assert exchange.messages == [message(OURS | 1, RELEASE, cause(16))]
    exchange.send(message(1, RELEASE_COMPLETE))
    assert exchange.link.events() == [Clearing(call, 16, inband=True), Gone(call, 16)]


def test_a_second_disconnect_ends_the_announcement(exchange: LapdPeer) -> None:
    call = talk(exchange)
    exchange.send(message(1, DISCONNECT, CAUSE_16, IN_BAND))
    exchange.send(message(1, DISCONNECT, CAUSE_16, IN_BAND))
    assert exchange.messages == []
    exchange.send(message(1, DISCONNECT, CAUSE_16))
    assert exchange.messages == [message(OURS | 1, RELEASE, cause(16))]
    assert exchange.link.events() == [Clearing(call, 16, inband=True), Clearing(call, 16)]


def test_a_network_passes_over_what_its_user_would_play() -> None:
    """Table 3-6, note 2."""
    with peer_of("network") as peer:
        talk(peer)
        assert [sent[4] for sent in answer(peer, message(1, DISCONNECT, CAUSE_16, IN_BAND))] == [RELEASE]
