# SPDX-License-Identifier: GPL-2.0-or-later
"""Levels in dBm0, gains, and the sizes that every other module counts in.

Samples are float32 with full scale 1.0 (int16 32768). ITU-T G.711 puts the overload point of A-law, a sine whose peak
is the virtual decision value 4096, at +3.14 dBm0: that sine has the peak 1.0 here.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]

SAMPLE_RATE: Final = 8000
"""Samples a second of every line (ITU-T G.711 clause 2)."""
TICK_SAMPLES: Final = 160
"""Samples of one row in one 20 ms tick."""
OVERLOAD_DBM0: Final = 3.14
"""Level of a sine of peak 1.0 (ITU-T G.711 clause 1, A-law)."""
FLOOR_DBM0: Final = -90.0
"""Result of `level_dbm0` for digital silence, instead of minus infinity."""

_FLOOR_POWER: Final = 0.5 * 10 ** ((FLOOR_DBM0 - OVERLOAD_DBM0) / 10)


def level_dbm0(x: NDArray[Any], axis: int = -1) -> Any:
    """Return the level in dBm0 of the mean power of `x` along `axis`.

    A float64 for one row, else an array without that axis. DC counts as power. Silence and empty input give
    `FLOOR_DBM0`.
    """
    if x.shape[axis] == 0:
        return np.full(np.delete(x.shape, axis), FLOOR_DBM0)[()]
    return power_dbm0(np.mean(np.square(x, dtype=np.float64), axis=axis))


def power_dbm0(power: Any) -> Any:
    """Return the level in dBm0 of a mean square (full scale 1.0), never below `FLOOR_DBM0`."""
    return 10.0 * np.log10(2.0 * np.maximum(power, _FLOOR_POWER)) + OVERLOAD_DBM0


def amplitude(dbm0: float) -> float:
    """Return the peak of a sine of level `dbm0`; 0 dBm0 is 0.6966."""
    return float(10.0 ** ((dbm0 - OVERLOAD_DBM0) / 20.0))


def gain_from_db(db: float) -> float:
    """Return the linear gain of `db` decibels."""
    return float(10.0 ** (db / 20.0))
