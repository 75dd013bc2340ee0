# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests for overviews and ladders, over the socket, at a call server with calls in its books."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.cli.ladder import LadderReader
from appliance.cli.past import updates_of
from appliance.contract.errors import ApiError
from appliance.contract.records import SegmentOpened
from appliance.contract.rtp import Rtp
from appliance.contract.switch import AnyEvent, Envelope, Measure, Measured, SignalMessage, StatusReport, Trace, Traced
from appliance.server.server import Watcher
from tests.appliance.api.running import EPOCH_MS, RunningBox

C = TypeVar("C")


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as box:
        yield box


@pytest.fixture
def client(box: RunningBox) -> Iterator[Client]:
    with Client(box.path, timeout_s=10) as client:
        yield client


class Answering:
    """A switch that answers one command of a kind; the rest of a request goes on meanwhile."""

    def __init__(self, box: RunningBox, kind: type[C], answer: Callable[[C], AnyEvent]) -> None:
        self._box, self._kind, self._answer = box, kind, answer
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._box.do(self._box.sent.clear)
        self._thread.start()

    def __exit__(self, *_exc: object) -> None:
        self._thread.join(5)
        assert not self._thread.is_alive()

    def _run(self) -> None:
        while not self._box.do(self._look):
            time.sleep(0.005)

    def _look(self) -> bool:
        asked = [command for command in self._box.sent if isinstance(command, self._kind)]
        for command in asked:
            server = self._box.server
            server.on_envelope(Envelope(self._box.board.seq, server.now, self._answer(command)))
        return bool(asked)


def test_the_machine_is_told_with_its_disks_and_versions(box: RunningBox, client: Client) -> None:
    reply = client.ask(api.System(), api.SystemReply)
    assert reply.versions["mxbox"]
    assert reply.machine.cpus >= 1
    (disk,) = reply.machine.disks
    assert disk.what == ("books", "recordings") or disk.folder == str(box.folder)
    assert disk.days_left is None, "books of a minute tell nothing of days"
    assert "slots" in reply.absent


def test_figures_of_a_day_are_those_of_its_calls(box: RunningBox, client: Client) -> None:
    box.calls(30)
    box.drain()
    day = time.strftime("%Y-%m-%d", time.localtime(EPOCH_MS / 1000))
    reply = client.ask(api.Figures(), api.FiguresReply)
    calls = client.ask(api.Cdr(limit=100), api.CdrReply).calls
    assert (reply.day, reply.box.calls) == (day, len(calls))
    assert reply.box.answered == sum(call.disposition == "answered" for call in calls)
    assert reply.box.lost == sum(not call.served for call in calls)
    assert sum(hour.calls for hour in reply.hours) == len(calls)
    queues = {queue.queue: queue for queue in reply.queues}
    in_sales = {queue.queue: queue for queue in client.ask(api.Queues(), api.QueuesReply).queues}["sales"]
    assert (queues["sales"].entered, queues["sales"].answered) == (in_sales.entered, in_sales.answered)
    assert queues["sales"].service_level is not None
    today = {agent.agent: agent.today for agent in client.ask(api.Agents(), api.AgentsReply).agents}
    for agent in reply.agents:
        assert today[agent.agent] == agent
    assert client.ask(api.Figures(day), api.FiguresReply) == reply
    assert client.ask(api.Figures("2020-01-01"), api.FiguresReply).box.calls == 0
    with pytest.raises(ApiError, match="is no time of day"):
        client.ask(api.Figures("yesterday"))


def test_a_past_call_is_told_whole_and_makes_the_ladder_that_was_told_live(box: RunningBox, client: Client) -> None:
    told: list[tuple[int, object]] = []
    keep: Watcher = lambda now, what: told.append((now, what))  # noqa: E731
    box.do(lambda: box.server.watchers.append(keep))
    box.calls(12)
    box.drain()
    for row in client.ask(api.Cdr(limit=12), api.CdrReply).calls:
        whole = client.ask(api.WholeCall(row.call), api.WholeCallReply)
        assert (whole.call, whole.live) == (row, None)
        assert all(stay.to_s is not None for stay in whole.stays)
        records = [each for _now, what in told if isinstance(what, list) for each in what]
        live = [each for each in records if isinstance(each, SegmentOpened) and each.call == row.call]
        again = [update.what for update in updates_of(whole) if isinstance(update.what, SegmentOpened)]
        assert again == live
        rungs = LadderReader().read(updates_of(whole))
        assert rungs[0].text.startswith("calls ")
        assert rungs[-1].text.startswith("call over")
        assert [rung.at_ms for rung in rungs] == sorted(rung.at_ms for rung in rungs)
    with pytest.raises(ApiError, match="no call 999"):
        client.ask(api.WholeCall(999))


def test_a_call_that_is_up_has_levels_and_the_quality_of_its_sound(box: RunningBox, client: Client) -> None:
    box.calls(12)
    call = next(each for each in client.ask(api.Calls(), api.CallsReply).calls if each.legs)
    leg = call.legs[0].leg
    report = StatusReport(0, 1.0, 1.0, 1.0, levels={leg: -17}, speaking=(leg,))
    box.do(lambda: box.server.on_envelope(Envelope(box.board.seq, box.server.now, report)))
    packets = Rtp("PCMA", 500, 3, 0, 1.0, 2.0, 40.0, 500)
    with Answering(box, Measure, lambda command: Measured(command.request, {leg: packets})):
        whole = client.ask(api.WholeCall(call.call), api.WholeCallReply)
    assert whole.live is not None
    stay = next(stay for stay in whole.stays if stay.leg == leg)
    assert (stay.level, stay.speaking, stay.to_s) == (-17, True, None)
    assert stay.rtp is not None
    assert stay.rtp.packets == packets
    (row,) = [each for each in client.ask(api.Calls(), api.CallsReply).calls if each.call == call.call]
    assert {each.leg: (each.level, each.speaking) for each in row.legs}[leg] == (-17, True)


def test_messages_of_all_signallings_are_one_list_and_the_sip_ladder_has_its_own(
    box: RunningBox, client: Client
) -> None:
    box.calls(3)
    said = (
        SignalMessage(2, EPOCH_MS * 1000, False, "span 1", "SETUP\n...", "pri", "SETUP", b"\x02\x01"),
        SignalMessage(1, EPOCH_MS * 1000 + 5, True, "127.0.0.1:5060", "INVITE sip:1@x SIP/2.0"),
    )
    with Answering(box, Trace, lambda command: Traced(command.request, said)):
        assert client.ask(api.Trace(1), api.TraceReply) == api.TraceReply(1, 0, said)
    with Answering(box, Trace, lambda command: Traced(command.request, said)):
        assert client.ask(api.SipLadder(1), api.SipLadderReply).messages == said[1:]
    with pytest.raises(ApiError, match="no call 0"):
        client.ask(api.Trace())
    with pytest.raises(ApiError, match="no span 7"):
        client.ask(api.Trace(span=7))
