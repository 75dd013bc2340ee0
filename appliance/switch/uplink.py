# SPDX-License-Identifier: GPL-2.0-or-later
"""The switch's end of the Unix socket to the call server. Never blocks; one call server at a time.

A call server that stops reading is disconnected like one that died: its calls would hang otherwise.
"""

import os
import select
import socket
from collections.abc import Sequence
from pathlib import Path

import msgspec

from appliance.contract.errors import WireError
from appliance.contract.switch import AnyCommand, Confirm, Envelope
from appliance.contract.wire import Unpacker, pack

MAX_BACKLOG = 16 << 20
"""Bytes waiting for the call server before it counts as stuck: minutes of the busiest box."""
_CHUNK = 1 << 16


class Uplink:
    """Listener on `path` (mode 0600); `commands` and `send` are called once a tick.

    Attributes:
        connected: a call server is there and has confirmed the end of its store.
        complaint: why the last one was disconnected, '' if it went by itself.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        mask = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(mask)
        self._listener.listen(1)
        self._peer: socket.socket | None = None
        self._come = select.poll()  # asked before each read: it costs less than a read of nothing
        self._unpacker: Unpacker[AnyCommand] = Unpacker(AnyCommand)
        self._early: list[AnyCommand] = []
        self._out = bytearray()
        self.connected = False
        self.complaint = ""

    def greeting(self) -> Confirm | None:
        """Return a new call server's first message, when it has come: the last event in its store."""
        if self._peer is None:
            self._accept()
        if self._peer is None or self.connected:
            return None
        commands = self._read()
        if not commands:
            return None
        first, *self._early = commands
        if not isinstance(first, Confirm):
            self._let_go(f"a call server must begin with Confirm, not with {type(first).__name__}")
            return None
        self.connected = True
        return first

    def commands(self) -> list[AnyCommand]:
        """Return the commands that have come. `connected` is False afterwards if the call server went away."""
        if not self.connected:
            return []
        early, self._early = self._early, []
        return early + self._read()

    def send(self, envelopes: Sequence[Envelope]) -> None:
        """Queue events and write as much as the socket takes."""
        if self._peer is None:
            return
        for envelope in envelopes:
            self._out += pack(envelope)
        if not self._out:
            return
        try:
            del self._out[: self._peer.send(self._out)]
        except BlockingIOError:
            pass
        except OSError as error:
            self._let_go(error.strerror or str(error))
            return
        if len(self._out) > MAX_BACKLOG:
            self._let_go("the call server does not read its events")

    def close(self) -> None:
        """Close both sockets and remove the path."""
        self._let_go("")
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        try:
            self._peer, _address = self._listener.accept()
        except BlockingIOError:
            return
        self._peer.settimeout(0)
        self._come.register(self._peer, select.POLLIN)
        self._unpacker = Unpacker(AnyCommand)

    def _read(self) -> list[AnyCommand]:
        commands: list[AnyCommand] = []
        assert self._peer is not None
        try:
            while self._come.poll(0):
                data = self._peer.recv(_CHUNK)
                if not data:
                    self._let_go("")
                    break
                commands += self._unpacker.feed(data)
        except BlockingIOError:
            pass
        except (OSError, WireError, msgspec.MsgspecError) as error:
            self._let_go(str(error))
        return commands

    def _let_go(self, complaint: str) -> None:
        if self._peer is not None:
            self._come.unregister(self._peer)
            self._peer.close()
        self._peer = None
        self._out.clear()
        self.connected = False
        self.complaint = complaint
