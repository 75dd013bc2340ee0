# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch's socket: a call server's first word, garbage, a reader that sleeps, and a second one that must wait."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.contract.switch import Answer, AnyCommand, Confirm, Envelope, Heartbeat, Trouble
from appliance.contract.wire import Unpacker, pack
from appliance.switch.uplink import MAX_BACKLOG, Uplink


@pytest.fixture
def uplink(tmp_path: Path) -> Iterator[Uplink]:
    made = Uplink(tmp_path / "switch.sock")
    yield made
    made.close()
    assert not (tmp_path / "switch.sock").exists()


@pytest.fixture
def peer(uplink: Uplink, tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as made:
        made.connect(str(tmp_path / "switch.sock"))
        yield made


def test_only_the_owner_may_connect(uplink: Uplink, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / "switch.sock").stat().st_mode) == 0o600


def test_confirm_first_then_commands_down_and_events_up(uplink: Uplink, peer: socket.socket) -> None:
    assert uplink.greeting() is None
    peer.sendall(pack(Confirm(7)) + pack(Answer(2)))
    assert uplink.greeting() == Confirm(7)
    assert uplink.connected
    assert uplink.commands() == [Answer(2)]
    assert uplink.commands() == []
    envelope = Envelope(8, 99, Heartbeat())
    uplink.send([envelope])
    assert Unpacker[Envelope](Envelope).feed(peer.recv(999)) == [envelope]
    peer.close()
    assert uplink.commands() == []
    assert not uplink.connected


@pytest.mark.parametrize("first", [pack(Answer(2)), b"\xff\xff\xff\xff", b"\0\0\0\x01\xc1", b"GET / HTTP/1.1\r\n\r\n"])
def test_who_begins_otherwise_is_let_go_and_the_next_is_served(
    uplink: Uplink, peer: socket.socket, first: bytes, tmp_path: Path
) -> None:
    peer.sendall(first)
    assert uplink.greeting() is None
    assert not uplink.connected
    assert uplink.complaint
    with socket.socket(socket.AF_UNIX) as second:
        second.connect(str(tmp_path / "switch.sock"))
        second.sendall(pack(Confirm(0)))
        assert uplink.greeting() == Confirm(0)


def test_a_call_server_that_does_not_read_is_let_go(uplink: Uplink, peer: socket.socket) -> None:
    peer.sendall(pack(Confirm(0)))
    assert uplink.greeting()
    event = Envelope(1, 1, Trouble("x", "y" * 100_000))
    for _ in range(MAX_BACKLOG // 100_000 + 20):
        uplink.send([event])
    assert not uplink.connected
    assert "does not read" in uplink.complaint


def test_commands_split_anywhere_arrive_whole(uplink: Uplink, peer: socket.socket) -> None:
    peer.sendall(pack(Confirm(0)))
    assert uplink.greeting()
    sent: list[AnyCommand] = [Answer(n) for n in range(2, 12, 2)]
    got: list[AnyCommand] = []
    for byte in b"".join(pack(command) for command in sent):
        peer.sendall(bytes([byte]))
        got += uplink.commands()
    assert got == sent
