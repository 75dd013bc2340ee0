# SPDX-License-Identifier: GPL-2.0-or-later
"""Keys as tones: the sound to a line while they are sent."""

import numpy as np

from appliance.switch.sound.key_tones import KeyTones
from drivers.span import TICK_SAMPLES
from dsp.dtmf import DtmfDetector, KeyEnd
from dsp.levels import Float

TALKER, LISTENER = 0, 1


def speech(tick: int, hz: float) -> Float:
    """A vowel's loudest harmonic, at a quarter of full scale: it hides a key from receivers that want it pure."""
    time_s = (np.arange(TICK_SAMPLES) + tick * TICK_SAMPLES) / 8000
    return np.tile(0.25 * np.sin(2 * np.pi * hz * time_s), (2, 1)).astype(np.float32)


def test_a_key_is_heard_though_somebody_speaks_into_it() -> None:
    tones, detector, found = KeyTones(2), DtmfDetector(2), []
    for key in "01":
        tones.send(LISTENER, key, 100)
    for tick in range(40):
        heard = speech(tick, 400)
        was = heard.copy()
        tones.put(heard)
        assert np.array_equal(heard[TALKER], was[TALKER])
        found += [event for event in detector.feed(heard) if isinstance(event, KeyEnd)]
    assert [event.key for event in found] == ["0", "1"]
    assert all(90 < event.duration_ms < 110 for event in found)
    assert np.array_equal(heard, was), "the talk goes on"
