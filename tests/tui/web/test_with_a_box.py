# SPDX-License-Identifier: GPL-2.0-or-later
"""The gate's own process beside a box that runs: its users, its tickets, its terminal; the box away and back."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from appliance.access import operations, passwords
from appliance.api import messages as api
from appliance.api.client import Client
from tests.appliance.api.running import RunningBox
from tests.tui.web.processes import children, ended
from tests.tui.web.rig import PATIENCE_S, Browser, Place, certify, free_port

PASSWORD = "correct horse battery"
CONFIG = """\
[edge]
certificate = "tls.pem"
key = "tls.key"
[paths]
run = "."
[web]
enabled = true
port = {port}
"""

Story = Callable[[RunningBox, Place, "subprocess.Popen[bytes]"], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", passwords.Cost(1, 1, 1))


def play(folder: Path, story: Story) -> None:
    certify(folder)
    port = free_port()
    (folder / "box.toml").write_text(CONFIG.format(port=port), encoding="utf-8")
    with RunningBox(folder) as box:
        box.clock = round(time.time() * 1000)  # the gate counts a ticket's time by its own clock
        with Client(box.path, 20) as root:
            for user, role, agent in (("wang", "technician", ""), ("li", "agent", "101")):
                root.ask(api.AddUser(user, role, PASSWORD, "", agent), api.Done)
        environment = {**os.environ, "LANGUAGE": "en"}
        command = [sys.executable, "-m", "tui.web", str(folder / "box.toml")]
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as gate:
            try:
                asyncio.run(story(box, Place(port, folder / "tls.pem"), gate))
            finally:
                gate.terminate()


def test_a_user_of_the_box_signs_in_and_sees_the_terminal_with_a_ticket_of_their_own(tmp_path: Path) -> None:
    async def story(box: RunningBox, place: Place, gate: "subprocess.Popen[bytes]") -> None:
        async with Browser(place) as browser:
            await browser.until_there()
            status, page = await browser.sign_in("wang", "wrong password")
            assert status == 403
            assert "wrong" in page
            assert await browser.sign_in("wang", PASSWORD) == (303, "/")
            screen = await browser.open()
            await screen.until("overview")
            await screen.until("0 calls")
            await asyncio.to_thread(box.calls, 2)
            await screen.until("sales")
            assert box.do(lambda: [each.user for each in box.reception.tickets.of("wang")]) == ["wang"]
            (row,) = operations.found(tmp_path / "access.db", what="sign_in", user="wang", limit=1)
            assert row.door == "127.0.0.1", "the browser's address, not the gate's"
            assert await browser.post("/sign-out", {}) == (303, "/sign-in")
            await screen.over()
            assert box.do(lambda: box.reception.tickets.of("wang")) == []
        gate.terminate()
        assert await asyncio.to_thread(gate.wait, 20) == 0

    play(tmp_path, story)


def test_a_recording_is_downloaded_by_the_browser_that_shows_it(tmp_path: Path) -> None:
    async def story(box: RunningBox, place: Place, _gate: "subprocess.Popen[bytes]") -> None:
        await asyncio.to_thread(box.calls, 12)
        await asyncio.to_thread(box.drain)
        async with Browser(place) as browser:
            await browser.until_there()
            await browser.sign_in("wang", PASSWORD)
            screen = await browser.open()
            await screen.until("overview")
            await screen.press("7")
            await screen.until("found")
            await screen.until("13800")
            await screen.press("x")
            await screen.until("save here")
            await screen.press("e")
            _kind, key = await screen.until_told("deliver_file_start")
            reply = await browser.response(f"/download/{key}")
            assert (await reply.read())[:4] == b"RIFF"
            assert reply.headers["Content-Disposition"].endswith(".wav")

    play(tmp_path, story)


def test_an_agents_session_can_do_no_more_than_the_agents_ticket(tmp_path: Path) -> None:
    async def story(box: RunningBox, place: Place, _gate: "subprocess.Popen[bytes]") -> None:
        async with Browser(place) as browser:
            await browser.until_there()
            await browser.sign_in("li", PASSWORD)
            screen = await browser.open()
            await screen.until("own calls")  # the desk
            await screen.until("101 agent 1")
            (ticket,) = box.do(lambda: box.reception.tickets.of("li"))
            async with asyncio.timeout(PATIENCE_S):
                while not (ticket.connections == 2 == box.do(lambda: len(box.control._connections))):
                    await screen.swallow()
            (visitor, _other) = box.do(lambda: [each.visitor for each in box.control._connections.values()])
            assert (visitor.user, visitor.ticket) == ("li", ticket)

    play(tmp_path, story)


def test_a_user_who_is_locked_is_signed_out_of_every_session(tmp_path: Path) -> None:
    async def story(box: RunningBox, place: Place, _gate: "subprocess.Popen[bytes]") -> None:
        async with Browser(place) as browser:
            await browser.until_there()
            await browser.sign_in("wang", PASSWORD)
            screens = [await browser.open(), await browser.open("board")]
            for screen in screens:
                await screen.until("idle")
            await asyncio.to_thread(lock, box)
            for screen in screens:
                await screen.over()
            assert (await browser.get("/why"))[0] == 401

    play(tmp_path, story)


def lock(box: RunningBox) -> None:
    with Client(box.path, 20) as root:
        root.ask(api.ChangeUser("wang", locked=True), api.Done)


def test_a_killed_gate_leaves_no_session_behind(tmp_path: Path) -> None:
    async def story(_box: RunningBox, place: Place, gate: "subprocess.Popen[bytes]") -> None:
        async with Browser(place) as browser:
            await browser.until_there()
            await browser.sign_in("wang", PASSWORD)
            screen = await browser.open()
            await screen.until("overview")
            (server,) = children(gate.pid)
            (session,) = children(server)
            waiting = [asyncio.ensure_future(ended(each)) for each in (server, session)]
            await asyncio.sleep(0)
            gate.kill()
            await asyncio.gather(*waiting)

    play(tmp_path, story)


def test_a_session_outlives_the_call_server_and_says_that_it_is_away(tmp_path: Path) -> None:
    async def story(box: RunningBox, place: Place, _gate: "subprocess.Popen[bytes]") -> None:
        async with Browser(place) as browser:
            await browser.until_there()
            await browser.sign_in("wang", PASSWORD)
            screen = await browser.open()
            await screen.until("0 calls")
            box.do(box.hang_up)
            await screen.until("0 calls")
            await screen.press("q")
            await screen.over()

    play(tmp_path, story)
