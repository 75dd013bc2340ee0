# SPDX-License-Identifier: GPL-2.0-or-later
"""GUID partition tables (UEFI 2.10, 5.3), as far as an installer's tool has to know them: names and places."""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

SECTOR: Final = 512
SIGNATURE: Final = b"EFI PART"
HEADER: Final = struct.Struct("<8sIIIIQQQQ16sQIII")
ENTRY: Final = struct.Struct("<16s16sQQQ72s")
UNUSED: Final = bytes(16)


@dataclass(frozen=True)
class Partition:
    """A partition: its name and its bytes, `end` being the one behind its last."""

    name: str
    begin: int
    end: int


def partitions(head: bytes) -> list[Partition]:
    """Return the partitions in the first bytes of a disk, none if there is no sound table."""
    return _partitions(head[SECTOR:], head, 0)


def second(tail: bytes, place: int) -> list[Partition]:
    """Return the partitions of the second table, in the last bytes of a disk, which begin at a place."""
    return _partitions(tail[-SECTOR:], tail, place)


def _partitions(header: bytes, around: bytes, begin: int) -> list[Partition]:
    """Return the partitions of a header whose table is in the bytes around it."""
    raw = header[: HEADER.size]
    if len(raw) < HEADER.size or not raw.startswith(SIGNATURE):
        return []
    _sig, _rev, size, crc, _res, _my, _alt, _first, _last, _guid, place, count, each, crc_of_all = HEADER.unpack(raw)
    start = place * SECTOR - begin
    table = around[start : start + count * each] if start >= 0 else b""
    if len(table) < count * each or each < ENTRY.size:
        return []
    if size != HEADER.size or zlib.crc32(raw[:16] + bytes(4) + raw[20:]) != crc or zlib.crc32(table) != crc_of_all:
        return []
    found = [ENTRY.unpack_from(table, n * each) for n in range(count)]
    return [
        Partition(name.decode("utf-16-le", "replace").rstrip("\0"), first * SECTOR, (last + 1) * SECTOR)
        for kind, _own, first, last, _flags, name in found
        if kind != UNUSED
    ]
