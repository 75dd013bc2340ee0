# SPDX-License-Identifier: GPL-2.0-or-later
"""Files beside the pool that can be played: recordings and messages of the box, and the owner's sounds, by folder."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from appliance.sounds.errors import SoundFileError
from appliance.sounds.files import MAX_S, read_wav
from appliance.sounds.kept import to_int16
from dsp.g711 import alaw_decode
from dsp.levels import SAMPLE_RATE

ALAW: Final = struct.pack("<H", 6)
"""WAVE_FORMAT_ALAW, where a recording's header has its format (`switch.sound.wav`)."""
_FORMAT_AT, _TRACKS_AT, _DATA_AT = 20, 22, 58


class PlayableFiles:
    """Reader of `<folder>/<path under it>`; `folders` names the places. It blocks on the disk."""

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = {name: folder.resolve() for name, folder in folders.items()}

    def __call__(self, name: str) -> NDArray[np.int16] | None:
        """Return the samples of a file, 8 kHz, up to the longest sound (`MAX_S`); None if it cannot be played."""
        folder, _slash, path = name.partition("/")
        home = self._folders.get(folder)
        if home is None or not path or "\0" in path:
            return None
        try:
            file = (home / path).resolve()
            return _read(file) if file.is_relative_to(home) and file.is_file() else None
        except (OSError, SoundFileError):
            return None


def _read(file: Path) -> NDArray[np.int16]:
    with file.open("rb") as opened:
        head = opened.read(_DATA_AT)
        if head[_FORMAT_AT:_TRACKS_AT] != ALAW or head[_DATA_AT - 8 : _DATA_AT - 4] != b"data":
            return to_int16(read_wav(file))
        tracks = 1 if head[_TRACKS_AT] == 1 else 2
        octets = np.frombuffer(opened.read(MAX_S * SAMPLE_RATE * tracks), np.uint8)
    whole = octets[: len(octets) // tracks * tracks].reshape(-1, tracks)
    return to_int16(alaw_decode(whole).sum(axis=1))
