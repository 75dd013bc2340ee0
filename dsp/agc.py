# SPDX-License-Identifier: GPL-2.0-or-later
"""Automatic gain for conferences: every speaker brought to the same level, slowly, and only during speech."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.energy import tick_power
from dsp.levels import TICK_SAMPLES, Float, power_dbm0

TARGET_DBM0: Final = -19.0
"""Level to which the rows' active speech is brought."""
_MAX_DB: Final = 15.0  # up: more would lift the noise of the line
_MIN_DB: Final = -12.0
_UP_DB: Final = 0.06  # a tick of speech: 3 dB a second
_DOWN_DB: Final = 0.2  # a tick of speech: 10 dB a second, for a speaker that comes too close
_NEAR_DB: Final = 1.5  # smaller differences are left
_SMOOTH: Final = np.float32(0.02)  # level of speech over the last second of speaking


class AutomaticGain:
    """Gains of all rows; `gain_db` [rows] is the present one."""

    def __init__(self, rows: int, target_dbm0: float = TARGET_DBM0) -> None:
        self.gain_db = np.zeros(rows, np.float32)
        self._target = np.float32(target_dbm0)
        self._power = np.zeros(rows, np.float32)  # of the row's speech; 0: none so far

    def feed(self, x: Float, active: NDArray[np.bool_]) -> Float:
        """Level one tick [rows, 160], of which the rows in `active` [rows] carry speech (`SpeechActivity`).

        Return it levelled.
        """
        now = tick_power(x)
        smooth = self._power + _SMOOTH * (now - self._power)
        self._power = np.where(active, np.where(self._power > 0, smooth, now), self._power)
        wanted = np.clip(self._target - power_dbm0(self._power), _MIN_DB, _MAX_DB)
        short = np.where(np.abs(wanted - self.gain_db) > _NEAR_DB, wanted - self.gain_db, 0)
        step = np.where(active, np.clip(short, -_DOWN_DB, _UP_DB), 0)
        before, self.gain_db = self.gain_db, np.asarray(self.gain_db + step, np.float32)
        ramp = np.linspace(0, 1, TICK_SAMPLES, dtype=np.float32)
        course = before[:, None] + (self.gain_db - before)[:, None] * ramp
        return x * np.power(np.float32(10), course / np.float32(20))

    def reset(self, row: int) -> None:
        """Start anew for another speaker in `row`."""
        self.gain_db[row] = self._power[row] = 0
