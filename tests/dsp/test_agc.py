# SPDX-License-Identifier: GPL-2.0-or-later
"""Automatic gain of conferences."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.agc import TARGET_DBM0, AutomaticGain
from dsp.levels import level_dbm0
from dsp.noise import white_noise


def test_quiet_and_loud_speakers_meet_and_silence_is_not_lifted() -> None:
    rng = np.random.default_rng(1)
    levels = np.array([-30.0, -19.0, -10.0, -50.0])
    speaks = np.array([True, True, True, False])
    agc = AutomaticGain(4)
    out = np.zeros((4, 160), np.float32)
    for _ in range(500):
        x = np.stack([white_noise(rng, 160, level) for level in levels])
        out = agc.feed(x, speaks)
        assert np.isfinite(out).all()
    np.testing.assert_allclose(level_dbm0(out[:3]), TARGET_DBM0, atol=2.5)
    assert level_dbm0(out[3]) == pytest.approx(-50, abs=1)
    assert agc.gain_db[3] == 0


def test_gain_is_bounded_and_forgotten() -> None:
    rng, agc = np.random.default_rng(1), AutomaticGain(1)
    for _ in range(2000):
        agc.feed(white_noise(rng, (1, 160), -60), np.array([True]))
    assert agc.gain_db[0] == pytest.approx(15, abs=1.6)
    agc.reset(0)
    assert agc.gain_db[0] == 0


def test_the_gain_moves_without_steps() -> None:
    agc, x = AutomaticGain(1), np.full((1, 160), 0.01, np.float32)
    y = np.concatenate([agc.feed(x, np.array([True]))[0] for _ in range(50)])
    assert np.abs(np.diff(y)).max() < 1e-5
    assert y[-1] > y[0]
