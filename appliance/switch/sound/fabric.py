# SPDX-License-Identifier: GPL-2.0-or-later
"""The fabric: the gains from sources to listeners, as one sparse matrix. `Y = G @ X`.

`X` [2 * rows, 160]: the voice of each row's line, and below it the sound of each row's player. `Y` [rows, 160]: the
sound sent to each line. Entries are kept by leg, because a leg's row may come later than its entries (a channel not yet
chosen) or change (glare). A leg hears its own player with gain 1 unless `Mix` states otherwise; every other entry is
set by `Mix`.

A row without a leg has no voice and no sound, and costs nothing.
"""

import numpy as np
from numpy.typing import NDArray

from drivers.span import TICK_SAMPLES
from dsp.blocks import Rows
from dsp.mix import Gains, limit, limiter_state

Sound = NDArray[np.float32]
"""Rows of samples, 8 kHz, full scale 1.0."""


class Fabric:
    """Rows, the legs on them, and the gains between them."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.x: Sound = np.zeros((2 * rows, TICK_SAMPLES), np.float32)
        self.y: Sound = np.zeros((rows, TICK_SAMPLES), np.float32)
        self._gains = Gains(rows, 2 * rows)
        self._mixed: Rows = np.zeros(0, np.intp)
        self._taken: Rows | None = self._mixed
        self._limiter = limiter_state(rows)
        self._row_of: dict[int, int] = {}
        self._leg_at: dict[int, int] = {}
        # A source is the number of a leg for its voice, and minus that number for the sound played to it.
        self._hears: dict[int, dict[int, float]] = {}  # listener -> source -> gain
        self._heard_by: dict[int, set[int]] = {}  # source -> listeners

    @property
    def said(self) -> Sound:
        """Voices of the lines: the upper half of X."""
        return self.x[: self.rows]

    @property
    def played(self) -> Sound:
        """Sound of the players: the lower half of X."""
        return self.x[self.rows :]

    @property
    def taken(self) -> Rows:
        """Rows that have a leg, ascending: the same array for as long as they are the same."""
        if self._taken is None:
            self._taken = np.array(sorted(self._leg_at), np.intp)
        return self._taken

    def row(self, leg: int) -> int | None:
        """Return the row of a leg, None while it has none."""
        return self._row_of.get(leg)

    def leg(self, row: int) -> int | None:
        """Return the leg on a row, None if it is idle."""
        return self._leg_at.get(row)

    def listeners(self, leg: int) -> tuple[int, ...]:
        """Return the legs that hear a leg's voice."""
        return tuple(self._heard_by.get(leg, ()))

    def place(self, leg: int, row: int) -> None:
        """Put a leg on a row, with all its entries."""
        self._lift(leg)
        self._row_of[leg], self._leg_at[row], self._taken = row, leg, None
        self._limiter[row] = 1.0
        if -leg not in self._hears.setdefault(leg, {}):
            self.hear(leg, leg, 1.0, played=True)
        for source, gain in self._hears[leg].items():
            self._enter(leg, source, gain)
        for source in (leg, -leg):
            for listener in self._heard_by.get(source, ()):
                self._enter(listener, source, self._hears[listener][source])

    def remove(self, leg: int) -> None:
        """Remove a leg and its entries."""
        self._lift(leg)
        for source in self._hears.pop(leg, {}):
            self._heard_by[source].discard(leg)
        for source in (leg, -leg):
            for listener in self._heard_by.pop(source, set()):
                self._hears[listener].pop(source, None)

    def hear(self, listener: int, leg: int, gain: float, *, played: bool = False) -> None:
        """Set one entry; 0 removes it. `played`: the source is the sound played to the leg, not its voice."""
        source = -leg if played else leg
        if gain or source == -listener:  # a leg that does not hear its own player must be remembered
            self._hears.setdefault(listener, {})[source] = gain
            self._heard_by.setdefault(source, set()).add(listener)
        else:
            self._hears.get(listener, {}).pop(source, None)
            self._heard_by.get(source, set()).discard(listener)
        self._enter(listener, source, gain)

    def mix(self) -> None:
        """Compute this tick's Y from this tick's X."""
        rows, sums = self._gains.sums(self.x)
        if rows is not self._mixed:
            self._mixed = rows
            self.y.fill(0)
        if not len(rows):
            return
        gain = self._limiter[rows]
        self.y[rows] = limit(sums, gain)
        self._limiter[rows] = gain

    def _enter(self, listener: int, source: int, gain: float) -> None:
        sink, at = self._row_of.get(listener), self._source_row(source)
        if sink is not None and at is not None:
            self._gains.set(sink, at, gain)

    def _source_row(self, source: int) -> int | None:
        row = self._row_of.get(abs(source))
        return row if row is None or source > 0 else self.rows + row

    def _lift(self, leg: int) -> None:
        row = self._row_of.get(leg)
        if row is None:
            return
        for source in self._hears.get(leg, {}):
            self._enter(leg, source, 0.0)
        for source in (leg, -leg):
            for listener in self._heard_by.get(source, ()):
                self._enter(listener, source, 0.0)
        del self._row_of[leg]
        if self._leg_at.get(row) == leg:
            del self._leg_at[row]
            self._taken = None
