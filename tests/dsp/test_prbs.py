# SPDX-License-Identifier: GPL-2.0-or-later
"""The pattern of O.151: its bits, and finding one's place in it."""

import numpy as np
import pytest

from dsp import prbs


def test_the_pattern_is_that_of_o_151() -> None:
    """Every group of 15 bits but one comes once in a period; inverted, so the longest run is 15 zeros... of ones 14."""
    bits = np.unpackbits(prbs.PATTERN)[: prbs.PERIOD]
    groups = {tuple(np.roll(bits, -at)[:15].tolist()) for at in range(0, prbs.PERIOD, 97)}
    assert len(groups) == len(range(0, prbs.PERIOD, 97))
    assert bits.sum() == (prbs.PERIOD - 1) // 2, "one zero more than ones, as it is inverted"
    plain = 1 - bits
    at = np.arange(15, prbs.PERIOD)
    assert (plain[at] == plain[at - 15] ^ plain[at - 14]).all(), "x^15 + x^14 + 1"


@pytest.mark.parametrize("place", [0, 1, 77, 32_700, prbs.PERIOD - 1])
def test_a_place_is_found_even_among_errors(place: int) -> None:
    got = prbs.stretch(place, 160)
    assert prbs.find(got) == place
    wrong = got.copy()
    wrong[[0, 1, 2, 50, 90]] ^= 0x10
    assert prbs.find(wrong) == place
    assert prbs.errors(wrong, got) == 5


def test_other_signals_have_no_place() -> None:
    chance = np.random.default_rng(3)
    assert prbs.find(np.full(160, 0xD5, np.uint8)) is None
    assert prbs.find(np.full(160, 0xFF, np.uint8)) is None
    assert all(prbs.find(chance.integers(0, 256, 160).astype(np.uint8)) is None for _ in range(50))
