# SPDX-License-Identifier: GPL-2.0-or-later
"""Players against a naive twin: a play list is its sounds, one after the other, to the sample."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.contract.switch import Play, Played
from appliance.switch.sound.players import Players


class NumberedPool:
    """A pool in which every sample is its own place; sound 's:<offset>:<length>'."""

    samples = np.arange(1, 20_001, dtype=np.int16)

    def find(self, sound: str) -> tuple[int, int] | None:
        kind, offset, length = sound.split(":")
        return (int(offset), int(length)) if kind == "s" else None


def twin(sounds: tuple[str, ...], *, loop: bool, ticks: int) -> np.ndarray[Any, Any]:
    parts: list[np.ndarray[Any, Any]] = []
    for sound in sounds:
        if sound.startswith("silence"):
            parts.append(np.zeros(int(sound.split(":")[1]) * 8))
        elif sound.startswith("s:"):
            offset, length = map(int, sound.split(":")[1:])
            parts.append(NumberedPool.samples[offset : offset + length])
    once = np.concatenate(parts)
    repeats = -(-ticks * 160 // len(once)) if loop else 1
    whole = np.tile(once, repeats)[: ticks * 160]
    return np.pad(whole, (0, ticks * 160 - len(whole)))


def total_samples(sounds: list[str]) -> int:
    return sum(int(s.split(":")[1]) * 8 if s.startswith("silence") else int(s.split(":")[2]) for s in sounds)


def run(players: Players, rows: int, ticks: int) -> tuple[np.ndarray[Any, Any], list[tuple[int, Played]]]:
    sound = np.zeros((rows, 160), np.float32)
    heard, ended = [], []
    for tick in range(ticks):
        ended += [(tick, played) for played in players.advance(sound)]
        heard.append(sound.copy())
    return np.concatenate(heard, axis=1) * 32768, ended


pieces = st.one_of(
    st.tuples(st.integers(0, 10_000), st.integers(1, 900)).map(lambda t: f"s:{t[0]}:{t[1]}"),
    st.integers(1, 100).map(lambda ms: f"silence:{ms}"),
)


@given(lists=st.lists(st.lists(pieces, min_size=1, max_size=5), min_size=1, max_size=4), loop=st.booleans())
def test_equals_the_naive_twin(lists: list[list[str]], loop: bool) -> None:
    players = Players(len(lists), NumberedPool())
    for row, sounds in enumerate(lists):
        players.play(row, Play(row, 1, tuple(sounds), loop))
    heard, ended = run(players, len(lists), 30)
    for row, sounds in enumerate(lists):
        np.testing.assert_array_equal(heard[row], twin(tuple(sounds), loop=loop, ticks=30))
    if loop:
        assert ended == []
    else:
        assert len(ended) == sum(total_samples(sounds) <= 30 * 160 for sounds in lists)


def test_end_is_told_once_in_the_tick_of_the_last_sample() -> None:
    players = Players(2, NumberedPool())
    players.play(0, Play(10, 7, ("s:0:161",)))
    players.play(1, Play(12, 8, ("s:0:160",)))
    _, ended = run(players, 2, 5)
    assert ended == [(0, Played(12, 8)), (1, Played(10, 7))]


@pytest.mark.parametrize("sounds", [(), ("prompt:en/none",), ("silence:0",)])
def test_a_list_of_nothing_ends_in_the_next_tick_and_names_what_is_missing(sounds: tuple[str, ...]) -> None:
    class Empty(NumberedPool):
        def find(self, sound: str) -> tuple[int, int] | None:
            return None

    players = Players(1, Empty())
    players.play(0, Play(10, 7, sounds))
    heard, ended = run(players, 1, 3)
    missing = tuple(s for s in sounds if s.startswith("prompt"))
    assert ended == [(0, Played(10, 7, missing))]
    assert not heard.any()


def test_stop_is_silent_at_once_and_answers_nothing() -> None:
    players = Players(1, NumberedPool())
    players.play(0, Play(10, 7, ("s:0:800",)))
    run(players, 1, 2)
    players.stop(0)
    heard, ended = run(players, 1, 5)
    assert not heard.any()
    assert ended == []
    assert players.playing(0) is None


def test_a_new_list_takes_the_place_of_the_old_from_its_first_sample() -> None:
    players = Players(1, NumberedPool())
    players.play(0, Play(10, 1, ("s:0:800",)))
    run(players, 1, 1)
    players.play(0, Play(10, 2, ("s:5000:160",)))
    heard, ended = run(players, 1, 1)
    assert heard[0, 0] == 5001
    assert ended == [(0, Played(10, 2))]
