# SPDX-License-Identifier: GPL-2.0-or-later
"""Every screen as text, kept in `snapshots/`: both languages, two sizes, plain and in colour.

A change that is meant: MXBOX_SNAPSHOTS=write, then read the differences in git. Below a screen in colour is its map of
roles.
"""

import asyncio
import os
import time
from pathlib import Path

import pytest

from tests.tui.rig import Rig, terminal
from tui.screens import SCREENS
from tui.skin import HOUSE, SKINS, SkinName

KEPT = Path(__file__).with_name("snapshots")
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
}
"""Screens that another one opens, by the keys that lead there."""
SIZES = ((80, 24), (160, 50))


async def shown(rig: Rig, keys: tuple[str, ...]) -> str:
    """Return a screen as it is kept: the tab of a mode, or what keys lead to."""
    text = ""
    for key in keys:
        text = await (rig.show(key) if len(keys) == 1 else rig.press(key))
    text = await rig.text()  # a screen may ask for more once it has drawn its first reply
    return text + "\n" + await rig.roles() if rig.app.skin is HOUSE else text


@pytest.mark.parametrize("skin", ["house", "plain"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_screen_is_as_it_is_kept(
    language: str, size: tuple[int, int], skin: SkinName, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANGUAGE", "zh_CN" if language == "zh" else "en")
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    wrong = []

    async def story() -> None:
        async with terminal(size=size, skin=SKINS[skin]) as rig:
            for name, keys in ({each.NAME: (each.NAME,) for each in SCREENS} | OPENED).items():
                text = await shown(rig, keys)
                await rig.press("escape", "escape")
                path = KEPT / f"{name}-{language}-{size[0]}x{size[1]}-{skin}.txt"
                if os.environ.get("MXBOX_SNAPSHOTS") == "write":
                    path.write_text(text, encoding="utf-8")
                elif not path.exists() or path.read_text(encoding="utf-8") != text:
                    wrong.append(f"{path.name} is now:\n{text}")

    try:
        asyncio.run(story())
    finally:
        monkeypatch.undo()
        time.tzset()
    assert not wrong, "\n".join(wrong)


def test_no_snapshot_is_left_of_a_screen_that_is_gone() -> None:
    assert {path.name.partition("-")[0] for path in KEPT.iterdir()} == {each.NAME for each in SCREENS} | set(OPENED)


@pytest.mark.parametrize("path", sorted(KEPT.glob("*-plain.txt")), ids=lambda path: path.stem)
def test_the_plain_skin_draws_with_ascii_and_hanzi_alone(path: Path) -> None:
    others = {
        each for each in path.read_text(encoding="utf-8") if not each.isascii() and not "\u3000" <= each <= "\uffef"
    }
    assert not others - set("，。：；（）、“”？！｜／　")
