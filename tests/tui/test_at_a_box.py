# SPDX-License-Identifier: GPL-2.0-or-later
"""Screens of what a box has kept, at a real call server over its socket: what keys do is done there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract.switch import AnyEvent, Cleared, Incoming, Party, Played, Recorded
from tests.appliance.api.running import RunningBox
from tests.appliance.api.test_conferences import dial_in
from tests.appliance.engine.box import config
from tests.tui.rig import Rig, running
from tui.app import TerminalApp
from tui.link import Link
from tui.skin import HOUSE


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en")


@asynccontextmanager
async def terminal_at(box: RunningBox) -> AsyncIterator[Rig]:
    """Run the terminal at a box."""
    app = TerminalApp(lambda hear: Link(box.path, hear), HOUSE)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        rig = Rig(app, pilot)
        await rig.until(lambda text: "no box answers" not in text)
        yield rig


def test_a_recording_is_found_drawn_and_deleted_with_its_reason(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        box.calls(12)
        box.drain()
        rows = client.ask(api.Recordings(), api.RecordingsReply).recordings

        async def story() -> None:
            async with terminal_at(box) as rig:
                await rig.press("7")
                await rig.until(lambda text: f"{len(rows)} found" in text)
                await rig.press("f")
                await rig.fill("", "", "", "", "", "0:01-")
                long = sum(row.length_s >= 1 for row in rows)
                await rig.until(lambda text: f"{long} found   length 0:01-" in text)
                await rig.press("enter")
                await rig.until(lambda text: "0:00" in text and "its sound is being read" not in text)
                await rig.press("x")
                await rig.press("d")
                assert "for good" in await rig.fill("the caller asked for it")
                await rig.press("y")
                await rig.until(lambda text: "its file was deleted" in text and "the caller asked for it" in text)

        running(story)
        gone = [row for row in client.ask(api.Recordings(), api.RecordingsReply).recordings if row.deleted_at]
        assert [(row.deleted_why, (tmp_path / "recordings" / row.path).exists()) for row in gone] == [
            ("the caller asked for it", False)
        ]


def test_a_user_is_added_given_a_second_factor_locked_and_the_log_tells_it(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:

        async def story() -> None:
            async with terminal_at(box) as rig:
                await rig.press("0")
                await rig.until(lambda text: "processors" in text)
                await rig.press("u")
                await rig.press("x")
                await rig.press("a")
                await rig.fill("lina", "supervisor", "Li Na", "", "a long password", "another one")
                await rig.until(lambda text: "the passwords differ" in text)
                await rig.press("x")
                await rig.press("a")
                await rig.fill("lina", "supervisor", "Li Na", "", "a long password", "a long password")
                text = await rig.until(lambda text: "role supervisor" in text)
                assert "recordings: v a c" in text
                await rig.press("x")
                await rig.press("f")
                assert "shown only once" in await rig.fill("")
                await rig.press("y")
                text = await rig.until(lambda text: "Address for authenticators" in text)
                assert "otpauth://totp/" in text
                await rig.press("escape")
                await rig.press("x")
                await rig.press("l")
                assert "signed out everywhere" in await rig.fill("left the company")
                await rig.press("y")
                await rig.until(lambda text: "locked" in text.split("\n")[3])
                await rig.press("escape")
                await rig.press("o")
                text = await rig.until(lambda text: "left the company" in text)
                assert "add_user" in text
                await rig.press("v")
                await rig.until(lambda text: "are as they were written" in text)

        running(story)
        (user,) = client.ask(api.Users(), api.UsersReply).users
        assert (user.user, user.role, user.second_factor, user.locked) == ("lina", "supervisor", True, True)


def leave(box: RunningBox, called: str, leg: int) -> None:
    """Leave a message of 5 s from outside."""

    def tell(*events: AnyEvent) -> None:
        for event in events:
            box.do(lambda event=event: box.server.on_envelope(box.board.number(event)))  # type: ignore[misc]

    def playing() -> int:
        return next(each.playing for each in box.server.engine._board.legs.values() if each.number == leg)

    box.do(box.sent.clear)
    tell(Incoming(leg, "pri:carrier", called, Party("13800138000"), 1, leg // 2))
    tell(Played(leg, box.do(playing)))
    recording = box.do(lambda: max(box.server.engine._board.recordings))
    tell(Recorded(recording, 5 * 8000, why="key"), Cleared(leg, 16))


def test_a_message_of_a_queue_is_taken_by_an_agent_and_finished(tmp_path: Path) -> None:
    boxes = [{"name": "late", "number": "8600", "queue": "sales", "lamps": ["8001"]}]
    with RunningBox(tmp_path, configured=config(voicemail=boxes)) as box, Client(box.path, timeout_s=10) as client:
        leave(box, "8600", 2)

        async def story() -> None:
            async with terminal_at(box) as rig:
                await rig.press("7")
                await rig.press("v")
                await rig.until(lambda text: "1 message" in text and "late" in text and "open" in text)
                await rig.press("x")
                await rig.press("t")
                await rig.fill("101")
                await rig.until(lambda text: "taken   101" in text)
                await rig.press("x")
                await rig.press("f")
                await rig.until(lambda text: "done    101" in text)
                await rig.press("x")
                await rig.press("d")
                await rig.press("y")
                await rig.until(lambda text: "0 messages" in text)

        running(story)
        (row,) = client.ask(api.Messages(deleted=True), api.MessagesReply).messages
        assert (row.state, row.owner, row.deleted_at > 0, row.length_s) == ("done", "101", True, 5.0)


def test_a_guest_of_a_conference_is_muted_and_the_door_is_locked(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        dial_in(box, "8001", "8002")

        async def story() -> None:
            async with terminal_at(box) as rig:
                await rig.press("3")
                await rig.press("c")
                await rig.until(lambda text: "1234" in text and "8002" in text)
                await rig.press("x")
                await rig.press("l")
                await rig.until(lambda text: "locked" in text.split("\n")[3])
                await rig.press("enter")
                await rig.press("down")
                await rig.press("x")
                await rig.press("m")
                text = await rig.until(lambda text: "8002  muted" in text)
                assert "locked  by" in text

        running(story)
        (room,) = client.ask(api.Conferences(), api.ConferencesReply).conferences
        assert (room.locked, [one.muted for one in room.members]) == (True, [False, True])
