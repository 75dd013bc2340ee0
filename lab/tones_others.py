# SPDX-License-Identifier: GPL-2.0-or-later
"""R2, call progress and fax, beside spandsp where it has the like."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from dsp.fax import FaxDetector, ced_samples, cng_samples
from dsp.g711 import float_to_int16
from dsp.levels import Float, level_dbm0
from dsp.noise import white_noise
from dsp.progress import ProgressDetector, ToneHeard
from dsp.r2 import PAIRS, Direction, R2Detector, SignalStart, r2_samples
from dsp.tone_table import Tone, load_tone, tone_names
from dsp.tones import sine
from lab import spandsp_peer
from lab.tones_audio import SPEEDS, as_rows, at_speed, line, music, recorded_speech
from lab.tones_dtmf import Result

_CHINESE = tone_names("cn")


def _rows(signals: list[Float]) -> Float:
    """Return signals as rows of whole ticks with silence after them, through A-law."""
    x = np.zeros((len(signals), (max(map(len, signals)) // 160 + 6) * 160), np.float32)
    for row, signal in enumerate(signals):
        x[row, : len(signal)] = signal
    return line(x)


def _ticks(x: Float) -> Iterable[Float]:
    return (x[:, at : at + 160] for at in range(0, x.shape[1], 160))


def _late(signal: Float, samples: int) -> Float:
    return np.concatenate([np.zeros(samples, np.float32), signal])


def r2() -> list[Result]:
    """Return the results of Q.455, both directions together: the signals recognised once and right."""
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
    """Measure operate plus release time, counted to the end of the tick that reports."""
    starts = list(range(0, 160, 3))
    x = _rows([_late(r2_samples(7, Direction.FORWARD, 100, -20), at) for at in starts])
    detector, sums = R2Detector(len(x), Direction.FORWARD), np.zeros(len(x))
    for number, tick in enumerate(_ticks(x)):
        for event in detector.feed(tick):
            began = starts[event.row] + (0 if isinstance(event, SignalStart) else 800)
            sums[event.row] += (number + 1) * 20 - began / 8
    return Result("operate plus release time, worst", "<= 80 ms", f"{sums.max():.0f} ms", "-", sums.max() <= 80)


def progress() -> list[Result]:
    """Return the results for Chinese tones in time and in noise, and for speech and music."""
    results = []
    for what, stretch, noise in (("as in the table", 1.0, None), ("cadence 25 % short", 0.75, None),
                                 ("cadence 25 % long", 1.25, None), ("at 20 dB S/N", 1.0, -30.0),
                                 ("of -35 dBm0", 1.0, None)):  # fmt: skip
        rng = np.random.default_rng(1)
        names = [n for n in _CHINESE if stretch == 1.0 or not load_tone("cn", n).continuous]
        signals = [_chinese(load_tone("cn", name), stretch)[160 * k : 24 * 8000] for name in names for k in range(5)]
        if noise is not None:
            signals = [x + white_noise(rng, len(x), noise) for x in signals]
        if what == "of -35 dBm0":
            signals = [x * np.float32(10 ** ((-35 - level_dbm0(x[x != 0])) / 20)) for x in signals]
        heard = _tones_heard(_rows(signals))
        wrong = [names[row // 5] for row, h in enumerate(heard) if set(h) != {names[row // 5]}]
        text = f"{len(heard) - len(wrong)}{' but ' + ', '.join(dict.fromkeys(wrong)) if wrong else ''}"
        results.append(Result(f"all {len(names)} tones told, {what}", str(len(heard)), text, "-", not wrong))
    return [*results, *_false_tones()]


def _false_tones() -> list[Result]:
    """Return the tones reported where there are none, in speech and music at several speeds."""
    false, hours = list[str](), 0.0
    for sound in [*recorded_speech().values(), *music().values()]:
        for speed in SPEEDS:
            x = line(as_rows(at_speed(sound, speed), 64))
            hours += x.size / 8000 / 3600
            false += [name for row in _tones_heard(x) for name in row]
    where = f"in {hours:.1f} hours of speech and music"
    busy = false.count("busy")
    return [
        Result(f"busy tones told {where}", "0", str(busy), "-", not busy),
        Result(f"tones of any kind told {where}", "0", ", ".join(false) or "0", "-", not false),
    ]


def _chinese(tone: Tone, stretch: float) -> Float:
    """Return 25 s and more of a tone with all its times stretched."""
    if tone.continuous:
        return sine(tone.frequencies_hz, tone.level_dbm0, 25 * 8000)
    period: list[Float] = []
    for piece in tone.pieces:
        period.append(sine(piece.frequencies_hz, tone.level_dbm0, round(piece.on_s * stretch * 8000)))
        period.append(np.zeros(round(piece.off_s * stretch * 8000), np.float32))
    whole = np.concatenate(period)
    return np.tile(whole, -(-25 * 8000 // len(whole)))


def _tones_heard(x: Float) -> list[list[str]]:
    detector, heard = ProgressDetector(len(x), "cn"), [list[str]() for _ in x]
    for tick in _ticks(x):
        for event in detector.feed(tick):
            if isinstance(event, ToneHeard):
                heard[event.row].append(event.name)
    return heard


def fax() -> list[Result]:
    """Return the calls in which CNG, CED, CED with phase reversals were found.

    20 of each kind, three of them levels.
    """
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
