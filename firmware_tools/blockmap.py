# SPDX-License-Identifier: GPL-2.0-or-later
"""Block maps, bmap 2.0 as bmaptool(1) has them: which blocks of an image hold something, with their hashes."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from firmware_tools.errors import ToolError
from firmware_tools.i18n import _
from firmware_tools.sizes import MIB

BLOCK: Final = 4096
SUM: Final = "sha256"
NO_SUM: Final = "0" * 64


@dataclass(frozen=True)
class Range:
    """Blocks from `first` to `last`, both counted, and the hash of their bytes."""

    first: int
    last: int
    digest: str


@dataclass(frozen=True)
class BlockMap:
    """The map of an image."""

    size: int
    ranges: tuple[Range, ...]
    block: int = BLOCK

    def span(self, each: Range) -> tuple[int, int]:
        """Return the first byte of a range, and the one behind its last."""
        return each.first * self.block, min((each.last + 1) * self.block, self.size)

    @property
    def mapped(self) -> int:
        """Bytes in the ranges."""
        return sum(end - begin for begin, end in map(self.span, self.ranges))


def parse(content: bytes, name: str) -> BlockMap:
    """Return the map in a file's content, which is checked by its signature before."""
    try:
        root = ET.fromstring(content)  # noqa: S314 - signed: see above
        ranges = tuple(_range(each) for each in root.iterfind("BlockMap/Range"))
        found = BlockMap(_number(root, "ImageSize"), ranges, _number(root, "BlockSize"))
        _check(root, content, found)
    except (ET.ParseError, ValueError, KeyError) as error:
        raise ToolError("bad_map", _("{file} is not a block map: {error}").format(file=name, error=error)) from error
    return found


def _text(root: ET.Element, name: str) -> str:
    return (root.findtext(name) or "").strip()


def _number(root: ET.Element, name: str) -> int:
    return int(_text(root, name))


def _range(node: ET.Element) -> Range:
    first, _dash, last = (node.text or "").strip().partition("-")
    return Range(int(first), int(last or first), node.attrib["chksum"])


def _check(root: ET.Element, content: bytes, found: BlockMap) -> None:
    if not root.attrib["version"].startswith("2.") or _text(root, "ChecksumType") != SUM:
        raise ValueError(_("only version 2 with sha256 is known"))
    own = _text(root, "BmapFileChecksum")
    if hashlib.sha256(content.replace(own.encode(), NO_SUM.encode(), 1)).hexdigest() != own:
        raise ValueError(_("its own hash is another"))
    end = -1
    for each in found.ranges:
        if not end < each.first <= each.last or each.last * found.block >= found.size:
            raise ValueError(_("range {first}-{last}").format(first=each.first, last=each.last))
        end = each.last


def written(found: BlockMap) -> bytes:
    """Return a map as the content of its file."""
    lines = [f'        <Range chksum="{each.digest}"> {_blocks(each)} </Range>' for each in found.ranges]
    text = TEMPLATE.format(
        size=found.size,
        block=found.block,
        count=-(-found.size // found.block),
        mapped=sum(each.last - each.first + 1 for each in found.ranges),
        ranges="\n".join(lines),
        own=NO_SUM,
    )
    return text.replace(NO_SUM, hashlib.sha256(text.encode()).hexdigest(), 1).encode()


def _blocks(each: Range) -> str:
    return f"{each.first}" if each.first == each.last else f"{each.first}-{each.last}"


TEMPLATE: Final = """<?xml version="1.0" ?>
<bmap version="2.0">
    <ImageSize> {size} </ImageSize>
    <BlockSize> {block} </BlockSize>
    <BlocksCount> {count} </BlocksCount>
    <MappedBlocksCount> {mapped} </MappedBlocksCount>
    <ChecksumType> sha256 </ChecksumType>
    <BmapFileChecksum> {own} </BmapFileChecksum>
    <BlockMap>
{ranges}
    </BlockMap>
</bmap>
"""


def of_image(path: Path) -> BlockMap:
    """Return the map of an image file: all that is no hole in it."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        return BlockMap(size, tuple(_hashed(file.fileno(), *each, size) for each in _extents(file.fileno(), size)))


def _extents(fd: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield first and last block of what holds data, neighbours as one."""
    first, last = -1, -1
    for begin, end in _data(fd, size):
        if first >= 0 and begin // BLOCK <= last + 1:
            last = max(last, (end - 1) // BLOCK)
            continue
        if first >= 0:
            yield first, last
        first, last = begin // BLOCK, (end - 1) // BLOCK
    if first >= 0:
        yield first, last


def _data(fd: int, size: int) -> Iterator[tuple[int, int]]:
    end = 0
    while end < size:
        try:
            begin = os.lseek(fd, end, os.SEEK_DATA)
        except OSError:  # ENXIO: only a hole is left
            return
        end = os.lseek(fd, begin, os.SEEK_HOLE)
        yield begin, end


def _hashed(fd: int, first: int, last: int, size: int) -> Range:
    digest, place, end = hashlib.sha256(), first * BLOCK, min((last + 1) * BLOCK, size)
    while place < end:
        data = os.pread(fd, min(MIB, end - place), place)
        digest.update(data)
        place += len(data)
    return Range(first, last, digest.hexdigest())
