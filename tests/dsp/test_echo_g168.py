# SPDX-License-Identifier: GPL-2.0-or-later
"""The line echo canceller in G.168's situations on hybrids made here, and rules for any signal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.echo import EchoCanceller
from dsp.errors import ShapeError
from dsp.levels import Float, level_dbm0
from dsp.noise import white_noise
from lab import g168
from lab.g168 import Scene

SCENES = g168.scenes(
    g168.made_paths(4, (0, 45, 100), seed=1), g168.made_paths(4, (70, 10, 30), seed=2), silence_s=5, seed=3
)


def run(scene: Scene) -> Float:
    canceller = EchoCanceller(len(scene.far), suppress=scene.suppress)
    out = np.empty_like(scene.near)
    for at in range(0, scene.far.shape[1], 160):
        if at == scene.freeze:
            canceller.learning[:] = False
        canceller.cancel(scene.far[:, at : at + 160], scene.near[:, at : at + 160], out[:, at : at + 160])
    return out


def through(canceller: EchoCanceller, far: Float, near: Float) -> Float:
    ticks = range(0, far.shape[1], 160)
    return np.concatenate([canceller.cancel(far[:, at : at + 160], near[:, at : at + 160]) for at in ticks], axis=1)


@pytest.fixture(scope="module")
def signals() -> tuple[Float, Float]:
    """Two seconds in four rows: far end, and its echo."""
    far = g168.line(g168.composite(np.random.default_rng(5), 4, 2))
    return far, g168.line(g168.echo(far, g168.made_paths(4, (0, 30))))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.title)
def test_g168(scene: Scene) -> None:
    out = run(scene)
    assert np.isfinite(out).all()
    assert scene.good(scene.measure(out)), f"{scene.measure(out):.1f}, wanted {scene.wanted}"


def test_the_filter_matters() -> None:
    """The scenes can fail: the input misses nearly all of them, and so does a canceller that is too short."""
    passed = [scene.title for scene in SCENES if scene.good(scene.measure(scene.near))]
    assert all(title.startswith(("7: least", "8:", "5:")) for title in passed), passed
    scene = SCENES[0]
    short = EchoCanceller(4, tail_ms=20)
    assert not scene.good(scene.measure(through(short, scene.far, scene.near)))


def test_near_speech_alone_passes_untouched() -> None:
    talk = g168.line(g168.composite(np.random.default_rng(6), 4, 3, talker=1))
    np.testing.assert_array_equal(through(EchoCanceller(4), np.zeros_like(talk), talk), talk)


def test_comfort_noise_is_as_loud_as_the_line() -> None:
    rng = np.random.default_rng(8)
    far = g168.line(g168.composite(rng, 4, 12))
    noise = white_noise(rng, far.shape, -55)
    far[:, : 4 * 8000] = 0  # the line's noise is heard first
    out = through(EchoCanceller(4), far, g168.line(g168.echo(far, g168.made_paths(4, (0, 30))) + noise))
    spoken = np.flatnonzero(np.abs(far).max(axis=0) > 0)
    late = spoken[spoken > 9 * 8000]
    np.testing.assert_allclose(level_dbm0(out[:, late]), -55, atol=2.5)


def test_rows_are_independent_of_each_other(signals: tuple[Float, Float]) -> None:
    far, near = signals
    together = through(EchoCanceller(4), far, near)
    for row in range(4):
        only = EchoCanceller(4)
        only.active[:] = False
        only.active[row] = True
        alone = through(only, far, near)
        quiet = np.delete(alone, row, axis=0)
        np.testing.assert_array_equal(quiet, np.delete(near, row, axis=0))
        np.testing.assert_allclose(level_dbm0(alone[row]), level_dbm0(together[row]), atol=0.1)
    filter_only, one = EchoCanceller(4, suppress=False), EchoCanceller(1, suppress=False)
    np.testing.assert_allclose(through(filter_only, far, near)[2], through(one, far[2:3], near[2:3])[0], atol=1e-5)


def test_switching_rows_keeps_the_others_and_forgets_the_switched(signals: tuple[Float, Float]) -> None:
    far, near = signals
    whole = through(EchoCanceller(4, suppress=False), far, near)
    canceller = EchoCanceller(4, suppress=False)
    first = through(canceller, far[:, :8000], near[:, :8000])
    canceller.active[1] = False
    middle = through(canceller, far[:, 8000:9600], near[:, 8000:9600])
    canceller.active[1] = True
    last = through(canceller, far[:, 9600:], near[:, 9600:])
    out = np.concatenate([first, middle, last], axis=1)
    np.testing.assert_allclose(out[[0, 2, 3]], whole[[0, 2, 3]], atol=1e-5)
    np.testing.assert_array_equal(out[1, 8000:9600], near[1, 8000:9600])
    np.testing.assert_array_equal(out[1, 9600:9760], near[1, 9600:9760])  # it begins with no echo path


def test_reset_forgets_one_row(signals: tuple[Float, Float]) -> None:
    far, near = signals
    canceller = EchoCanceller(4, suppress=False)
    through(canceller, far[:, :8000], near[:, :8000])
    canceller.reset(2)
    out = canceller.cancel(far[:, 8000:8160], near[:, 8000:8160])
    np.testing.assert_array_equal(out[2], near[2, 8000:8160])
    assert (out[0] != near[0, 8000:8160]).any()


def test_out_may_be_the_input(signals: tuple[Float, Float]) -> None:
    far, near = signals
    one, other = EchoCanceller(4), EchoCanceller(4)
    for at in range(0, 8000, 160):
        wanted = one.cancel(far[:, at : at + 160], near[:, at : at + 160])
        place = near[:, at : at + 160].copy()
        assert other.cancel(far[:, at : at + 160], place, place) is place
        np.testing.assert_array_equal(place, wanted)


def test_arrays_of_another_shape_are_refused() -> None:
    with pytest.raises(ShapeError):
        EchoCanceller(2).cancel(np.zeros((2, 80), np.float32), np.zeros((2, 80), np.float32))
    with pytest.raises(ShapeError):
        EchoCanceller(2).cancel(*(np.zeros((2, 160), np.float32),) * 2, np.zeros((1, 160), np.float32))


def _odd(kind: int, rng: np.random.Generator) -> Float:
    """A stretch of one second: silence, full scale, DC, a step, a click, noise far too loud, a square wave."""
    n = 8000
    made: list[Float] = [
        np.zeros(n, np.float32),
        np.ones(n, np.float32),
        np.full(n, 0.01, np.float32),
        np.where(np.arange(n) < n // 2, -1, 1).astype(np.float32),
        np.where(np.arange(n) == n // 3, 1, 0).astype(np.float32),
        white_noise(rng, n, 10),
        np.where(np.arange(n) % 16 < 8, 1, -1).astype(np.float32),
        white_noise(rng, n, -70),
    ]
    return made[kind]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=4), st.integers(0, 99))
def test_any_signal_stays_finite_and_bounded(kinds: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    far = np.concatenate([_odd(kind, rng) for kind, _ in kinds])[None]
    near = np.concatenate([_odd(kind, rng) for _, kind in kinds])[None]
    out = through(EchoCanceller(1), far, near)
    assert np.isfinite(out).all()
    assert level_dbm0(out).max() <= max(level_dbm0(near).max(), -60) + 7


def test_one_sample_that_is_no_number_does_no_lasting_harm(signals: tuple[Float, Float]) -> None:
    far, near = (x.copy() for x in signals)
    near[0, 4000], far[1, 4000] = np.nan, np.inf
    out = through(EchoCanceller(4), far, near)
    assert np.isfinite(out).all()


def test_random_levels_and_switching_do_no_lasting_harm() -> None:
    """Random levels, rows switched on and off: the loss afterwards is as it should be."""
    rng = np.random.default_rng(11)
    paths = g168.made_paths(4, (0, 45))
    canceller = EchoCanceller(4, suppress=False)
    for _ in range(12):
        far = g168.line(g168.composite(rng, 4, 1) * np.float32(10 ** (rng.uniform(-30, 0) / 20)))
        canceller.active[:] = rng.random(4) < 0.8
        assert np.isfinite(through(canceller, far, g168.line(g168.echo(far, paths)))).all()
    canceller.active[:] = True
    far = g168.line(g168.composite(rng, 4, 4))
    near = g168.line(g168.echo(far, paths))
    out = through(canceller, far, near)
    assert (level_dbm0(near[:, 24000:]) - level_dbm0(out[:, 24000:])).min() > 28
