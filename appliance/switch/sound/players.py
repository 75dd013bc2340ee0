# SPDX-License-Identifier: GPL-2.0-or-later
"""Players: one for every row of the fabric, all advanced by one gather from the sound pool.

Files beside the pool are read by a `FileReader`; their rows, which are few, are copied one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from appliance.contract.switch import Play, Played
from appliance.switch.sound.fabric import Sound
from appliance.switch.sound.file_reader import SCHEME, FileReader
from drivers.span import TICK_SAMPLES

SAMPLES_PER_MS = 8
INT16_SCALE = np.float32(1 / 32768)


class Pool(Protocol):
    """The sounds and their places: `appliance.sounds.pool.SoundPool`."""

    @property
    def samples(self) -> NDArray[np.int16]:
        """All sounds, one after the other, 8 kHz."""
        ...

    def find(self, sound: str) -> tuple[int, int] | None:
        """Return offset and length of a sound; None when there is none of that name."""
        ...


@dataclass(frozen=True)
class Stretch:
    """A sound resolved: `offset` into the pool, or silence where it is negative; `length` in samples."""

    offset: int
    length: int
    file: NDArray[np.int16] | None = None  # the samples that `offset` is in, in place of the pool


@dataclass
class _List:
    """The play list of one row."""

    order: Play
    stretches: list[Stretch]
    missing: tuple[str, ...]
    at: int = 0


class Players:
    """A position in the pool for every row. Rows without a play list are silent and cost nothing."""

    def __init__(self, rows: int, pool: Pool, reader: FileReader | None = None) -> None:
        self._pool = pool
        self._reader = reader
        self._waiting: dict[int, Play] = {}  # for their files
        self._files: dict[int, tuple[NDArray[np.int16], int]] = {}  # the file that a row is in, and the place there
        self._samples = np.asarray(pool.samples)
        self._lists: dict[int, _List] = {}
        self._position = np.full(rows, -1, np.int64)
        self._left = np.zeros(rows, np.int64)
        self._sounding = np.zeros(0, np.int64)  # rows that take samples from the pool
        self._step = np.arange(TICK_SAMPLES)
        self._changed = False

    def use(self, pool: Pool) -> None:
        """Play from another pool from now on, which holds all of the one before at the same places."""
        self._pool = pool
        self._samples = np.asarray(pool.samples)

    def play(self, row: int, order: Play) -> None:
        """Begin a list on a row, in place of the one before, at once or when its files are read."""
        if self._reader is not None and any(sound.startswith(SCHEME) for sound in order.sounds):
            self.stop(row)
            self._waiting[row] = order
            self._reader.ask(row, order)
        else:
            self._waiting.pop(row, None)
            self._begin(row, order, {})

    def _begin(self, row: int, order: Play, files: Mapping[str, NDArray[np.int16]]) -> None:
        stretches, missing = self._resolve(order.sounds, files)
        if not any(s.length for s in stretches):
            stretches = [Stretch(-1, TICK_SAMPLES)]  # a list of nothing still ends, or loops, in box time
        self._lists[row] = _List(order, stretches, missing)
        self._enter(row, stretches[0])

    def stop(self, row: int) -> None:
        """Silence a row; no `Played` comes for its list."""
        self._waiting.pop(row, None)
        if self._lists.pop(row, None) is not None:
            self._files.pop(row, None)
            self._position[row] = -1
            self._changed = True

    def playing(self, row: int) -> Play | None:
        """Return the list that is played on a row."""
        found = self._lists.get(row)
        return found.order if found else None

    def advance(self, sound: Sound) -> list[Played]:
        """Fill `sound` [rows, 160] with the next tick of every player; report the lists that ended."""
        for row, order, files in self._reader.arrived() if self._waiting and self._reader else ():
            if self._waiting.get(row) is order:
                del self._waiting[row]
                self._begin(row, order, files)
        if self._changed:
            self._regroup(sound)
        if not self._lists:
            return []
        rows = self._sounding
        index = self._position[rows, None] + self._step
        sound[rows] = self._samples.take(index, mode="clip") * INT16_SCALE
        self._position[rows] += TICK_SAMPLES
        for row, (file, at) in self._files.items():
            part = file[at : at + TICK_SAMPLES]
            sound[row, : len(part)] = part * INT16_SCALE
            self._files[row] = file, at + TICK_SAMPLES
        busy = np.fromiter(self._lists, np.int64, len(self._lists))
        self._left[busy] -= TICK_SAMPLES
        return [played for row in busy[self._left[busy] <= 0].tolist() if (played := self._turn(row, sound[row]))]

    def _turn(self, row: int, tail: Sound) -> Played | None:
        """Go on with the list's next sound, to the very sample, as one ran out within this tick."""
        playing = self._lists[row]
        filled = TICK_SAMPLES + int(self._left[row])
        tail[filled:] = 0.0
        while filled <= TICK_SAMPLES:
            playing.at += 1
            if playing.at == len(playing.stretches):
                if not playing.order.loop:
                    self.stop(row)
                    return Played(playing.order.leg, playing.order.play, playing.missing)
                playing.at = 0
            stretch = playing.stretches[playing.at]
            part = min(stretch.length, TICK_SAMPLES - filled)
            if stretch.offset >= 0 and part:
                source = (self._samples if stretch.file is None else stretch.file)[
                    stretch.offset : stretch.offset + part
                ]
                tail[filled : filled + part] = source * INT16_SCALE
            self._enter(row, stretch, skip=part)
            filled += part
            if part < stretch.length or filled == TICK_SAMPLES:
                break
        return None

    def _enter(self, row: int, stretch: Stretch, skip: int = 0) -> None:
        self._position[row] = stretch.offset + skip if stretch.offset >= 0 and stretch.file is None else -1
        self._files.pop(row, None)
        if stretch.file is not None:
            self._files[row] = stretch.file, stretch.offset + skip
        self._left[row] = stretch.length - skip
        self._changed = True

    def _regroup(self, sound: Sound) -> None:
        sounding = np.flatnonzero(self._position >= 0)
        silent = np.ones(len(self._position), np.bool_)
        silent[sounding] = False
        sound[silent] = 0.0
        self._sounding = sounding
        self._changed = False

    def _resolve(
        self, sounds: Sequence[str], files: Mapping[str, NDArray[np.int16]]
    ) -> tuple[list[Stretch], tuple[str, ...]]:
        stretches, missing = [], []
        for sound in sounds:
            kind, _, name = sound.partition(":")
            if kind == "silence" and name.isdecimal():
                stretches.append(Stretch(-1, int(name) * SAMPLES_PER_MS))
            elif (file := files.get(sound)) is not None:
                stretches.append(Stretch(0, len(file), file))
            elif not sound.startswith(SCHEME) and (found := self._pool.find(sound)):
                stretches.append(Stretch(*found))
            else:
                missing.append(sound)
        return stretches, tuple(missing)
