# SPDX-License-Identifier: GPL-2.0-or-later
"""A bound for connections: a browser needs few, and a program that opens many and says nothing gets no more."""

import asyncio
from collections.abc import Callable
from typing import Final

CONNECTIONS: Final = 128
SILENT_S: Final = 15.0
"""A connection that has not sent its first octets by then is closed."""

Make = Callable[[], asyncio.Protocol]


class Connections:
    """A factory of protocols that counts what it makes.

    Args:
        make: makes the protocol of a connection that is served.
    """

    def __init__(self, make: Make, most: int = CONNECTIONS, silent_s: float = SILENT_S) -> None:
        self._make, self._most, self.silent_s = make, most, silent_s
        self.open = 0

    def __call__(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return _Counted(self, self._make()) if self.open < self._most else _Refused()


class _Refused(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


class _Counted(asyncio.Protocol):
    """A protocol that is told everything, and whose connection is counted and must not stay silent."""

    def __init__(self, all_: Connections, inner: asyncio.Protocol) -> None:
        self._all, self._inner = all_, inner
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._all.open += 1
        self._timer = asyncio.get_running_loop().call_later(self._all.silent_s, transport.close)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._inner.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.open -= 1
        if self._timer is not None:
            self._timer.cancel()
        self._inner.connection_lost(exc)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()
