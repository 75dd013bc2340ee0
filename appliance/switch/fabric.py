# SPDX-License-Identifier: GPL-2.0-or-later
"""The fabric: who hears whom, as one sparse matrix. `Y = G @ X`.

`X` [2 * rows, 160]: what each row's line says, and below it what each row's player plays. `Y` [rows, 160]: what each
line hears. A row with a leg always hears its own player; every other entry is set by `Hear` between legs, kept here by
leg, because the row of a leg may come later than the wish (a channel not yet chosen) or change (glare).

A row without a leg says and hears nothing, and costs nothing.
"""

import numpy as np

from appliance.switch.card import Sound
from drivers.span import TICK_SAMPLES
from dsp.blocks import Rows
from dsp.mix import Gains, limit, limiter_state


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
        self._hears: dict[int, dict[int, float]] = {}  # listener -> speaker -> gain
        self._heard_by: dict[int, set[int]] = {}

    @property
    def said(self) -> Sound:
        """What the lines say: the upper half of X."""
        return self.x[: self.rows]

    @property
    def played(self) -> Sound:
        """What the players play: the lower half of X."""
        return self.x[self.rows :]

    @property
    def taken(self) -> Rows:
        """Rows that have a leg, ascending: the same array for as long as they are the same."""
        if self._taken is None:
            self._taken = np.array(sorted(self._leg_at), np.intp)
        return self._taken

    def row(self, leg: int) -> int | None:
        """Row of a leg, None while it has none."""
        return self._row_of.get(leg)

    def leg(self, row: int) -> int | None:
        """Leg on a row, None if it is idle."""
        return self._leg_at.get(row)

    def place(self, leg: int, row: int) -> None:
        """Put a leg on a row, with all its connections."""
        self._lift(leg)
        self._row_of[leg], self._leg_at[row], self._taken = row, leg, None
        self._gains.set(row, self.rows + row, 1.0)
        self._limiter[row] = 1.0
        for speaker, gain in self._hears.get(leg, {}).items():
            self._enter(leg, speaker, gain)
        for listener in self._heard_by.get(leg, ()):
            self._enter(listener, leg, self._hears[listener][leg])

    def remove(self, leg: int) -> None:
        """Forget a leg and its connections."""
        self._lift(leg)
        for speaker in self._hears.pop(leg, {}):
            self._heard_by[speaker].discard(leg)
        for listener in self._heard_by.pop(leg, set()):
            self._hears[listener].pop(leg, None)

    def hear(self, listener: int, speaker: int, gain: float) -> None:
        """Set one entry; 0 takes it away."""
        if gain:
            self._hears.setdefault(listener, {})[speaker] = gain
            self._heard_by.setdefault(speaker, set()).add(listener)
        else:
            self._hears.get(listener, {}).pop(speaker, None)
            self._heard_by.get(speaker, set()).discard(listener)
        self._enter(listener, speaker, gain)

    def mix(self) -> None:
        """Make this tick's Y from this tick's X."""
        rows, sums = self._gains.sums(self.x)
        if rows is not self._mixed:
            self._mixed = rows
            self.y.fill(0)
        if not len(rows):
            return
        gain = self._limiter[rows]
        self.y[rows] = limit(sums, gain)
        self._limiter[rows] = gain

    def _enter(self, listener: int, speaker: int, gain: float) -> None:
        sink, source = self._row_of.get(listener), self._row_of.get(speaker)
        if sink is not None and source is not None:
            if gain:
                self._gains.set(sink, source, gain)
            else:
                self._gains.clear(sink, source)

    def _lift(self, leg: int) -> None:
        row = self._row_of.pop(leg, None)
        if row is None:
            return
        if self._leg_at.get(row) == leg:
            del self._leg_at[row]
            self._taken = None
            self._gains.clear(row, self.rows + row)
        for speaker in self._hears.get(leg, {}):
            self._clear(row, self._row_of.get(speaker))
        for listener in self._heard_by.get(leg, ()):
            self._clear(self._row_of.get(listener), row)

    def _clear(self, sink: int | None, source: int | None) -> None:
        if sink is not None and source is not None:
            self._gains.clear(sink, source)
