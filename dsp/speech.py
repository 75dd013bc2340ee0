# SPDX-License-Identifier: GPL-2.0-or-later
"""Speech activity in all rows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import Blocks, Tick
from dsp.levels import FLOOR_DBM0, TICK_SAMPLES, Float, power_dbm0

TICK_S: Final = TICK_SAMPLES / 8000
_ABOVE_DB: Final = np.float32(9.0)  # speech stands that far above the noise of its line
_FLOOR_RISE_DB: Final = np.float32(0.06)  # a tick (3 dB a second): the floor follows a line that becomes noisier
_FLOOR_FALL: Final = np.float32(0.3)  # share of the way down in a tick


class SpeechActivity:
    """Speech or silence in every row: level against the row's own noise floor, held through the gaps between words.

    `active` [rows] is the decision, `level_dbm0` [rows] the tick's level, `floor_dbm0` [rows] the noise floor.
    """

    def __init__(self, rows: int, *, least_dbm0: float = -45.0, hold_s: float = 0.2, onset_ticks: int = 2) -> None:
        self._blocks = Blocks(rows)
        self.active = np.zeros(rows, bool)
        self.level_dbm0 = np.full(rows, FLOOR_DBM0, np.float32)
        self.floor_dbm0 = np.full(rows, -65.0, np.float32)
        self._least, self._hold, self._onset = np.float32(least_dbm0), max(1, round(hold_s / TICK_S)), onset_ticks
        self._loud = np.zeros(rows, np.intp)  # ticks above the floor in a row
        self._left = np.zeros(rows, np.intp)  # ticks of hold left
        self._above, self._share = np.zeros(rows, np.float32), np.zeros(rows, np.float32)  # of this tick
        self._is_loud = np.zeros(rows, bool)

    def feed(self, x: Float) -> NDArray[np.bool_]:
        """Analyse `x` [rows, any number of samples]; return `active`. Raises ShapeError."""
        for tick in self._blocks.cut(x):
            self.hear(tick)
        return self.active

    def hear(self, tick: Tick) -> None:
        """Analyse one tick."""
        level, above, share, loud = self.level_dbm0, self._above, self._share, self._is_loud
        level[:] = power_dbm0(tick.power)
        np.subtract(level, self.floor_dbm0, out=above)
        np.greater(above, _ABOVE_DB, out=loud)
        loud &= level > self._least
        np.multiply(above, _FLOOR_FALL, out=share)
        np.maximum(above, share, out=above)  # below the floor: part of the way down; above it: up, but slowly
        np.minimum(above, _FLOOR_RISE_DB, out=above)
        self.floor_dbm0 += above
        self._loud += 1
        self._loud *= loud
        self._left -= 1
        np.maximum(self._left, self._hold * (self._loud >= self._onset), out=self._left)
        np.greater(self._left, 0, out=self.active)

    def reset(self, row: int) -> None:
        """Forget all sound of `row`."""
        self.active[row], self._loud[row], self._left[row] = False, 0, 0
        self.level_dbm0[row], self.floor_dbm0[row] = FLOOR_DBM0, -65.0
