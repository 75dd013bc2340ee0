# SPDX-License-Identifier: GPL-2.0-or-later
"""The ledger: in balance for correct calls, and each kind of fault, planted, is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.contract import records as r
from appliance.contract.rows import LedgerResult
from appliance.contract.switch import Party
from appliance.store.database import open_reader
from appliance.store.ledger import MAX_LISTED, Ledger
from appliance.store.store import Store
from appliance.switch.sound.wav import header
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

CALLS = 5


def write_wav(path: Path, samples: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header(samples) + bytes(2 * samples))


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq = 0
        for n in range(1, CALLS + 1):
            seq = enter(store, queue_call(n, 3000 * n, agent="8001"), seq)
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for n in range(1, CALLS + 1):
        write_wav(tmp_path / f"2026/{n}.wav", 1800 * 160)
    return tmp_path


def check(store: Store, folder: Path | None = None, *, idle: bool = True) -> LedgerResult:
    return Ledger(store.reader(), folder, tolerance_s=0.02, idle=idle).check()


def test_calls_as_they_should_be_balance(store: Store, folder: Path) -> None:
    result = check(store, folder)
    assert result.balanced, result.findings
    assert result.files_checked == CALLS
    lines = {line.name: (line.opened, line.closed, line.still_up) for line in result.balance}
    assert lines["calls"] == (5, 5, 0)
    assert lines["legs"] == (10, 10, 0)
    assert lines["channels held"] == (5, 5, 0)


def test_books_on_disk_are_read_beside_their_writer(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        enter(store, queue_call(1))
        write_wav(tmp_path / "recordings/2026/1.wav", 1800 * 160)
        reader = open_reader(tmp_path / "store.db")
        assert Ledger(reader, tmp_path / "recordings", idle=True).check().balanced
        reader.close()


def test_a_call_under_way_is_still_up_and_no_fault(store: Store) -> None:
    enter(store, queue_call(6, 20_000)[:5], 1000)
    result = check(store, idle=False)
    assert result.balanced, result.findings
    assert next(line.still_up for line in result.balance if line.name == "calls") == 1
    assert check(store, idle=True).found["up_while_idle"] == 6  # call, two legs, channel, segment, recording


FAULTS: list[tuple[str, str, str]] = [
    ("seizure_without_leg", "INSERT INTO seizures VALUES (9, 998, 10, 2, 17, 20)", "span 2 timeslot 17, leg 998"),
    ("leg_without_call", "UPDATE legs SET call = 77 WHERE leg = 3", "leg 3 of call 77"),
    ("call_without_leg", "DELETE FROM legs WHERE call = 2", "call 2"),
    ("number_twice", "UPDATE segments SET segment = 6 WHERE segment = 1", "segment 6"),
    ("seizures_overlap", "UPDATE seizures SET released = 9500 WHERE leg = 4", "span 1 timeslot 1, leg 6 at tick 9000"),
    ("answered_without_channel", "DELETE FROM seizures WHERE leg = 8", "leg 8 of call 4"),
    ("leg_outlives_call", "UPDATE legs SET closed = NULL WHERE leg = 7", "leg 7 of call 4"),
    ("leg_before_call", "UPDATE legs SET opened = 2 WHERE leg = 7", "leg 7 of call 4"),
    ("seizure_outlives_leg", "UPDATE seizures SET released = NULL WHERE leg = 10", "span 1 timeslot 1, leg 10"),
    ("segment_without_call", "UPDATE segments SET call = 99 WHERE segment = 5", "segment 5 of call 99"),
    ("segment_outside_leg", "UPDATE segments SET legs = '[6,5,4]' WHERE segment = 11", "segment 11 of call 3, leg 4"),
    ("queue_outside_call", "UPDATE queue_entries SET left = NULL WHERE call = 3", "queue hotline, call 3"),
    ("offer_outside_call", "UPDATE offers SET ended = NULL WHERE offer = 5", "offer 5 of call 5"),
    ("offers_overlap", "UPDATE offers SET ended = 9500 WHERE offer = 2", "agent 8001, offer 3 of call 3"),
    ("closed_without_result", "UPDATE calls SET disposition = NULL WHERE call = 1", "call 1"),
    ("answered_unrecorded", "DELETE FROM recordings WHERE call = 1", "call 1"),
    (
        "recording_outlives_call",
        "UPDATE recordings SET closed = NULL WHERE call = 1",
        "recording 1 of call 1, 2026/1.wav",
    ),
    (
        "recording_length",
        "UPDATE recordings SET samples = 8000, error = 'No space left on device' WHERE call = 2",
        "recording 2 of call 2, 2026/2.wav: 1.00 s, the leg 36.00 s (No space left on device)",
    ),
    (
        "rule_unrecorded",
        "INSERT INTO recording_decisions (call, decided, rule, wanted, announced) VALUES (9, 1, 'vip', 1, 0)",
        "call 9, rule vip",
    ),
    ("up_while_idle", "UPDATE offers SET ended = NULL WHERE offer = 5", "offer 5"),
]


@pytest.mark.parametrize(("rule", "sql", "where"), FAULTS, ids=[fault[0] for fault in FAULTS])
def test_a_planted_fault_is_named(store: Store, rule: str, sql: str, where: str) -> None:
    assert store.reader().execute(sql).rowcount > 0
    result = check(store)
    assert not result.balanced
    named = [finding for finding in result.findings if finding.rule == rule]
    assert where in [finding.where for finding in named], result.findings
    assert all(finding.what and finding.hint for finding in named)


def test_a_call_that_a_rule_did_not_want_recorded_is_no_fault(store: Store) -> None:
    sql = "DELETE FROM recordings WHERE call = 2"
    assert store.reader().execute(sql).rowcount == 1
    assert check(store).found == {"answered_unrecorded": 1}
    with_rule = "INSERT INTO recording_decisions (call, decided, rule, wanted, announced) VALUES (2, 1, 'no', 0, 0)"
    store.reader().execute(with_rule)
    assert check(store).balanced


def test_a_recording_whose_file_is_gone_is_named(store: Store, folder: Path) -> None:
    (folder / "2026/3.wav").unlink()
    (finding,) = check(store, folder).findings
    assert finding.rule == "recording_unreadable"
    assert finding.where == "recording 3 of call 3, 2026/3.wav: No such file or directory"


def test_a_recording_that_is_cut_off_is_named(store: Store, folder: Path) -> None:
    whole = (folder / "2026/3.wav").read_bytes()
    (folder / "2026/3.wav").write_bytes(whole[: 58 + 2 * 8000])
    (finding,) = check(store, folder).findings
    assert finding.where == "recording 3 of call 3, 2026/3.wav: 1.00 s instead of 36.00 s"


def test_a_file_that_no_row_names_is_named(store: Store, folder: Path) -> None:
    write_wav(folder / "2026/spare.wav", 160)
    (finding,) = check(store, folder).findings
    assert (finding.rule, finding.where) == ("file_without_recording", "2026/spare.wav")


def test_records_that_contradict_the_books_are_refused_and_named(store: Store) -> None:
    store.apply(5000, 90_000, [r.CallOpened(3, "in", Party("1"), "2")])
    (finding,) = check(store).findings
    assert finding.rule == "records_refused"
    assert "UNIQUE constraint failed: calls.call" in finding.where
    assert "CallOpened(call=3" in finding.where
    assert store.last_seq() == 5000  # it is settled: else the switch would send it for ever


def test_many_findings_are_counted_and_some_listed(store: Store) -> None:
    store.reader().executemany("INSERT INTO seizures VALUES (?, ?, 1, 9, 9, 1)", [(n, n) for n in range(1000, 1100)])
    result = check(store)
    assert result.found == {"seizure_without_leg": 100}
    assert len(result.findings) == MAX_LISTED
