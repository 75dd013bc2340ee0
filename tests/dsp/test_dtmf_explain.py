# SPDX-License-Identifier: GPL-2.0-or-later
"""Reasons why a sound was not a key."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.dtmf import dtmf_samples
from dsp.dtmf_explain import Reason, near_misses
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.noise import white_noise
from dsp.tones import sine


def line(x: Float) -> Float:
    quiet = np.zeros(1600, np.float32)
    return alaw_decode(alaw_encode(np.concatenate([quiet, x, quiet])))


def noisy() -> Float:
    return dtmf_samples("5", 100, 0, -10) + white_noise(np.random.default_rng(1), 800, -9)


def harmonics() -> Float:
    return dtmf_samples("5", 100, 0, -12) + sine([1540], -10, 800)


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (dtmf_samples("5", 100, 0, -10, high_off=0.035), Reason.OFF_FREQUENCY),
        (dtmf_samples("5", 100, 0, -10, low_off=-0.04), Reason.OFF_FREQUENCY),
        (dtmf_samples("5", 100, 0, -4, -14), Reason.TWIST),
        (dtmf_samples("5", 100, 0, -4, 9), Reason.TWIST),
        (dtmf_samples("5", 22, 0, -10), Reason.SHORT),
        (dtmf_samples("5", 100, 0, -46), Reason.LEVEL),
        (noisy(), Reason.NOISE),
        (harmonics(), Reason.SECOND_HARMONIC),
    ],
)
def test_the_reason_of_a_near_miss(sound: Float, reason: Reason) -> None:
    misses = near_misses(line(sound))
    assert misses
    assert {miss.key for miss in misses} == {"5"}
    assert reason in misses[0].reasons
    assert misses[0].at_sample == pytest.approx(1600, abs=1000)


def test_keys_and_silence_are_no_near_misses() -> None:
    assert near_misses(line(dtmf_samples("159D", 80, 80, -10))) == []
    assert near_misses(np.zeros(4000, np.float32)) == []
    assert near_misses(np.zeros(0, np.float32)) == []


def test_numbers_are_told() -> None:
    (miss,) = near_misses(line(dtmf_samples("1", 200, 0, -10, -13)))
    assert miss.twist_db == pytest.approx(-13, abs=0.5)
    assert miss.level_dbm0[0] == pytest.approx(-10, abs=0.5)
    assert miss.purity > 0.9
