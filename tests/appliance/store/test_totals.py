# SPDX-License-Identifier: GPL-2.0-or-later
"""Totals and searches find the same as a search through all the books, and neither reads books from end to end."""

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from appliance.contract import records as r
from appliance.contract.switch import Party
from appliance.contract.views import AgentView, QueueView
from appliance.store import search, totals
from appliance.store.migrations import MIGRATIONS
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.store.totals import all_time
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

CALLS = 60
TALK_S = 24.0
DAY_TICKS = 86_400 * 50
CDR = "SELECT call, started_at, caller, called, queue, agent, talked_with, disposition FROM cdr ORDER BY call DESC"


def abandoned(n: int, start: int) -> list[tuple[int, list[r.AnyRecord]]]:
    """Return the n-th call, whose caller hangs up in the queue."""
    (begin, first), _key, (queued, enters), *_rest = queue_call(n, start)
    leg, segment = 2 * n, 4 * n - 2
    leaves: list[r.AnyRecord] = [
        r.SegmentClosed(segment, n), r.QueueLeft(n, "hotline", "abandoned"), r.LegClosed(leg, n, 16),
        r.CallClosed(n, "abandoned", 16, "caller"), r.RecordingClosed(n, (queued + 100 - begin) * 160),
    ]  # fmt: skip
    return [(begin, first), (queued, enters), (queued + 100, leaves)]


@pytest.fixture
def store() -> Iterator[Store]:
    """Fill books with some weeks of calls, by three agents; the last is up."""
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq = 0
        for n in range(1, CALLS):
            start = n * DAY_TICKS // 4
            seq = enter(store, abandoned(n, start) if n % 5 == 0 else queue_call(n, start, agent=f"800{n % 3}"), seq)
        enter(store, queue_call(CALLS, CALLS * DAY_TICKS // 4, agent="8001")[:5], seq)
        yield store


@pytest.fixture(autouse=True, params=[1, 7, totals.AT_ONCE])
def at_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add each call as it closes, some, or many at once: the result is the same."""
    monkeypatch.setattr(totals, "AT_ONCE", request.param)


def view(agent: str) -> AgentView:
    return AgentView(agent, agent, agent, "ready", "idle", "", 0, 0)


def totals_of(store: Store, kind: str, *, by_day: bool = False) -> list[tuple[object, ...]]:
    store.move_mark()
    rows = f"SELECT * FROM totals WHERE kind = '{kind}' AND day > ''" if by_day else all_time(kind)
    sums = "name, sum(calls), sum(answered), sum(abandoned), sum(talk) / 50.0"
    return store.reader().execute(f"SELECT {sums} FROM ({rows}) GROUP BY name ORDER BY name").fetchall()


@pytest.mark.parametrize("by_day", [True, False])
def test_totals_are_what_all_rows_add_up_to(store: Store, by_day: bool) -> None:
    assert totals_of(store, "box", by_day=by_day) == [("", 59, 48, 11, 48 * TALK_S)]
    assert totals_of(store, "queue", by_day=by_day) == [("hotline", 59, 48, 11, 48 * TALK_S)]
    assert totals_of(store, "agent", by_day=by_day) == [(f"800{n}", 16, 16, 0, 16 * TALK_S) for n in range(3)]


def test_a_day_has_its_own_totals(store: Store) -> None:
    store.move_mark()
    days = store.reader().execute("SELECT calls FROM totals WHERE kind = 'box' AND day > ''").fetchall()
    assert 15 <= len(days) <= 16
    assert sorted(days)[-10:] == [(4,)] * 10


def test_a_call_of_an_earlier_day_counts_there_and_in_all_time(store: Store) -> None:
    """One that is up over midnight, and calls after a wall clock that was wrong for a while."""
    ended = queue_call(CALLS, 20 * DAY_TICKS, agent="8001")[5:]
    later = queue_call(CALLS + 1, 19 * DAY_TICKS, agent="8001")
    enter(store, [*later, *ended], 9000)
    assert totals_of(store, "box")[0][1] == totals_of(store, "box", by_day=True)[0][1] == 61


def test_agents_and_queues_count_calls_that_are_up_too(store: Store) -> None:
    reads = Reads(store.reader())
    assert [(row.offered, row.answered) for row in reads.agents([view("8001"), view("8002")], {}, 0)] == [
        (17, 17),
        (16, 16),
    ]
    (queue,) = reads.queues([QueueView("hotline", (), 0, 0, 0)], 0)
    assert (queue.entered, queue.answered, queue.abandoned) == (60, 49, 11)


def test_a_call_that_is_closed_twice_counts_once(store: Store) -> None:
    before = totals_of(store, "box")
    store.apply(None, CALLS * DAY_TICKS, [r.CallClosed(7, "failed", 31)])
    assert totals_of(store, "box") == before
    assert store.reader().execute("SELECT disposition FROM cdr WHERE call = 7").fetchone() == ("answered",)


def test_an_agent_whose_answer_never_left_had_no_call(store: Store) -> None:
    n = CALLS + 1
    *events, (last, ends) = queue_call(n, 20 * DAY_TICKS, agent="8009")[:6]
    ends = [r.LegClosed(leg=2 * n - 1, call=n, cause=16, connected=False), *ends]
    enter(store, events, 5000)
    assert Reads(store.reader()).cdr(0, 0, "", 0, 1)[0].agent == "8009"
    enter(store, [(last, ends)], 6000)
    assert Reads(store.reader()).cdr(0, 0, "", 0, 1)[0].agent == ""


@pytest.mark.parametrize("few", [0, 10_000])
def test_a_search_finds_what_a_look_at_every_call_finds(
    store: Store, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With numbers looked up one by one, and with the newest calls read through."""
    monkeypatch.setattr(search, "MAX_SINGLE", few)
    store.apply(None, 15 * DAY_TICKS, [r.CallOpened(CALLS + 1, "internal", Party("13800130007"), "13800130009")])
    chance, everything = random.Random(3), store.reader().execute(CDR).fetchall()
    found = 0
    for _n in range(300):
        since, until = (chance.choice((0, EPOCH_MS + 86_400_000 * chance.randrange(16))) for _ in range(2))
        number = chance.choice(("", "", "96900", "13800130007", "138001300*", "*7", "1380013000*", "13800130009"))
        agent, queue = chance.choice(("", "", "8001", "8002", "800")), chance.choice(("", "", "hotline", "hot"))
        result, before = chance.choice(("", "", "answered", "abandoned")), chance.choice((0, 0, 31))
        expected = [
            row[0]
            for row in everything
            if row[1] >= since and (not until or row[1] < until) and (not before or row[0] < before)
            and (not number or any(_like(number, each) for each in row[2:4]))
            and (not agent or agent in {row[5], *row[6].split()})
            and (row[4], row[7]) == (queue or row[4], result or row[7])
        ]  # fmt: skip
        rows = Reads(store.reader()).cdr(since, until, number, before, 7, agent, queue, result)
        assert [row.call for row in rows] == expected[:7], (since, until, number, agent, queue, result, before)
        found += bool(rows)
    assert found > 50


def _like(pattern: str, number: str) -> bool:
    begin, joker, end = pattern.partition("*")
    return number.startswith(begin) and number.endswith(end) if joker else number == pattern


RECORDINGS = (
    "SELECT r.recording, r.started_at, c.caller, c.called, v.queue, v.agent, r.rule,"
    " coalesce(r.samples / 8000.0, ((SELECT last_tick FROM meta) - r.opened) / 50.0)"
    " FROM recordings r JOIN calls c ON c.call = r.call JOIN cdr v ON v.call = r.call ORDER BY r.recording DESC"
)


@pytest.mark.parametrize("few", [0, 3, 10_000])
def test_recordings_are_found_by_any_filters_together(store: Store, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_SINGLE", few)
    store.reader().execute("UPDATE recordings SET rule = 'some' WHERE recording % 3 = 0")
    chance, everything = random.Random(5), store.reader().execute(RECORDINGS).fetchall()
    found = 0
    for _n in range(400):
        since, until = (chance.choice((0, 0, EPOCH_MS + 21_600_000 * chance.randrange(61))) for _ in range(2))
        number, caller, called = (
            chance.choice(("", "", "", "96900", "13800130007", "138001300*", "*7", "9*")) for _ in range(3)
        )
        agent, queue, rule = (
            chance.choice(("", "", "8001")),
            chance.choice(("", "hotline")),
            chance.choice(("", "some")),
        )
        min_s, max_s, before = chance.choice((0.0, 20.0)), chance.choice((0.0, 30.0, 40.0)), chance.choice((0, 31))
        expected = [
            row[0]
            for row in everything
            if row[1] >= since and (not until or row[1] < until) and (not before or row[0] < before)
            and (not number or any(_like(number, each) for each in row[2:4]))
            and (not caller or _like(caller, row[2])) and (not called or _like(called, row[3]))
            and row[4:7] == (queue or row[4], agent or row[5], rule or row[6])
            and min_s <= row[7] <= (max_s or row[7])
        ]  # fmt: skip
        rows = Reads(store.reader()).recordings(
            since, until, number, agent, 0, min_s, before, 7,
            caller=caller, called=called, queue=queue, rule=rule, max_s=max_s,
        )  # fmt: skip
        assert [row.recording for row in rows] == expected[:7], (since, until, number, caller, called, agent, rule)
        found += bool(rows)
    assert found > 50


def test_recordings_of_a_rule_are_found_by_index(store: Store) -> None:
    plan: list[str] = []
    connection = store.reader()
    connection.set_trace_callback(plan.append)
    Reads(connection).recordings(0, 0, "", "", 0, 0.0, 0, 5, rule="some")
    connection.set_trace_callback(None)
    assert any("recordings_rule" in row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {plan[0]}"))


@pytest.mark.parametrize("few", [0, 10_000])
def test_recordings_are_found_by_number_and_agent(store: Store, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MAX_SINGLE", few)
    reads = Reads(store.reader())
    assert [row.call for row in reads.recordings(0, 0, "13800130007", "", 0, 0.0, 0, 9)] == [7]
    of_agent = reads.recordings(0, 0, "", "8002", 0, 0.0, 0, 3)
    assert [row.agent for row in of_agent] == ["8002"] * 3
    assert [row.call for row in reads.recordings(0, 0, "138001300*", "8002", 0, 0.0, 30, 2)] == [29, 26]


def test_no_search_by_what_people_search_reads_all_calls(store: Store) -> None:
    connection, asked = store.reader(), list[str]()
    connection.set_trace_callback(asked.append)
    reads = Reads(connection)
    reads.cdr(0, 0, "13800130007", 0, 50)
    reads.cdr(0, 0, "", 0, 50, agent="8001")
    reads.cdr(0, 0, "", 0, 50, queue="hotline")
    reads.cdr(0, 0, "", 0, 50, result="abandoned")
    reads.cdr(EPOCH_MS, EPOCH_MS + 1, "", 0, 50)
    reads.agents([view("8001")], {}, 0)
    reads.queues([], 0)
    reads.troubles_of("crash", EPOCH_MS)
    connection.set_trace_callback(None)
    steps = {step for sql in asked for *_, step in connection.execute(f"EXPLAIN QUERY PLAN {sql}")}
    books = {"c", "l", "o", "q", "s", "calls", "legs", "offers", "queue_entries", "segments", "troubles", "totals"}
    assert not [step for step in steps if step.startswith("SCAN") and step.split()[1] in books]
    assert "SEARCH troubles" not in steps, "min() of the key walks from the oldest"


def test_books_without_totals_get_them_with_what_is_searched(tmp_path: Path) -> None:
    with Store.open(tmp_path / "new.db", lockstep_wall(EPOCH_MS)) as new:
        for n in range(1, 9):
            enter(new, queue_call(n, n * DAY_TICKS, agent="8001") if n % 3 else abandoned(n, n * DAY_TICKS), n * 100)
        new.move_mark()
        wanted = _told(new.reader())
    connection = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    MIGRATIONS.apply(Database(connection), stop_before="0007_lasting")
    connection.execute("ATTACH ? AS new", (str(tmp_path / "new.db"),))
    for table in ("calls", "legs", "queue_entries", "offers", "segments", "recordings"):
        names = ", ".join(name for _n, name, *_ in connection.execute(f"PRAGMA main.table_info({table})"))
        connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM new.{table}")
    connection.close()
    with Store.open(tmp_path / "old.db", lockstep_wall(EPOCH_MS)) as old:
        assert _told(old.reader()) == wanted
    with Store.open(tmp_path / "old.db", lockstep_wall(EPOCH_MS)) as again:
        assert _told(again.reader()) == wanted, "counted once"


def _told(connection: sqlite3.Connection) -> list[object]:
    reads = Reads(connection)
    counted = connection.execute("SELECT * FROM totals ORDER BY 1, 2, 3").fetchall()
    days = connection.execute("SELECT day, first FROM days ORDER BY day").fetchall()
    return [counted, days, reads.cdr(0, 0, "", 0, 50, queue="hotline"), reads.cdr(0, 0, "", 0, 50, agent="8001")]


def test_the_figures_of_an_agents_day_are_those_of_the_calls_of_that_day(store: Store) -> None:
    reads = Reads(store.reader())
    rows = store.reader().execute(CDR).fetchall()
    at = rows[20][1]
    day = totals._local_day(at)[0]
    mine = [row for row in rows if totals._local_day(row[1])[0] == day and row[5] == "8001" and row[7] == "answered"]
    told = reads.figures("8001", at)
    assert int(told["calls"]) == len(mine)
    assert float(told["talk_s"]) == pytest.approx(len(mine) * TALK_S, abs=0.1)
    assert sum(int(reads.figures("8001", row[1])["calls"]) for row in rows[20:32:4]) > 0
    assert reads.figures("8009", at) == {"calls": "0", "talk_s": "0.0"}
