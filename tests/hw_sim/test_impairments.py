# SPDX-License-Identifier: GPL-2.0-or-later
"""Impairments are measured, as one would on a line."""

import numpy as np
import pytest

from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float, level_dbm0
from dsp.tones import sine
from hw_sim.impairments import Impairment, Impairments

TICKS = 200


def _through(
    plan: Impairment, said: Float | None = None, other: Float | None = None, rows: int = 3
) -> tuple[Float, Octets]:
    """Row 1 of three, impaired for four seconds; also its octets. The rows beside it must come through untouched."""
    bad = Impairments(rows, seed=3)
    bad.set([1], plan)
    clean = np.full((TICKS, rows, TICK_SAMPLES), IDLE_BYTE, np.uint8)
    back = clean.copy()
    if said is not None:
        clean[:] = alaw_encode(said).reshape(TICKS, 1, TICK_SAMPLES)
    if other is not None:
        back[:] = alaw_encode(other).reshape(TICKS, 1, TICK_SAMPLES)
    out = clean.copy()
    for tick, arrived in zip(out, back, strict=True):
        bad.apply(tick, arrived)
    assert np.array_equal(out[:, [0, 2]], clean[:, [0, 2]])
    octets = np.ascontiguousarray(out[:, 1]).reshape(-1)
    return alaw_decode(octets), octets


def _tone(dbm0: float = -10) -> Float:
    return sine([1004], dbm0, TICKS * TICK_SAMPLES)


def test_nothing_set_is_not_active() -> None:
    bad = Impairments(2, 0)
    seen = [bad.active]
    for plan in (Impairment(noise_dbm0=-40), Impairment()):
        bad.set([0], plan)
        seen.append(bad.active)
    assert seen == [False, True, False]


@pytest.mark.parametrize("loss", [-3.0, 6.0, 20.0])
def test_attenuation(loss: float) -> None:
    sound, _ = _through(Impairment(attenuation_db=loss), _tone())
    assert float(level_dbm0(sound)) == pytest.approx(-10 - loss, abs=0.1)


@pytest.mark.parametrize("noise", [-52.0, -40.0, -20.0])
def test_noise_level_on_a_silent_line(noise: float) -> None:
    silence = np.zeros(TICKS * TICK_SAMPLES, np.float32)
    assert float(level_dbm0(_through(Impairment(noise_dbm0=noise), silence)[0])) == pytest.approx(noise, abs=0.4)


@pytest.mark.parametrize("ratio_db", [10.0, 25.0])
def test_signal_to_noise_ratio(ratio_db: float) -> None:
    sound, _ = _through(Impairment(noise_dbm0=-10 - ratio_db), _tone())
    assert -10 - float(level_dbm0(sound - _tone())) == pytest.approx(ratio_db, abs=0.5)  # with the coder's noise


@pytest.mark.parametrize(("delay_ms", "loss_db"), [(0.0, 6.0), (12.5, 10.0), (250.0, 20.0)])
def test_echo_delay_and_loss(delay_ms: float, loss_db: float) -> None:
    burst = np.zeros(TICKS * TICK_SAMPLES, np.float32)
    burst[1600:3200] = np.random.default_rng(0).normal(0, 0.1, 1600)
    sound, _ = _through(Impairment(echo_delay_ms=delay_ms, echo_loss_db=loss_db), other=burst)
    likeness = np.correlate(sound.astype(float), burst[1600:3200].astype(float), "valid")
    assert int(np.argmax(likeness)) - 1600 == round(delay_ms * 8)
    measured = level_dbm0(burst[1600:3200]) - level_dbm0(sound[1600 + round(delay_ms * 8) :][:1600])
    assert float(measured) == pytest.approx(loss_db, abs=0.3)


@pytest.mark.parametrize("ratio", [1e-4, 1e-3, 0.05, 0.3])
def test_bit_error_ratio(ratio: float) -> None:
    tone = _tone()
    _, octets = _through(Impairment(bit_error_ratio=ratio), tone)
    wrong = np.unpackbits(octets ^ alaw_encode(tone)).sum()
    expected = ratio * octets.size * 8
    assert abs(wrong - expected) < 4 * np.sqrt(expected)


@pytest.mark.parametrize("rate", [2.0, -2.0])
def test_slips_repeat_or_lose_octets(rate: float) -> None:
    """A ramp of octets shows each slip as a step of 0 or 2."""
    ramp = (np.arange(TICKS * TICK_SAMPLES) % 251).astype(np.uint8)
    bad = Impairments(1, 0)
    bad.set([0], Impairment(slips_per_s=rate))
    out = ramp.reshape(TICKS, 1, TICK_SAMPLES).copy()
    for tick in out:
        bad.apply(tick, tick)
    steps = np.diff(out.reshape(-1).astype(int)) % 251
    settled = steps[4160:]  # a row that loses octets begins with half a second in store
    assert set(settled.tolist()) == {1, 0 if rate > 0 else 2}
    assert np.count_nonzero(settled != 1) == pytest.approx(settled.size / 8000 * abs(rate), abs=1)


def test_same_seed_same_errors() -> None:
    plan = Impairment(noise_dbm0=-40, bit_error_ratio=1e-3)
    assert np.array_equal(_through(plan, _tone())[1], _through(plan, _tone())[1])
