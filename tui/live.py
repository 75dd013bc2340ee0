# SPDX-License-Identifier: GPL-2.0-or-later
"""Live widgets: drawn line by line from the picture; a beat refreshes only those lines that changed.

DataTable measures each cell that changes; these draw what is in view and nothing else.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.cells import Cell, Line, strip_of
from tui.skin import PLAIN, Skin

if TYPE_CHECKING:
    from rich.style import Style

Drawn = tuple[Line, bool]
"""A line, and whether the cursor is on it."""


class Live(Widget):
    """Base: lines of the height of the widget. Subclasses make them in `draw`."""

    DEFAULT_CSS = "Live { height: 1fr; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._drawn: list[Drawn] = []
        self._greyed = False
        self._base: Style | None = None

    @property
    def skin(self) -> Skin:
        """The skin of the terminal."""
        skin: Skin = getattr(self.app, "skin", PLAIN)
        return skin

    @property
    def greyed(self) -> bool:
        """Whether the picture is an old one: all is drawn dim."""
        return bool(getattr(self.app, "greyed", False))

    def draw(self, width: int, height: int) -> list[Drawn]:
        """Return the lines of now."""
        raise NotImplementedError

    def beat(self) -> None:
        """Draw anew, and refresh the lines that differ."""
        width, height = self.size
        if not width or not height:
            return
        drawn, greyed = self.draw(width, height), self.greyed
        old, self._drawn = self._drawn, drawn
        if greyed != self._greyed or len(old) != len(drawn):
            self._greyed = greyed
            self.refresh()
            return
        changed = [Region(0, y, width, 1) for y in range(len(drawn)) if drawn[y] != old[y]]
        if changed:
            self.refresh(*changed)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Show the cursor no more."""
        self.refresh()

    def on_resize(self, _event: events.Resize) -> None:
        """Draw for the new size."""
        self._drawn = []
        self.beat()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return lines for Textual: they have one style, which is put together of all that is around."""
        self._base = self.rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._base = None

    def render_line(self, y: int) -> Strip:
        """Return a line for Textual."""
        width, base = self.size.width, self._base or self.rich_style
        if y >= len(self._drawn):
            return Strip.blank(width, base)
        line, cursor = self._drawn[y]
        return strip_of(line, width, base, self.skin, self._over(cursor=cursor))

    def _over(self, *, cursor: bool) -> "Style | None":
        if cursor:
            shown = self.has_focus or not self.can_focus  # of several tables, keys count in one
            return self.skin.roles["cursor" if shown else "accent"]
        return self.skin.roles["dim"] if self._greyed else None


class Pane(Live, can_focus=True):
    """Lines that scroll if there are more than fit.

    Args:
        lines: returns the lines for a width, from the picture.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_by(-1)", show=False),
        Binding("down,j", "scroll_by(1)", show=False),
        Binding("pageup", "scroll_page(-1)", show=False),
        Binding("pagedown", "scroll_page(1)", show=False),
        Binding("home,g", "scroll_by(-100000)", show=False),
        Binding("end,G", "scroll_by(100000)", show=False),
    ]

    def __init__(self, lines: Callable[[int], Sequence[Line]], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines, self._top, self._count = lines, 0, 0

    def draw(self, width: int, height: int) -> list[Drawn]:
        """Return the lines in view."""
        lines = self._lines(width)
        self._count = len(lines)
        self._top = max(0, min(self._top, len(lines) - height))
        return [(line, False) for line in lines[self._top : self._top + height]]

    def action_scroll_by(self, lines: int) -> None:
        """Scroll."""
        self._top = max(0, self._top + lines)
        self.beat()

    def to_top(self) -> None:
        """Show the first lines, when it is drawn next: it is about another thing now."""
        self._top = 0

    def action_scroll_page(self, pages: int) -> None:
        """Scroll by pages."""
        self.action_scroll_by(pages * max(1, self.size.height - 1))

    def on_mouse_scroll_down(self, _event: events.MouseScrollDown) -> None:
        """Scroll."""
        self.action_scroll_by(3)

    def on_mouse_scroll_up(self, _event: events.MouseScrollUp) -> None:
        """Scroll."""
        self.action_scroll_by(-3)


class Bar(Live):
    """One line: head or foot of the screen.

    Args:
        line: returns it for a width.
    """

    DEFAULT_CSS = "Bar { height: 1; width: 1fr; }"

    def __init__(self, line: Callable[[int], Line], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._line = line

    def draw(self, width: int, height: int) -> list[Drawn]:  # noqa: ARG002 - one line high
        """Return the line."""
        return [(self._line(width), False)]


def joined(parts: Sequence[Cell | str], between: str) -> list[Cell | str]:
    """Return parts with a text between them."""
    line: list[Cell | str] = []
    for place, part in enumerate(parts):
        if place:
            line.append(Cell(between, "dim"))
        line.append(part)
    return line
