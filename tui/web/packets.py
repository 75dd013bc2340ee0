# SPDX-License-Identifier: GPL-2.0-or-later
"""Packets between the gate and a Textual app whose driver is `textual.drivers.web_driver`: kind, length, payload."""

import asyncio
from typing import Final

import msgspec

DATA: Final = b"D"
"""Octets that a terminal would get or send."""
META: Final = b"M"
"""A JSON object with a `type`."""
PACKED: Final = b"P"
"""A tuple as `textual._binary_encode` writes it: a piece of a file for the browser."""
GREETING: Final = b"__GANGLION__\n"
"""First line of the app; lines before it are passed over."""
STATUS: Final = "status"
"""Type of what is told after the end of an app that did not end well: its exit status."""
MAX_PAYLOAD: Final = 1 << 24


def packet(kind: bytes, payload: bytes) -> bytes:
    """Return the octets of one packet."""
    return kind + len(payload).to_bytes(4, "big") + payload


def meta(kind: str, **values: object) -> bytes:
    """Return a packet that tells the app something."""
    return packet(META, msgspec.json.encode({"type": kind, **values}))


async def greeted(reader: asyncio.StreamReader) -> bool:
    """Wait for the app's greeting; return whether it came."""
    while line := await reader.readline():
        if line == GREETING:
            return True
    return False


async def next_packet(reader: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """Return the kind and payload of the app's next packet; None at its end."""
    try:
        head = await reader.readexactly(5)
        length = int.from_bytes(head[1:], "big")
        return (head[:1], await reader.readexactly(length)) if length <= MAX_PAYLOAD else None
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
