# SPDX-License-Identifier: GPL-2.0-or-later
"""DTMF against ITU-T Q.24 and the classic receiver tests, through A-law, on many rows at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.blocks import tick_of
from dsp.dtmf import FREQUENCIES, KEYS, DtmfDetector, KeyEnd, KeyEvent, KeyStart, dtmf_samples
from dsp.errors import ShapeError, UnknownKey
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float, amplitude, level_dbm0

LINE = np.float32


def rows_of(signals: list[Float], tail: int = 800) -> Float:
    """Signals as rows, silence after each, whole ticks, through A-law."""
    samples = -(-(max(map(len, signals)) + tail) // 160) * 160
    x = np.zeros((len(signals), samples), LINE)
    for row, signal in enumerate(signals):
        x[row, : len(signal)] = signal
    return alaw_decode(alaw_encode(x))


def hear(x: Float, detector: DtmfDetector | None = None) -> list[KeyEvent]:
    detector = detector or DtmfDetector(len(x))
    return [event for at in range(0, x.shape[1], 160) for event in detector.feed(x[:, at : at + 160])]


def keys_by_row(events: list[KeyEvent], rows: int) -> list[str]:
    return ["".join(e.key for e in events if isinstance(e, KeyStart) and e.row == row) for row in range(rows)]


def late(signal: Float, samples: int) -> Float:
    return np.concatenate([np.zeros(samples, LINE), signal])


def heard(signals: list[Float]) -> list[str]:
    return keys_by_row(hear(rows_of(signals)), len(signals))


def test_sixteen_keys_ten_times_at_50_ms() -> None:
    assert heard([late(dtmf_samples(KEYS, 50, 50, -7), 17 * n) for n in range(10)]) == [KEYS] * 10


def test_an_event_tells_when_how_long_how_loud_and_the_twist() -> None:
    signals = [late(dtmf_samples("5", 93, 80, -12, twist), 333) for twist in (0, -6, 3)]
    events = hear(rows_of(signals))
    for row, twist in enumerate((0, -6, 3)):
        start, end = (e for e in events if e.row == row)
        assert isinstance(start, KeyStart)
        assert isinstance(end, KeyEnd)
        assert start.key == end.key == "5"
        assert start.at_sample == pytest.approx(333, abs=16)
        assert end.at_sample == pytest.approx(333 + 744, abs=16)
        assert end.duration_ms == pytest.approx(93, abs=3)
        assert end.level_dbm0 == pytest.approx(-12, abs=0.3)
        assert end.twist_db == pytest.approx(twist, abs=0.3)


@pytest.mark.parametrize("share", [0.015, -0.015])
@pytest.mark.parametrize("group", ["low", "high", "both"])
def test_accepts_1_5_percent_and_2_hz_off(share: float, group: str) -> None:
    def off(key: str) -> Float:
        low, high = (abs(share) + 2 / f for f in FREQUENCIES[key])
        sign = 1 if share > 0 else -1
        return dtmf_samples(
            key, 50, 50, -10, low_off=sign * low * (group != "high"), high_off=sign * high * (group != "low")
        )

    assert heard([off(key) for key in KEYS]) == list(KEYS)


@pytest.mark.parametrize("share", [0.035, -0.035, 0.05, -0.05])
@pytest.mark.parametrize("group", ["low_off", "high_off"])
def test_rejects_3_5_percent_off(share: float, group: str) -> None:
    signals = [dtmf_samples(key, 200, 50, -10, low_off=share) for key in KEYS]
    if group == "high_off":
        signals = [dtmf_samples(key, 200, 50, -10, high_off=share) for key in KEYS]
    assert heard(signals) == [""] * 16


@pytest.mark.parametrize("twist", [-8, -4, 0, 2, 4])
def test_accepts_8_db_normal_and_4_db_reverse_twist(twist: float) -> None:
    assert heard([dtmf_samples(key, 50, 50, -4, twist) for key in KEYS]) == list(KEYS)


@pytest.mark.parametrize("twist", [-14, 10])
def test_rejects_excessive_twist(twist: float) -> None:
    assert heard([dtmf_samples(key, 50, 50, -4, twist) for key in KEYS]) == [""] * 16


def test_dynamic_range_of_35_db_and_more() -> None:
    assert heard([dtmf_samples("1", 50, 50, level) for level in range(-40, 4)]) == ["1"] * 44
    assert heard([dtmf_samples("1", 50, 50, level) for level in (-46, -60)]) == ["", ""]


@pytest.mark.parametrize("on_ms", [40, 50, 75, 1000])
def test_40_ms_are_a_key_wherever_they_begin(on_ms: float) -> None:
    signals = [late(dtmf_samples(KEYS[n % 16], on_ms, 60, -10), 5 * n) for n in range(32)]
    assert heard(signals) == [KEYS[n % 16] for n in range(32)]


@pytest.mark.parametrize("on_ms", [5, 15, 20, 23])
def test_23_ms_are_no_key_wherever_they_begin(on_ms: float) -> None:
    assert heard([late(dtmf_samples(KEYS[n % 16], on_ms, 60, -10), 5 * n) for n in range(32)]) == [""] * 32


@pytest.mark.parametrize(("gap_ms", "keys"), [(2, 1), (5, 1), (10, 1), (40, 2), (60, 2)])
def test_a_break_of_10_ms_does_not_split_and_a_pause_of_40_ms_does(gap_ms: float, keys: int) -> None:
    signals = [
        late(np.concatenate([dtmf_samples(k, 60, gap_ms, -10), dtmf_samples(k, 60, 60, -10)]), 5 * n)
        for n, k in enumerate(KEYS * 2)
    ]
    assert heard(signals) == [k * keys for k in KEYS * 2]


def test_a_thousand_of_a_thousand_in_noise() -> None:
    """The classic test's 1,000 keys; at a signal-to-noise ratio of 8 dB (each frequency) none is missed or invented."""
    rng = np.random.default_rng(1)
    signals = [dtmf_samples("1" * 50, 50, 50, -4) for _ in range(20)]
    noisy = [s + rng.normal(0, amplitude(-12) / np.sqrt(2), len(s)).astype(LINE) for s in signals]
    assert heard(noisy) == ["1" * 50] * 20


@pytest.mark.parametrize("delay_ms", [5, 20, 30, 50])
def test_an_echo_12_db_down_neither_doubles_nor_hides_a_key(delay_ms: float) -> None:
    signals = []
    for key in KEYS:
        clean = np.concatenate([dtmf_samples(key * 3, 60, 60, -8), np.zeros(800, LINE)])
        signals.append(clean + late(clean, round(8 * delay_ms))[: len(clean)] * LINE(10 ** (-12 / 20)))
    assert heard(signals) == [key * 3 for key in KEYS]


def test_keys_without_a_pause_between() -> None:
    assert heard([dtmf_samples("1597", 80, 0, -8), dtmf_samples("1234", 80, 0, -8)]) == ["1597", "1234"]


def test_noise_silence_full_scale_dc_and_tones_are_no_keys() -> None:
    rng, n = np.random.default_rng(2), 80_000
    t = np.arange(n) / 8000
    signals = [
        rng.normal(0, 0.2, n),
        np.zeros(n),
        np.ones(n),
        np.full(n, 0.3),
        0.4 * np.sin(2 * np.pi * 450 * t),
        0.4 * np.sin(2 * np.pi * 941 * t),
        0.2 * np.sin(2 * np.pi * 697 * t) + 0.2 * np.sin(2 * np.pi * 770 * t),
        np.sign(np.sin(2 * np.pi * 697 * t)),
        0.3 * np.sin(2 * np.pi * (500 + 600 * t / t[-1] * 10) * t),
    ]
    assert heard([np.asarray(s, LINE) for s in signals]) == [""] * len(signals)


def test_nonsense_is_silence_and_is_forgotten() -> None:
    detector = DtmfDetector(1)
    with np.errstate(all="raise", under="ignore"):
        for value in (np.nan, np.inf, -np.inf, 1e30):
            assert detector.feed(np.full((1, 160), value, LINE)) == []
    silence = np.zeros((1, 480), LINE)
    hear(silence, detector)
    assert keys_by_row(hear(rows_of([dtmf_samples("7")]), detector), 1) == ["7"]


def test_a_row_that_is_reset_forgets_the_key_held() -> None:
    detector = DtmfDetector(1)
    x = rows_of([dtmf_samples("4", 100, 100)])
    events = hear(x[:, :640], detector)
    assert [type(e) for e in events] == [KeyStart]
    assert detector.held(0) == "4"
    detector.reset(0)
    assert detector.held(0) is None
    assert hear(np.zeros((1, 1600), LINE), detector) == []


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 159), st.integers(40, 200)), min_size=1, max_size=6),
    st.integers(0, 5),
)
def test_rows_do_not_hear_each_other(presses: list[tuple[str, int, int]], silent: int) -> None:
    """Many rows at once have the results of each row alone."""
    signals = [late(dtmf_samples(key, on_ms, 50), at) for key, at, on_ms in presses]
    x = rows_of([*signals, *[np.zeros(160, LINE)] * silent])
    together = hear(x)
    for row in range(len(x)):
        alone = hear(x[row : row + 1])
        assert [(type(e), e.key, e.at_sample) for e in together if e.row == row] == [
            (type(e), e.key, e.at_sample) for e in alone
        ]


def test_misuse_is_named() -> None:
    with pytest.raises(ShapeError, match=r"\[2, samples\]"):
        DtmfDetector(2).feed(np.zeros((3, 160), LINE))
    with pytest.raises(UnknownKey, match="'x' is no key"):
        dtmf_samples("1x")


def test_samples_have_the_level_and_length_asked_for() -> None:
    x = dtmf_samples("1", 100, 50, -6, 0)
    assert len(x) == 1200
    assert level_dbm0(x[:800]) == pytest.approx(-3, abs=0.1)
    assert not dtmf_samples("").size


def test_only_some_rows_are_heard_and_which_changes_within_keys() -> None:
    """Rows 0 and 3 are heard all the time, 1 and 2 come and go: the events of the first do not change with that."""
    signal = np.concatenate([np.zeros(333, np.float32), dtmf_samples("159D", 70, 60, -10), np.zeros(800, np.float32)])
    x = np.tile(signal[: len(signal) // 160 * 160], (4, 1))
    x[3] = np.roll(x[3], 500)
    alone = DtmfDetector(2).feed(x[[0, 3]])
    sets = [np.array(rows) for rows in ([0, 3], [0, 1, 3], [0, 1, 2, 3], [0, 2, 3])]
    told, detector = [], DtmfDetector(4)
    for number, at in enumerate(range(0, x.shape[1], 160)):
        heard = sets[number // 3 % len(sets)]
        told += detector.hear(tick_of(x[:, at : at + 160], 4, heard))
    assert [event for event in told if event.row in {0, 3}] == [replace(e, row=3 * e.row) for e in alone]
    assert len(alone) == 16


def test_a_row_that_is_heard_no_more_is_forgotten_with_its_key() -> None:
    detector, key = DtmfDetector(2), dtmf_samples("5", 200, 60)
    x = np.stack([key, key])
    both, second = np.array([0, 1]), np.array([1])
    for at in range(0, 960, 160):
        detector.hear(tick_of(x[:, at : at + 160], 2, both))
    assert (detector.held(0), detector.held(1)) == ("5", "5")
    silent = np.zeros((2, 160), np.float32)
    ended = [event for _ in range(4) for event in detector.hear(tick_of(silent, 2, second))]
    assert [event.row for event in ended] == [1]
    assert detector.held(0) is None
    assert not [event for _ in range(4) for event in detector.hear(tick_of(silent, 2, both))]
