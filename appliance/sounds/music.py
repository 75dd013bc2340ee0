# SPDX-License-Identifier: GPL-2.0-or-later
"""Music on hold, made here: a slow music box over soft chords, 40 s that loop without a seam.

It is computed, and so free of rights. It holds no pair of tones like a DTMF key (ITU-T Q.23), as detectors hear it too,
through the echo of far ends.
"""

from typing import Final

import numpy as np

from appliance.sounds.shape import soft_limit
from dsp.levels import SAMPLE_RATE, Float, gain_from_db, level_dbm0

LEVEL_DBM0: Final = -15.0
BEAT_S: Final = 0.625
BEATS: Final = 64

# Chords of four beats each as MIDI notes: C Am F G, C Em F G, Am Em F C, Dm G C C.
_CHORDS: Final = (
    (48, 55, 60, 64), (45, 52, 57, 60), (41, 53, 57, 60), (43, 50, 55, 59),
    (48, 55, 60, 64), (40, 52, 55, 59), (41, 53, 57, 60), (43, 50, 55, 59),
    (45, 52, 57, 60), (40, 52, 55, 59), (41, 53, 57, 60), (48, 55, 60, 64),
    (50, 53, 57, 62), (43, 50, 55, 59), (48, 55, 60, 64), (48, 52, 55, 60),
)  # fmt: skip

# The tune: beat and MIDI note, over the chords.
_TUNE: Final = (
    (0, 72), (1.5, 71), (2, 67), (4, 69), (5.5, 67), (6, 64), (8, 65), (9, 67), (10, 69), (12, 67), (14, 62),
    (16, 64), (17.5, 67), (18, 72), (20, 71), (21.5, 67), (22, 64), (24, 65), (25, 69), (26, 72), (28, 71), (30, 67),
    (32, 69), (33, 72), (34.5, 69), (36, 67), (37, 71), (38.5, 67), (40, 65), (41, 69), (42, 65), (44, 64), (46, 67),
    (48, 65), (49, 69), (50.5, 65), (52, 62), (53, 67), (54, 71), (56, 72), (58, 67), (60, 64), (62, 60),
)  # fmt: skip


def music() -> Float:
    """Return the music: float32 [320000], 8 kHz, at `LEVEL_DBM0`.

    Notes that ring past the end ring at the beginning.
    """
    length = int(BEATS * BEAT_S * SAMPLE_RATE)
    sound = np.zeros(length)
    for bar, chord in enumerate(_CHORDS):
        for place, note in enumerate(chord):
            _add(sound, 4 * bar + place, note, strength=0.28, decay_s=1.8)
            _add(sound, 4 * bar + place + 0.5, note, strength=0.14, decay_s=1.2)
    for beat, note in _TUNE:
        _add(sound, beat, note, strength=0.6, decay_s=1.1)
    quiet = sound * gain_from_db(LEVEL_DBM0 - float(level_dbm0(sound)))
    return soft_limit(quiet.astype(np.float32))


def _add(
    sound: np.ndarray[tuple[int], np.dtype[np.float64]], beat: float, note: int, *, strength: float, decay_s: float
) -> None:
    """Add a note: three harmonics that die away, the higher the sooner."""
    frequency_hz = 440.0 * 2 ** ((note - 69) / 12)
    t = np.arange(int(4 * decay_s * SAMPLE_RATE)) / SAMPLE_RATE
    tone = sum(
        share * np.sin(2 * np.pi * harmonic * frequency_hz * t) * np.exp(-t * harmonic / decay_s)
        for harmonic, share in ((1, 1.0), (2, 0.22), (3, 0.06))
    )
    tone *= strength * np.minimum(1.0, t / 0.004) * np.minimum(1.0, (t[-1] - t) / 0.05)
    place = (np.arange(len(t)) + round(beat * BEAT_S * SAMPLE_RATE)) % len(sound)
    sound[place] += tone
