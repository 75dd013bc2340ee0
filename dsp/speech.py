# SPDX-License-Identifier: GPL-2.0-or-later
"""Speech activity in all rows."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import Blocks, Tick
from dsp.levels import FLOOR_DBM0, TICK_SAMPLES, Float, power_dbm0

TICK_S: Final = TICK_SAMPLES / 8000
_ABOVE_DB: Final = 9.0  # speech stands that far above the noise of its line
_FLOOR_RISE_DB: Final = 0.06  # a tick (3 dB a second): the floor follows a line that becomes noisier
_FLOOR_FALL: Final = 0.3  # share of the way down in a tick


class SpeechActivity:
    """Speech or silence in every row: level against the row's own noise floor, held through the gaps between words.

    `active` [rows] is the decision, `level_dbm0` [rows] the tick's level, `floor_dbm0` [rows] the noise floor.
    """

    def __init__(self, rows: int, *, least_dbm0: float = -45.0, hold_s: float = 0.2, onset_ticks: int = 2) -> None:
        self._blocks = Blocks(rows)
        self.active = np.zeros(rows, bool)
        self.level_dbm0 = np.full(rows, FLOOR_DBM0, np.float32)
        self.floor_dbm0 = np.full(rows, -65.0, np.float32)
        self._least, self._hold, self._onset = np.float32(least_dbm0), round(hold_s / TICK_S), onset_ticks
        self._loud = np.zeros(rows, np.intp)  # ticks above the floor in a row
        self._left = np.zeros(rows, np.intp)  # ticks of hold left

    def feed(self, x: Float) -> NDArray[np.bool_]:
        """Analyse `x` [rows, any number of samples]; return `active`. Raises ShapeError."""
        for tick in self._blocks.cut(x):
            self.hear(tick)
        return self.active

    def hear(self, tick: Tick) -> None:
        """Analyse one tick."""
        level = np.asarray(power_dbm0(tick.power), np.float32)
        loud = level > np.maximum(self.floor_dbm0 + np.float32(_ABOVE_DB), self._least)
        fall = self.floor_dbm0 + np.float32(_FLOOR_FALL) * (level - self.floor_dbm0)
        rise = self.floor_dbm0 + np.float32(_FLOOR_RISE_DB)
        self.floor_dbm0 = np.where(level < self.floor_dbm0, fall, np.minimum(rise, level))
        self._loud = np.where(loud, self._loud + 1, 0)
        sure = self._loud >= self._onset
        self._left = np.where(sure, self._hold, np.maximum(self._left - 1, 0))
        self.level_dbm0, self.active = level, sure | (self._left > 0)

    def reset(self, row: int) -> None:
        """Forget all sound of `row`."""
        self.active[row], self._loud[row], self._left[row] = False, 0, 0
        self.level_dbm0[row], self.floor_dbm0[row] = FLOOR_DBM0, -65.0
