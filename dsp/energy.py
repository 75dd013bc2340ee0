# SPDX-License-Identifier: GPL-2.0-or-later
"""Level of every row, tick by tick: for live meters, recorders and active speakers."""

from __future__ import annotations

from typing import Final

import numpy as np

from dsp.blocks import Blocks, Tick
from dsp.levels import TICK_SAMPLES, Float, power_dbm0

RELEASE_S: Final = 0.3
"""Time in which a meter falls by 4.3 dB; it rises at once, so that no word is missed."""


def tick_power(x: Float) -> Float:
    """Return the mean square of each row of `x` [rows, n]: float32 [rows]."""
    return np.asarray(np.einsum("ij,ij->i", x, x) * np.float32(1 / x.shape[1]), np.float32)


class LevelMeter:
    """Levels of all rows: `power` [rows] is the smoothed mean square."""

    def __init__(self, rows: int, release_s: float = RELEASE_S) -> None:
        self.power = np.zeros(rows, np.float32)
        self._blocks = Blocks(rows)
        self._keep = np.float32(np.exp(-TICK_SAMPLES / 8000 / release_s))

    def feed(self, x: Float) -> Float:
        """Measure `x` [rows, any number of samples]; return the levels in dBm0 [rows]. Raises ShapeError."""
        for tick in self._blocks.cut(x):
            self.hear(tick)
        return self.level_dbm0()

    def hear(self, tick: Tick) -> None:
        """Measure one tick."""
        now, power = tick.power, self.power
        power -= now
        power *= self._keep
        power += now
        np.maximum(power, now, out=power)

    def level_dbm0(self) -> Float:
        """Return the present levels in dBm0 [rows]."""
        return np.asarray(power_dbm0(self.power), np.float32)

    def reset(self, row: int) -> None:
        """Forget all sound of `row`."""
        self.power[row] = 0
