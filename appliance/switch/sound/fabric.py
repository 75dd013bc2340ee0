# SPDX-License-Identifier: GPL-2.0-or-later
"""The fabric: the gains from sources to listeners, as one sparse matrix. `Y = G @ X`.

`X` [3 * rows, 160]: the voice of each row's line, below it the sound of each row's player, and below that the sums of
conferences (`rooms`). `Y` [rows, 160]: the sound sent to each line. Entries are kept by leg, because a leg's row may
come later than its entries (a channel not yet chosen) or change (glare). A leg hears its own player with gain 1 unless
`Mix` states otherwise; every other entry is set by `Mix`.

A row without a leg has no voice and no sound, and costs nothing.
"""

from collections.abc import Container

import numpy as np
from numpy.typing import NDArray

from appliance.switch.sound.rooms import Rooms, source_of
from drivers.span import TICK_SAMPLES
from dsp.blocks import Rows
from dsp.mix import Gains, limit, limiter_state

Sound = NDArray[np.float32]
"""Rows of samples, 8 kHz, full scale 1.0."""


class Fabric:
    """Rows, the legs on them, and the gains between them."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self.x: Sound = np.zeros((3 * rows, TICK_SAMPLES), np.float32)
        self.y: Sound = np.zeros((rows, TICK_SAMPLES), np.float32)
        self._gains = Gains(rows, 3 * rows)
        self._rooms = Rooms(rows, self.source_row, self._gain)
        self._mixed: Rows = np.zeros(0, np.intp)
        self._into: Rows | slice = slice(0)  # the same rows, as they are found fastest
        self._taken: Rows | None = self._mixed
        self._limiter = limiter_state(rows)
        self._row_of: dict[int, int] = {}
        self._leg_at: dict[int, int] = {}
        self._hears: dict[int, dict[int, float]] = {}  # listener -> source -> gain
        self._heard_by: dict[int, set[int]] = {}  # source -> listeners
        self._asides: dict[int, set[int]] = {}  # listener -> legs that recordings of it leave out

    @property
    def said(self) -> Sound:
        """Voices of the lines: the upper third of X."""
        return self.x[: self.rows]

    @property
    def played(self) -> Sound:
        """Sound of the players: the middle of X."""
        return self.x[self.rows : 2 * self.rows]

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
        return tuple(self._heard_by.get(source_of(leg), ()))

    def place(self, leg: int, row: int) -> None:
        """Put a leg on a row, with all its entries."""
        self._lift(leg)
        self._row_of[leg], self._leg_at[row], self._taken = row, leg, None
        self._rooms.arrange()
        self._limiter[row] = 1.0
        if source_of(leg, played=True) not in self._hears.setdefault(leg, {}):
            self.hear(leg, leg, 1.0, played=True)
        for source, gain in self._hears[leg].items():
            self._enter(leg, source, gain)
        for source in _sources(leg):
            for listener in self._heard_by.get(source, ()):
                self._enter(listener, source, self._hears[listener][source])

    def remove(self, leg: int) -> None:
        """Remove a leg and its entries."""
        self._lift(leg)
        for source in self._hears.pop(leg, {}):
            self._heard_by[source].discard(leg)
            self._leave_room(source)
        for source in _sources(leg):
            for listener in self._heard_by.pop(source, set()):
                self._hears[listener].pop(source, None)
            for room in self._rooms.forget(source):
                self._leave_room(source_of(room))
        if self._asides:
            self._asides.pop(leg, None)
            for listener in tuple(self._asides):
                self._set_aside(listener, leg, aside=False)

    def hear(self, listener: int, leg: int, gain: float, *, played: bool = False, aside: bool = False) -> None:
        """Set one entry; 0 removes it. `played`: the source is the sound played to the leg, not its voice.

        A conference is named by a negative number: it hears legs, and legs hear it. `aside`: see `recorded`.
        """
        source = source_of(leg, played=played)
        if listener < 0:
            self._rooms.set(listener, source, gain)
            self._leave_room(source_of(listener))
            return
        if aside or self._asides:
            self._set_aside(listener, leg, aside=aside and bool(gain))
        self._rooms.arrange()
        if gain or source == source_of(listener, played=True):  # one that does not hear its own player is remembered
            self._hears.setdefault(listener, {})[source] = gain
            self._heard_by.setdefault(source, set()).add(listener)
        else:
            self._hears.get(listener, {}).pop(source, None)
            self._heard_by.get(source, set()).discard(listener)
        self._enter(listener, source, gain)
        if not gain:
            self._leave_room(source)

    def mix(self, pressing: Rows | None = None, energy: Sound | None = None) -> None:
        """Compute this tick's Y from this tick's X. Conferences do not hear rows in which a key sounds (`pressing`).

        `energy`: sum of squares of each voice [rows], where it is known already.
        """
        in_rooms = self._rooms.add_up(self.x, pressing, energy)
        rows, sums = self._gains.sums(self.x)
        if in_rooms:
            self._rooms.take_out(rows, sums)
        if rows is not self._mixed:
            self._mixed, self._into = rows, _stretch(rows)
            self.y.fill(0)
        if not len(rows):
            return
        gain = self._limiter[self._into]
        self.y[self._into] = limit(sums, gain)
        self._limiter[self._into] = gain

    def source_row(self, source: int) -> int | None:
        """Return the row of X of a source, None while it has none."""
        leg, played = divmod(source, 2)
        if leg < 0:
            return 2 * self.rows + self._rooms.row(leg)
        row = self._row_of.get(leg)
        return row if row is None or not played else self.rows + row

    def _gain(self, leg: int, source: int) -> float:
        return self._hears.get(leg, {}).get(source, 0.0)

    def recorded(self, tones: Container[int] = ()) -> Sound:
        """Return this tick's Y as recordings have it: without what is said aside to a listener.

        `tones`: rows whose sound was replaced by tones.
        """
        if not self._asides:
            return self.y
        y = self.y.copy()
        for listener, legs in self._asides.items():
            row = self._row_of.get(listener)
            if row is not None and row not in tones:
                y[row] = self._sum(row, {self._row_of.get(leg) for leg in legs})
        return y

    def _sum(self, row: int, without: Container[int | None]) -> Sound:
        gains = {source: gain for source, gain in self._gains.heard_by(row).items() if source not in without}
        heard: Sound = np.array(list(gains.values()), np.float32) @ self.x[list(gains)]
        return np.clip(heard, -1.0, 1.0, out=heard)

    def _set_aside(self, listener: int, leg: int, *, aside: bool) -> None:
        legs = self._asides.setdefault(listener, set())
        (legs.add if aside else legs.discard)(leg)
        if not legs:
            del self._asides[listener]

    def _enter(self, listener: int, source: int, gain: float) -> None:
        sink, at = self._row_of.get(listener), self.source_row(source)
        if sink is not None and at is not None:
            self._gains.set(sink, at, gain)

    def _leave_room(self, source: int) -> None:
        """Free the row of a conference that no leg hears or speaks to; no-op for other sources."""
        if source < 0 and not self._heard_by.get(source):
            self._heard_by.pop(source, None)
            self._rooms.left(source // 2)

    def _lift(self, leg: int) -> None:
        row = self._row_of.get(leg)
        if row is None:
            return
        for source in self._hears.get(leg, {}):
            self._enter(leg, source, 0.0)
        for source in _sources(leg):
            for listener in self._heard_by.get(source, ()):
                self._enter(listener, source, 0.0)
        del self._row_of[leg]
        self._rooms.arrange()
        if self._leg_at.get(row) == leg:
            del self._leg_at[row]
            self._taken = None


def _stretch(rows: Rows) -> Rows | slice:
    """Return rows, ascending, as a slice if none lacks between them: that is copied in one go."""
    if len(rows) and rows[-1] - rows[0] == len(rows) - 1:
        return slice(int(rows[0]), int(rows[-1]) + 1)
    return rows


def _sources(leg: int) -> tuple[int, int]:
    """Return the voice of a leg and the sound played to it."""
    return source_of(leg), source_of(leg, played=True)
