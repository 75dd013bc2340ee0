# SPDX-License-Identifier: GPL-2.0-or-later
"""The set-up on a whole screen: the same steps by keys alone, in 80x24."""

import asyncio
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from appliance.access import passwords
from appliance.wizard.course import STEPS
from appliance.wizard.wizard import Wizard
from tests.appliance.wizard.rig import BARE, PASSWORD, made, site
from tui.seen import text_of
from tui.setup import SetupApp
from tui.skin import PLAIN


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(1, 1, 1))
    monkeypatch.setenv("LANGUAGE", "en")


async def seen(pilot: Pilot[int]) -> str:
    await pilot.pause()
    return "\n".join(text_of(pilot.app))  # type: ignore[arg-type]


async def until(pilot: Pilot[int], text: str) -> str:
    for _try in range(200):
        if text in (shown := await seen(pilot)):
            return shown
        await asyncio.sleep(0.02)
    raise AssertionError(f"never seen: {text}\n{shown}")


def test_a_technician_sets_up_a_box_by_keys_alone(tmp_path: Path) -> None:
    async def story() -> None:
        app = SetupApp(Wizard(STEPS, site(tmp_path / "box.toml", BARE)), PLAIN)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, "Callers hear prompts in this language")
            await pilot.press("down", "enter")  # English
            await until(pilot, "Name of a new technician")
            await pilot.press("enter", *PASSWORD.replace(" ", "_"), "enter", *"other", "enter")
            await until(pilot, "the two are different")
            for _key in range(5):
                await pilot.press("backspace")
            await pilot.press(*PASSWORD.replace(" ", "_"), "enter")
            shown = await until(pilot, "Address at which phones reach the box")
            assert "> " in shown
            await pilot.press("enter", "enter")
            await until(pilot, "Time zone")
            await pilot.press("enter")
            await until(pilot, "No E1 card was found")
            await pilot.press("enter")
            await until(pilot, "A line of the simulator")
            await pilot.press("enter")
            await until(pilot, "Area code")
            await pilot.press("enter", "enter")
            await until(pilot, "First extension")
            await pilot.press("enter", "enter")
            await until(pilot, "Write it now; nothing was changed so far")
            await until(pilot, '+called = "12345"')
            await pilot.press("pageup", "pageup", "pageup")
            await until(pilot, "will be new")
            await pilot.press("enter")
            await until(pilot, "user name 1001, domain mxbox, password")
            await pilot.press("enter")
            await until(pilot, "test call: PASS")
            shown = await until(pilot, "https://192.0.2.10:8444/")
            assert max(map(len, shown.splitlines())) <= 80
            await pilot.press("enter")
            await pilot.pause()
        assert app.return_value == 0
        assert made(tmp_path / "box.toml").web.enabled

    asyncio.run(story())


def test_esc_goes_back_and_f10_leaves_with_nothing_changed(tmp_path: Path) -> None:
    async def story() -> None:
        app = SetupApp(Wizard(STEPS, site(tmp_path / "box.toml", BARE)))
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("enter")
            await until(pilot, "用户和密码")
            await pilot.press("escape")
            await until(pilot, "English")
            assert app.query_one("#title", Static)
            await pilot.press("f10")
        assert app.return_value == 1

    asyncio.run(story())
    assert list(tmp_path.iterdir()) == []
