# SPDX-License-Identifier: GPL-2.0-or-later
"""Reader of WAV files of a telephone's quality: 8 kHz, linear 16 bit or A-law.

The format is RIFF's (Multimedia Programming Interface and Data Specifications 1.0, 1991). Python's own `wave` refuses
A-law, the format of the box's recordings.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from dsp.g711 import alaw_decode, int16_to_float
from dsp.levels import SAMPLE_RATE, Float
from hw_sim.errors import N_, SoundError, said

_PCM: Final = 1
_ALAW: Final = 6
_CODINGS: Final = {_PCM: "PCM", 2: "ADPCM", 3: "float", _ALAW: "A-law", 7: "mu-law", 17: "IMA ADPCM", 85: "MP3"}
"""Names of codings as people know them (RFC 2361)."""
_REMEDY: Final = said(N_("convert it: sox IN.wav -r 8000 -b 16 OUT.wav"))


def read_wav(path: Path) -> Float:
    """Return all tracks of a WAV file, float32 [tracks, samples], full scale 1.0.

    A data chunk that claims to be longer than the file (a recording that was cut off) is read as far as it goes.

    Raises:
        SoundError: no such file, or not a WAV of 8 kHz in 16 bit linear or A-law.
    """
    try:
        octets = path.read_bytes()
    except OSError as error:
        problem = said(N_("cannot be read: {why}"), why=error.strerror)
        raise SoundError(str(path), problem, said(N_("name an existing WAV file"))) from None
    if octets[:4] != b"RIFF" or octets[8:12] != b"WAVE":
        raise SoundError(str(path), said(N_("is no WAV file")), _REMEDY)
    chunks = dict(_chunks(octets))
    if len(chunks.get(b"fmt ", b"")) < 16 or b"data" not in chunks:
        raise SoundError(str(path), said(N_("has no format or no sound")), _REMEDY)
    coding, tracks, rate, _, _, bits = struct.unpack("<HHIIHH", chunks[b"fmt "][:16])
    if rate != SAMPLE_RATE or (coding, bits) not in ((_PCM, 16), (_ALAW, 8)) or not tracks:
        problem = said(
            N_("format {coding}, {bits} bit, {rate} Hz, {tracks} tracks"),
            coding=_CODINGS.get(coding, coding), bits=bits, rate=rate, tracks=tracks,
        )  # fmt: skip
        raise SoundError(str(path), problem, _REMEDY)
    return _samples(chunks[b"data"], coding, tracks)


def _chunks(octets: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(octets):
        size = int.from_bytes(octets[at + 4 : at + 8], "little")
        yield octets[at : at + 4], octets[at + 8 : at + 8 + size]
        at += 8 + size + (size & 1)


def _samples(data: bytes, coding: int, tracks: int) -> Float:
    width = 1 if coding == _ALAW else 2
    whole = data[: len(data) // (width * tracks) * width * tracks]
    if coding == _ALAW:
        sound = alaw_decode(np.frombuffer(whole, np.uint8))
    else:
        sound = int16_to_float(np.frombuffer(whole, "<i2").astype(np.int16))
    return np.ascontiguousarray(sound.reshape(-1, tracks).T)
