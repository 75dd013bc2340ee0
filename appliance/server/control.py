# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket: lines in, lines out. An invalid line gets an `Error` and affects no other connection.

A connection begins with `Hello`: the box, the user at the other end, and that user's rights. A user who signs in there
has the rights of the role from then on, and no others.
"""

import asyncio
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from appliance.access.tickets import Ticket
from appliance.api.messages import (
    MAX_LINE,
    AnyReply,
    AnyRequest,
    Error,
    Hello,
    Note,
    SetEntry,
    SignRequest,
    Subscribe,
    Subscribed,
)
from appliance.config.hidden import HIDDEN, hidden
from appliance.contract.errors import RequestError
from appliance.i18n import N_
from appliance.server.discretion import Discretion
from appliance.server.reception import Reception
from appliance.server.rights import Admission
from appliance.server.subscribers import Subscribers
from appliance.server.visitor import Visitor
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
    visitor: Visitor
    busy: int = _SILENT


class ControlServer:
    """A server on a Unix socket, of mode 0600 unless other users are admitted.

    Args:
        path: the socket; one that was left behind is replaced.
        reception: answers every request but `Subscribe`, as its user may ask it.
        subscribers: the subscribers of updates.
        admission: users and their rights.
        discretion: what users who may not supervise are not shown.
    """

    def __init__(
        self,
        path: Path,
        reception: Reception,
        subscribers: Subscribers,
        admission: Admission,
        discretion: Discretion | None = None,
    ) -> None:
        self._path = path
        self._reception = reception
        reception.tickets.ended = self._turn_out
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
        mine = self._connections[task] = _Connection(writer, self._greet(writer))
        try:
            if self._admitted(mine.visitor, writer) and self._make_room(task):
                await self._converse(reader, writer, mine)
        except (ConnectionError, asyncio.CancelledError):
            pass  # it was closed, made room for another, or the box is ending
        finally:
            self._connections.pop(task, None)
            self._reception.left(mine.visitor)
            self._subscribers.remove(writer)
            writer.close()

    def _greet(self, writer: asyncio.StreamWriter) -> Visitor:
        """Send the greeting; return the user at the other end."""
        peer = self._admission.peer(writer.get_extra_info("socket"))
        _say(writer, Hello(version=VERSION, user=peer.user, rights=peer.rights, seq=self._subscribers.seq))
        return Visitor(peer)

    def _admitted(self, visitor: Visitor, writer: asyncio.StreamWriter) -> bool:
        """Return whether the user may ask or sign in; else send an error."""
        if visitor.peer.rights or self._admission.sign_in:
            return True
        _say(writer, Error.of(N_("{user} may ask nothing of this box"), _GIVE_RIGHTS, user=visitor.user))
        return False

    def _turn_out(self, ticket: Ticket) -> None:
        """End the connections of a ticket that has ended; one that is being answered gets its answer first."""
        here = asyncio.current_task()
        for task, each in self._connections.items():
            if each.visitor.ticket is ticket and task is not here:
                task.cancel()

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

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, mine: _Connection) -> None:
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
            request = self._permitted(_read(line), mine.visitor)
            if isinstance(request, Subscribe):
                await self._stream(request, reader, mine)
                return
            self._mark(busy=_ASKED)
            reply = request if isinstance(request, Error) else await self._answer(request, mine)
            await _reply(writer, reply if mine.visitor.supervises else self._discretion.reply(reply))
            self._mark(busy=_SILENT)

    async def _answer(self, request: AnyRequest, mine: _Connection) -> AnyReply:
        if not isinstance(request, SignRequest):
            return await self._reception.answer(request, mine.visitor)
        reply, mine.visitor = await self._reception.sign(request, mine.visitor)
        return replace(reply, version=VERSION, seq=self._subscribers.seq) if isinstance(reply, Hello) else reply

    def _permitted(self, request: AnyRequest | Error, visitor: Visitor) -> AnyRequest | Error:
        """Return the request as its user may ask it; log it if it changes anything."""
        if isinstance(request, Error | SignRequest):
            return request
        try:
            permitted = self._reception.permitted(request, visitor)
        except RequestError as error:
            return Error.of(error.msgid, error.hint_id, **error.values)
        if request.right != "read":
            _log.info("asked by %s: %s", visitor.user, _shown(request))
        return permitted

    async def _stream(self, request: Subscribe, reader: asyncio.StreamReader, mine: _Connection) -> None:
        self._mark(busy=_SUBSCRIBED)
        writer, sees = mine.writer, self._reception.sees(mine.visitor)
        since = request.since or self._subscribers.seq
        complete = bool(request.since) and self._subscribers.knows(since)
        _say(writer, Subscribed(self._subscribers.seq, complete))
        await self._subscribers.serve(writer, request.topics, since if complete else self._subscribers.seq, sees)
        while await reader.read(MAX_LINE):  # later input is no request; its end ends the stream
            pass


def _read(line: bytes) -> AnyRequest | Error:
    try:
        return _decoder.decode(line)
    except msgspec.DecodeError as error:
        return Error.of(N_("not a request: {why}"), _SEE_README, why=error)


def _shown(request: AnyRequest) -> str:
    """Return a request for the log, without passwords, whole texts of the configuration, and files."""
    secret = {name: HIDDEN for name in ("password", "old", "text", "data") if getattr(request, name, "")}
    if isinstance(request, SetEntry):
        return str(replace(request, values=hidden(request.values)))
    return str(replace(request, **secret)) if not isinstance(request, Note) else str(request)


async def _reply(writer: asyncio.StreamWriter, reply: AnyReply) -> None:
    _say(writer, reply)
    await writer.drain()


def _say(writer: asyncio.StreamWriter, reply: AnyReply) -> None:
    writer.write(_encoder.encode(reply) + b"\n")
