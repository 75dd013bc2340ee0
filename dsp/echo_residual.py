# SPDX-License-Identifier: GPL-2.0-or-later
"""Suppression of residual echo: noise like the line's own replaces it while only the far end speaks (G.168, 7.3)."""

from __future__ import annotations

from typing import Final

import numpy as np

from dsp.energy import tick_power
from dsp.levels import TICK_SAMPLES, Float, amplitude
from dsp.noise import comfort_noise

_QUIET: Final = np.float32(amplitude(-60.0) ** 2 / 2)  # echo below this is none
_ENOUGH: Final = np.float32(0.1)  # residual against echo: above -10 dB it may be speech
_MARGIN: Final = np.float32(16.0)  # ... and so 12 dB above the filter's usual residual
_FORGET: Final = np.float32(1.03)  # a tick, of the usual residual: 0.13 dB
_FLOOR_RISE: Final = np.float32(1.014)  # a tick: 3 dB a second, where it is much louder than the noise so far
_ALIKE: Final = np.float32(4.0)  # ... and else it is the noise
_START: Final = amplitude(-66.0) ** 2 / 2
_MAX_FLOOR: Final = amplitude(-45.0) ** 2 / 2
_DOWN: Final = np.float32(0.02)  # the suppressor's gain (-34 dB)
_ATTACK_SAMPLES: Final = np.float32(8)  # it opens at once, as the tick in hand is the one with speech
_NOISE_SAMPLES: Final = 1 << 15
_APART: Final = 4099  # samples between two rows' places in the noise, so that no two lines sound alike


class ResidualSuppressor:
    """Suppressor and comfort noise of up to `rows` rows; the first n of them work in a tick."""

    def __init__(self, rows: int) -> None:
        self._floor = np.full(rows, _START, np.float32)  # noise power of the line
        self._usual = np.ones(rows, np.float32)  # least residual against echo, of late
        self._gain = np.ones(rows, np.float32)
        noise, _ = comfort_noise(np.random.default_rng(168), np.zeros(1, np.float32), _NOISE_SAMPLES, 0.0)
        unit = noise[0] / np.sqrt(np.mean(noise[0] ** 2))
        self._noise = np.concatenate([unit, unit[:TICK_SAMPLES]])
        self._offset, self._position = np.arange(rows) * _APART, 0  # in the noise, of each row and of this tick
        at = np.arange(1, TICK_SAMPLES + 1, dtype=np.float32)
        self._close, self._open = at / TICK_SAMPLES, np.minimum(at / _ATTACK_SAMPLES, 1)

    def step(self, clean: Float, echo: Float) -> Float:
        """Suppress one tick of the first n rows [n, 160]: `clean` after the filter, `echo` that it removed."""
        n = len(clean)
        self._position += TICK_SAMPLES
        left, was = tick_power(clean), tick_power(echo)
        self._follow(n, left, was)
        only_echo = (was > _QUIET) & (left < was * np.minimum(_ENOUGH, _MARGIN * self._usual[:n]))
        wanted = np.where(only_echo & (left > self._floor[:n]), _DOWN, np.float32(1))
        before = self._gain[:n].copy()
        if (before == 1).all() and (wanted == 1).all():
            return clean
        self._gain[:n] = wanted
        ramp = np.where((wanted > before)[:, None], self._open, self._close)
        gain = before[:, None] + (wanted - before)[:, None] * ramp
        fill = np.sqrt(self._floor[:n])[:, None] * np.sqrt(np.maximum(1 - gain * gain, 0))
        at = (self._offset[:n] + self._position) % _NOISE_SAMPLES
        return np.asarray(clean * gain + fill * self._noise[at[:, None] + np.arange(TICK_SAMPLES)], np.float32)

    def clear(self, slot: int) -> None:
        """Drop the state of the row at `slot`."""
        self._floor[slot], self._usual[slot], self._gain[slot] = _START, 1, 1

    def move(self, source: int, target: int) -> None:
        """Move the row at `source` to `target`."""
        for state in (self._floor, self._usual, self._gain):
            state[target] = state[source]
        self._offset[[source, target]] = self._offset[[target, source]]

    def _follow(self, n: int, left: Float, was: Float) -> None:
        """Follow the line's noise while the far end is silent, and the usual residual while it speaks."""
        quiet, floor = was < _QUIET / 10, self._floor[:n]
        step = np.float32(0.3) * np.where(left < floor / 2, 1, np.float32(0.3)) * (left - floor)
        nearer = np.where(left > _ALIKE * floor, floor * _FLOOR_RISE, floor + step)
        floor[:] = np.where(quiet, np.clip(nearer, 1e-9, _MAX_FLOOR), floor)
        usual = self._usual[:n]
        ratio = np.minimum(left / np.maximum(was, 1e-12), usual * _FORGET)
        usual[:] = np.where(was > 10 * _QUIET, np.clip(ratio, 3e-4, 1), usual)
