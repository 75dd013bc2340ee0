# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound of the tones of the national networks: one loopable period of each tone of `dsp.tone_table`."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from dsp.levels import SAMPLE_RATE, TICK_SAMPLES, Float, amplitude
from dsp.tone_table import Piece, Tone


def sine(
    frequencies_hz: Iterable[float],
    level_dbm0: float,
    samples: int,
    *,
    start_sample: int = 0,
    modulation_hz: float = 0.0,
) -> Float:
    """Return a sum of sines, each of `level_dbm0`, float32 [samples], in phase zero at sample 0 of a longer signal.

    `start_sample` is the place in that signal where the result begins, so consecutive calls join without a seam. With
    `modulation_hz` the amplitude swings between zero and the peak (E.180 "f1xf2"), and `level_dbm0` is the mean level.
    """
    t = (start_sample + np.arange(samples)) / SAMPLE_RATE
    y = np.zeros(samples)
    for frequency in frequencies_hz:
        y += np.sin(2 * np.pi * frequency * t)
    if modulation_hz:
        y *= (1 + np.cos(2 * np.pi * modulation_hz * t)) / math.sqrt(1.5)  # the mean square of 1 + cos is 1.5
    return np.asarray(y * amplitude(level_dbm0), dtype=np.float32)


def render_period(tone: Tone) -> Float:
    """Return one period of `tone`, float32 [n], to be looped: a continuous tone has whole cycles and whole ticks."""
    return np.concatenate([_render_piece(piece, tone.level_dbm0) for piece in tone.pieces])


def _render_piece(piece: Piece, level_dbm0: float) -> Float:
    on = _whole_cycles(piece) if math.isinf(piece.on_s) else round(piece.on_s * SAMPLE_RATE)
    off = round(piece.off_s * SAMPLE_RATE)
    sound = sine(piece.frequencies_hz, level_dbm0, on, modulation_hz=piece.modulation_hz)
    return np.concatenate([sound, np.zeros(off, np.float32)])


def _whole_cycles(piece: Piece) -> int:
    """Return the fewest samples that hold whole cycles of every frequency, and whole ticks."""
    common = math.gcd(SAMPLE_RATE, piece.modulation_hz, *piece.frequencies_hz)
    return math.lcm(SAMPLE_RATE // common, TICK_SAMPLES)
