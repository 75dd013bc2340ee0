# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that an app delivers to its browser, each piece when the one before it has gone out."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from textual._binary_encode import load

from tui.web.packets import meta

PIECE: Final = 1 << 16
PATIENCE_S: Final = 10.0
"""How long the app may take for a piece."""
MAX_OFFERS: Final = 16
"""Files that wait to be fetched; with one more the oldest offer is void."""

Write = Callable[[bytes], Awaitable[None]]


@dataclass
class File:
    """A file that the app has ready."""

    key: str
    name: str
    media_type: str
    pieces: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)


class Files:
    """The files of one session.

    Args:
        write: sends a packet to the app.
    """

    def __init__(self, write: Write) -> None:
        self._write = write
        self._offered: dict[str, File] = {}

    def offer(self, file: File) -> None:
        """Keep a file until it is fetched."""
        self._offered[file.key] = file
        for key in list(self._offered)[:-MAX_OFFERS]:
            del self._offered[key]

    def find(self, key: str) -> File | None:
        """Return the file of a key."""
        return self._offered.get(key)

    async def take(self, packed: bytes) -> None:
        """Take a piece from the app; one that was not asked for is dropped."""
        match load(packed):
            case ("deliver_chunk", str(key), str() | bytes() as piece) if key in self._offered:
                await self._offered[key].pieces.put(piece.encode() if isinstance(piece, str) else piece)

    async def fetch(self, file: File) -> AsyncIterator[bytes]:
        """Return a file's pieces; it can be fetched once. Raises TimeoutError if the app does not go on."""
        try:
            while True:
                await self._write(meta("deliver_chunk_request", key=file.key, size=PIECE, name=None))
                async with asyncio.timeout(PATIENCE_S):
                    piece = await file.pieces.get()
                if not piece:
                    return
                yield piece
        finally:
            self._offered.pop(file.key, None)
