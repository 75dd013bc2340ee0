# SPDX-License-Identifier: GPL-2.0-or-later
"""The phones: what is registered, and what is changed from there."""

import pytest

from appliance.api import messages as api
from tests.tui.rig import running, terminal


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


def test_an_extension_without_a_phone_stands_out_and_other_lines_do_not() -> None:
    async def story() -> None:
        async with terminal(size=(120, 24)) as rig:
            text = await rig.press("5")
            lines = text.split("\n")
            assert "192.168.1.31:5060" in lines[3]
            assert "not registered" in lines[4]
            assert "sip:door@192.168.1.40:5060" in lines[5]
            assert "b" in (await rig.roles()).split("\n")[4]

    running(story)


def test_forwards_of_marked_phones_are_set_after_a_sentence() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("5")
            await rig.press("space", "space")
            await rig.press("x")
            await rig.press("b")
            await rig.type("1009")
            assert "forward calls when busy: 2 phones to 1009" in await rig.press("enter")
            assert rig.link.changed(api.SetPhone) == []
            await rig.press("y")
            assert rig.link.changed(api.SetPhone) == [
                api.SetPhone("1001", "forward_busy", "1009"),
                api.SetPhone("1002", "forward_busy", "1009"),
            ]

    running(story)


def test_a_forward_ends_with_an_empty_number() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("5")
            for key in ("x", "n", "enter", "y"):
                await rig.press(key)
            assert rig.link.changed(api.SetPhone) == [api.SetPhone("1001", "forward_no_answer", "")]

    running(story)


def test_a_jump_finds_an_extension_by_name_once_its_list_is_known() -> None:
    async def story() -> None:
        async with terminal() as rig:
            await rig.press("5")
            await rig.press("1")
            await rig.press("colon")
            await rig.type("front")
            await rig.press("enter")
            await rig.until(lambda _text: rig.app.current_mode == "phones")
            assert rig.app.house is not None
            assert rig.app.house.table is not None
            assert getattr(rig.app.house.table.row, "extension", "") == "1003"

    running(story)
