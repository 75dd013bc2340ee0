# SPDX-License-Identifier: GPL-2.0-or-later
"""The recording's file: RIFF WAVE, A-law (format tag 6), one track or two, 8 kHz (Microsoft/IBM RIFF 1.0; G.711)."""

import struct

TRACKS = {"said": 1, "heard": 1, "both": 2, "mixed": 1}
"""Number of tracks of a file, by its kind (`contract.switch.Tracks`)."""
HEADER_BYTES = 58
_TRACKS_AT = 22
WAVE_FORMAT_ALAW = 6
_RATE = 8000


def header(samples: int, tracks: int = 2) -> bytes:
    """Return the header of a file with `samples` on each of its `tracks`; 58 bytes, data follows at once."""
    data = samples * tracks
    layout = struct.pack("<HHIIHHH", WAVE_FORMAT_ALAW, tracks, _RATE, _RATE * tracks, tracks, 8, 0)
    riff = struct.pack("<4sI4s", b"RIFF", HEADER_BYTES - 8 + data, b"WAVE")
    fmt = struct.pack("<4sI", b"fmt ", len(layout)) + layout
    fact = struct.pack("<4sII", b"fact", 4, samples)
    return riff + fmt + fact + struct.pack("<4sI", b"data", data)


def tracks_of(head: bytes) -> int:
    """Return the number of tracks in a header of ours; 2 where it was not written whole."""
    (tracks,) = struct.unpack_from("<H", head, _TRACKS_AT) if len(head) >= HEADER_BYTES else (2,)
    return tracks if tracks in TRACKS.values() else 2
