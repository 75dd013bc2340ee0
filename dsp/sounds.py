# SPDX-License-Identifier: GPL-2.0-or-later
"""Sounds of every row, 100 times a second, and their lengths: the base of the cadence detectors.

A sound is a set of frequencies. Every 10 ms the last 20 ms of a row are projected on the sounds, all rows and sounds in
one product; a row holds a sound when that is most of its power. `Runs` turns the sequence into runs (sound, length).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import HOP, Rows, Tick
from dsp.levels import SAMPLE_RATE, TICK_SAMPLES, amplitude

HOP_S: Final = HOP / SAMPLE_RATE
HOPS_A_TICK: Final = TICK_SAMPLES // HOP
_PURITY: Final = np.float32(0.55)
"""Share of the power: just above a half, so that the edges of a burst are found where the window is half full."""
_EXTRA: Final = 0.0015
"""Share of the fit for a dimension above two.

Noise at 20 dB adds 0.0001, two tones 25 Hz apart differ from one by 0.01.
"""


class SoundBank:
    """Recogniser of `sounds` (sets of Hz) in all rows. Symbols: 0 none, n the n-th sound.

    Every row is projected once a tick; only rows that hold one of the sounds now, or did in the tick before, are looked
    at every 10 ms.
    """

    def __init__(self, rows: int, sounds: Sequence[Sequence[float]], min_level_dbm0: float = -43.0) -> None:
        self.rows = rows
        bases = [_orthonormal(sound) for sound in sounds]
        self._basis = np.concatenate(bases).astype(np.float32)
        self._starts = np.cumsum([0, *(len(base) for base in bases[:-1])])
        # A set that holds another fits all that the other fits: the smaller one wins unless it is clearly worse.
        self._handicap = np.array([1 - _EXTRA * (len(base) - 2) for base in bases], np.float32)[:, None]
        self._floor = np.float32(amplitude(min_level_dbm0) ** 2 / 2 * TICK_SAMPLES)
        self._before = np.zeros((rows, HOP), np.float32)  # the last half of the tick before
        self._near = np.zeros(rows, bool)  # held a sound in the tick before, and may hold it still
        self._some_near = False

    def hear(self, tick: Tick, rows: Rows | None = None) -> NDArray[np.intp] | None:
        """Return the symbols [2, rows] of one tick, one for each 10 ms; None when there are none in any row.

        With `rows` only these are analysed, the others hold no sound.
        """
        x, energy = (tick.x, tick.energy) if rows is None else (tick.x[rows], tick.energy[rows])
        fits = self._basis @ x.T
        np.square(fits, out=fits)
        heard = fits.sum(axis=0) >= np.maximum(energy * _PURITY, self._floor)
        symbols = None
        if self._some_near or np.count_nonzero(heard):
            found = np.flatnonzero(heard | (self._near if rows is None else self._near[rows]))
            symbols = self._look(tick, found if rows is None else rows[found])
        np.copyto(self._before, tick.x[:, HOP:])
        return symbols

    def reset(self, row: int) -> None:
        """Forget all sound of `row`."""
        self._before[row] = 0
        self._near[row] = False

    def _look(self, tick: Tick, rows: Rows) -> NDArray[np.intp] | None:
        """Return the symbols of the two halves of a tick, of which only `rows` may have any."""
        symbols, now = np.zeros((HOPS_A_TICK, self.rows), np.intp), tick.x[rows]
        for hop, window in enumerate((np.concatenate([self._before[rows], now[:, :HOP]], axis=1), now)):
            fits = self._basis @ window.T
            np.square(fits, out=fits)
            fitted = np.add.reduceat(fits, self._starts, axis=0)
            least = np.maximum(np.vecdot(window, window) * _PURITY, self._floor)
            symbols[hop, rows] = np.where(fitted.max(axis=0) >= least, (fitted * self._handicap).argmax(axis=0) + 1, 0)
        self._near = np.asarray(symbols.any(axis=0))
        self._some_near = bool(np.count_nonzero(self._near))
        return symbols if self._some_near else None


class Runs:
    """Runs of equal symbols in every row; a change counts when it has lasted for `settle` hops.

    `symbol` and `length` [rows] are the run that goes on (length in hops); `past_symbols` and `past_lengths` [rows,
    keep] those before it, the latest last. The length is 0 hops where there was no run, or where a run had begun before
    the first tick.
    """

    def __init__(self, rows: int, keep: int, settle: int = 4) -> None:
        self.symbol = np.zeros(rows, np.intp)
        self.length = np.zeros(rows, np.intp)
        self.past_symbols = np.zeros((rows, keep), np.intp)
        self.past_lengths = np.zeros((rows, keep), np.intp)
        self._settle = settle
        self._cut = np.ones(rows, bool)  # the run that goes on may have begun before the first tick
        self._next = np.zeros(rows, np.intp)  # symbol of a run that may begin
        self._next_length = np.zeros(rows, np.intp)

    def silent_tick(self) -> bool:
        """Count two hops without a symbol in any row, when that ends no run; False if it has to be done hop by hop."""
        if np.count_nonzero(self.symbol):
            return False
        self.length += HOPS_A_TICK
        self._next_length[:] = 0
        return True

    def advance(self, symbols: NDArray[np.intp]) -> NDArray[np.intp]:
        """Count one hop: `symbols` [rows]. Return the rows in which a run has ended."""
        self.length += 1
        other = symbols != self.symbol
        if not other.any():
            self._next_length[:] = 0
            return np.zeros(0, np.intp)
        self._next_length = np.where(other, np.where(symbols == self._next, self._next_length + 1, 1), 0)
        self._next = symbols
        if not (self._next_length >= self._settle).any():
            return np.zeros(0, np.intp)
        changed = np.flatnonzero(self._next_length >= self._settle)
        self.past_symbols[changed] = np.roll(self.past_symbols[changed], -1, axis=1)
        self.past_lengths[changed] = np.roll(self.past_lengths[changed], -1, axis=1)
        self.past_symbols[changed, -1] = self.symbol[changed]
        lengths = self.length[changed] - self._settle
        self.past_lengths[changed, -1] = np.where(self._cut[changed], 0, lengths)
        self._cut[changed] &= lengths < self._settle  # only the window's filling went before: still cut
        self.symbol[changed], self.length[changed] = symbols[changed], self._settle
        self._next_length[changed] = 0
        return changed

    def reset(self, row: int) -> None:
        """Begin anew in `row`."""
        for state in (self.symbol, self.length, self._next, self._next_length):
            state[row] = 0
        self.past_symbols[row] = self.past_lengths[row] = 0
        self._cut[row] = True


def _orthonormal(frequencies_hz: Sequence[float]) -> NDArray[np.float64]:
    """Return rows that span the sines of these frequencies over a window."""
    angle = 2 * np.pi * np.asarray(frequencies_hz, np.float64)[:, None] / SAMPLE_RATE * np.arange(TICK_SAMPLES)
    basis = np.concatenate([np.cos(angle), np.sin(angle)])
    _, weights, rows = np.linalg.svd(basis, full_matrices=False)
    return np.asarray(rows[weights > 0.1 * weights[0]])
