# SPDX-License-Identifier: GPL-2.0-or-later
"""The choice of the loudest voices: who is heard, when that changes, and that it changes no level."""

import numpy as np

from dsp.levels import Float
from dsp.loudest import Loudest


def voices(*levels: float) -> Float:
    """Return one tick of steady voices of these levels."""
    return np.tile(np.array(levels, np.float32)[:, None], (1, 160))


def through(choice: Loudest, said: Float) -> Float:
    """Return what goes through of a tick."""
    heard, course = choice.choose(np.vecdot(said, said) / np.float32(160))
    sound = np.zeros_like(said)
    sound[heard] = said[heard] if course is None else said[heard] * course
    return sound


def group(*sizes: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.intp]]":
    return np.repeat(np.arange(len(sizes)), sizes)


def test_voices_that_are_few_go_through_as_they_are() -> None:
    choice, said = Loudest(group(3), 3), voices(0.1, 0.0, 0.2)
    through(choice, said.copy())
    np.testing.assert_array_equal(through(choice, said.copy()), said)


def test_of_each_group_the_loudest_go_through() -> None:
    choice = Loudest(group(4, 2), 2)
    said = voices(0.1, 0.3, 0.05, 0.2, 0.01, 0.02)
    for _ in range(20):
        heard = through(choice, said.copy())
    np.testing.assert_array_equal(heard[:, 0], np.array([0, 0.3, 0, 0.2, 0.01, 0.02], np.float32))


def test_a_voice_keeps_its_place_in_a_pause_between_words_and_loses_it_to_a_louder_one() -> None:
    choice = Loudest(group(3), 2)
    for _ in range(50):
        through(choice, voices(0.2, 0.2, 0.05))
    for _ in range(10):  # a pause of 200 ms: the level that counts falls by 5 dB
        through(choice, voices(0.0, 0.2, 0.05))
    assert choice.open.tolist() == [1, 1, 0]
    for _ in range(40):
        through(choice, voices(0.0, 0.2, 0.05))
    assert choice.open.tolist() == [0, 1, 1]


def test_equal_voices_and_small_differences_change_nothing() -> None:
    choice = Loudest(group(60), 8)
    rng = np.random.default_rng(1)
    for _ in range(50):
        through(choice, voices(*[0.1] * 60))
    chosen = choice.open.copy()
    assert chosen.sum() == 8
    for _ in range(500):  # 3 dB up and down
        through(choice, voices(*(0.1 * 10 ** (rng.uniform(-1.5, 1.5, 60) / 20))))
        np.testing.assert_array_equal(choice.open, chosen)


def test_one_click_takes_no_place() -> None:
    choice = Loudest(group(2), 1)
    for _ in range(50):
        through(choice, voices(0.1, 0.0))
    click = voices(0.1, 0.0)
    click[1, :4] = 0.9
    through(choice, click)
    assert choice.open.tolist() == [1, 0]


def test_a_change_fades_within_its_tick() -> None:
    choice = Loudest(group(2), 1)
    for _ in range(50):
        through(choice, voices(0.01, 0.0))
    sound = np.concatenate([through(choice, voices(0.01, 0.5)).sum(axis=0) for _ in range(3)])
    assert np.abs(np.diff(sound)).max() < 0.5 / 100, "no step"
    assert sound[-1] == 0.5
