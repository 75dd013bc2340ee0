# SPDX-License-Identifier: GPL-2.0-or-later
"""The echo canceller in situations of ITU-T G.168, on echo paths made here."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.echo import EchoCanceller
from dsp.errors import ShapeError
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float, level_dbm0
from dsp.noise import white_noise
from dsp.tones import sine

DELAYS = (0, 40, 160, 300, 500, 900)  # samples before the hybrid answers


def paths(seed: int = 1, loss_db: float = 6.0) -> NDArray[np.float64]:
    """Echo paths [rows, 1024]: a delay, then 8 ms that die away, with the given loss."""
    rng = np.random.default_rng(seed)
    h = np.zeros((len(DELAYS), 1024))
    for row, delay in enumerate(DELAYS):
        h[row, delay : delay + 64] = rng.standard_normal(64) * np.exp(-np.arange(64) / 15)
    return np.asarray(h * 10 ** (-loss_db / 20) / np.linalg.norm(h, axis=1, keepdims=True))


def echo_of(far: Float, h: NDArray[np.float64]) -> Float:
    return np.stack([np.convolve(x, path)[: len(x)] for x, path in zip(far, h, strict=True)]).astype(np.float32)


def line(x: Float) -> Float:
    return alaw_decode(alaw_encode(x))


def cancel(canceller: EchoCanceller, far: Float, near: Float) -> Float:
    return np.concatenate(
        [canceller.cancel(far[:, at : at + 160], near[:, at : at + 160]) for at in range(0, far.shape[1], 160)], axis=1
    )


def speechlike(seconds: float, level: float = -15) -> Float:
    """Coloured noise [rows, n] with pauses, as G.168's composite source signal has them."""
    n = round(seconds * 8000)
    x = white_noise(np.random.default_rng(2), (len(DELAYS), n + 8), level + 3)
    x = (x[:, 8:] + 0.9 * x[:, 7:-1] + 0.5 * x[:, 6:-2]) / np.float32(1.44)
    return line(np.asarray(x * (np.arange(n) % 2800 < 2000), np.float32))


def loss(near: Float, out: Float, start_s: float, end_s: float) -> Float:
    part = slice(round(start_s * 8000), round(end_s * 8000))
    return np.asarray(level_dbm0(near[:, part]) - level_dbm0(out[:, part]))


def test_converges_within_a_second_and_reaches_a_steady_state() -> None:
    far = speechlike(5)
    near = line(echo_of(far, paths()))
    with_suppressor = cancel(EchoCanceller(len(far)), far, near)
    without = cancel(EchoCanceller(len(far), suppress=False), far, near)
    assert loss(near, with_suppressor, 1.0, 1.7).min() >= 20
    assert loss(near, without, 4.0, 5.0).min() >= 27
    assert loss(near, with_suppressor, 4.0, 5.0).min() >= 30


def test_double_talk_neither_spoils_the_filter_nor_the_near_speaker() -> None:
    far = speechlike(6)
    echo = echo_of(far, paths())
    talk = white_noise(np.random.default_rng(9), far.shape, -15)
    talk[:, : 3 * 8000] = talk[:, 5 * 8000 :] = 0
    out = cancel(EchoCanceller(len(far)), far, line(echo + talk))
    during = slice(3 * 8000 + 800, 5 * 8000)
    error = level_dbm0(out[:, during] - talk[:, during])
    assert (error < -30).all()  # what is heard is the near speaker, echo 15 dB and more below
    assert loss(line(echo), out, 5.1, 6.0).min() >= 20  # and the filter is still there


def test_another_path_is_learnt() -> None:
    far = speechlike(8)
    echo = echo_of(far, paths(1))
    echo[:, 4 * 8000 :] = echo_of(far, paths(2))[:, 4 * 8000 :]
    near = line(echo)
    out = cancel(EchoCanceller(len(far)), far, near)
    assert loss(near, out, 5.5, 6.5).min() >= 15
    assert loss(near, out, 7.0, 8.0).min() >= 25


def test_tones_do_not_make_it_diverge() -> None:
    tone = line(np.tile(sine([697, 1209], -9, 8000 * 4), (len(DELAYS), 1)))
    near = line(echo_of(tone, paths()))
    out = cancel(EchoCanceller(len(tone), suppress=False), tone, near)
    assert loss(near, out, 0.0, 4.0).min() >= 0
    assert loss(near, out, 3.0, 4.0).min() >= 20
    assert np.isfinite(out).all()


def test_without_an_echo_the_near_speaker_is_left_alone() -> None:
    far = speechlike(3)
    talk = line(white_noise(np.random.default_rng(9), far.shape, -20))
    out = cancel(EchoCanceller(len(far)), far, talk)
    assert level_dbm0(out[:, 8000:] - talk[:, 8000:]).max() < -40


def test_rows_do_not_hear_each_other_are_switched_and_reset() -> None:
    far = speechlike(1.2)
    near = line(echo_of(far, paths()))
    together = EchoCanceller(len(far))
    together.active[1] = False
    out = cancel(together, far, near)
    np.testing.assert_array_equal(out[1], near[1])
    alone = cancel(EchoCanceller(1), far[:1], near[:1])
    np.testing.assert_allclose(out[0], alone[0], atol=1e-4)
    together.reset(0)
    fresh = together.cancel(far[:, :160], near[:, :160])
    np.testing.assert_allclose(fresh[0], near[0, :160], atol=1e-4)
    with pytest.raises(ShapeError):
        together.cancel(far[:1, :160], near[:1, :160])


def test_silence_full_scale_and_dc_stay_finite() -> None:
    canceller = EchoCanceller(3)
    x = np.stack([np.zeros(1600), np.ones(1600), np.tile([1.0, -1.0], 800)]).astype(np.float32)
    out = cancel(canceller, x, x)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 4
