# SPDX-License-Identifier: GPL-2.0-or-later
"""Rows that should talk and show no sign of life are asked, and found after the limit, not before, and no others."""

import numpy as np

from appliance.contract.ticks import TICKS_PER_S
from appliance.switch.lines.sip.silence import SilenceWatch, Silent


def look(watch: SilenceWatch, second: int, alive: list[int], talking: list[bool]) -> Silent:
    now = second * TICKS_PER_S
    assert watch.due(now)
    return watch.look(now, np.array(alive, np.uint32), np.array(talking))


def test_only_the_row_that_fell_silent_while_talking_is_gone() -> None:
    watch = SilenceWatch(3, 30.0)
    for second in range(10, 100):
        alive = [min(second, 50), min(second, 50), second]  # rows 0 and 1 fall silent at 50 s, row 1 is on hold
        found = look(watch, second, alive, [True, False, True])
        assert found.gone == ([0] if second >= 80 else []), second
        assert found.asked == ([0] if 65 <= second < 80 else []), second


def test_a_row_that_answers_when_it_is_asked_is_never_gone() -> None:
    watch = SilenceWatch(1, 30.0)
    answers = 0
    for second in range(600):
        found = look(watch, second, [answers], [True])
        assert not found.gone
        answers += bool(found.asked)
    assert answers == 600 // 16


def test_a_row_begins_anew_when_its_phone_comes_back_from_hold() -> None:
    watch = SilenceWatch(1, 30.0)
    assert look(watch, 1, [7], [True]).gone == []
    assert look(watch, 20, [7], [False]).gone == []
    assert look(watch, 49, [7], [True]).gone == []
    assert look(watch, 50, [7], [True]).gone == [0]


def test_without_a_limit_nobody_looks() -> None:
    assert not SilenceWatch(1, 0.0).due(0)
    assert not SilenceWatch(1, 30.0).due(1)
