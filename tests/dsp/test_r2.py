# SPDX-License-Identifier: GPL-2.0-or-later
"""MFC-R2 against the limits of ITU-T Q.455, through A-law."""

from __future__ import annotations

import numpy as np
import pytest

from dsp.errors import ShapeError
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float
from dsp.noise import white_noise
from dsp.r2 import PAIRS, Direction, R2Detector, SignalEnd, SignalStart, r2_samples
from dsp.tones import sine

BOTH = list(Direction)


def hear(signals: list[Float], direction: Direction, tail: int = 800) -> list[SignalStart | SignalEnd]:
    samples = -(-(max(map(len, signals)) + tail) // 160) * 160
    x = np.zeros((len(signals), samples), np.float32)
    for row, signal in enumerate(signals):
        x[row, : len(signal)] = signal
    x = alaw_decode(alaw_encode(x))
    detector = R2Detector(len(x), direction)
    return [event for at in range(0, samples, 160) for event in detector.feed(x[:, at : at + 160])]


def started(events: list[SignalStart | SignalEnd], rows: int) -> list[list[int]]:
    return [[e.signal for e in events if isinstance(e, SignalStart) and e.row == row] for row in range(rows)]


def heard(signals: list[Float], direction: Direction) -> list[list[int]]:
    return started(hear(signals, direction), len(signals))


def late(signal: Float, samples: int) -> Float:
    return np.concatenate([np.zeros(samples, np.float32), signal])


def test_the_table_of_signals() -> None:
    """Q.441 table 5: the weights of the two frequencies add up to the number, but for 10 and up."""
    weights = (0, 1, 2, 4, 7)
    for number in range(1, 10):
        assert sum(weights[index] for index in PAIRS[number - 1]) == number
    assert PAIRS[9:] == ((3, 4), (0, 5), (1, 5), (2, 5), (3, 5), (4, 5))
    with pytest.raises(ValueError, match="no R2 signal 16"):
        r2_samples(16, Direction.FORWARD, 50)


@pytest.mark.parametrize("direction", BOTH)
@pytest.mark.parametrize("level", [-5, -20, -35])
def test_every_signal_at_every_level(direction: Direction, level: float) -> None:
    signals = [late(r2_samples(n, direction, 120, level), 31 * n) for n in range(1, 16)]
    assert heard(signals, direction) == [[n] for n in range(1, 16)]


@pytest.mark.parametrize("direction", BOTH)
@pytest.mark.parametrize("twist", [-7, -5, 5, 7])
def test_unequal_levels(direction: Direction, twist: float) -> None:
    signals = [late(r2_samples(n, direction, 120, -10, twist), 31 * n) for n in range(1, 16)]
    assert heard(signals, direction) == [[n] for n in range(1, 16)]


@pytest.mark.parametrize("direction", BOTH)
@pytest.mark.parametrize("off", [(10, 10), (-10, -10), (10, -10), (-10, 10)])
def test_10_hz_off(direction: Direction, off: tuple[int, int]) -> None:
    signals = [
        late(sine([direction.value[a] + off[0], direction.value[b] + off[1]], -15, 960), 31 * n)
        for n, (a, b) in enumerate(PAIRS)
    ]
    assert heard(signals, direction) == [[n] for n in range(1, 16)]


@pytest.mark.parametrize("direction", BOTH)
def test_pulses_of_7_ms_and_other_sounds_are_no_signals(direction: Direction) -> None:
    pulses = [late(r2_samples(n, direction, 7, -5), 31 * n) for n in range(1, 16)]
    a, b, c = direction.value[:3]
    others = [
        r2_samples(3, direction, 200, -43),
        r2_samples(3, direction, 200, -5, 20),
        sine([a], -5, 1600),
        sine([a, b, c], -10, 1600),
        white_noise(np.random.default_rng(1), 80_000, -10),
    ]
    assert heard(pulses + others, direction) == [[]] * (len(pulses) + len(others))


@pytest.mark.parametrize("direction", BOTH)
def test_a_break_of_7_ms_does_not_release(direction: Direction) -> None:
    signals = []
    for n in range(1, 16):
        x = r2_samples(n, direction, 150, -10)
        x[600 + 7 * n : 656 + 7 * n] = 0
        signals.append(x)
    assert heard(signals, direction) == [[n] for n in range(1, 16)]


@pytest.mark.parametrize("direction", BOTH)
def test_operate_and_release_within_80_ms(direction: Direction) -> None:
    """Q.455: operate time plus release time, each counted to the end of the tick that reports it."""
    starts = list(range(0, 160, 7))
    events = hear([late(r2_samples(5, direction, 100, -20), at) for at in starts], direction)
    for row, at in enumerate(starts):
        begin, end = (-(-e.at_sample // 160) * 160 for e in events if e.row == row)
        assert (begin - at) + (end - at - 800) <= 80 * 8


@pytest.mark.parametrize("direction", BOTH)
def test_signals_in_noise_15_db_below(direction: Direction) -> None:
    rng = np.random.default_rng(3)
    signals = [
        np.concatenate([r2_samples(n, direction, 70, -12), np.zeros(560, np.float32)] * 20) for n in range(1, 16)
    ]
    noisy = [x + white_noise(rng, len(x), -27) for x in signals]
    assert heard(noisy, direction) == [[n] * 20 for n in range(1, 16)]


def test_a_signal_that_follows_another_at_once() -> None:
    x = np.concatenate([r2_samples(1, Direction.FORWARD, 100), r2_samples(15, Direction.FORWARD, 100)])
    assert heard([x], Direction.FORWARD) == [[1, 15]]


def test_reset_and_misuse() -> None:
    detector = R2Detector(1, Direction.FORWARD)
    x = r2_samples(4, Direction.FORWARD, 40)[None]
    detector.feed(x[:, :160])
    detector.feed(x[:, 160:])
    assert detector.signal[0] == 4
    detector.reset(0)
    assert detector.feed(np.zeros((1, 160), np.float32)) == []
    with pytest.raises(ShapeError):
        detector.feed(x[0])
