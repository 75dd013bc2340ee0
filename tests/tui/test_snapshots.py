# SPDX-License-Identifier: GPL-2.0-or-later
"""Every screen of the terminal as text, kept in `snapshots/`: see `album.py`."""

from pathlib import Path

import pytest

from tests.tui.album import Album, ascii_and_hanzi_alone, each_language, each_look, each_size
from tui.screens import SCREENS
from tui.skin import SkinName

OPENED = {
    "trouble": ("8", "enter"),
    "past": ("3", "h"),
    "recording": ("7", "down", "enter"),
    "prompt": ("colon", *"prompts", "enter", "down", "enter"),
    "find": ("7", "f"),
    "call": ("3", "enter"),
    "menu": ("3", "x"),
    "help": ("3", "question_mark"),
    "message": ("3", "enter", "down", "down", "down"),
    "entry": ("9", "colon", *"queue sal", "enter", "enter"),
    "changed": ("9", "h"),
    "change": ("9", "h", "enter"),
    "changes": ("9", "w"),
    "text": ("9", "e"),
    "address": ("5", "x", "q", "enter", "enter", "y"),
}
"""Screens that another one opens, by the keys that lead there."""
ALBUM = Album(Path(__file__).with_name("snapshots"), {each.NAME: (each.NAME,) for each in SCREENS} | OPENED)


@each_look
@each_size
@each_language
def test_every_screen_is_as_it_is_kept(language: str, size: tuple[int, int], skin: SkinName) -> None:
    ALBUM.compare(language, size, skin)


def test_no_snapshot_is_left_of_a_screen_that_is_gone() -> None:
    ALBUM.nothing_left()


@pytest.mark.parametrize("path", ALBUM.plain(), ids=lambda path: path.stem)
def test_the_plain_skin_draws_with_ascii_and_hanzi_alone(path: Path) -> None:
    ascii_and_hanzi_alone(path)
