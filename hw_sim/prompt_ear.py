# SPDX-License-Identifier: GPL-2.0-or-later
"""Search for the reference that a stretch of sound is from, by normalised cross-correlation with all of them.

The references lie one after the other and are searched in blocks that overlap (overlap-save): a transform of all at
once is larger than the cache of a processor, and takes a second for each piece of sound.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.correlate import find
from dsp.levels import SAMPLE_RATE, Float

Complex = NDArray[np.complexfloating]
_CHUNKS: Final = (SAMPLE_RATE // 2, SAMPLE_RATE // 4)
_LIKE: Final = 0.6
"""Least correlation of a chunk with its place in a reference: 0.6 is a signal 2.5 dB under the noise."""
_SEARCHED: Final = 1 << 15
"""Samples of references that are transformed together."""
_STEP: Final = _SEARCHED - max(_CHUNKS)
"""Places in a block at which a chunk fits into it whole."""
_BLOCK: Final = 800
_STILL_LIKE: Final = 0.5
_MISSES: Final = 3
"""Blocks of 100 ms in a row that may be unlike before the prompt is over."""
_FAINT: Final = 1e-6
"""Mean square (-54 dBm0) below which a block of a reference proves nothing."""


class PromptEar:
    """References one after the other, silence between and behind them, and the spectra of their blocks."""

    def __init__(self, references: Mapping[str, Float]) -> None:
        self._sounds = dict(references)
        self._names = list(references)
        pause = np.zeros(_CHUNKS[0], np.float32)
        parts = [part for sound in references.values() for part in (sound, pause)]
        self._ends = np.cumsum([sound.size + pause.size for sound in references.values()])
        self._all = np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)
        blocks = -(-self._all.size // _STEP)
        padded = np.zeros(blocks * _STEP + max(_CHUNKS), np.float32)
        padded[: self._all.size] = self._all
        overlapping = np.lib.stride_tricks.sliding_window_view(padded, _SEARCHED)[::_STEP] if blocks else padded[:0]
        self._spectra = [np.fft.rfft(block) for block in overlapping]
        self._squares = np.concatenate([[0.0], np.cumsum(np.square(padded, dtype=np.float64))])

    def has(self, name: str) -> bool:
        """Return whether there is a reference of that name."""
        return name in self._sounds

    def hears(self, name: str, heard: Float, samples: int) -> bool:
        """Return whether the last `samples` of `heard` [n] are a piece of that one reference; fewer prove nothing.

        Of a short reference half is enough: a check now and then would miss the moment at which it is whole.
        """
        sound = self._sounds[name]
        enough = min(samples, sound.size // 2)
        chunk = heard[-enough:]
        if chunk.size < enough or float(np.square(chunk).mean()) <= _FAINT:
            return False
        return find(chunk, sound).score >= _LIKE

    def find(self, sound: Float, at: int) -> tuple[str, int] | None:
        """Return the name of the reference that `sound` [n] is from sample `at` on, and the sample of its end."""
        for size in _CHUNKS:
            chunk = sound[at : at + size]
            place = self._place(chunk) if chunk.size == size and chunk.any() else None
            if place is not None:
                number = int(np.searchsorted(self._ends, place, side="right"))
                end = at + self._follow(sound[at:], self._all[place : self._ends[number]])
                return self._names[number], max(end, at + size // 2)
        return None

    def _place(self, chunk: Float) -> int | None:
        """Return the place of the chunk in the references, if it is there."""
        wanted = np.conj(np.fft.rfft(chunk, _SEARCHED))
        likeness, place = max(
            (self._best(number, wanted, chunk.size) for number in range(len(self._spectra))), default=(0.0, 0)
        )
        return place if likeness >= _LIKE * np.sqrt(np.square(chunk, dtype=np.float64).sum()) else None

    def _best(self, block: int, wanted: Complex, size: int) -> tuple[float, int]:
        """Return how like the best place of a block is, times the root of the chunk's energy, and that place."""
        first = block * _STEP
        product = np.fft.irfft(self._spectra[block] * wanted, _SEARCHED)[:_STEP]
        squares = self._squares[first : first + _STEP + size]
        power = squares[size:] - squares[:-size]
        likeness = product / np.sqrt(np.maximum(power, size * _FAINT))
        best = int(np.argmax(likeness))
        return float(likeness[best]), first + best

    @staticmethod
    def _follow(sound: Float, reference: Float) -> int:
        """Return for how many samples `sound` goes on as `reference` does."""
        until = misses = 0
        for start in range(0, min(sound.size, reference.size), _BLOCK):
            a, b = sound[start : start + _BLOCK], reference[start : start + _BLOCK]
            a, b = a[: b.size].astype(np.float64), b[: a.size].astype(np.float64)
            if b @ b < _FAINT * b.size:
                continue
            if a @ b >= _STILL_LIKE * np.sqrt(max(float(a @ a), 1e-12) * float(b @ b)):
                until, misses = start + b.size, 0
            else:
                misses += 1
                if misses > _MISSES:
                    break
        return until
