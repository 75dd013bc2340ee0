# SPDX-License-Identifier: GPL-2.0-or-later
"""Call progress tones by frequency and cadence, on many rows."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.errors import UnknownCountry
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.noise import white_noise
from dsp.progress import ProgressDetector, ToneGone, ToneHeard
from dsp.tone_table import countries, load_tone, tone_names
from dsp.tones import render_period, sine

CHINESE = [
    "dial",
    "ringback",
    "busy",
    "congestion",
    "number_unobtainable",
    "special_information",
    "howler",
    "intrusion",
    "call_waiting",
]


def looped(country: str, name: str, seconds: float, start_s: float = 0.0, stretch: float = 1.0) -> Float:
    period = render_period(load_tone(country, name))
    if stretch != 1.0:
        (on, off), *_ = load_tone(country, name).cadence
        burst = sine([450], -10, round(on * stretch * 8000))
        period = np.concatenate([burst, np.zeros(round(off * stretch * 8000), np.float32)])
    start, samples = round(start_s * 8000), round(seconds * 8000)
    return np.tile(period, -(-(start + samples) // len(period)))[start : start + samples]


def hear(signals: list[Float], country: str = "cn") -> list[ToneHeard | ToneGone]:
    samples = max(map(len, signals)) // 160 * 160
    x = np.zeros((len(signals), samples), np.float32)
    for row, signal in enumerate(signals):
        x[row, : min(len(signal), samples)] = signal[:samples]
    x = alaw_decode(alaw_encode(x))
    detector = ProgressDetector(len(x), country)
    return [event for at in range(0, samples, 160) for event in detector.feed(x[:, at : at + 160])]


def names(events: list[ToneHeard | ToneGone], row: int) -> list[str]:
    return [e.name for e in events if e.row == row and isinstance(e, ToneHeard)]


def test_every_chinese_tone_from_any_moment_and_nothing_else() -> None:
    cases = [(name, start) for name in CHINESE for start in (0.0, 0.13, 0.5, 0.9)]
    events = hear([looped("cn", name, 14, start) for name, start in cases])
    for row, (name, _) in enumerate(cases):
        assert names(events, row) == [name], cases[row]


@pytest.mark.parametrize("stretch", [0.78, 0.9, 1.1, 1.22])
def test_a_cadence_may_be_off_by_25_percent(stretch: float) -> None:
    cases = ["ringback", "busy", "congestion"]
    events = hear([looped("cn", name, 14, 0, stretch) for name in cases])
    assert [set(names(events, row)) for row in range(3)] == [{name} for name in cases]


def test_20_db_of_signal_to_noise_and_low_levels() -> None:
    rng = np.random.default_rng(1)
    noisy = [looped("cn", name, 14) + white_noise(rng, 14 * 8000, -30) for name in CHINESE]
    quiet = [looped("cn", name, 14) * np.float32(10 ** (-25 / 20)) for name in CHINESE]
    events = hear(noisy + quiet)
    assert [names(events, row) for row in range(2 * len(CHINESE))] == [[name] for name in CHINESE] * 2


def test_how_soon_and_that_the_end_is_told() -> None:
    busy = np.concatenate([np.zeros(8000, np.float32), looped("cn", "busy", 2.8), np.zeros(16_000, np.float32)])
    events = hear([busy])
    assert [type(e) for e in events] == [ToneHeard, ToneGone]
    assert events[0].at_sample / 8000 == pytest.approx(1 + 0.35 * 3, abs=0.08)
    assert events[1].at_sample / 8000 == pytest.approx(1 + 2.45 + 0.45, abs=0.15)


def test_one_tone_after_another() -> None:
    x = np.concatenate([looped("cn", "ringback", 11), np.zeros(400, np.float32), looped("cn", "busy", 3)])
    told = [(type(e), e.name) for e in hear([x])]
    assert told == [(ToneHeard, "ringback"), (ToneGone, "ringback"), (ToneHeard, "busy")]


def test_every_country_s_basic_tones() -> None:
    for country in countries():
        basic = [name for name in ("dial", "ringback", "busy", "congestion") if name in tone_names(country)]
        events = hear([looped(country, name, 14, 0.1) for name in basic], country)
        for row, name in enumerate(basic):
            tone = load_tone(country, name)
            alike = {
                n for n in basic if (t := load_tone(country, n)).cadence == tone.cadence and t.pieces == tone.pieces
            }
            assert set(names(events, row)) <= alike, (country, name, names(events, row))
            assert names(events, row), (country, name)


def test_noise_silence_and_full_scale_are_no_tones() -> None:
    rng = np.random.default_rng(2)
    signals = [white_noise(rng, 80_000, -10), np.zeros(80_000, np.float32), np.ones(80_000, np.float32)]
    assert hear([*signals, sine([600], -10, 80_000)]) == []


def test_reset_and_unknown_country() -> None:
    detector = ProgressDetector(1, "cn")
    tone = looped("cn", "dial", 2)[None]
    for at in range(0, 16_000, 160):
        detector.feed(tone[:, at : at + 160])
    assert detector.heard(0) == "dial"
    detector.reset(0)
    assert detector.heard(0) is None
    with pytest.raises(UnknownCountry):
        ProgressDetector(1, "xx")
