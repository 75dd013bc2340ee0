# SPDX-License-Identifier: GPL-2.0-or-later
"""R2, call progress, fax, beside spandsp where it has the like; and what it all costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from dsp.dtmf import DtmfDetector
from dsp.energy import LevelMeter
from dsp.fax import FaxDetector, ced_samples, cng_samples
from dsp.g711 import float_to_int16
from dsp.levels import Float, level_dbm0
from dsp.noise import white_noise
from dsp.progress import ProgressDetector, ToneHeard
from dsp.r2 import PAIRS, Direction, R2Detector, SignalStart, r2_samples
from dsp.speech import SpeechActivity
from dsp.tones import load_tone, render_period, sine
from tests.bench import spandsp_peer
from tests.bench.tones_audio import as_rows, line, music, recorded_speech
from tests.bench.tones_dtmf import Result

_CHINESE = ("dial", "ringback", "busy", "congestion", "number_unobtainable", "special_information")


def _rows(signals: list[Float]) -> Float:
    """Signals as rows of whole ticks with silence after them, through A-law."""
    x = np.zeros((len(signals), (max(map(len, signals)) // 160 + 6) * 160), np.float32)
    for row, signal in enumerate(signals):
        x[row, : len(signal)] = signal
    return line(x)


def _ticks(x: Float) -> Iterable[Float]:
    return (x[:, at : at + 160] for at in range(0, x.shape[1], 160))


def _late(signal: Float, samples: int) -> Float:
    return np.concatenate([np.zeros(samples, np.float32), signal])


def r2() -> list[Result]:
    """Q.455, both directions together: how many of the signals were heard, each once and right."""
    every = [(d, n) for d in Direction for n in range(1, 16)]

    def sound(d: Direction, n: int, off: tuple[int, int] = (0, 0), level: float = -12, on_ms: int = 80) -> Float:
        a, b = (d.value[i] + o for i, o in zip(PAIRS[n - 1], off, strict=True))
        return sine([a, b], level, on_ms * 8)

    cases: list[tuple[str, bool, Callable[[Direction, int], Float]]] = [
        ("-5 dBm0", True, lambda d, n: r2_samples(n, d, 80, -5)),
        ("-35 dBm0", True, lambda d, n: r2_samples(n, d, 80, -35)),
        ("+10 Hz and -10 Hz", True, lambda d, n: sound(d, n, (10, -10))),
        ("-10 Hz both", True, lambda d, n: sound(d, n, (-10, -10))),
        ("first 7 dB above the second", True, lambda d, n: r2_samples(n, d, 80, -12, -7)),
        ("second 7 dB above the first", True, lambda d, n: r2_samples(n, d, 80, -12, 7)),
        ("pulses of 7 ms", False, lambda d, n: r2_samples(n, d, 7, -5)),
        ("-43 dBm0", False, lambda d, n: r2_samples(n, d, 80, -43)),
        ("20 dB apart", False, lambda d, n: r2_samples(n, d, 80, -5, 20)),
    ]
    results = []
    for what, wanted, make in cases:
        signals = [[_late(make(d, n), 23 * n + 160 * k) for k in range(3)] for d, n in every]
        flat = [(d, n, s) for (d, n), group in zip(every, signals, strict=True) for s in group]
        ours = theirs = 0
        for direction in Direction:
            chosen = [(n, s) for d, n, s in flat if d is direction]
            x = _rows([s for _, s in chosen])
            heard = _r2_heard(x, direction)
            other = [spandsp_peer.r2_signals(float_to_int16(row), forward=direction is Direction.FORWARD) for row in x]
            ours += sum(h == [n] if wanted else bool(h) for h, (n, _) in zip(heard, chosen, strict=True))
            theirs += sum(h == [n] if wanted else bool(h) for h, (n, _) in zip(other, chosen, strict=True))
        want = len(flat) if wanted else 0
        results.append(Result(f"signals told of {len(flat)}: {what}", str(want), str(ours), str(theirs), ours == want))
    return [*results, _r2_time()]


def _r2_heard(x: Float, direction: Direction) -> list[list[int]]:
    detector, heard = R2Detector(len(x), direction), [list[int]() for _ in x]
    for tick in _ticks(x):
        for event in detector.feed(tick):
            if isinstance(event, SignalStart):
                heard[event.row].append(event.signal)
    return heard


def _r2_time() -> Result:
    """Operate plus release time, counted to the end of the tick that tells."""
    starts = list(range(0, 160, 3))
    x = _rows([_late(r2_samples(7, Direction.FORWARD, 100, -20), at) for at in starts])
    detector, sums = R2Detector(len(x), Direction.FORWARD), np.zeros(len(x))
    for number, tick in enumerate(_ticks(x)):
        for event in detector.feed(tick):
            began = starts[event.row] + (0 if isinstance(event, SignalStart) else 800)
            sums[event.row] += (number + 1) * 20 - began / 8
    return Result("operate plus release time, worst", "<= 80 ms", f"{sums.max():.0f} ms", "-", sums.max() <= 80)


def progress() -> list[Result]:
    """Chinese tones in time and in noise, and what speech and music are taken for."""
    results = []
    for what, stretch, noise in (("as in the table", 1.0, None), ("cadence 22 % short", 0.78, None),
                                 ("cadence 22 % long", 1.22, None), ("at 20 dB S/N", 1.0, -30.0)):  # fmt: skip
        rng = np.random.default_rng(1)
        names = [n for n in _CHINESE if stretch == 1.0 or len(load_tone("cn", n).cadence) == 1]
        signals = [_chinese(name, stretch)[160 * k : 14 * 8000] for name in names for k in range(5)]
        if noise is not None:
            signals = [x + white_noise(rng, len(x), noise) for x in signals]
        heard = _tones_heard(_rows(signals))
        right = sum(set(h) == {names[row // 5]} for row, h in enumerate(heard))
        results.append(
            Result(f"tones told, {what}, of {len(heard)}", str(len(heard)), str(right), "-", right == len(heard))
        )
    sounds = [*recorded_speech().values(), *music().values()]
    x = line(as_rows(np.concatenate(sounds), 64)) if sounds else np.zeros((1, 160), np.float32)
    false = [name for row in _tones_heard(x) for name in row]
    hours = x.size / 8000 / 3600
    results.append(Result(f"tones told in {hours:.1f} hours of speech and music", "0", str(len(false)), "-", not false))
    return results


def _chinese(name: str, stretch: float) -> Float:
    tone = load_tone("cn", name)
    period = render_period(tone)
    if stretch != 1.0:
        (on, off), *_ = tone.cadence
        period = np.concatenate(
            [sine([450], -10, round(on * stretch * 8000)), np.zeros(round(off * stretch * 8000), np.float32)]
        )
    return np.tile(period, -(-15 * 8000 // len(period)))


def _tones_heard(x: Float) -> list[list[str]]:
    detector, heard = ProgressDetector(len(x), "cn"), [list[str]() for _ in x]
    for tick in _ticks(x):
        for event in detector.feed(tick):
            if isinstance(event, ToneHeard):
                heard[event.row].append(event.name)
    return heard


def fax() -> list[Result]:
    """CNG, CED, CED with phase reversals: calls in which each was heard, 20 of each kind, three of them levels."""
    rng, results = np.random.default_rng(3), []
    kinds: list[tuple[str, int, Callable[[float], Float]]] = [
        ("cng", spandsp_peer.CNG, lambda level: np.tile(cng_samples(level), 2)),
        ("ced", spandsp_peer.CED, lambda level: ced_samples(3, level)),
        ("ced with phase reversals", spandsp_peer.CED_REVERSED, lambda level: ced_samples(3, level, reversals=True)),
    ]
    for name, kind, make in kinds:
        signals = [_late(make(level), 800 + 37 * n) for n in range(7) for level in (-10.0, -25.0, -38.0)]
        noisy = [x + white_noise(rng, len(x), -20 - 25 + level_dbm0(x) + 20) for x in signals]
        x = _rows(noisy)
        heard = _fax_heard(x)
        ours = sum(name in h for h in heard)
        theirs = sum(spandsp_peer.hears_fax(float_to_int16(row), kind) for row in x)
        results.append(
            Result(f"{name} told at 25 dB S/N, of {len(x)}", str(len(x)), str(ours), str(theirs), ours == len(x))
        )
    sounds = [*recorded_speech().values(), *music().values()]
    if sounds:
        x = line(as_rows(np.concatenate(sounds), 64))
        ours = sum(map(len, _fax_heard(x)))
        theirs = sum(spandsp_peer.hears_fax(float_to_int16(row), kind) for row in x for _, kind, _ in kinds)
        hours = x.size / 8000 / 3600
        results.append(Result(f"told in {hours:.1f} hours of speech and music", "0", str(ours), str(theirs), ours == 0))
    return results


def _fax_heard(x: Float) -> list[set[str]]:
    detector, heard = FaxDetector(len(x)), [set[str]() for _ in x]
    for tick in _ticks(x):
        for event in detector.feed(tick):
            heard[event.row].add(event.tone.value)
    return heard


def costs(rows: int, ticks: int = 300) -> list[tuple[str, float, float | None]]:
    """(part, seconds a tick of ours, of spandsp where measured) for `rows` channels of speech, in CPU time."""
    sound = next(iter(recorded_speech().values()), white_noise(np.random.default_rng(1), 8_000_000, -20))
    starts = np.random.default_rng(1).integers(0, len(sound) - ticks * 160, rows)
    x = np.stack([sound[at : at + ticks * 160] for at in starts]).reshape(rows, ticks, 160).swapaxes(0, 1)
    x = line(np.ascontiguousarray(x))
    pcm = float_to_int16(x)
    bank = spandsp_peer.DtmfBank(rows)
    keys = _cost(lambda: bank.run(pcm), ticks)
    bank.close()
    parts: list[tuple[str, Callable[[Float], object], float | None]] = [
        ("DTMF", DtmfDetector(rows).feed, keys),
        ("R2, one direction", R2Detector(rows, Direction.FORWARD).feed, _cost(lambda: spandsp_peer.r2_run(pcm), ticks)),
        ("progress", ProgressDetector(rows, "cn").feed, None),
        ("fax", FaxDetector(rows).feed, None),
        ("speech activity", SpeechActivity(rows).feed, None),
        ("levels", LevelMeter(rows).feed, None),
    ]
    found = [(name, _cost(partial(_through, feed, x), ticks), other) for name, feed, other in parts]
    listening = sum(cost for name, cost, _ in found if not name.startswith("R2"))
    return [*found, ("keys, progress, fax, speech, levels together", listening, None)]


def _through(feed: Callable[[Float], object], x: Float) -> None:
    for tick in x:
        feed(tick)


def _cost(run: Callable[[], object], ticks: int) -> float:
    """CPU seconds a tick, the best of three."""
    best = float("inf")
    for _ in range(3):
        begin = time.thread_time()
        run()
        best = min(best, time.thread_time() - begin)
    return best / ticks
