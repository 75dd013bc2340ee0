# SPDX-License-Identifier: GPL-2.0-or-later
"""The mouse alone: tabs, the foot, menus, forms and dialogs; nothing dangerous under a second click."""

import pytest
from textual import events

from appliance.api import messages as api
from tests.tui.rig import Rig, running, terminal
from tui.cells import width_of
from tui.dialogs import Form, Menu, Sure
from tui.mouse import Keys, key_of
from tui.screens.phones import PhonesScreen
from tui.skin import HOUSE, PLAIN, Skin

LANGUAGES = pytest.mark.parametrize("language", ["en", "zh_CN"])


def place_of(text: str, what: str) -> tuple[int, int]:
    """Return column and line of a text on the screen."""
    lines = text.split("\n")
    row = next(row for row, line in enumerate(lines) if what in line)
    return width_of(lines[row].partition(what)[0]), row


def shown(rig: Rig) -> type[object]:
    """Return the kind of what is on top."""
    return type(rig.app.screen)


async def click(rig: Rig, what: str, times: int = 1) -> str:
    """Click on a text; return the screen."""
    await rig.pilot.click(offset=place_of(await rig.text(), what), times=times)
    return await rig.text()


@LANGUAGES
@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_every_tab_is_clicked(language: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", language)

    async def story() -> None:
        async with terminal(size=size) as rig:
            for digit, mode in (("5", "phones"), ("0", "system"), ("2", "lines"), ("1", "overview"), ("9", "config")):
                line = (await rig.text()).split("\n")[1]
                await rig.pilot.click(offset=(width_of(line.partition(digit)[0]), 1))
                await rig.settle()
                assert rig.app.current_mode == mode

    running(story)


@LANGUAGES
@pytest.mark.parametrize("skin", [HOUSE, PLAIN], ids=lambda skin: skin.name)
def test_calls_are_hung_up_by_the_mouse_alone(language: str, skin: Skin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    do, hang_up, yes = (" x ", " h  ", "y:") if language == "en" else (" x ", " h  ", "y：")

    async def story() -> None:
        async with terminal(skin=skin) as rig:
            await rig.press("3")
            await click(rig, "1391111")
            await click(rig, do)
            assert shown(rig) is Menu
            await click(rig, hang_up)
            assert shown(rig) is Sure
            assert rig.link.changed(api.HangUp) == []
            await click(rig, yes)
            assert rig.link.changed(api.HangUp) == [api.HangUp(1043)]

    running(story)


@LANGUAGES
def test_a_form_is_filled_and_left_by_clicks(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", language)

    async def story() -> None:
        async with terminal() as rig:
            await rig.press("5")
            await rig.press("x", "b")
            assert shown(rig) is Form
            await rig.type("1009")
            await click(rig, "Enter")
            assert shown(rig) is Sure
            await click(rig, "Esc")
            assert shown(rig) is PhonesScreen
            await rig.press("x")
            await click(rig, "Esc")
            assert shown(rig) is PhonesScreen
            assert rig.link.changed(api.SetPhone) == []

    running(story)


def test_the_second_click_of_a_double_one_agrees_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")

    async def story() -> None:
        async with terminal() as rig:
            await rig.press("3", "x", "h")
            await click(rig, "y: yes", times=2)
            assert len(rig.link.changed(api.HangUp)) == 1
            await rig.press("x", "h")
            keys = rig.app.screen.query_one(Keys)
            second = events.Click(keys, 0, 0, 0, 0, 1, shift=False, meta=False, ctrl=False, chain=2)
            keys.post_message(second)
            await rig.settle()
            assert shown(rig) is Sure
            assert len(rig.link.changed(api.HangUp)) == 1

    running(story)


def test_a_place_is_jumped_to_by_a_double_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")

    async def story() -> None:
        async with terminal() as rig:
            await rig.settle()
            await click(rig, " : ")
            await rig.type("1391")
            await click(rig, "1043 13911112222", times=2)
            await rig.until(lambda _text: rig.app.current_mode == "calls")
            assert rig.app.house is not None
            assert rig.app.house.table is not None
            assert getattr(rig.app.house.table.row, "call", 0) == 1043

    running(story)


def test_keys_of_many_are_no_keys() -> None:
    assert [key_of(shown) for shown in ("x", "F", "Esc", "/", "Tab", "1 ... 0", "a letter", "")] == [
        *("x", "F", "escape", "slash", "tab"),
        *("", "", ""),
    ]
