# SPDX-License-Identifier: GPL-2.0-or-later
"""The control socket: lines in, lines out. Who sends nonsense gets an `Error` and disturbs nobody else."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec

from appliance.api.messages import MAX_LINE, AnyReply, AnyRequest, Done, Error, Subscribe
from appliance.api.subscribers import Subscribers
from appliance.i18n import N_

MAX_CONNECTIONS: Final = 64
_SEE_README: Final = N_("requests are described in appliance/api/README.md")

_decoder: msgspec.json.Decoder[AnyRequest] = msgspec.json.Decoder(AnyRequest)
_encoder = msgspec.json.Encoder()


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
        self._connections: set[asyncio.Task[None]] = set()

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
        self._connections.add(task)
        try:
            if len(self._connections) > MAX_CONNECTIONS:
                hint = N_("close those that are not needed")
                await _reply(
                    writer, Error.of(N_("the box has too many control connections ({n})"), hint, n=MAX_CONNECTIONS)
                )
            else:
                await self._converse(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass  # it went away, or the box is ending
        finally:
            self._connections.discard(task)
            self._subscribers.remove(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            try:
                line = await reader.readuntil(b"\n")
            except asyncio.IncompleteReadError:
                return
            except asyncio.LimitOverrunError:
                text = N_("a request is longer than {n} bytes")
                await _reply(writer, Error.of(text, _SEE_README, n=MAX_LINE))
                return
            request = _read(line)
            if isinstance(request, Subscribe):
                await self._stream(request, reader, writer)
                return
            await _reply(writer, request if isinstance(request, Error) else await self._answer(request))

    async def _stream(self, request: Subscribe, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
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
    writer.write(_encoder.encode(reply) + b"\n")
    await writer.drain()
