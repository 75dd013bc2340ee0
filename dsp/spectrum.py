# SPDX-License-Identifier: GPL-2.0-or-later
"""Steady tones in a piece of audio: their level and frequency."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dsp.levels import SAMPLE_RATE, Float, power_dbm0


def tone_level_dbm0(x: Float, frequency_hz: float) -> float:
    """Return the level in dBm0 of the component at `frequency_hz` in `x` [n], least squares, the rest ignored."""
    angle = 2 * np.pi * frequency_hz / SAMPLE_RATE * np.arange(len(x))
    window = np.hanning(len(x) + 2)[1:-1]
    phasor = 2 * np.sum(x * window * np.exp(-1j * angle)) / window.sum()
    return float(power_dbm0(abs(phasor) ** 2 / 2))


def dominant_tones(x: Float, count: int = 4, within_db: float = 20.0) -> list[tuple[float, float]]:
    """Return the strongest steady frequencies in `x` [n]: (Hz, dBm0), strongest first.

    None is weaker than `within_db` below the first. Two frequencies are separated from about 4 / duration on.
    """
    window = np.hanning(len(x) + 2)[1:-1]
    size = 1 << int(np.ceil(np.log2(max(len(x), 2)))) + 2
    spectrum = np.abs(np.fft.rfft(x * window, size)) * 2 / window.sum()
    found: list[tuple[float, float]] = []
    width = max(int(2.5 * size / len(x)), 1)
    top = float(spectrum.max(initial=0.0))
    while len(found) < count and top > 0:
        at = int(np.argmax(spectrum))
        if spectrum[at] < top * 10 ** (-within_db / 20):
            break
        frequency = _peak(spectrum, at) * SAMPLE_RATE / size
        found.append((frequency, float(power_dbm0(spectrum[at] ** 2 / 2))))
        spectrum[max(at - width, 0) : at + width + 1] = 0
    return found


def _peak(spectrum: NDArray[np.float64], at: int) -> float:
    """Return the place of the maximum near bin `at`, by a parabola through three bins."""
    if not 0 < at < len(spectrum) - 1:
        return float(at)
    a, b, c = spectrum[at - 1 : at + 2]
    bend = a - 2 * b + c
    return at + (0.5 * float((a - c) / bend) if bend else 0.0)
