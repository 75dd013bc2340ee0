# SPDX-License-Identifier: GPL-2.0-or-later
"""Splitting of sound into blocks changes no result of any detector; nor do samples that no line can send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.amd import AnsweringMachineDetector
from dsp.beep import BeepDetector
from dsp.blocks import Blocks, tick_of
from dsp.dtmf import DtmfDetector, dtmf_samples
from dsp.energy import LevelMeter
from dsp.errors import ShapeError
from dsp.fax import FaxDetector, ced_samples, cng_samples
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.noise import white_noise
from dsp.progress import ProgressDetector
from dsp.r2 import Direction, R2Detector, r2_samples
from dsp.speech import SpeechActivity
from dsp.tone_table import load_tone
from dsp.tones import render_period, sine

SECONDS = 3
SAMPLES = SECONDS * 8000
Feed = Callable[[Float], list[Any]]


def _answered(rows: int) -> Feed:
    detector = AnsweringMachineDetector(rows)
    for row in range(rows):
        detector.start(row)
    return detector.feed


def _states(meter: SpeechActivity | LevelMeter) -> Feed:
    """Return a meter as a detector: its state after every block. Blocks without a whole tick show nothing new."""

    def feed(x: Float) -> list[Any]:
        before = _shown(meter)
        meter.feed(x)
        return [] if _shown(meter) == before else [_shown(meter)]

    return feed


def _shown(meter: SpeechActivity | LevelMeter) -> list[float]:
    return [float(value) for value in (meter.power if isinstance(meter, LevelMeter) else meter.level_dbm0)]


DETECTORS: dict[str, Callable[[int], Feed]] = {
    "dtmf": lambda rows: DtmfDetector(rows).feed,
    "r2": lambda rows: R2Detector(rows, Direction.FORWARD).feed,
    "progress": lambda rows: ProgressDetector(rows, "cn").feed,
    "fax": lambda rows: FaxDetector(rows).feed,
    "beep": lambda rows: BeepDetector(rows).feed,
    "answer": _answered,
}
METERS: dict[str, Callable[[int], SpeechActivity | LevelMeter]] = {"speech": SpeechActivity, "levels": LevelMeter}


def _filled(*parts: Float) -> Float:
    row = np.concatenate([*parts, np.zeros(SAMPLES, np.float32)])
    return row[:SAMPLES]


@pytest.fixture(scope="module")
def signals() -> Float:
    """One row a kind of sound that some detector reports, and noise."""
    pause = np.zeros(777, np.float32)
    busy = np.tile(render_period(load_tone("cn", "busy")), 6)
    r2 = [part for n in (1, 7, 15) for part in (r2_samples(n, Direction.FORWARD, 90), pause)]
    talk = white_noise(np.random.default_rng(1), 9000, -18)
    x = np.stack([
        _filled(pause, dtmf_samples("159D", 60, 60, -10)),
        _filled(*r2),
        _filled(busy),
        _filled(pause, cng_samples()),
        _filled(ced_samples(3, reversals=True)),
        _filled(talk, pause, pause, sine([1000], -12, 4000)),
        white_noise(np.random.default_rng(2), SAMPLES, -20),
    ])  # fmt: skip
    return alaw_decode(alaw_encode(x))


def split(x: Float, sizes: list[int]) -> Iterator[Float]:
    """`x` in blocks of these sizes, again and again; the arrays are spoiled after use, as a caller's buffer is."""
    edges = [0]
    while edges[-1] < x.shape[1]:
        edges += [min(edges[-1] + sizes[(len(edges) - 1) % len(sizes)], x.shape[1])]
    for a, b in pairwise(edges):
        block = x[:, a:b].copy()
        yield block
        block.fill(np.nan)


@pytest.fixture(scope="module")
def at_once(signals: Float) -> dict[str, list[Any]]:
    return {name: make(len(signals))(signals) for name, make in DETECTORS.items()}


def test_every_detector_tells_something(at_once: dict[str, list[Any]]) -> None:
    assert all(at_once.values())


@pytest.mark.parametrize("name", DETECTORS)
@settings(max_examples=5, deadline=None)
@given(sizes=st.lists(st.integers(1, 3000), min_size=1, max_size=7))
def test_any_split_tells_the_same(name: str, sizes: list[int], signals: Float, at_once: dict[str, list[Any]]) -> None:
    sizes[0] += 150  # single samples only take long
    feed = DETECTORS[name](len(signals))
    assert [event for block in split(signals, sizes) for event in feed(block)] == at_once[name]


@pytest.mark.parametrize("name", METERS)
@settings(max_examples=5, deadline=None)
@given(size=st.integers(100, 160))
def test_a_meter_shows_the_same_after_each_tick(name: str, size: int, signals: Float) -> None:
    whole, parts = (_states(METERS[name](len(signals))) for _ in range(2))
    ticks = [shown for block in split(signals, [160]) for shown in whole(block)]
    assert [shown for block in split(signals, [size]) for shown in parts(block)] == ticks


@pytest.mark.parametrize("name", DETECTORS)
def test_sample_by_sample(name: str, signals: Float) -> None:
    x = signals[:, :2500]
    feed, alone = (DETECTORS[name](len(x)) for _ in range(2))
    assert [event for block in split(x, [1]) for event in feed(block)] == alone(x)


@pytest.mark.parametrize("name", [*DETECTORS, *METERS])
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e25])
def test_what_no_line_sends_silences_its_row_only(name: str, wrong: float, signals: Float) -> None:
    """The row is as if it had been silent in those ticks; the other rows do not change."""
    spoiled, silenced = signals.copy(), signals.copy()
    spoiled[2, 8005:8200:40] = wrong
    silenced[2, 8000:8320] = 0
    told = []
    for x in (spoiled, silenced):
        feed = DETECTORS[name](len(x)) if name in DETECTORS else _states(METERS[name](len(x)))
        with np.errstate(all="raise", under="ignore"):
            told.append([event for block in split(x, [160]) for event in feed(block)])
    assert told[0] == told[1]


def test_ticks_are_cut_in_order_and_the_rest_is_kept() -> None:
    x = np.arange(1000, dtype=np.float32).reshape(2, 500)
    blocks = Blocks(2)
    ticks = [tick for block in split(x, [7, 200, 0, 33]) for tick in blocks.cut(block)]
    np.testing.assert_array_equal(np.concatenate([tick.x for tick in ticks], axis=1), x[:, :480])
    np.testing.assert_allclose(ticks[2].power, np.square(x[:, 320:480]).mean(axis=1))
    assert Blocks(0).cut(np.zeros((0, 320), np.float32))[1].power.shape == (0,)


def test_the_shape_is_checked() -> None:
    with pytest.raises(ShapeError, match=r"\[2, samples\]"):
        Blocks(2).cut(np.zeros((3, 160), np.float32))
    with pytest.raises(ShapeError, match=r"\[2, 160\]"):
        tick_of(np.zeros((2, 80), np.float32), 2)


def test_rows_that_are_not_heard_cost_nothing_and_the_others_are_as_if_all_were() -> None:
    x = np.random.default_rng(3).normal(0, 0.1, (5, 160)).astype(np.float32)
    x[[0, 2, 4]] = 0
    x[3, 7] = np.nan
    all_of_them, some = tick_of(x, 5), tick_of(x, 5, np.array([1, 3]))
    np.testing.assert_array_equal(some.x, all_of_them.x)
    np.testing.assert_array_equal(some.energy, all_of_them.energy)
    np.testing.assert_array_equal(some.sound, all_of_them.x[[1, 3]])
    assert tick_of(np.zeros((2, 160), np.float32), 2, np.zeros(0, np.intp)).energy.tolist() == [0, 0]
