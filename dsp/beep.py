# SPDX-License-Identifier: GPL-2.0-or-later
"""The beep of an answering machine: one steady frequency for a fraction of a second, in all rows at once.

A sine obeys x[n] + x[n-2] = 2 cos(w) x[n-1]: the best factor gives the frequency, and the power left over separates a
sine from any other sound. That is two sums a row, and no list of frequencies. Machines that beep with two tones are not
detected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import Detector, Rows, Tick
from dsp.levels import SAMPLE_RATE, TICK_SAMPLES, Float, amplitude, power_dbm0

TICK_S: Final = TICK_SAMPLES / SAMPLE_RATE
_LOUD: Final = np.float32(amplitude(-33.0) ** 2 / 2)
_LEFT_OVER: Final = np.float32(0.02)  # share of x[n] + x[n-2] that no sine explains; vowels leave much more
_LOWEST_HZ, _HIGHEST_HZ = 350.0, 2600.0
_STEADY: Final = 0.01  # share by which the frequency may wander from one tick to the next
_TICKS: Final = (8, 150)  # 0.16 s, longer than a vowel stays pure, to 3 s; longer is a line's tone
_LONE_TICKS: Final = 1  # a beep's first and last tick are cut


@dataclass(frozen=True, slots=True)
class Beep:
    """A beep that has ended in `row`: frequency, length to a tick, level."""

    row: int
    hz: float
    length_s: float
    level_dbm0: float


class BeepDetector(Detector[Beep]):
    """Beeps in `rows` rows, reported in the tick after they end."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self._all = np.arange(rows)
        self.pure = np.zeros(rows, bool)
        """Whether each row's tick is one frequency only; it may be too short, or become too long, for a beep."""
        self._ticks = np.zeros(rows, np.intp)
        self._cosine = np.zeros(rows, np.float32)
        self._power = np.zeros(rows, np.float32)

    def hear(self, tick: Tick, rows: Rows | None = None) -> list[Beep]:
        """Analyse one tick; return the beeps that ended. With `rows` the others stay as they were, and cost nothing."""
        rows = self._all if rows is None else rows
        x, power, ticks, cosine_was = tick.x[rows], tick.power[rows], self._ticks[rows], self._cosine[rows]
        cosine, left_over = _sine(x)
        hz, before = _frequency(cosine), _frequency(cosine_was)
        pure = (power > _LOUD) & (left_over < _LEFT_OVER) & (hz > _LOWEST_HZ) & (hz < _HIGHEST_HZ)
        goes_on = pure & ((ticks == 0) | (np.abs(hz - before) < _STEADY * before))
        ended = np.flatnonzero(~goes_on & (ticks >= _TICKS[0]) & (ticks <= _TICKS[1]))
        beeps = [self._beep(int(rows[c]), float(before[c])) for c in ended.tolist()]
        self._ticks[rows] = np.where(goes_on, ticks + 1, 0)
        self._cosine[rows] = np.where(goes_on, cosine, 0)
        self._power[rows] = np.where(goes_on, power, 0)
        self.pure[rows] = pure
        return beeps

    def reset(self, row: int) -> None:
        """Forget all sound of `row`."""
        self._ticks[row], self.pure[row] = 0, False

    def _beep(self, row: int, hz: float) -> Beep:
        length = (int(self._ticks[row]) + _LONE_TICKS) * TICK_S
        return Beep(row, hz, length, float(power_dbm0(self._power[row])))


def _sine(x: Float) -> tuple[Float, Float]:
    """Return cos(w) of the sine that fits each row best, and the share of power that it leaves over [rows]."""
    middle, sides = x[:, 1:-1], x[:, 2:] + x[:, :-2]
    across = np.einsum("ij,ij->i", middle, sides)
    of_middle = np.einsum("ij,ij->i", middle, middle) + np.float32(1e-12)
    of_sides = np.einsum("ij,ij->i", sides, sides) + np.float32(1e-12)
    left = of_sides - across * across / of_middle
    # Beside the larger of the two, as at 2 kHz the sides of a sine cancel each other.
    share = left / np.maximum(of_sides, of_middle)
    return np.asarray(np.clip(across / of_middle / 2, -1, 1), np.float32), np.asarray(share, np.float32)


def _frequency(cosine: Float) -> NDArray[np.float64]:
    return np.asarray(np.arccos(cosine) * SAMPLE_RATE / (2 * np.pi), np.float64)
