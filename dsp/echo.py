# SPDX-License-Identifier: GPL-2.0-or-later
"""Line echo canceller for all rows at once (ITU-T G.168).

Rows are switched by `active`; those that are off cost nothing: the filters of the rows that are on lie side by side, so
that a tick works on one block of memory. The sound of a row depends on that row only.
"""

from __future__ import annotations

import numpy as np

from dsp.echo_filter import EchoFilter
from dsp.echo_residual import ResidualSuppressor
from dsp.errors import ShapeError
from dsp.levels import TICK_SAMPLES, Float


class EchoCanceller:
    """Cancellers of echoes of up to `tail_ms` in `rows` rows; with `suppress`, the rest becomes noise like the line's.

    `active` [rows] switches rows (all on at first; a row that is switched off forgets its echo path). `learning` [rows]
    False stops the filters as they are (the tests of G.168 want that).
    """

    def __init__(self, rows: int, tail_ms: float = 128.0, *, suppress: bool = True) -> None:
        self.rows = rows
        self.active = np.ones(rows, bool)
        self.learning = np.ones(rows, bool)
        self._filter = EchoFilter(rows, -(-round(tail_ms * 8) // TICK_SAMPLES))
        self._suppressor = ResidualSuppressor(rows) if suppress else None
        self._slots = np.arange(rows)  # the row of each slot in use; these come first in all state

    def cancel(self, far: Float, near: Float, out: Float | None = None) -> Float:
        """Cancel one tick: `far` is sent to the line, `near` received; return `near` without echo (in `out`, if given).

        All are float32 [rows, 160]; `out` may be `near`. Raises ShapeError.
        """
        for x in (far, near, near if out is None else out):
            if x.shape != (self.rows, TICK_SAMPLES):
                raise ShapeError(f"[{self.rows}, {TICK_SAMPLES}]", x.shape)
        self._assign()
        result = near.copy() if out is None else out
        if result is not near:
            result[:] = near
        slots = self._slots
        if len(slots):
            sent, got = _finite(far[slots]), _finite(near[slots])
            clean, echo = self._filter.step(sent, got, self.learning[slots])
            result[slots] = self._suppressor.step(clean, echo) if self._suppressor else clean
        return result

    def reset(self, row: int) -> None:
        """Forget the echo path of `row`: it belongs to another call from now on."""
        for slot in np.flatnonzero(self._slots == row).tolist():
            self._clear(slot)

    def _assign(self) -> None:
        """Assign slots to rows that were switched on, and close the gaps of those switched off."""
        if len(self._slots) == np.count_nonzero(self.active) and self.active[self._slots].all():
            return
        for slot in np.flatnonzero(~self.active[self._slots])[::-1].tolist():
            last = len(self._slots) - 1
            if slot != last:
                self._filter.move(last, slot)
                if self._suppressor:
                    self._suppressor.move(last, slot)
                self._slots[slot] = self._slots[last]
            self._slots = self._slots[:last].copy()
        fresh = np.setdiff1d(np.flatnonzero(self.active), self._slots)
        for slot in range(len(self._slots), len(self._slots) + len(fresh)):
            self._clear(slot)
        self._slots = np.concatenate([self._slots, fresh])

    def _clear(self, slot: int) -> None:
        self._filter.clear(slot)
        if self._suppressor:
            self._suppressor.clear(slot)


def _finite(x: Float) -> Float:
    """Return `x` with finite samples only: any other would stay in a filter for ever."""
    return x if np.isfinite(x.sum()) else np.nan_to_num(x, posinf=0, neginf=0)
