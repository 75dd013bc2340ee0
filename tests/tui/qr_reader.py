# SPDX-License-Identifier: GPL-2.0-or-later
"""A reader of QR codes as they stand on a screen, after ISO/IEC 18004: versions 2 to 5 of level L, which are one block.

It corrects no errors: a screen that is drawn wrong has to be read wrong.
"""

from collections.abc import Iterator, Sequence

HALVES = {" ": (0, 0), "▀": (1, 0), "▄": (0, 1), "█": (1, 1)}
MASKS = (
    lambda row, column: (row + column) % 2,
    lambda row, column: row % 2,
    lambda row, column: column % 3,
    lambda row, column: (row + column) % 3,
    lambda row, column: (row // 2 + column // 3) % 2,
    lambda row, column: row * column % 2 + row * column % 3,
    lambda row, column: (row * column % 2 + row * column % 3) % 2,
    lambda row, column: ((row + column) % 2 + row * column % 3) % 2,
)
"""Table 10: a module is turned where its mask is 0."""
FORMAT_MASK = 0b101010000010010
LEVEL_L = 0b01

Grid = Sequence[Sequence[int]]


def read(lines: Sequence[str]) -> str:
    """Return the text of the code that is drawn on lines of half blocks."""
    rows = [[HALVES[glyph][half] for glyph in line] for line in lines for half in (0, 1)]
    dark = [(y, x) for y, row in enumerate(rows) for x, module in enumerate(row) if module]
    top, left = min(y for y, _x in dark), min(x for _y, x in dark)
    side = max(x for _y, x in dark) - left + 1
    assert top >= 2 <= left, "the frame of light modules"
    grid = [row[left : left + side] for row in rows[top : top + side]]
    assert [sum(row) for row in (grid[0][:7], grid[0][-7:], grid[-1][:7])] == [7, 7, 7], "three corners"
    level, mask = _format(grid)
    assert level == LEVEL_L
    return _text([grid[y][x] ^ (MASKS[mask](y, x) == 0) for y, x in _path(side)])


def _format(grid: Grid) -> tuple[int, int]:
    """Return level and mask (7.9): in row 8 from the left, but for the timing pattern."""
    bits = [grid[8][x] for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [grid[y][8] for y in (7, 5, 4, 3, 2, 1, 0)]
    told = int("".join(map(str, bits)), 2) ^ FORMAT_MASK
    return told >> 13, told >> 10 & 0b111


def _path(side: int) -> Iterator[tuple[int, int]]:
    """Return the places of data in their order (7.7.3): pairs of columns from the right, up and down in turns."""
    up = True
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        for y in range(side - 1, -1, -1) if up else range(side):
            yield from ((y, x) for x in (right, right - 1) if not _is_pattern(y, x, side))
        up = not up


def _is_pattern(y: int, x: int, side: int) -> bool:
    if 6 in (y, x) or (y < 9 and (x < 9 or x >= side - 8)) or (y >= side - 8 and x < 9):
        return True
    return side - 9 <= y < side - 4 and side - 9 <= x < side - 4  # the one alignment pattern of versions 2 to 6


def _text(bits: Sequence[int]) -> str:
    def number(first: int, count: int) -> int:
        return int("".join(map(str, bits[first : first + count])), 2)

    assert number(0, 4) == 0b0100, "bytes"
    return bytes(number(12 + 8 * n, 8) for n in range(number(4, 8))).decode()
