# SPDX-License-Identifier: GPL-2.0-or-later
"""Sound files of people and packages, read into what a line carries: mono, 8 kHz, float32 with full scale 1.0."""

import io
import wave
from math import gcd
from pathlib import Path
from typing import Final

import numpy as np

from appliance.i18n import _
from appliance.sounds.errors import SoundFileError
from dsp.levels import SAMPLE_RATE, Float

MAX_S: Final = 3600
"""Longest sound in seconds; anything longer is a mistake, not a prompt."""


def read_wav(path: Path) -> Float:
    """Read a PCM WAV file of 16 bits, any rate, one or two tracks. Raises `SoundFileError`."""
    try:
        return decode_wav(path.read_bytes())
    except OSError as error:
        raise SoundFileError(
            _("{file} cannot be read: {why}").format(file=path, why=error.strerror), _("let the box's user read it")
        ) from error
    except (wave.Error, EOFError, ValueError) as error:
        raise SoundFileError(
            _("{file} is no WAV file of 16-bit PCM: {why}").format(file=path, why=error),
            _("convert it: sox {file} -r 8000 -c 1 -b 16 -e signed new.wav").format(file=path.name),
        ) from error


def decode_wav(data: bytes) -> Float:
    """Read WAV bytes. Raises wave.Error, EOFError, ValueError."""
    with wave.open(io.BytesIO(data)) as file:
        if file.getsampwidth() != 2:
            raise ValueError(_("{n} bits a sample").format(n=8 * file.getsampwidth()))
        if not 4000 <= file.getframerate() <= 192000:
            raise ValueError(_("{n} samples a second").format(n=file.getframerate()))
        # A writer to a pipe, as espeak-ng is, cannot know the length and leaves nonsense: what is there counts.
        pcm = np.frombuffer(file.readframes(min(file.getnframes(), MAX_S * file.getframerate())), "<i2")
        tracks, rate = file.getnchannels(), file.getframerate()
    if not len(pcm) // tracks > 0:
        raise ValueError(_("no sound in it"))
    mono = pcm[: len(pcm) // tracks * tracks].reshape(-1, tracks).mean(axis=1) / 32768
    return to_line_rate(mono.astype(np.float32), rate)


def to_line_rate(x: Float, rate: int) -> Float:
    """Resample `x` [n] from `rate` to 8 kHz; the filter keeps what folds back below hearing."""
    if rate == SAMPLE_RATE:
        return x
    common = gcd(rate, SAMPLE_RATE)
    from scipy.signal import resample_poly  # type: ignore[attr-defined]  # noqa: PLC0415 - a second of every start

    return np.asarray(resample_poly(x, SAMPLE_RATE // common, rate // common), dtype=np.float32)
