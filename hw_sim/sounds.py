# SPDX-License-Identifier: GPL-2.0-or-later
"""Voices of subscribers, as A-law octets made once, and the rows that carry them, all advanced in one gather a tick."""

import math
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets
from dsp.dtmf import dtmf_samples
from dsp.errors import DspError
from dsp.g711 import alaw_encode
from dsp.levels import SAMPLE_RATE, Float, amplitude, gain_from_db, level_dbm0
from dsp.tone_table import load_tone
from dsp.tones import render_period, sine
from hw_sim import steps
from hw_sim.errors import SoundError
from hw_sim.wav import read_wav

_NOISE_S: Final = 10
_COLUMNS: Final = np.arange(TICK_SAMPLES)
_FIRST_POOL: Final = 1 << 16
Spoken = steps.Key | steps.SpeakTone | steps.SpeakNamed | steps.SpeakNoise | steps.SpeakFile


class Library:
    """Sounds by name: call progress tones of a country, WAV files, and `references` (name -> samples, float32 [n]).

    Args:
        country: of the tones, as in `dsp.tone_table`.
        folder: relative file names of `speak` begin here.
        references: sounds that may be spoken, heard and expected by their names.
    """

    def __init__(self, country: str = "cn", folder: Path = Path(), references: dict[str, Float] | None = None) -> None:
        self.country = country
        self.references = dict(references or {})
        self._folder = folder
        self._render = lru_cache(maxsize=512)(self._rendered)

    def render(self, step: Spoken) -> tuple[Octets, int | None]:
        """Return A-law octets in whole ticks, and for how many ticks they are to be repeated (None: once).

        Raises:
            SoundError: no such tone or file, or one of another format.
        """
        seconds = getattr(step, "seconds", None)
        return self._render(step), None if seconds is None else round(seconds * SAMPLE_RATE / TICK_SAMPLES)

    def _rendered(self, step: Spoken) -> Octets:
        match step:
            case steps.Key():
                return _whole_ticks(_keys(step))
            case steps.SpeakTone():
                return _looped(sine(step.frequencies_hz, step.level_dbm0, _loop_samples(step.frequencies_hz)))
            case steps.SpeakNamed():
                return _looped(self._named(step.name))
            case steps.SpeakNoise():
                return _looped(_noise(step.level_dbm0))
            case steps.SpeakFile():
                return _whole_ticks(self._file(step))

    def _named(self, name: str) -> Float:
        try:
            return render_period(load_tone(self.country, name))
        except DspError as error:
            raise SoundError(name, str(error), "name a tone of the country, or give HZ DBM0 SECONDS") from None

    def _file(self, step: steps.SpeakFile) -> Float:
        sound = self.references[step.path] if step.path in self.references else self._read(step.path)
        if step.level_dbm0 is None:
            return sound
        return sound * np.float32(gain_from_db(step.level_dbm0 - float(level_dbm0(sound))))

    def _read(self, name: str) -> Float:
        tracks = read_wav(self._folder / name)
        if len(tracks) != 1:
            raise SoundError(name, f"has {len(tracks)} tracks", "take one: sox IN.wav OUT.wav remix 1")
        return np.asarray(tracks[0], dtype=np.float32)


class Voices:
    """Voice of every row: silence, a sound once, or a sound over and over.

    All sounds lie in one pool of octets; a row is a place in it. Sounds are whole ticks long.
    """

    def __init__(self, rows: int) -> None:
        self._pool = np.full(_FIRST_POOL, IDLE_BYTE, np.uint8)
        self._used = TICK_SAMPLES  # the first tick of the pool is silence
        self._places: dict[bytes, int] = {}
        self._at = np.zeros(rows, np.int64)
        self._end = np.full(rows, TICK_SAMPLES, np.int64)
        self._again = np.zeros(rows, np.int64)  # place at which a row goes on at its end, until `_again_end`
        self._again_end = np.full(rows, TICK_SAMPLES, np.int64)
        self._speaking = 0
        self._is_speaking = np.zeros(rows, bool)

    def say(self, row: int, octets: Octets, *, loop: bool = False) -> None:
        """Start `octets` (whole ticks) on a row from the next tick on, in place of its present sound."""
        start = self._place(octets)
        self._set(row, start, start + octets.size, loop=loop)
        self._is_speaking[row] = True
        self._speaking = int(self._is_speaking.sum())

    def hush(self, row: int) -> None:
        """Silence a row."""
        self._set(row, 0, TICK_SAMPLES, loop=True)
        self._is_speaking[row] = False
        self._speaking = int(self._is_speaking.sum())

    def speaks(self, row: int) -> bool:
        """Return whether a row speaks: until `hush`, also when a sound that is sent once is over."""
        return bool(self._is_speaking[row])

    @property
    def silent(self) -> NDArray[np.bool_]:
        """Whether each row [rows] is silent, by `hush`."""
        return ~self._is_speaking

    def advance(self, out: Octets) -> None:
        """Fill `out` [rows, 160] with the next tick of every row."""
        if not self._speaking:
            out.fill(IDLE_BYTE)
            return
        np.take(self._pool, self._at[:, None] + _COLUMNS, out=out, mode="clip")
        self._at += TICK_SAMPLES
        over = self._at >= self._end
        if over.any():
            self._at[over] = self._again[over]
            self._end[over] = self._again_end[over]

    def _set(self, row: int, start: int, end: int, *, loop: bool) -> None:
        self._at[row], self._end[row] = start, end
        self._again[row], self._again_end[row] = (start, end) if loop else (0, TICK_SAMPLES)

    def _place(self, octets: Octets) -> int:
        key = octets.tobytes()
        if key not in self._places:
            if self._used + octets.size > self._pool.size:
                self._grow(octets.size)
            self._pool[self._used : self._used + octets.size] = octets
            self._places[key] = self._used
            self._used += octets.size
        return self._places[key]

    def _grow(self, more: int) -> None:
        bigger = np.full(max(2 * self._pool.size, self._pool.size + more), IDLE_BYTE, np.uint8)
        bigger[: self._used] = self._pool[: self._used]
        self._pool = bigger


def _loop_samples(frequencies_hz: tuple[float, ...]) -> int:
    """Return the samples after which a sum of sines of whole Hz (or of tenths) starts over, in whole ticks."""
    tenths = [round(f * 10) for f in frequencies_hz]
    period = SAMPLE_RATE * 10 // math.gcd(SAMPLE_RATE * 10, *tenths)
    return math.lcm(period, TICK_SAMPLES)


def _keys(step: steps.Key) -> Float:
    sound = dtmf_samples(step.keys, step.duration_ms, step.gap_ms, step.level_dbm0, step.twist_db)
    return sound if step.noise_dbm0 is None else sound + _noise(step.noise_dbm0, sound.size)


def _noise(dbm0: float, samples: int = _NOISE_S * SAMPLE_RATE) -> Float:
    """Return white noise; always the same, as a recording would be."""
    rms = amplitude(dbm0) / math.sqrt(2)
    return np.random.default_rng(0).normal(0, rms, samples).astype(np.float32)


def _looped(sound: Float) -> Octets:
    """Return the octets of a period, repeated until they are whole ticks."""
    times = TICK_SAMPLES // math.gcd(sound.size, TICK_SAMPLES)
    return alaw_encode(np.tile(sound, times))


def _whole_ticks(sound: Float) -> Octets:
    """Return the octets of a sound, with silence up to a whole tick."""
    octets = np.full(-(-max(sound.size, 1) // TICK_SAMPLES) * TICK_SAMPLES, IDLE_BYTE, np.uint8)
    octets[: sound.size] = alaw_encode(sound)
    return octets
