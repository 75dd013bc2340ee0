# SPDX-License-Identifier: GPL-2.0-or-later
"""A person at a browser: the login, keys, hanzi by an input method, the end; and what the page asks for."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.tui.web.chromium import PROGRAM, WHY_NOT, Page, page
from tests.tui.web.rig import WRONG, Box, box

pytestmark = pytest.mark.skipif(not PROGRAM, reason=WHY_NOT)


def run(folder: Path, story: Callable[[Box, Page], Awaitable[None]], **settings: int) -> None:
    async def all_() -> None:
        async with box(folder, settings) as gate, page(folder / "chromium", gate.certificate) as tab:
            await story(gate, tab)

    asyncio.run(all_())


async def sign_in(
    tab: Page, gate: Box, user: str = "li", password: str = "il", door: str = "terminal", language: str = "en"
) -> None:
    await tab.go(gate.origin)
    assert await tab.run("location.pathname") == "/sign-in"
    await tab.click(f"nav a[href$={language}]")
    await tab.until_true(f"location.search === '?language={language}' && document.readyState === 'complete'")
    await tab.run(f"document.querySelector('[name=user]').value = {user!r}")
    await tab.click("[name=password]")
    await tab.call("Input.insertText", text=password)
    await tab.click(f"button[value={door}]")


def test_a_person_signs_in_types_hanzi_into_a_field_and_signs_out(tmp_path: Path) -> None:
    async def story(gate: Box, tab: Page) -> None:
        await sign_in(tab, gate)
        await tab.until("visit terminal li technician ticket-li en")
        await tab.until("beat 5")
        await tab.click_at(200, 100)  # the field: its third line from above
        await tab.type("转接王小明")
        await tab.until("转接王小明")
        await tab.press("Enter", 13, "\r")
        await tab.until("said 转接王小明!")
        assert (await tab.picture())[:4] == b"\x89PNG"
        assert await tab.run("document.cookie") == "", "scripts do not see the cookie"
        await tab.click("header button")
        await tab.until_true("location.pathname === '/sign-in'")
        assert [guest.user for guest in gate.door.left] == ["li"]
        assert {urlsplit(each).netloc for each in tab.requests} == {urlsplit(gate.origin).netloc}, (
            "nothing from elsewhere"
        )
        assert not [text for text in tab.complaints if "Content Security" in text]

    run(tmp_path, story)


def test_a_wrong_password_is_told_on_the_page(tmp_path: Path) -> None:
    async def story(gate: Box, tab: Page) -> None:
        await sign_in(tab, gate, password="wrong")
        await tab.until_true(f"document.querySelector('.said')?.textContent === {WRONG!r}")

    run(tmp_path, story)


def test_a_session_too_many_is_told_and_the_end_of_one_as_well(tmp_path: Path) -> None:
    async def story(gate: Box, tab: Page) -> None:
        async with gate.browser() as other:
            await other.sign_in("wang")
            screen = await other.open()
            await screen.until("beat 1")
            await sign_in(tab, gate)
            shown = "!document.getElementById('ended').hidden && document.getElementById('why').textContent"
            await tab.until_true(f"String({shown}).startsWith('all 1 sessions of this box are taken')")
            await screen.press("\x11")
            await screen.over()
            await tab.click("#ended a")
            await tab.until("beat 1")
            await tab.until_true("document.activeElement.className === 'xterm-helper-textarea'")
            await tab.press("q", 81, control=True)
            await tab.until_true(f"{shown} === 'the session was ended by its user'")

    run(tmp_path, story, sessions=1, sessions_each=1)


def test_a_page_of_another_site_gets_no_terminal(tmp_path: Path) -> None:
    async def story(gate: Box, tab: Page) -> None:
        await sign_in(tab, gate)
        await tab.until("beat 1")
        await tab.call("Page.navigate", url="data:text/html,<p>another site</p>")
        await tab.until_true("location.protocol === 'data:'")
        address = gate.origin.replace("https", "wss") + "/ws/terminal"
        script = f"new Promise(told => {{ const s = new WebSocket('{address}');"
        script += " s.onopen = () => told('opened'); s.onerror = () => told('refused'); })"
        assert await tab.run(script) == "refused"

    run(tmp_path, story)


def test_a_board_opens_again_by_itself_when_the_box_was_away(tmp_path: Path) -> None:
    async def story(gate: Box, tab: Page) -> None:
        await sign_in(tab, gate, door="board", language="zh_CN")
        await tab.until("visit board li technician ticket-li zh_CN")
        (login,) = gate.served.gate.logins
        login.sessions[0].end("tried")
        await tab.until_true("!document.getElementById('ended').hidden")
        tab.screen.reset()
        await tab.until("visit board li")

    run(tmp_path, story)
