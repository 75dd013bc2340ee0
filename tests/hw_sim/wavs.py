# SPDX-License-Identifier: GPL-2.0-or-later
"""WAV files for tests, written by Python's own library."""

import wave
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write_wav(path: Path, sound: NDArray[Any], rate: int = 8000, tracks: int = 1, width: int = 2) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(tracks)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes((np.asarray(sound) * 32767).astype("<i2").tobytes())
