# SPDX-License-Identifier: GPL-2.0-or-later
"""Files beside the pool: read beside the tick, played like any other sound, and none outside their folders."""

import threading
import wave
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import Clear, Play, Played, Record, StopRecord
from appliance.sounds.playable import PlayableFiles
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.station import StationCard
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.file_reader import FileReader
from appliance.switch.sound.players import Players
from appliance.switch.sound.recorders import Recorders
from appliance.switch.sound.wav import header
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import level_dbm0
from tests.appliance.switch.test_core import Bench, TonePool
from tests.appliance.switch.test_players import NumberedPool

FILE = np.arange(-20_000, -20_000 + 1234, dtype=np.int16)


def at_once(work: Callable[[], None]) -> None:
    work()


def read(name: str) -> np.ndarray | None:
    return {"sounds/a.wav": FILE, "sounds/b.wav": FILE[::-1]}.get(name)


def played(players: Players, ticks: int) -> tuple[np.ndarray, list[Played]]:
    sound, ended = np.zeros((2, 160), np.float32), []
    heard = []
    for _tick in range(ticks):
        ended += players.advance(sound)
        heard.append(np.rint(sound[0] * 32768).astype(np.int16))
    return np.concatenate(heard), ended


def test_files_and_pool_follow_each_other_to_the_sample() -> None:
    players = Players(2, NumberedPool(), FileReader(read, at_once))
    sounds = ("s:100:333", "file:sounds/a.wav", "silence:7", "file:sounds/b.wav", "s:5:1", "file:sounds/a.wav")
    players.play(0, Play(0, 4, sounds))
    heard, ended = played(players, 40)
    pool = NumberedPool.samples
    wanted = np.concatenate([pool[100:433], FILE, np.zeros(56), FILE[::-1], pool[5:6], FILE])
    np.testing.assert_array_equal(heard[: len(wanted)], wanted)
    assert not heard[len(wanted) :].any()
    assert ended == [Played(0, 4)]


def test_a_loop_of_a_file_goes_round() -> None:
    players = Players(2, NumberedPool(), FileReader(read, at_once))
    players.play(0, Play(0, 4, ("file:sounds/a.wav",), loop=True))
    heard, ended = played(players, 40)
    np.testing.assert_array_equal(heard, np.tile(FILE, 6)[: 40 * 160])
    assert not ended


def test_what_cannot_be_played_is_named_at_the_end() -> None:
    players = Players(2, NumberedPool(), FileReader(read, at_once))
    players.play(0, Play(0, 4, ("file:sounds/none.wav", "file:sounds/a.wav")))
    assert played(players, 10)[1] == [Played(0, 4, ("file:sounds/none.wav",))]


def test_a_slow_disk_delays_the_list_and_not_the_tick() -> None:
    gate = threading.Event()

    def slowly(name: str) -> np.ndarray | None:
        assert gate.wait(10)
        return read(name)

    reader = FileReader(slowly)
    players = Players(2, NumberedPool(), reader)
    players.play(0, Play(0, 1, ("s:1:800",)))
    players.play(0, Play(0, 2, ("file:sounds/a.wav",)))
    heard, ended = played(players, 20)
    assert not heard.any(), "what was there is stopped, and nothing heard until the file is there"
    assert not ended
    gate.set()
    while not ended:
        heard, ended = played(players, 20)
    assert ended == [Played(0, 2)]


def test_a_list_that_was_replaced_while_its_file_was_read_is_not_heard() -> None:
    works: list[Callable[[], None]] = []
    players = Players(2, NumberedPool(), FileReader(read, works.append))
    players.play(0, Play(0, 1, ("file:sounds/a.wav",)))
    players.play(0, Play(0, 2, ("file:sounds/b.wav",)))
    players.play(1, Play(2, 3, ("file:sounds/a.wav",)))
    players.stop(1)
    for work in works:
        work()
    heard, ended = played(players, 20)
    np.testing.assert_array_equal(heard[: len(FILE)], FILE[::-1])
    assert ended == [Played(0, 2)]


# --- what may be read -------------------------------------------------------------------------------------------------


def write_pcm(file: Path, samples: np.ndarray, rate: int = 8000) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(samples.astype("<i2").tobytes())


@pytest.mark.parametrize("tracks", [1, 2])
def test_a_recording_is_heard_whole_and_both_parties_of_it(tmp_path: Path, tracks: int) -> None:
    said = np.random.default_rng(1).normal(0, 0.1, (500, tracks)).astype(np.float32)
    octets = alaw_encode(said)
    (tmp_path / "r.wav").write_bytes(header(500, tracks) + octets.tobytes() + bytes(tracks - 1))
    found = PlayableFiles({"recordings": tmp_path})("recordings/r.wav")
    assert found is not None
    np.testing.assert_array_equal(found, np.rint(alaw_decode(octets).sum(axis=1) * 32768))


def test_an_owners_file_of_any_rate_is_played_as_it_is_now(tmp_path: Path) -> None:
    files = PlayableFiles({"sounds": tmp_path})
    write_pcm(tmp_path / "zh/new.wav", np.full(1600, 1000), 16000)
    found = files("sounds/zh/new.wav")
    assert found is not None
    assert len(found) == 800
    write_pcm(tmp_path / "zh/new.wav", np.full(80, 1000))
    again = files("sounds/zh/new.wav")
    assert again is not None
    assert len(again) == 80


@pytest.mark.parametrize(
    "name",
    ["", "sounds", "sounds/../secret.wav", "sounds//etc/passwd", "sounds/link.wav", "sounds/zh", "sounds/a\0b",
     "other/a.wav", "sounds/broken.wav", "sounds/empty.wav", "sounds/" + "x" * 300, "sounds/fifo", "sounds/\ud800.wav"],
)  # fmt: skip
def test_nothing_else_is_read(tmp_path: Path, name: str) -> None:
    home = tmp_path / "sounds"
    write_pcm(tmp_path / "secret.wav", np.ones(8))
    (home / "zh").mkdir(parents=True)
    (home / "link.wav").symlink_to(tmp_path / "secret.wav")
    (home / "broken.wav").write_bytes(b"RIFF" + bytes(70))
    (home / "empty.wav").touch()
    import os

    os.mkfifo(home / "fifo")
    reader = FileReader(PlayableFiles({"sounds": home}), at_once)
    order = Play(0, 1, (f"file:{name}",))
    reader.ask(0, order)
    assert [arrived.files for arrived in reader.arrived()] == [{}]


def test_what_was_recorded_is_played_to_another_leg_of_the_switch(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "answer; speak noise -20 2; wait 60")
    journal = Journal(None)
    card = StationCard(bench.bank, journal.new_leg)
    reader = FileReader(PlayableFiles({"recordings": tmp_path}), at_once)
    recorders = partial(Recorders, disk=InlineDisk(tmp_path))
    bench.switch = Switch([card], TonePool(), recorders, journal, reader=reader)
    bench.talk(1)
    bench.switch.execute(Record(1, 5, "message.wav", "said"))
    bench.ticks(50)
    bench.switch.execute(StopRecord(5))
    bench.ticks(60)
    bench.talk(3)
    bench.switch.execute(Play(3, 7, ("file:recordings/message.wav", "file:recordings/none.wav")))
    assert bench.ticks(60) == [Played(3, 7, ("file:recordings/none.wav",))]
    bench.switch.execute(Clear(3))
    bench.ticks(2)
    heard = bench.bank.records[1].heard
    assert heard is not None
    sound = alaw_decode(np.frombuffer(heard, np.uint8))
    assert max(level_dbm0(sound[at : at + 1600]) for at in range(0, len(sound) - 1600, 160)) == pytest.approx(
        -20, abs=2
    )
