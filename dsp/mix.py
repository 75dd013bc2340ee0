# SPDX-License-Identifier: GPL-2.0-or-later
"""The fabric's arithmetic: every sink is a sum of sources, `Y = G @ X`, with G sparse, and a limiter on the sums."""

from __future__ import annotations

from itertools import chain
from typing import Final

import numpy as np
from scipy.sparse import csr_array

from dsp.blocks import Rows
from dsp.errors import ShapeError
from dsp.levels import Float, gain_from_db

FULL_SCALE: Final = np.float32(1.0)
_ATTACK: Final = (
    16  # samples (2 ms) in which the gain comes down: short enough to save the tick, long enough not to click
)
_RELEASE: Final = np.float32(gain_from_db(0.5))  # the gain comes back by 0.5 dB a tick, 25 dB a second


class Gains:
    """Sparse linear gains `[sinks, sources]`; a gain of zero is no entry.

    Entries live in one dict a sink, so that setting one is O(1); the compressed matrix is made again at the next `mix`
    after a change, all of it in C loops.
    """

    def __init__(self, sinks: int, sources: int) -> None:
        self.sinks, self.sources = sinks, sources
        self._rows: list[dict[int, float]] = [{} for _ in range(sinks)]
        self._matrix: csr_array | None = None  # [sinks with a source, sources]
        self._hearing: Rows = np.zeros(0, np.intp)

    def set(self, sink: int, source: int, gain: float) -> None:
        """Set the linear `gain` from `source` to `sink`, in place of the one before."""
        self._check(sink, source)
        if gain == 0.0:
            self._rows[sink].pop(source, None)
        else:
            self._rows[sink][source] = gain
        self._matrix = None

    def clear(self, sink: int, source: int) -> None:
        """Remove the gain from `source` to `sink`, if there is one."""
        self.set(sink, source, 0.0)

    def clear_row(self, sink: int) -> None:
        """Remove all sources of `sink`."""
        self._check(sink, 0)
        self._rows[sink].clear()
        self._matrix = None

    def clear_source(self, source: int) -> None:
        """Remove `source` from all sinks; needed when a port is freed."""
        self._check(0, source)
        for row in self._rows:
            row.pop(source, None)
        self._matrix = None

    def get(self, sink: int, source: int) -> float:
        """Return the linear gain from `source` to `sink`, 0.0 where there is none."""
        self._check(sink, source)
        return self._rows[sink].get(source, 0.0)

    def heard_by(self, sink: int) -> dict[int, float]:
        """Return the sources of `sink`: source -> gain (a copy)."""
        self._check(sink, 0)
        return dict(self._rows[sink])

    def matrix(self) -> csr_array:
        """Return the gains as a compressed sparse matrix, without the sinks that have no source; do not change it."""
        if self._matrix is None:
            self._matrix = self._compress()
        return self._matrix

    def sums(self, x: Float) -> tuple[Rows, Float]:
        """Return the sinks that have a source, ascending (the same array until a gain is set), and their sums `[C, n]`.

        `x` is float32 `[sources, n]`. Raises ShapeError when it has not one row a source.
        """
        if x.ndim != 2 or x.shape[0] != self.sources:
            raise ShapeError(f"[{self.sources}, samples]", x.shape)
        matrix = self.matrix()
        return self._hearing, matrix @ x

    def mix(self, x: Float, out: Float | None = None) -> Float:
        """Return `G @ x` (in `out` if given), float32 `[sinks, n]`, zero in sinks without a source. See `sums`."""
        hearing, sums = self.sums(x)
        y = np.empty((self.sinks, x.shape[1]), np.float32) if out is None else out
        y.fill(0)
        y[hearing] = sums
        return y

    def _compress(self) -> csr_array:
        lengths = np.fromiter(map(len, self._rows), np.int32, self.sinks)
        self._hearing = np.flatnonzero(lengths)
        starts = np.zeros(len(self._hearing) + 1, np.int32)
        np.cumsum(lengths[self._hearing], out=starts[1:])
        count = int(starts[-1])
        columns = np.fromiter(chain.from_iterable(self._rows), np.int32, count)
        gains = np.fromiter(chain.from_iterable(map(dict.values, self._rows)), np.float32, count)
        shape = (len(self._hearing), self.sources)
        return csr_array((gains, columns, starts), shape=shape)  # type: ignore[no-untyped-call]

    def _check(self, sink: int, source: int) -> None:
        if not (0 <= sink < self.sinks and 0 <= source < self.sources):
            raise IndexError(f"no entry [{sink}, {source}] in gains of {self.sinks} sinks and {self.sources} sources")


def limiter_state(rows: int) -> Float:
    """Return the state for `limit`: one gain a row, all at rest."""
    return np.ones(rows, np.float32)


def limit(y: Float, state: Float) -> Float:
    """Keep one tick of sums `y` [rows, n] within full scale; `y` and `state` (see `limiter_state`) change in place.

    A row that stays within full scale and whose gain is at rest is not touched at all, so that a plain A-law channel
    goes through bit by bit. A row that would exceed it is turned down as a whole, which keeps its shape where clipping
    would not; the gain comes down within 2 ms and returns by 0.5 dB a tick. The tick is the unit: pass one at a time.
    """
    highest, lowest = np.maximum.reduce(y, axis=None), np.minimum.reduce(y, axis=None)
    if highest <= FULL_SCALE and lowest >= -FULL_SCALE and np.minimum.reduce(state) >= FULL_SCALE:
        return y  # nearly every tick
    peaks = np.maximum(y.max(axis=1), -y.min(axis=1))
    rows = np.flatnonzero((peaks > FULL_SCALE) | (state < FULL_SCALE))
    if len(rows):
        before = state[rows]
        wanted = FULL_SCALE / np.maximum(peaks[rows], FULL_SCALE)
        after = np.minimum(wanted, before * _RELEASE)
        lowered = y[rows] * _gain_course(before, after, y.shape[1])
        y[rows] = np.clip(lowered, -FULL_SCALE, FULL_SCALE)  # clips only peaks within the attack
        state[rows] = after
    return y


def _gain_course(before: Float, after: Float, samples: int) -> Float:
    """Return gains [rows, samples]: down within the attack, up along the whole tick."""
    down = np.minimum(np.arange(1, samples + 1, dtype=np.float32) / _ATTACK, np.float32(1))
    up = np.arange(1, samples + 1, dtype=np.float32) / np.float32(samples)
    course = np.where((after < before)[:, None], down, up)
    return np.asarray(before[:, None] + (after - before)[:, None] * course, dtype=np.float32)
