# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound that comes from a line before it is answered (RFC 3960): its begin and its end.

A far end that promises sound need not send any, and may send some that it did not promise. So the level decides. The
pauses of a ringing tone are no end: they last up to 5 s. Where not even packets come any more, the end is sooner.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from appliance.contract.ticks import ticks
from dsp.blocks import Tick
from dsp.levels import amplitude

MIN_POWER: Final = np.float32(amplitude(-45.0) ** 2 / 2)
"""Mean square of a tick with sound: above the noise of a line, below all that is meant to be heard."""
ONSET_TICKS: Final = 3
"""Ticks of sound in a row; less is a click of the line that is connected."""
MAX_PAUSE_TICKS: Final = ticks(6.0)
LOST_TICKS: Final = ticks(2.0)

Quiet = Callable[[int], int]
"""Ticks since a leg's line sent anything, even silence."""


class EarlyWatch:
    """Watch on the rows of legs that were dialled, until they are answered."""

    def __init__(self, rows: int, quiet: Quiet) -> None:
        self._quiet = quiet
        self._rows = np.zeros(0, np.intp)
        self._legs: dict[int, int] = {}  # by row
        self._loud = np.zeros(rows, np.intp)  # ticks of sound in a row
        self._silent = np.zeros(rows, np.intp)  # ticks since
        self._heard = np.zeros(rows, np.bool_)

    def watch(self, leg: int, row: int) -> None:
        """Begin to watch a leg; also when it has come to another row."""
        self._legs = {each: other for each, other in self._legs.items() if other != leg} | {row: leg}
        self._loud[row] = self._silent[row] = self._heard[row] = 0
        self._rows = np.array(sorted(self._legs), np.intp)

    def forget(self, leg: int) -> None:
        """End the watch; the leg need not be watched."""
        if leg in self._legs.values():
            self._legs = {row: other for row, other in self._legs.items() if other != leg}
            self._rows = np.array(sorted(self._legs), np.intp)

    def hear(self, said: Tick) -> list[tuple[int, bool]]:
        """Analyse one tick; return the legs from which sound begins to come, or no longer comes."""
        rows = self._rows
        if not len(rows):
            return []
        loud = said.power[rows] >= MIN_POWER
        self._loud[rows] = np.where(loud, self._loud[rows] + 1, 0)
        self._silent[rows] = np.where(loud, 0, self._silent[rows] + 1)
        begins = rows[~self._heard[rows] & (self._loud[rows] >= ONSET_TICKS)]
        stops = [row for row in rows[self._heard[rows] & (self._silent[rows] >= LOST_TICKS)] if self._stopped(row)]
        self._heard[begins], self._heard[stops] = True, False
        return [(self._legs[row], True) for row in begins] + [(self._legs[row], False) for row in stops]

    def _stopped(self, row: int) -> bool:
        return bool(self._silent[row] >= MAX_PAUSE_TICKS or self._quiet(self._legs[row]) >= LOST_TICKS)
