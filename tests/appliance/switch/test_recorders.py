# SPDX-License-Identifier: GPL-2.0-or-later
"""Recorders and the disk's writer: every sample of both tracks, whole at every moment; one bad file harms no other."""

import struct
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import Record, Recorded, Tracks
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


def test_a_pause_is_silence_on_both_tracks_and_costs_no_sample(disk: InlineDisk | ThreadDisk, tmp_path: Path) -> None:
    sound = np.random.default_rng(1).normal(0, 0.1, (100, 2, 160)).astype(np.float32)
    recorders = Recorders(2, disk)
    recorders.start(Record(2, 1, "a.wav"), 0)
    recorders.start(Record(4, 2, "b.wav", "mixed"), 1)
    for tick in range(100):
        if tick in (30, 70):
            recorders.pause(1, paused=tick == 30)
        recorders.advance(sound[tick], sound[tick])
    recorders.pause(7, paused=True)  # it is not there
    recorders.stop(1)
    recorders.stop(2)
    assert {each.samples for each in drain(recorders, 2)} == {16_000}
    expected = sound[:, 0].copy()
    expected[30:70] = 0.0
    for track in tracks(tmp_path / "a.wav"):
        np.testing.assert_array_equal(track, alaw_decode(alaw_encode(expected.ravel())))
    other = alaw_decode(np.frombuffer((tmp_path / "b.wav").read_bytes()[HEADER_BYTES:], np.uint8))
    assert np.abs(other.reshape(100, 160)).max(axis=1).min() > 0.1, "the other recording has sound all the time"


def test_a_place_that_is_used_again_is_not_paused(tmp_path: Path) -> None:
    recorders = Recorders(1, InlineDisk(tmp_path))
    loud = np.full((1, 160), 0.5, np.float32)
    for number in (1, 2):
        recorders.start(Record(2, number, f"{number}.wav"), 0)
        recorders.pause(number, paused=number == 1)
        recorders.advance(loud, loud)
        recorders.stop(number)
    assert abs(tracks(tmp_path / "1.wav")[0]).max() < 0.001
    assert abs(tracks(tmp_path / "2.wav")[0]).min() > 0.4


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


# --- what is recorded, and what ends it -------------------------------------------------------------------------------


def mono(path: Path) -> np.ndarray:
    """The one track of a file, by a reader that shares nothing with the writer but the format."""
    data = path.read_bytes()
    assert struct.unpack_from("<HHIIHH", data, 20) == (6, 1, 8000, 8000, 1, 8)
    assert struct.unpack_from("<I", data, 46)[0] == struct.unpack_from("<I", data, 54)[0] == len(data) - HEADER_BYTES
    return np.asarray(alaw_decode(np.frombuffer(data[HEADER_BYTES:], np.uint8)))


def test_a_leg_is_recorded_as_often_as_wanted_each_time_what_is_wanted_of_it(
    disk: InlineDisk | ThreadDisk, tmp_path: Path
) -> None:
    rng = np.random.default_rng(2)
    said, heard = rng.normal(0, 0.3, (2, 60, 2, 160)).astype(np.float32)
    recorders = Recorders(4, disk)
    wanted: tuple[Tracks, ...] = ("said", "heard", "mixed", "both")
    for number, which in enumerate(wanted, 1):
        recorders.start(Record(2, number, f"{which}.wav", which), 1)
    for tick in range(60):
        recorders.advance(said[tick], heard[tick])
    recorders.stop_leg(2)
    assert drain(recorders, 4) == [Recorded(n, 60 * 160, why="leg") for n in (1, 2, 3, 4)]
    x, y = said[:, 1].ravel(), heard[:, 1].ravel()
    for which, sound in (("said", x), ("heard", y), ("mixed", np.clip(x + y, -1, 1))):
        np.testing.assert_array_equal(mono(tmp_path / f"{which}.wav"), alaw_decode(alaw_encode(sound)))
    np.testing.assert_array_equal(tracks(tmp_path / "both.wav")[0], alaw_decode(alaw_encode(x)))


def test_recordings_end_by_key_silence_and_longest_time_and_say_so(disk: InlineDisk | ThreadDisk) -> None:
    recorders = Recorders(8, disk)
    recorders.start(Record(2, 1, "key.wav", "said", end_keys="#*"), 0)
    recorders.start(Record(2, 2, "silence.wav", "said", silence_s=0.5), 0)
    recorders.start(Record(2, 3, "longest.wav", "said", longest_s=1.0, silence_s=5.0), 0)
    recorders.start(Record(4, 4, "other.wav", "said", end_keys="#", silence_s=0.5, longest_s=9.0), 1)
    recorders.start(Record(2, 5, "all.wav"), 0)
    sound = np.zeros((2, 160), np.float32)
    for tick in range(90):
        if tick == 5:
            recorders.pressed(2, "1")
            recorders.pressed(2, "*")
        recorders.advance(sound, sound, np.array([tick < 10, True]))
    recorders.stop(5)
    recorders.stop(4)
    assert drain(recorders, 5) == [
        Recorded(1, 5 * 160, why="key"),
        Recorded(2, 35 * 160, why="silence"),
        Recorded(3, 50 * 160, why="longest"),
        Recorded(4, 90 * 160, why="stopped"),
        Recorded(5, 90 * 160, why="stopped"),
    ]


def test_a_slot_that_is_taken_again_knows_nothing_of_the_recording_before(disk: InlineDisk | ThreadDisk) -> None:
    recorders = Recorders(1, disk)
    sound = np.zeros((1, 160), np.float32)
    recorders.start(Record(2, 1, "first.wav", "mixed", longest_s=0.1, silence_s=0.1), 0)
    for _tick in range(5):
        recorders.advance(sound, sound, np.array([False]))
    recorders.start(Record(2, 2, "second.wav"), 0)
    for _tick in range(100):
        recorders.advance(sound, sound, np.array([False]))
    recorders.stop(2)
    assert drain(recorders, 2) == [Recorded(1, 5 * 160, why="longest"), Recorded(2, 100 * 160)]
