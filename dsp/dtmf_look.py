# SPDX-License-Identifier: GPL-2.0-or-later
"""The full look of the DTMF detector at 60 ms that may hold a key.

The audio is cut into pieces of 5 ms. In each, the two frequencies of the suspected key are fitted by least squares,
which gives two phasors a piece. Seven pieces in a row (35 ms: longer than the 23 ms that must be rejected, and always
inside the 40 ms that must be accepted, ITU-T Q.24) are a key when the phasors turn as two steady frequencies near the
nominal ones do, and when these two account for nearly all of the sound. Speech has the frequencies, but neither the
steadiness nor the purity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from dsp.keypad import HIGH_HZ, KEYS, LOW_HZ
from dsp.levels import OVERLOAD_DBM0, SAMPLE_RATE, Float

Complex = NDArray[np.complex64]

PIECE: Final = 40
"""Samples of a piece (5 ms)."""
WINDOW: Final = 7
"""Pieces that must be steady (35 ms)."""
PIECE_S: Final = PIECE / SAMPLE_RATE
_PAIR_HZ: Final = np.array([(LOW_HZ[n // 4], HIGH_HZ[n % 4]) for n in range(len(KEYS))], np.float64)


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a key.

    Twist is the level of the high frequency over the low one in dB; Q.24 wants at least 4 above and 8 below. A
    frequency may be off by `off_share` of itself plus `off_hz`: between the 1.5 % + 2 Hz to be accepted and the 3.5 %
    to be rejected. `purity` is the least share of the power that the two frequencies carry over the window, `steady`
    the least power of a piece against their mean.

    A pair that is off its frequencies must be purer, by up to `purity_off` at the edge of the tolerance: a tone that is
    off is still a clean tone, while speech near a key's frequencies is not.

    The purity is the trade of the detector: lower finds more keys through speech and takes more speech for keys. At
    0.84 both are better than spandsp's (see REPORT.md).
    """

    min_level_dbm0: float = -42.0
    max_twist_db: float = 5.0
    min_twist_db: float = -9.0
    off_share: float = 0.018
    off_hz: float = 3.0
    purity: float = 0.84
    purity_off: float = 0.08
    steady: float = 0.35


@dataclass(frozen=True, slots=True)
class Look:
    """Measurements of the best window of each of C candidates; arrays [C], or [C, 2] for (low, high)."""

    start: NDArray[np.intp]  # first piece of the window
    purity: Float
    steady: Float
    off_hz: Float  # [C, 2] measured minus nominal frequency
    power: Float  # [C, 2] mean square of each frequency
    pieces: Float  # [C, K, 2] mean square of each frequency in every piece, for onset and end
    allowed: NDArray[np.bool_]  # [C] whether any window was free

    @property
    def twist_db(self) -> Float:
        """Level of the high frequency over the low one, dB [C]."""
        return np.asarray(10 * np.log10(self.power[:, 1] / self.power[:, 0]), np.float32)

    @property
    def level_dbm0(self) -> Float:
        """Level of each frequency, dBm0 [C, 2]."""
        return np.asarray(10 * np.log10(2 * self.power) + OVERLOAD_DBM0, np.float32)


def _fit_tables() -> tuple[Float, Complex]:
    """Return per key the least-squares fit [40, 4] and the turn of a piece [2].

    The fit has real and imaginary parts of both phasors.
    """
    t = (np.arange(PIECE) - (PIECE - 1) / 2) / SAMPLE_RATE
    fits = np.empty((len(KEYS), PIECE, 4), np.float32)
    for number, pair in enumerate(_PAIR_HZ):
        angle = 2 * np.pi * pair[:, None] * t
        basis = np.stack([f(a) for a in angle for f in (np.cos, lambda x: -np.sin(x))])
        fits[number] = np.linalg.pinv(basis)
    return fits, np.exp(-2j * np.pi * _PAIR_HZ * PIECE_S).astype(np.complex64)


_FITS, _TURN_BACK = _fit_tables()


def phasors(x: Float, pair: NDArray[np.intp]) -> Complex:
    """Return the phasors [C, K, 2] of the frequencies of key `pair` [C] in `x` [C, K * 40].

    On-frequency tones stand still.
    """
    pieces = x.reshape(len(x), -1, PIECE) @ _FITS[pair]
    turning: Complex = np.ascontiguousarray(pieces).view(np.complex64)
    count = np.arange(turning.shape[1], dtype=np.float32)
    return np.asarray(turning * _TURN_BACK[pair][:, None, :] ** count[None, :, None], np.complex64)


def power_of(z: Any) -> Float:
    """Return the mean square of the sines with phasors `z`."""
    return np.asarray((z.real * z.real + z.imag * z.imag) * np.float32(0.5), np.float32)


def look(x: Float, pair: NDArray[np.intp], free_from: NDArray[np.intp]) -> Look:
    """Return the best window of every candidate.

    `x` [C, K * 40], `pair` [C] key numbers, `free_from` [C] first piece allowed.
    """
    z = phasors(x, pair)
    pieces = power_of(z)
    total = np.square(x).reshape(len(x), -1, PIECE).sum(axis=2) / np.float32(PIECE)
    at_windows = _windows(z.shape[1])
    turn, power = _steady_tones(z, at_windows)
    both = pieces.sum(axis=2)[:, at_windows]
    purity = power.sum(axis=2) * WINDOW / np.maximum(total[:, at_windows].sum(axis=2), np.float32(1e-12))
    steady = both.min(axis=2) * WINDOW / np.maximum(both.sum(axis=2), np.float32(1e-12))
    free = np.arange(purity.shape[1]) >= free_from[:, None]
    best = np.argmax(np.where(free, purity * np.minimum(steady, np.float32(0.5)), np.float32(-1)), axis=1)
    at = (np.arange(len(x)), best)
    off_hz = turn[at] / np.float32(2 * np.pi * PIECE_S)
    return Look(best, purity[at], steady[at], off_hz, power[at], pieces, np.asarray(free.any(axis=1)))


def accept(found: Look, pair: NDArray[np.intp], limits: Limits) -> NDArray[np.bool_]:
    """Return which candidates [C] are keys."""
    twist, level = found.twist_db, found.level_dbm0
    worst = (np.abs(found.off_hz) / (limits.off_share * _PAIR_HZ[pair] + limits.off_hz)).max(axis=1)
    return np.asarray(
        found.allowed
        & (found.purity >= limits.purity + limits.purity_off * np.square(worst))
        & (found.steady >= limits.steady)
        & (twist <= limits.max_twist_db)
        & (twist >= limits.min_twist_db)
        & (worst <= 1)
        & (level >= limits.min_level_dbm0).all(axis=1)
    )


def _windows(pieces: int) -> NDArray[np.intp]:
    """Return the pieces [windows, 7] of every window."""
    return np.arange(pieces - WINDOW + 1)[:, None] + np.arange(WINDOW)


def _steady_tones(z: Complex, at_windows: NDArray[np.intp]) -> tuple[Float, Float]:
    """Return for every window the phasors' turn a piece [C, windows, 2], and the power of tones that turn just so."""
    steps = (z[:, 1:] * z[:, :-1].conj())[:, at_windows[:, :-1]].sum(axis=2)
    turn = np.angle(steps)
    back = np.exp(np.complex64(-1j) * turn[:, :, None] * np.arange(WINDOW, dtype=np.float32)[:, None])
    mean = (z[:, at_windows] * back).sum(axis=2) / np.float32(WINDOW)
    # A fit at the nominal frequency measures a tone that is off as weaker, as a sinc does.
    loss = np.sinc(turn / np.float32(2 * np.pi)) ** 2
    return turn.astype(np.float32), np.asarray(power_of(mean) / loss + np.float32(1e-12), np.float32)
