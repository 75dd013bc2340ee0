# SPDX-License-Identifier: GPL-2.0-or-later
"""The box's own echo canceller in its place, on a simulated line with an echo: how much quieter it makes the echo."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
import pytest

from appliance.config.model import SpanConfig
from appliance.contract.switch import Clear
from appliance.switch.assemble import _options
from appliance.switch.sound.line_echo import LineEcho
from drivers.span import IDLE_BYTE
from dsp.fax import ced_samples
from dsp.g711 import alaw_encode
from dsp.levels import Float, level_dbm0
from dsp.noise import white_noise
from hw_sim.impairments import Impairment, Impairments
from tests.appliance.switch.pri_rig import Rig, rig

SECONDS = 2


@pytest.fixture
def box() -> Iterator[Rig]:
    yield from rig("user", echo="box")


@pytest.fixture
def plain() -> Iterator[Rig]:
    yield from rig("user")


def talk(rng: np.random.Generator, ticks: int) -> Float:
    """Noise in syllables [ticks, 160] of -16 dBm0 or so."""
    envelope = np.abs(np.sin(2 * np.pi * 2 * np.arange(ticks * 160) / 8000))
    return np.asarray(white_noise(rng, ticks * 160, -14) * envelope, np.float32).reshape(ticks, 160)


def call(
    rig_: Rig, said_far: Float | None = None, delay_ms: float = 45.0, loss_db: float = 10.0
) -> tuple[Float, Float]:
    """Return the box's sound in a call whose line sends it back, and the sound received on the leg's row."""
    leg, _call = rig_.come_in(7)
    row = rig_.card.row(leg)
    assert row is not None
    bad = Impairments(len(rig_.far_sends), seed=3)
    bad.set(range(len(rig_.far_sends)), Impairment(echo_delay_ms=delay_ms, echo_loss_db=loss_db))
    rng, sent, got = np.random.default_rng(5), [], []
    for tick, sound in enumerate(talk(rng, SECONDS * 50)):
        rig_.heard[row] = sound
        rig_.far_sends.fill(IDLE_BYTE)
        if said_far is not None:
            rig_.far_sends[row] = alaw_encode(said_far[tick])
        bad.apply(rig_.far_sends, rig_.far_hears)
        rig_.tick()
        sent.append(sound)
        got.append(rig_.said[row].copy())
    return np.array(sent), np.array(got)


def test_an_echo_is_gone_within_a_second_and_stays_gone(box: Rig, plain: Rig) -> None:
    (sent, clean), (_, echoed) = call(box), call(plain)
    level = level_dbm0(sent.ravel())
    assert level_dbm0(echoed[50:].ravel()) == pytest.approx(level - 10, abs=1)
    assert level_dbm0(clean[50:].ravel()) < level - 10 - 25


@pytest.mark.parametrize("delay_ms", [0.0, 90.0])
def test_near_and_late_echoes(box: Rig, delay_ms: float) -> None:
    sent, clean = call(box, delay_ms=delay_ms)
    assert level_dbm0(clean[75:].ravel()) < level_dbm0(sent[75:].ravel()) - 10 - 25


def test_who_speaks_at_the_far_end_is_heard(box: Rig) -> None:
    said = np.zeros((SECONDS * 50, 160), np.float32)
    said[75:] = talk(np.random.default_rng(9), SECONDS * 50 - 75)
    _, got = call(box, said)
    gap = level_dbm0(got[80:].ravel()) - level_dbm0(said[80:].ravel())
    assert abs(gap) < 1.0


def test_every_call_begins_anew_and_a_channel_without_one_is_silent(box: Rig) -> None:
    first = call(box)[1]
    for leg in list(box.card._legs):
        box.card.execute(Clear(leg), box.now)
    box.until(box.all_idle)
    box.tick(2)
    assert not box.said.any()
    again = call(box)[1]
    np.testing.assert_allclose(level_dbm0(again[50:].ravel()), level_dbm0(first[50:].ravel()), atol=3)


@pytest.mark.parametrize("answerer", [True, False])
def test_a_fax_turns_it_off_on_its_channel_until_the_leg_ends(answerer: bool) -> None:
    echo, taken = LineEcho(2, 32), np.array([True, True])
    ced = ced_samples(2.4, -13, reversals=True).reshape(-1, 160)
    for tick in ced:
        both = np.zeros((2, 160), np.float32)
        both[1] = tick
        if answerer:
            echo.received(both, taken)
        else:
            echo.sent(alaw_encode(both))
            echo.received(np.zeros_like(both), taken)
    assert echo.off.tolist() == [False, True]
    said = white_noise(np.random.default_rng(1), (2, 160), -20)
    echo.sent(alaw_encode(said))
    back = said * np.float32(0.3)
    echo.received(back, taken)
    np.testing.assert_array_equal(back[1], said[1] * np.float32(0.3))
    echo.received(back, np.array([True, False]))
    echo.received(back, taken)
    assert not echo.off.any()


def test_a_plain_answer_tone_leaves_it_on() -> None:
    echo, taken = LineEcho(1, 32), np.array([True])
    for tick in ced_samples(2.4).reshape(-1, 1, 160):
        echo.received(tick.copy(), taken)
    assert not echo.off.any()


@pytest.mark.parametrize("canceller", ["none", "box"])
def test_the_driver_is_not_asked_for_what_the_box_does(canceller: Literal["none", "box"]) -> None:
    assert _options(SpanConfig(address="dahdi:1", echo_canceller=canceller)).echo_taps == 0
