# SPDX-License-Identifier: GPL-2.0-or-later
"""Cells and lines: text with a role, cut and filled to columns of the terminal. A hanzi takes two."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from appliance.i18n import _
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
    segments = []
    for role, text in _runs(line, width):
        style = base + skin.roles[role] if role else base
        segments.append(Segment(text, style + over if over is not None else style))
    return Strip(segments, width)


def _runs(line: Iterable[Cell | str], width: int) -> Iterable[tuple[Role, str]]:
    """Return a line as texts of one role each, `width` columns in all: each costs the line a change of colours."""
    run: list[str] = []
    now: Role = ""
    left = width
    for part in line:
        text, role = cell(part)
        text = clean(text)
        wide = width_of(text)
        if wide > left:
            text, wide = set_cell_size(text, left), left
        if not wide:
            continue
        if role != now and run:
            yield now, "".join(run)
            run = []
        now = role
        run.append(text)
        left -= wide
        if left <= 0:
            break
    if run and now:
        yield now, "".join(run)
        run = []
    if rest := "".join(run) + " " * left:
        yield "", rest


def brief(seconds: float) -> str:
    """Return a length of time in five columns: 0:07, 12:30, 1h02, 5 d."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    if not hours:
        return f"{minute}:{second:02}"
    return f"{hours}h{minute:02}" if hours < 100 else _("{n} d").format(n=hours // 24)


def wrapped(text: str, width: int) -> list[str]:
    """Return a text as lines of at most `width` columns, broken at blanks, or between hanzi."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and width_of(line) + width_of(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        while width_of(piece.rstrip()) > width:
            head = chop_cells(piece, width)[0]
            lines.append(head)
            piece = piece[len(head) :]  # noqa: PLW2901 - the rest of a word that fits no line
        line += piece if line or piece.strip() else ""
    return [*lines, line.rstrip()] if line.strip() or not lines else lines


def _pieces(text: str) -> Iterable[str]:
    """Return words with the blanks after them; each hanzi by itself, with the signs that close after it."""
    return re.findall(r"[\u2e80-\ufaff\uff00-\uffef][，。；：！？）」』、]*\s*|[^\s\u2e80-\uffef]+\s*|\s+", text)
