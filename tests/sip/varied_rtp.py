# SPDX-License-Identifier: GPL-2.0-or-later
"""RTP and RTCP packets (RFC 3550, RFC 4733) that a stream may hold, and jumps that it may make."""

import random
import struct


class Stream:
    """One far end's packets: right ones for the most part, with everything changed that a header has."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._sequence, self._time, self._source = (
            chance.getrandbits(16),
            chance.getrandbits(32),
            chance.getrandbits(32),
        )

    def packet(self) -> bytes:
        """The next one."""
        chance = self._chance
        self._sequence += chance.choice((1,) * 30 + (0, 2, -1, 100, 3000, 40000))
        self._time += chance.choice((160,) * 30 + (0, 80, 480, -160, 8000, 1 << 31))
        if chance.random() < 0.02:
            self._source = chance.getrandbits(32)
        kind = chance.choice((8,) * 12 + (0, 0, 9, 13, 18, 96, 101, 101, 101, 120, 127, 72))
        payload = self._event() if kind in (101, 96, 120, 127) else chance.randbytes(self._length())
        return self._head(kind) + payload

    def _length(self) -> int:
        return self._chance.choice((160,) * 20 + (0, 1, 80, 240, 320, 800, 1400))

    def _head(self, kind: int) -> bytes:
        chance = self._chance
        first, after = 0x80, b""
        if chance.random() < 0.05:
            sources = chance.randrange(16)
            first, after = first | sources, chance.randbytes(4 * sources)
        if chance.random() < 0.05:
            words = chance.choice((0, 1, 4, 60, 60000))
            first, after = (
                first | 0x10,
                after + struct.pack("!HH", 0xBEDE, words) + chance.randbytes(4 * min(words, 60)),
            )
        if chance.random() < 0.03:
            first |= 0x20  # the last octet says how much of the payload is padding, whatever it is
        second = kind | (0x80 if chance.random() < 0.1 else 0)
        return (
            struct.pack("!BBHII", first, second, self._sequence & 0xFFFF, self._time & 0xFFFFFFFF, self._source) + after
        )

    def _event(self) -> bytes:
        chance = self._chance
        code = chance.choice((*range(16), 16, 66, 70, 255))
        octets = struct.pack("!BBH", code, chance.choice((10, 0x8A, 0x40, 0xFF)), chance.choice((160, 800, 0, 65535)))
        return octets * chance.choice((1, 1, 1, 1, 2, 5)) + chance.randbytes(chance.choice((0, 0, 0, 3)))

    def report(self) -> bytes:
        """A compound RTCP packet."""
        chance = self._chance
        made = b""
        for _ in range(chance.randint(1, 4)):
            kind, count = chance.choice((200, 200, 201, 202, 203, 204, 205, 207)), chance.randrange(4)
            content = struct.pack("!I", self._source) + chance.randbytes(4 * chance.choice((0, 5, 6, 11, 30)))
            length = len(content) // 4 if chance.random() < 0.9 else chance.randrange(0x10000)
            made += struct.pack("!BBH", 0x80 | count, kind, length) + content
        return made
