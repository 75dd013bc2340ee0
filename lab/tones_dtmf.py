# SPDX-License-Identifier: GPL-2.0-or-later
"""DTMF beside spandsp: the criteria of the classic receiver tests and ITU-T Q.24, talk-off, barge-in, speed.

Each measurement makes its signals, sends the same samples through A-law to both detectors, and returns the results of
each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from dsp.dtmf import KEYS, DtmfDetector, KeyStart, dtmf_samples
from dsp.g711 import float_to_int16
from dsp.levels import Float, amplitude, level_dbm0
from lab import spandsp_peer
from lab.tones_audio import SPEEDS, VOICES, as_rows, at_speed, line, music, recorded_speech, synthetic_speech

_DIAGONAL = "159D"


@dataclass(frozen=True)
class Result:
    """One line of the table: measure, wanted value, values of both detectors, and whether ours is good."""

    what: str
    wanted: str
    ours: str
    theirs: str
    good: bool


def table(title: str, results: list[Result]) -> Iterator[str]:
    """Yield a table in Markdown."""
    yield f"\n## {title}\n"
    yield "| what | wanted | ours | spandsp | |"
    yield "|---|---|---|---|---|"
    for r in results:
        yield f"| {r.what} | {r.wanted} | {r.ours} | {r.theirs} | {'yes' if r.good else '**no**'} |"


def heard(signals: list[Float]) -> tuple[list[str], list[str]]:
    """Return the keys found in each signal by (ours, spandsp); the signals are the rows of one detector."""
    samples = (max(map(len, signals)) // 160 + 6) * 160
    x = np.zeros((len(signals), samples), np.float32)
    for row, signal in enumerate(signals):
        x[row, : len(signal)] = signal
    x = line(x)
    found = [""] * len(x)
    for event in _events(x):
        found[event.row] += event.key
    return found, ["".join(key for key, _ in spandsp_peer.dtmf_keys(float_to_int16(row))) for row in x]


def result(what: str, wanted: str, texts: Iterable[str], good: bool) -> Result:
    """Return a line of which `texts` are (ours, theirs)."""
    ours, theirs = texts
    return Result(what, wanted, ours, theirs, good)


def criteria() -> list[Result]:
    """Return all criteria in the order of the classic tests."""
    tests: list[Callable[[], Iterable[Result]]] = [
        _decode, _bandwidth, _frequency_limits, _twist, _dynamic_range, _durations, _gaps, _noise, _dial_tone
    ]  # fmt: skip
    return [result for test in tests for result in test()]


def _decode() -> Iterable[Result]:
    ours, theirs = heard([dtmf_samples(key * 10, 50, 50, -7) for key in KEYS])
    right = [sum(got == key * 10 for got, key in zip(side, KEYS, strict=True)) for side in (ours, theirs)]
    yield result("16 keys x 10 at 50 ms", "16", map(str, right), right[0] == 16)


def _bandwidth() -> Iterable[Result]:
    """Measure the recognition bandwidth: steps of 0.1 % up and down from nominal until the key is no longer taken."""
    for group in ("low_off", "high_off"):
        widths: list[list[float]] = [[], []]
        for key in _DIAGONAL:
            for sign in (1, -1):
                steps = [{group: sign * n / 1000} for n in range(1, 61)]
                sides = heard([dtmf_samples(key, 50, 50, -17, **step) for step in steps])
                for side, width in zip(sides, widths, strict=True):
                    width.append(sum(map(bool, side)) / 10)
        texts = [f"{min(w):.1f} .. {max(w):.1f} %" for w in widths]
        good = min(widths[0]) >= 1.5 and max(widths[0]) < 3.5
        yield result(f"bandwidth, {group[:-4]} group, each side", "1.5 % + 2 Hz .. 3.5 %", texts, good)


def _frequency_limits() -> Iterable[Result]:
    for share, hz, want in ((0.015, 2, 64), (0.035, 0, 0)):
        cases = [
            dtmf_samples(key, 50, 50, -10, **{group: sign * (share + hz / 1209)})
            for key in KEYS
            for group in ("low_off", "high_off")
            for sign in (1, -1)
        ]
        counts = [sum(map(bool, side)) for side in heard(cases)]
        yield result(
            f"keys taken {share:.1%}{' + 2 Hz' if hz else ''} off, of 64",
            str(want),
            map(str, counts),
            counts[0] == want,
        )


def _twist() -> Iterable[Result]:
    for name, sign, least in (("normal", -1, 8.0), ("reverse", 1, 4.0)):
        reached: list[list[float]] = [[], []]
        for key in _DIAGONAL:
            sides = heard([dtmf_samples(key, 50, 50, -3, sign * n / 10) for n in range(201)])
            for side, best in zip(sides, reached, strict=True):
                best.append((side.index("") if "" in side else 201) / 10 - 0.1)
        good = min(reached[0]) >= least
        yield result(f"{name} twist, worst key", f">= {least:.0f} dB", (f"{min(r):.1f} dB" for r in reached), good)


def _dynamic_range() -> Iterable[Result]:
    counts = [sum(map(bool, side)) for side in heard([dtmf_samples("1", 50, 50, level) for level in range(-50, 4)])]
    yield result("dynamic range from +3 dBm0 down", ">= 35 dB", (f"{n} dB" for n in counts), counts[0] >= 35)


def _durations() -> Iterable[Result]:
    for on_ms, want in ((40, 320), (30, None), (23, 0), (20, 0)):
        counts = [sum(map(bool, side)) for side in heard([_late(dtmf_samples(k, on_ms, 60, -7), 8 * n)
                                                          for k in KEYS for n in range(20)])]  # fmt: skip
        wanted = "either" if want is None else str(want)
        yield result(f"keys of {on_ms} ms taken, of 320", wanted, map(str, counts), want in {None, counts[0]})


def _gaps() -> Iterable[Result]:
    for gap_ms, keys in ((10, 1), (20, None), (40, 2)):
        pairs = [
            _late(np.concatenate([dtmf_samples(k, 60, gap_ms, -10), dtmf_samples(k, 60, 60, -10)]), 8 * n)
            for k in KEYS
            for n in range(10)
        ]
        counts = [sum(map(len, side)) / len(pairs) for side in heard(pairs)]
        wanted = "either" if keys is None else f"{keys:.2f}"
        yield result(
            f"keys told for one with a break of {gap_ms} ms",
            wanted,
            (f"{n:.2f}" for n in counts),
            keys in {None, counts[0]},
        )


def _noise() -> Iterable[Result]:
    """Measure keys in white noise below the level of each frequency (-4 dBm0), 1,000 keys of 50 ms."""
    clean = [dtmf_samples("1" * 50, 50, 50, -4) for _ in range(20)]
    for ratio in (12, 8, 6, 4):
        rng = np.random.default_rng(ratio)
        noisy = [x + rng.normal(0, amplitude(-4 - ratio) / np.sqrt(2), len(x)).astype(np.float32) for x in clean]
        counts = [sum(map(len, side)) for side in heard(noisy)]
        good = counts[0] == 1000 if ratio >= 8 else counts[0] >= counts[1]
        yield result(f"keys of 1,000 at S/N {ratio} dB", "1000" if ratio >= 8 else "most", map(str, counts), good)


def _dial_tone() -> Iterable[Result]:
    """Measure the loudest dial tone of 350 + 440 Hz, with keys at -15 dBm0, before a key of 160 is lost."""
    reached = [99, 99]
    t = np.arange(16 * 800) / 8000
    tone = (np.sin(2 * np.pi * 350 * t) + np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    for level in range(-30, -3):
        sides = heard(
            [dtmf_samples(KEYS, 50, 50, -15) + np.float32(amplitude(level)) * np.roll(tone, 37 * n) for n in range(10)]
        )
        for side, keys in enumerate(sides):
            if keys == [KEYS] * 10 and reached[side] > -15 - level:
                reached[side] = -15 - level
    yield result(
        "least ratio of key to dial tone, each frequency", "<= 10 dB", (f"{r} dB" for r in reached), reached[0] <= 10
    )


def talk_off() -> tuple[list[Result], list[str]]:
    """Return false keys of ours and of spandsp in hours of speech and music, and the names of the sources."""
    hours, ours, theirs, names = 0.0, 0, 0, list[str]()
    sources = [*recorded_speech().items(), *music().items(), *synthetic_speech(list(VOICES))]
    for name, sound in sources:
        names.append(name)
        for speed in SPEEDS:
            x = line(as_rows(at_speed(sound, speed), 64))
            hours += x.size / 8000 / 3600
            ours += len(_events(x))
            theirs += sum(len(spandsp_peer.dtmf_keys(float_to_int16(row))) for row in x)
    what = f"false keys in {hours:.1f} hours of speech and music"
    an_hour = [f"{count / hours:.2f}" for count in (ours, theirs)]
    return [
        result(what, "not more", (str(ours), str(theirs)), ours <= theirs),
        result("... an hour", "a tenth of spandsp's", an_hour, ours <= theirs / 10),
    ], names


def barge_in() -> list[Result]:
    """Return keys over a prompt of -20 dBm0: reported right and once, and reported twice or wrong."""
    speech = recorded_speech()
    if not speech:
        return []
    prompt = as_rows(np.concatenate(list(speech.values()))[: 8000 * 1800], 60)
    loud = level_dbm0(prompt.reshape(-1, 160))
    prompt = prompt * np.float32(10 ** ((-20 - 10 * np.log10(np.mean(10 ** (loud[loud > -45] / 10)))) / 20))
    return [_barge_in(prompt, on_ms, level) for on_ms in (50, 100, 200) for level in (-10, -15, -20)]


def _barge_in(prompt: Float, on_ms: int, level: float) -> Result:
    period = round((on_ms + 150) * 8)
    rng = np.random.default_rng(5)
    pressed = ["".join(rng.choice(list("0123456789*#"), prompt.shape[1] // period - 1)) for _ in prompt]
    x = prompt.copy()
    for row, keys in enumerate(pressed):
        sound = dtmf_samples(keys, on_ms, 150, level)
        x[row, 400 : 400 + len(sound)] += sound
    x = line(x)
    mine = [list[tuple[str, int]]() for _ in x]
    for event in _events(x):
        mine[event.row].append((event.key, event.at_sample + 80))
    other = [[(key, at - 200) for key, at in spandsp_peer.dtmf_keys(float_to_int16(row))] for row in x]
    total = sum(map(len, pressed))
    (a, extra_a), (b, extra_b) = (_score(side, pressed, period) for side in (mine, other))
    return Result(
        f"{on_ms} ms at {level} dBm0 over speech of -20 dBm0, told once, of {total}",
        "not fewer",
        f"{a} (+{extra_a} wrong)",
        f"{b} (+{extra_b} wrong)",
        a >= b and extra_a <= extra_b + 1,
    )


def _score(found: list[list[tuple[str, int]]], pressed: list[str], period: int) -> tuple[int, int]:
    """Count presses reported right and once, and keys reported that were not pressed or had been reported before."""
    once = extra = 0
    for row, keys in enumerate(found):
        told = [0] * len(pressed[row])
        for key, at in keys:
            place = (at - 400) // period
            if 0 <= place < len(told) and pressed[row][place] == key:
                told[place] += 1
            else:
                extra += 1
        once += told.count(1)
        extra += sum(times - 1 for times in told if times > 1)
    return once, extra


def _events(x: Float) -> list[KeyStart]:
    detector = DtmfDetector(len(x))
    ticks = (detector.feed(x[:, at : at + 160]) for at in range(0, x.shape[1], 160))
    return [event for tick in ticks for event in tick if isinstance(event, KeyStart)]


def _late(signal: Float, samples: int) -> Float:
    return np.concatenate([np.zeros(samples, np.float32), signal])
