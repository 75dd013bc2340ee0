# SPDX-License-Identifier: GPL-2.0-or-later
"""Live table: columns and rows from the picture, with cursor, marks, filter and order; the cursor stays on its row."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from appliance.i18n import _
from tui.cells import Cell, Line, cell, fit, width_of
from tui.live import Drawn, Live

R = TypeVar("R")
_GUTTER = 2
"""Columns of the mark before a row."""


@dataclass(frozen=True)
class Column(Generic[R]):
    """A column.

    Attributes:
        title: its head, a msgid marked with `N_`.
        width: its least columns of the terminal, without the blank after it.
        text: returns the cell of a row.
        right: it holds numbers.
        grow: its share of what is left of the width.
        spare: above 0: it is left out on a narrow screen, the highest first.
        order: returns what rows are sorted by; None: by its text.
    """

    title: str
    width: int
    text: Callable[[R], Cell | str]
    right: bool = False
    grow: int = 0
    spare: int = 0
    order: Callable[[R], Any] | None = None


class LiveTable(Live, Generic[R], can_focus=True):
    """The table.

    Args:
        columns: its columns.
        rows: returns the rows of now, in their own order.
        key: returns what a row is known by, for as long as it lives.
        empty: a msgid in place of a table without rows, or what returns it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "move_page(-1)", show=False),
        Binding("pagedown", "move_page(1)", show=False),
        Binding("home,g", "move(-1000000)", show=False),
        Binding("end,G", "move(1000000)", show=False),
        Binding("space", "mark", show=False),
        Binding("s", "next_order", show=False),
        Binding("S", "turn_order", show=False),
        Binding("enter", "open", show=False),
    ]

    class Opened(Message):
        """Enter was pressed on a row."""

        def __init__(self, row: Any) -> None:
            super().__init__()
            self.row = row

    def __init__(
        self,
        columns: Sequence[Column[R]],
        rows: Callable[[], Sequence[R]],
        key: Callable[[R], Hashable],
        empty: str | Callable[[], str] = "",
        *,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(id=id)
        self.columns, self._rows, self._key, self._empty = columns, rows, key, empty
        self.filter = ""
        self.marks: set[Hashable] = set()
        self.sorted_by: Column[R] | None = None
        self.backwards = False
        self.all_count = 0
        self._shown: Sequence[R] = ()
        self._cursor, self._top = 0, 0
        self._cursor_key: Hashable = None

    # --- what is chosen

    @property
    def row(self) -> R | None:
        """The row under the cursor."""
        return self._shown[self._cursor] if self._cursor < len(self._shown) else None

    @property
    def chosen(self) -> list[R]:
        """The marked rows, or that under the cursor."""
        marked = [row for row in self._shown if self._key(row) in self.marks]
        return marked or ([self.row] if self.row is not None else [])

    @property
    def shown_count(self) -> int:
        """Rows that the filter lets through."""
        return len(self._shown)

    # --- drawing

    def draw(self, width: int, height: int) -> list[Drawn]:
        """Return the head and the rows in view."""
        self._gather()
        widths = self._widths(width - _GUTTER)
        drawn: list[Drawn] = [(self._head(widths), False)]
        if not self._shown:
            empty = self._empty() if callable(self._empty) else self._empty
            text = _("nothing fits the filter") if self.filter else _(empty)
            drawn.append(((Cell("  " + text, "dim"),), False))
        room = height - 1
        self._top = max(0, min(self._top, self._cursor, len(self._shown) - room), self._cursor - room + 1)
        places = range(self._top, min(self._top + room, len(self._shown)))
        drawn += [(self._line(self._shown[place], widths), place == self._cursor) for place in places]
        return drawn + [((), False)] * (height - len(drawn))

    def _gather(self) -> None:
        """Take the rows of now, and keep the cursor on its row."""
        rows = self._rows()
        self.all_count = len(rows)
        if self.filter:
            wanted = self.filter.casefold().split()
            rows = [row for row in rows if self._fits(row, wanted)]
        if (column := self.sorted_by) is not None:
            rows = sorted(rows, key=column.order or (lambda row: cell(column.text(row)).text), reverse=self.backwards)
        self._shown = rows
        if self._cursor_key is not None:
            at = next((n for n, row in enumerate(rows) if self._key(row) == self._cursor_key), None)
            self._cursor = self._cursor if at is None else at
        self._cursor = max(0, min(self._cursor, len(rows) - 1))
        self._cursor_key = self._key(rows[self._cursor]) if rows else self._cursor_key
        if self.marks:
            self.marks &= {self._key(row) for row in rows}

    def _fits(self, row: R, wanted: Sequence[str]) -> bool:
        text = " ".join(cell(column.text(row)).text for column in self.columns).casefold()
        return all(word in text for word in wanted)

    def _widths(self, room: int) -> list[tuple[Column[R], int]]:
        """Return the columns that fit, and their widths."""
        kept = [(each, max(each.width, width_of(_(each.title)))) for each in self.columns]
        while kept and sum(width + 1 for _column, width in kept) - 1 > room:
            spare = max(kept, key=lambda each: each[0].spare)
            if not spare[0].spare:
                break
            kept.remove(spare)
        left = max(0, room - sum(width + 1 for _column, width in kept) + 1)
        shares = sum(each.grow for each, _width in kept)
        return [(each, width + (left * each.grow // shares if shares else 0)) for each, width in kept]

    def _head(self, widths: Sequence[tuple[Column[R], int]]) -> Line:
        line: list[Cell | str] = [" " * _GUTTER]
        for column, width in widths:
            title = _(column.title)
            if column is self.sorted_by:
                title = title[: width - 1] + ("v" if self.backwards else "^")
            line.append(Cell(fit(title, width, right=column.right) + " ", "head"))
        return line

    def _line(self, row: R, widths: Sequence[tuple[Column[R], int]]) -> Line:
        marked = self._key(row) in self.marks
        line: list[Cell | str] = [Cell("* ", "mark") if marked else "  "]
        cut = self.skin.cut
        for column, width in widths:
            text, role = cell(column.text(row))
            line.append(Cell(fit(text, width, right=column.right, cut=cut) + " ", role))
        return line

    # --- keys

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._cursor = max(0, min(self._cursor + rows, len(self._shown) - 1))
        self._cursor_key = self._key(self._shown[self._cursor]) if self._shown else None
        self.beat()

    def action_move_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self.action_move(pages * max(1, self.size.height - 2))

    def action_mark(self) -> None:
        """Mark the row, or take its mark away, and go to the next."""
        if self.row is not None:
            self.marks ^= {self._key(self.row)}
            self.action_move(1)

    def action_next_order(self) -> None:
        """Sort by the next column; after the last one, the rows' own order."""
        columns = [None, *self.columns]
        self.sorted_by = columns[(columns.index(self.sorted_by) + 1) % len(columns)]
        self.backwards = False
        self.beat()

    def action_turn_order(self) -> None:
        """Turn the order round."""
        if self.sorted_by is not None:
            self.backwards = not self.backwards
            self.beat()

    def action_open(self) -> None:
        """Post to the screen that the row was chosen."""
        if self.row is not None:
            self.post_message(self.Opened(self.row))

    def go_to(self, key: Hashable) -> None:
        """Put the cursor on a row."""
        self._cursor_key = key
        self.beat()

    def set_filter(self, text: str) -> None:
        """Show only the rows that hold all words of the text."""
        self.filter = text
        self.beat()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; open the row at a second click."""
        if event.y >= 1:
            self._cursor_key = None
            self._cursor = self._top + event.y - 1
            self.action_move(0)
            if event.chain == 2:
                self.action_open()

    def on_mouse_scroll_down(self, _event: events.MouseScrollDown) -> None:
        """Move the cursor."""
        self.action_move(3)

    def on_mouse_scroll_up(self, _event: events.MouseScrollUp) -> None:
        """Move the cursor."""
        self.action_move(-3)
