# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys and lamps: the state of an extension in call control reaches the phones that watch it, as the RFCs write it."""

import asyncio
import contextlib
import os
import re
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from appliance.config.load import load_config
from appliance.contract.edge import AnyEdgeCommand, CodeLamp, Lamp, Presence
from appliance.contract.records import TroubleNoted
from appliance.edge.block_troubles import BlockTroubles
from appliance.edge.link import EdgeLink
from appliance.edge.publication import Publication, Response
from appliance.edge.tags import LINES_MAX, Tag, Tags
from tests.appliance.edge.rig import DOMAIN, EXTENSIONS, Edge, End, notified, running, until, watch

NAMESPACE = "{urn:ietf:params:xml:ns:dialog-info}"


class CallServer:
    """The real link in a thread of its own."""

    def __init__(self, edge: Edge) -> None:
        self.noted: list[TroubleNoted] = []
        config = load_config(edge.folder / "box.toml").edge
        self.tags = Tags(edge.folder / "edge.tags")
        self.link = EdgeLink(
            config, EXTENSIONS, self.noted.append, BlockTroubles(self.noted.append, config.block_s), self.tags
        )
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        self._task = self._loop.create_task(self.link.run())
        with pytest.raises(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)

    def show(self, *commands: AnyEdgeCommand) -> None:
        self._loop.call_soon_threadsafe(self.link.show, commands)

    def stop(self) -> None:
        assert self._task
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()
        self._loop.close()
        self.tags.close()


@contextmanager
def serving(edge: Edge) -> Iterator[CallServer]:
    server = CallServer(edge)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    with running(tmp_path_factory.mktemp("edge"), "requests_per_s = 2000\n") as up:
        yield up


@pytest.fixture(scope="module")
def server(edge: Edge) -> Iterator[CallServer]:
    with serving(edge) as up:
        yield up


@pytest.mark.parametrize(("state", "word"), [("ringing", "early"), ("busy", "confirmed"), ("idle", "")])
def test_a_key_shows_what_an_extension_does(edge: Edge, server: CallServer, state: str, word: str) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        server.show(Presence("1002", "ringing" if state == "busy" else "busy"))
        watch(phone, "1002", "dialog")
        notified(phone, "<state>")
        server.show(Presence("1002", state))  # type: ignore[arg-type]
        notify = notified(phone, f"<state>{word}</state>" if word else "/>")
        assert notify["Event"] == "dialog"
        assert notify["Content-Type"] == "application/dialog-info+xml"
        assert notify["Subscription-State"].startswith("active;expires=")
        document = ET.fromstring(notify.body)
        assert document.tag == f"{NAMESPACE}dialog-info"
        assert document.attrib["entity"] == f"sip:1002@{DOMAIN}"
        assert document.attrib["state"] == "full"
        assert document.attrib["version"].isdecimal()
        dialogs = document.findall(f"{NAMESPACE}dialog")
        assert [dialog.findtext(f"{NAMESPACE}state") for dialog in dialogs] == [word] * bool(word)
        assert [dialog.get("direction") for dialog in dialogs] == ["recipient" if state == "ringing" else None] * bool(
            word
        )


def test_a_key_on_a_code_shows_the_agent_of_its_own_phone(edge: Edge, server: CallServer) -> None:
    with End(edge, "1001", "127.0.0.2") as phone, End(edge, "1002", "127.0.0.3") as other:
        server.show(CodeLamp("1001", "*60", lit=True), CodeLamp("1001", "*622", lit=True))
        for end in (phone, other):
            watch(end, "*60", "dialog")
        document = ET.fromstring(notified(phone, "<state>confirmed</state>").body)
        assert document.attrib["entity"] == f"sip:*60@{DOMAIN}"
        server.show(CodeLamp("1002", "*60", lit=True), CodeLamp("1001", "*60", lit=False))
        notified(phone, "/>")
        notified(other, "<state>confirmed</state>")
        watch(phone, "*622", "dialog")
        notified(phone, "<state>confirmed</state>")


def test_a_code_that_was_never_lit_is_not_published(edge: Edge) -> None:
    config = load_config(edge.folder / "box.toml").edge
    link = EdgeLink(config, (), print, BlockTroubles(print, config.block_s), Tags(edge.folder / "none.tags"))
    link.show([CodeLamp("1003", "*60", lit=False)])
    assert not link._shown
    link.show([CodeLamp("1003", "*60", lit=True)])
    link.show([CodeLamp("1003", "*60", lit=False)])
    assert [each.command for each in link._shown.values()] == [CodeLamp("1003", "*60", lit=False)]


def test_versions_of_the_state_rise(edge: Edge, server: CallServer) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        server.show(Presence("1003", "idle"))
        watch(phone, "1003", "dialog")
        versions = []
        for state, words in (("idle", "<dialog-info"), ("ringing", "early"), ("busy", "confirmed"), ("idle", "/>")):
            server.show(Presence("1003", state))  # type: ignore[arg-type]
            found = re.search(r'<dialog-info[^>]* version="(\d+)"', notified(phone, words).body)
            assert found
            versions.append(int(found[1]))
        assert versions == sorted(set(versions))


def test_the_lamp_shows_waiting_messages(edge: Edge, server: CallServer) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        watch(phone, "1001", "message-summary")
        none = notified(phone, "Messages-Waiting: no")
        assert none["Content-Type"] == "application/simple-message-summary"
        assert none["Event"] == "message-summary"
        assert (
            none.body == f"Messages-Waiting: no\r\nMessage-Account: sip:1001@{DOMAIN}\r\nVoice-Message: 0/0 (0/0)\r\n"
        )
        server.show(Lamp("1001", 2, 1))
        some = notified(phone, "Messages-Waiting: yes")
        assert (
            some.body == f"Messages-Waiting: yes\r\nMessage-Account: sip:1001@{DOMAIN}\r\nVoice-Message: 2/1 (0/0)\r\n"
        )


def test_anothers_lamp_is_private(edge: Edge, server: CallServer) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        watch(phone, "1002", "message-summary")
        assert phone.final().status == 403


def test_who_watches_proves_who_he_is(edge: Edge, server: CallServer) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        phone.secret = "guess"
        watch(phone, "1002", "dialog")
        assert phone.final().status == 407


def test_a_watching_phone_behind_a_nat_is_told(edge: Edge, server: CallServer) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        watch(phone, "1002", "dialog", "<sip:1001@192.168.77.5:5060>")
        server.show(Presence("1002", "busy"))
        notified(phone, "<state>confirmed</state>")


def test_what_is_shown_outlives_the_edge(tmp_path: Path) -> None:
    with (
        running(tmp_path, "requests_per_s = 2000\n") as edge,
        serving(edge) as server,
        End(edge, "1001", "127.0.0.2") as phone,
    ):
        watch(phone, "1002", "dialog")
        server.show(Presence("1002", "busy"))
        notified(phone, "<state>confirmed</state>")
        os.kill(edge.main_pid(), signal.SIGKILL)
        assert edge.process
        edge.process.wait(5)
        server.show(Presence("1002", "ringing"))
        edge.start()
        notified(phone, "<state>early</state>")  # sent without a new subscription: subscriptions are kept
        until(lambda: [each.kind for each in server.noted] == ["edge"])


def test_keys_follow_while_somebody_else_writes(edge: Edge, server: CallServer) -> None:
    with End(edge, "1001", "127.0.0.2") as phone:
        watch(phone, "1003", "dialog")
        notified(phone, "/>")
        for state, words in (("ringing", "early"), ("busy", "confirmed"), ("idle", "/>")):
            with contextlib.closing(sqlite3.connect(edge.folder / "state" / "location.db")) as other:
                other.execute("BEGIN IMMEDIATE")
                server.show(Presence("1003", state))  # type: ignore[arg-type]
                time.sleep(0.2)
            notified(phone, words)


def test_a_call_server_replaces_what_the_one_before_it_showed(tmp_path: Path) -> None:
    with running(tmp_path, "requests_per_s = 2000\n") as edge, End(edge, "1001", "127.0.0.2") as phone:
        with serving(edge) as killed:
            watch(phone, "1002", "dialog")
            killed.show(Presence("1002", "busy"))
            notified(phone, "<state>confirmed</state>")
        with serving(edge) as server:
            notified(phone, "/>")  # no talk is left, and no former publication beside it
            for state, words in (("ringing", "early"), ("idle", "/>")):
                server.show(Presence("1002", state))  # type: ignore[arg-type]
                notified(phone, words)


def test_a_call_server_hears_what_the_one_before_it_was_not_told_any_more(tmp_path: Path) -> None:
    """Killed between its request and the answer: the next one repeats the request and gets the answer."""
    with (
        running(tmp_path, "requests_per_s = 2000\n") as edge,
        End(edge, "1001", port=edge.link_port) as killed,
        End(edge, "1001", "127.0.0.2") as phone,
    ):
        busy = Publication(Presence("1002", "busy"), 0.0)
        killed.socket.sendto(busy.begin(1, "left", killed.here, DOMAIN, 0.0), ("127.0.0.1", edge.port))
        tag = killed.final()["SIP-ETag"]
        assert tag
        idle = Publication(Presence("1002", "idle"), 0.0, left="left")
        killed.socket.sendto(idle.begin(1, "other", killed.here, DOMAIN, 0.0), ("127.0.0.1", edge.port))
        answer = killed.final()
        assert answer["SIP-ETag"] == tag
        assert idle.answered(Response(answer.status, idle.branch, tag), 1.0)
        assert idle.due_s == 1.0  # its state is still to be sent
        killed.socket.sendto(idle.begin(2, "third", killed.here, DOMAIN, 1.0), ("127.0.0.1", edge.port))
        assert killed.final().status == 200
        watch(phone, "1002", "dialog")
        notified(phone, "/>")


def test_tags_outlive_a_kill_and_their_file_stays_small(tmp_path: Path) -> None:
    file = tmp_path / "edge.tags"
    tags = Tags(file)
    for number in range(3 * LINES_MAX):
        tags.put(("1001", "dialog"), Tag(f"a.{number}"))
    tags.put(("1002", "dialog"), Tag("b.1"))
    tags.put(("1002", "dialog"), Tag())
    tags.put(("1003", "dialog"), Tag("", "began"))
    assert file.stat().st_size < 40 * LINES_MAX
    with file.open("a") as cut:
        cut.write("1001 dialog a.99 ")  # killed in the middle of a line
    again = Tags(file)
    assert again.get(("1001", "dialog")) == Tag(f"a.{3 * LINES_MAX - 1}")
    assert again.get(("1002", "dialog")) == again.get(("1004", "dialog")) == Tag()
    assert again.get(("1003", "dialog")) == Tag("", "began")
    for each in (tags, again):
        each.close()
    assert Tags(tmp_path / "no" / "folder").get(("1001", "dialog")) == Tag()


def test_what_changes_within_a_second_is_published_at_its_end_and_once() -> None:
    shown = Publication(Presence("1002", "idle"), 0.0)
    shown.begin(1, "a", "127.0.0.1:9", DOMAIN, 100.0)
    assert shown.answered(Response(200, shown.branch, "tag"), 100.1)
    for state in ("ringing", "busy"):
        shown.show(Presence("1002", state), 100.2)
        assert shown.due_s == 101.0
    assert b"<state>confirmed</state>" in shown.begin(2, "b", "127.0.0.1:9", DOMAIN, 101.0)
    shown.show(Presence("1002", "idle"), 101.1)
    assert shown.answered(Response(200, shown.branch, "tag"), 101.2)
    assert shown.due_s == 102.0
    shown.begin(3, "c", "127.0.0.1:9", DOMAIN, 102.0)
    assert shown.answered(Response(200, shown.branch, "tag"), 102.1)
    shown.show(Presence("1002", "ringing"), 200.0)
    assert shown.due_s == 200.0, "what was quiet is told at once"
