# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound files of people and packages, read into the line's format: mono, 8 kHz, float32 with full scale 1.0."""

import io
import wave
from math import gcd
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.i18n import N_
from appliance.sounds.errors import SoundFileError
from dsp.levels import SAMPLE_RATE, Float

MAX_S: Final = 3600
"""Longest sound in seconds; anything longer is a mistake, not a prompt."""


def read_wav(path: Path) -> Float:
    """Read a PCM WAV file of 16 bits, any rate, one or two tracks. Raises `SoundFileError`."""
    try:
        return decode_wav(path.read_bytes())
    except OSError as error:
        raise SoundFileError.of(
            N_("{file} cannot be read: {why}"), N_("let the box's user read it"), file=path, why=error.strerror
        ) from error
    except (wave.Error, EOFError, ValueError) as error:
        raise SoundFileError.of(
            N_("{file} is no WAV file of 16-bit PCM: {why}"),
            N_("convert it: sox {name} -r 8000 -c 1 -b 16 -e signed new.wav"),
            file=path, why=error, name=path.name,
        ) from error  # fmt: skip


def decode_wav(data: bytes) -> Float:
    """Read WAV bytes. Raises wave.Error, EOFError, ValueError."""
    pcm, rate = read_pcm(data)
    return mono(pcm, rate)


def read_pcm(data: bytes) -> tuple[NDArray[np.int16], int]:
    """Return the samples of WAV bytes [n, tracks], and their rate. Raises wave.Error, EOFError, ValueError."""
    with wave.open(io.BytesIO(data)) as file:
        if file.getsampwidth() != 2:
            raise ValueError(f"{8 * file.getsampwidth()} bits a sample")
        if not 4000 <= file.getframerate() <= 192000:
            raise ValueError(f"{file.getframerate()} samples a second")
        # A writer to a pipe, as espeak-ng is, cannot know the length and leaves nonsense: the samples there count.
        pcm = np.frombuffer(file.readframes(min(file.getnframes(), MAX_S * file.getframerate())), "<i2")
        tracks, rate = file.getnchannels(), file.getframerate()
    if not len(pcm) // tracks > 0:
        raise ValueError("no sound in it")
    return pcm[: len(pcm) // tracks * tracks].reshape(-1, tracks), rate


def mono(pcm: NDArray[np.int16], rate: int) -> Float:
    """Return samples [n, tracks] in the line's format."""
    return to_line_rate((pcm.mean(axis=1) / 32768).astype(np.float32), rate)


def to_line_rate(x: Float, rate: int) -> Float:
    """Resample `x` [n] from `rate` to 8 kHz; the filter keeps aliases below hearing."""
    if rate == SAMPLE_RATE:
        return x
    common = gcd(rate, SAMPLE_RATE)
    from scipy.signal import resample_poly  # type: ignore[attr-defined]  # noqa: PLC0415 - a second of every start

    return np.asarray(resample_poly(x, SAMPLE_RATE // common, rate // common), dtype=np.float32)
