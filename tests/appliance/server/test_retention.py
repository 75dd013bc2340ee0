# SPDX-License-Identifier: GPL-2.0-or-later
"""Old calls leave the books for the archive, whole and once, beside running calls; recordings are kept as written."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from appliance.config.model import BoxConfig
from appliance.contract import records as r
from appliance.contract.rows import LedgerResult
from appliance.server import retention as module
from appliance.server.retention import Retention
from appliance.store import archive
from appliance.store.ledger import Ledger
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.switch.sound.wav import header
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

CALLS, DAY_TICKS, DAY_MS = 60, 86_400 * 50, 86_400_000
NOW = EPOCH_MS + CALLS * DAY_MS
"""One call a day, from September 21st on; the last is up."""


class Box:
    """A store with calls in it, its recordings, and the retention of old ones."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.recordings, self.archive = folder, folder / "recordings", folder / "archive"
        self.store = Store.open(folder / "store.db", lockstep_wall(EPOCH_MS))
        seq = 0
        for n in range(1, CALLS):
            seq = enter(self.store, queue_call(n, n * DAY_TICKS, agent=f"800{n % 3}"), seq)
            self._record(n)
        enter(self.store, queue_call(CALLS, CALLS * DAY_TICKS, agent="8001")[:5], seq)
        self.store.move_mark()

    def _record(self, n: int) -> None:
        path = self.recordings / f"2026/{n}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(header(1800 * 160) + bytes(2 * 1800 * 160))

    def let_go(self, books: int = 0, recordings: int = 0, now: int = NOW, **more: object) -> None:
        document = {"books": {"keep_days": books, **more}, "recording": {"keep_days": recordings}}
        asyncio.run(self.retention(document).once(now))

    def retention(self, document: object, note: Callable[[r.TroubleNoted], None] | None = None) -> Retention:
        """Return the retention of a configuration."""
        config = msgspec.convert(document, BoxConfig)
        moved = Path(config.recording.archive.folder) if config.recording.archive.folder else None
        return Retention(self.store, self.folder / "store.db", self.archive, self.recordings, config, moved, note)

    def ask(self, sql: str) -> list[tuple[object, ...]]:
        return self.store._connection.execute(sql).fetchall()

    def ledger(self) -> LedgerResult:
        with closing(self.store.reader()) as connection:
            return Ledger(connection, self.recordings, tolerance_s=0.02, archive=self.archive).check()

    def files(self) -> set[int]:
        return {int(path.stem) for path in self.recordings.rglob("*.wav")}

    def archived(self, month: str) -> list[int]:
        with closing(archive.open_month(self.archive, month)) as connection:
            return [row.call for row in Reads(connection).cdr(0, 0, "", 0, 1000)]


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    monkeypatch.setattr(module, "PAUSE_S", 0.0)
    made = Box(tmp_path)
    yield made
    made.store.close()


CALL_ROWS = (
    "SELECT call, caller, queue, agent, wait_s, talk_s, talked_with, recording, disposition FROM cdr ORDER BY call"
)


def test_old_calls_move_to_the_file_of_their_month_as_they_are(box: Box) -> None:
    everything, totals = box.ask(CALL_ROWS), box.ask("SELECT * FROM totals WHERE kind <> 'gone'")
    queues = box.store._connection
    before = Reads(queues).agents([], {}, 0)
    assert box.ledger().balanced
    box.let_go(books=20)
    assert archive.months(box.archive) == ["2026-09", "2026-10"]
    assert box.archived("2026-09") == list(range(9, 0, -1))
    moved = []
    for month in archive.months(box.archive):
        with closing(archive.open_month(box.archive, month)) as connection:
            moved += connection.execute(CALL_ROWS).fetchall()
            for table in archive.OF_CALLS:
                (strangers,) = connection.execute(
                    f"SELECT count(*) FROM {table} WHERE call NOT IN (SELECT call FROM calls)"
                ).fetchone()
                assert not strangers
    left = box.ask(CALL_ROWS)
    assert [*moved, *left] == everything
    assert [row[0] for row in left] == list(range(40, CALLS + 1))
    assert box.ask("SELECT * FROM totals WHERE kind <> 'gone'") == totals
    assert Reads(queues).agents([], {}, 0) == before
    result = box.ledger()
    assert result.balanced, result.findings
    assert result.files_checked == CALLS - 1
    for table in archive.OF_CALLS:
        assert box.ask(f"SELECT count(*) FROM {table} WHERE call < 40") == [(0,)]


def test_changes_of_agents_and_troubles_go_along_but_for_the_last(box: Box) -> None:
    states = box.ask("SELECT agent, status, state FROM agent_states")
    box.store.apply(None, 1, [r.TroubleNoted("span", "old")])
    box.store.apply(None, CALLS * DAY_TICKS, [r.TroubleNoted("span", "new")])
    last = box.store.open_books().agents
    box.let_go(books=20)
    kept = box.ask("SELECT agent, status, state FROM agent_states")
    moved = []
    for month in archive.months(box.archive):
        with closing(archive.open_month(box.archive, month)) as connection:
            moved += connection.execute("SELECT agent, status, state FROM agent_states").fetchall()
            assert connection.execute("SELECT min(length_s) >= 0 FROM agent_log").fetchone() == (1,)
    assert sorted([*moved, *kept]) == sorted(states)
    assert 0 < len(kept) < 100
    assert box.store.open_books().agents == last
    assert box.ask("SELECT text FROM troubles") == [("new",)]


def test_numbers_are_never_given_twice_however_many_calls_left(box: Box) -> None:
    enter(box.store, queue_call(CALLS, CALLS * DAY_TICKS, agent="8001")[5:], 9000)
    before = box.store.open_books()
    box.let_go(books=1, now=NOW + 900 * DAY_MS)
    after = box.store.open_books()
    assert [row[0] for row in box.ask("SELECT call FROM calls")] == [CALLS], "the newest stays, for its number"
    for number in ("next_call", "next_leg", "next_segment", "next_offer", "next_recording"):
        assert getattr(after, number) == getattr(before, number)
    enter(box.store, queue_call(CALLS + 1, 990 * DAY_TICKS), 9500)
    assert box.ask("SELECT max(call) FROM calls") == [(CALLS + 1,)]


def test_a_call_that_is_up_and_its_followers_stay(box: Box) -> None:
    """It may be linked to any of them; all leave when it has ended."""
    box.let_go(books=1, now=NOW + 900 * DAY_MS)
    assert box.ask("SELECT call FROM calls") == [(CALLS,)]
    assert box.store.open_books().calls == (CALLS,)
    assert box.ledger().balanced


def test_a_copy_that_was_cut_short_is_made_again(box: Box) -> None:
    """The call server was killed after the copy and before the rows left the books."""
    everything = box.ask(CALL_ROWS)
    with closing(box.store.reader()) as books:
        box.store.move_mark()
        archive.copy(box.folder / "store.db", box.archive, archive.find_due(books, NOW - 20 * DAY_MS))
    assert box.ask(CALL_ROWS) == everything
    box.let_go(books=20)
    assert box.archived("2026-09") == list(range(9, 0, -1))
    assert len(box.ask(CALL_ROWS)) == CALLS - 39
    assert box.ledger().balanced


def test_an_archive_that_cannot_be_written_loses_nothing(box: Box) -> None:
    everything = box.ask(CALL_ROWS)
    box.archive.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="archive"):
        box.let_go(books=20)
    assert box.ask(CALL_ROWS) == everything
    box.archive.unlink()
    box.let_go(books=20)
    assert len(box.ask(CALL_ROWS)) == CALLS - 39


def test_recordings_are_deleted_by_their_own_age_and_the_books_know(box: Box) -> None:
    box.let_go(recordings=30)
    assert box.files() == set(range(30, CALLS))
    assert box.ask("SELECT count(*) FROM recordings WHERE deleted IS NOT NULL") == [(29,)]
    assert box.ledger().balanced
    assert len(box.ask(CALL_ROWS)) == CALLS


def test_recordings_of_archived_calls_are_kept_longer_if_so_written(box: Box) -> None:
    box.let_go(books=20, recordings=40)
    assert box.files() == set(range(20, CALLS))
    assert box.ledger().balanced
    box.let_go(books=20, recordings=40, now=NOW + 10 * DAY_MS)
    assert box.files() == set(range(30, CALLS)), "those of calls that are in the archive by now, too"
    assert box.ledger().balanced


def test_without_an_archive_calls_are_gone_with_their_recordings(box: Box) -> None:
    totals = box.ask("SELECT * FROM totals WHERE kind <> 'gone'")
    box.let_go(books=20, archive=False)
    assert not box.archive.exists()
    assert box.files() == set(range(40, CALLS))
    assert box.ask("SELECT * FROM totals WHERE kind <> 'gone'") == totals
    assert box.ledger().balanced


def test_what_leaves_the_books_by_hand_is_named_by_the_ledger(box: Box) -> None:
    box.store._connection.execute("DELETE FROM calls WHERE call = 7")
    assert "totals_differ" in box.ledger().found


def test_calls_go_on_between_the_batches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No transaction of calls that leave the books holds more than a few of them."""
    monkeypatch.setattr(module, "PAUSE_S", 0.0)
    box, sizes, next_call = Box(tmp_path), list[int](), CALLS + 1
    forget = box.store.forget

    def measured(due: archive.Due) -> None:
        sizes.append(len(due.calls))
        forget(due)

    monkeypatch.setattr(box.store, "forget", measured)

    async def both() -> None:
        config = msgspec.convert({"books": {"keep_days": 20}}, BoxConfig)
        going = asyncio.create_task(
            Retention(box.store, box.folder / "store.db", box.archive, box.recordings, config).once(NOW)
        )
        nonlocal next_call
        while not going.done():
            enter(box.store, queue_call(next_call, next_call * DAY_TICKS, timeslot=2), 10_000 * next_call)
            next_call += 1
            await asyncio.sleep(0)
        await going

    asyncio.run(both())
    assert max(sizes) <= module.AT_ONCE
    assert sum(sizes) == 39
    assert next_call > CALLS + 5
    assert box.store.status().waiting == 0
    with closing(box.store.reader()) as connection:
        assert Ledger(connection, rule="none").check().balanced
    box.store.close()
