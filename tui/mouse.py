# SPDX-License-Identifier: GPL-2.0-or-later
"""The mouse on texts that name keys: tabs, the foot, the last line of dialogs. A click presses the key.

The second click of a double one presses nothing: under it may be another dialog by then.
"""

from collections.abc import Callable, Mapping
from typing import Final

from textual import events
from textual.widgets import Static

from tui.cells import Line, cell, width_of
from tui.live import Bar

_BETWEEN: Final = "   "
_NAMES: Final[Mapping[str, str]] = {
    "Enter": "enter", "Esc": "escape", "Space": "space", "Tab": "tab",
    "/": "slash", ":": "colon", "?": "question_mark",
}  # fmt: skip


def key_of(shown: str) -> str:
    """Return the key that is shown so, '' for none."""
    return _NAMES.get(shown, shown if len(shown) == 1 and shown.isalnum() else "")


def of_tab(line: Line, place: int) -> str:
    """Return the key of a part of the tabs, which begins with it."""
    return key_of(cell(line[place]).text.split()[0])


def of_foot(line: Line, place: int) -> str:
    """Return the key of a part of the foot: each key stands between a blank and what it does."""
    return key_of(cell(line[place // 3 * 3 + 1]).text)


class KeyBar(Bar):
    """A line of keys.

    Args:
        line: returns it for a width.
        key: returns the key for which a part of the line stands.
    """

    def __init__(self, line: Callable[[int], Line], key: Callable[[Line, int], str], *, id: str) -> None:  # noqa: A002
        super().__init__(line, id=id)
        self._key = key

    def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse."""
        line = self._drawn[0][0] if self._drawn else ()
        place = _part_at([cell(part).text for part in line], event.x)
        if event.chain == 1 and place is not None and (key := self._key(line, place)):
            self.app.simulate_key(key)


class Keys(Static):
    """The last line of a dialog: what keys do, three blanks between them.

    Args:
        text: the line, in the reader's language.
        keys: of its parts; '': a part names no single key.
    """

    def __init__(self, text: str, *keys: str) -> None:
        super().__init__(text, classes="keys", markup=False)
        self._parts, self._keys = text.split(_BETWEEN), keys

    def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse."""
        place = _part_at([part + _BETWEEN for part in self._parts], event.x)
        if event.chain == 1 and place is not None and place < len(self._keys) and self._keys[place]:
            self.app.simulate_key(self._keys[place])


def _part_at(parts: list[str], column: int) -> int | None:
    for place, part in enumerate(parts):
        column -= width_of(part)
        if column < 0:
            return place
    return None
