# SPDX-License-Identifier: GPL-2.0-or-later
"""Upkeep of lines and work that lasts: over the socket, in the books, and across restarts of either process."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract.errors import ApiError, RequestError
from appliance.contract.records import TroubleNoted
from appliance.contract.switch import (
    AnyCommand,
    Attached,
    BitTest,
    CardReport,
    Envelope,
    SpanDo,
    SpanDone,
    SpanReport,
    StatusReport,
)
from appliance.contract.upkeep import JobRow
from appliance.engine.engine import Engine
from appliance.server.inquiry import Inquiry
from appliance.server.jobs import KEPT, Jobs, Report
from appliance.server.lines_desk import LinesDesk
from appliance.server.quarters import QUARTER_MS, Quarters
from appliance.server.server import CallServer
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.api.running import EPOCH_MS, RunningBox
from tests.appliance.api.test_technician import Answering
from tests.appliance.engine.box import config, flow

BEGIN = EPOCH_MS // QUARTER_MS * QUARTER_MS
TEST = BitTest(timeslot=5, synced=True, seconds=1.0, bits=64_000, errors=0, errored_s=0, losses=0, unsynced_s=0.0)


def report_of(span: int = 1, *, healthy: bool = True, **fields: Any) -> StatusReport:
    given: dict[str, Any] = {"alarms": (), "counters": {"crc4_errors": 0, "ticks": 50, "timing_slips": None}} | fields
    said = SpanReport(
        span=span, address="sim:x", kind="simulated", description="", signalling="pri", side="user", clock="far",
        loss=None, d_channel_up=healthy, clock_source=None, recent={}, recent_s=60.0, verdicts=(), **given,
    )  # fmt: skip
    return StatusReport(0, 1.0, 1.0, 1.0, (CardReport("span 1", "", 0, 30, healthy=healthy, span=said),))


def tell(server: CallServer, event: Any, tick: int) -> list[AnyCommand]:
    return server.on_envelope(Envelope(0, tick, event))


# --- over the socket


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as box:
        yield box


@pytest.fixture
def client(box: RunningBox) -> Iterator[Client]:
    with Client(box.path, timeout_s=10) as client:
        yield client


def test_what_the_switch_refuses_is_told_with_its_reason(box: RunningBox, client: Client) -> None:
    def refuse(command: SpanDo) -> SpanDone:
        assert (command.span, command.do, command.timeslots, command.loop) == (1, "loop", (5,), "line")
        values = {"timeslot": "5", "number": "1"}
        return SpanDone(command.request, "timeslot {timeslot} of span {number} carries a call", "wait", values)

    with Answering(box, SpanDo, refuse), pytest.raises(ApiError, match="timeslot 5 of span 1 carries a call"):
        client.ask(api.ChangeSpan(1, "loop", (5,), "line"))


def test_blocks_are_told_to_every_new_switch(box: RunningBox, client: Client) -> None:
    for do, slots in (("block", (5, 6, 7)), ("unblock", (6,))):
        with Answering(box, SpanDo, lambda command: SpanDone(command.request, timeslots=command.timeslots)):
            client.ask(api.ChangeSpan(1, do, slots), api.Done)  # type: ignore[arg-type]
    attached = Attached("test", 64)
    commands = box.do(lambda: box.server.on_envelopes([box.board.number(attached)]))
    assert [command for command in commands if isinstance(command, SpanDo)] == [SpanDo(0, 1, "block", (5, 7))]


def test_blocks_outlive_the_call_server(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        CallServer(Engine(config(), {"hotline": flow()}, store.open_books()), store).block(
            2, (3, 4), blocked=True, by="lina"
        )
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        server = CallServer(Engine(config(), {"hotline": flow()}, store.open_books()), store)
        assert SpanDo(0, 2, "block", (3, 4)) in server.on_envelope(Envelope(1, 1, Attached("test", 64)))
        server.block(2, (3, 4), blocked=False, by="lina")
        again = server.on_envelope(Envelope(2, 2, Attached("test", 64)))
        assert not [each for each in again if isinstance(each, SpanDo)]


def test_jobs_are_told_to_subscribers_and_listed(box: RunningBox, client: Client) -> None:
    with Client(box.path, timeout_s=10) as watching:
        updates = watching.updates("jobs")
        with Answering(box, SpanDo, lambda command: SpanDone(command.request)):
            (job,) = client.ask(api.TestSpan(1, (5,), 600), api.JobsReply).jobs
        assert (job.kind, job.what, job.state) == ("bit_test", "span 1", "running")
        first = next(updates)
        assert (first.topic, first.what) == ("jobs", job)
        with pytest.raises(ApiError, match="span 1 is being tested already"):
            client.ask(api.TestSpan(1))
        with Answering(box, SpanDo, lambda command: SpanDone(command.request)):
            (stopped,) = client.ask(api.StopJob(job.job), api.JobsReply).jobs
        assert stopped.state == "stopped"
        assert client.ask(api.Jobs(), api.JobsReply).jobs == (stopped,)
    with pytest.raises(ApiError, match="no job 1 under way"):
        client.ask(api.StopJob(job.job))


# --- a bit error test, with a switch that answers at once


class Bench:
    """A call server on no socket; `done` are the commands to the switch."""

    def __init__(self) -> None:
        store = Store.in_memory(lockstep_wall(EPOCH_MS))
        self.server = CallServer(Engine(config(), {"hotline": flow()}, store.open_books()), store)
        self.server.attached = True
        self.done: list[str] = []
        self.desk = LinesDesk(self.server, Inquiry(self.server, self._send), Quarters(store), look_s=0.01)

    def _send(self, commands: list[AnyCommand]) -> None:
        for command in commands:
            assert isinstance(command, SpanDo)
            self.done.append(command.do)
            tell(self.server, SpanDone(command.request, timeslots=command.timeslots), 1)

    async def test(self, seconds: int, meanwhile: Callable[[], object]) -> JobRow:
        reply = await self.desk.answer(api.TestSpan(1, (5,), seconds), "lina")
        assert isinstance(reply, api.JobsReply)
        meanwhile()
        while not (row := self.desk.jobs.rows()[0]).ended:  # noqa: ASYNC110 - jobs have no event to wait for
            await asyncio.sleep(0.01)
        return row


def test_a_test_ends_by_itself_with_what_was_found() -> None:
    bench = Bench()
    row = asyncio.run(bench.test(1, lambda: tell(bench.server, report_of(tests=(TEST,)), 50)))
    assert (row.state, row.progress, row.tests, row.by) == ("done", 1.0, (TEST,), "lina")
    assert bench.done == ["test", "end_test"]


def test_a_test_fails_when_the_switch_goes_away() -> None:
    bench = Bench()
    row = asyncio.run(bench.test(60, bench.server.on_detached))
    assert (row.state, row.error) == ("failed", "the switch is not there")


# --- jobs


def jobs() -> tuple[Jobs, list[JobRow]]:
    told: list[JobRow] = []
    return Jobs(told.append, lambda: EPOCH_MS), told


def test_a_job_reports_its_progress_and_its_end() -> None:
    async def work(report: Report) -> None:
        report(progress=0.5)

    async def run() -> list[JobRow]:
        all_jobs, told = jobs()
        all_jobs.begin("bit_test", "span 1", "lina", work)
        await asyncio.sleep(0)
        await all_jobs.close()
        return told

    told = asyncio.run(run())
    assert [(row.state, row.progress) for row in told] == [("running", 0.0), ("running", 0.5), ("done", 1.0)]
    assert [bool(row.ended) for row in told] == [False, False, True]


@pytest.mark.parametrize(
    ("error", "said"), [(RequestError.of("no {what}", "try", what="line"), "no {what}"), (ZeroDivisionError(), "a bug")]
)
def test_a_job_that_fails_says_why_and_others_go_on(error: Exception, said: str) -> None:
    async def fail(_report: Report) -> None:
        raise error

    async def wait(_report: Report) -> None:
        await asyncio.sleep(60)

    async def run() -> tuple[JobRow, ...]:
        all_jobs, _told = jobs()
        all_jobs.begin("bit_test", "span 1", "lina", fail)
        other = all_jobs.begin("bit_test", "span 2", "lina", wait)
        await asyncio.sleep(0)
        await all_jobs.stop(other.job)
        return all_jobs.rows()

    other, failed = asyncio.run(run())
    assert other.state == "stopped"
    assert failed.state == "failed"
    assert failed.error.startswith(said)


def test_only_the_last_jobs_are_remembered_and_none_under_way_is_forgotten() -> None:
    async def work(_report: Report) -> None:
        pass

    async def wait(_report: Report) -> None:
        await asyncio.sleep(60)

    async def run() -> tuple[JobRow, ...]:
        all_jobs, _told = jobs()
        all_jobs.begin("bit_test", "long", "lina", wait)
        for n in range(KEPT + 10):
            all_jobs.begin("bit_test", f"span {n}", "lina", work)
            await asyncio.sleep(0)
        rows = all_jobs.rows()
        await all_jobs.close()
        return rows

    rows = asyncio.run(run())
    assert len(rows) == KEPT
    assert rows[-1].what == "long"


# --- counters by quarter hour


def seconds_of(quarters: Quarters, begin: int, reports: list[StatusReport]) -> None:
    for n, report in enumerate(reports):
        quarters.tell((begin - BEGIN) // 20 + 50 * n, report)


def test_a_quarter_adds_up_its_seconds() -> None:
    store = Store.in_memory(lockstep_wall(BEGIN))
    quarters = Quarters(store)
    counts = [0, 0, 3, 3, 10, 10]
    said = [report_of(counters={"crc4_errors": count, "ticks": 50 * n}) for n, count in enumerate(counts)]
    said += [report_of(healthy=False, alarms=("RED",), counters={"crc4_errors": 10, "ticks": 400})] * 2
    said += [report_of(alarms=("YELLOW",), counters={"crc4_errors": 10, "ticks": 500})]
    seconds_of(quarters, BEGIN, said)
    (row,) = quarters.present()
    assert (row.span, row.began, row.seconds, row.counters) == (1, BEGIN, 9, {"crc4_errors": 10})
    assert (row.errored_s, row.alarm_s, row.far_alarm_s, row.out_s) == (2, 2, 1, 2)


def test_counters_that_were_cleared_or_began_again_do_not_go_backwards() -> None:
    store = Store.in_memory(lockstep_wall(BEGIN))
    quarters = Quarters(store)
    seconds_of(quarters, BEGIN, [report_of(counters={"crc4_errors": count}) for count in (100, 105, 2, 4)])
    assert quarters.present()[0].counters == {"crc4_errors": 5 + 2 + 2}


def test_quarters_are_kept_and_go_on_after_a_restart(tmp_path: Path) -> None:
    clean, wrong = report_of(counters={"crc4_errors": 0}), report_of(counters={"crc4_errors": 4})
    with Store.open(tmp_path / "store.db", lockstep_wall(BEGIN)) as store:
        quarters = Quarters(store)
        seconds_of(quarters, BEGIN + QUARTER_MS - 2000, [clean, wrong, wrong, wrong])
        store.apply(1, (QUARTER_MS + 1000) // 20, [TroubleNoted("span", "of some event")])
        assert [row.began for row in quarters.present()] == [BEGIN + QUARTER_MS]
        quarters.save()
    with Store.open(tmp_path / "store.db", lockstep_wall(BEGIN)) as store:
        server = CallServer(Engine(config(), {"hotline": flow()}, store.open_books()), store)
        again = Quarters(store)
        seconds_of(again, BEGIN + QUARTER_MS + 5000, [clean, wrong])
        desk = LinesDesk(server, Inquiry(server, lambda _commands: None), again)
        reply = asyncio.run(desk.answer(api.SpanQuarters(), "lina"))
        assert isinstance(reply, api.SpanQuartersReply)
        assert [(row.began, row.seconds, row.counters) for row in reply.quarters] == [
            (BEGIN + QUARTER_MS, 4, {"crc4_errors": 4}),
            (BEGIN, 2, {"crc4_errors": 4}),
        ]
        older = asyncio.run(desk.answer(api.SpanQuarters(1, until=BEGIN + 1), "lina"))
        assert isinstance(older, api.SpanQuartersReply)
        assert len(older.quarters) == 1
        other = asyncio.run(desk.answer(api.SpanQuarters(2), "lina"))
        assert other == api.SpanQuartersReply(())
