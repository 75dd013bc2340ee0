# SPDX-License-Identifier: GPL-2.0-or-later
"""QR codes (ISO/IEC 18004) as lines of half blocks: a line of the terminal holds two rows of modules."""

from collections.abc import Sequence
from typing import Final

from tui.skin import Skin

QUIET: Final = 4
"""Light modules around a code, by ISO/IEC 18004, 6.3.8."""
LEAST_QUIET: Final = 2
"""Light modules that readers need where the screen has no room for more: the room around is one colour, too."""


def qr_lines(text: str, skin: Skin, columns: int, rows: int) -> Sequence[str]:
    """Return a QR code, to be drawn dark on light; nothing if it has no room, or the skin no half blocks."""
    if not skin.halves:
        return ()
    modules = _modules(text)
    for quiet in range(QUIET, LEAST_QUIET - 1, -1):
        side = len(modules) + 2 * quiet
        if side <= columns and (side + 1) // 2 <= rows:
            return _drawn(_framed(modules, quiet), skin.halves)
    return ()


def _modules(text: str) -> Sequence[Sequence[int]]:
    """Return the modules of a code, 1 for dark ones. The least correction: on a screen nothing is torn or dirty."""
    import segno

    found: Sequence[Sequence[int]] = segno.make(text, error="l", boost_error=False, micro=False).matrix
    return found


def _framed(modules: Sequence[Sequence[int]], quiet: int) -> list[list[int]]:
    """Return modules with a light frame, and an even number of rows."""
    side, edge = len(modules) + 2 * quiet, [0] * quiet
    rows = [[*edge, *row, *edge] for row in modules]
    below = quiet + side % 2
    return [[0] * side for _n in range(quiet)] + rows + [[0] * side for _n in range(below)]


def _drawn(rows: Sequence[Sequence[int]], halves: str) -> list[str]:
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(halves[up + 2 * low] for up, low in zip(upper, lower, strict=True)) for upper, lower in pairs]
