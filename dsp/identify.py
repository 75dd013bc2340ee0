# SPDX-License-Identifier: GPL-2.0-or-later
"""Identification of a network's tone: its frequencies in the spectrum, its cadence in the envelope (ITU-T E.180).

On whole recordings, for the simulator and tests; none of it runs in the tick.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.levels import SAMPLE_RATE, Float, level_dbm0, power_dbm0
from dsp.spectrum import dominant_tones
from dsp.tone_table import Tone, load_tone, tone_names

FRAME: Final = 80
"""Samples of a step of the cadence measurement (10 ms)."""
_SPECTRUM_FRAME: Final = 400  # samples (50 ms): 20 Hz resolution, enough to separate the tones of one country
_HEARD_DBM0: Final = -43.0  # ITU-T E.180: a tone below this is not meant to be heard
_BREAK_S: Final = 0.02  # shorter breaks and bursts are no cadence


def cadence_of(x: Float, tone_hz: Iterable[float], least_dbm0: float = _HEARD_DBM0) -> list[tuple[bool, float]]:
    """Return stretches (sounding, seconds) of `x` [n]: the given frequencies make up most of the sound, or do not."""
    frames = len(x) // FRAME
    blocks = np.asarray(x[: frames * FRAME], np.float64).reshape(frames, FRAME)
    angle = 2 * np.pi * np.asarray(list(tone_hz))[:, None] / SAMPLE_RATE * np.arange(FRAME)
    basis = np.concatenate([np.cos(angle), np.sin(angle)])
    orthonormal = np.linalg.svd(basis, full_matrices=False)[2][: np.linalg.matrix_rank(basis, tol=1.0)]
    fitted = np.square(blocks @ orthonormal.T).sum(axis=1)
    total = np.square(blocks).sum(axis=1)
    level = power_dbm0(fitted / FRAME)
    peak = float(level.max(initial=-90.0))
    on = (fitted >= 0.5 * total) & (level >= max(least_dbm0, peak - 15))
    return [(bool(state), length * FRAME / SAMPLE_RATE) for state, length in _runs(on)]


def identify_tone(x: Float, country: str, tolerance: float = 0.25) -> str | None:
    """Return the name of the tone of `country` in `x` [n], or None; several seconds are needed for slow cadences.

    A tone is found when its frequencies make up the sound, and its on and off times are met within `tolerance` (those
    cut by the ends of `x` count as at least that long). Of several that fit, the one whose times fit best is named. A
    single burst without its pause is no tone yet. Raises UnknownCountry.
    """
    tones = [load_tone(country, name) for name in tone_names(country)]
    fits = [(misfit, tone.name) for tone in tones if (misfit := _misfit(x, tone, tolerance)) is not None]
    return min(fits)[1] if fits else None


def _misfit(x: Float, tone: Tone, tolerance: float) -> float | None:
    """Return the mean relative error of the times heard against the tone's, or None when it is not that tone."""
    dip_s = max((1 / piece.modulation_hz for piece in tone.pieces if piece.modulation_hz), default=_BREAK_S)
    stretches = _merged(cadence_of(x, tone.frequencies_hz), dip_s)
    sounding = [seconds for on, seconds in stretches if on]
    if not sounding or not _frequencies_fit(x, tone):
        return None
    if tone.continuous:
        whole = sum(seconds for _, seconds in stretches)
        return 0.0 if max(sounding) >= max(0.9 * whole, 0.5) else None
    expected = _expected(tone)
    errors = [_errors(stretches, expected, shift, tolerance) for shift in range(len(expected))]
    good = [e for e in errors if e is not None]
    return min(good) if good else None


def _expected(tone: Tone) -> list[tuple[bool, float]]:
    """Return one period of the tone as stretches; pieces without a pause between them are one."""
    flat = [
        (on, seconds) for piece in tone.pieces for on, seconds in ((True, piece.on_s), (False, piece.off_s)) if seconds
    ]
    merged: list[tuple[bool, float]] = []
    for on, seconds in flat:
        if merged and merged[-1][0] == on:
            merged[-1] = (on, merged[-1][1] + seconds)
        else:
            merged.append((on, seconds))
    return merged


def _errors(
    heard: list[tuple[bool, float]], period: list[tuple[bool, float]], shift: int, tolerance: float
) -> float | None:
    """Return the mean relative error when `heard` begins in stretch `shift` of the period.

    None beyond the tolerance.
    """
    errors = []
    for n, (on, seconds) in enumerate(heard):
        want_on, want = period[(n + shift) % len(period)]
        if on != want_on or seconds > want * (1 + tolerance) + 0.02:
            return None
        if 0 < n < len(heard) - 1:  # the first and the last may be cut
            if seconds < want * (1 - tolerance) - 0.02:
                return None
            errors.append(abs(seconds - want) / want)
    if len(errors) < len(period) - 1:  # every time of the period but one must have been measured
        return None
    return float(np.mean(errors))


def _frequencies_fit(x: Float, tone: Tone) -> bool:
    """Return whether the loudest sound of `x` has just the tone's frequencies (30 Hz off at most)."""
    frames = len(x) // _SPECTRUM_FRAME
    if not frames:
        return False
    blocks = x[: frames * _SPECTRUM_FRAME].reshape(frames, -1)
    levels = level_dbm0(blocks)
    loud = blocks[levels >= levels.max() - 6]
    heard = {f for block in loud[:: max(len(loud) // 20, 1)] for f, _ in dominant_tones(block, 1)}
    near = [min(abs(f - want) for want in tone.frequencies_hz) <= 30 for f in heard]
    if sum(near) < 0.8 * len(near):
        return False
    spread = max(tone.frequencies_hz) - min(tone.frequencies_hz)
    return spread < 60 or all(any(abs(f - want) <= 30 for f in _all_tones(loud)) for want in tone.frequencies_hz)


def _all_tones(blocks: Float) -> list[float]:
    return [f for block in blocks[:: max(len(blocks) // 20, 1)] for f, _ in dominant_tones(block, 3, within_db=10)]


def _merged(stretches: list[tuple[bool, float]], dip_s: float) -> list[tuple[bool, float]]:
    """Return the stretches with silences shorter than `dip_s` filled, then bursts too short to be meant dropped."""
    return _absorbed(_absorbed(stretches, dip_s, sounding=False), _BREAK_S, sounding=True)


def _absorbed(stretches: list[tuple[bool, float]], least_s: float, *, sounding: bool) -> list[tuple[bool, float]]:
    """Return the stretches; those of the one kind that are shorter than `least_s` are joined to their neighbours."""
    out: list[tuple[bool, float]] = []
    for on, seconds in stretches:
        if out and (out[-1][0] == on or (on == sounding and seconds < least_s)):
            out[-1] = (out[-1][0], out[-1][1] + seconds)
        else:
            out.append((on, seconds))
    return out


def _runs(on: NDArray[np.bool_]) -> list[tuple[bool, int]]:
    """Return (value, length) of each run of equal values."""
    if not len(on):
        return []
    edges = np.flatnonzero(np.diff(on)) + 1
    starts = np.concatenate([[0], edges, [len(on)]])
    return [(bool(on[a]), int(b - a)) for a, b in pairwise(starts)]
