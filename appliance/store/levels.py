# SPDX-License-Identifier: GPL-2.0-or-later
"""Levels of a recording over its length, for a strip: how loud each track is in equal stretches."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.contract.errors import RequestError
from appliance.i18n import N_
from appliance.store.recordings import RecordingUnreadable, Wav, read_wav
from dsp.g711 import alaw_decode
from dsp.levels import SAMPLE_RATE, Float, power_dbm0

_POWER: Final[Float] = np.square(alaw_decode(np.arange(256, dtype=np.uint8)))
"""Power of each A-law byte."""
_BLOCK: Final = SAMPLE_RATE * 10
"""Samples of each track that are read at once."""


def levels_of(path: Path, points: int) -> tuple[float, tuple[tuple[int, ...], ...]]:
    """Return the seconds of a recording, and for each track the level in dBm0 of so many stretches, fewer if too short.

    Raises RequestError, also where the file goes between its head and its sound.
    """
    try:
        wav = read_wav(path)
        edges = np.linspace(0, wav.samples, min(points, wav.samples) + 1).astype(int)
        with path.open("rb") as file:
            file.seek(wav.data_at)
            powers = [_power(file.read, wav, int(count)) for count in np.diff(edges)]
    except (RecordingUnreadable, OSError) as error:
        raise RequestError.of(N_("the file {path} cannot be read: {why}"), path=path, why=error) from error
    tracks = np.array(powers).reshape(-1, wav.tracks).T
    return wav.samples / SAMPLE_RATE, tuple(tuple(np.rint(power_dbm0(each)).astype(int).tolist()) for each in tracks)


def _power(read: Callable[[int], bytes], wav: Wav, samples: int) -> NDArray[np.float64]:
    """Return the mean power of each track over the next samples; a file that ends is silent from there on."""
    total = np.zeros(wav.tracks)
    for first in range(0, samples, _BLOCK):
        octets = np.frombuffer(read(min(_BLOCK, samples - first) * wav.tracks), np.uint8)
        whole = octets[: len(octets) // wav.tracks * wav.tracks].reshape(-1, wav.tracks)
        total += _POWER[whole].sum(axis=0, dtype=np.float64)
    return total / samples
