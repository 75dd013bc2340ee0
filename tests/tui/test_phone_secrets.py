# SPDX-License-Identifier: GPL-2.0-or-later
"""Secrets of phones: a code that is read from the screen as a reader's camera would, words where none can be drawn."""

from typing import Any

import pytest

from appliance.api import messages as api
from tests.tui import qr_reader
from tests.tui.rig import Rig, running, terminal
from tui.qr import qr_lines
from tui.seen import strips_of
from tui.skin import HOUSE, PLAIN, Skin

ADDRESS = "https://voice.example.com:8443/5h2kq7r9t3w8y4z6b1c0d5f7g2j9/000413aabbcc.xml"
MADE = api.ProvisionReply(extension="1001", maker="snom", mac="000413aabbcc", address=ADDRESS, served=False)
PASSWORD = api.PasswordReply(extension="1001", realm="mx.example", password="aBcD3fGh")
ANSWERS: dict[type[api.Request], Any] = {api.Provision: MADE, api.NewPassword: PASSWORD}


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


async def made(rig: Rig) -> str:
    """Have an address made for the first phone."""
    await rig.press("5")
    await rig.press("x", "q")
    await rig.fill("snom", "00:04:13:aa:bb:cc")
    return await rig.press("y")


def code_of(rig: Rig) -> list[str]:
    """Return what is drawn dark on light."""
    paper = rig.app.skin.roles["paper"].bgcolor
    lines = (
        "".join(each.text for each in strip if each.style is not None and each.style.bgcolor == paper)
        for strip in strips_of(rig.app)
    )
    return [line for line in lines if line]


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_the_code_on_the_screen_is_read_as_the_address(size: tuple[int, int]) -> None:
    async def story() -> None:
        async with terminal(ANSWERS, size=size) as rig:
            text = await made(rig)
            assert rig.link.changed(api.Provision) == [api.Provision("1001", "snom", "00:04:13:aa:bb:cc")]
            assert qr_reader.read(code_of(rig)) == ADDRESS
            assert "settings of phone 1001" in text
            assert "works once" in text
            assert "provisioning.enabled" in text.replace("\n", "")
            await rig.press("escape")
            assert not code_of(rig)

    running(story)


@pytest.mark.parametrize(("skin", "size"), [(PLAIN, (80, 24)), (PLAIN, (160, 50)), (HOUSE, (80, 18))])
def test_without_blocks_or_room_the_address_stands_in_words(skin: Skin, size: tuple[int, int]) -> None:
    async def story() -> None:
        async with terminal(ANSWERS, size=size, skin=skin) as rig:
            text = await made(rig)
            assert not set(text) & set("▀▄█")
            assert ADDRESS in "".join(line.strip(" |│") for line in text.split("\n"))
            assert "Esc: back" in text

    running(story)


def test_a_code_keeps_its_frame_as_broad_as_there_is_room_for() -> None:
    for side, frame in ((41, 4), (37, 2), (36, 0)):
        lines = qr_lines(ADDRESS[:70], HOUSE, side, 40)
        assert (len(lines[0]) - 33) // 2 == frame if frame else not lines
        assert not lines or qr_reader.read(lines) == ADDRESS[:70]
    assert not qr_lines("x" * 400, HOUSE, 80, 24)


@pytest.mark.parametrize("length", range(20, 107, 7))
def test_codes_of_any_length_are_read(length: int) -> None:
    text = (ADDRESS * 2)[:length]
    assert qr_reader.read(qr_lines(text, HOUSE, 80, 40)) == text


def test_a_new_password_is_made_after_a_sentence_and_shown_until_it_is_left() -> None:
    async def story() -> None:
        async with terminal(ANSWERS) as rig:
            await rig.press("5")
            assert "registers with its new password only" in await rig.press("x", "p")
            assert rig.link.changed(api.NewPassword) == []
            assert "aBcD3fGh" in await rig.press("y")
            assert "aBcD3fGh" not in await rig.press("escape")
            assert rig.link.changed(api.NewPassword) == [api.NewPassword("1001")]

    running(story)


def test_phones_at_fixed_addresses_have_no_secrets() -> None:
    async def story() -> None:
        async with terminal(ANSWERS) as rig:
            await rig.press("5")
            await rig.press("down", "down")
            text = await rig.press("x")
            assert "call a number from there" in text
            assert "password" not in text

    running(story)
