# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket: lines in, lines out. An invalid line gets an `Error` and affects no other connection.

A connection begins with `Hello`: the box, the user at the other end, and that user's rights.
"""

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from appliance.api.messages import MAX_LINE, AnyReply, AnyRequest, Error, Hello, Subscribe, Subscribed
from appliance.contract.rights import Peer, Right
from appliance.i18n import N_
from appliance.server.discretion import Discretion
from appliance.server.rights import Admission
from appliance.server.subscribers import Subscribers
from appliance.version import VERSION

MAX_CONNECTIONS: Final = 64
_GIVE_RIGHTS: Final = N_("rights are given in [api.users] of the configuration")
_PASS: Final = 0o011  # other users reach the socket in the folder, and cannot list it
_SEE_README: Final = N_("requests are described in appliance/api/README.md")

_SILENT, _SUBSCRIBED, _ASKED = range(3)
"""Use of a connection: it waits for nothing, it gets updates, its request is being answered."""

_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_encoder = msgspec.json.Encoder()
_log = logging.getLogger(__name__)


@dataclass
class _Connection:
    writer: asyncio.StreamWriter
    busy: int = _SILENT


class ControlServer:
    """A server on a Unix socket, of mode 0600 unless other users are admitted.

    Args:
        path: the socket; one that was left behind is replaced.
        answer: answers every request but `Subscribe` of the user who asks; see `Desk.answer`.
        subscribers: the subscribers of updates.
        admission: users and their rights.
        discretion: what users who may not supervise are not shown.
    """

    def __init__(
        self,
        path: Path,
        answer: Callable[[AnyRequest, str], Awaitable[AnyReply]],
        subscribers: Subscribers,
        admission: Admission,
        discretion: Discretion | None = None,
    ) -> None:
        self._path = path
        self._answer = answer
        self._subscribers = subscribers
        self._admission = admission
        self._discretion = discretion or Discretion()
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        """The one that has been silent longest stands first."""

    async def start(self) -> None:
        """Begin to listen. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        mask = os.umask(0o111 if self._admission.others else 0o177)
        try:
            self._server = await asyncio.start_unix_server(self._connected, self._path, limit=MAX_LINE)
        finally:
            os.umask(mask)
        if self._admission.others:
            self._path.parent.chmod(self._path.parent.stat().st_mode | _PASS)

    async def stop(self) -> None:
        """Close every connection and remove the socket."""
        if self._server is None:
            return
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        self._path.unlink(missing_ok=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = _Connection(writer)
        try:
            peer = self._greet(writer)
            if peer.rights and self._make_room(task):
                await self._converse(reader, writer, peer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # it was closed, made room for another, or the box is ending
        finally:
            self._connections.pop(task, None)
            self._subscribers.remove(writer)
            writer.close()

    def _greet(self, writer: asyncio.StreamWriter) -> Peer:
        """Send the greeting; return the user at the other end. A user without rights gets an error as well."""
        peer = self._admission.peer(writer.get_extra_info("socket"))
        _say(writer, Hello(version=VERSION, user=peer.user, rights=peer.rights, seq=self._subscribers.seq))
        if not peer.rights:
            _say(writer, Error.of(N_("{user} may ask nothing of this box"), _GIVE_RIGHTS, user=peer.user))
        return peer

    def _make_room(self, newest: asyncio.Task[None]) -> bool:
        """End the connection that has been silent longest, subscribed ones last; False if all are being answered.

        So a program that forgets to close its connections locks out no other.
        """
        if len(self._connections) <= MAX_CONNECTIONS:
            return True
        others = [each for each in self._connections if each is not newest]
        least = min(others, key=lambda each: self._connections[each].busy)  # the first of the least busy
        gone = newest if self._connections[least].busy == _ASKED else least
        hint = N_("close those that are not needed")
        text = N_("the box has too many control connections ({n}): the one that was silent longest is ended")
        _say(self._connections.pop(gone).writer, Error.of(text, hint, n=MAX_CONNECTIONS))
        if gone is not newest:
            gone.cancel()
        return gone is not newest

    def _mark(self, *, busy: int) -> None:
        """Set the use of this connection, and put it last in the order of silence."""
        task = asyncio.current_task()
        if task is not None and (mine := self._connections.pop(task, None)) is not None:
            mine.busy = busy
            self._connections[task] = mine

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: Peer) -> None:
        last = False
        while not last:
            try:
                line = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError as end:
                line, last = end.partial, True  # the input has ended: a last line needs no line feed
                if not line.strip():
                    return
            except asyncio.LimitOverrunError:
                text = N_("a request is longer than {n} bytes")
                await _reply(writer, Error.of(text, _SEE_README, n=MAX_LINE))
                return
            request = _permitted(_read(line), peer)
            if isinstance(request, Subscribe):
                await self._stream(request, reader, writer)
                return
            self._mark(busy=_ASKED)
            reply = request if isinstance(request, Error) else await self._answer(request, peer.user)
            await _reply(writer, reply if "supervise" in peer.rights else self._discretion.reply(reply))
            self._mark(busy=_SILENT)

    async def _stream(self, request: Subscribe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._mark(busy=_SUBSCRIBED)
        since = request.since or self._subscribers.seq
        complete = bool(request.since) and self._subscribers.knows(since)
        _say(writer, Subscribed(self._subscribers.seq, complete))
        await self._subscribers.serve(writer, request.topics, since if complete else self._subscribers.seq)
        while await reader.read(MAX_LINE):  # later input is no request; its end ends the stream
            pass


def _read(line: bytes) -> AnyRequest | Error:
    try:
        return _decoder.decode(line)
    except msgspec.DecodeError as error:
        return Error.of(N_("not a request: {why}"), _SEE_README, why=error)


def _permitted(request: AnyRequest | Error, peer: Peer) -> AnyRequest | Error:
    """Return the request if its user has the right to it; log it if it changes anything."""
    if isinstance(request, Error):
        return request
    supervises = isinstance(request, Subscribe) and "supervision" in request.topics
    right: Right = "supervise" if supervises else request.right
    if right not in peer.rights:
        text = N_("{user} may not ask this: it takes the right {right}")
        return Error.of(text, _GIVE_RIGHTS, user=peer.user, right=right)
    if request.right != "read":
        _log.info("asked by %s: %s", peer.user, request)
    return request


async def _reply(writer: asyncio.StreamWriter, reply: AnyReply) -> None:
    _say(writer, reply)
    await writer.drain()


def _say(writer: asyncio.StreamWriter, reply: AnyReply) -> None:
    writer.write(_encoder.encode(reply) + b"\n")
