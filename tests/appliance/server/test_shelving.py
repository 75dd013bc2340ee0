# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings are deleted by age, class and room, and moved to another folder; what cannot be done loses nothing."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from appliance.contract import records as r
from appliance.server import shelving
from appliance.sounds.playable import PlayableFiles
from appliance.store import aged, archive
from appliance.store.reads import Reads
from appliance.store.recordings import read_wav
from appliance.store.shelves import ShelfError, Shelves
from tests.appliance.server.test_retention import CALLS, DAY_MS, NOW, Box

ALL = set(range(1, CALLS))
BYTES = 58 + 2 * 1800 * 160
DELETED = "SELECT recording, deleted_by, deleted_why FROM recordings WHERE deleted IS NOT NULL ORDER BY recording"


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    monkeypatch.setattr(shelving, "PAUSE_S", 0.0)
    made = Box(tmp_path)
    for n, direction in enumerate(("in", "out", "internal")):
        made.store._connection.execute("UPDATE calls SET direction = ? WHERE call % 3 = ?", (direction, n))
    yield made
    made.store.close()


def once(box: Box, recording: dict[str, Any], now: int = NOW, **more: Any) -> list[r.TroubleNoted]:
    """Run the retention once; return the troubles."""
    noted: list[r.TroubleNoted] = []
    asyncio.run(box.retention({"recording": recording, **more}, noted.append).once(now))
    return noted


def younger(days: int, *, modulo: int) -> set[int]:
    """Return the recordings of one direction that are kept for so many days."""
    return {n for n in ALL if n % 3 == modulo and n >= CALLS - days}


def test_each_direction_has_its_own_age(box: Box) -> None:
    once(box, {"keep_days": 50, "keep": {"in_days": 10, "out_days": 30}})
    assert box.files() == younger(10, modulo=0) | younger(30, modulo=1) | younger(50, modulo=2)
    assert {row[1:] for row in box.ask(DELETED)} == {("", "")}
    assert {row[0] for row in box.ask(DELETED)} == ALL - box.files()
    assert box.ledger().balanced
    once(box, {"keep_days": 50, "keep": {"in_days": 10, "out_days": 30}}, NOW + 5 * DAY_MS)
    assert box.files() == younger(5, modulo=0) | younger(25, modulo=1) | younger(45, modulo=2)


def test_a_rule_keeps_its_recordings_for_longer_or_less_long(box: Box) -> None:
    box.store._connection.execute("UPDATE recordings SET rule = 'claims' WHERE recording IN (3, 4, 5)")
    box.store._connection.execute("UPDATE recordings SET rule = 'chat' WHERE recording IN (54, 57)")
    rules = [{"name": "claims", "keep_days": 900}, {"name": "chat", "keep_days": 2, "direction": "in"}]
    once(box, {"keep_days": 31}, recording_rule=rules)
    assert box.files() == {3, 4, 5, *range(CALLS - 31, CALLS)} - {54, 57}


def test_ages_hold_for_archived_calls_too(box: Box) -> None:
    once(box, {"keep_days": 0}, books={"keep_days": 20})
    assert archive.months(box.archive) == ["2026-09", "2026-10"]
    once(box, {"keep_days": 50, "keep": {"in_days": 30}}, books={"keep_days": 20})
    assert box.files() == younger(30, modulo=0) | younger(50, modulo=1) | younger(50, modulo=2)
    assert box.ledger().balanced


def test_the_oldest_go_for_room_but_calls_to_the_outside_of_the_last_thirty_days(box: Box) -> None:
    room = 20 * BYTES // 1_000_000
    noted = once(box, {"keep": {"max_mb": room}})
    kept = len(box.files())
    assert kept * BYTES <= room * 1_000_000 < (kept + 1) * BYTES
    assert box.files() >= younger(30, modulo=1)
    others = sorted(n for n in ALL if n % 3 != 1)
    assert box.files() - younger(30, modulo=1) == set(others[-(kept - 10) :])
    assert {row[1:] for row in box.ask(DELETED)} == {("", "size")}
    assert not noted
    assert box.ledger().balanced


def test_room_that_cannot_be_made_is_a_trouble_once(box: Box) -> None:
    retention, noted = _noting(box, {"recording": {"keep": {"max_mb": 2}}})
    for _ in range(2):
        asyncio.run(retention.once(NOW))
    assert box.files() == younger(30, modulo=1)
    [trouble] = noted
    assert (trouble.kind, trouble.values) == ("recording", {"over": f"{(10 * BYTES - 2_000_000) / 1_000_000:.0f}"})


def test_room_is_made_among_archived_calls_first(box: Box) -> None:
    once(box, {"rule": "all"}, books={"keep_days": 20})
    once(box, {"keep": {"max_mb": 45 * BYTES // 1_000_000}}, books={"keep_days": 20})
    assert box.files() == set(range(CALLS - len(box.files()), CALLS))
    assert 40 < len(box.files()) <= 45
    assert box.ask(DELETED) == []
    with closing(archive.open_month(box.archive, "2026-09")) as month:
        assert set(month.execute("SELECT deleted_why FROM recordings")) == {("size",)}


def _noting(box: Box, document: dict[str, Any]) -> tuple[Any, list[r.TroubleNoted]]:
    noted: list[r.TroubleNoted] = []
    return box.retention(document, noted.append), noted


# --- another folder


@pytest.fixture
def away(tmp_path: Path) -> Path:
    return tmp_path / "nas" / "recordings"


def moving(away: Path, **more: Any) -> dict[str, Any]:
    return {"archive": {"folder": str(away), "after_days": 10, "mounted": False, **more}}


def test_old_recordings_are_moved_and_found_where_they_are(box: Box, away: Path) -> None:
    contents = {path.name: path.read_bytes() for path in box.recordings.rglob("*.wav")}
    assert once(box, moving(away)) == []
    assert box.files() == set(range(CALLS - 10, CALLS))
    assert {int(path.stem) for path in away.rglob("*.wav")} == ALL - box.files()
    rows = Reads(box.store.reader()).recordings(0, 0, "", "", 0, 0.0, 0, 100)
    for row in rows[1:]:
        path = box.recordings / row.path
        assert path.is_relative_to(away) is (row.recording < CALLS - 10)
        assert path.read_bytes() == contents[path.name]
        assert read_wav(path).samples == 1800 * 160
    assert box.ask("SELECT recording FROM cdr WHERE call = 1") == [(f"{away}/2026/1.wav",)]
    assert box.ledger().balanced
    assert [path.name for path in away.rglob(".*")] == []


def test_moved_recordings_are_deleted_for_their_age_and_take_no_room(box: Box, away: Path) -> None:
    once(box, moving(away))
    once(box, {**moving(away), "keep": {"max_mb": 10 * BYTES // 1_000_000 + 1}, "keep_days": 40})
    assert box.files() == set(range(CALLS - 10, CALLS))
    assert {int(path.stem) for path in away.rglob("*.wav")} == set(range(CALLS - 40, CALLS - 10))
    assert box.ledger().balanced


def test_moved_recordings_stay_found_when_their_calls_leave_the_books(box: Box, away: Path) -> None:
    once(box, moving(away), books={"keep_days": 20})
    with closing(archive.open_month(box.archive, "2026-09")) as month:
        [(path,)] = month.execute("SELECT recording FROM cdr WHERE call = 1").fetchall()
    assert Path(path).is_file()
    once(box, {**moving(away), "keep_days": 45}, books={"keep_days": 20})
    assert not Path(path).is_file()
    assert box.ledger().balanced


def test_a_folder_that_is_not_mounted_is_a_trouble_once_and_nothing_moves_or_goes(box: Box, away: Path) -> None:
    once(box, moving(away))
    hidden = away.parent.rename(away.parent.with_name("gone"))
    retention, noted = _noting(box, {"recording": {**moving(away, after_days=5, mounted=True), "keep_days": 40}})
    for _ in range(2):
        asyncio.run(retention.once(NOW))
    assert [each.english for each in noted] == [f"the folder {away} for recordings is not mounted"]
    assert box.files() == set(range(CALLS - 10, CALLS))
    assert box.ask(DELETED) == []
    hidden.rename(away.parent)
    assert once(box, {**moving(away, after_days=5), "keep_days": 40}) == []
    assert box.files() == set(range(CALLS - 5, CALLS))
    assert [row[0] for row in box.ask(DELETED)] == list(range(1, CALLS - 40))


def test_age_counts_for_recordings_that_are_here_while_the_other_folder_is_away(box: Box, away: Path) -> None:
    noted = once(box, {**moving(away, mounted=True), "keep_days": 40})
    assert len(noted) == 1
    assert box.files() == set(range(CALLS - 40, CALLS))


def test_a_copy_that_differs_keeps_the_source(box: Box, away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copyfile = shutil.copyfile

    def spoiled(source: Path, target: Path) -> None:
        copyfile(source, target)
        if source.name == "7.wav":
            with target.open("r+b") as file:
                file.seek(1000)
                file.write(b"x")

    monkeypatch.setattr("appliance.store.shelves.shutil.copyfile", spoiled)
    [trouble] = once(box, moving(away))
    assert trouble.english == f"2026/7.wav differs from its copy in {away}"
    assert box.files() == ALL
    assert not (away / "2026/7.wav").exists()
    monkeypatch.undo()
    assert once(box, moving(away)) == []
    assert box.files() == set(range(CALLS - 10, CALLS))


def test_a_full_disk_there_is_a_trouble_and_the_rest_stays(
    box: Box, away: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_source: Path, _target: Path) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("appliance.store.shelves.shutil.copyfile", full)
    [trouble] = once(box, moving(away))
    assert "No space left" in trouble.english
    assert box.files() == ALL


def test_a_kill_between_copy_and_deletion_leaves_one_file(box: Box, away: Path) -> None:
    once(box, moving(away))
    left = box.recordings / "2026/49.wav"
    left.write_bytes((away / "2026/49.wav").read_bytes())
    once(box, moving(away))
    assert not left.exists()
    (away / "2026/50.wav").write_bytes(b"half a copy")
    once(box, moving(away, after_days=5))
    assert read_wav(away / "2026/50.wav").samples == 1800 * 160


def test_a_recording_whose_folder_is_away_is_not_taken_for_deleted(tmp_path: Path) -> None:
    shelves = Shelves(tmp_path, tmp_path / "nas")
    with pytest.raises(ShelfError, match="is not mounted"):
        shelves.unlink([str(tmp_path / "nas/1.wav")], [str(tmp_path / "nas")])


def test_a_recording_is_played_from_either_folder(box: Box, away: Path) -> None:
    once(box, moving(away))
    shelves = Shelves(box.recordings, away)
    files = PlayableFiles({"recordings": box.recordings, "archive": away})
    with closing(box.store.reader()) as books:
        sounds = {n: shelves.sound(aged.file_of(books, str(n))) for n in (1, 59, 60, 999)}
        assert sounds == {1: "file:archive/2026/1.wav", 59: "file:recordings/2026/59.wav", 60: "", 999: ""}
        assert aged.file_of(books, "9" * 32) == ""
    for sound in (sounds[1], sounds[59]):
        samples = files(sound.removeprefix("file:"))
        assert samples is not None
        assert len(samples) == 1800 * 160
    (away / "2026/1.wav").unlink()
    assert shelves.sound(f"{away}/2026/1.wav") == ""
