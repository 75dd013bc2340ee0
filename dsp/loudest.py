# SPDX-License-Identifier: GPL-2.0-or-later
"""The loudest voices of conferences: of each group at most so many are let through, chosen anew every tick.

A voice is let through as it is or not at all, so no level is pumped. It fades in and out within one tick, and it keeps
its place through the pauses between words: levels fall slowly, and a newcomer has to be louder by a margin.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from dsp.blocks import A_SAMPLE, Rows
from dsp.levels import TICK_SAMPLES, Float

_RISE: Final = np.float32(0.5)  # part of the way to a higher power in one tick: a click alone takes no place
_FALL: Final = np.float32(10**-0.05)  # 0.5 dB a tick, 25 dB a second
_MARGIN: Final = np.float32(10**0.6)  # 6 dB in power
_TIE: Final = 1e-12  # voices that are open come before others as loud, also in silence
_FADE: Final = np.arange(1, TICK_SAMPLES + 1, dtype=np.float32) / np.float32(TICK_SAMPLES)


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
        self.open: Float = np.zeros(voices, np.float32) if opened is None else opened
        self._most = most
        self._apart = 64.0 * groups  # more than any power, so that groups sort one after the other
        _, first, sizes = np.unique(groups, return_index=True, return_counts=True)
        self._place = np.arange(voices) - np.repeat(first, sizes)
        self._crowded = bool(len(sizes)) and int(sizes.max()) > most

    def let_through(self, said: Float) -> None:
        """Leave of the voices [voices, 160] those that are chosen in this tick, whole or fading; silence the others."""
        if not self._crowded and self.open.all():
            return
        wanted = self._choose(said)
        if np.array_equal(wanted, self.open):
            said *= wanted[:, None]
        else:
            said *= self.open[:, None] + (wanted - self.open)[:, None] * _FADE
        self.open = wanted

    def _choose(self, said: Float) -> Float:
        power = np.vecdot(said, said) * A_SAMPLE
        level = self.level
        self.level = np.where(power > level, level + (power - level) * _RISE, np.maximum(power, level * _FALL))
        rated = self.level * (1 + (_MARGIN - 1) * self.open)
        order = (self._apart - rated - _TIE * self.open).argsort(kind="stable")
        wanted = np.zeros(len(order), np.float32)
        wanted[order[self._place < self._most]] = 1
        return wanted
