# SPDX-License-Identifier: GPL-2.0-or-later
"""The journal: unconfirmed events come again, open legs are closed, numbers are never used twice."""

import errno
import os
from pathlib import Path

import pytest

from appliance.contract.switch import Answered, Cleared, Incoming, Party, Recorded, Seized
from appliance.store.recordings import Wav, read_wav
from appliance.switch.journal import MARGIN, Journal
from appliance.switch.sound.wav import HEADER_BYTES, header


def test_unconfirmed_events_come_again_and_open_legs_and_recordings_are_closed(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    (tmp_path / "r.wav").write_bytes(header(0) + bytes(1001))
    first = Journal(path, tmp_path)
    leg = first.new_leg()
    first.event(Incoming(leg, "pri:carrier", "96900"), 10)
    first.confirm(1)
    first.dialled(7)
    first.recording(3, "r.wav")
    kept = first.event(Seized(7, 1, 5), 11)
    first.flush(11)  # and then the process is killed: no close

    second = Journal(path, tmp_path)
    replay, *closing = second.pending
    assert replay == kept
    assert [envelope.event for envelope in closing] == [
        Recorded(3, 500, "interrupted", "leg"),
        Cleared(leg, 41),
        Cleared(7, 41),
    ]
    assert [envelope.seq for envelope in closing] == [kept.seq + MARGIN + n for n in (1, 2, 3)]
    assert second.start_tick == 11
    assert second.new_leg() > leg
    assert (tmp_path / "r.wav").read_bytes()[:HEADER_BYTES] == header(500)
    third = Journal(path, tmp_path)
    assert [envelope.event for envelope in third.pending] == [envelope.event for envelope in second.pending]


def test_what_is_closed_and_confirmed_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    for n in range(20_000):
        leg = journal.new_leg()
        journal.event(Incoming(leg, "pri:carrier", "96900"), n)
        journal.event(Cleared(leg, 16), n)
        journal.confirm(journal.seq)
        journal.flush(n)
    again = Journal(path)
    assert again.pending == ()
    assert again.seq >= 40_000
    assert path.stat().st_size < 20 << 20


def test_a_torn_or_scrambled_end_is_where_reading_stops(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    for n in range(1, 4):
        journal.event(Answered(2 * n + 1), n)
        journal.flush(n)
    data = path.read_bytes()
    end = len(data.rstrip(b"\0"))
    for cut in range(end):
        torn = tmp_path / "torn"
        torn.write_bytes(data[:cut] + b"\xff" * 40)
        again = Journal(torn)
        assert [e.event for e in again.pending] == [Answered(2 * n + 1) for n in (1, 2, 3)][: len(again.pending)]


def test_a_store_that_knows_more_lifts_the_numbering() -> None:
    journal = Journal(None)
    journal.confirm(900)
    assert journal.event(Answered(1), 1).seq == 901


def test_what_was_open_ends_when_the_switch_died_not_when_it_last_spoke(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    leg = journal.new_leg()
    journal.event(Incoming(leg, "pri:carrier", "96900"), 10)
    for tick in range(10, 5000):
        journal.flush(tick)
    again = Journal(tmp_path / "journal")
    assert 4950 < again.pending[-1].tick < 5000


def test_a_text_that_nothing_decoded_is_kept_with_letters_replaced(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.event(Incoming(2, "trunk:t", "96902", Party("13800001111", "\udcc0\udcee")), 1)
    journal.flush(1)
    assert Journal(path).pending[0].event == Incoming(2, "trunk:t", "96902", Party("13800001111", "\ufffd\ufffd"))


def fill(journal: Journal, tick: int) -> int:
    """Write events until the file is begun anew; return the tick."""
    before = journal._fd
    while journal._fd == before:
        tick += 1
        journal.confirm(journal.event(Seized(1, 1, 5), tick).seq - 3)
        journal.flush(tick)
    return tick


def test_a_disk_that_is_full_when_the_file_is_does_not_stop_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, intact = tmp_path / "journal", os.posix_fallocate
    journal = Journal(path)

    def full(_fd: int, _at: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    tick = fill(journal, 0)
    monkeypatch.setattr(os, "posix_fallocate", full)
    tick = fill(journal, tick)
    monkeypatch.setattr(os, "posix_fallocate", intact)
    tick = fill(journal, tick)  # there is room again
    open_now = [envelope.seq for envelope in journal.pending]
    journal.close()
    assert [envelope.seq for envelope in Journal(path).pending] == open_now


def test_a_disk_that_is_full_at_the_start_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_fd: int, _at: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    with pytest.raises(OSError, match=r"journal\.new") as caught:
        Journal(tmp_path / "journal")
    assert caught.value.errno == errno.ENOSPC


def test_an_interrupted_recording_of_one_track_keeps_all_its_samples(tmp_path: Path) -> None:
    (tmp_path / "r.wav").write_bytes(header(0, 1) + bytes(1001))
    first = Journal(tmp_path / "journal", tmp_path)
    first.recording(3, "r.wav")
    first.flush(1)
    assert [each.event for each in Journal(tmp_path / "journal", tmp_path).pending] == [
        Recorded(3, 1001, "interrupted", "leg")
    ]
    assert (tmp_path / "r.wav").read_bytes()[:HEADER_BYTES] == header(1001, 1)
    assert read_wav(tmp_path / "r.wav") == Wav(HEADER_BYTES, 1001, 1)
