# SPDX-License-Identifier: GPL-2.0-or-later
"""Sounds read again while the box runs: the switch plays those a flow was checked with, and no call hears a break."""

import time
import wave
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.errors import ApplianceError
from appliance.contract.switch import AnyEvent, Confirm, Dial, Party, Play, Played, ReadSounds, SoundsRead
from appliance.sounds.kept import kept_dir
from appliance.sounds.pool import SoundPool
from appliance.sounds.setup import make
from appliance.switch.core import Switch
from appliance.switch.journal import Journal
from appliance.switch.lines.station import StationCard
from appliance.switch.rereading import Rereading
from appliance.switch.sound.disk import InlineDisk
from appliance.switch.sound.players import Players
from appliance.switch.sound.recorders import Recorders
from hw_sim.station import StationBank


def write(file: Path, level: int, seconds: float = 1.0) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(np.full(round(8000 * seconds), level, "<i2").tobytes())


class Bench:
    """A switch with one station; work of the reader waits in `work` until the test does it."""

    def __init__(self, folder: Path, kept: Path) -> None:
        self.sounds, self.work = folder / "sounds", list[Callable[[], None]]()
        journal = Journal(None)
        self.bank = StationBank(("1",), "answer; wait 60", keep_audio=True)
        load = partial(SoundPool.load, kept, self.sounds, "cn")
        pool = load()
        disk = InlineDisk(folder)
        self.rereading = Rereading(pool, load, self.work.append)
        cards = [StationCard(self.bank, journal.new_leg)]
        self.switch = Switch(cards, pool, partial(Recorders, disk=disk), journal, rereading=self.rereading)
        self.switch.attach(Confirm(0))
        self.switch.execute(Dial(1, "station:1", "x", Party("100")))
        self.ticks(5)

    def ticks(self, n: int) -> list[AnyEvent]:
        return [envelope.event for _ in range(n) for envelope in self.switch.tick()]

    def missing(self, sound: str) -> tuple[str, ...]:
        """Play a sound; return the names that the switch did not find."""
        self.switch.execute(Play(1, 9, (sound,)))
        return next(event.missing for event in self.ticks(500) if isinstance(event, Played))


@pytest.fixture(scope="module")
def kept() -> Path:
    make(kept_dir())
    return kept_dir()


@pytest.fixture
def bench(tmp_path: Path, kept: Path) -> Bench:
    return Bench(tmp_path, kept)


def test_a_prompt_put_there_while_the_box_runs_is_played_after_sounds_were_read(bench: Bench) -> None:
    write(bench.sounds / "zh/new.wav", 5000)
    assert bench.missing("prompt:zh/new") == ("prompt:zh/new",)
    bench.switch.execute(ReadSounds(7))
    assert bench.ticks(3) == [], "no tick waits for files"
    bench.work.pop()()
    assert bench.ticks(1) == [SoundsRead(7)]
    assert bench.missing("prompt:zh/new") == ()


def test_who_hears_a_prompt_hears_it_to_its_end_though_it_is_replaced(tmp_path: Path, kept: Path) -> None:
    write(tmp_path / "sounds/zh/old.wav", 5000)
    write(tmp_path / "sounds/zh/before.wav", 9000)
    bench = Bench(tmp_path, kept)
    bench.switch.execute(Play(1, 1, ("prompt:zh/old",)))
    bench.ticks(10)
    (tmp_path / "sounds/zh/before.wav").unlink()
    write(tmp_path / "sounds/zh/old.wav", -5000)
    bench.switch.execute(ReadSounds(1))
    bench.ticks(1)
    bench.work.pop()()
    begun = bench.switch.now
    ended = next(n for n in range(60) if any(isinstance(e, Played) for e in bench.ticks(1)))
    assert begun + ended - begun in range(36, 41), "the rest of its second"
    assert np.all(bench.switch._sound.fabric.played[0] >= 0), "nothing of the new one"


def test_what_is_asked_for_while_files_are_read_is_read_once_more(bench: Bench) -> None:
    bench.switch.execute(ReadSounds(1))
    bench.ticks(1)
    bench.switch.execute(ReadSounds(2))
    bench.switch.execute(ReadSounds(3))
    write(bench.sounds / "zh/late.wav", 5000)
    assert len(bench.work) == 1
    bench.work.pop()()
    assert bench.ticks(1) == [SoundsRead(1)]
    bench.work.pop()()
    assert bench.ticks(1) == [SoundsRead(2), SoundsRead(3)]
    assert bench.missing("prompt:zh/late") == ()


def test_a_broken_file_is_told_and_a_pool_that_cannot_be_read_leaves_the_old_one(bench: Bench) -> None:
    (bench.sounds / "zh").mkdir(parents=True)
    (bench.sounds / "zh/welcome.wav").write_bytes(b"no sound")
    bench.switch.execute(ReadSounds(1))
    bench.ticks(1)
    bench.work.pop()()
    (trouble,) = [told for event in bench.ticks(2) if isinstance(event, SoundsRead) for told in event.troubles]
    assert trouble.kind == "sounds"
    assert trouble.values["file"].endswith("zh/welcome.wav")

    def fails(_before: SoundPool | None) -> SoundPool:
        raise ApplianceError("the disk is gone")

    bench.rereading._load = fails
    bench.switch.execute(ReadSounds(2))
    bench.ticks(1)
    bench.work.pop()()
    (answer,) = bench.ticks(2)
    assert isinstance(answer, SoundsRead)
    assert [trouble.values for trouble in answer.troubles] == [{"why": "the disk is gone"}]
    assert bench.missing("prompt:zh/welcome") == ()


def test_files_are_read_on_a_thread_of_their_own(tmp_path: Path, kept: Path) -> None:
    pool = SoundPool.load(kept, None, "cn")
    players, rereading = Players(1, pool), Rereading(pool, partial(SoundPool.load, kept, tmp_path, "cn"))
    write(tmp_path / "zh/new.wav", 5000)
    rereading.ask(ReadSounds(1))
    patience = 2000
    while not rereading.advance(players) and patience:
        patience -= 1
        time.sleep(0.005)
    assert rereading.pool
    assert rereading.pool.find("prompt:zh/new") is not None
