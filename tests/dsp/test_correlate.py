# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding sentences and tones in received sound."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.correlate import dominant_tones, find, find_pieces, identify_tone, tone_level_dbm0
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float, gain_from_db
from dsp.tone_table import countries, load_tone, tone_names
from dsp.tones import render_period, sine

RNG = np.random.default_rng(7)


def speechlike(samples: int, seed: int) -> Float:
    """Coloured noise in syllables: it has speech's bandwidth and envelope, and no other text resembles it."""
    rng = np.random.default_rng(seed)
    noise = np.convolve(rng.standard_normal(samples), [1, 1.5, 1.2, 0.6, 0.2], mode="same")
    envelope = np.abs(np.sin(2 * np.pi * 2.5 * np.arange(samples) / 8000 + seed)) ** 2
    return np.asarray(0.05 * noise * envelope, np.float32)


def looped(country: str, name: str, seconds: float, start_s: float = 0.0) -> Float:
    period = render_period(load_tone(country, name))
    start, samples = round(start_s * 8000), round(seconds * 8000)
    return np.tile(period, -(-(start + samples) // len(period)))[start : start + samples]


def line(x: Float, noise: float = 0.0) -> Float:
    return alaw_decode(alaw_encode(x + np.float32(noise) * RNG.standard_normal(len(x)).astype(np.float32)))


def test_pieces_are_found_on_both_sides_of_a_gap() -> None:
    needle = speechlike(30_000, 1)
    hay = np.concatenate([np.zeros(500, np.float32), needle[:16_000], np.zeros(320, np.float32), needle[16_000:]])
    found = find_pieces(needle, line(hay), 8000)
    assert [piece.offset_samples for piece in found] == [500, 8500, 16_820]
    assert min(piece.score for piece in found) > 0.9


@pytest.mark.parametrize("gain_db", [-20.0, -6.0, 0.0, 6.0])
def test_a_sentence_is_found_at_any_gain_through_alaw(gain_db: float) -> None:
    needle = speechlike(12_000, 1)
    hay = speechlike(60_000, 2) * np.float32(0.02)
    hay[23_456 : 23_456 + 12_000] += needle * np.float32(gain_from_db(gain_db))
    match = find(needle, line(hay))
    assert match.offset_samples == 23_456
    assert match.score > 0.9
    assert match.gain_db == pytest.approx(gain_db, abs=0.3)


def test_a_sentence_is_found_in_noise_and_another_is_not() -> None:
    needle = speechlike(16_000, 1)
    hay = np.zeros(80_000, np.float32)
    hay[5000:21_000] = needle
    noisy = line(hay, 0.05)
    assert find(needle, noisy).offset_samples == 5000
    assert find(needle, noisy).score > 0.5
    assert find(speechlike(16_000, 3), noisy).score < 0.1


def test_silence_and_short_haystacks_match_nothing() -> None:
    needle = speechlike(8000, 1)
    assert find(needle, np.zeros(16_000, np.float32)).score == 0
    assert find(np.zeros(100, np.float32), needle).score == 0
    assert find(needle, needle[:4000]).score == pytest.approx(1, abs=1e-6)


def test_a_needle_in_inverted_polarity_counts() -> None:
    needle = speechlike(8000, 1)
    assert find(needle, -needle).score == pytest.approx(1, abs=1e-6)


def test_level_and_frequency_of_tones() -> None:
    x = line(sine([440], -10, 4000) + sine([620], -16, 4000))
    assert tone_level_dbm0(x, 440) == pytest.approx(-10, abs=0.2)
    assert tone_level_dbm0(x, 1000) < -55
    found = np.array(dominant_tones(x))
    np.testing.assert_allclose(found, [[440, -10], [620, -16]], atol=0.5)
    assert dominant_tones(np.zeros(800, np.float32)) == []


@pytest.mark.parametrize(
    "name", ["dial", "ringback", "busy", "congestion", "special_information", "number_unobtainable"]
)
@pytest.mark.parametrize("start_s", [0.0, 0.23, 1.1])
def test_chinese_tones_are_told_apart(name: str, start_s: float) -> None:
    x = line(looped("cn", name, 11.5, start_s), 0.01)
    assert identify_tone(x, "cn") == name


@pytest.mark.parametrize("stretch", [0.8, 1.2])
@pytest.mark.parametrize("name", ["ringback", "busy", "congestion"])
def test_a_cadence_may_be_off_by_20_percent(name: str, stretch: float) -> None:
    (on, off), *_ = load_tone("cn", name).cadence
    burst = sine([450], -15, round(on * stretch * 8000))
    period = np.concatenate([burst, np.zeros(round(off * stretch * 8000), np.float32)])
    assert identify_tone(line(np.tile(period, 3)), "cn") == name


def test_every_country_s_own_tones_are_recognised() -> None:
    """Where two tones of a country are alike the table has one name for both; any of these may be named."""
    for country in countries():
        for name in tone_names(country):
            tone = load_tone(country, name)
            alike = {
                other
                for other in tone_names(country)
                if (load_tone(country, other).cadence, load_tone(country, other).frequencies_hz)
                == (tone.cadence, tone.frequencies_hz)
            }
            seconds = 3.0 if tone.continuous else 2.6 * tone.period_s
            assert identify_tone(line(looped(country, name, seconds, 0.1)), country) in alike, (country, name)


def test_speech_noise_and_silence_are_no_tone() -> None:
    for x in (speechlike(80_000, 4), np.zeros(80_000, np.float32), RNG.normal(0, 0.1, 80_000).astype(np.float32)):
        assert identify_tone(line(x), "cn") is None
    assert identify_tone(line(sine([600], -10, 40_000)), "cn") is None
    assert identify_tone(np.zeros(0, np.float32), "cn") is None
