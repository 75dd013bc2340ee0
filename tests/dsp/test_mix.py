# SPDX-License-Identifier: GPL-2.0-or-later
"""Gains against a full matrix, the limiter against its description."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsp.errors import ShapeError
from dsp.g711 import alaw_decode, alaw_encode
from dsp.mix import Gains, limit, limiter_state

SINKS, SOURCES = 5, 7
CHANGES = st.lists(
    st.tuples(st.integers(0, SINKS - 1), st.integers(0, SOURCES - 1), st.sampled_from([0.0, 0.25, 1.0, -0.5])),
    max_size=40,
)


@given(CHANGES)
def test_mixes_like_a_full_matrix_after_every_change(changes: list[tuple[int, int, float]]) -> None:
    x = np.random.default_rng(1).standard_normal((SOURCES, 160)).astype(np.float32)
    gains, full = Gains(SINKS, SOURCES), np.zeros((SINKS, SOURCES), np.float32)
    for sink, source, gain in changes:
        gains.set(sink, source, gain)
        full[sink, source] = gain
        np.testing.assert_allclose(gains.mix(x), full @ x, atol=1e-5)
    assert gains.matrix().nnz == np.count_nonzero(full)


def test_clearing_and_asking() -> None:
    gains = Gains(3, 3)
    for sink in range(3):
        for source in range(3):
            gains.set(sink, source, sink + source + 1.0)
    gains.clear(0, 1)
    gains.clear(0, 1)
    gains.clear_row(1)
    gains.clear_source(2)
    assert [gains.heard_by(sink) for sink in range(3)] == [{0: 1.0}, {}, {0: 3.0, 1: 4.0}]
    assert gains.get(2, 1) == 4.0
    assert gains.get(2, 2) == 0.0


def test_writes_into_out_and_names_what_does_not_fit() -> None:
    gains, out = Gains(2, 3), np.full((2, 160), 9, np.float32)
    assert gains.mix(np.ones((3, 160), np.float32), out) is out
    assert not out.any()
    with pytest.raises(ShapeError, match=r"\[3, samples\]"):
        gains.mix(np.ones((2, 160), np.float32))
    with pytest.raises(IndexError, match=r"no entry \[2, 0\]"):
        gains.set(2, 0, 1.0)
    with pytest.raises(IndexError):
        gains.set(-1, 0, 1.0)


def test_a_bridge_carries_every_alaw_byte() -> None:
    coded = np.arange(256, dtype=np.uint8).repeat(160).reshape(256, 160)
    gains, state = Gains(256, 256), limiter_state(256)
    for row in range(256):
        gains.set(row, row ^ 1, 1.0)
    y = limit(gains.mix(alaw_decode(coded)), state)
    np.testing.assert_array_equal(alaw_encode(y), coded[np.arange(256) ^ 1])
    assert (state == 1).all()


def test_the_limiter_keeps_shape_and_comes_back() -> None:
    loud = 1.8 * np.sin(2 * np.pi * 500 / 8000 * np.arange(160, dtype=np.float32))
    quiet = loud / 10
    state = limiter_state(2)
    y = np.stack([loud, quiet]).astype(np.float32)
    untouched = y[1].copy()
    for _ in range(3):
        y[0] = loud
        limit(y, state)
        assert np.abs(y).max() <= 1.0
    np.testing.assert_array_equal(y[1], untouched)
    np.testing.assert_allclose(y[0], loud / 1.8, atol=1e-5)  # turned down as a whole, no flat tops
    ticks = 0
    while state[0] < 1:
        y[0] = quiet
        limit(y, state)
        ticks += 1
    assert 5 <= ticks <= 15  # 5.1 dB at 0.5 dB a tick
    y[0] = quiet
    limit(y, state)
    np.testing.assert_array_equal(y[0], quiet.astype(np.float32))


def test_the_limiter_makes_no_click() -> None:
    """The gain may not jump between ticks: the steepest step stays that of the sine."""
    t = np.arange(1600)
    x = (np.linspace(0.5, 2.0, 1600) * np.sin(2 * np.pi * 300 / 8000 * t)).astype(np.float32)
    state = limiter_state(1)
    y = np.concatenate([limit(x[None, at : at + 160].copy(), state)[0] for at in range(0, 1600, 160)])
    assert np.abs(np.diff(y)).max() < 1.3 * 2 * np.pi * 300 / 8000


def test_silence_full_scale_and_dc_stay_as_they_are() -> None:
    y = np.stack([np.zeros(160), np.ones(160), -np.ones(160)]).astype(np.float32)
    want = y.copy()
    np.testing.assert_array_equal(limit(y, limiter_state(3)), want)
