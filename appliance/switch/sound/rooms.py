# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences in the fabric: each has a row of X, the sum of its loudest voices, which its listeners hear.

A listener whose own voice is in the sum gets it taken out again: all others hear the same sum, computed once. What a
leg is played is added as it is, whatever voices are loudest: an announcement to all.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import Rows
from dsp.loudest import Loudest

LOUDEST: Final = 8
"""Voices of a conference that are heard at a time."""
Sound = NDArray[np.float32]


def source_of(leg: int, *, played: bool = False) -> int:
    """Return the source of the fabric that a leg's voice is, or what it is played; of a conference the sum."""
    return 2 * leg + played


class Share(NamedTuple):
    """Legs that are heard by the conference that they hear.

    Attributes:
        places: of these legs, in the sound that rooms hear.
        rows: row of each one's line.
        gains: gain with which each hears its conference [legs, 1]; None: all 1.
        once: no row is there twice.
    """

    places: Rows
    rows: Rows
    gains: Sound | None
    once: bool

    @classmethod
    def of(cls, first: int, rows: Rows, gains: Sound) -> "Share":
        """Return the share of sources from place `first` on, of which those with a gain listen."""
        hears = np.flatnonzero(gains)
        listens = gains[hears, None]
        once = len(np.unique(rows[hears])) == len(hears)
        return cls(hears + first, rows[hears], None if (listens == 1).all() else listens, once)

    def take_out(self, sound: Sound, rows: Rows, sums: Sound) -> None:
        """Subtract their own `sound` from the `sums` of their lines; `rows` [sums], ascending, are those of `sums`."""
        own = sound[self.places]
        if self.gains is not None:
            own *= self.gains
        at = np.searchsorted(rows, self.rows)
        if self.once:
            sums[at] -= own
        else:
            np.subtract.at(sums, at, own)


class Rooms:
    """All conferences. A room is a negative number.

    Args:
        rows: of the fabric: there are no more rooms than legs.
        row_of: returns the row of X of a source, None while it has none.
        gain: returns the gain with which a leg hears a source.

    """

    def __init__(self, rows: int, row_of: Callable[[int], int | None], gain: Callable[[int, int], float]) -> None:
        self._rows, self._row_of, self._gain = rows, row_of, gain
        self._hears: dict[int, dict[int, float]] = {}  # room -> source -> gain
        self._at: dict[int, int] = {}  # room -> its row, counted from the first one of rooms
        self._free = list(range(rows - 1, -1, -1))
        self._changed = False
        self._keys: list[tuple[int, int]] = []
        nothing: Rows = np.zeros(0, np.intp)
        self._loudest = Loudest(nothing, LOUDEST)
        self._sources = self._sinks = self._first = self._summed = nothing
        self._gains: Sound | None = None
        self._sound: Sound = np.zeros((0, 0), np.float32)
        self._shares: list[Share] = []
        self._voices = 0

    def row(self, room: int) -> int:
        """Return the row of a room, counted from the first one of rooms; it is its own until the room is left."""
        at = self._at.get(room)
        if at is None:
            at = self._at[room] = self._free.pop()
        return at

    def arrange(self) -> None:
        """Look again where the legs are, before the next tick: some came, went, moved, or hear otherwise."""
        self._changed |= bool(self._at)

    def set(self, room: int, source: int, gain: float) -> None:
        """Set the gain with which a room hears a source; 0: not at all."""
        hears = self._hears.setdefault(room, {})
        if gain:
            hears[source] = gain
            self.row(room)
        else:
            hears.pop(source, None)
        self._changed = True

    def forget(self, source: int) -> list[int]:
        """Remove a source that is gone; return the rooms that heard it."""
        heard = [room for room, hears in self._hears.items() if source in hears]
        for room in heard:
            self.set(room, source, 0.0)
        return heard

    def left(self, room: int) -> None:
        """Free the row of a room that no leg hears, unless it hears one."""
        if not self._hears.get(room):
            self._hears.pop(room, None)
            self._changed = True
            if (at := self._at.pop(room, None)) is not None:
                self._free.append(at)

    def add_up(self, x: Sound, pressing: Rows | None = None) -> bool:
        """Set the rows of rooms in X; return whether a room hears anything: then `take_out` follows.

        A line in which a key sounds (`pressing`) is silent to the room.
        """
        if self._changed:
            self._regroup(x)
        if not len(self._sources):
            return False
        sound = self._sound = x[self._sources]
        if self._gains is not None:
            sound *= self._gains
        voices = self._voices
        if pressing is not None and len(pressing):
            sound[np.flatnonzero(np.isin(self._sources[:voices], pressing))] = 0
        self._loudest.let_through(sound[:voices])
        x[self._summed] = 0
        if voices:
            x[self._sinks[self._first]] = np.add.reduceat(sound[:voices], self._first, axis=0)
        if voices < len(sound):  # few, and seldom
            np.add.at(x, self._sinks[voices:], sound[voices:])
        return True

    def take_out(self, rows: Rows, sums: Sound) -> None:
        """Take the own part out of the `sums` of lines that hear a room which hears them; `rows` as in `Gains.sums`."""
        for share in self._shares:
            share.take_out(self._sound, rows, sums)

    def _regroup(self, x: Sound) -> None:
        """Arrange the sources that have a row: voices by room, then what legs are played."""
        self._changed = False
        before = {
            key: (level, opened)
            for key, level, opened in zip(
                self._keys, self._loudest.level.tolist(), self._loudest.open.tolist(), strict=True
            )
        }
        x[2 * self._rows :] = 0
        there = [
            (source % 2, self.row(room), row, source, room, gain)
            for room, hears in self._hears.items()
            for source, gain in hears.items()
            if (row := self._row_of(source)) is not None
        ]
        there.sort()
        voices = [each for each in there if not each[0]]
        self._voices = len(voices)
        self._keys = [(room, source) for _played, _at, _row, source, room, _gain in voices]
        kept = np.array([before.get(key, (0.0, 0.0)) for key in self._keys], np.float32).reshape(-1, 2)
        groups = np.array([at for _played, at, *_ in voices], np.intp)
        self._loudest = Loudest(groups, LOUDEST, kept[:, 0].copy(), kept[:, 1].copy())
        self._first = np.unique(groups, return_index=True)[1].astype(np.intp)
        self._sources = np.array([row for _played, _at, row, *_ in there], np.intp)
        self._sinks = np.array([2 * self._rows + at for _played, at, *_ in there], np.intp)
        self._summed = np.unique(self._sinks)
        gains = np.array([gain for *_, gain in there], np.float32)[:, None]
        self._gains = None if (gains == 1).all() else gains
        own, of = self._sources % max(self._rows, 1), self._voices
        listens = [self._gain(source // 2, source_of(room)) for _played, _at, _row, source, room, _gain in there]
        heard = np.array(listens, np.float32)
        shares = (Share.of(0, own[:of], heard[:of]), Share.of(of, own[of:], heard[of:]))
        self._shares = [share for share in shares if len(share.places)]
