# SPDX-License-Identifier: GPL-2.0-or-later
"""Conferences in the switch: sixty parties, each a tone of its own; what each hears, and how loud."""

from typing import Final

import numpy as np
import pytest

from appliance.contract.switch import Gain
from appliance.switch.sound.fabric import Fabric
from appliance.switch.sound.rooms import LOUDEST
from dsp.levels import Float, level_dbm0

PARTIES: Final = 60
ROOM: Final = -17
LEVEL: Final = -26.0
SECOND: Final = 50
HZ: Final = 300 + 50 * np.arange(PARTIES)
"""Tones of a whole number of periods in a tick: they do not disturb each other's measurement."""


class House:
    """A fabric with a conference of sixty; leg n is on row n - 1 and says tone n - 1."""

    def __init__(self, rows: int = PARTIES) -> None:
        self.fabric = Fabric(rows)
        self.now = 0
        self.level_dbm0 = np.full(rows, LEVEL)
        self.entries: dict[tuple[int, int], float] = {}
        for leg in range(1, rows + 1):
            self.fabric.place(leg, leg - 1)

    def change(self, *gains: Gain) -> None:
        for each in gains:
            self.fabric.hear(each.listener, each.leg, each.gain, played=each.played)

    def join(self, *legs: int, speaks: bool = True) -> None:
        self.change(*[Gain(leg, ROOM) for leg in legs])
        if speaks:
            self.change(*[Gain(ROOM, leg) for leg in legs])

    def hear(self, ticks: int) -> Float:
        """Return what all hear [rows, samples]."""
        heard = []
        for _ in range(ticks):
            t = (self.now * 160 + np.arange(160)) / 8000
            peak = (10 ** ((self.level_dbm0 - 3.14) / 20)).astype(np.float32)
            self.fabric.said[:] = peak[:, None] * np.sin(2 * np.pi * HZ[: self.fabric.rows, None] * t)
            self.fabric.mix(np.zeros(0, np.intp))
            heard.append(self.fabric.y.copy())
            self.now += 1
        return np.concatenate(heard, axis=1)


def tones(heard: Float) -> Float:
    """Return the level of each tone in each row, in dBm0 [rows, tones]."""
    t = np.arange(heard.shape[1]) / 8000
    amplitude = 2 * np.abs(heard @ np.exp(-2j * np.pi * HZ[:, None] * t).T) / heard.shape[1]
    levels: Float = 20 * np.log10(np.maximum(amplitude, 1e-9)) + 3.14
    return levels


def test_of_sixty_the_eight_loudest_are_heard_by_all_without_themselves_within_a_decibel() -> None:
    house = House()
    house.join(*range(1, PARTIES + 1))
    loud = np.arange(3, 59, 7)
    house.level_dbm0[loud] = LEVEL + 10
    house.hear(SECOND)
    levels = tones(house.hear(SECOND))
    assert len(loud) == LOUDEST
    for listener in range(PARTIES):
        for speaker in range(PARTIES):
            if speaker in loud and speaker != listener:
                assert levels[listener, speaker] == pytest.approx(LEVEL + 10, abs=1), (listener, speaker)
            else:
                assert levels[listener, speaker] < LEVEL - 30, (listener, speaker)


def test_all_who_do_not_speak_hear_the_very_same() -> None:
    house = House()
    house.join(*range(1, 5))
    house.join(*range(5, PARTIES + 1), speaks=False)
    heard = house.hear(10)
    assert heard[10].any()
    np.testing.assert_array_equal(heard[4:], np.broadcast_to(heard[4], heard[4:].shape))


def test_sixty_who_talk_at_the_same_level_for_a_minute_change_no_speaker_and_leave_no_gap() -> None:
    house = House()
    house.join(*range(1, PARTIES + 1))
    house.hear(5)
    first = tones(house.hear(SECOND // 10)) > LEVEL - 3
    for _ in range(60):
        heard = house.hear(SECOND)
        tick_levels = np.sqrt((heard.reshape(PARTIES, SECOND, 160) ** 2).mean(axis=2))
        assert tick_levels.min() > 0.5 * tick_levels.max(), "a tick that lacks sound"
    np.testing.assert_array_equal(tones(house.hear(SECOND)) > LEVEL - 3, first)
    chosen = first.any(axis=0)
    assert chosen.sum() == LOUDEST
    np.testing.assert_array_equal(first, chosen & ~np.eye(PARTIES, dtype=bool))


def test_who_comes_and_goes_is_heard_at_once_and_the_others_without_a_gap() -> None:
    house = House()
    house.join(1, 2, 3)
    house.hear(5)
    for leg in range(4, 9):
        house.join(leg)
        house.hear(1)
        levels = tones(house.hear(5))
        assert levels[0, leg - 1] == pytest.approx(LEVEL, abs=1)
        assert levels[0, 1] == pytest.approx(LEVEL, abs=1)
    house.fabric.remove(2)
    levels = tones(house.hear(5))
    assert levels[0, 1] < LEVEL - 30
    assert levels[0, 2] == pytest.approx(LEVEL, abs=1)
    assert level_dbm0(house.hear(5)[1]) < -60, "one that is gone hears nothing"


def test_two_conferences_and_a_talk_keep_apart() -> None:
    house = House(12)
    house.join(1, 2, 3)
    house.change(*[Gain(leg, -99) for leg in (4, 5, 6)], *[Gain(-99, leg) for leg in (4, 5, 6)])
    house.change(Gain(7, 8), Gain(8, 7))
    house.hear(5)
    heard = tones(house.hear(SECOND // 10))[:, :12] > LEVEL - 3
    wanted = np.zeros((12, 12), bool)
    for a, b in ((0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5), (6, 7)):
        wanted[a, b] = wanted[b, a] = True
    np.testing.assert_array_equal(heard, wanted)


def test_what_a_member_is_played_is_heard_by_all_once_whatever_voices_are_loudest() -> None:
    house = House(20)
    house.join(*range(1, 21))
    house.hear(20)
    house.change(Gain(ROOM, 5, played=True))
    house.fabric.played[4] = 0.25
    mean = house.hear(5).mean(axis=1)
    np.testing.assert_allclose(mean, 0.25, atol=1e-3)
    house.change(Gain(ROOM, 5, 0.0, played=True))
    mean = house.hear(5).mean(axis=1)
    np.testing.assert_allclose(mean, np.where(np.arange(20) == 4, 0.25, 0), atol=1e-3)


def test_a_line_in_which_a_key_sounds_is_silent_to_the_conference() -> None:
    house = House(3)
    house.join(1, 2, 3)
    house.hear(3)
    house.fabric.said[:] = 0.1
    house.fabric.mix(np.array([1]))
    np.testing.assert_allclose(house.fabric.y[:, 80], [0.1, 0.2, 0.1], atol=1e-6)


def test_rooms_that_are_left_give_their_place_to_others() -> None:
    house = House(4)
    for room in range(-100, 0):
        house.change(Gain(1, room), Gain(room, 1), Gain(2, room), Gain(room, 2))
        house.hear(3)
        assert tones(house.hear(5))[0, 1] == pytest.approx(LEVEL, abs=1)
        house.change(Gain(1, room, 0.0), Gain(room, 1, 0.0), Gain(room, 2, 0.0), Gain(2, room, 0.0))
    house.join(3, 4)
    house.fabric.remove(3)
    house.fabric.remove(4)
    assert not house.fabric._rooms._at
