# SPDX-License-Identifier: GPL-2.0-or-later
"""Fax tones, speech activity, answering machine detection."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.fax import FaxDetector, FaxTone, ced_samples, cng_samples
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.noise import white_noise
from dsp.speech import SpeechActivity
from dsp.tones import sine

RATE = 8000


def rows_of(signals: list[Float]) -> Float:
    samples = -(-max(map(len, signals)) // 160) * 160
    x = np.zeros((len(signals), samples), np.float32)
    for row, signal in enumerate(signals):
        x[row, : len(signal)] = signal
    return alaw_decode(alaw_encode(x))


def fax_in(signals: list[Float]) -> list[list[FaxTone]]:
    x = rows_of(signals)
    detector = FaxDetector(len(x))
    events = [event for at in range(0, x.shape[1], 160) for event in detector.feed(x[:, at : at + 160])]
    return [[e.tone for e in events if e.row == row] for row in range(len(x))]


def talk(seconds: float, seed: int) -> Float:
    """Return a sound like speech: coloured noise in syllables of a quarter of a second."""
    n = round(seconds * RATE)
    envelope = 0.15 + 0.85 * np.abs(np.sin(2 * np.pi * 2 * np.arange(n) / RATE))
    return np.asarray(white_noise(np.random.default_rng(seed), n, -18) * envelope, np.float32)


def silence(seconds: float) -> Float:
    return np.zeros(round(seconds * RATE), np.float32)


@pytest.mark.parametrize("level", [-10, -20, -38])
def test_cng_is_told_for_every_burst(level: float) -> None:
    calls = [np.concatenate([silence(0.1 + 0.013 * n), np.tile(cng_samples(level), 2)]) for n in range(1, 6)]
    assert fax_in(calls) == [[FaxTone.CNG] * 2] * 5


def test_ced_with_and_without_reversals() -> None:
    plain = [ced_samples(3, level) for level in (-10, -35)]
    off = [sine([2100 + hz], -13, 24_000) for hz in (-15, 15)]
    reversed_ = [np.concatenate([silence(0.007 * n), ced_samples(3, -13, reversals=True)]) for n in range(5)]
    assert fax_in(plain + off) == [[FaxTone.CED]] * 4
    assert fax_in(reversed_) == [[FaxTone.CED, FaxTone.CED_REVERSED]] * 5


def test_reversals_in_noise() -> None:
    rng = np.random.default_rng(1)
    calls = [ced_samples(3, -13, reversals=True) + white_noise(rng, 24_000, -33) for _ in range(5)]
    assert fax_in(calls) == [[FaxTone.CED, FaxTone.CED_REVERSED]] * 5


def test_other_sounds_are_no_fax() -> None:
    others = [
        sine([1000], -10, 8000),
        sine([1100], -10, 8000),
        sine([2200], -10, 8000),
        talk(5, 1),
        sine([450], -10, 8000),
    ]
    assert fax_in(others) == [[]] * len(others)


def test_speech_activity_follows_speech_over_noise() -> None:
    rng = np.random.default_rng(2)
    speech = np.concatenate([silence(1), talk(2, 3), silence(1)])
    x = rows_of([speech, speech + white_noise(rng, len(speech), -50), silence(4), white_noise(rng, len(speech), -55)])
    detector = SpeechActivity(len(x))
    active = np.array([detector.feed(x[:, at : at + 160]).copy() for at in range(0, x.shape[1], 160)])
    for row in (0, 1):
        assert active[55:145, row].mean() > 0.95
        assert active[:50, row].mean() < 0.1
        assert active[165:, row].mean() < 0.1
    assert active[:, 2].sum() == 0
    assert active[:, 3].mean() < 0.05


def test_the_noise_floor_rises_with_the_line() -> None:
    noise = white_noise(np.random.default_rng(3), 30 * RATE, -38)[None]
    detector = SpeechActivity(1)
    active = [bool(detector.feed(noise[:, at : at + 160])[0]) for at in range(0, noise.shape[1], 160)]
    assert active[10]
    assert not any(active[-500:])
