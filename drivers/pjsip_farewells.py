# SPDX-License-Identifier: GPL-2.0-or-later
"""The last message of each call for its far end, kept where it outlives this process.

A switch that is killed can send no BYE, and phones would stay in dead calls until a session timer ends. So each call's
last message, ready to be sent, lies in a slot of a mapped file: the page cache survives kill -9. The next process sends
the messages that it finds there. It sends each several times, as datagrams get lost and a proxy may just be starting.
It waits for no answer: a far end that does not know the call any more says so, which is as good.
"""

import mmap
import re
import struct
from pathlib import Path
from typing import Final

from drivers._pjmedia import ffi, lib

SLOT: Final = 4096
SEND_AT_POLLS: Final = frozenset({1, 25, 75, 175})
"""Polls after the start: T1 of 0.5 s and its double (RFC 3261 17.1.2.1), polled every 20 ms."""
_HEAD: Final = struct.Struct("<II")  # bytes of the place and of the text; 0: an empty slot
_ROOM: Final = SLOT - _HEAD.size
_PLACE: Final = re.compile(rb"\d+\.\d+\.\d+\.\d+:\d+")  # a name would have to be looked up


class Farewells:
    """One slot a row in the file `path`; None keeps nothing.

    Messages that an earlier process left are sent by `poll`.
    """

    def __init__(self, path: Path | None, rows: int) -> None:
        self._left: list[tuple[bytes, bytes]] = _read(path) if path else []
        self._polls = 0
        self._map: mmap.mmap | None = None
        self._place, self._text = ffi.new("char[]", lib.MX_PLACE), ffi.new("char[]", _ROOM)
        if path:
            path.touch(0o600)
            path.write_bytes(bytes(rows * SLOT))
            with path.open("r+b") as file:
                self._map = mmap.mmap(file.fileno(), rows * SLOT)

    def keep(self, row: int, pj_call: int) -> None:
        """Keep the message that would end PJSIP's call number `pj_call` as it stands."""
        if self._map is None:
            return
        self.drop(row)
        if length := lib.mx_farewell(pj_call, self._text, _ROOM - lib.MX_PLACE, self._place):
            place = ffi.string(self._place)
            at = row * SLOT + _HEAD.size
            self._map[at : at + len(place) + length] = place + ffi.buffer(self._text, length)[:]
            _HEAD.pack_into(self._map, row * SLOT, len(place), length)  # last: a slot half written stays empty

    def drop(self, row: int) -> None:
        """Empty a row's slot: its call is over, or ends differently from now on."""
        if self._map is not None:
            _HEAD.pack_into(self._map, row * SLOT, 0, 0)

    def poll(self) -> None:
        """Send messages that are left; called every 20 ms."""
        if self._left:
            self._polls += 1
            if self._polls in SEND_AT_POLLS:
                for place, text in self._left:
                    lib.mx_say(text, len(text), place)
            if self._polls > max(SEND_AT_POLLS):
                self._left.clear()

    def close(self) -> None:
        """Close the file."""
        if self._map is not None:
            self._map.close()
            self._map = None


def _read(path: Path) -> list[tuple[bytes, bytes]]:
    """Return the places and messages in a file. Slots that cannot be ours are passed over."""
    found = []
    data = path.read_bytes() if path.exists() else b""
    for at in range(0, len(data) - SLOT + 1, SLOT):
        place, text = _HEAD.unpack_from(data, at)
        begin = at + _HEAD.size
        if 0 < place + text <= _ROOM and _PLACE.fullmatch(where := data[begin : begin + place]):
            found.append((where, data[begin + place : begin + place + text]))
    return found
