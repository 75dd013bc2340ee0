# SPDX-License-Identifier: GPL-2.0-or-later
"""The DTMF keypad (ITU-T Q.23): its keys, their frequencies, and their sound."""

from __future__ import annotations

from typing import Final

import numpy as np

from dsp.errors import UnknownKey
from dsp.levels import SAMPLE_RATE, Float
from dsp.tones import sine

KEYS: Final = "123A456B789C*0#D"
"""All keys, row by row: key number = 4 * (index of the low frequency) + (index of the high one)."""
LOW_HZ: Final = (697, 770, 852, 941)
HIGH_HZ: Final = (1209, 1336, 1477, 1633)
FREQUENCIES: Final = {key: (LOW_HZ[number // 4], HIGH_HZ[number % 4]) for number, key in enumerate(KEYS)}
"""Low and high frequency in Hz of every key."""


def dtmf_samples(
    keys: str,
    on_ms: float = 100,
    off_ms: float = 100,
    level_dbm0: float = -6,
    twist_db: float = 0,
    *,
    low_off: float = 0.0,
    high_off: float = 0.0,
) -> Float:
    """Return the sound of pressing `keys` one after the other, float32 [n]; each is followed by `off_ms` of silence.

    `level_dbm0` is the level of the stronger frequency; `twist_db` the level of the high frequency over the low one
    (Q.24: line loss makes it negative, "normal" twist). `low_off` and `high_off` put the frequencies off by that share
    of themselves (0.015 = 1.5 %). Raises UnknownKey.
    """
    pause = np.zeros(round(off_ms * SAMPLE_RATE / 1000), np.float32)
    samples = round(on_ms * SAMPLE_RATE / 1000)
    parts: list[Float] = []
    for key in keys:
        if key not in FREQUENCIES:
            raise UnknownKey(key, KEYS)
        low_hz, high_hz = FREQUENCIES[key]
        low = sine([low_hz * (1 + low_off)], level_dbm0 - max(twist_db, 0), samples)
        parts += [low + sine([high_hz * (1 + high_off)], level_dbm0 + min(twist_db, 0), samples), pause]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
