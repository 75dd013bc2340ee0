# SPDX-License-Identifier: GPL-2.0-or-later
"""Every screen of a desk as text, kept in `snapshots/`: see `tests/tui/album.py`."""

from pathlib import Path

import pytest

from tests.tui.album import Album, ascii_and_hanzi_alone, each_language, each_look, each_size
from tui.desk.app import DESK_SCREENS
from tui.skin import SkinName

OPENED = {"menu": ("1", "x"), "find": ("1", "x", "t"), "help": ("1", "question_mark")}
ALBUM = Album(
    Path(__file__).with_name("snapshots"), {each.NAME: (each.NAME,) for each in DESK_SCREENS} | OPENED, "8001"
)


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
