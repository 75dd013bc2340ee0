# SPDX-License-Identifier: GPL-2.0-or-later
"""The fabric against a naive matrix: connections follow their legs, and nothing is heard of a leg that is gone."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from appliance.switch.sound.fabric import Fabric

ROWS = 4
LEGS = st.integers(1, 5)
ROOMS = st.integers(-2, -1)
step = st.one_of(
    st.tuples(st.just("place"), LEGS, st.integers(0, ROWS - 1)),
    st.tuples(st.just("remove"), LEGS),
    st.tuples(st.just("hear"), LEGS, st.one_of(LEGS, ROOMS), st.sampled_from([0.0, 0.25, 0.5]), st.booleans()),
    st.tuples(st.just("hear"), ROOMS, LEGS, st.sampled_from([0.0, 0.5, 1.0]), st.booleans()),
)


@given(st.lists(step, max_size=40))
def test_equals_a_dense_matrix_kept_by_hand(steps: list[tuple[Any, ...]]) -> None:
    fabric = Fabric(ROWS)
    rows: dict[int, int] = {}
    gains: dict[tuple[int, int, bool], float] = {}
    for what, *args in steps:
        if what == "place":
            leg, row = args
            if row in rows.values() and rows.get(leg) != row:
                continue  # a card never puts two legs on one row
            fabric.place(leg, row)
            rows[leg] = row
            gains.setdefault((leg, leg, True), 1.0)
        elif what == "remove":
            (leg,) = args
            fabric.remove(leg)
            rows.pop(leg, None)
            gains = {entry: gain for entry, gain in gains.items() if leg not in entry[:2]}
        else:
            listener, leg, gain, played = args
            played = played and leg > 0
            fabric.hear(listener, leg, gain, played=played)
            gains[listener, leg, played] = gain
    fabric.said[:] = np.arange(1, ROWS + 1)[:, None] / 64
    fabric.played[:] = np.arange(1, ROWS + 1)[:, None] / 640
    said = fabric.x.copy()
    for _tick in range(2):  # voices of conferences fade in within one tick
        fabric.x[:] = said
        fabric.mix()
    expected = np.zeros(ROWS)
    for (listener, leg, played), gain in gains.items():
        if listener not in rows:
            continue
        if leg in rows:
            expected[rows[listener]] += gain * (rows[leg] + 1) / (640 if played else 64)
        for (room, speaker, is_played), share in gains.items() if leg < 0 else ():
            if room == leg and speaker in rows and speaker != listener:
                expected[rows[listener]] += gain * share * (rows[speaker] + 1) / (640 if is_played else 64)
    np.testing.assert_allclose(fabric.y[:, 0], expected, rtol=1e-5)
    assert fabric.taken.tolist() == sorted(rows.values())


def test_who_listens_to_a_leg_hears_also_what_it_is_played() -> None:
    fabric = Fabric(2)
    fabric.place(7, 0)
    fabric.place(9, 1)
    fabric.said[0], fabric.played[0], fabric.played[1] = 0.25, 0.125, 0.5
    fabric.hear(9, 7, 1.0)
    fabric.hear(9, 7, 1.0, played=True)
    fabric.hear(9, 9, 0.0, played=True)
    fabric.mix()
    assert fabric.y[:, 0].tolist() == [0.125, 0.375]
    fabric.place(9, 1)  # its row is said again: what it does not want to hear is kept in mind
    fabric.mix()
    assert fabric.y[1, 0] == 0.375


def test_a_row_with_a_leg_hears_its_own_player_and_no_other() -> None:
    fabric = Fabric(3)
    fabric.played[:] = 0.5
    for leg, row in ((7, 1), (8, 2)):
        fabric.place(leg, row)
    fabric.mix()
    assert fabric.y[:, 0].tolist() == [0.0, 0.5, 0.5]
    assert fabric.taken.tolist() == [1, 2]
    fabric.remove(8)
    fabric.mix()
    assert fabric.y[:, 0].tolist() == [0.0, 0.5, 0.0]
    fabric.remove(7)
    fabric.mix()
    assert not fabric.y.any()


def test_a_sum_beyond_full_scale_is_limited() -> None:
    fabric = Fabric(3)
    for leg in (1, 2, 3):
        fabric.place(leg, leg - 1)
    fabric.hear(1, 2, 1.0)
    fabric.hear(1, 3, 1.0)
    fabric.said[1:] = 0.9
    fabric.mix()
    assert np.abs(fabric.y).max() <= 1.0
