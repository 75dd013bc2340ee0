# SPDX-License-Identifier: GPL-2.0-or-later
"""The books: records are kept once, in one transaction an event, whatever clock and disk do."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import get_args

import pytest

from appliance.contract import records as r
from appliance.contract.books import LastAgent, OpenBooks, OpenEntry, OpenLeg, OpenOffer, OpenRecording, OpenSegment
from appliance.contract.errors import StoreError
from appliance.contract.switch import Party, Presentation
from appliance.store import write_ahead
from appliance.store.store import Store
from appliance.store.writer import WRITERS
from appliance.wall import lockstep_wall, system_wall
from tests.appliance.store.calls import EPOCH_MS, RECORDS, enter, queue_call


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        yield store


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    return store.reader().execute(sql).fetchall()


def test_every_record_has_its_writer() -> None:
    assert set(WRITERS) == set(get_args(r.AnyRecord))


def test_a_call_gives_one_cdr(store: Store) -> None:
    events = queue_call(1, 1000)
    assert sum(len(records) for _tick, records in events) == RECORDS
    enter(store, events)
    cursor = store.reader().execute("SELECT * FROM cdr")
    names = [column[0] for column in cursor.description]
    (row,) = [dict(zip(names, values, strict=True)) for values in cursor]
    assert row == {
        "call": 1,
        "started_at": EPOCH_MS + 20_000,
        "started_utc": "2026-09-21 14:13:40",
        "direction": "in",
        "caller": "13800130001",
        "called": "96900",
        "flow": "welcome",
        "queue": "hotline",
        "agent": "8001",
        "wait_s": 7.0,
        "talk_s": 24.0,
        "duration_s": 36.0,
        "billed_s": 36.0,
        "talked_with": "8001",
        "served": 1,
        "ended_in": "talk",
        "disposition": "answered",
        "cause": 16,
        "ended_by": "caller",
        "asked_by": "",
        "released_by": "",
        "recording": "2026/1.wav",
        "forwarded_by": "",
        "wrap_up_code": "",
    }


def test_logs_of_queue_agent_and_channel(store: Store) -> None:
    enter(store, queue_call(1, 1000, timeslot=5))
    assert rows(store, "SELECT queue, call, wait_s, reason, offers, agent FROM queue_log") == [
        ("hotline", 1, 7.0, "answered", 1, "8001")
    ]
    assert rows(store, "SELECT agent, state, length_s FROM agent_log") == [
        ("8001", "offered", 4.0),
        ("8001", "talking", 24.0),
        ("8001", "wrap_up", 10.0),
        ("8001", "idle", 0.0),
    ]
    assert rows(store, "SELECT * FROM channel_use") == [(1, 5, 1, 1, 0, 36.0)]
    assert rows(store, "SELECT * FROM segment_legs") == [(1, 2), (2, 2), (3, 2), (3, 1)]
    assert rows(store, "SELECT call, pressed, leg, key, node, accepted FROM keys") == [(1, 1200, 2, "1", "menu", 1)]


def test_glare_moves_a_leg_to_another_channel(store: Store) -> None:
    store.apply(
        1, 10, [r.CallOpened(1, "out", Party("8001"), "123"), r.LegOpened(1, 1, "pri:carrier", "outside", "123")]
    )
    store.apply(2, 10, [r.ChannelSeized(1, 1, 1, 3)])
    store.apply(3, 14, [r.ChannelSeized(1, 1, 1, 4)])
    store.apply(4, 50, [r.LegClosed(1, 1, 16)])
    assert rows(store, "SELECT timeslot, seized, released FROM seizures") == [(3, 10, 14), (4, 14, 50)]


def test_who_may_not_be_shown_is_kept_all_the_same(store: Store) -> None:
    store.apply(1, 1, [r.CallOpened(1, "in", Party("139", "王", Presentation.RESTRICTED), "2")])
    assert rows(store, "SELECT caller, caller_name, presentation FROM calls") == [("139", "王", 1)]


def test_open_books_tell_where_to_go_on(store: Store) -> None:
    seq = enter(store, queue_call(1))
    enter(store, queue_call(2, 4000)[:4], seq)
    assert store.open_books() == OpenBooks(
        next_call=3,
        next_leg=5,
        next_segment=7,
        next_offer=3,
        next_recording=3,
        calls=(2,),
        legs=(
            OpenLeg(4, 2, "pri:carrier", "13800130002"),
            OpenLeg(3, 2, "sip:8001@127.0.0.1:5071", "8001", "8001"),
        ),
        segments=(OpenSegment(6, 2),),
        offers=(OpenOffer(2, 2, "8001", 3),),
        entries=(OpenEntry(2, "hotline"),),
        recordings=(OpenRecording(2, 2, 4),),
        agents=(LastAgent("8001", "ready", "offered"),),
    )


def test_empty_books_begin_with_one(store: Store) -> None:
    assert store.open_books() == OpenBooks()


def test_last_seq_is_what_is_in_the_books(store: Store) -> None:
    store.apply(7, 100, [r.TroubleNoted("x", "y")])
    store.apply(8, 101, [])
    assert store.last_seq() == 7  # an event without records waits for the next transaction
    store.settle(150)
    assert store.last_seq() == 8
    store.apply(None, 151, [r.TroubleNoted("x", "y")])
    assert store.last_seq() == 8
    assert store.last_tick() == 151


def test_what_came_together_is_one_transaction_and_told_of_only_then(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store, closing(store.reader()) as beside:
        with store.together():
            enter(store, queue_call(1))
            assert store.last_seq() == 0
            assert not beside.execute("SELECT * FROM calls").fetchall()
        assert store.last_seq() == len(queue_call(1))
        assert beside.execute("SELECT duration_s FROM cdr").fetchall() == [(36.0,)]


def test_an_event_without_effect_is_written_with_the_next_and_not_confirmed_before(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store, closing(store.reader()) as beside:
        store.apply(1, 10, [r.CallOpened(1, "in", Party("1"), "2")], without_effect=True)
        assert store.last_seq() == 0
        assert not beside.execute("SELECT call FROM calls").fetchall()
        store.apply(2, 20, [r.CallOpened(2, "in", Party("1"), "2")])
        assert store.last_seq() == 2
        assert beside.execute("SELECT call, opened FROM calls").fetchall() == [(1, 10), (2, 20)]


@pytest.mark.parametrize("write", [Store.flush, Store.retry, lambda store: store.settle(60), Store.move_mark])
def test_an_event_without_effect_is_written_before_the_books_are_read_confirmed_or_tended(
    tmp_path: Path, write: Callable[[Store], None]
) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store, closing(store.reader()) as beside:
        store.apply(1, 10, [r.CallOpened(1, "in", Party("1"), "2")], without_effect=True)
        write(store)
        assert store.last_seq() == 1
        assert beside.execute("SELECT call FROM calls").fetchall() == [(1,)]


def test_a_reader_on_the_writers_thread_finds_events_without_effect(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        store.apply(1, 10, [r.CallOpened(1, "in", Party("1"), "2")], without_effect=True)
        with closing(store.reader()) as beside:
            assert beside.execute("SELECT call FROM calls").fetchall() == [(1,)]


def test_timers_and_requests_always_write_for_no_switch_repeats_them(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store, closing(store.reader()) as beside:
        store.apply(None, 10, [r.TroubleNoted("sip", "text")], without_effect=True)
        assert beside.execute("SELECT kind FROM troubles").fetchall() == [("sip",)]


def test_what_came_together_without_effect_waits_too(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        with store.together():
            store.apply(1, 10, [r.CallOpened(1, "in", Party("1"), "2")], without_effect=True)
        assert store.last_seq() == 0
        with store.together():
            store.apply(2, 20, [r.CallOpened(2, "in", Party("1"), "2")])
            store.apply(3, 20, [r.CallOpened(3, "in", Party("1"), "2")], without_effect=True)
        assert store.last_seq() == 3


def test_what_came_together_is_there_up_to_where_it_broke(store: Store) -> None:
    def breaks() -> None:
        with store.together():
            store.apply(1, 10, [r.CallOpened(1, "in", Party("1"), "2")])
            raise KeyError

    with pytest.raises(KeyError):
        breaks()
    assert rows(store, "SELECT call FROM calls") == [(1,)]
    store.apply(2, 20, [r.CallOpened(2, "in", Party("1"), "2")])
    assert store.last_seq() == 2


def test_of_what_came_together_only_what_contradicts_the_books_is_refused(store: Store) -> None:
    with store.together():
        for seq, call in enumerate((1, 2, 2, 3), 1):
            store.apply(seq, 10 * seq, [r.CallOpened(call, "in", Party("1"), "2")])
            store.apply(None, 10 * seq, [r.CallClosed(call, "answered", 16, "caller")])
    assert rows(store, "SELECT call FROM calls") == [(1,), (2,), (3,)]
    ((text,),) = rows(store, "SELECT text FROM troubles")
    assert "CallOpened(call=2" in str(text)
    assert store.last_seq() == 4


@pytest.mark.parametrize("record", [r.TroubleNoted("sip", "\udcc0\udcee"), r.TroubleNoted("sip", "", 1 << 70)])
def test_a_record_that_is_no_text_or_number_is_refused_and_named(store: Store, record: r.AnyRecord) -> None:
    store.apply(1, 1, [record])
    store.apply(2, 2, [r.TroubleNoted("sip", "good")])
    assert [kind for (kind,) in rows(store, "SELECT kind FROM troubles")] == ["books", "sip"]
    assert "refused" in str(rows(store, "SELECT text FROM troubles")[0][0])
    assert store.last_seq() == 2


def test_what_came_together_waits_in_its_order_behind_what_waits(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as shell:
            shell.execute("BEGIN IMMEDIATE")
            enter(store, queue_call(1)[:3])
            with store.together():
                enter(store, queue_call(1)[3:6], 3)
            assert store.last_seq() == 0
            shell.execute("ROLLBACK")
        with store.together():
            enter(store, queue_call(1)[6:], 6)
        assert store.status().waiting == 0
        assert rows(store, "SELECT duration_s, talk_s, wait_s FROM cdr") == [(36.0, 24.0, 7.0)]


def test_books_are_the_same_after_they_were_closed(tmp_path: Path) -> None:
    with Store.open(tmp_path / "b/store.db", lockstep_wall(EPOCH_MS)) as store:
        enter(store, queue_call(1))
        store.apply(20, 5000, [])
        store.sync()
    with Store.open(tmp_path / "b/store.db") as store:
        assert (store.last_seq(), store.last_tick()) == (20, 5000)
        assert store.open_books().next_call == 2
        assert rows(store, "SELECT count(*) FROM cdr") == [(1,)]
    assert (tmp_path / "b/store.db").stat().st_mode & 0o777 == 0o600


def test_a_clock_that_jumps_changes_labels_and_no_length(tmp_path: Path) -> None:
    clock = [EPOCH_MS]
    with Store.open(tmp_path / "store.db", lambda _tick: clock[0]) as store:
        for i, (tick, records) in enumerate(queue_call(1)):
            clock[0] += 3_600_000 if i % 2 else -7_200_000
            store.apply(i + 1, tick, records)
        lengths = rows(store, "SELECT wait_s, talk_s, duration_s, billed_s FROM cdr")
        assert lengths == [(7.0, 24.0, 36.0, 36.0)]


def test_the_wall_clock_is_the_machines() -> None:
    before = time.time_ns() // 1_000_000
    assert before <= system_wall(0) <= time.time_ns() // 1_000_000


def test_a_second_call_server_is_kept_away(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db"):
        with pytest.raises(StoreError) as caught:
            Store.open(tmp_path / "store.db")
        assert caught.value.hint
    Store.open(tmp_path / "store.db").close()


def test_a_file_that_is_no_books_is_named(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_text("this is a letter, not a database " * 100)
    with pytest.raises(StoreError, match=r"store\.db cannot be opened: file is not a database"):
        Store.open(tmp_path / "store.db")


def test_a_shell_that_holds_the_books_makes_records_wait(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        shell = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
        shell.execute("BEGIN IMMEDIATE")
        enter(store, queue_call(1)[:3])
        assert store.status().error == "database is locked"
        assert store.status().waiting == 11
        assert store.last_seq() == 0
        shell.execute("ROLLBACK")
        shell.close()
        enter(store, queue_call(1)[3:], 3)
        assert store.status().error == ""
        assert rows(store, "SELECT duration_s, talk_s, wait_s FROM cdr") == [(36.0, 24.0, 7.0)]
        assert rows(store, "SELECT started_at FROM calls") == [(EPOCH_MS,)]


def test_a_shell_that_writes_beside_the_box_makes_records_wait_a_second(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        enter(store, queue_call(1)[:2])
        with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as shell:
            shell.execute("UPDATE calls SET caller_name = 'Wang'")
        enter(store, queue_call(1)[2:], 2)
        assert store.status().error == ""
        assert rows(store, "SELECT caller_name, duration_s FROM calls JOIN cdr USING (call)") == [("Wang", 36.0)]
        assert store.last_seq() == 9


def test_the_log_does_not_grow_for_ever_when_no_event_has_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead, "CARRY_OVER", 50)
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        for n in range(1, 1000):
            store.apply(n, 50 * n, [])
            store.settle(50 * n)
        assert store.last_seq() == 999
        assert (tmp_path / "store.db-wal").stat().st_size < 200_000


def test_the_log_is_carried_over_and_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_ahead, "CARRY_OVER", 500)
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        seq, sizes = 0, []
        for n in range(1, 200):
            seq = enter(store, queue_call(n, 3000 * n), seq)
            sizes.append((tmp_path / "store.db-wal").stat().st_size)
        assert max(sizes) < 2 * max(sizes[:30]), "the log does not grow"
        assert (tmp_path / "store.db").stat().st_size > 100_000
        assert rows(store, "SELECT count(*) FROM cdr WHERE duration_s = 36") == [(199,)]
