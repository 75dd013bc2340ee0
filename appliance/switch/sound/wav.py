# SPDX-License-Identifier: GPL-2.0-or-later
"""The recording's file: RIFF WAVE, A-law (format tag 6), two tracks, 8 kHz (Microsoft/IBM RIFF 1.0; G.711)."""

import struct

TRACKS = 2
HEADER_BYTES = 58
WAVE_FORMAT_ALAW = 6
_RATE = 8000


def header(samples: int) -> bytes:
    """Give the header of a file with `samples` per track; 58 bytes, data follows at once."""
    data = samples * TRACKS
    layout = struct.pack("<HHIIHHH", WAVE_FORMAT_ALAW, TRACKS, _RATE, _RATE * TRACKS, TRACKS, 8, 0)
    riff = struct.pack("<4sI4s", b"RIFF", HEADER_BYTES - 8 + data, b"WAVE")
    fmt = struct.pack("<4sI", b"fmt ", len(layout)) + layout
    fact = struct.pack("<4sII", b"fact", 4, samples)
    return riff + fmt + fact + struct.pack("<4sI", b"data", data)
