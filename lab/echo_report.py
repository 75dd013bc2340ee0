# SPDX-License-Identifier: GPL-2.0-or-later
"""The line echo canceller beside spandsp's, in the offline situations of G.168: same audio, same run.

    python -m lab.tones_report --only echo

Echo paths are the models D.2 to D.9 of G.168 as spandsp's header has them. spandsp's adaptation is made for short
filters (its own tests use 256 taps) and does not bear loud signals, so that a second table has it at 32 ms, -16 dBm0
and paths that are easy for it.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: all times are those of one core

import time
from collections.abc import Callable, Iterator

import numpy as np

from dsp.echo import EchoCanceller
from dsp.g711 import float_to_int16, int16_to_float
from dsp.levels import Float
from dsp.noise import white_noise
from lab import echo_peer, g168, spandsp_peer
from lab.g168 import Scene
from lab.tones_dtmf import Result, table

_DELAYS_MS = (0.0, 20.0, 45.0, 70.0, 100.0)
_OTHER_DELAYS_MS = (70.0, 0.0, 60.0, 30.0, 14.0)


def ours(scene: Scene, tail_ms: float = 128) -> Float:
    """Return our canceller's output in a scene."""
    canceller = EchoCanceller(len(scene.far), tail_ms, suppress=scene.suppress)
    out = np.empty_like(scene.near)
    for at in range(0, scene.far.shape[1], 160):
        if at == scene.freeze:
            canceller.learning[:] = False
        out[:, at : at + 160] = canceller.cancel(scene.far[:, at : at + 160], scene.near[:, at : at + 160])
    return out


def theirs(scene: Scene, taps: int = 1024) -> Float:
    """Return spandsp's output in a scene."""
    far, near = float_to_int16(scene.far), float_to_int16(scene.near)
    return int16_to_float(echo_peer.cancel(far, near, taps, suppress=scene.suppress, freeze=scene.freeze))


def _results(scenes: list[Scene], tail_ms: float, taps: int) -> Iterator[Result]:
    for scene in scenes:
        values = [scene.measure(ours(scene, tail_ms)), scene.measure(theirs(scene, taps))]
        texts = [f"{value:.0f} {scene.unit}" for value in values]
        yield Result(scene.title, scene.wanted, texts[0], texts[1], scene.good(values[0]))


def rows_128_ms() -> list[Result]:
    """Return all scenes at a tail of 128 ms, loss 6 dB, delays up to 100 ms; worst of the eight models."""
    models = [spandsp_peer.g168_path(model) for model in range(2, 10)]
    paths = g168.placed(models, _DELAYS_MS)
    return list(_results(g168.scenes(paths, g168.placed(models[::-1], _OTHER_DELAYS_MS)), 128, 1024))


def rows_32_ms() -> list[Result]:
    """Return all scenes with filters of 32 ms (256 taps), -16 dBm0, loss 12 dB, no delay: spandsp's best conditions."""
    models = [spandsp_peer.g168_path(model) for model in range(2, 10)]
    paths, others = g168.placed(models, (0,), 12), g168.placed(models[::-1], (0,), 12)
    return list(_results(g168.scenes(paths, others, silence_s=20, levels_dbm0=(-16,)), 32, 256))


def costs(rows: int = 90, ticks: int = 60) -> list[tuple[str, float]]:
    """Return (what, CPU seconds a tick) for `rows` channels at a tail of 128 ms, all learning."""
    far = g168.line(white_noise(np.random.default_rng(1), (ticks, rows, 160), -20))
    near = g168.line(np.roll(far, 33, axis=2) * np.float32(0.4))
    canceller, few = EchoCanceller(rows), EchoCanceller(rows)
    few.active[:] = np.arange(rows) % 9 == 0
    none = EchoCanceller(rows)
    none.active[:] = False
    one = float_to_int16(np.ascontiguousarray(far[:, 0]).reshape(1, -1))
    full = _cost(lambda: echo_peer.cancel(one, one // 2, 1024, suppress=True), ticks) * rows
    printing = _cost(lambda: echo_peer.print_only(one[0]), ticks) * rows
    return [
        (f"ours, {rows} rows", _cost(lambda: _through(canceller, far, near), ticks)),
        (f"ours, {np.count_nonzero(few.active)} of {rows} rows active", _cost(lambda: _through(few, far, near), ticks)),
        (f"ours, none of {rows} rows active", _cost(lambda: _through(none, far, near), ticks)),
        (f"spandsp, {rows} channels, as Debian has it", full),
        ("... of which it prints for", printing),
    ]


def _through(canceller: EchoCanceller, far: Float, near: Float) -> None:
    for f, n in zip(far, near, strict=True):
        canceller.cancel(f, n)


def _cost(run: Callable[[], object], ticks: int) -> float:
    """Return the CPU seconds a tick, the best of three."""
    best = float("inf")
    for _ in range(3):
        begin = time.thread_time()
        run()
        best = min(best, time.thread_time() - begin)
    return best / ticks


def report() -> Iterator[str]:
    """Yield the tables in Markdown."""
    for title, make in (
        ("128 ms, loss 6 dB, delays up to 100 ms", rows_128_ms),
        ("32 ms, -16 dBm0, loss 12 dB, no delay", rows_32_ms),
    ):
        yield from table(f"Echo canceller (G.168): {title}, worst of models D.2 to D.9", make())


def cost_report() -> Iterator[str]:
    """Yield the cost, in Markdown."""
    yield "\n## Speed: echo canceller, 128 ms\n"
    yield "| what | a tick of 20 ms | share of a core |"
    yield "|---|---|---|"
    for what, cost in costs():
        yield f"| {what} | {cost * 1e6:,.0f} us | {cost / 0.02:.1%} |"
