# SPDX-License-Identifier: GPL-2.0-or-later
"""Concealment of ticks that never came (clock slip, lost frame): the last pitch period repeats and fades.

After the idea of ITU-T G.711 Appendix I, by whole ticks and for all rows at once: rows that lose nothing cost one copy.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.levels import TICK_SAMPLES, Float

_HISTORY: Final = 3 * TICK_SAMPLES
_SHORTEST: Final = 40  # samples of a pitch of 200 Hz; higher voices fit by multiples
_LONGEST: Final = 160  # samples of a pitch of 50 Hz
_JOIN: Final = 32  # samples (4 ms) over which the fill is replaced by the line's sound again
_FADE_TICKS: Final = 3  # after 60 ms no repetition is worth while


class Concealer:
    """State of the concealment of all rows."""

    def __init__(self, rows: int) -> None:
        self._history = np.zeros((rows, _HISTORY), np.float32)
        self._lost = np.zeros(rows, np.intp)  # ticks lost in a row
        self._lag = np.full(rows, _LONGEST, np.intp)

    def feed(self, x: Float, lost: NDArray[np.bool_]) -> Float:
        """Fill the rows of a tick [rows, 160] that did not come, marked in `lost` [rows], in place; return it."""
        gone, back = np.flatnonzero(lost), np.flatnonzero(~lost & (self._lost > 0))
        if len(gone):
            first = gone[self._lost[gone] == 0]
            self._lag[first] = _pitch(self._history[first])
            x[gone] = self._onward(gone)
        if len(back):
            fade_in = np.linspace(0, 1, _JOIN, dtype=np.float32)
            x[back, :_JOIN] = x[back, :_JOIN] * fade_in + self._onward(back)[:, :_JOIN] * (1 - fade_in)
        self._lost[gone] += 1
        self._lost[back] = 0
        self._history[:, :-TICK_SAMPLES] = self._history[:, TICK_SAMPLES:]
        self._history[:, -TICK_SAMPLES:] = x
        return x

    def reset(self, row: int) -> None:
        """Forget all sound of `row`."""
        self._history[row], self._lost[row] = 0, 0

    def _onward(self, rows: NDArray[np.intp]) -> Float:
        """Return the next tick [C, 160] of rows that repeat their last period, fading."""
        t = np.arange(TICK_SAMPLES)
        lag = self._lag[rows][:, None]
        last = np.take_along_axis(self._history[rows], _HISTORY - lag + t % lag, axis=1)
        age = self._lost[rows][:, None] + t / TICK_SAMPLES
        # History holds the fill of the tick before, already faded: only the further loss counts.
        gain = np.maximum(1 - age / _FADE_TICKS, 0) / np.maximum(1 - self._lost[rows][:, None] / _FADE_TICKS, 1e-6)
        within = np.minimum(gain, 1) * (self._lost[rows][:, None] < _FADE_TICKS)
        return np.asarray(last * within, np.float32)


def _pitch(history: Float) -> NDArray[np.intp]:
    """Return the lag [C] at which the last 20 ms of each row [C, n] are most like the sound before."""
    if not len(history):
        return np.zeros(0, np.intp)
    recent = history[:, -TICK_SAMPLES:]
    size = 2 * history.shape[1]
    product = np.fft.irfft(np.fft.rfft(history, size) * np.fft.rfft(recent, size).conj(), size)
    end = history.shape[1] - TICK_SAMPLES  # the place of `recent` itself
    lags = np.arange(_SHORTEST, _LONGEST + 1)
    energy = np.cumsum(np.square(history, dtype=np.float64), axis=1)
    energy = np.concatenate([np.zeros((len(history), 1)), energy], axis=1)
    norm = energy[:, end - lags + TICK_SAMPLES] - energy[:, end - lags]
    likeness = product[:, end - lags] / np.sqrt(np.maximum(norm, 1e-9))
    return np.asarray(lags[np.argmax(likeness, axis=1)], np.intp)
