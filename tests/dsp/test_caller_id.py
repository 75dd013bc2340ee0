# SPDX-License-Identifier: GPL-2.0-or-later
"""Callers' numbers as sound and back: both sets of frequencies, levels, noise, neighbours, broken ones."""

import numpy as np
import pytest

from dsp.caller_id import (
    BELL_202,
    BIT_SAMPLES,
    V_23,
    CallerId,
    CallerIdReceiver,
    caller_id_samples,
    framed,
    message,
    single_message,
    told,
)
from dsp.g711 import alaw_decode, alaw_encode
from dsp.levels import Float, amplitude

ZHANG = CallerId(0, "13800138000", "张伟", "11221014")


def heard(sound: Float, rows: int = 1, row: int = 0) -> list[CallerId]:
    x = np.zeros((rows, len(sound) + 800), np.float32)
    x[row, 400 : 400 + len(sound)] = sound
    return CallerIdReceiver(rows).feed(x)


def test_the_octets_of_a_message() -> None:
    """Written out by hand from EN 300 659-3: type, length, part 2 of three digits, checksum."""
    assert message(CallerId(0, "123")) == bytes(
        [0x80, 5, 2, 3, 0x31, 0x32, 0x33, 0x100 - ((0x80 + 5 + 2 + 3 + 0x96) & 0xFF)]
    )
    assert sum(single_message(ZHANG)) & 0xFF == 0
    assert single_message(ZHANG)[2:-1] == b"1122101413800138000"


def test_a_bit_lasts_as_long_as_it_should() -> None:
    """1200 bit/s: a message of n octets has 300 + 180 + 10 n + 10 bits."""
    assert round(300 * BIT_SAMPLES) == 2000
    assert len(caller_id_samples(bytes(30))) == int((300 + 180 + 300 + 10) * 20 / 3)


@pytest.mark.parametrize("hertz", [BELL_202, V_23])
@pytest.mark.parametrize("level_dbm0", [-6.0, -14.0, -30.0, -38.0])
def test_number_name_and_time(hertz: tuple[int, int], level_dbm0: float) -> None:
    assert heard(caller_id_samples(message(ZHANG), level_dbm0, hertz)) == [ZHANG]


def test_a_single_message() -> None:
    assert heard(caller_id_samples(single_message(ZHANG))) == [CallerId(0, "13800138000", "", "11221014")]


def test_a_caller_who_does_not_want_to_be_shown() -> None:
    hidden = CallerId(0, when="11221014", withheld=True)
    for octets in (message(hidden), single_message(hidden)):
        assert heard(caller_id_samples(octets)) == [hidden]


@pytest.mark.parametrize("offset", range(0, 20, 3))
def test_how_the_sound_is_cut_makes_no_difference(offset: int) -> None:
    sound = np.concatenate(
        [np.zeros(100 + offset, np.float32), caller_id_samples(message(ZHANG)), np.zeros(400, np.float32)]
    )
    receiver, events = CallerIdReceiver(1), []
    for at in range(0, len(sound), 37):
        events += receiver.feed(sound[None, at : at + 37])
    assert events == [ZHANG]


def test_every_row_its_own() -> None:
    x = np.zeros((30, 9000), np.float32)
    for row in range(0, 30, 2):
        sound = caller_id_samples(message(CallerId(row, f"0105551{row:04}")))
        x[row, 100 * row : 100 * row + len(sound)] = sound
    found = sorted(CallerIdReceiver(30).feed(x), key=lambda each: each.row)
    assert found == [CallerId(row, f"0105551{row:04}") for row in range(0, 30, 2)]


@pytest.mark.parametrize("ppm", [-10_000, 10_000])
def test_a_clock_that_is_off_by_one_in_a_hundred(ppm: int) -> None:
    """EN 300 659-1 asks for 1 %."""
    sound = caller_id_samples(message(ZHANG))
    at = np.arange(0, len(sound) - 1, 1 + ppm / 1e6)
    assert heard(np.interp(at, np.arange(len(sound)), sound).astype(np.float32)) == [ZHANG]


def test_through_a_law_and_noise() -> None:
    generator = np.random.default_rng(1)
    good = 0
    for _ in range(50):
        sound = caller_id_samples(message(ZHANG), -20.0)
        noisy = sound + generator.normal(0, amplitude(-40.0) / np.sqrt(2), len(sound))
        good += heard(alaw_decode(alaw_encode(noisy.astype(np.float32)[None]))[0]) == [ZHANG]
    assert good == 50


def test_a_broken_message_is_none() -> None:
    octets = bytearray(message(ZHANG))
    octets[9] ^= 1
    assert heard(caller_id_samples(bytes(octets))) == []
    assert told(0, framed(0x82, b"message waiting")) is None


def test_a_message_after_a_broken_one_is_heard() -> None:
    sound = caller_id_samples(message(ZHANG))
    cut = sound.copy()
    cut[5000:5400] = 0
    assert heard(np.concatenate([cut, np.zeros(3000, np.float32), sound])) == [ZHANG]


def test_speech_and_tones_are_no_caller() -> None:
    generator = np.random.default_rng(2)
    noise = generator.normal(0, 0.1, 80_000).astype(np.float32)
    t = np.arange(80_000) / 8000
    tones = (0.2 * np.sin(2 * np.pi * 450 * t) + 0.2 * np.sin(2 * np.pi * 2100 * t)).astype(np.float32)
    assert CallerIdReceiver(2).feed(np.stack([noise, tones])) == []
