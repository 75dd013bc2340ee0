# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket: lines in, lines out. Who sends nonsense gets an `Error` and disturbs nobody else."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from appliance.api.messages import MAX_LINE, AnyReply, AnyRequest, Done, Error, Subscribe
from appliance.i18n import N_
from appliance.server.subscribers import Subscribers

MAX_CONNECTIONS: Final = 64
_SEE_README: Final = N_("requests are described in appliance/api/README.md")

_SILENT, _SUBSCRIBED, _ASKED = range(3)
"""How much a connection is needed: it waits for nothing, it is told what happens, its request is being answered."""

_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_encoder = msgspec.json.Encoder()


@dataclass
class _Connection:
    writer: asyncio.StreamWriter
    busy: int = _SILENT


class ControlServer:
    """Listens on a Unix socket of mode 0600.

    Args:
        path: the socket; one that was left behind is replaced.
        answer: answers every request but `Subscribe`; see `Desk.answer`.
        subscribers: who is told what happens.
    """

    def __init__(
        self, path: Path, answer: Callable[[AnyRequest], Awaitable[AnyReply]], subscribers: Subscribers
    ) -> None:
        self._path = path
        self._answer = answer
        self._subscribers = subscribers
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        """The one that has been silent longest stands first."""

    async def start(self) -> None:
        """Begin to listen. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._connected, self._path, limit=MAX_LINE)
        finally:
            os.umask(mask)

    async def stop(self) -> None:
        """End every connection and take the name away."""
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
            if self._make_room(task):
                await self._converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # it went away, made room for another, or the box is ending
        finally:
            self._connections.pop(task, None)
            self._subscribers.remove(writer)
            writer.close()

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
        """Note that this connection is at work, or that it has just spoken: it stands last now."""
        task = asyncio.current_task()
        if task is not None and (mine := self._connections.pop(task, None)) is not None:
            mine.busy = busy
            self._connections[task] = mine

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        last = False
        while not last:
            try:
                line = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError as end:
                line, last = end.partial, True  # it has said all: a last line needs no line feed
                if not line.strip():
                    return
            except asyncio.LimitOverrunError:
                text = N_("a request is longer than {n} bytes")
                await _reply(writer, Error.of(text, _SEE_README, n=MAX_LINE))
                return
            request = _read(line)
            if isinstance(request, Subscribe):
                await self._stream(request, reader, writer)
                return
            self._mark(busy=_ASKED)
            await _reply(writer, request if isinstance(request, Error) else await self._answer(request))
            self._mark(busy=_SILENT)

    async def _stream(self, request: Subscribe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._mark(busy=_SUBSCRIBED)
        await _reply(writer, Done())
        self._subscribers.add(writer, request.topics)
        while await reader.read(MAX_LINE):  # whatever it says now is not read as a request; its end ends the stream
            pass


def _read(line: bytes) -> AnyRequest | Error:
    try:
        return _decoder.decode(line)
    except msgspec.DecodeError as error:
        return Error.of(N_("not a request: {why}"), _SEE_README, why=error)


async def _reply(writer: asyncio.StreamWriter, reply: AnyReply) -> None:
    _say(writer, reply)
    await writer.drain()


def _say(writer: asyncio.StreamWriter, reply: AnyReply) -> None:
    writer.write(_encoder.encode(reply) + b"\n")
