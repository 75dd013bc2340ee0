# SPDX-License-Identifier: GPL-2.0-or-later
"""Screens as text that is kept in a folder, compared with what is drawn now: both languages, two sizes, two skins.

A change that is meant: MXBOX_SNAPSHOTS=write, then read the differences in git. Below a screen in colour is its map of
roles.
"""

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.tui.rig import Rig, terminal
from tui.skin import HOUSE, SKINS, SkinName

SIZES: Final = ((80, 24), (160, 50))
_HANZI: Final = set("，。：；（）、“”？！｜／　")

each_look = pytest.mark.parametrize("skin", ["house", "plain"])
each_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
each_language = pytest.mark.parametrize("language", ["en", "zh"])


class Album(NamedTuple):
    """Screens by the keys that lead to each, and the folder of their texts; `agent` of a desk, '' of the terminal."""

    folder: Path
    screens: Mapping[str, tuple[str, ...]]
    agent: str = ""

    def compare(self, language: str, size: tuple[int, int], skin: SkinName) -> None:
        """Fail with every screen that is not as it is kept; where asked, keep it instead."""
        wrong: list[str] = []

        async def story() -> None:
            async with terminal(size=size, skin=SKINS[skin], agent=self.agent) as rig:
                for name, keys in self.screens.items():
                    await rig.settle()
                    text = await _shown(rig, keys)
                    await rig.press("escape", "escape")
                    path = self.folder / f"{name}-{language}-{size[0]}x{size[1]}-{skin}.txt"
                    if os.environ.get("MXBOX_SNAPSHOTS") == "write":
                        path.write_text(text, encoding="utf-8")
                    elif not path.exists() or path.read_text(encoding="utf-8") != text:
                        wrong.append(f"{path.name} is now:\n{text}")

        with _place(language):
            asyncio.run(story())
        assert not wrong, "\n".join(wrong)

    def nothing_left(self) -> None:
        """Fail if a text is kept of a screen that is gone, or none of one that is there."""
        assert {path.name.partition("-")[0] for path in self.folder.iterdir()} == set(self.screens)

    def plain(self) -> list[Path]:
        """Return the texts in the plain skin."""
        return sorted(self.folder.glob("*-plain.txt"))


def ascii_and_hanzi_alone(path: Path) -> None:
    """Fail if a text has other characters."""
    text = path.read_text(encoding="utf-8")
    others = {each for each in text if not each.isascii() and not "\u3000" <= each <= "\uffef"}
    assert not others - _HANZI


async def _shown(rig: Rig, keys: tuple[str, ...]) -> str:
    """Return a screen as it is kept: the tab of a mode, or what keys lead to."""
    for key in keys:
        await (rig.show(key) if len(keys) == 1 else rig.press(key))
    text = await rig.text()  # a screen may ask for more once it has drawn its first reply
    return text + "\n" + await rig.roles() if rig.app.skin is HOUSE else text


@contextmanager
def _place(language: str) -> Iterator[None]:
    """Be a reader of a language, whose clock is UTC."""
    with pytest.MonkeyPatch.context() as here:
        here.setenv("LANGUAGE", "zh_CN" if language == "zh" else "en")
        here.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()
