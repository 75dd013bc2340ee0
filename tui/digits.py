# SPDX-License-Identifier: GPL-2.0-or-later
"""Large digits of a wall board, from dots three wide and five high, each drawn as large as there is room."""

from collections.abc import Mapping, Sequence
from typing import Final

HEIGHT: Final = 5
_GAP: Final = 1
"""Dots between two signs."""

_DOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "6": ("###", "#  ", "###", "# #", "###"),
    "7": ("###", "  #", " # ", " # ", " # "),
    "8": ("###", "# #", "###", "# #", "###"),
    "9": ("###", "# #", "###", "  #", "###"),
    ":": (" ", "#", " ", "#", " "),
    "-": ("   ", "   ", "###", "   ", "   "),
    "%": ("# #", "  #", " # ", "#  ", "# #"),
    "h": ("#  ", "#  ", "###", "# #", "# #"),
    "d": ("  #", "  #", "###", "# #", "###"),
    "k": ("#  ", "# #", "## ", "# #", "# #"),
    " ": (" ", " ", " ", " ", " "),
}


def large(text: str, across: int, down: int, dot: str) -> Sequence[str]:
    """Return a text as lines of large signs. A dot is `across` columns wide and `down` lines high, drawn as `dot`."""
    signs = [_DOTS[each] for each in text if each in _DOTS]
    lines = [(" " * _GAP).join(sign[row] for sign in signs) for row in range(HEIGHT)]
    return [line.replace(" ", " " * across).replace("#", dot * across) for line in lines for _row in range(down)]
