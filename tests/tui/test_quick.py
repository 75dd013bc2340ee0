# SPDX-License-Identifier: GPL-2.0-or-later
"""What would stand between a key and the screen: updates held back, styles parsed again, pictures of closed screens."""

import gc
from typing import Any
from unittest.mock import patch

from rich.style import Style
from textual._styles_cache import StylesCache
from textual.css.parse import parse as parse_styles

from tests.tui.rig import running, terminal
from tui.cells import Cell, strip_of
from tui.skin import HOUSE


def test_a_change_of_the_screen_holds_no_update_back() -> None:
    @running
    async def _story() -> None:
        async with terminal() as it:
            app: Any = it.app
            app.switch_mode("lines")
            assert not app._batch_count


def test_a_screen_that_is_new_has_no_style_parsed_again() -> None:
    @running
    async def _story() -> None:
        async with terminal() as it:
            await it.press("2")
            with patch("textual.css.stylesheet.parse", wraps=parse_styles) as parse:
                await it.press("3")
            assert parse.call_count < 5, "those of the new rank, and not all of them"


def test_another_skin_is_seen_on_screens_that_were_made_before() -> None:
    @running
    async def _story() -> None:
        async with terminal() as it:
            await it.press("2", "3")
            before = it.app.screen.rich_style
            await it.press("ctrl+t", "2")
            assert it.app.screen.rich_style != before


def test_dialogs_that_were_closed_leave_no_pictures() -> None:
    @running
    async def _story() -> None:
        async with terminal() as it:
            await it.press("?", "escape")
            before = pictures()
            for _time in range(5):
                await it.press("?", "escape")
            assert pictures() <= before


def pictures() -> int:
    """Return the caches of lines that are alive."""
    gc.collect()
    return sum(isinstance(each, StylesCache) for each in gc.get_objects())


def test_cells_of_one_role_are_one_change_of_colours() -> None:
    line: list[Cell | str] = [Cell("a ", "good"), Cell("b ", "good"), "c", Cell("", "bad"), "d", Cell("电话", "bad")]

    strip = strip_of(line, 12, Style(), HOUSE)

    assert [each.text for each in strip] == ["a b ", "cd", "电话", "  "]
    assert strip.cell_length == 12


def test_a_line_is_cut_at_half_a_hanzi_and_filled() -> None:
    strip = strip_of([Cell("电话", "bad"), "x"], 3, Style(), HOUSE)

    assert [each.text for each in strip] == ["电 "]
