# SPDX-License-Identifier: GPL-2.0-or-later
"""Levels: the one anchor is G.711's overload point, +3.14 dBm0 for a sine of peak 1.0."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.g711 import alaw_decode
from dsp.levels import FLOOR_DBM0, amplitude, gain_from_db, level_dbm0


def test_full_scale_sine_is_3_14_dbm0() -> None:
    sine = np.sin(2 * np.pi * 1000 / 8000 * np.arange(8000))
    assert level_dbm0(sine) == pytest.approx(3.14, abs=1e-6)


def test_alaw_digital_milliwatt_is_0_dbm0() -> None:
    """G.711 table 5: this byte sequence is a 1 kHz sine at 0 dBm0."""
    milliwatt = np.array([0x34, 0x21, 0x21, 0x34, 0xB4, 0xA1, 0xA1, 0xB4], np.uint8)
    assert level_dbm0(alaw_decode(milliwatt)) == pytest.approx(0.0, abs=0.05)


def test_amplitude_is_the_inverse() -> None:
    sine = np.sin(2 * np.pi * 1000 / 8000 * np.arange(8000))
    for dbm0 in (-40.0, -10.0, 0.0):
        assert level_dbm0(sine * amplitude(dbm0)) == pytest.approx(dbm0, abs=1e-6)


def test_rows_silence_and_nothing() -> None:
    x = np.zeros((3, 160), np.float32)
    x[1] = 1.0
    levels = level_dbm0(x)
    assert levels[0] == FLOOR_DBM0
    assert levels[1] == pytest.approx(3.14 + 3.01, abs=0.01)
    assert level_dbm0(x, axis=0).shape == (160,)
    assert level_dbm0(np.zeros(0, np.float32)) == FLOOR_DBM0


def test_gain() -> None:
    assert gain_from_db(-6.0206) == pytest.approx(0.5, abs=1e-5)
