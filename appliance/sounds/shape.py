# SPDX-License-Identifier: GPL-2.0-or-later
"""Shaping of speech from any source: one loudness, without the silence around it."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.levels import SAMPLE_RATE, Float, gain_from_db, level_dbm0

SPEECH_DBM0: Final = -15.0
"""Active speech level of prompts. Loud enough over a poor line, and its peaks stay below the overload point."""
LEAD_S: Final = 0.02
FADE_S: Final = 0.005
PEAK: Final = 0.9

_FRAME: Final = SAMPLE_RATE // 100
_ACTIVE_DB: Final = 30.0


def active(x: Float) -> NDArray[np.bool_]:
    """Return for each 10 ms of `x` whether there is speech: within 30 dB of the loudest (simpler than ITU-T P.56)."""
    levels = level_dbm0(x[: len(x) // _FRAME * _FRAME].reshape(-1, _FRAME))
    return np.asarray(levels > levels.max(initial=-200.0) - _ACTIVE_DB)


def speech_level_dbm0(x: Float) -> float:
    """Return the level of the parts of `x` with speech."""
    spoken = np.repeat(active(x), _FRAME)
    return float(level_dbm0(x[: len(spoken)][spoken]))


def shape_speech(x: Float, tail_s: float) -> Float:
    """Return speech at `SPEECH_DBM0`, with `LEAD_S` and `tail_s` of silence around it and faded edges."""
    spoken = np.flatnonzero(active(x))
    if spoken.size == 0:
        return x
    first = max(0, spoken[0] * _FRAME - int(LEAD_S * SAMPLE_RATE))
    last = (spoken[-1] + 1) * _FRAME
    y = x[first : last + int(LEAD_S * SAMPLE_RATE)] * np.float32(gain_from_db(SPEECH_DBM0 - speech_level_dbm0(x)))
    y = fade(soft_limit(y))
    silence = np.zeros(max(0, int((tail_s - LEAD_S) * SAMPLE_RATE)), np.float32)
    return np.concatenate([y, silence])


def soft_limit(x: Float) -> Float:
    """Return `x` with all above half of `PEAK` bent so that nothing passes `PEAK`."""
    knee = PEAK / 2
    over = np.maximum(np.abs(x) - knee, 0)
    return np.asarray(np.sign(x) * (np.minimum(np.abs(x), knee) + knee * np.tanh(over / knee)), dtype=np.float32)


def fade(x: Float) -> Float:
    """Return `x` without clicks at its ends."""
    n = min(int(FADE_S * SAMPLE_RATE), len(x) // 2)
    ramp = np.linspace(0, 1, n, endpoint=False, dtype=np.float32)
    y = x.copy()
    y[:n] *= ramp
    y[len(y) - n :] *= ramp[::-1]
    return y
