# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences in the fabric: each has a row of X, the sum of its loudest voices, which its listeners hear.

A listener whose own voice is in the sum gets it taken out again: all others hear the same sum, computed once. What a
leg is played is added as it is, whatever voices are loudest: an announcement to all.
"""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import A_SAMPLE, Rows
from dsp.loudest import Loudest

LOUDEST: Final = 8
"""Voices of a conference that are heard at a time."""
Sound = NDArray[np.float32]


def source_of(leg: int, *, played: bool = False) -> int:
    """Return the source of the fabric that a leg's voice is, or what it is played; of a conference the sum."""
    return 2 * leg + played


class Sources(NamedTuple):
    """Sources of conferences, by conference.

    Attributes:
        rows: row of X of each.
        sinks: row of X of its conference, ascending.
        gains: gain with which its conference hears it.
        own: row of its line.
        listens: gain with which its leg hears this conference, 0: not at all.
    """

    rows: Rows
    sinks: Rows
    gains: Sound
    own: Rows
    listens: Sound

    def at(self, places: Rows | slice) -> "Sources":
        """Return those at some places, ascending."""
        rows, sinks, gains, own, listens = self
        return Sources(rows[places], sinks[places], gains[places], own[places], listens[places])


class Part:
    """Some sources of conferences: what each conference has of them, and what its listeners hear too much."""

    def __init__(self, sources: Sources) -> None:
        self.sources, self.rows = sources, sources.rows
        self.gains = None if (sources.gains == 1).all() else sources.gains
        self._first = np.flatnonzero(np.diff(sources.sinks, prepend=-1))
        self._sinks = sources.sinks[self._first]
        self._hears = np.flatnonzero(sources.listens)
        self._own, listens = sources.own[self._hears], sources.listens[self._hears]
        self._once = len(np.unique(self._own)) == len(self._own)
        self._listens = None if (listens == 1).all() else listens[:, None]
        self._of: Rows | None = None
        self._at: Rows = self._own

    def __len__(self) -> int:
        """Return the number of sources."""
        return len(self.rows)

    def sound(self, x: Sound) -> Sound:
        """Return the sound of each [sources, 160], as its conference hears it."""
        sound = x[self.rows]
        if self.gains is not None:
            sound *= self.gains[:, None]
        return sound

    def add(self, sound: Sound, x: Sound) -> None:
        """Add the sound of each to its conference."""
        if len(self):
            x[self._sinks] += np.add.reduceat(sound, self._first, axis=0)

    def take_out(self, sound: Sound, rows: Rows, sums: Sound) -> None:
        """Subtract the `sound` of each from the sum of its line; `rows` [sums], ascending, are those of `sums`."""
        if not len(self._hears):
            return
        own = sound[self._hears]
        if self._listens is not None:
            own *= self._listens
        if rows is not self._of:  # the same array for as long as they are the same
            self._of, self._at = rows, np.searchsorted(rows, self._own)
        if self._once:
            sums[self._at] -= own
        else:
            np.subtract.at(sums, self._at, own)


_NO_ROWS: Final[Rows] = np.zeros(0, np.intp)
_NO_GAINS: Final[Sound] = np.zeros(0, np.float32)
_NOBODY: Final = Part(Sources(_NO_ROWS, _NO_ROWS, _NO_GAINS, _NO_ROWS, _NO_GAINS))


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
        self._summed = _NO_ROWS
        self._loudest = Loudest(_NO_ROWS, LOUDEST)
        self._voices = self._heard = self._played = _NOBODY
        self._heard_at: Rows | None = None  # places of `_heard` among the voices
        self._added: list[tuple[Part, Sound]] = []

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

    def add_up(self, x: Sound, pressing: Rows | None = None, energy: Sound | None = None) -> bool:
        """Set the rows of rooms in X; return whether a room hears anything: then `take_out` follows.

        A line in which a key sounds (`pressing`) is silent to the room. `energy`: sum of squares of each line's voice,
        where it is known.
        """
        if self._changed:
            self._regroup(x)
        if not len(self._summed):
            return False
        x[self._summed] = 0
        self._added.clear()
        if len(self._voices):
            self._add(self._through(x, pressing, energy), x)
        if len(self._played):
            self._add((self._played, self._played.sound(x)), x)
        return True

    def _add(self, added: tuple[Part, Sound], x: Sound) -> None:
        part, sound = added
        part.add(sound, x)
        self._added.append(added)

    def _through(self, x: Sound, pressing: Rows | None, energy: Sound | None) -> tuple[Part, Sound]:
        """Return the voices that are loud enough, and their sound: the others cost nothing more."""
        pressing = _NO_ROWS if pressing is None else pressing
        voices, course = self._loudest.choose(self._power(x, pressing, energy))
        if voices is not self._heard_at:
            self._heard_at, self._heard = voices, Part(self._voices.sources.at(voices))
        sound = self._heard.sound(x)
        if course is not None:
            sound *= course
        if len(pressing):
            sound[np.isin(self._heard.rows, pressing)] = 0
        return self._heard, sound

    def _power(self, x: Sound, pressing: Rows, energy: Sound | None) -> Sound:
        rows, gains = self._voices.rows, self._voices.gains
        power: Sound = (np.vecdot(x[rows], x[rows]) if energy is None else energy[rows]) * A_SAMPLE
        if gains is not None:
            power *= gains * gains
        if len(pressing):
            power[np.isin(rows, pressing)] = 0
        return power

    def take_out(self, rows: Rows, sums: Sound) -> None:
        """Take the own part out of the `sums` of lines that hear a room which hears them; `rows` as in `Gains.sums`."""
        for part, sound in self._added:
            part.take_out(sound, rows, sums)

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
        of = sum(not played for played, *_ in there)
        self._keys = [(room, source) for _played, _at, _row, source, room, _gain in there[:of]]
        kept = np.array([before.get(key, (0.0, 0.0)) for key in self._keys], np.float32).reshape(-1, 2)
        rows = np.array([row for _played, _at, row, *_ in there], np.intp)
        sinks = np.array([2 * self._rows + at for _played, at, *_ in there], np.intp)
        gains = np.array([gain for *_, gain in there], np.float32)
        listens = [self._gain(source // 2, source_of(room)) for _played, _at, _row, source, room, _gain in there]
        sources = Sources(rows, sinks, gains, rows % max(self._rows, 1), np.array(listens, np.float32))
        self._voices, self._played = Part(sources.at(slice(of))), Part(sources.at(slice(of, None)))
        self._loudest = Loudest(sinks[:of], LOUDEST, kept[:, 0].copy(), kept[:, 1].copy())
        self._heard_at = None
        self._summed = np.unique(sinks)
