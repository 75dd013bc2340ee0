# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorders and the disk's writer: every sample of both tracks, whole at every moment; one bad file harms no other."""

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import Record, Recorded
from appliance.switch.sound.disk import InlineDisk, ThreadDisk
from appliance.switch.sound.recorders import Recorders
from appliance.switch.sound.wav import HEADER_BYTES
from dsp.g711 import alaw_decode, alaw_encode


def tracks(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Left and right as float32, by a reader that shares nothing with the writer but the format."""
    data = path.read_bytes()
    assert data[:4] == b"RIFF"
    assert data[8:16] == b"WAVEfmt "
    tag, channels, rate = struct.unpack_from("<HHI", data, 20)
    assert (tag, channels, rate) == (6, 2, 8000)
    (size,) = struct.unpack_from("<I", data, 54)
    assert size == len(data) - HEADER_BYTES
    assert struct.unpack_from("<I", data, 4)[0] == len(data) - 8
    assert struct.unpack_from("<I", data, 46)[0] == size // 2
    pairs = alaw_decode(np.frombuffer(data[HEADER_BYTES:], np.uint8)).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


@pytest.fixture(params=["inline", "thread"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[InlineDisk | ThreadDisk]:
    made = InlineDisk(tmp_path) if request.param == "inline" else ThreadDisk(tmp_path, state=tmp_path)
    yield made
    made.close()


def drain(recorders: Recorders, count: int) -> list[Recorded]:
    done: list[Recorded] = []
    deadline = time.monotonic() + 10
    while len(done) < count and time.monotonic() < deadline:
        done += recorders.finished()
    return sorted(done, key=lambda r: r.recording)


def test_both_tracks_hold_every_sample_whatever_the_start_and_length(
    disk: InlineDisk | ThreadDisk, tmp_path: Path
) -> None:
    rng = np.random.default_rng(1)
    rows, ticks = 4, 140
    said = rng.normal(0, 0.1, (ticks, rows, 160)).astype(np.float32)
    heard = rng.normal(0, 0.1, (ticks, rows, 160)).astype(np.float32)
    spans = {1: (0, 0, 140), 2: (3, 10, 35), 3: (1, 17, 18), 4: (2, 40, 115), 5: (0, 50, 125)}  # row, first, last + 1
    recorders = Recorders(8, disk)
    for tick in range(ticks):
        for number, (row, first, last) in spans.items():
            if tick == first:
                recorders.start(Record(row * 2, number, f"a/{number}.wav"), row)
            if tick == last:
                recorders.stop(number)
        recorders.advance(said[tick], heard[tick])
    recorders.stop(1)
    done = drain(recorders, 5)
    assert done == [Recorded(n, (last - first) * 160) for n, (_, first, last) in spans.items()]
    for number, (row, first, last) in spans.items():
        left, right = tracks(tmp_path / f"a/{number}.wav")
        np.testing.assert_array_equal(left, alaw_decode(alaw_encode(said[first:last, row].ravel())))
        np.testing.assert_array_equal(right, alaw_decode(alaw_encode(heard[first:last, row].ravel())))


def test_a_file_is_whole_while_it_grows_and_lacks_at_most_half_a_second(tmp_path: Path) -> None:
    recorders = Recorders(1, InlineDisk(tmp_path))
    recorders.start(Record(2, 1, "x.wav"), 0)
    silence = np.zeros((1, 160), np.float32)
    for tick in range(1, 200):
        recorders.advance(silence, silence)
        left, _ = tracks(tmp_path / "x.wav")
        assert tick * 160 - len(left) < 25 * 160


def test_a_path_out_of_the_folder_or_a_name_taken_ends_that_recording_only(
    disk: InlineDisk | ThreadDisk, tmp_path: Path
) -> None:
    (tmp_path / "taken.wav").write_bytes(b"precious")
    recorders = Recorders(4, disk)
    recorders.start(Record(2, 1, "../evil.wav"), 0)
    recorders.start(Record(2, 2, "taken.wav"), 0)
    recorders.start(Record(2, 3, "good.wav"), 0)
    silence = np.zeros((1, 160), np.float32)
    for _ in range(60):
        recorders.advance(silence, silence)
    recorders.stop(3)
    evil, taken, good = drain(recorders, 3)
    assert "folder" in evil.error
    assert "exists" in taken.error
    assert good == Recorded(3, 60 * 160)
    assert (tmp_path / "taken.wav").read_bytes() == b"precious"
    assert not (tmp_path.parent / "evil.wav").exists()


def test_too_little_space_refuses_a_new_recording_with_the_remedy(tmp_path: Path) -> None:
    recorders = Recorders(2, InlineDisk(tmp_path, min_free_bytes=1 << 60))
    recorders.start(Record(2, 1, "x.wav"), 0)
    (refused,) = recorders.finished()
    assert refused.samples == 0
    assert "min_free_mb" in refused.error


def test_a_disk_that_fills_ends_the_recording_with_what_it_has_and_gives_the_slot_back(tmp_path: Path) -> None:
    import resource
    import signal

    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    recorders = Recorders(1, InlineDisk(tmp_path))
    silence = np.zeros((1, 160), np.float32)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, old[1]))
        recorders.start(Record(2, 1, "full.wav"), 0)
        done: list[Recorded] = []
        for _ in range(200):
            recorders.advance(silence, silence)
            done += recorders.finished()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    (failed,) = done
    assert failed.error == "File too large"
    assert failed.samples > 0
    recorders.start(Record(2, 2, "next.wav"), 0)
    recorders.advance(silence, silence)
    recorders.stop(2)
    assert recorders.finished() == [Recorded(2, 160)]


def test_more_recordings_than_slots_end_with_a_word(tmp_path: Path) -> None:
    recorders = Recorders(1, InlineDisk(tmp_path))
    recorders.start(Record(2, 1, "a.wav"), 0)
    recorders.start(Record(4, 2, "b.wav"), 0)
    (refused,) = recorders.finished()
    assert refused.recording == 2
    assert "too many" in refused.error
