# SPDX-License-Identifier: GPL-2.0-or-later
"""The control API over its socket, asked by its client, at a call server with calls in its books."""

import contextlib
import socket
import stat
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract.errors import ApiError
from appliance.contract.records import AgentChanged, CallClosed, TroubleNoted
from appliance.contract.switch import Dial, Envelope, SignalMessage, SpanState, StatusReport, Trace, Traced
from appliance.server.control import MAX_CONNECTIONS
from appliance.store import archive
from appliance.version import VERSION
from tests.appliance.api.running import EPOCH_MS, RunningBox


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as box:
        yield box


@pytest.fixture
def client(box: RunningBox) -> Iterator[Client]:
    with Client(box.path, timeout_s=10) as client:
        yield client


def test_only_the_boxs_own_user_may_ask(box: RunningBox) -> None:
    assert stat.S_IMODE(box.path.stat().st_mode) == 0o600


def test_status_of_a_box_with_calls(box: RunningBox, client: Client) -> None:
    box.calls(12)
    box.do(lambda: box.board.deliver(box.server, [box.board.number(SpanState(1, "tdmoe:x", (), in_service=True))]))
    status = client.ask(api.Status(), api.StatusReply)
    assert (status.calls_total, status.connected, status.healthy, status.up_s) == (12, True, True, 12.5)
    assert status.calls_up == len(client.ask(api.Calls(), api.CallsReply).calls) > 0
    assert sum(status.agents.values()) == 3
    assert status.spans[0].address == "tdmoe:x"
    assert status.store.bytes > 10_000


def test_a_span_in_alarm_and_a_full_disk_are_not_healthy(box: RunningBox, client: Client) -> None:
    assert client.ask(api.Status(), api.StatusReply).healthy
    alarm = SpanState(2, "tdmoe:y", ("RED",), in_service=False, cause="d_channel")
    box.do(lambda: box.board.deliver(box.server, [box.board.number(alarm)]))
    assert not client.ask(api.Status(), api.StatusReply).healthy
    assert client.ask(api.Spans(), api.SpansReply).spans == (alarm,)


def test_the_switchs_report_reaches_status_and_spans(box: RunningBox, client: Client) -> None:
    report = StatusReport(2, 310.0, 900.0, 4000.0)
    box.do(lambda: box.server.on_envelope(Envelope(box.board.seq, 100, report)))
    assert client.ask(api.Status(), api.StatusReply).switch == report
    assert client.ask(api.Spans(), api.SpansReply).switch == report


def test_live_calls_have_their_legs_and_channels(box: RunningBox, client: Client) -> None:
    box.calls(12)
    for call in client.ask(api.Calls(), api.CallsReply).calls:
        assert call.started_at > EPOCH_MS
        assert call.state
        assert any(leg.span == 1 and 1 <= leg.timeslot <= 31 for leg in call.legs if leg.line == "pri:carrier")
        assert call.age_s >= 0


def test_cdr_filters(box: RunningBox, client: Client) -> None:
    box.calls(20)
    box.drain()
    everything = client.ask(api.Cdr(), api.CdrReply).calls
    assert [row.call for row in everything] == list(range(20, 0, -1))
    middle = everything[10]
    assert [row.call for row in client.ask(api.Cdr(number=middle.caller), api.CdrReply).calls] == [middle.call]
    assert len(client.ask(api.Cdr(number=middle.caller[:4] + "*"), api.CdrReply).calls) == 20
    with pytest.raises(ApiError, match="is no number to look for"):
        client.ask(api.Cdr(number="no?[such"), api.CdrReply)
    since = client.ask(api.Cdr(since=middle.started_at), api.CdrReply).calls
    assert [row.call for row in since] == list(range(20, middle.call - 1, -1))
    until = client.ask(api.Cdr(until=middle.started_at, limit=3), api.CdrReply).calls
    assert [row.call for row in until] == [middle.call - 1, middle.call - 2, middle.call - 3]
    before = client.ask(api.Cdr(before=5), api.CdrReply).calls
    assert [row.call for row in before] == [4, 3, 2, 1]


def test_recordings_filters(box: RunningBox, client: Client) -> None:
    box.calls(20)
    box.drain()
    reply = client.ask(api.Recordings(), api.RecordingsReply)
    assert reply.folder == str(box.folder / "recordings")
    assert len(reply.recordings) > 10
    agents = {row.agent for row in reply.recordings if row.agent}
    for agent in agents:
        found = client.ask(api.Recordings(agent=agent), api.RecordingsReply).recordings
        assert {row.agent for row in found} == {agent}
    longest = max(row.length_s for row in reply.recordings)
    assert len(client.ask(api.Recordings(min_s=longest - 0.001), api.RecordingsReply).recordings) == 1
    one = reply.recordings[3]
    alike = api.Recordings(
        caller=one.caller, called=one.called, queue=one.queue, max_s=one.length_s, min_s=one.length_s
    )
    assert one in client.ask(alike, api.RecordingsReply).recordings
    with pytest.raises(ApiError, match="is no number to look for"):
        client.ask(api.Recordings(caller="no?"), api.RecordingsReply)
    assert client.ask(api.Recordings(call=one.call), api.RecordingsReply).recordings == (one,)


def test_ledger_with_files_and_without(box: RunningBox, client: Client) -> None:
    box.calls(10)
    box.drain()
    reply = client.ask(api.Ledger(), api.LedgerReply)
    assert reply.balanced, reply.result.findings
    assert reply.result.files_checked > 5
    next((box.folder / "recordings").rglob("*.wav")).unlink()
    assert client.ask(api.Ledger(), api.LedgerReply).result.found == {"recording_unreadable": 1}
    assert client.ask(api.Ledger(files=False), api.LedgerReply).balanced


def test_agents_and_queues(box: RunningBox, client: Client) -> None:
    box.calls(20)
    agents = client.ask(api.Agents(), api.AgentsReply).agents
    assert [agent.agent for agent in agents] == ["101", "102", "103"]
    assert agents[1].queues == ("sales", "service")
    assert sum(agent.offered for agent in agents) >= sum(agent.answered for agent in agents) > 0
    queues = {queue.queue: queue for queue in client.ask(api.Queues(), api.QueuesReply).queues}
    assert queues["sales"].entered > 10
    assert queues["service"].entered == 0
    assert all(waiting.caller.startswith("138") for waiting in queues["sales"].waiting)


def test_changes_go_to_the_switch(box: RunningBox, client: Client) -> None:
    assert client.ask(api.SetAgent("101", "paused", "lunch"), api.Done) == api.Done()
    assert client.ask(api.Agents(), api.AgentsReply).agents[0].reason == "lunch"
    done = client.ask(api.Originate("8009", "8001"), api.Done)
    assert done.call > 0
    assert [command.line for command in box.sent if isinstance(command, Dial)] == ["sip:8009@127.0.0.1:5009"]
    assert client.ask(api.HangUp(done.call), api.Done).call == done.call
    assert client.ask(api.ReloadFlows(), api.FlowsReply).flows == ("hotline",)


def test_what_cannot_be_done_is_said_with_a_hint(client: Client) -> None:
    with pytest.raises(ApiError, match="999") as caught:
        client.ask(api.SetAgent("999", "ready"))
    assert "101, 102, 103" in caught.value.hint
    assert client.ask(api.Status(), api.StatusReply).healthy  # the connection stays open


def test_the_sip_messages_of_a_call_are_the_switchs_to_tell(box: RunningBox, client: Client) -> None:
    box.calls(2)
    call = client.ask(api.Calls(), api.CallsReply).calls[0]
    said = SignalMessage(
        call.legs[0].leg, 1_790_000_000_000_000, True, "127.0.0.1:5060", "INVITE sip:1 SIP/2.0\r\n\r\n"
    )

    def answer() -> bool:
        asked = [command for command in box.sent if isinstance(command, Trace)]
        if not asked:
            return False
        assert asked[0].legs == tuple(leg.leg for leg in call.legs)
        box.server.on_envelope(Envelope(box.board.seq, box.server.now, Traced(asked[0].request, (said,))))
        return True

    def switch() -> None:
        while not box.do(answer):
            time.sleep(0.005)

    answering = threading.Thread(target=switch)
    answering.start()
    reply = client.ask(api.SipLadder(call.call), api.SipLadderReply)
    answering.join(5)
    assert (reply.call, reply.messages) == (call.call, (said,))
    with pytest.raises(ApiError, match="no call 999"):
        client.ask(api.SipLadder(999), api.SipLadderReply)


def test_troubles_newest_first(box: RunningBox, client: Client) -> None:
    box.do(lambda: box.server.store.apply(None, 5, [TroubleNoted("a", "first"), TroubleNoted("b", "second", 3)]))
    first, second = client.ask(api.Troubles(limit=2), api.TroublesReply).troubles
    assert (first.text, first.count, second.text) == ("second", 3, "first")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"hello", "not a request"),
        (b'{"ask":"dance"}', "dance"),
        (b'{"ask":"cdr","limit":0}', "limit"),
        (b'{"ask":"cdr","colour":"red"}', "colour"),
        (b'{"ask":"hang_up"}', "call"),
        (b"[]", "not a request"),
        (b"\xff\xfe", "not a request"),
        (b"", "not a request"),
    ],
)
def test_nonsense_gets_an_error_and_the_connection_goes_on(box: RunningBox, line: bytes, said: str) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as raw:
        raw.settimeout(10)
        raw.connect(str(box.path))
        raw.sendall(line + b'\n{"ask":"status"}\n')
        lines = raw.makefile("rb")
        assert msgspec.json.decode(lines.readline(), type=api.Hello).version == VERSION
        error = msgspec.json.decode(lines.readline(), type=api.Error)
        assert said in error.message
        assert error.hint
        assert msgspec.json.decode(lines.readline(), type=api.StatusReply).connected


def test_a_line_without_an_end_is_refused(box: RunningBox, client: Client) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as raw:
        raw.settimeout(10)
        raw.connect(str(box.path))
        with contextlib.suppress(BrokenPipeError):
            raw.sendall(b"x" * (4 * api.MAX_LINE))
        lines = raw.makefile("rb")
        assert msgspec.json.decode(lines.readline(), type=api.Hello).api == api.API_VERSION
        error = msgspec.json.decode(lines.readline(), type=api.Error)
        assert f"longer than {api.MAX_LINE} bytes" in error.message
    assert client.ask(api.Status(), api.StatusReply).connected


def test_a_program_that_forgets_its_connections_locks_nobody_out(box: RunningBox) -> None:
    """The connections that were silent longest are closed, with the reason; subscribed ones are closed last."""
    with contextlib.ExitStack() as stack:
        watcher = stack.enter_context(Client(box.path, timeout_s=10))
        updates = watcher.updates("troubles")
        leaky = [stack.enter_context(Client(box.path, timeout_s=10)) for _n in range(MAX_CONNECTIONS + 10)]
        for each in leaky:
            each.ask(api.Spans())
        for each in leaky[:11]:
            with pytest.raises(ApiError, match=r"too many control connections \(64\)"):
                each.ask(api.Spans())
        leaky[11].ask(api.Spans())
        with Client(box.path, timeout_s=10) as status:
            assert status.ask(api.Status(), api.StatusReply).profile
        box.do(lambda: box.server.note(TroubleNoted("test", "told")))
        assert next(updates).topic == "troubles"


def test_subscribed_connections_make_room_when_there_are_no_others(box: RunningBox) -> None:
    with contextlib.ExitStack() as stack:
        for _n in range(MAX_CONNECTIONS + 1):
            stack.enter_context(Client(box.path, timeout_s=10)).updates()
        with Client(box.path, timeout_s=10) as status:
            assert status.ask(api.Status(), api.StatusReply).profile


@pytest.mark.parametrize("said", [b'{"ask":"calls"}', b'{"ask":"calls"}\n', b'{"ask":"spans"}\n{"ask":"calls"}'])
def test_a_last_request_needs_no_line_feed(box: RunningBox, said: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as door:
        door.connect(str(box.path))
        door.sendall(said)
        door.shutdown(socket.SHUT_WR)
        told = b"".join(iter(lambda: door.recv(1 << 16), b""))
    assert msgspec.json.decode(told.splitlines()[-1])["reply"] == "calls"


def test_calls_are_found_by_agent_queue_and_result(box: RunningBox, client: Client) -> None:
    box.calls(20)
    box.drain()
    everything = client.ask(api.Cdr(), api.CdrReply).calls
    for agent in {row.agent for row in everything if row.agent}:
        found = client.ask(api.Cdr(agent=agent), api.CdrReply).calls
        assert [row.call for row in found] == [
            row.call for row in everything if agent in {row.agent, *row.talked_with.split()}
        ]
    assert not client.ask(api.Cdr(agent="10"), api.CdrReply).calls, "a part of a number is none"
    assert client.ask(api.Cdr(queue="sales"), api.CdrReply).calls
    assert not client.ask(api.Cdr(queue="sale"), api.CdrReply).calls
    answered = client.ask(api.Cdr(result="answered"), api.CdrReply).calls
    assert {row.disposition for row in answered} == {"answered"}
    assert len(answered) == sum(row.disposition == "answered" for row in everything)


def test_troubles_are_found_by_time_and_kind(box: RunningBox, client: Client) -> None:
    for number, kind in enumerate(("span", "sip", "span")):
        box.do(partial(box.server.note, TroubleNoted(kind, f"entry {number}")))
    asked = client.ask(api.Troubles(), api.TroublesReply).troubles
    of_spans = client.ask(api.Troubles(kind="span"), api.TroublesReply).troubles
    assert [row.kind for row in of_spans] == ["span"] * 2
    assert len(client.ask(api.Troubles(kind="span", limit=1), api.TroublesReply).troubles) == 1
    assert client.ask(api.Troubles(since=asked[0].started_at + 1), api.TroublesReply).troubles == ()
    assert client.ask(api.Troubles(since=asked[-1].started_at), api.TroublesReply).troubles == asked


def test_why_the_box_hung_up_is_read_even_if_it_did_so_before_the_question(tmp_path: Path) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as door, Client(tmp_path / "s", timeout_s=10) as asker:
        door.bind(str(tmp_path / "s"))
        door.listen()
        asker._connected()
        hung_up, _address = door.accept()
        hung_up.sendall(msgspec.json.encode(api.Error("full", "wait")) + b"\n")
        hung_up.close()
        with pytest.raises(ApiError, match="full"):
            asker.ask(api.Spans())


def test_a_subscriber_is_told_what_happens(box: RunningBox) -> None:
    told: list[api.Update] = []
    subscribed, done = threading.Event(), threading.Event()

    def listen() -> None:
        with Client(box.path, timeout_s=10) as client:
            client.ask(api.Subscribe(("calls", "agents")), api.Subscribed)
            subscribed.set()
            for update in client._stream():
                told.append(update)
                if isinstance(update.what, CallClosed):
                    break
        done.set()

    threading.Thread(target=listen, daemon=True).start()
    assert subscribed.wait(10)
    box.calls(3)
    box.drain()
    assert done.wait(10)
    assert {update.topic for update in told} == {"calls", "agents"}
    assert any(isinstance(update.what, AgentChanged) for update in told)
    assert told[0].at > EPOCH_MS


def test_a_subscriber_that_does_not_read_is_dropped_and_nobody_waits(box: RunningBox, client: Client) -> None:
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as raw:
        raw.settimeout(10)
        raw.connect(str(box.path))
        raw.sendall(b'{"ask":"subscribe","topics":["troubles"]}\n')
        said = raw.makefile("rb", buffering=0)
        assert [msgspec.json.decode(said.readline())["reply"] for _n in range(2)] == ["hello", "subscribed"]

        def flood() -> None:
            for _n in range(300):
                for watcher in box.server.watchers:
                    watcher(1, [TroubleNoted("flood", "x" * 10_000)])

        box.do(flood)
        assert client.ask(api.Status(), api.StatusReply).connected
        got = 0
        with contextlib.suppress(ConnectionResetError):
            while data := raw.recv(1 << 20):
                got += len(data)
        assert got < 300 * 10_000


def test_a_box_that_does_not_run_is_said_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="no box answers") as caught:
        Client(tmp_path / "control.sock").ask(api.Status())
    assert "mxbox run" in caught.value.hint


def test_a_box_that_goes_away_is_said(tmp_path: Path) -> None:
    with RunningBox(tmp_path) as box:
        client = Client(box.path, timeout_s=10)
        client.ask(api.Status())
    with pytest.raises(ApiError, match="went away"):
        client.ask(api.Status())
    with pytest.raises(ApiError, match="no box answers"):
        client.ask(api.Status())


def test_a_large_answer_comes_whole(box: RunningBox, client: Client) -> None:
    box.do(lambda: box.server.store.apply(None, 5, [TroubleNoted("big", "y" * 2000)] * 1500))
    reply = client.ask(api.Troubles(limit=2000), api.TroublesReply)
    assert len([row for row in reply.troubles if row.kind == "big"]) == 1500


def test_an_entry_of_another_process_can_be_read_in_any_language(client: Client) -> None:
    client.ask(api.Note("edge", "{source} is silent", {"source": "192.0.2.7"}), api.Done)
    (row,) = client.ask(api.Troubles(kind="edge"), api.TroublesReply).troubles
    assert row.text == "192.0.2.7 is silent"
    assert (row.msgid, row.values) == ("{source} is silent", {"source": "192.0.2.7"})


def test_archived_calls_are_asked_for_by_month(box: RunningBox, client: Client) -> None:
    with pytest.raises(ApiError, match="no month 2026-09") as refused:
        client.ask(api.Cdr(archive="2026-09"))
    assert "books.keep_days" in refused.value.hint
    box.calls(9)
    box.drain()
    calls = client.ask(api.Cdr(), api.CdrReply).calls
    box.do(box.server.store.move_mark)
    with contextlib.closing(box.server.store.reader()) as books:
        due = archive.find_due(books, EPOCH_MS + 86_400_000)
    archive.copy(box.folder / "store.db", box.folder / "archive", due)
    box.do(lambda: box.server.store.forget(due))
    assert client.ask(api.Cdr(archive="2026-09"), api.CdrReply).calls == calls[1:]
    assert client.ask(api.Cdr(), api.CdrReply).calls == calls[:1]
    assert client.ask(api.Cdr(archive="2026-09", number=calls[3].caller), api.CdrReply).calls == calls[3:4]
    with pytest.raises(ApiError) as unknown:
        client.ask(api.Cdr(archive="2026-10"))
    assert unknown.value.hint == "it has: 2026-09"
    assert client.ask(api.Ledger(), api.LedgerReply).balanced
