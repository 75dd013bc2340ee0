# SPDX-License-Identifier: GPL-2.0-or-later
"""An hour of random signals through every detector: no exception, and nothing that is not finite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from dsp.amd import AnsweringMachineDetector, Decision
from dsp.conceal import Concealer
from dsp.dtmf import DtmfDetector
from dsp.echo import EchoCanceller
from dsp.energy import LevelMeter
from dsp.fax import FaxDetector
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.mix import limit, limiter_state
from dsp.progress import ProgressDetector
from dsp.r2 import Direction, R2Detector
from dsp.speech import SpeechActivity

ROWS = 256
TICKS = 704  # 256 rows of 14 s: an hour


def random_tick(rng: np.random.Generator) -> Float:
    """Each row something else, changing all the time: noise, tones, clicks, squares, silence, DC, random bytes."""
    t = np.arange(160) / 8000
    kind = rng.integers(0, 7, ROWS)[:, None]
    pitch = rng.uniform(50, 3900, (ROWS, 2))
    tones = np.sin(2 * np.pi * pitch[:, :1] * t) + np.sin(2 * np.pi * pitch[:, 1:] * t)
    choices = [
        rng.standard_normal((ROWS, 160)),
        tones,
        np.sign(tones),
        np.zeros((ROWS, 160)),
        np.ones((ROWS, 160)),
        (rng.random((ROWS, 160)) > 0.99) * 1.0,
        alaw_decode(rng.integers(0, 256, (ROWS, 160)).astype(np.uint8)),
    ]
    x = np.select([kind == n for n in range(7)], choices) * 10 ** rng.uniform(-3, 0.3, (ROWS, 1))
    return alaw_decode(alaw_encode(x.astype(np.float32)))


PARTS: dict[str, Callable[[], Callable[[Float], object]]] = {
    "dtmf": lambda: DtmfDetector(ROWS).feed,
    "r2": lambda: R2Detector(ROWS, Direction.BACKWARD).feed,
    "progress": lambda: ProgressDetector(ROWS, "cn").feed,
    "fax": lambda: FaxDetector(ROWS).feed,
    "speech": lambda: SpeechActivity(ROWS).feed,
    "levels": lambda: LevelMeter(ROWS).feed,
}


@pytest.fixture(scope="module")
def signals() -> list[Float]:
    rng = np.random.default_rng(11)
    return [random_tick(rng) for _ in range(TICKS)]


@pytest.mark.parametrize("part", PARTS)
def test_an_hour_of_anything(part: str, signals: list[Float]) -> None:
    feed = PARTS[part]()
    with np.errstate(all="raise", under="ignore"):
        for x in signals:
            heard = feed(x)
            if isinstance(heard, np.ndarray):
                assert np.isfinite(heard).all()


def test_what_makes_sound_stays_finite(signals: list[Float]) -> None:
    rng = np.random.default_rng(1)
    canceller, concealer, state = EchoCanceller(ROWS), Concealer(ROWS), limiter_state(ROWS)
    for x in signals[:60]:
        clean = canceller.cancel(x[::-1].copy(), x)
        filled = concealer.feed(clean, rng.random(ROWS) < 0.1)
        y = limit(filled * np.float32(3), state)
        assert np.isfinite(y).all()
        assert np.abs(y).max() <= 1


def test_answers_are_decided_once(signals: list[Float]) -> None:
    detector = AnsweringMachineDetector(ROWS)
    for row in range(ROWS):
        detector.start(row)
    rows = [event.row for x in signals for event in detector.feed(x) if isinstance(event, Decision)]
    assert len(rows) == len(set(rows))
