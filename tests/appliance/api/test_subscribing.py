# SPDX-License-Identifier: GPL-2.0-or-later
"""A program that connects again gets missed updates, or learns that some are lost; users are known and bounded."""

import os
import socket
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract.errors import ApiError
from appliance.contract.records import AgentChanged, TroubleNoted
from appliance.contract.rights import ALL, Peer, Right
from appliance.server.rights import Admission
from appliance.server.subscribers import MAX_KEPT
from appliance.version import VERSION
from tests.appliance.api.running import RunningBox

OF_A_START = 1 << 32


def note(box: RunningBox, n: int, text: str = "entry") -> None:
    for each in range(n):
        box.do(partial(box.server.note, TroubleNoted("test", f"{text} {each}")))


def take(stream: Iterator[api.Subscribed | api.Update], n: int) -> list[api.Subscribed | api.Update]:
    return [next(stream) for _n in range(n)]


def texts(updates: list[api.Subscribed | api.Update]) -> list[str]:
    return [each.what.text for each in updates if isinstance(each, api.Update) and isinstance(each.what, TroubleNoted)]


def test_a_connection_begins_with_what_the_box_is_and_who_asks(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        assert (client.hello.server, client.hello.version, client.hello.api) == ("mxbox", VERSION, api.API_VERSION)
        assert (client.hello.user, client.hello.rights) == (Admission({}).of(os.getuid()).user, ALL)
        before = client.hello.seq
        note(box, 3)
        client.close()
        client.ask(api.Status())
        assert client.hello.seq == before + 3


def test_updates_are_numbered_over_all_topics(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        stream = client.updates()
        box.calls(3)
        numbers = [next(stream).seq for _n in range(20)]
        assert numbers == list(range(numbers[0], numbers[0] + 20))
        assert numbers[0] > OF_A_START


def test_one_that_comes_back_loses_nothing(tmp_path: Path) -> None:
    """More than is sent at once, and events that happen while it reads."""
    with RunningBox(tmp_path) as box:
        with Client(box.path, timeout_s=10) as client:
            stream = client.updates("troubles")
            note(box, 1, "known")
            since = next(stream).seq
        missed_all = [TroubleNoted("test", f"missed {n}") for n in range(1700)]
        box.do(lambda: box.server.watchers[0](box.server.now, missed_all))
        box.calls(2)
        with Client(box.path, timeout_s=10) as client:
            follow = client.follow("troubles", since=since)
            first, *missed = take(follow, 1701)
            assert isinstance(first, api.Subscribed)
            assert first.complete
            assert texts(missed) == [f"missed {n}" for n in range(1700)]
            note(box, 1, "live")
            assert texts(take(follow, 1)) == ["live 0"]


def test_a_client_that_follows_comes_back_by_itself(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        follow = client.follow("troubles")
        first = next(follow)
        assert isinstance(first, api.Subscribed)
        assert not first.complete, "it knew nothing: what is now is to be asked"
        note(box, 2, "before")
        assert texts(take(follow, 2)) == ["before 0", "before 1"]
        box.do(box.hang_up)
        note(box, 3, "while away")
        assert texts(take(follow, 3)) == [f"while away {n}" for n in range(3)]


@pytest.mark.parametrize("kept", [5, MAX_KEPT])
def test_one_that_was_away_too_long_is_told_to_look_anew(tmp_path: Path, kept: int) -> None:
    with RunningBox(tmp_path, kept=kept) as box, Client(box.path, timeout_s=10) as client:
        note(box, 9)
        since = client.hello.seq
        note(box, 6)
        first = next(client.follow("troubles", since=since))
        assert isinstance(first, api.Subscribed)
        assert first.complete == (kept == MAX_KEPT)
        assert first.seq == since + 6


def test_numbers_of_an_earlier_start_and_of_the_future_are_told_apart(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        note(box, 4)
        known = client.hello.seq + 4
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        assert client.hello.seq > known
        for since in (known, client.hello.seq + 1, 1):
            with Client(box.path, timeout_s=10) as other:
                first = next(other.follow("troubles", since=since))
                assert isinstance(first, api.Subscribed)
                assert not first.complete


def test_a_client_goes_on_after_a_start_of_the_box(tmp_path: Path) -> None:
    with Client(tmp_path / "control.sock", timeout_s=10) as client:
        with RunningBox(tmp_path) as box:
            follow = client.follow("troubles", sleep=lambda _s: None)
            next(follow)
            note(box, 1)
            take(follow, 1)
        with RunningBox(tmp_path) as box:
            first = next(follow)
            assert isinstance(first, api.Subscribed)
            assert not first.complete
            note(box, 1, "after")
            assert texts(take(follow, 1)) == ["after 0"]


def test_a_look_says_which_updates_are_in_it(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box, Client(box.path, timeout_s=10) as client:
        box.calls(3)
        seq = client.ask(api.Calls(), api.CallsReply).seq
        assert seq == client.ask(api.Agents(), api.AgentsReply).seq == client.ask(api.Queues(), api.QueuesReply).seq
        assert seq > OF_A_START
        note(box, 1)
        assert client.ask(api.Calls(), api.CallsReply).seq == seq + 1


class Guest(Admission):
    """An admission that gives every user some rights."""

    def __init__(self, *rights: Right) -> None:
        super().__init__({"guest": rights} if rights else {})
        self._guest = Peer("guest", rights)

    def of(self, uid: int) -> Peer:
        return self._guest if uid == os.getuid() else super().of(uid)


NEEDS: list[tuple[api.AnyRequest, Right]] = [
    (api.Status(), "read"),
    (api.Subscribe(), "read"),
    (api.Recordings(), "read"),
    (api.SetAgent("101", "ready"), "control"),
    (api.HangUp(1), "control"),
    (api.Note("test", "text"), "control"),
    (api.Supervise("8009", "101"), "supervise"),
    (api.SupervisorLog(), "supervise"),
    (api.Subscribe(("supervision",)), "supervise"),
    (api.ReloadFlows(), "configure"),
    (api.ReloadExtensions(), "configure"),
]


@pytest.mark.parametrize(("request_", "right"), NEEDS, ids=lambda each: type(each).__name__)
def test_a_user_without_the_right_is_refused_and_changes_nothing(
    tmp_path: Path, request_: api.AnyRequest, right: Right
) -> None:
    others = [each for each in ALL if each != right]
    with RunningBox(tmp_path, Guest(*others)) as box, Client(box.path, timeout_s=10) as client:
        before = box.do(lambda: box.server.store.status().last_seq)
        with pytest.raises(ApiError, match=f"guest may not ask this: it takes the right {right}") as refused:
            client.ask(request_)
        assert "[api.users]" in refused.value.hint
        assert client.hello.rights == tuple(others)
        assert box.do(lambda: box.server.store.status().last_seq) == before


def test_a_user_of_no_rights_is_told_so_and_shut_out(tmp_path: Path) -> None:
    with RunningBox(tmp_path, Guest()) as box, Client(box.path, timeout_s=10) as client:
        assert client.hello.rights == ()
        with pytest.raises(ApiError, match="guest may ask nothing"):
            client.ask(api.Status())


def test_root_and_the_boxs_own_user_have_all_rights_others_what_is_written() -> None:
    own, stranger = os.getuid(), 54_321
    admission = Admission({str(stranger): ("read",), "nobody_here": ("configure",)})
    assert admission.of(0).rights == admission.of(own).rights == ALL
    assert admission.of(stranger) == Peer(str(stranger), ("read",))
    assert admission.of(stranger + 1).rights == ()
    here, there = socket.socketpair()
    with here, there:
        assert admission.peer(here) == admission.of(own)


def test_the_socket_is_open_to_others_only_where_users_are_named(tmp_path: Path) -> None:
    for name, users, wanted in (("own", {}, 0o600), ("named", {"wallboard": ("read",)}, 0o666)):
        folder = tmp_path / name
        folder.mkdir(mode=0o700)
        with RunningBox(folder, Admission(users)) as box:  # type: ignore[arg-type]
            assert stat.S_IMODE(box.path.stat().st_mode) == wanted
        assert stat.S_IMODE(folder.stat().st_mode) == (0o711 if users else 0o700)


def test_records_and_books_say_who_asked(tmp_path: Path) -> None:
    with RunningBox(tmp_path, Guest(*ALL)) as box, Client(box.path, timeout_s=10) as client:
        with Client(box.path, timeout_s=10) as watcher:
            stream = watcher.updates("agents")
            client.ask(api.SetAgent("101", "paused", "lunch"))
            changed = next(stream).what
        assert isinstance(changed, AgentChanged)
        assert changed.asked_by == "guest"
        call = client.ask(api.Originate("8009", "8001"), api.Done).call
        client.ask(api.HangUp(call))
        client.ask(api.SetPhone("8009", "do_not_disturb", "1"))
        box.calls(3)
        ended = client.ask(api.Calls(), api.CallsReply).calls[-1].call
        client.ask(api.HangUp(ended))
        books = box.do(box.server.store.reader)
        assert books.execute("SELECT asked_by FROM cdr WHERE call = ?", (call,)).fetchone() == ("guest",)
        assert books.execute("SELECT released_by FROM cdr WHERE call = ?", (ended,)).fetchone() == ("guest",)
        assert books.execute("SELECT DISTINCT asked_by FROM calls WHERE call > ?", (call,)).fetchall() == [("",)]
        assert books.execute("SELECT asked_by FROM settings").fetchall() == [("guest",)]
        assert books.execute("SELECT asked_by FROM agent_log WHERE reason = 'lunch'").fetchone() == ("guest",)
        books.close()
