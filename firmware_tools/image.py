# SPDX-License-Identifier: GPL-2.0-or-later
"""An image on the laptop: `.img` or `.img.zst`, with its map and the map's signature beside it."""

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

import zstandard

from firmware_tools import blockmap, signature
from firmware_tools.blockmap import BlockMap
from firmware_tools.errors import ToolError
from firmware_tools.i18n import _
from firmware_tools.sizes import MIB, gigabytes

SECTOR: Final = 512
PACKED: Final = ".zst"
Tell = Callable[[str, int, int], None]
"""A listener to how far a job has come: its phase, bytes done, bytes in all."""
WINDOW: Final = 1 << 27
"""Bytes that unpacking may look back (zstd --long=27), and so the memory it may take."""


class Piece(NamedTuple):
    """Bytes of a disk, at most a MiB and never across one, and the hash that they have in the image."""

    place: int
    size: int
    digest: bytes


@dataclass(frozen=True)
class Image:
    """An image whose map is signed."""

    path: Path
    map: BlockMap
    comment: str = ""

    def runs(self) -> Iterator[tuple[int, bytes]]:
        """Yield place and bytes of all that is mapped, in pieces.

        Raise:
            ToolError: the image ends too soon, or is not what its map says.
        """
        with _opened(self.path) as stream:
            place = 0
            for each in self.map.ranges:
                begin, end = self.map.span(each)
                _skip(stream, begin - place, self.path)
                digest, place = hashlib.sha256(), begin
                while place < end:
                    data = _exactly(stream, min(end, (place // MIB + 1) * MIB) - place, self.path)
                    digest.update(data)
                    yield place, data
                    place += len(data)
                if digest.hexdigest() != each.digest:
                    raise _damaged(self.path, begin, end)


@dataclass(frozen=True)
class Plan:
    """The content that a disk is to have: the first MiB, which is written last, and pieces."""

    head: bytes
    pieces: tuple[Piece, ...]

    @property
    def size(self) -> int:
        """Bytes in the pieces."""
        return sum(piece.size for piece in self.pieces)

    def without(self, areas: Iterable[tuple[int, int]], head: bytes) -> "Plan":
        """Return the plan with another head, and without the pieces that lie in these areas."""
        left_out = tuple(areas)
        kept = [piece for piece in self.pieces if not any(a <= piece.place < b for a, b in left_out)]
        return replace(self, head=head, pieces=tuple(kept))


def found(path: Path, keys: Iterable[signature.Key]) -> Image:
    """Return an image with its signed map.

    Raise:
        ToolError: the map or its signature is missing or not good.
    """
    if not path.exists():
        raise ToolError("no_image", _("there is no file {file}").format(file=path))
    map_file = next((each for each in _map_names(path) if each.exists()), None)
    if map_file is None:
        text = _("{file} has no block map beside it ({name})").format(file=path, name=_map_names(path)[-1].name)
        raise ToolError("no_map", text, _("fetch the image again, with all files beside it"))
    content = map_file.read_bytes()
    comment = signature.check(map_file, content, map_file.with_name(map_file.name + ".minisig"), keys)
    return Image(path, _fitting(blockmap.parse(content, str(map_file)), map_file), comment)


def _map_names(path: Path) -> list[Path]:
    """Return where bmaptool looks for the map: mxbox.img.zst.bmap, mxbox.img.bmap, mxbox.bmap."""
    names = [path.name, *(path.name.rsplit(".", n)[0] for n in range(1, path.name.count(".") + 1))]
    return [path.with_name(f"{name}.bmap") for name in names[:3]]


def _fitting(found_map: BlockMap, map_file: Path) -> BlockMap:
    if found_map.size % SECTOR or found_map.size < MIB or found_map.block % SECTOR:
        text = _("{file} is not the map of a disk: {n} bytes").format(file=map_file, n=found_map.size)
        raise ToolError("bad_map", text)
    return found_map


def plan_of(image: Image, tell: Tell) -> Plan:
    """Read the whole image, compare it with its map, and return what has to stand on the disk."""
    head, pieces, done = bytearray(MIB), [], 0
    for place, data in image.runs():
        if place < MIB:
            head[place : place + len(data)] = data
        else:
            pieces.append(Piece(place, len(data), hashlib.sha256(data).digest()))
        done += len(data)
        tell("image", done, image.map.mapped)
    return Plan(bytes(head), tuple(pieces))


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as file:
        if path.suffix != PACKED:
            yield file
            return
        unpacker = zstandard.ZstdDecompressor(max_window_size=WINDOW)
        with unpacker.stream_reader(file, read_across_frames=True) as stream:
            yield cast("BinaryIO", io.BufferedReader(cast("io.RawIOBase", stream), MIB))


def _exactly(stream: BinaryIO, size: int, path: Path) -> bytes:
    try:
        data = stream.read(size)
    except zstandard.ZstdError as error:
        text = _("{file} is damaged: {error}").format(file=path, error=error)
        raise ToolError("damaged_image", text, _("fetch the image again, with all files beside it")) from error
    if len(data) < size:
        text = _("{file} ends too soon").format(file=path)
        raise ToolError("short_image", text, _("fetch the image again, with all files beside it"))
    return data


def _skip(stream: BinaryIO, size: int, path: Path) -> None:
    if path.suffix != PACKED:
        stream.seek(size, os.SEEK_CUR)  # a hole of gigabytes takes no time
        return
    while size:
        size -= len(_exactly(stream, min(size, MIB), path))


def _damaged(path: Path, begin: int, end: int) -> ToolError:
    text = _("{file} is damaged between {begin} and {end}").format(
        file=path, begin=gigabytes(begin), end=gigabytes(end)
    )
    return ToolError("damaged_image", text, _("fetch the image again, with all files beside it"))
