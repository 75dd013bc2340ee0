# SPDX-License-Identifier: GPL-2.0-or-later
"""Search for call progress tones and single tones in a recording: bursts, their frequencies, then their cadence.

A tone of the country is named once the sound fits no other of its tones; before that, and for all others, its
frequencies are the name ('450 Hz'). Tones that are modulated, or change their frequency without a pause (special
information), make no bursts of one set of frequencies; `dsp.identify` finds them once their whole period was received.
Not modelled: an ear's tolerance for wrong frequencies and cadences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dsp.identify import identify_tone
from dsp.levels import SAMPLE_RATE, Float, level_dbm0
from dsp.tone_table import Tone, load_tone, tone_names

FRAME: Final = 40
"""Samples (5 ms) in which loudness is judged."""
_QUIET_DBM0: Final = -50.0
_GAP_FRAMES: Final = 3
_LEAST_TONE: Final = 480
_PIECE: Final = 400
_IMPURE: Final = 0.04
"""Share of the power that may be another sound than the tone."""
_LONGEST_ON_S: Final = 1.5
"""A sound that lasted longer before it stopped was a continuous tone, if it was not a tone of longer stretches."""
_RARE_S: Final = 10
_SLACK_S: Final = 0.02
_SLACK_SHARE: Final = 0.05


@dataclass(frozen=True)
class Burst:
    """A stretch that is loud, in samples; `frequencies_hz` is () if it is no tone."""

    start: int
    end: int
    frequencies_hz: tuple[int, ...] = ()
    level_dbm0: float = 0.0


def find_bursts(sound: Float) -> list[Burst]:
    """Return the loud stretches of `sound` [n], with pauses of more than 15 ms between them.

    Loud is well above the quiet parts.
    """
    frames = sound[: sound.size // FRAME * FRAME].reshape(-1, FRAME)
    if not len(frames):
        return []
    levels = level_dbm0(frames)
    threshold = max(_QUIET_DBM0, min(float(np.percentile(levels, 10)) + 8, float(levels.max()) - 10))
    loud = np.flatnonzero(levels > threshold)
    if not loud.size:
        return []
    breaks = np.flatnonzero(np.diff(loud) > _GAP_FRAMES + 1)
    starts, ends = loud[np.r_[0, breaks + 1]], loud[np.r_[breaks, loud.size - 1]] + 1
    return [Burst(int(s) * FRAME, int(e) * FRAME) for s, e in zip(starts, ends, strict=True)]


class ToneEar:
    """Recogniser of the tones of a country."""

    def __init__(self, country: str) -> None:
        self._country = country
        self._tones = [load_tone(country, name) for name in tone_names(country)]
        sets = {t.pieces[0].frequencies_hz for t in self._tones if not t.pieces[0].modulation_hz}
        # Single ones first: a sum with one of them would fit it too.
        self._sets = sorted(sets, key=lambda frequencies: (len(frequencies), frequencies))

    def look(self, sound: Float, burst: Burst) -> Burst:
        """Return the burst with its frequencies, if it is a tone, and its level."""
        part = sound[burst.start : burst.end]
        level = float(level_dbm0(part))
        # The edges are left out: they belong to frames that are only partly loud.
        inner = part[FRAME:-FRAME]
        if inner.size < _LEAST_TONE - 2 * FRAME:
            return Burst(burst.start, burst.end, (), level)
        probe = inner[:SAMPLE_RATE]
        frequencies = next((f for f in self._sets if _impurity(probe, f) < _IMPURE), None) or _single(probe)
        return Burst(burst.start, burst.end, frequencies, float(level_dbm0(inner)) if frequencies else level)

    def rare(self, sound: Float) -> str | None:
        """Return a tone's name that is modulated or changes its frequency, if `sound` [n] is whole periods of it."""
        return identify_tone(sound[: _RARE_S * SAMPLE_RATE], self._country)

    def name(self, bursts: Sequence[Burst], silent_until: int) -> str:
        """Return the tone's name of bursts of one set of frequencies, the last followed by silence until a sample."""
        frequencies = bursts[0].frequencies_hz
        spans = _spans(bursts, silent_until)
        fitting = [t for t in self._tones if t.pieces[0].frequencies_hz == frequencies and _fits(t, spans)]
        return fitting[0].name if len(fitting) == 1 else "+".join(map(str, frequencies)) + " Hz"


def _spans(bursts: Sequence[Burst], silent_until: int) -> list[float]:
    """Return the seconds on, off, on, off ..., the last off as far as it was received."""
    edges = [edge for burst in bursts for edge in (burst.start, burst.end)] + [silent_until]
    return [float(s) / SAMPLE_RATE for s in np.diff(edges)]


def _fits(tone: Tone, spans: Sequence[float]) -> bool:
    """Return whether `spans` (on, off, on, off) can have been cut out of the tone.

    The last silence may have any length, as the tone may be over; a burst that goes on may be too short, and where
    there is more than one, the first and the last.
    """
    if tone.continuous:
        return len(spans) == 2 and (spans[0] > _LONGEST_ON_S or not spans[1])
    expected = [seconds for pair in tone.cadence for seconds in pair]
    return any(_fits_from(expected[2 * n :] + expected[: 2 * n], spans) for n in range(len(tone.cadence)))


def _fits_from(expected: Sequence[float], spans: Sequence[float]) -> bool:
    for n, seconds in enumerate(spans):
        wanted = expected[n % len(expected)]
        slack = max(_SLACK_S, _SLACK_SHARE * wanted)
        last = n == len(spans) - 1
        cut = last or (len(spans) > 2 and n in (0, len(spans) - 2)) or (n == len(spans) - 2 and not spans[-1])
        if (seconds > wanted + slack and not last) or (seconds < wanted - slack and not cut):
            return False
    return True


def _impurity(sound: Float, frequencies_hz: Sequence[float]) -> float:
    """Return the share of the power of `sound` that no sum of sines of these frequencies explains.

    Judged in pieces of 50 ms, of which the middling one counts: a slip of the line breaks the phase, not the tone.
    """
    piece = min(_PIECE, sound.size)
    pieces = sound[: sound.size // piece * piece].reshape(-1, piece).astype(np.float64)
    angle = 2 * np.pi / SAMPLE_RATE * np.outer(np.arange(piece), frequencies_hz)
    basis = np.linalg.qr(np.hstack([np.cos(angle), np.sin(angle)]))[0]
    left = pieces - pieces @ basis @ basis.T
    return float(np.median(np.square(left).sum(axis=1) / np.maximum(np.square(pieces).sum(axis=1), 1e-12)))


def _single(sound: Float) -> tuple[int, ...]:
    """Return the frequency in whole Hz of a sound that is one sine; () if it is not."""
    part = sound[:SAMPLE_RATE].astype(np.float64)
    size = 1 << 15
    spectrum = np.abs(np.fft.rfft(part * np.hanning(part.size), size))
    hz = float(np.argmax(spectrum)) * SAMPLE_RATE / size
    return (round(hz),) if hz > 20 and _impurity(sound[:1600], [hz]) < _IMPURE else ()
