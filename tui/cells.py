# SPDX-License-Identifier: GPL-2.0-or-later
"""Cells and lines: text with a role, cut and filled to columns of the terminal. A hanzi takes two."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.skin import Role, Skin


class Cell(NamedTuple):
    """A text and its role."""

    text: str
    role: Role = ""


Line = Sequence[Cell | str]
"""A line of a pane: its parts follow each other without blanks."""


def width_of(text: str) -> int:
    """Return the columns that a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int, *, right: bool = False, cut: str = "") -> str:
    """Return a text of exactly `width` columns; `cut` ends one that was too long."""
    wide = width_of(text)
    if wide == width:
        return text
    if wide > width:
        if not cut or width < 2:
            return set_cell_size(text, width)
        return set_cell_size(text, width - width_of(cut)) + cut
    return " " * (width - wide) + text if right else text + " " * (width - wide)


def clean(text: str) -> str:
    """Return a text without control characters: names that come from outside may hold commands for a terminal."""
    return (
        text
        if text.isprintable()
        else "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    )


def cell(value: Cell | str) -> Cell:
    """Return a cell."""
    return value if isinstance(value, Cell) else Cell(value)


def strip_of(line: Iterable[Cell | str], width: int, base: Style, skin: Skin, over: Style | None = None) -> Strip:
    """Return a line as Textual draws it: cut or filled to `width`; `over` is laid over all of it."""
    segments, left = [], width
    for part in line:
        text, role = cell(part)
        text = clean(text)
        wide = width_of(text)
        if wide > left:
            text, wide = set_cell_size(text, left), left
        if wide:
            style = base + skin.roles[role] if role else base
            segments.append(Segment(text, style + over if over is not None else style))
        left -= wide
        if left <= 0:
            break
    if left > 0:
        segments.append(Segment(" " * left, base + over if over is not None else base))
    return Strip(segments, width)
