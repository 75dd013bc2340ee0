# SPDX-License-Identifier: GPL-2.0-or-later
"""Output of the command: tables for people, in their language and as wide as their screen; JSON for programs."""

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from appliance.i18n import _, ngettext

PIPE_WIDTH: Final = 4000
"""Columns of output that goes to no screen: nothing is cut or folded for a program that reads the table."""
GOOD: Final = "green"
BAD: Final = "bold red"
DIM: Final = "dim"


def console() -> Console:
    """Return the console: colours on a terminal only, and CJK characters counted as two columns."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(file=sys.stdout, width=width, highlight=False, soft_wrap=width is not None)


def show_json(value: Any) -> None:
    """Print a value as JSON, never translated."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def show(*lines: Any) -> None:
    """Print lines: text, or objects that rich can draw."""
    out = console()
    for line in lines:
        out.print(plain(line), markup=False) if isinstance(line, str) else out.print(line)


def plain(text: str) -> str:
    """Return a text without control characters: names chosen by phones and callers may hold commands for a terminal."""
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    right: Iterable[int] = (),
    empty: str = "",
    spare: Sequence[int] = (),
) -> Any:
    """Return a table.

    Args:
        columns: their heads.
        rows: their cells: text, rich's Text, or any value that can be printed.
        right: places of columns that hold numbers.
        empty: text in place of a table without rows.
        spare: places of columns that are left out, in this order, if the screen is too narrow for all.
    """
    cells = [[_cell(each) for each in row] for row in rows]
    if not cells:
        return empty or _("nothing")
    out, gone = console(), 0
    boundless = out.options.update_width(PIPE_WIDTH)
    while True:
        drawn = _drawn(columns, cells, set(right), set(spare[:gone]))
        if gone == len(spare) or out.measure(drawn, options=boundless).maximum <= out.width:
            return Group(drawn, _left_out(gone)) if gone else drawn
        gone += 1


def _left_out(columns: int) -> Text:
    text = ngettext("{n} column does not fit; --json has it", "{n} columns do not fit; --json has them", columns)
    return Text(text.format(n=columns), style=DIM)


def _cell(value: Any) -> Text:
    return value if isinstance(value, Text) else Text(plain(str(value)))


def _drawn(columns: Sequence[str], cells: list[list[Text]], right: set[int], gone: set[int]) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    kept = [place for place in range(len(columns)) if place not in gone]
    for place in kept:
        drawn.add_column(columns[place], justify="right" if place in right else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*(row[place] for place in kept))
    return drawn


def facts(pairs: Iterable[tuple[str, Any]]) -> Table:
    """Return a table of names and values, one pair a line."""
    grid = Table.grid(padding=(0, 2))
    for name, value in pairs:
        grid.add_row(Text(name, style="bold"), _cell(value))
    return grid


def verdict(text: str, *, good: bool) -> Text:
    """Return a text in the colour of good or bad news."""
    return Text(text, style=GOOD if good else BAD)


def clock(unix_ms: int) -> str:
    """Return a label of the books in the reader's own time zone."""
    return datetime.fromtimestamp(unix_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def length(seconds: float) -> str:
    """Return a length of time as people read it: 0:07, 12:30, 1:02:03, 3 d 01:02:03."""
    whole = int(seconds)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return _("{days} d {clock}").format(days=days, clock=f"{hour:02}:{minute:02}:{second:02}")
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def size(count: int) -> str:
    """Return a number of bytes as people read it."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            break
        value /= 1000
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
