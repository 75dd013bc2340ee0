# SPDX-License-Identifier: GPL-2.0-or-later
"""MFC-R2 interregister signals (ITU-T Q.441): their sound, and a receiver for all rows at once (Q.455).

A signal is two of six frequencies. Every 10 ms the six are fitted together, by least squares, to the last 20 ms: the
fit keeps a strong frequency from leaking into its neighbours, and a pulse or a break of less than 7 ms changes too
little of a window to begin or to end a signal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.blocks import HOP, Detector, Tick
from dsp.levels import SAMPLE_RATE, TICK_SAMPLES, Float, amplitude
from dsp.tones import sine


class Direction(Enum):
    """One of the two sets of frequencies, Hz (Q.441 clause 3.2.1), in the order of their weights 0 1 2 4 7 11."""

    FORWARD = (1380, 1500, 1620, 1740, 1860, 1980)
    BACKWARD = (1140, 1020, 900, 780, 660, 540)


PAIRS: Final = tuple(sorted(combinations(range(6), 2), key=lambda pair: (pair[1], pair[0])))
"""Indices of the two frequencies of signal n, at place n - 1 (Q.441 table 5: 1 = 0+1, 2 = 0+2, 3 = 1+2, 4 = 0+4)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a signal. Q.455: -5 to -35 dBm0, and 5 dB (adjacent) or 7 dB (others) between the two accepted."""

    min_level_dbm0: float = -38.0
    max_twist_db: float = 9.0
    third_db: float = 8.0  # the third strongest must be this far below the second
    purity: float = 0.6  # share of the window's power in the two: a pulse of 7 ms reaches 0.35
    held_purity: float = 0.4  # the same for the signal that is held: a break in mid-window spreads it over neighbours


@dataclass(frozen=True, slots=True)
class SignalStart:
    """Beginning of signal 1..15 in `row`; `at_sample` is the end of the window that showed it."""

    row: int
    signal: int
    at_sample: int


@dataclass(frozen=True, slots=True)
class SignalEnd:
    """End of the signal of `row`."""

    row: int
    signal: int
    at_sample: int


def r2_samples(
    signal: int, direction: Direction, on_ms: float, level_dbm0: float = -8.0, twist_db: float = 0.0
) -> Float:
    """Return the sound of signal 1..15, float32 [n].

    `level_dbm0` is of the stronger frequency, `twist_db` the second over the first. Raises ValueError for other
    signals.
    """
    if not 1 <= signal <= len(PAIRS):
        raise ValueError(f"there is no R2 signal {signal}; they are 1 to {len(PAIRS)}")
    first, second = (direction.value[index] for index in PAIRS[signal - 1])
    samples = round(on_ms * SAMPLE_RATE / 1000)
    return sine([first], level_dbm0 - max(twist_db, 0), samples) + sine(
        [second], level_dbm0 + min(twist_db, 0), samples
    )


def _fit(direction: Direction) -> Float:
    """Return [12, 160]: least-squares amplitudes (cosines, then sines) of the six frequencies."""
    t = (np.arange(TICK_SAMPLES) - TICK_SAMPLES / 2) / SAMPLE_RATE
    angle = 2 * np.pi * np.array(direction.value)[:, None] * t
    return np.asarray(np.linalg.pinv(np.concatenate([np.cos(angle), np.sin(angle)])).T, np.float32)


_SIGNAL_OF: Final = np.zeros((6, 6), np.intp)
for _number, (_a, _b) in enumerate(PAIRS, 1):
    _SIGNAL_OF[_a, _b] = _SIGNAL_OF[_b, _a] = _number


class R2Detector(Detector[SignalStart | SignalEnd]):
    """Detector of R2 signals of one direction in all rows.

    The six are fitted to each tick of all rows; only rows in which they are most of the sound, and rows with a signal
    held, are looked at every 10 ms. A signal shorter than a tick is none.
    """

    def __init__(self, ports: int, direction: Direction, limits: Limits | None = None) -> None:
        super().__init__(ports)
        self.direction, self.limits = direction, limits or Limits()
        self.signal = np.zeros(ports, np.intp)  # the signal that is heard now, 0: none
        self._signals = 0  # rows with one
        self._fit = _fit(direction)
        self._product = np.zeros((len(self._fit), ports), np.float32)
        self._floor = np.float32(amplitude(self.limits.min_level_dbm0) ** 2 / 2)
        self._before = np.zeros((ports, HOP), np.float32)  # the last half of the tick before
        self._samples = 0

    def hear(self, tick: Tick) -> list[SignalStart | SignalEnd]:
        """Analyse one tick; return the signals that began and ended, in order."""
        events: list[SignalStart | SignalEnd] = []
        maybe = self._first_test(tick)
        rows = np.flatnonzero(maybe | (self.signal > 0) if self._signals else maybe)
        if len(rows):
            tones, total = self._measure(rows, tick)
            for hop in range(2):
                now = self._decide(tones[hop], total[hop], self.signal[rows])
                self._change(rows, now, self._samples + (hop + 1) * HOP, events)
        self._samples += TICK_SAMPLES
        np.copyto(self._before, tick.x[:, HOP:])
        return events

    def reset(self, row: int) -> None:
        """Forget all sound of `row`."""
        self._signals -= int(self.signal[row] > 0)
        self.signal[row] = self._before[row] = 0

    def _first_test(self, tick: Tick) -> NDArray[np.bool_]:
        """Return the rows [ports] in which the six have enough of this tick's power for a signal."""
        product = np.matmul(self._fit, tick.x.T, out=self._product)
        np.square(product, out=product)
        six = product.sum(axis=0)
        least = np.maximum(tick.power * np.float32(2 * self.limits.purity), 4 * self._floor)
        return np.asarray(six >= least)

    def _measure(self, rows: NDArray[np.intp], tick: Tick) -> tuple[Float, Float]:
        """Return the power of the six [2, 6, C] and of all [2, C].

        Both in the 20 ms up to the end of each half of the tick.
        """
        now = tick.x[rows]
        windows = np.stack([np.concatenate([self._before[rows], now[:, :HOP]], axis=1), now])
        fits = self._fit @ windows.swapaxes(1, 2)
        np.square(fits, out=fits)
        total = np.vecdot(windows, windows) * np.float32(1 / TICK_SAMPLES)
        return (fits[:, :6] + fits[:, 6:]) * np.float32(0.5), total

    def _decide(self, tones: Float, total: Float, before: NDArray[np.intp]) -> NDArray[np.intp]:
        """Return the signal [C] that each row holds.

        By its six powers [6, C], the power `total` and the signal `before`.
        """
        limits, rows = self.limits, np.arange(len(total))
        order = np.argsort(tones, axis=0)
        third, second, first = (tones[order[place], rows] for place in (3, 4, 5))
        signal = _SIGNAL_OF[order[5], order[4]]
        held = signal == before
        good = (
            (second >= self._floor)
            & (first <= second * 10 ** (limits.max_twist_db / 10))
            & (held | (third * 10 ** (limits.third_db / 10) <= second))
            & (first + second >= np.where(held, limits.held_purity, limits.purity) * total)
        )
        return np.where(good, signal, 0)

    def _change(
        self,
        rows: NDArray[np.intp],
        now: NDArray[np.intp],
        at_sample: int,
        events: list[SignalStart | SignalEnd],
    ) -> None:
        for c in np.flatnonzero(now != self.signal[rows]).tolist():
            row, after = int(rows[c]), int(now[c])
            before = int(self.signal[row])
            if before:
                events.append(SignalEnd(row, before, at_sample))
            if after:
                events.append(SignalStart(row, after, at_sample))
            self._signals += (after > 0) - (before > 0)
            self.signal[row] = after
