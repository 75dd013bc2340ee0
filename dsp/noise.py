# SPDX-License-Identifier: GPL-2.0-or-later
"""Noise at a level in dBm0, from a generator that is passed in."""

from __future__ import annotations

from typing import Final

import numpy as np

from dsp.levels import Float, amplitude

_TILT: Final = np.float32(0.6)
"""One-pole low-pass of the comfort noise: rooms and lines have less of the high end than white noise, which hisses."""


def white_noise(rng: np.random.Generator, shape: int | tuple[int, ...], level_dbm0: float) -> Float:
    """Return white Gaussian noise, float32 of `shape`, of mean power `level_dbm0`.

    May exceed full scale at high levels.
    """
    noise = rng.standard_normal(shape, dtype=np.float32)
    noise *= np.float32(amplitude(level_dbm0) / np.sqrt(2))
    return noise


def comfort_noise(rng: np.random.Generator, state: Float, samples: int, level_dbm0: float) -> tuple[Float, Float]:
    """Return soft noise for silent lines: float32 [rows, samples] of mean power `level_dbm0`, and the new state.

    `state` [rows] is the last sample of each row before, so that blocks join; begin with zeros. The filter is the
    recursion y[n] = (1 - a) x[n] + a y[n-1], done as a product with its impulse response, cut where it is below 1e-6.
    """
    white = white_noise(rng, (len(state), samples), level_dbm0)
    powers = _TILT ** np.arange(1, samples + 1, dtype=np.float32)
    gain = np.sqrt(1 - _TILT**2)  # unit power out for unit power in
    taps = gain * _TILT ** np.arange(min(samples, 28), dtype=np.float32)
    noise = white * taps[0]
    for delay in range(1, len(taps)):
        noise[:, delay:] += white[:, :-delay] * taps[delay]
    noise += state[:, None] * powers
    return noise, noise[:, -1].copy()
