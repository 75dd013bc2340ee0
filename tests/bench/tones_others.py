# SPDX-License-Identifier: GPL-2.0-or-later
"""R2, call progress, fax, answering machines and echo, beside spandsp where it has the like; and what it all costs."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np

from dsp.dtmf import DtmfDetector
from dsp.echo import EchoCanceller
from dsp.energy import LevelMeter
from dsp.fax import FaxDetector, ced_samples, cng_samples
from dsp.g711 import float_to_int16, int16_to_float
from dsp.levels import Float, level_dbm0
from dsp.noise import white_noise
from dsp.progress import ProgressDetector, ToneHeard
from dsp.r2 import PAIRS, Direction, R2Detector, SignalStart, r2_samples
from dsp.resample import to_line
from dsp.speech import Answer, AnswerDetector, SpeechActivity
from dsp.tones import load_tone, render_period, sine
from tests.bench import spandsp_peer
from tests.bench.tones_audio import as_rows, line, music, recorded_speech
from tests.bench.tones_dtmf import Result, result

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


_MACHINES = (
    "Hello, you have reached the office of Doctor Brown. We are closed now. Please leave a message after the tone.",
    "Hi, this is Anna. I can't come to the phone right now, so leave your name and number and I will call you back.",
    "The person you are calling is not available. At the tone, please record your message.",
    "You have reached four five five, one two one two. Nobody is at home. Please speak after the beep.",
)
_PEOPLE = ("Hello?", "Hello, Brown speaking.", "Yes?", "Good morning, this is Anna.", "Hi, who is this?", "Brown.")
_VOICES = ("en-us+m1", "en-us+f2", "en-gb+m3", "en-gb+f4", "en-us+m5", "en-gb+f1")


def answers() -> list[str]:
    """Confusion table of answering machine detection over voices and phrasings, as lines of Markdown."""
    cases: list[tuple[Answer, Float]] = []
    for voice in _VOICES:
        for answer, phrases in ((Answer.MACHINE, _MACHINES), (Answer.PERSON, _PEOPLE)):
            cases += [(answer, _spoken(voice, phrase)) for phrase in phrases]
    rng = np.random.default_rng(4)
    after = np.zeros(16_000, np.float32)
    signals = [np.concatenate([_late(x, int(rng.uniform(800, 7200))), after]) for _, x in cases]
    cases += [(Answer.SILENCE, np.zeros(8000, np.float32))] * 6
    signals += [np.zeros(48_000, np.float32)] * 6
    x = _rows([s + white_noise(rng, len(s), -58) for s in signals])
    detector, told = AnswerDetector(len(x)), dict[int, tuple[Answer, float]]()
    for row in range(len(x)):
        detector.start(row)
    for tick in _ticks(x):
        told |= {event.row: (event.answer, event.after_s) for event in detector.feed(tick)}
    lines = ["| was | taken for person | machine | silence | mean time to decide |", "|---|---|---|---|---|"]
    for was in Answer:
        rows = [row for row, (answer, _) in enumerate(cases) if answer is was]
        counts = [sum(row in told and told[row][0] is answer for row in rows) for answer in Answer]
        mean = np.mean([told[row][1] for row in rows if row in told])
        lines.append(f"| {was.value} | {counts[0]} | {counts[1]} | {counts[2]} | {mean:.1f} s |")
    return lines


def _spoken(voice: str, text: str) -> Float:
    made = subprocess.run(["espeak-ng", "-v", voice, "--stdout", text], capture_output=True, check=True).stdout
    x = to_line(np.frombuffer(made[44 : len(made) // 2 * 2], np.int16), 22_050)
    return np.asarray(x * np.float32(10 ** ((-18 - level_dbm0(x)) / 20)), np.float32)


def echo() -> list[Result]:
    """The offline tests of G.168 on its echo path models D.2 to D.9, loss of 6 dB, delays up to 100 ms."""
    models = range(2, 10)
    far = _composite(10, len(models))
    h, other = _echo_paths(models, 13), _echo_paths(reversed(models), 16)
    back, changed = _echoes(far, h), _echoes(far, h)
    changed[:, 5 * 8000 :] = _echoes(far, other)[:, 5 * 8000 :]
    talk = white_noise(np.random.default_rng(9), far.shape, -15)
    talk[:, : 4 * 8000] = talk[:, 7 * 8000 :] = 0
    results = []
    for title, suppress, near, start, end, least in (
        ("test 2: loss after 1 s, suppressor on", True, back, 1.0, 1.7, 20.0),
        ("test 2: loss in the steady state, suppressor on", True, back, 8.0, 10.0, 30.0),
        ("test 2: loss in the steady state, filter only", False, back, 8.0, 10.0, 25.0),
        ("test 3: loss after double talk", True, back + talk, 7.2, 9.0, 20.0),
        ("test 4: loss 1.5 s after the path changed", True, changed, 6.5, 8.0, 15.0),
    ):
        ours, theirs = _cancelled(far, line(near), suppress=suppress)
        part = slice(round(start * 8000), round(end * 8000))
        losses = [float((level_dbm0(near[:, part]) - level_dbm0(out[:, part])).min()) for out in (ours, theirs)]
        texts = [f"{loss:.0f} dB" for loss in losses]
        results.append(result(f"{title}, worst path", f">= {least:.0f} dB", texts, good=losses[0] >= least))
    return [*results, _echo_double_talk(far, back, talk), _echo_tones(h)]


def _echo_double_talk(far: Float, back: Float, talk: Float) -> Result:
    part = slice(round(4.5 * 8000), 7 * 8000)
    levels = [
        float(level_dbm0(out[:, part] - talk[:, part]).max())
        for out in _cancelled(far, line(back + talk), suppress=True)
    ]
    texts = [f"{level:.0f} dBm0" for level in levels]
    what = "test 3: what double talk adds to the near speaker of -15 dBm0"
    return result(what, "<= -30 dBm0", texts, good=levels[0] <= -30)


def _echo_tones(h: list[Float]) -> Result:
    tones = [
        sine(pair, -9, 5 * 8000)
        for pair in ((697, 1209), (941, 1477), (1000,), (450,), (1100,), (2100,), (1380, 1500), (300, 3000))
    ]
    far = line(np.stack(tones))
    near = _echoes(far, h)
    losses = [float((level_dbm0(near) - level_dbm0(out)).min()) for out in _cancelled(far, line(near), suppress=False)]
    texts = [f"{x:.0f} dB" for x in losses]
    return result("test 6/8: tones, least loss over 5 s", ">= 0 dB", texts, good=losses[0] >= 0)


def _echo_paths(models: Iterable[int], delay_ms: float) -> list[Float]:
    """G.168's models, each at a loss of 6 dB and a delay of its own."""
    found = []
    for n, model in enumerate(models):
        taps = spandsp_peer.g168_path(model)
        path = np.concatenate([np.zeros(round(n * delay_ms * 8 * 0.9)), taps / np.linalg.norm(taps) / 2])
        found.append(path.astype(np.float32))
    return found


def _echoes(far: Float, paths: list[Float]) -> Float:
    return np.stack([np.convolve(x, h)[: len(x)] for x, h in zip(far, paths, strict=True)]).astype(np.float32)


def _composite(seconds: float, rows: int) -> Float:
    """Coloured noise with pauses, in the manner of G.168's composite source signal (248 ms sound, 102 ms pause)."""
    n = round(seconds * 8000)
    x = white_noise(np.random.default_rng(2), (rows, n + 2), -12)
    x = (x[:, 2:] + 0.9 * x[:, 1:-1] + 0.5 * x[:, :-2]) / np.float32(1.44)
    return line(np.asarray(x * (np.arange(n) % 2800 < 1984), np.float32))


def _cancelled(far: Float, near: Float, *, suppress: bool) -> tuple[Float, Float]:
    canceller = EchoCanceller(len(far), 128, suppress=suppress)
    ours = np.concatenate([canceller.feed(f, n) for f, n in zip(_ticks(far), _ticks(near), strict=True)], axis=1)
    pairs = zip(float_to_int16(far), float_to_int16(near), strict=True)
    theirs = np.stack([int16_to_float(spandsp_peer.cancel_echo(f, n, 1024, suppress=suppress)) for f, n in pairs])
    return ours, theirs


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
    return [*found, ("keys, progress, fax, speech, levels together", listening, None), _echo_cost(x, pcm)]


def _echo_cost(x: Float, pcm: np.ndarray[tuple[int, ...], np.dtype[np.int16]]) -> tuple[str, float, float]:
    rows = x.shape[1]
    canceller, near = EchoCanceller(rows), x * np.float32(0.5)
    ours = _cost(lambda: [canceller.feed(f, n) for f, n in zip(x[:50], near[:50], strict=True)], 50)
    one = np.ascontiguousarray(pcm[:50, 0]).reshape(-1)
    theirs = _cost(lambda: spandsp_peer.cancel_echo(one, one // 2, 1024, suppress=True), 50) * rows
    return "echo canceller, 128 ms", ours, theirs


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
