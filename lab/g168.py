# SPDX-License-Identifier: GPL-2.0-or-later
"""Situations in which ITU-T G.168 (clause 6.4) tests an echo canceller, as scenes for any canceller.

Signals are of our own make after the Recommendation's description: a composite source signal (a voiced stretch, a
stretch of noise, a pause), A-law on the way out and on the way back. The result of a scene is its worst row. Figures of
the Recommendation are marked so; the others are limits of our own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float, level_dbm0
from dsp.noise import white_noise
from dsp.tones import sine

Path = NDArray[np.float64]
RATE: Final = 8000
LEVELS: Final = (-10.0, -16.0, -24.0)
"""Far-end levels in dBm0, row by row in turn."""
ERL_DB: Final = 6.0
TONES: Final = ((697, 1209), (941, 1477), (450, 0), (1004, 0), (1100, 0), (2100, 0), (1380, 1500), (1980, 1740))


@dataclass(frozen=True)
class Scene:
    """One situation: sound sent and received [rows, samples], and the measure of a canceller's output."""

    title: str
    far: Float
    near: Float
    measure: Callable[[Float], float]
    limit: float
    at_least: bool = True
    unit: str = "dB"
    suppress: bool = False
    freeze: int = -1  # sample from which no learning takes place

    def good(self, value: float) -> bool:
        """Return whether `value` is within the limit."""
        return value >= self.limit if self.at_least else value <= self.limit

    @property
    def wanted(self) -> str:
        """The limit as text."""
        return f"{'>=' if self.at_least else '<='} {self.limit:.0f} {self.unit}"


def line(x: Float) -> Float:
    """Return `x` as the other end of an A-law line gets it."""
    return alaw_decode(alaw_encode(x))


def composite(
    rng: np.random.Generator, rows: int, seconds: float, *, talker: int = 0, levels_dbm0: Sequence[float] = LEVELS
) -> Float:
    """Return a composite source signal [rows, samples], rows at `levels_dbm0` in turn.

    Voiced for 49 ms, noise for 200 ms, silent for 101 ms, then the same with the other sign. `talker` 1 is for double
    talk: another pitch and another rhythm (73 ms, 200 ms, 127 ms), never in step with 0.
    """
    voiced, noise, pause, pitch = ((389, 1600, 811, 203.0), (582, 1600, 1018, 137.0))[talker]
    n = round(seconds * RATE)
    period = voiced + noise + pause
    x = np.zeros((rows, (-(-n // period)) * period), np.float32)
    for number, at in enumerate(range(0, x.shape[1], period)):
        sign = np.float32(1 - 2 * (number % 2))
        x[:, at : at + voiced] = sign * _voiced(voiced, pitch)
        x[:, at + voiced : at + voiced + noise] = sign * _shaped(white_noise(rng, (rows, noise + 2), -10.0))
    x = x[:, :n]
    active = np.flatnonzero(np.any(x != 0, axis=0))
    levels = np.array([levels_dbm0[row % len(levels_dbm0)] for row in range(rows)])
    return np.asarray(x * 10 ** ((levels - level_dbm0(x[:, active])) / 20)[:, None], np.float32)


def _voiced(samples: int, pitch: float) -> Float:
    """Return a vowel: harmonics of `pitch` under three formants."""
    at = np.arange(samples) / RATE
    sound = np.zeros(samples)
    for hz in np.arange(pitch, 3600, pitch):
        strength = sum(w / (1 + ((hz - formant) / 130) ** 2) for formant, w in ((600, 1), (1300, 0.5), (2500, 0.3)))
        sound += (strength + 0.01) * np.sin(2 * np.pi * hz * at + hz)
    return np.asarray(sound * 0.2 / np.sqrt(np.mean(sound**2)), np.float32)


def _shaped(x: Float) -> Float:
    """Return white noise tilted as speech is: more low than high [rows, n] -> [rows, n - 2]."""
    return np.asarray((x[:, 2:] + np.float32(0.9) * x[:, 1:-1] + np.float32(0.5) * x[:, :-2]) / 1.44, np.float32)


def made_paths(rows: int, delays_ms: Sequence[float], loss_db: float = ERL_DB, seed: int = 1) -> list[Path]:
    """Return hybrids of our own: dispersive responses of 8 ms with a loss, behind the delays in turn."""
    rng, paths = np.random.default_rng(seed), []
    for row in range(rows):
        h = rng.standard_normal(64) * np.exp(-np.arange(64) / 12.0)
        paths.append(_placed(h, delays_ms[row % len(delays_ms)], loss_db))
    return paths


def placed(models: Sequence[Path], delays_ms: Sequence[float], loss_db: float = ERL_DB) -> list[Path]:
    """Return given responses with a loss, behind the delays in turn."""
    return [_placed(h, delays_ms[n % len(delays_ms)], loss_db) for n, h in enumerate(models)]


def _placed(h: Path, delay_ms: float, loss_db: float) -> Path:
    loss = 10 ** (-loss_db / 20) / np.linalg.norm(h)
    return np.concatenate([np.zeros(round(delay_ms * 8)), h * loss])


def echo(far: Float, paths: Sequence[Path]) -> Float:
    """Return the echo of the hybrids."""
    out = [np.convolve(x, h)[: len(x)] for x, h in zip(far, paths, strict=True)]
    return np.stack(out).astype(np.float32)


def span(start_s: float, end_s: float) -> slice:
    """Return seconds as samples."""
    return slice(round(start_s * RATE), round(end_s * RATE))


def _loss(near: Float, part: slice) -> Callable[[Float], float]:
    """Return a measure: least enhancement of the return loss within `part`."""
    return lambda out: float((level_dbm0(near[:, part]) - level_dbm0(out[:, part])).min())


def _highest(part: slice, below: Float | None = None) -> Callable[[Float], float]:
    """Return a measure: highest level within `part`, in dBm0 or against the level of `below`."""

    def measure(out: Float) -> float:
        against = 0.0 if below is None else level_dbm0(below[:, part])
        return float((level_dbm0(out[:, part]) - against).max())

    return measure


def _added(talk: Float, part: slice) -> Callable[[Float], float]:
    """Return a measure: the output's difference from the near speaker, against the near speaker's level."""
    return lambda out: float((level_dbm0((out - talk)[:, part]) - level_dbm0(talk[:, part])).max())


def scenes(
    paths: Sequence[Path],
    others: Sequence[Path],
    *,
    silence_s: int = 120,
    levels_dbm0: Sequence[float] = LEVELS,
    seed: int = 7,
) -> list[Scene]:
    """Return all scenes on `paths`, and on `others` after a change of path.

    G.168 leaves the line silent for two minutes.
    """
    rng, rows = np.random.default_rng(seed), len(paths)
    far = line(composite(rng, rows, 12, levels_dbm0=levels_dbm0))
    back = echo(far, paths)
    return [
        *_convergence(rng, far, back, echo(far, others)),
        *_double_talk(rng, far, back, levels_dbm0),
        *_silence_and_loss(far, paths, silence_s),
        *_narrow(far, paths),
    ]


def _convergence(rng: np.random.Generator, far: Float, back: Float, other: Float) -> list[Scene]:
    near, first, late = line(back), span(1.0, 1.7), span(8, 12)
    idle = _shaped(white_noise(rng, (len(far), far.shape[1] + 2), -65.0))
    quiet, noise = line(back + idle), _shaped(white_noise(rng, (len(far), far.shape[1] + 2), -42.0))
    noise[:, 5 * RATE :] = 0
    changed = back.copy()
    changed[:, 6 * RATE :] = other[:, 6 * RATE :]
    changed = line(changed)
    after, later = span(7.0, 7.7), span(10, 12)
    plain = Scene("2A: loss 1 s after the start, suppressor on", far, near, _loss(near, first), 20, suppress=True)
    in_noise = Scene(
        "2C: residual beside the noise of -42 dBm0 it was learnt in",
        far,
        line(back + noise),
        _highest(span(5.5, 12)),
        -42,
        at_least=False,
        unit="dBm0",
        freeze=5 * RATE,
    )
    returned = "2A: returned level after 10 s, line noise -65 dBm0 (G.168: -65 dBm0)"
    return [
        plain,
        replace(plain, title="2B: loss 1 s after the start, filter only", suppress=False),
        replace(
            plain,
            title="1/2B: loss in the steady state, filter only",
            measure=_loss(near, late),
            suppress=False,
            limit=30,
        ),
        replace(
            plain, title=returned, near=quiet, measure=_highest(span(10, 12)), limit=-62, at_least=False, unit="dBm0"
        ),
        in_noise,
        replace(
            plain,
            title="2A: loss 1 s after a change of path, suppressor on",
            near=changed,
            measure=_loss(changed, after),
        ),
        replace(
            plain,
            title="2B: loss 4 s after a change of path, filter only",
            near=changed,
            measure=_loss(changed, later),
            suppress=False,
            limit=30,
        ),
    ]


def _double_talk(rng: np.random.Generator, far: Float, back: Float, levels_dbm0: Sequence[float]) -> list[Scene]:
    talk = composite(rng, len(far), 12, talker=1, levels_dbm0=levels_dbm0)
    weak = talk * np.float32(10 ** (-15 / 20))
    early, mid = talk.copy(), talk.copy()
    weak[:, 5 * RATE :] = early[:, 5 * RATE :] = 0
    mid[:, : 5 * RATE] = mid[:, 10 * RATE :] = 0
    soft, after, during = mid * np.float32(10 ** (-15 / 20)), span(10.5, 12), span(5.5, 10)
    near = line(back + mid)
    base = Scene("", far, near, _loss(back, after), 20, freeze=10 * RATE)
    return [
        replace(
            base,
            title="3A: residual beside a near speaker 15 dB down, both from the start",
            near=line(back + weak),
            measure=lambda out: float((level_dbm0(out[:, span(5.5, 12)]) - level_dbm0(weak[:, : 5 * RATE])).max()),
            limit=0,
            at_least=False,
            freeze=5 * RATE,
        ),
        replace(
            base,
            title="both speak equally loud from the start: loss after 5 s, filter only",
            near=line(back + early),
            measure=_loss(back, span(5.5, 12)),
            limit=10,
            freeze=5 * RATE,
        ),
        replace(base, title="3B(a): loss after 5 s of double talk, equally loud, filter only"),
        replace(base, title="3B(b): loss after 5 s of double talk, 15 dB down, filter only", near=line(back + soft)),
        replace(
            base,
            title="3C: what is added to or lost of the near speaker in double talk",
            measure=_added(mid, during),
            limit=-20,
            at_least=False,
            suppress=True,
            freeze=-1,
        ),
        replace(base, title="3C: loss after the double talk, suppressor on", suppress=True, freeze=-1, limit=30),
    ]


def _silence_and_loss(far: Float, paths: Sequence[Path], silence_s: int) -> list[Scene]:
    """Return the scenes of a leak after a long silence, and of an echo path that opens."""
    few = min(4, len(far))
    silent = np.zeros((few, silence_s * RATE), np.float32)
    talk = far[:few]
    long = np.concatenate([talk[:, : 6 * RATE], silent, talk[:, : 2 * RATE]], axis=1)
    near = line(echo(long, paths[:few]))
    cut = echo(far, paths)
    cut[:, 6 * RATE :] = 0
    part = span(7.0, 12)
    return [
        Scene(
            f"4: loss right after {silence_s} s of silence, filter only",
            long,
            near,
            _loss(near, span(6 + silence_s, 8 + silence_s)),
            25,
        ),
        Scene(
            "5: loss against the far end 1 s after the echo path opened, filter only",
            far,
            line(cut),
            lambda out: float((level_dbm0(far[:, part]) - level_dbm0(out[:, part])).min()),
            30,
        ),
    ]


def _narrow(far: Float, paths: Sequence[Path]) -> list[Scene]:
    rows = len(far)
    each = [sine([hz for hz in TONES[row % len(TONES)] if hz], -12, 6 * RATE) for row in range(rows)]
    tones = line(np.stack(each))
    mixed = np.concatenate([far[:, : 5 * RATE], tones, far[:, 5 * RATE : 8 * RATE]], axis=1)
    back, only = line(echo(mixed, paths)), line(echo(tones, paths))
    single = [sine([hz], -12, 6 * RATE) for hz in (2400, 2600, 2040, 2000, 1780, 450, 1004, 425)]
    send = line(np.stack([single[row % len(single)] for row in range(rows)]))
    reply = line(np.stack([sine([hz + 1.5], -12, 6 * RATE) for hz in (2400, 2600, 2040, 2000, 1780, 450, 1004, 425)]))
    reply = np.stack([reply[row % len(reply)] for row in range(rows)])
    lost = span(0.5, 6)
    return [
        Scene(
            "6: loss after 6 s of a tone, learnt before, filter only",
            mixed,
            back,
            _loss(back, span(11, 11.7)),
            20,
            freeze=11 * RATE,
        ),
        Scene("7: loss of the tone itself, learnt before, filter only", mixed, back, _loss(back, span(6, 11)), 20),
        Scene("7: least loss of a tone from the start, filter only", tones, only, _loss(only, span(0, 6)), 0),
        Scene(
            "8: what is lost of a tone sent against a tone of the same frequency",
            send,
            reply,
            lambda out: float(np.abs(level_dbm0(out[:, lost]) - level_dbm0(reply[:, lost])).max()),
            2,
            at_least=False,
            suppress=True,
        ),
    ]
