# SPDX-License-Identifier: GPL-2.0-or-later
"""Every screen of a desk as text, kept in `snapshots/`; a change that is meant: MXBOX_SNAPSHOTS=write, then read it."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from tests.tui.rig import terminal
from tests.tui.test_snapshots import SIZES, shown
from tui.desk.app import DESK_SCREENS
from tui.skin import SKINS, SkinName

KEPT = Path(__file__).with_name("snapshots")
OPENED = {"menu": ("1", "x"), "find": ("1", "x", "t"), "help": ("1", "question_mark")}
AGENT = "8001"


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
        async with terminal(size=size, skin=SKINS[skin], agent=AGENT) as rig:
            for name, keys in ({each.NAME: (each.NAME,) for each in DESK_SCREENS} | OPENED).items():
                await rig.settle()
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
    kept = {path.name.partition("-")[0] for path in KEPT.iterdir()}
    assert kept == {each.NAME for each in DESK_SCREENS} | set(OPENED)


@pytest.mark.parametrize("path", sorted(KEPT.glob("*-plain.txt")), ids=lambda path: path.stem)
def test_the_plain_skin_draws_with_ascii_and_hanzi_alone(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    others = {each for each in text if not each.isascii() and not "\u3000" <= each <= "\uffef"}
    assert not others - set("，。：；（）、“”？！｜／　")
