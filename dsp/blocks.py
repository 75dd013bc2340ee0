# SPDX-License-Identifier: GPL-2.0-or-later
"""The unit of every detector: one tick of all rows, and the cutting of sound of any length into ticks.

A detector is written for whole ticks (`hear`), the unit of the switch. `feed` takes blocks of any length and cuts them,
here for all detectors alike, so that the cuts of a signal make no difference to the result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import Final, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dsp.errors import ShapeError
from dsp.levels import TICK_SAMPLES, Float

HOP: Final = TICK_SAMPLES // 2
"""Samples in half a tick (10 ms)."""
A_SAMPLE: Final = np.float32(1 / TICK_SAMPLES)
"""Factor from a tick's sum of squares to its mean square."""
_MAX_ENERGY: Final = np.float32(1e30)  # energy below which squares of sums are still finite
Rows = NDArray[np.intp]
Event = TypeVar("Event")


class Tick(NamedTuple):
    """20 ms of all rows, made by `tick_of`: all values and their squares are finite numbers."""

    x: Float  # [rows, 160]
    energy: Float  # [rows], sum of squares
    heard: Rows  # [heard rows], ascending: the others are silent, and a detector may forget their state
    sound: Float  # [heard rows, 160], a copy of those rows

    @property
    def power(self) -> Float:
        """Mean square of each row [rows]."""
        return self.energy * A_SAMPLE


def tick_of(x: Float, rows: int, heard: Rows | None = None) -> Tick:
    """Return `x` [rows, 160] as a tick.

    Values that a line cannot send (NaN, infinity) make their row silent for this tick.

    With `heard` [rows that are heard], ascending, the others have to be silent, and cost nothing. Pass the same array
    for as long as it is the same rows: on another array a detector searches for the rows that are new. Raises
    ShapeError.
    """
    if x.shape != (rows, TICK_SAMPLES):
        raise ShapeError(f"[{rows}, {TICK_SAMPLES}]", x.shape)
    heard = every_row(rows) if heard is None else heard
    all_are = len(heard) == rows
    sound: Float = x.copy() if all_are else x.take(heard, axis=0)
    with np.errstate(over="ignore"):
        energies = np.vecdot(sound, sound)
        plausible = np.add.reduce(energies) < _MAX_ENERGY
    if not plausible:
        wrong = ~(energies < _MAX_ENERGY / max(rows, 1))
        x = x.copy()
        x[heard[wrong]] = sound[wrong] = energies[wrong] = 0
    energy = energies
    if not all_are:
        energy = np.zeros(rows, np.float32)
        energy[heard] = energies
    return Tick(x, energy, heard, sound)


@cache
def every_row(rows: int) -> Rows:
    """Return the rows 0 to `rows` - 1, always the same array, not to be changed."""
    numbers = np.arange(rows)
    numbers.flags.writeable = False
    return numbers


class Blocks:
    """Cutter of blocks of any length into ticks; the rest is kept for the next block."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._rest = np.zeros((rows, 0), np.float32)

    def cut(self, x: Float) -> list[Tick]:
        """Return the ticks that `x` [rows, any number of samples] completes. Raises ShapeError."""
        if x.ndim != 2 or x.shape[0] != self.rows:
            raise ShapeError(f"[{self.rows}, samples]", x.shape)
        if x.shape[1] == TICK_SAMPLES and not self._rest.shape[1]:  # nearly always
            return [tick_of(x, self.rows)]
        x = np.concatenate([self._rest, x], axis=1)
        whole = x.shape[1] - x.shape[1] % TICK_SAMPLES
        self._rest = x[:, whole:]
        return [tick_of(x[:, at : at + TICK_SAMPLES], self.rows) for at in range(0, whole, TICK_SAMPLES)]


class Detector(ABC, Generic[Event]):
    """Base of detectors: ticks of `rows` rows in, events out."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._blocks = Blocks(rows)

    def feed(self, x: Float) -> list[Event]:
        """Analyse `x`, float32 [rows, any number of samples]; return the events, in order. Raises ShapeError.

        All rows go on together: samples that do not complete a tick wait for the next call.
        """
        ticks = self._blocks.cut(x)
        if len(ticks) == 1:
            return self.hear(ticks[0])
        return [event for tick in ticks for event in self.hear(tick)]

    @abstractmethod
    def hear(self, tick: Tick) -> list[Event]:
        """Analyse one tick; return its events, in order."""
