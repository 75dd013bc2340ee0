# SPDX-License-Identifier: GPL-2.0-or-later
"""The adaptive filter of the line echo canceller: a Kalman filter in the frequency domain, for all rows at once.

The echo path is cut into parts of one tick (overlap-save, no delay). For each part and frequency the filter keeps its
uncertainty; with the power that it cannot explain (near speech, noise, quantisation) that gives the step. So it learns
fast at first, finely later, and hardly while the near end speaks: no decision on double talk is needed. Sources: Enzner
and Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control in hands-free telephones", Signal
Processing 86 (2006); Kuech, Mabande and Enzner, "State-space architecture of the partitioned-block-based acoustic echo
controller", ICASSP 2014. Two filters after Ochiai, Araseki and Ogihara, "Echo canceler with two echo path models", IEEE
Trans. Communications 25 (1977): the background one learns, the foreground one makes the output and is replaced only by
a better one.

A tone teaches nothing about the path at other frequencies, so a filter that has learnt is kept as it is while the far
end sends tones (G.168 tests 6 and 7). A filter that has not learnt may cancel the tone, and forgets that afterwards,
unless the returned sound is too loud to be echo (test 8).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from dsp.energy import tick_power
from dsp.levels import TICK_SAMPLES, Float, amplitude

Spectrum = NDArray[np.complex64]
Mask = NDArray[np.bool_]

_SIZE: Final = 2 * TICK_SAMPLES
_BINS: Final = TICK_SAMPLES + 1
_UNKNOWN: Final = np.float32(0.3)  # uncertainty of an unknown path: a loss of 5 dB in any one part
_KEEP: Final = np.float32(0.9998**2)  # share of the path that is the same a tick later
_PSI_SMOOTH: Final = np.float32(0.5)
_LEAST_PSI: Final = np.float32(1e-6)
_LOUD: Final = np.float32(amplitude(-50.0) ** 2 / 2)  # a quieter far end is no use for learning
_SMOOTH: Final = np.float32(0.6)
_BETTER, _BETTER_TICKS = np.float32(0.9), 2  # background error power against the foreground's
_FAR_BETTER: Final = np.float32(0.5)  # ... to be taken over at once
_WORSE, _WORSE_TICKS = np.float32(2.0), 5
_LOST_TICKS: Final = 8  # of output louder than input
_FITS: Final = np.float32(0.4)  # of the echo's power at least must have been removed: a correlation of 0.7
_UNFIT_TICKS, _DOUBT_REST_TICKS = 4, 25
_TONAL: Final = np.float32(0.12)  # sum p^2 / (sum p)^2 over the spectrum: noise has 0.01, a pair of tones 0.16 and more
_TONAL_TICKS: Final = 6  # in a row, longer than a vowel stays that pure
_LEARNT: Final = np.float32(0.1)  # error power against the near end's after learning from other than tones: 10 dB
_NO_ECHO: Final = np.float32(0.7)  # near against far end power: hybrids lose 6 dB or so, this is another source


class EchoFilter:
    """Two filters of `parts` ticks in each of up to `rows` rows; the first `n` of them work in a tick."""

    def __init__(self, rows: int, parts: int) -> None:
        self.parts = parts
        shape = (parts, rows, _BINS)
        self._far = np.zeros((rows, _SIZE), np.float32)  # the last two ticks of the far end
        self._spectra: Spectrum = np.zeros(shape, np.complex64)  # of the far end, newest at `_newest`
        self._power = np.zeros(shape, np.float32)  # ... and their squares
        self._back: Spectrum = np.zeros(shape, np.complex64)
        self._front: Spectrum = np.zeros(shape, np.complex64)
        self._doubt = np.full(shape, _UNKNOWN, np.float32)  # mean square error of each coefficient of `_back`
        self._psi = np.zeros((rows, _BINS), np.float32)  # power that is no echo, smoothed
        self._errors = np.zeros((rows, 4), np.float32)  # smoothed powers: front's and back's error, near end, echo
        self._streak = np.zeros((rows, 5), np.intp)  # ticks: better, worse, lost, unfit, tonal
        self._tail = np.zeros((rows, 2), np.intp)  # ticks for which sound, a tone, is still within the filter's length
        self._learnt = np.zeros(rows, bool)  # whether the path is learnt from other sounds than tones
        self._by_tone = np.zeros(rows, bool)  # fitted to a tone only
        self._newest = self._part = 0

    def step(self, far: Float, near: Float, learning: Mask) -> tuple[Float, Float]:
        """Filter one tick of the first n rows [n, 160].

        Return the near end without echo, and the echo that was removed.
        """
        n = len(far)
        self._shift(far)
        order = [(self._newest - age) % self.parts for age in range(self.parts)]
        heard, learner = self._echoes(n, order)
        front, back = near - heard, near - learner
        loud = tick_power(self._far[:n]) > _LOUD
        tonal = self._tonal(n, loud)
        tail = self._tail[:n]
        tail[:] = np.where(np.stack([loud, tonal], axis=1), self.parts, np.maximum(tail - 1, 0))
        self._learn(n, order, back, learning & (tail[:, 0] > 0) & ~self._held(n, near, tonal))
        self._choose(n, (front, back, near, heard), loud & (self._streak[:n, 4] == 0))
        return front, heard

    def clear(self, slot: int) -> None:
        """Drop the state of the row at `slot`."""
        for state in (self._spectra, self._power, self._back, self._front):
            state[:, slot] = 0
        self._doubt[:, slot] = _UNKNOWN
        for one in (self._far, self._psi, self._errors, self._streak, self._tail, self._learnt, self._by_tone):
            one[slot] = 0

    def move(self, source: int, target: int) -> None:
        """Move the row at `source` to `target`."""
        for state in (self._spectra, self._power, self._back, self._front, self._doubt):
            state[:, target] = state[:, source]
        for one in (self._far, self._psi, self._errors, self._streak, self._tail, self._learnt, self._by_tone):
            one[target] = one[source]

    def _shift(self, far: Float) -> None:
        n = len(far)
        self._far[:n, :TICK_SAMPLES] = self._far[:n, TICK_SAMPLES:]
        self._far[:n, TICK_SAMPLES:] = far
        self._newest = (self._newest + 1) % self.parts
        spectrum = fft.rfft(self._far[:n], axis=1)
        self._spectra[self._newest, :n] = spectrum
        self._power[self._newest, :n] = _square(spectrum)

    def _echoes(self, n: int, order: list[int]) -> Float:
        """Return the echo of this tick by foreground and by background [2, n, 160]."""
        total = np.zeros((2, n, _BINS), np.complex64)
        product = np.empty((n, _BINS), np.complex64)
        for part, at in enumerate(order):  # a part at a time stays in the cache
            for path, weights in enumerate((self._front, self._back)):
                np.multiply(weights[part, :n], self._spectra[at, :n], out=product)
                total[path] += product
        return np.asarray(fft.irfft(total, _SIZE, axis=2)[:, :, TICK_SAMPLES:], np.float32)

    def _tonal(self, n: int, loud: Mask) -> Mask:
        """Return the rows whose far end has been only tones for a while."""
        power = self._power[self._newest, :n]
        total = power.sum(axis=1)
        pure = loud & (np.einsum("ij,ij->i", power, power) > _TONAL * total * total)
        streak = self._streak[:n, 4]
        streak[:] = np.where(pure, streak + 1, 0)
        return np.asarray(streak >= _TONAL_TICKS)

    def _held(self, n: int, near: Float, tonal: Mask) -> Mask:
        """Return the rows that a tone must not teach; rows that have learnt only a tone begin anew when it ends."""
        over = self._by_tone[:n] & (self._tail[:n, 1] == 0)
        if over.any():
            self._begin_anew(np.flatnonzero(over))
        too_loud = tick_power(near) > _NO_ECHO * tick_power(self._far[:n])
        held = (self._tail[:n, 1] > 0) & (self._learnt[:n] | too_loud)
        wrong = held & ~self._learnt[:n] & (self._streak[:n, 4] == _TONAL_TICKS)
        if wrong.any():  # the echo it found in the first ticks was another source
            self._begin_anew(np.flatnonzero(wrong))
        self._by_tone[:n] |= tonal & ~held
        return np.asarray(held)

    def _learn(self, n: int, order: list[int], error: Float, learning: Mask) -> None:
        """Take one step of the background filter, in the rows of `learning`."""
        self._part = (self._part + 1) % self.parts
        if not learning.any():
            return
        padded = np.zeros((n, _SIZE), np.float32)
        padded[:, TICK_SAMPLES:] = error
        spectrum = fft.rfft(padded, axis=1)
        explained = np.full((n, _BINS), 1e-9, np.float32)  # error power that the doubt explains
        for part, at in enumerate(order):
            explained += self._doubt[part, :n] * self._power[at, :n]
        power = _square(spectrum)
        other = np.maximum(power - np.float32(0.5) * explained, np.float32(0.02) * power)
        other[:, 1:-1] = 0.5 * other[:, 1:-1] + 0.25 * (other[:, 2:] + other[:, :-2])
        psi = self._psi[:n]
        psi += (1 - _PSI_SMOOTH) * learning[:, None] * (other - psi)
        scale = learning[:, None] / (explained + 2 * np.maximum(psi, _LEAST_PSI))
        self._step(n, order, spectrum, np.asarray(scale, np.float32))
        self._cut(np.flatnonzero(learning))

    def _step(self, n: int, order: list[int], error: Spectrum, scale: Float) -> None:
        product, error = np.empty((n, _BINS), np.complex64), error * scale
        for part, at in enumerate(order):
            doubt = self._doubt[part, :n]
            np.conjugate(self._spectra[at, :n], out=product)
            product *= error
            product *= doubt
            self._back[part, :n] += product
            gain = doubt * scale
            gain *= self._power[at, :n]
            gain *= np.float32(-0.5)  # half of each frame is fresh
            gain += 1
            doubt *= gain

    def _cut(self, slots: NDArray[np.intp]) -> None:
        """Cut two parts' responses to their tick and let their doubt grow, in turn: both change only slowly."""
        growth = np.float32((1 - _KEEP) * self.parts / 2)
        for part in {self._part, (self._part + self.parts // 2) % self.parts}:
            response = fft.irfft(self._back[part, slots], _SIZE, axis=1)
            response[:, TICK_SAMPLES:] = 0
            weights = fft.rfft(response, axis=1)
            self._back[part, slots] = weights
            self._doubt[part, slots] += growth * (_square(weights) + np.float32(1e-6))

    def _choose(self, n: int, signals: tuple[Float, ...], loud: Mask) -> None:
        """Copy background to foreground where that is better, and the reverse where it is spoiled.

        `signals`: the errors of foreground and background, the near end, the echo that was removed.
        """
        now = np.stack([tick_power(x) for x in signals], axis=1)
        errors, streak = self._errors[:n], self._streak[:n, :4]
        errors += (1 - _SMOOTH) * (now - errors)
        better = (errors[:, 1] < _BETTER * errors[:, 0]) & (now[:, 1] < _BETTER * now[:, 0])
        worse = errors[:, 1] > _WORSE * errors[:, 0]
        lost = (errors[:, 0] > errors[:, 2]) & loud
        unfit = (errors[:, 2] - errors[:, 0] < _FITS * errors[:, 3]) & loud & self._learnt[:n]
        goes_on = np.stack([better, worse, lost | ~loud, unfit | ~loud | (streak[:, 3] < 0)], axis=1)
        more = np.stack([better, worse, lost, unfit | (streak[:, 3] < 0)], axis=1)
        streak[:] = np.where(goes_on, streak + more, 0)
        at_once = better & (now[:, 1] < _FAR_BETTER * now[:, 0])
        copy = np.flatnonzero(at_once | (streak[:, 0] >= _BETTER_TICKS))
        if len(copy):
            self._front[:, copy] = self._back[:, copy]
            errors[copy, 0] = errors[copy, 1]
        restore = np.flatnonzero(streak[:, 1] >= _WORSE_TICKS)
        if len(restore):
            self._back[:, restore] = self._front[:, restore]
            errors[restore, 1] = errors[restore, 0]
            streak[restore, 1] = 0
        self._learnt[:n] |= loud & (errors[:, 0] < _LEARNT * errors[:, 2])
        other = np.flatnonzero(streak[:, 3] >= _UNFIT_TICKS)
        if len(other):  # the path may be another one, or the near end is loud: learn fast, and output the better one
            self._doubt[:, other] = np.maximum(self._doubt[:, other], _UNKNOWN)
            streak[other, 3] = -_DOUBT_REST_TICKS
        gone = np.flatnonzero(streak[:, 2] >= _LOST_TICKS)
        if len(gone):  # it makes the sound louder than received: the path is another one
            self._begin_anew(gone)

    def _begin_anew(self, slots: NDArray[np.intp]) -> None:
        self._front[:, slots] = self._back[:, slots] = 0
        self._doubt[:, slots] = _UNKNOWN
        self._streak[slots, :4] = 0
        self._learnt[slots] = self._by_tone[slots] = False


def _square(x: Spectrum) -> Float:
    return np.asarray(x.real**2 + x.imag**2, np.float32)
