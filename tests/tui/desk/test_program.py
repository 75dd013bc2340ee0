# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox desk` as a program in a pseudo-terminal: a user signs in, sees the own desk, and is signed out at the end."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.access import users
from appliance.access.users import Account
from appliance.contract.access import ROLES
from tests.appliance.api.running import EPOCH_MS, RunningBox
from tests.tui.pty_rig import Terminal
from tui.web.show import WebDesk, app_of
from tui.web.visit import Guest, Visit

PASSWORD = "correct horse battery"


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as running:
        users.add(tmp_path / "access.db", Account("lina", "agent", "101"), "Li Na", PASSWORD, EPOCH_MS)
        users.add(tmp_path / "access.db", Account("audit", "auditor", ""), "", PASSWORD, EPOCH_MS)
        yield running


def test_an_agent_signs_in_sees_the_own_desk_and_leaves(box: RunningBox) -> None:
    with Terminal(box.path, "--user", "lina", command="desk") as terminal:
        terminal.until(lambda text: "password:" in text)
        terminal.send(f"{PASSWORD}\r".encode())
        terminal.until(lambda text: "101 agent 1" in text and "idle" in text)
        assert PASSWORD not in terminal.text
        assert len(box.reception.tickets.of("lina")) == 1
        terminal.send(b"2")
        terminal.until(lambda text: "hotline" in text and "8001" in text)
        terminal.send(b"q")
        terminal.process.wait(10)
        assert terminal.process.returncode == 0
    assert not box.reception.tickets.of("lina"), "the ticket is void"


@pytest.mark.parametrize(
    ("user", "password", "said"), [("lina", "wrong password", "is wrong"), ("audit", PASSWORD, "is no agent")]
)
def test_one_who_may_not_is_told_why_and_nothing_is_drawn(box: RunningBox, user: str, password: str, said: str) -> None:
    with Terminal(box.path, "--user", user, command="desk") as terminal:
        terminal.until(lambda text: "password:" in text)
        terminal.send(f"{password}\r".encode())
        terminal.until(lambda text: said in text)
        terminal.process.wait(10)
        assert terminal.process.returncode not in (0, None)
    assert not box.reception.tickets.of(user)


def test_with_the_rights_of_the_machine_an_agent_is_named_and_no_password_asked(box: RunningBox) -> None:
    with Terminal(box.path, "--agent", "102", command="desk") as terminal:
        terminal.until(lambda text: "102 agent 2" in text and "idle" in text)
        terminal.send(b"q")
        terminal.process.wait(10)
        assert terminal.process.returncode == 0


@pytest.mark.parametrize(
    ("own", "kind", "desk"), [(True, "terminal", True), (True, "board", False), (False, "terminal", False)]
)
def test_in_a_browser_an_agent_sees_a_desk(own: bool, kind: str, desk: bool, tmp_path: Path) -> None:
    guest = Guest("lina", "agent", "ticket", dict(ROLES["agent"].rights), agent="101", own=own)
    visit = Visit(guest, kind, os.fspath(tmp_path / "none.sock"))  # type: ignore[arg-type]
    assert isinstance(app_of(visit), WebDesk) == desk
