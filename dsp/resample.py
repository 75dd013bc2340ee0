# SPDX-License-Identifier: GPL-2.0-or-later
"""Conversion of prompts of any rate and number of channels to the line's format: one channel, 8 kHz, float32."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly  # type: ignore[attr-defined]

from dsp.errors import ShapeError
from dsp.levels import SAMPLE_RATE, Float

_INTEGER_SCALES: Final = {"i1": 128.0, "i2": 32768.0, "i4": 2147483648.0}


def to_line(x: NDArray[Any], rate_hz: int) -> Float:
    """Return `x` [n] or [n, channels] at `rate_hz` as float32 [m] at 8 kHz.

    Channels are averaged, the result is within +-1. Floats have full scale 1.0; integers are taken at their own full
    scale (uint8 with its offset, as in WAV files). Frequencies above 4 kHz are filtered out. Raises ShapeError for
    other shapes, ValueError for a rate that is no rate.
    """
    if rate_hz <= 0:
        raise ValueError(
            f"a sampling rate of {rate_hz} Hz makes no sound; give the rate of the recording, such as 44100"
        )
    if x.ndim not in {1, 2}:
        raise ShapeError("[samples] or [samples, channels]", x.shape)
    mono = _as_float(x)
    if mono.ndim == 2:
        mono = mono.mean(axis=1)
    if rate_hz != SAMPLE_RATE and len(mono):
        common = math.gcd(rate_hz, SAMPLE_RATE)
        mono = resample_poly(mono, SAMPLE_RATE // common, rate_hz // common)
    return np.clip(np.nan_to_num(mono, posinf=1.0, neginf=-1.0), -1.0, 1.0).astype(np.float32)


def _as_float(x: NDArray[Any]) -> NDArray[np.float64]:
    if x.dtype == np.uint8:
        return (x.astype(np.float64) - 128.0) / 128.0
    return x.astype(np.float64) / _INTEGER_SCALES.get(x.dtype.str[1:], 1.0)
