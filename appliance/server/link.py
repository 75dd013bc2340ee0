# SPDX-License-Identifier: GPL-2.0-or-later
"""The call server's end of the socket to the switch: connects again and again, begins with Confirm."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from appliance.contract.errors import WireError
from appliance.contract.switch import AnyCommand, Envelope
from appliance.contract.wire import Unpacker, pack
from appliance.server.server import CallServer

RETRY_S = 0.2
_CHUNK = 1 << 16

_log = logging.getLogger(__name__)


class SwitchLink:
    """One connection at a time to the switch at `path`."""

    def __init__(self, path: Path, server: CallServer) -> None:
        self._path = path
        self._server = server
        self._writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Keep a connection, until cancelled."""
        while True:
            try:
                reader, self._writer = await asyncio.open_unix_connection(self._path)
            except OSError:
                await asyncio.sleep(RETRY_S)  # the switch is being started
                continue
            await self._serve(reader, self._writer)
            await asyncio.sleep(RETRY_S)

    async def ask(self, make: Callable[[int], AnyCommand], within_s: float) -> Any:
        """Send a command that the switch answers, made with the request's number; return the answer.

        Raises TimeoutError: none came within `within_s`.
        """
        request, answer = next(self._server.requests), asyncio.get_running_loop().create_future()
        self._server.answers[request] = lambda event: None if answer.done() else answer.set_result(event)
        self.send([make(request)])
        try:
            return await asyncio.wait_for(answer, within_s)
        finally:
            self._server.answers.pop(request, None)

    def send(self, commands: Sequence[AnyCommand]) -> None:
        """Send commands; without a connection they are dropped, as the switch clears all legs."""
        if self._writer is not None and commands:
            self._writer.write(b"".join(map(pack, commands)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _log.info("connected to the switch")
        unpacker = Unpacker[Envelope](Envelope)
        try:
            writer.write(pack(self._server.greeting()))
            while data := await reader.read(_CHUNK):
                self.send(self._server.on_envelopes(unpacker.feed(data)))
            _log.warning("the switch went away")
        except OSError as error:
            _log.warning("the connection to the switch broke: %s", error)
        except WireError as error:
            _log.error("the switch sent what is no message: %s", error.message)
        finally:
            self._writer = None
            writer.close()
            self._server.on_detached()
