# SPDX-License-Identifier: GPL-2.0-or-later
"""Noise, resampling, concealment of lost ticks, level meters."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.conceal import Concealer
from dsp.energy import LevelMeter
from dsp.errors import ShapeError
from dsp.levels import FLOOR_DBM0, level_dbm0
from dsp.noise import comfort_noise, white_noise
from dsp.resample import to_line
from dsp.spectrum import dominant_tones, tone_level_dbm0
from dsp.tones import sine


def test_white_noise_has_its_level_and_repeats_with_its_seed() -> None:
    x = white_noise(np.random.default_rng(1), (3, 8000), -20)
    assert x.dtype == np.float32
    np.testing.assert_allclose(level_dbm0(x), -20, atol=0.2)
    np.testing.assert_array_equal(x, white_noise(np.random.default_rng(1), (3, 8000), -20))


def test_comfort_noise_has_its_level_in_blocks_and_less_of_the_high_end() -> None:
    rng, state, blocks = np.random.default_rng(1), np.zeros(2, np.float32), []
    for _ in range(100):
        block, state = comfort_noise(rng, state, 160, -50)
        blocks.append(block)
    x = np.concatenate(blocks, axis=1)
    np.testing.assert_allclose(level_dbm0(x), -50, atol=0.5)
    power = np.abs(np.fft.rfft(x[0])) ** 2
    assert power[:2000].sum() > 4 * power[-2000:].sum()
    seams = np.abs(np.diff(x, axis=1))[:, 159::160]
    assert seams.mean() == pytest.approx(np.abs(np.diff(x, axis=1)).mean(), rel=0.2)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
def test_a_prompt_keeps_pitch_level_and_length(rate: int) -> None:
    t = np.arange(2 * rate) / rate
    stereo = np.stack([0.5 * np.sin(2 * np.pi * 440 * t), np.zeros(len(t))], axis=1)
    y = to_line(stereo, rate)
    assert y.dtype == np.float32
    assert len(y) == pytest.approx(16_000, abs=1)
    middle = y[4000:12_000]
    assert dominant_tones(middle)[0][0] == pytest.approx(440, abs=1)
    assert level_dbm0(middle) == pytest.approx(20 * np.log10(0.25) + 3.14, abs=0.1)


def test_what_the_line_cannot_carry_does_not_fold_back() -> None:
    t = np.arange(48_000) / 48_000
    y = to_line(np.sin(2 * np.pi * 6000 * t), 48_000)
    assert level_dbm0(y[1000:-1000]) < -50


def test_integers_are_taken_at_their_full_scale() -> None:
    assert to_line(np.array([-32768, 16384], np.int16), 8000).tolist() == [-1.0, 0.5]
    assert to_line(np.array([0, 192], np.uint8), 8000).tolist() == [-1.0, 0.5]
    assert to_line(np.array([2.5, np.nan, -np.inf]), 8000).tolist() == [1.0, 0.0, -1.0]
    assert to_line(np.zeros(0), 44_100).shape == (0,)


def test_prompts_that_cannot_be_are_refused() -> None:
    with pytest.raises(ShapeError):
        to_line(np.zeros((1, 2, 3)), 8000)
    with pytest.raises(ValueError, match="44100"):
        to_line(np.zeros(3), 0)


def test_a_lost_tick_of_a_voice_is_filled_without_a_seam() -> None:
    voice = sine([125, 250, 375, 500], -20, 1600)
    x = np.stack([voice, voice]).reshape(2, 10, 160).swapaxes(0, 1).copy()
    lost, concealer, out = np.zeros((10, 2), bool), Concealer(2), []
    lost[5, 0] = True
    for tick, gone in zip(x, lost, strict=True):
        given = np.where(gone[:, None], np.float32(0), tick)
        out.append(concealer.feed(given, gone).copy())
    y = np.concatenate(out, axis=1)
    np.testing.assert_array_equal(y[1], voice)
    np.testing.assert_allclose(y[0, 800:960], voice[800:960], atol=0.45 * np.abs(voice).max())
    assert level_dbm0(y[0, 800:960]) > level_dbm0(voice) - 3
    assert np.abs(np.diff(y[0])).max() < 1.5 * np.abs(np.diff(voice)).max()


def test_a_long_loss_fades_to_silence_and_nothing_before_gives_silence() -> None:
    concealer, lost = Concealer(1), np.ones(1, bool)
    assert not concealer.feed(np.zeros((1, 160), np.float32), lost).any()
    for _ in range(3):
        concealer.feed(sine([300], -10, 160)[None].copy(), ~lost)
    levels = [level_dbm0(concealer.feed(np.zeros((1, 160), np.float32), lost)[0]) for _ in range(6)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == FLOOR_DBM0


def test_a_meter_rises_at_once_falls_slowly_and_keeps_rows_apart() -> None:
    meter, tone = LevelMeter(2), sine([1000], -10, 160)
    x = np.stack([tone, np.zeros_like(tone)])
    assert meter.feed(x)[0] == pytest.approx(-10, abs=0.1)
    assert meter.level_dbm0()[1] == FLOOR_DBM0
    after = [float(meter.feed(np.zeros_like(x))[0]) for _ in range(15)]
    assert after[-1] == pytest.approx(-10 - 4.34, abs=0.2)
    meter.reset(0)
    assert meter.level_dbm0()[0] == FLOOR_DBM0
    with pytest.raises(ShapeError):
        meter.feed(x[:1])
    with pytest.raises(ShapeError):
        meter.feed(x[0])


def test_tone_level_ignores_the_rest() -> None:
    x = sine([450], -30, 8000) + white_noise(np.random.default_rng(1), 8000, -30)
    assert tone_level_dbm0(x, 450) == pytest.approx(-30, abs=1)
