# SPDX-License-Identifier: GPL-2.0-or-later
"""Each press once, by any of a phone's ways, in any order."""

import itertools

import pytest

from appliance.switch.lines.sip.presses import KeyWay, Presses

SOUND, INFO, EVENT = KeyWay.SOUND, KeyWay.INFO, KeyWay.EVENT
Told = tuple[KeyWay, str, int, int]  # way, key, duration in ms, tick


def passed(*told: Told) -> str:
    presses = Presses()
    return "".join(key for way, key, duration_ms, tick in told if presses.is_new(way, key, duration_ms, tick))


@pytest.mark.parametrize("way", KeyWay)
def test_one_way_tells_everything(way: KeyWay) -> None:
    assert passed((way, "1", 60, 10), (way, "1", 60, 16), (way, "#", 60, 30)) == "11#"


@pytest.mark.parametrize("ways", [w for n in (2, 3) for w in itertools.permutations(KeyWay, n)])
@pytest.mark.parametrize("lag", [0, 3, 25])
def test_several_ways_together_tell_each_press_once(ways: tuple[KeyWay, ...], lag: int) -> None:
    """112*: pressed for 100 ms, every 120 ticks; each way reports each press, `lag` ticks apart, in the same order."""
    told = [(way, key, 100, 120 * n + lag * i) for n, key in enumerate("112*") for i, way in enumerate(ways)]
    assert passed(*told) == "112*"


@pytest.mark.parametrize("ways", list(itertools.permutations(KeyWay, 2)))
def test_fast_presses_of_one_key_are_not_swallowed(ways: tuple[KeyWay, ...]) -> None:
    told = [(way, "5", 60, 8 * n + i) for n in range(6) for i, way in enumerate(ways)]
    assert passed(*told) == "555555"


def test_a_long_press_that_one_way_tells_at_its_beginning_and_another_at_its_end() -> None:
    assert passed((INFO, "7", 0, 100), (EVENT, "7", 3000, 250), (INFO, "8", 0, 300), (EVENT, "8", 100, 310)) == "78"


def test_a_better_way_that_comes_late_in_a_call_takes_over_and_loses_nothing() -> None:
    assert passed((SOUND, "1", 60, 10), (INFO, "1", 100, 500), (SOUND, "2", 60, 600), (INFO, "2", 0, 603)) == "112"


def test_speech_that_sounds_like_a_key_does_not_shut_out_the_phone_s_own_way() -> None:
    assert passed((SOUND, "9", 60, 10), (INFO, "4", 100, 80)) == "94"
