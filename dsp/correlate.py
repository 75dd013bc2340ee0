# SPDX-License-Identifier: GPL-2.0-or-later
"""Search for a known sentence in a recording by correlation; for tones see `dsp.spectrum` and `dsp.identify`.

For the simulator and tests, on whole recordings; none of it runs in the tick.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.identify import cadence_of, identify_tone
from dsp.levels import Float
from dsp.spectrum import dominant_tones, tone_level_dbm0

__all__ = ["Match", "cadence_of", "dominant_tones", "find", "find_pieces", "identify_tone", "tone_level_dbm0"]


@dataclass(frozen=True, slots=True)
class Match:
    """Place of a needle in a haystack: offset in samples, likeness 0..1, gain in dB from needle to haystack."""

    offset_samples: int
    score: float
    gain_db: float


def find(needle: Float, haystack: Float) -> Match:
    """Return the best place of `needle` [n] in `haystack` [m]; both float32.

    The score is the absolute normalised cross correlation: 1 for a copy at any gain, about sqrt(S/(S+N)) in noise, and
    below 0.2 for unrelated speech of a second or more. A needle longer than the haystack is cut to it; silence on
    either side scores 0.
    """
    wanted, received = np.asarray(needle[: len(haystack)], np.float64), np.asarray(haystack, np.float64)
    energy = float(wanted @ wanted)
    if energy == 0.0:
        return Match(0, 0.0, 0.0)
    product = _correlate(received, wanted)
    power = _running_energy(received, len(wanted))
    # Places far quieter than the needle's own best would turn rounding into likeness.
    norm = np.sqrt(energy * np.maximum(power, 1e-9 * max(float(power.max()), 1e-30)))
    score = np.abs(product) / norm
    at = int(np.argmax(score))
    gain = abs(float(product[at])) / energy
    return Match(at, float(min(score[at], 1.0)), 20 * float(np.log10(max(gain, 1e-9))))


def find_pieces(needle: Float, haystack: Float, samples: int) -> list[Match]:
    """Return the best place of each whole piece of `samples` of `needle` by itself.

    For sound through jitter buffers, which move the sound after a stall: the whole is then alike nowhere.
    """
    last = len(needle) - samples
    return [find(needle[start : start + samples], haystack) for start in range(0, last + 1, samples)]


def _correlate(x: NDArray[np.float64], needle: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the product sums of `needle` at every place where it fits into `x` whole, by FFT."""
    size = 1 << (len(x) - 1).bit_length()  # wrap-around touches only places that are cut off below
    product = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(needle, size).conj(), size)
    return np.asarray(product[: len(x) - len(needle) + 1])


def _running_energy(x: NDArray[np.float64], samples: int) -> NDArray[np.float64]:
    """Return the energy of every stretch of `samples`; never negative."""
    total = np.concatenate([[0.0], np.cumsum(np.square(x))])
    return np.asarray(np.maximum(total[samples:] - total[:-samples], 0.0))
