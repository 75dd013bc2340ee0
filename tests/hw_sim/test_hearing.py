# SPDX-License-Identifier: GPL-2.0-or-later
"""Sounds put together are taken apart again: tones, keys, prompts, in time and level."""

import numpy as np
import pytest

from dsp.dtmf import dtmf_samples
from dsp.g711 import alaw_encode
from dsp.levels import Float, amplitude, level_dbm0
from dsp.tone_table import load_tone
from dsp.tones import render_period, sine
from hw_sim.hearing import Ear, Heard, was_heard


def _silence(seconds: float) -> Float:
    return np.zeros(round(seconds * 8000), np.float32)


def _named(country: str, name: str, seconds: float) -> Float:
    period = render_period(load_tone(country, name))
    tiled = np.tile(period, int(seconds * 8000 / period.size) + 1)
    return np.asarray(tiled[: round(seconds * 8000)], np.float32)


def _speech(seconds: float, seed: int, dbm0: float = -20) -> Float:
    """Noise with the spectrum and the rhythm of speech; no two seeds are alike."""
    random = np.random.default_rng(seed)
    raw = random.normal(0, 1, round(seconds * 8000))
    shaped = np.convolve(raw, np.exp(-np.arange(40) / 8), "same")
    rhythm = np.repeat(random.choice([0.0, 0.3, 1.0], size=round(seconds * 8) + 1, p=[0.2, 0.3, 0.5]), 1000)
    rhythm[:2000] = 1.0
    sound = shaped * rhythm[: shaped.size]
    return np.asarray(sound * amplitude(dbm0) / np.sqrt(2) / np.sqrt(np.mean(sound**2)), np.float32)


def _noise(samples: int, dbm0: float, seed: int = 9) -> Float:
    return np.random.default_rng(seed).normal(0, amplitude(dbm0) / np.sqrt(2), samples).astype(np.float32)


def _hear(*parts: Float, ear: Ear | None = None) -> tuple[Heard, ...]:
    return (ear or Ear("cn")).hear(alaw_encode(np.concatenate(parts)))


@pytest.mark.parametrize(
    ("country", "name", "seconds"),
    [
        ("cn", "dial", 2),
        ("cn", "ringback", 2),
        ("cn", "ringback", 11),
        ("cn", "busy", 0.6),
        ("cn", "busy", 5),
        ("cn", "congestion", 3),
        ("us", "dial", 2),
        ("us", "ringback", 7),
        ("us", "busy", 3),
        ("us", "congestion", 3),
        ("gb", "ringback", 6),
        ("gb", "busy", 3),
        ("gb", "congestion", 4),
        ("de", "busy", 3),
        ("de", "congestion", 3),
    ],
)
def test_tones_of_countries_by_name(country: str, name: str, seconds: float) -> None:
    heard = _hear(_silence(0.3), _named(country, name, seconds), _silence(0.5), ear=Ear(country))
    assert [h.what for h in heard] == [name]
    tone = load_tone(country, name)
    total = tone.level_dbm0 + 10 * np.log10(len(tone.frequencies_hz))
    assert heard[0].level_dbm0 == pytest.approx(total, abs=0.3)
    assert heard[0].at_s == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize(("country", "name"), [("cn", "special_information"), ("de", "special_information")])
def test_tones_that_change_their_frequency(country: str, name: str) -> None:
    assert [h.what for h in _hear(_silence(0.3), _named(country, name, 5), _silence(0.5), ear=Ear(country))] == [name]


def test_tone_that_could_still_be_another_has_its_frequency_for_a_name() -> None:
    assert [h.what for h in _hear(_named("cn", "dial", 0.3))] == ["450 Hz"]
    assert [h.what for h in _hear(_named("cn", "dial", 1.0))] == ["450 Hz"]


def test_joined_in_the_middle() -> None:
    busy = _named("cn", "busy", 4)[round(0.2 * 8000) :]
    assert [h.what for h in _hear(busy)] == ["busy"]


@pytest.mark.parametrize(("hz", "dbm0"), [(1004, -10), (440, -30), (2713, -43), (300, 0)])
def test_single_tones(hz: int, dbm0: float) -> None:
    (tone,) = _hear(_silence(0.5), sine([hz], dbm0, 8000), _silence(0.5))
    assert (tone.kind, tone.what) == ("tone", f"{hz} Hz")
    assert tone.level_dbm0 == pytest.approx(dbm0, abs=0.3)
    assert tone.at_s == pytest.approx(0.5, abs=0.01)
    assert tone.until_s == pytest.approx(1.5, abs=0.01)


def test_tone_in_noise() -> None:
    sound = np.concatenate([_silence(1), _named("cn", "busy", 3), _silence(1)])
    heard = _hear(sound + _noise(sound.size, -40))
    assert "busy" in [h.what for h in heard]


def test_tone_on_a_line_that_slips() -> None:
    tone = sine([1004], -10, 12000)
    slipped = np.concatenate([tone[:3000], tone[2840:7000], tone[7160:]])  # a tick twice, a tick not at all
    (heard,) = _hear(_silence(0.2), slipped, _silence(0.2))
    assert was_heard("1004", [heard])
    assert heard.level_dbm0 == pytest.approx(-10, abs=0.3)


def test_keys_among_tones() -> None:
    heard = _hear(_named("cn", "dial", 2), _silence(0.1), dtmf_samples("42#", 70, 70, -12), _silence(0.3))
    assert [h.what for h in heard] == ["dial", "4", "2", "#"]
    assert heard[1].level_dbm0 == pytest.approx(-12, abs=0.3)


def test_prompts_whole_late_and_cut_off() -> None:
    welcome, menu, wait = _speech(3, 1), _speech(4, 2), _speech(2, 3)
    ear = Ear("cn", {"welcome": welcome, "menu": menu, "wait": wait})
    heard = _hear(_silence(0.2), welcome, _silence(0.3), menu[:12000], _silence(0.2), wait[8000:], ear=ear)
    assert [h.what for h in heard] == ["welcome", "menu", "wait"]
    assert heard[0].at_s == pytest.approx(0.2, abs=0.05)
    assert heard[0].until_s == pytest.approx(3.2, abs=0.2)
    assert heard[1].until_s == pytest.approx(3.5 + 1.5, abs=0.2)
    assert heard[0].level_dbm0 == pytest.approx(float(level_dbm0(welcome)), abs=0.5)


def test_prompt_is_known_quiet_and_noisy() -> None:
    welcome = _speech(3, 1)
    ear = Ear("cn", {"welcome": welcome, "other": _speech(3, 7)})
    quiet = welcome * np.float32(0.1)
    assert was_heard("welcome", _hear(_silence(0.5), quiet + _noise(quiet.size, -52), _silence(0.5), ear=ear))


def test_speech_that_nobody_knows_is_a_sound() -> None:
    heard = _hear(_silence(0.2), _speech(2, 5), _silence(0.2), ear=Ear("cn", {"welcome": _speech(3, 1)}))
    assert {h.what for h in heard} == {"sound"}


def test_silence_and_emptiness_are_nothing() -> None:
    assert _hear(_silence(1)) == ()
    assert _hear(_silence(0)) == ()
    assert _hear(_noise(8000, -60)) == ()


def test_numbers_are_frequencies() -> None:
    heard = _hear(sine([1004], -10, 4000))
    assert was_heard("1004", heard)
    assert was_heard("1000", heard)
    assert not was_heard("1100", heard)
    assert not was_heard("busy", heard)
