# SPDX-License-Identifier: GPL-2.0-or-later
"""Search for the reference that a stretch of sound is from, by normalised cross-correlation with all at once."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from dsp.correlate import find
from dsp.levels import SAMPLE_RATE, Float

_CHUNKS: Final = (SAMPLE_RATE // 2, SAMPLE_RATE // 4)
_LIKE: Final = 0.6
"""Least correlation of a chunk with its place in a reference: 0.6 is a signal 2.5 dB under the noise."""
_BLOCK: Final = 800
_STILL_LIKE: Final = 0.5
_MISSES: Final = 3
"""Blocks of 100 ms in a row that may be unlike before the prompt is over."""
_FAINT: Final = 1e-6
"""Mean square (-54 dBm0) below which a block of a reference proves nothing."""


class PromptEar:
    """References one after the other, silence between them, and their spectrum, made once for each size of chunk."""

    def __init__(self, references: Mapping[str, Float]) -> None:
        self._sounds = dict(references)
        self._names = list(references)
        pause = np.zeros(_CHUNKS[0], np.float32)
        parts = [part for sound in references.values() for part in (sound, pause)]
        self._ends = np.cumsum([sound.size + pause.size for sound in references.values()])
        self._all = np.concatenate(parts).astype(np.float32) if parts else np.zeros(0, np.float32)
        self._size = 1 << max(1, (self._all.size + _CHUNKS[0]).bit_length())
        self._spectrum = np.fft.rfft(self._all, self._size) if parts else None
        squares = np.concatenate([[0.0], np.cumsum(np.square(self._all, dtype=np.float64))])
        self._squares = squares

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
        if self._spectrum is None or self._all.size < chunk.size:
            return None
        product = np.fft.irfft(self._spectrum * np.conj(np.fft.rfft(chunk, self._size)), self._size)
        places = self._all.size - chunk.size + 1
        power = self._squares[chunk.size :] - self._squares[: -chunk.size]
        norm = np.sqrt(np.maximum(power, chunk.size * _FAINT) * float(np.square(chunk, dtype=np.float64).sum()))
        likeness = product[:places] / norm
        best = int(np.argmax(likeness))
        return best if likeness[best] >= _LIKE else None

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
