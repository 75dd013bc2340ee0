# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading recordings back: whether a file is a recording of the box, and how long it plays."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_ALAW = 6  # WAVE_FORMAT_ALAW, RIFF/WAVE registry
_TRACKS = (1, 2)
_RATE_HZ = 8000
_CHUNK_HEADER = 8


class RecordingUnreadable(Exception):  # noqa: N818 - names the state of the file
    """The file is missing, or no A-law WAV of one or two tracks at 8 kHz. The text says what was found."""


@dataclass(frozen=True)
class Wav:
    """Place of the sound in a file: `data_at` octets from its start, `samples` present per track."""

    data_at: int
    samples: int
    tracks: int = 2


def read_wav(path: Path) -> Wav:
    """Read the header of a recording (RIFF WAVE; chunks in any order, the sound last).

    A file that is shorter than its header says, or whose header was not renewed before a power cut, has the samples
    that file and header agree on. Raises RecordingUnreadable.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            return _parse(file, size)
    except OSError as error:
        raise RecordingUnreadable(error.strerror or str(error)) from error


def _parse(file: BinaryIO, size: int) -> Wav:
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise RecordingUnreadable(f"no RIFF WAVE file but {head!r}")
    tracks = 0
    while True:
        name, length = _chunk(file)
        if name == b"fmt ":
            tracks = _check_format(file.read(length))
        elif name == b"data":
            if not tracks:
                raise RecordingUnreadable("sound before its format")
            at = file.tell()
            return Wav(at, min(length, size - at) // tracks, tracks)
        else:
            file.seek(length + length % 2, 1)


def _chunk(file: BinaryIO) -> tuple[bytes, int]:
    head = file.read(_CHUNK_HEADER)
    if len(head) < _CHUNK_HEADER:
        raise RecordingUnreadable("no sound in it")
    return head[:4], struct.unpack("<I", head[4:])[0]


def _check_format(body: bytes) -> int:
    """Return the number of tracks. Raises RecordingUnreadable."""
    if len(body) < 16:
        raise RecordingUnreadable("its format is cut off")
    form, tracks, rate = struct.unpack_from("<HHI", body)
    if (form, rate) != (_ALAW, _RATE_HZ) or tracks not in _TRACKS:
        raise RecordingUnreadable(
            f"format {form}, {tracks} tracks, {rate} Hz instead of A-law (6), 1 or 2 tracks, 8000 Hz"
        )
    return int(tracks)
