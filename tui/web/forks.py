# SPDX-License-Identifier: GPL-2.0-or-later
"""The fork server as the gate sees it: started with the first session, and again after its end with the next."""

import asyncio
import contextlib
import itertools
import os
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import msgspec

from appliance.children.keeper import PARENT
from tui.web.orders import Begin, End, Order
from tui.web.visit import Visit, written

NICE: Final = 10
_WEB: Final = {
    "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver",
    "TEXTUAL_COLOR_SYSTEM": "truecolor",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_FPS": "30",
}
"""Textual reads these when it is loaded, so they are the fork server's."""


@dataclass
class Shown:
    """A session's process as its terminal sees it."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Forks:
    """Starts processes that show sessions.

    Args:
        run: `module:function` that shows a visit until it ends.
        nice: how much sessions leave the processor to others (nice(2)): calls go before screens.
    """

    def __init__(self, run: str, nice: int = NICE) -> None:
        self._run, self._nice = run, nice
        self._numbers = itertools.count(1)
        self._server: Process | None = None
        self._orders: socket.socket | None = None
        self._starting = asyncio.Lock()

    @property
    def pid(self) -> int:
        """Process number of the fork server, 0 before it was needed."""
        return self._server.pid if self._server else 0

    async def begin(self, visit: Visit, environment: Mapping[str, str]) -> Shown:
        """Start the process of a session. Raises OSError."""
        number = next(self._numbers)
        ours, theirs = socket.socketpair()
        with theirs:
            ticket = written(visit)
            try:
                await self._order(Begin(number, dict(environment)), theirs.fileno(), ticket)
            except OSError:
                ours.close()
                raise
            finally:
                os.close(ticket)
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        return Shown(number, reader, writer)

    async def kill(self, shown: Shown) -> None:
        """End the process of a session that did not end by itself."""
        with contextlib.suppress(OSError):  # then it has ended with its server
            await self._order(End(shown.number))

    async def close(self) -> None:
        """End the fork server, and with it all sessions."""
        if self._orders is not None:
            self._orders.close()
            self._orders = None
        if self._server is not None:
            await self._server.wait()
            self._server = None

    async def _order(self, order: Order, *descriptors: int) -> None:
        async with self._starting:
            if self._server is None or self._server.returncode is not None or self._orders is None:
                await self._start()
            assert self._orders is not None
            socket.send_fds(self._orders, [msgspec.json.encode(order)], descriptors)

    async def _start(self) -> None:
        if self._orders is not None:
            self._orders.close()
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            number = theirs.fileno()
            self._server = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tui.web.fork_server", str(number), self._run, str(self._nice)),
                stdin=DEVNULL,
                stdout=DEVNULL,
                pass_fds=(number,),
                env={**os.environ, **_WEB, PARENT: str(os.getpid())},
            )
