# SPDX-License-Identifier: GPL-2.0-or-later
"""The printing of the command: for people in their language, for programs one JSON object a line."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from rich import box
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from firmware_tools.errors import ToolError
from firmware_tools.i18n import N_, _

PIPE_WIDTH: Final = 4000
"""Columns of output that goes to no screen: nothing is cut or folded there."""
PHASES: Final = {
    "image": N_("checking the image"),
    "compare": N_("comparing the disk"),
    "write": N_("writing"),
    "read_back": N_("reading back"),
    "bundle": N_("checking the bundle"),
}
STEPS: Final = 100
"""Events of progress that programs are told of a phase, at most."""


class Row(NamedTuple):
    """A row of a table: cells for people, facts for programs."""

    cells: Sequence[str]
    facts: Mapping[str, object]


class Output:
    """The printing of a command."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        width = None if sys.stdout.isatty() else PIPE_WIDTH
        self._console = Console(file=sys.stdout, width=width, highlight=False, soft_wrap=width is not None)
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        self._bars = Progress(
            *columns, TimeRemainingColumn(), console=self._console, disable=as_json or not sys.stdout.isatty()
        )
        self._last: tuple[str, int] = ("", -1)

    def event(self, name: str, text: str = "", facts: Mapping[str, object] | None = None) -> None:
        """Print that something is so: the text for people, name and facts for programs."""
        if self.as_json:
            sys.stdout.write(json.dumps({"event": name, **(facts or {})}) + "\n")
            sys.stdout.flush()
        elif text:
            self._console.print(_printable(text), markup=False)

    def table(self, name: str, heads: Sequence[str], rows: Sequence[Row]) -> None:
        """Print rows: their cells for people, their facts for programs."""
        if self.as_json:
            for row in rows:
                self.event(name, facts=row.facts)
            return
        drawn = Table(box=box.SIMPLE_HEAD, header_style="bold")
        for head in heads:
            drawn.add_column(head, overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(_printable(cell)) for cell in row.cells))
        self._console.print(drawn)

    def progress(self, phase: str, done: int, total: int) -> None:
        """Print how far a phase has come: a bar for people, a hundred steps at most for programs."""
        step = (phase, done * STEPS // total if total else STEPS)
        if phase != self._last[0]:
            self._bars.start()
            self._bars.add_task(_(PHASES[phase]), total=total)
        if step != self._last and self.as_json:
            self.event("progress", facts={"phase": phase, "done": done, "total": total})
        self._last = step
        self._bars.update(self._bars.tasks[-1].id, completed=done, total=total)

    def error(self, error: ToolError) -> None:
        """Print what went wrong, and what helps."""
        if self.as_json:
            self.event("error", facts={"code": error.code, "error": error.message, "hint": error.hint})
            return
        told = f"mxbox-tools: {error.message}" + (f"\n  {error.hint}" if error.hint else "")
        sys.stderr.write(_printable(told) + "\n")

    def close(self) -> None:
        """Stop drawing bars."""
        self._bars.stop()


def _printable(text: str) -> str:
    """Return a text without control characters: a disk's label may hold commands for a terminal."""
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)
