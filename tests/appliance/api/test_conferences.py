# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences by the control API: who speaks, changes with their user, updates, the log of the books."""

import getpass
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract.errors import ApiError
from appliance.contract.records import RoomChanged
from appliance.contract.switch import Envelope, Incoming, Party, StatusReport
from tests.appliance.api.running import RunningBox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as box:
        yield box


@pytest.fixture
def client(box: RunningBox) -> Iterator[Client]:
    with Client(box.path, timeout_s=10) as client:
        yield client


def dial_in(box: RunningBox, *phones: str) -> None:
    """Let phones meet in conference 1234."""
    for number, phone in enumerate(phones, 1):
        event = Incoming(2 * number, "sip", "*551234", Party(phone))
        box.do(lambda event=event: box.server.on_envelope(box.board.number(event)))  # type: ignore[misc]


def test_who_is_there_and_speaks_is_told(box: RunningBox, client: Client) -> None:
    assert client.ask(api.Conferences(), api.ConferencesReply).conferences == ()
    dial_in(box, "8001", "8002")
    report = StatusReport(0, 1.0, 1.0, 1.0, speaking=(4,))
    box.do(lambda: box.server.on_envelope(Envelope(box.board.seq, 100, report)))
    reply = client.ask(api.Conferences(), api.ConferencesReply)
    [conference] = reply.conferences
    assert (conference.number, conference.call, conference.locked) == ("1234", 1, False)
    assert [(one.place, one.number, one.host, one.speaking) for one in conference.members] == [
        (1, "8001", True, False),
        (2, "8002", False, True),
    ]


def test_changes_name_their_user_in_books_and_updates(box: RunningBox, client: Client) -> None:
    with Client(box.path, timeout_s=10) as other:
        updates = other.updates("calls")
        dial_in(box, "8001", "8002")
        client.ask(api.ChangeConference("1234", "mute", 2), api.Done)
        told = (each.what for each in updates if isinstance(each.what, RoomChanged))
        assert [next(told).what for _ in range(3)] == ["joined", "joined", "muted"]
    [conference] = client.ask(api.Conferences(), api.ConferencesReply).conferences
    assert [one.muted for one in conference.members] == [False, True]
    log = client.ask(api.ConferenceLog(conference.call), api.ConferenceLogReply).changes
    assert [(each.what, each.member, each.host, each.done_by) for each in log] == [
        ("joined", "8001", True, ""),
        ("joined", "8002", False, ""),
        ("muted", "8002", False, getpass.getuser()),
    ]
    assert all(each.at > 0 for each in log)


def test_what_cannot_be_done_is_refused(box: RunningBox, client: Client) -> None:
    dial_in(box, "8001")
    for request in (api.ChangeConference("99", "lock"), api.CallIntoConference("1234", "4444")):
        with pytest.raises(ApiError):
            client.ask(request, api.Done)
    assert client.ask(api.ConferenceLog(99), api.ConferenceLogReply).changes == ()
