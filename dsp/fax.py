# SPDX-License-Identifier: GPL-2.0-or-later
"""Fax and modem answer tones in all rows: CNG and CED (ITU-T T.30 clause 5), and CED with phase reversals (V.25, V.8).

V.18 and V.21 are left out. ANSam's amplitude modulation is not looked for: the phase reversals separate it from CED.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import HOP, Detector, Rows, Tick
from dsp.levels import SAMPLE_RATE, TICK_SAMPLES, Float
from dsp.sounds import HOP_S, HOPS_A_TICK, Runs, SoundBank
from dsp.tones import sine

CNG_HZ: Final = 1100  # T.30: 1100 Hz +-38, 0.5 s on, 3 s off, each +-15 %
CED_HZ: Final = 2100  # T.30: 2100 Hz +-15, 2.6 to 4 s
REVERSAL_S: Final = 0.45  # V.25: the phase is reversed every 450 +-25 ms
_CNG: Final = 1
_CED: Final = 2
_CED_HOPS: Final = round(0.5 / HOP_S)
_APART: Final = 2  # hops between windows that share no sample
_EITHER_SIDE: Final = 2 * _APART + 1  # hops over which a reversal is measured: one window before, one after it


class FaxTone(Enum):
    """Kind of a fax tone."""

    CNG = "cng"
    CED = "ced"
    CED_REVERSED = "ced with phase reversals"


@dataclass(frozen=True, slots=True)
class FaxHeard:
    """A fax tone in `row`; `at_sample` is when it became sure. CED_REVERSED follows the CED it refines."""

    row: int
    tone: FaxTone
    at_sample: int


class FaxDetector(Detector[FaxHeard]):
    """Fax tones in all rows."""

    def __init__(self, rows: int) -> None:
        super().__init__(rows)
        self._bank = SoundBank(rows, [[CNG_HZ], [CED_HZ]])
        self._runs = Runs(rows, keep=2)
        t = np.arange(TICK_SAMPLES) / SAMPLE_RATE
        self._turner = np.exp(-2j * np.pi * CED_HZ * t).astype(np.complex64)
        self._before = np.zeros((rows, HOP), np.float32)  # the second half of the tick before
        self._phasors = np.zeros((rows, 2 * _EITHER_SIDE), np.complex64)  # of the last windows, the latest last
        self._since = np.full(rows, 10**6)  # hops since the last reversal
        self._reversals = np.zeros(rows, np.intp)
        self._silence = np.zeros((HOPS_A_TICK, rows), np.intp)
        self._samples = 0

    def hear(self, tick: Tick, rows: Rows | None = None) -> list[FaxHeard]:
        """Analyse one tick; return the tones that became sure. With `rows` the others count as silent, at no cost."""
        events: list[FaxHeard] = []
        symbols = self._bank.hear(tick, rows)
        if symbols is not None or not self._runs.silent_tick():
            for hop, now in enumerate(self._silence if symbols is None else symbols):
                events += self._hop(tick.x, hop, now)
        self._samples += TICK_SAMPLES
        np.copyto(self._before, tick.x[:, HOP:])
        return events

    def _hop(self, x: Float, hop: int, symbols: NDArray[np.intp]) -> Iterator[FaxHeard]:
        """Yield the tones that half `hop` of the tick `x` makes sure."""
        at_sample = self._samples + (hop + 1) * HOP
        ended = self._runs.advance(symbols)
        burst_s = self._runs.past_lengths[ended, -1] * HOP_S
        cng = (self._runs.past_symbols[ended, -1] == _CNG) & (burst_s >= 0.425) & (burst_s <= 0.575)
        yield from (FaxHeard(row, FaxTone.CNG, at_sample) for row in ended[cng].tolist())
        rows = np.flatnonzero(self._runs.symbol == _CED)
        if not len(rows):
            return
        steady = rows[self._runs.length[rows] == _CED_HOPS]
        yield from (FaxHeard(row, FaxTone.CED, at_sample) for row in steady.tolist())
        turned = self._reversed(rows, self._window(rows, x, hop))
        yield from (FaxHeard(row, FaxTone.CED_REVERSED, at_sample) for row in turned.tolist())

    def _window(self, rows: NDArray[np.intp], x: Float, hop: int) -> Float:
        """Return the 20 ms of `rows` that symbol `hop` of this tick is about."""
        return x[rows] if hop else np.concatenate([self._before[rows], x[rows, :HOP]], axis=1)

    def reset(self, row: int) -> None:
        """Forget all sound of `row`."""
        self._bank.reset(row)
        self._runs.reset(row)
        self._phasors[row], self._since[row], self._reversals[row] = 0, 10**6, 0

    def _reversed(self, rows: NDArray[np.intp], window: Float) -> NDArray[np.intp]:
        """Return those of `rows` with 2100 Hz whose second reversal, 450 ms after the first, is in this hop."""
        past = self._phasors[rows]
        past[:, :-1] = past[:, 1:]
        past[:, -1] = window @ self._turner  # 2100 Hz makes whole cycles a hop: no turn to undo
        self._phasors[rows] = past
        self._since[rows] += 1
        fresh = self._runs.length[rows] < _EITHER_SIDE  # a new tone: the sound before it is not its phase
        self._since[rows[fresh]], self._reversals[rows[fresh]] = 10**6, 0
        jumped = self._jump(past) & ~fresh & (self._since[rows] > 0.1 / HOP_S)
        apart = self._since[rows] * HOP_S
        again = jumped & (apart >= REVERSAL_S - 0.05) & (apart <= REVERSAL_S + 0.05)
        self._reversals[rows] = np.where(jumped, np.where(again, self._reversals[rows] + 1, 0), self._reversals[rows])
        self._since[rows[jumped]] = 0
        return np.asarray(rows[again & (self._reversals[rows] == 1)])

    @staticmethod
    def _jump(past: NDArray[np.complex64]) -> NDArray[np.bool_]:
        """Return whether the phase has jumped by about half a turn, beside the steady turn of a tone that is off."""
        before, middle, after = past[:, -1 - 2 * _EITHER_SIDE + 1], past[:, -1 - _EITHER_SIDE], past[:, -1]
        steady, across = middle * before.conj(), after * middle.conj()
        loud = np.abs(middle) + np.abs(after) > 0
        return np.asarray(((across * steady.conj()).real < -0.5 * np.abs(across) * np.abs(steady)) & loud)


def cng_samples(level_dbm0: float = -13.0) -> Float:
    """Return one period of CNG: 0.5 s on, 3 s off."""
    return np.concatenate([sine([CNG_HZ], level_dbm0, SAMPLE_RATE // 2), np.zeros(3 * SAMPLE_RATE, np.float32)])


def ced_samples(seconds: float = 3.0, level_dbm0: float = -13.0, *, reversals: bool = False) -> Float:
    """Return CED; with `reversals` its phase is reversed every 450 ms, as an echo-canceller disabling tone (V.25)."""
    ced = sine([CED_HZ], level_dbm0, round(seconds * SAMPLE_RATE))
    if reversals:
        ced *= np.where(np.arange(len(ced)) // round(REVERSAL_S * SAMPLE_RATE) % 2, -1, 1).astype(np.float32)
    return ced
