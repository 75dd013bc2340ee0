# SPDX-License-Identifier: GPL-2.0-or-later
"""Line echo canceller for all rows at once (ITU-T G.168), in the frequency domain.

The echo path is cut into parts of one tick; each part is a filter in the frequency domain (overlap-save, partitioned
block adaptive filter), so that a tick costs a few FFTs a row and no delay. Two filters run side by side: the background
one always adapts, the foreground one makes the output and is replaced only when the background one has done clearly
better for a while. Double talk may spoil the background, but not what is heard. The step of each part grows with its
share of the response, for a hybrid's echo is short within a long tail.

What is left after the filter is turned down by a suppressor while only the far end speaks, down to the noise of the
line.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.energy import tick_power
from dsp.errors import ShapeError
from dsp.levels import TICK_SAMPLES, Float, amplitude

Spectrum = NDArray[np.complex64]

_SIZE: Final = 2 * TICK_SAMPLES
_BINS: Final = TICK_SAMPLES + 1
_STEP: Final = np.float32(0.7)
_EVEN_SHARE: Final = np.float32(0.1)  # of the largest part's step, for parts that hold nothing yet
_SILENT: Final = np.float32(amplitude(-50.0) ** 2 / 2)  # far end below this teaches nothing
_BETTER: Final = np.float32(0.9)  # background error power against the foreground's, to be called better
_WORSE: Final = np.float32(2.0)  # ... to be called spoiled
_BETTER_TICKS: Final = 2
_WORSE_TICKS: Final = 5
_USELESS_TICKS: Final = 8
_NO_SIZE: Final = np.float32(3e-5)
_SMOOTH: Final = np.float32(0.6)
_FLOOR_RISE: Final = np.float32(1.002)  # a tick: 0.4 dB a second
_RESIDUAL: Final = np.float32(0.02)  # error against echo estimate (-17 dB): less is echo only, the near end is silent
_DOWN: Final = np.float32(0.05)  # the suppressor's least gain (-26 dB)


class EchoCanceller:
    """Cancels in `rows` rows echoes of up to `tail_ms`; rows are switched by `enabled` [rows] (all on at first)."""

    def __init__(self, rows: int, tail_ms: float = 128.0, *, suppress: bool = True) -> None:
        self.rows, self.parts = rows, -(-round(tail_ms * 8) // TICK_SAMPLES)
        self.enabled = np.ones(rows, bool)
        self._suppress = suppress
        shape = (self.parts, rows, _BINS)
        self._far = np.zeros((rows, _SIZE), np.float32)  # the last two ticks sent to the line
        self._spectra: Spectrum = np.zeros(shape, np.complex64)  # of the far end; the newest at `_newest`
        self._power = np.zeros(shape, np.float32)
        self._newest = 0
        self._back: Spectrum = np.zeros(shape, np.complex64)
        self._front: Spectrum = np.zeros(shape, np.complex64)
        self._size = np.full((self.parts, rows), _NO_SIZE, np.float32)  # of each part's response when it was last cut
        self._scratch: Spectrum = np.zeros((rows, _BINS), np.complex64)
        self._errors = np.zeros((3, rows), np.float32)  # smoothed power: foreground error, background error, near end
        self._streak = np.zeros((3, rows), np.intp)  # ticks: background better, background worse, foreground useless
        self._loud = np.zeros(rows, bool)  # the far end is heard
        self._noise = np.full(rows, amplitude(-55.0) ** 2 / 2, np.float32)
        self._gain = np.ones(rows, np.float32)
        self._part = 0  # the part whose filter is cut to its length in this tick

    def feed(self, far: Float, near: Float) -> Float:
        """One tick: what is sent to the line `far`, received from it `near` [rows, 160]; returns `near` without echo.

        Raises ShapeError.
        """
        for x in (far, near):
            if x.shape != (self.rows, TICK_SAMPLES):
                raise ShapeError(f"[{self.rows}, {TICK_SAMPLES}]", x.shape)
        self._shift(far)
        parts = [
            (self._newest - part) % self.parts for part in range(self.parts)
        ]  # where the spectrum of a part's age is
        front_echo, back_echo = self._echo(self._front, parts), self._echo(self._back, parts)
        front, back = near - front_echo, near - back_echo
        self._learn(parts, back)
        self._choose(front, back, near)
        clean = self._suppressed(front, front_echo) if self._suppress else front
        return np.where(self.enabled[:, None], clean, near)

    def reset(self, row: int) -> None:
        """Forget the echo path of `row`: it belongs to another call from now on."""
        self._far[row] = 0
        for state in (self._spectra, self._power, self._back, self._front):
            state[:, row] = 0
        self._size[:, row] = _NO_SIZE
        self._errors[:, row], self._streak[:, row], self._gain[row] = 0, 0, 1

    def _shift(self, far: Float) -> None:
        self._far[:, :TICK_SAMPLES] = self._far[:, TICK_SAMPLES:]
        self._far[:, TICK_SAMPLES:] = far
        self._newest = (self._newest + 1) % self.parts
        spectrum = np.fft.rfft(self._far, axis=1)
        self._spectra[self._newest] = spectrum
        self._power[self._newest] = spectrum.real**2 + spectrum.imag**2

    def _echo(self, weights: Spectrum, parts: list[int]) -> Float:
        """What the filter says comes back in this tick [rows, 160]."""
        total, product = np.zeros((self.rows, _BINS), np.complex64), self._scratch
        for weight, part in zip(weights, parts, strict=True):  # one part at a time stays in the cache
            np.multiply(weight, self._spectra[part], out=product)
            total += product
        return np.asarray(np.fft.irfft(total, _SIZE, axis=1)[:, TICK_SAMPLES:], np.float32)

    def _learn(self, parts: list[int], error: Float) -> None:
        """One normalised step of the background filter, larger in the parts that matter."""
        share = self._size + _EVEN_SHARE * self._size.max(axis=0)
        share = (share / share.sum(axis=0))[:, :, None]
        norm = np.zeros((self.rows, _BINS), np.float32)
        for weight, part in zip(share, parts, strict=True):
            norm += weight * self._power[part]
        norm += norm.mean(axis=1, keepdims=True) * np.float32(0.05) + np.float32(1e-6)
        padded = np.zeros((self.rows, _SIZE), np.float32)
        padded[:, TICK_SAMPLES:] = error
        self._loud = np.einsum("ij,ij->i", self._far, self._far) > _SILENT * _SIZE
        step = (np.fft.rfft(padded, axis=1) * (_STEP * self._loud[:, None] / norm)).astype(np.complex64)
        for weight, part, response in zip(share, parts, self._back, strict=True):
            np.conjugate(self._spectra[part], out=self._scratch)
            self._scratch *= step
            self._scratch *= weight
            np.add(response, self._scratch, out=response)
        self._cut()

    def _cut(self) -> None:
        """Keep one part's response within its tick, round robin: the filters drift only slowly out of it."""
        self._part = (self._part + 1) % self.parts
        for part in {self._part, (self._part + self.parts // 2) % self.parts}:
            response = np.fft.irfft(self._back[part], _SIZE, axis=1)
            response[:, TICK_SAMPLES:] = 0
            self._back[part] = np.fft.rfft(response, axis=1)
            self._size[part] = np.sqrt(np.einsum("ij,ij->i", response, response) + np.float32(1e-9))

    def _choose(self, front: Float, back: Float, near: Float) -> None:
        """Foreground from background where that is better; background from foreground where it is spoiled."""
        now = np.stack([tick_power(front), tick_power(back), tick_power(near)])
        self._errors += (1 - _SMOOTH) * (now - self._errors)
        better = (self._errors[1] < _BETTER * self._errors[0]) & (now[1] < _BETTER * now[0])
        worse = self._errors[1] > _WORSE * self._errors[0]
        useless = (self._errors[0] > self._errors[2]) & self._loud
        self._streak = np.where(np.stack([better, worse, useless]), self._streak + 1, 0)
        copy = np.flatnonzero(self._streak[0] >= _BETTER_TICKS)
        if len(copy):
            self._front[:, copy] = self._back[:, copy]
            self._errors[0, copy] = self._errors[1, copy]
        restore = np.flatnonzero(self._streak[1] >= _WORSE_TICKS)
        if len(restore):
            self._back[:, restore] = self._front[:, restore]
            self._errors[1, restore] = self._errors[0, restore]
            self._streak[1, restore] = 0
        # A foreground that makes it louder than it came belongs to another path: begin anew, with even steps.
        lost = np.flatnonzero(self._streak[2] >= _USELESS_TICKS)
        if len(lost):
            self._front[:, lost] = self._back[:, lost] = 0
            self._size[:, lost] = _NO_SIZE
            self._streak[2, lost] = 0

    def _suppressed(self, clean: Float, echo: Float) -> Float:
        """Residual echo turned down towards the noise of the line while the near end is silent."""
        left, was = tick_power(clean), tick_power(echo)
        quiet_far = was < _SILENT / 10
        self._noise = np.where(quiet_far, np.minimum(self._noise * _FLOOR_RISE, np.maximum(left, 1e-9)), self._noise)
        only_echo = (left < _RESIDUAL * was) & ~quiet_far
        floor = np.sqrt(self._noise / np.maximum(left, 1e-12))
        wanted = np.where(only_echo, np.clip(floor, _DOWN, 1), 1).astype(np.float32)
        before, self._gain = self._gain, wanted
        ramp = np.linspace(0, 1, TICK_SAMPLES, dtype=np.float32)
        return np.asarray(clean * (before[:, None] + (wanted - before)[:, None] * ramp), np.float32)
