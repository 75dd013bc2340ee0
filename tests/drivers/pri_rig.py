# SPDX-License-Identifier: GPL-2.0-or-later
"""A D channel that is up, and requests to it by a peer without layer 3 of its own."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from drivers.pri import PriLink, Side
from drivers.pri_events import Setup
from tests.drivers.lapd_peer import BEARER, CALLED, CONNECT_ACK, SETUP, LapdPeer, channel, message

RESTART, RESTART_ACK, INFORMATION, STATUS_ENQUIRY = 0x46, 0x4E, 0x7B, 0x75
OURS = 0x8000
"""Call reference flag of the link's messages about a call that the peer began."""


@contextmanager
def peer_of(side: Side, timers: Mapping[str, float] | None = None) -> Iterator[LapdPeer]:
    link = PriLink(side, timers)
    peer = LapdPeer(link)
    for tick in range(5):
        link.run(tick * 0.02)
        peer.pump()
    assert link.up
    link.events()
    yield peer
    link.close()


def hexa(text: str) -> bytes:
    return bytes.fromhex(text)


def cause(value: int) -> bytes:
    return bytes([0x08, 2, 0x81, 0x80 | value])


def answer(peer: LapdPeer, sent: bytes) -> list[bytes]:
    """Return the link's answers to a message."""
    peer.messages.clear()
    peer.send(sent)
    return peer.messages


def offered(peer: LapdPeer, *elements: bytes, reference: int = 1) -> Setup | None:
    """The call that comes of a SETUP, if one does."""
    peer.messages.clear()
    peer.send(message(reference, SETUP, *elements))
    return next((event for event in peer.link.events() if isinstance(event, Setup)), None)


def offered_only(peer: LapdPeer, reference: int = 1) -> int:
    """Return the call of a SETUP that can be had, on the channel of its reference."""
    setup = offered(peer, BEARER, channel(reference), CALLED, reference=reference)
    assert setup
    return setup.call


def talk(peer: LapdPeer, reference: int = 1) -> int:
    setup = offered(peer, BEARER, channel(1), CALLED, reference=reference)
    assert setup
    peer.link.connect(setup.call, 1)
    peer.pump()
    peer.send(message(reference, CONNECT_ACK))
    peer.messages.clear()
    return setup.call


def sabme(peer: LapdPeer) -> None:
    """Set the link up anew from the peer, and take the frames after it."""
    address = b"\x02\x01" if peer.link.side == "user" else b"\x00\x01"
    peer.restart()
    peer.link.receive(address + b"\x7f")
    peer.pump()
