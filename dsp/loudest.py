# SPDX-License-Identifier: GPL-2.0-or-later
"""The loudest voices of conferences: of each group at most so many are let through, chosen anew every tick.

A voice is let through as it is or not at all, so no level is pumped. It fades in and out within one tick, and it keeps
its place through the pauses between words: levels fall slowly, and a newcomer has to be louder by a margin.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from dsp.blocks import Rows
from dsp.levels import TICK_SAMPLES, Float

_RISE: Final = np.float32(0.5)  # half of the way to a higher power in one tick: a click alone takes no place
_FALL: Final = np.float32(10**-0.05)  # 0.5 dB a tick, 25 dB a second
_MARGIN: Final = np.float32(10**0.6)  # 6 dB in power
_TIE: Final = 1e-12  # voices that are open come before others as loud, also in silence
_FADE: Final = np.arange(1, TICK_SAMPLES + 1, dtype=np.float32) / np.float32(TICK_SAMPLES)


class Heard(NamedTuple):
    """Voices that are let through in a tick.

    Attributes:
        voices: their places, ascending; the same array for as long as they are the same and whole.
        course: gains of each [voices, 160], while it fades; None: all are whole.
    """

    voices: Rows
    course: Float | None = None


class Loudest:
    """The choice among `groups` [voices]: the group of each voice, ascending.

    Attributes:
        level: power that counts for each voice [voices].
        open: 1 for a voice that is let through, else 0 [voices].
    """

    def __init__(self, groups: Rows, most: int, level: Float | None = None, opened: Float | None = None) -> None:
        """Choose `most` voices of each group; `level` and `opened` go on from an earlier choice."""
        voices = len(groups)
        self.level: Float = np.zeros(voices, np.float32) if level is None else level
        self._lower = np.empty(voices, np.float32)
        _, first, number, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
        self._apart = 64.0 * number  # more than any power, so that groups sort one after the other
        place = np.arange(voices) - np.repeat(first, sizes)
        self._seats = np.flatnonzero(place < most)
        self._crowded = bool(len(sizes)) and int(sizes.max()) > most
        self._let(np.zeros(voices, np.float32) if opened is None else opened)

    def choose(self, power: Float) -> Heard:
        """Choose by the mean square of each voice in this tick [voices]."""
        if not self._crowded and len(self._whole.voices) == len(power):
            return self._whole
        before, wanted = self.open, self._loudest(power)
        if (wanted == before).all():
            return self._whole
        self._let(wanted)
        voices = np.flatnonzero(np.maximum(before, wanted))
        start = before[voices, None]
        return Heard(voices, start + (wanted[voices, None] - start) * _FADE)

    def _loudest(self, power: Float) -> Float:
        level, lower = self.level, self._lower
        np.multiply(level, _FALL, out=lower)
        level += power
        level *= _RISE  # half of the way
        np.minimum(level, power, out=level)
        np.maximum(level, lower, out=level)
        order = (self._base - level * self._weight).argsort(kind="stable")
        wanted = np.zeros(len(order), np.float32)
        wanted[order[self._seats]] = 1
        return wanted

    def _let(self, opened: Float) -> None:
        """Set the voices that go through: they are rated above others from now on."""
        self.open = opened
        self._whole = Heard(np.flatnonzero(opened))
        self._weight = 1 + (_MARGIN - 1) * opened
        self._base = self._apart - _TIE * opened
