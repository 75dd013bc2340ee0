# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate, by its own websocket and pages: logins, sessions, limits, and what another site's page may not do."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest

from tests.tui.web.processes import children, ended
from tests.tui.web.rig import WRONG, Box, box
from tui.web import gate as gate_module
from tui.web.gate import COOKIE, HEADERS, TRIES


def run(folder: Path, story: Callable[[Box], Awaitable[None]], **settings: int) -> None:
    async def all_() -> None:
        async with box(folder, settings) as gate:
            await story(gate)

    asyncio.run(all_())


def refused(error: pytest.ExceptionInfo[aiohttp.WSServerHandshakeError]) -> int:
    return error.value.status


def test_a_user_signs_in_sees_the_app_in_the_chosen_language_types_and_signs_out(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            assert await browser.get("/") == (303, "")
            assert await browser.sign_in(language="zh_CN", code="123456") == (303, "/")
            assert gate.door.proofs[0].code == "123456"
            assert gate.door.proofs[0].source == "127.0.0.1"
            status, page = await browser.get("/")
            assert status == 200
            assert gate.origin.replace("https", "wss") + "/ws/terminal" in page
            assert "退出" in page
            screen = await browser.open()
            await screen.until("visit terminal li technician ticket-li zh_CN")
            await screen.until("beat 3")
            await screen.press("王小明\r")
            await screen.until("said 王小明!")
            assert await browser.post("/sign-out", {}) == (303, "/sign-in")
            await screen.over()
            assert [guest.ticket for guest in gate.door.left] == ["ticket-li"]
            assert (await browser.get("/why"))[0] == 401
            assert COOKIE not in browser.cookies

    run(tmp_path, story)


def test_pages_of_other_sites_open_no_session_and_sign_nobody_in_or_out(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            assert (await browser.sign_in(origin="https://evil.example"))[0] == 403
            assert not gate.door.proofs
            await browser.sign_in()
            for origin in ("https://evil.example", gate.origin.replace("https", "http"), "null", "https://127.0.0.1"):
                with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                    await browser.open(origin=origin)
                assert refused(error) == 403
            assert (await browser.post("/sign-out", {}, "https://evil.example"))[0] == 403
            assert (await browser.get("/why"))[0] == 200, "still signed in"

    run(tmp_path, story)


def test_nothing_is_shown_without_a_login(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            for path in ("/", "/board"):
                assert (await browser.get(path))[0] == 303
            assert (await browser.get("/why"))[0] == 401
            assert (await browser.get("/download/x"))[0] == 404
            for path in ("/static/", "/static/../gate.py", "/static/gate.py", "/ws/other"):
                assert (await browser.get(path))[0] == 404
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                await browser.open()
            assert refused(error) == 401

    run(tmp_path, story)


def test_wrong_passwords_are_refused_and_after_some_the_address_has_to_wait(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            for _try in range(TRIES + 1):
                status, page = await browser.sign_in(password="wrong")
                assert (status, WRONG in page) == (403, True)
            status, page = await browser.sign_in()
            assert (status, "wait five minutes" in page) == (429, True)
            assert len(gate.door.proofs) == TRIES + 1, "the box is not asked any more"
            assert not browser.cookies

    run(tmp_path, story)


def test_a_name_with_markup_is_shown_as_text(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            assert (await browser.sign_in("<b>x</b>"))[0] == 303
            _status, page = await browser.get("/")
            assert "<b>x" not in page
            assert "&lt;b&gt;x" in page

    run(tmp_path, story)


def test_the_eleventh_session_is_refused_and_finds_room_when_one_ends(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        browsers = [gate.browser() for _user in range(4)]
        try:
            for number, browser in enumerate(browsers):
                await browser.sign_in(f"user{number}")
            screens = [await browsers[number % 4].open() for number in range(10)]
            await asyncio.gather(*(screen.until("beat 1") for screen in screens))
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                await browsers[3].open()
            assert refused(error) == 503
            why = json.loads((await browsers[3].get("/why"))[1])["text"]
            assert why == "all 10 sessions of this box are taken: end one, or come back later"
            await screens[0].press("\x11")
            await screens[0].over()
            await (await browsers[3].open()).until("beat 1")
        finally:
            for browser in browsers:
                await browser.__aexit__()

    run(tmp_path, story)


def test_a_user_has_three_sessions_in_whatever_browser(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as first, gate.browser() as second:
            for browser in (first, second):
                await browser.sign_in()
            screens = [await browser.open() for browser in (first, second, first)]
            await asyncio.gather(*(screen.until("beat 1") for screen in screens))
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                await second.open()
            assert refused(error) == 503
            assert "you have 3 sessions open" in (await second.get("/why"))[1]

    run(tmp_path, story)


def test_a_board_shows_and_hears_no_keys(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            assert await browser.sign_in(kind="board") == (303, "/board")
            screen = await browser.open("board")
            await screen.until("visit board li")
            await screen.press("not heard\r\x11")
            before = screen.text
            await screen.until("beat 9")
            assert "said" not in before + screen.text
            assert "not heard" not in screen.text

    run(tmp_path, story)


def test_what_an_app_delivers_is_a_download_for_its_own_login_alone(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser, gate.browser() as other:
            await browser.sign_in()
            await other.sign_in("wang")
            screen = await browser.open()
            await screen.until("beat 1")
            await screen.press("\x1bOQ")  # F2
            _kind, key = await screen.until_told("deliver_file_start")
            assert (await other.get(f"/download/{key}"))[0] == 404
            reply = await browser.response(f"/download/{key}")
            assert len(await reply.read()) == 200_004
            assert reply.headers["Content-Disposition"] == "attachment; filename*=UTF-8''%E9%80%9A%E8%AF%9D.wav"
            assert reply.headers["Content-Security-Policy"] == "sandbox"
            assert (await browser.get(f"/download/{key}"))[0] == 404, "once"

    run(tmp_path, story)


@pytest.mark.parametrize(("key", "why"), [("\x1bOR", "ended by a fault"), ("\x11", "ended by its user")])
def test_the_end_of_the_app_is_told_with_its_reason(tmp_path: Path, key: str, why: str) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            await browser.sign_in()
            screen = await browser.open()
            await screen.until("beat 1")
            await screen.press(key)
            await screen.over()
            assert why in (await browser.get("/why"))[1]
            await (await browser.open()).until("beat 1")

    run(tmp_path, story)


def test_an_app_that_hangs_is_killed_when_its_browser_goes(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            await browser.sign_in()
            screen = await browser.open()
            await screen.until("beat 1")
            (process,) = children(gate.served.forks.pid)
            await screen.press("\x1bOS")  # F4
            await screen.socket.close()
            await ended(process)
            await (await browser.open()).until("beat 1")

    run(tmp_path, story)


def test_a_killed_fork_server_ends_sessions_and_is_started_again(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            await browser.sign_in()
            screen = await browser.open()
            await screen.until("beat 1")
            first = gate.served.forks.pid
            os.kill(first, 9)
            await screen.over()
            await (await browser.open()).until("beat 1")
            assert gate.served.forks.pid != first

    run(tmp_path, story)


def test_every_answer_carries_the_headers_that_bound_its_page(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            for path in ("/sign-in", "/", "/nothing", "/why", "/static/page.css", "/static/textual.js"):
                reply = await browser.response(path)
                assert {name: reply.headers.get(name) for name in HEADERS} == HEADERS, path
                assert reply.headers["Server"] == "mxbox"
            await browser.sign_in()
            cookie = gate.served.gate.logins
            assert len(list(cookie)) == 1

    run(tmp_path, story)


def test_the_cookie_is_for_this_host_over_tls_and_for_no_script(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            headers = {"Origin": gate.origin}
            form = {"user": "li", "password": "il"}
            async with browser._client.post("/sign-in", data=form, headers=headers, allow_redirects=False) as reply:
                (cookie,) = reply.headers.getall("Set-Cookie")
            name, *words = cookie.split("; ")
            assert name.startswith(f"{COOKIE}=")
            assert {word.lower() for word in words} == {"httponly", "path=/", "samesite=strict", "secure"}

    run(tmp_path, story)


def test_nonsense_from_a_browser_ends_its_session_or_is_passed_over(tmp_path: Path) -> None:
    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            await browser.sign_in()
            screen = await browser.open()
            await screen.until("beat 1")
            for text in (
                '["stdin",""]',
                '["resize",{"width":-5,"height":1e99}]',
                '["stdin",7]',
                "{}",
                "[]",
                '["quit"]',
                "null",
            ):
                await screen.socket.send_str(text)
            await screen.press("still heard\r")
            await screen.until("said still heard!")
            await screen.socket.send_json(["resize", {"width": 10**9, "height": -3}])
            await screen.socket.send_json(["ping", "x" * 1000])
            assert await screen.until_told("pong") == ["pong", "x" * 32]
            await screen.socket.send_str("no JSON")
            await screen.over()
            assert "no message of a terminal" in (await browser.get("/why"))[1]

    run(tmp_path, story)


def test_a_session_in_which_nothing_is_pressed_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate_module, "MINUTE_S", 0.1)

    async def story(gate: Box) -> None:
        async with gate.browser() as browser:
            await browser.sign_in()
            wall, screen = await browser.open("board"), await browser.open()
            await screen.until("beat 1")
            await screen.over()
            assert "nothing was pressed for a long time" in (await browser.get("/why"))[1]
            await wall.until("beat 9")

    run(tmp_path, story)
