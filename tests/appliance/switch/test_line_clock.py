# SPDX-License-Identifier: GPL-2.0-or-later
"""The line clock on made-up time: it follows the line, never waits for a dead one, and counts late ticks."""

from collections.abc import Callable

import pytest

from appliance.switch.lines.clock import LineClock
from drivers.span import TICK_S, Alarm


class Time:
    """Monotonic time that passes only in `sleep` and in waiting."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


class TickingLine:
    """As much of a span as the clock sees: ticks arrive at given moments, or never."""

    def __init__(self, time: Time, arrival: Callable[[int], float]) -> None:
        self.alarms = Alarm.NONE
        self._time, self._arrival, self._next = time, arrival, 0

    def wait(self, timeout_s: float) -> bool:
        arrives = self._arrival(self._next)
        if arrives <= self._time.now + timeout_s:
            self._time.now = max(self._time.now, arrives)
            self._next += 1
            return True
        self._time.now += timeout_s
        return False


def make(arrival: Callable[[int], float]) -> tuple[LineClock, Time, TickingLine]:
    time = Time()
    line = TickingLine(time, arrival)
    return LineClock([line], time.monotonic, time.sleep), time, line  # type: ignore[list-item]


@pytest.mark.parametrize("ppm", [-200, 0, 200])
def test_follows_the_line_not_our_crystal(ppm: float) -> None:
    clock, time, _ = make(lambda n: 100 + (n + 1) * TICK_S * (1 + ppm / 1e6))
    for _ in range(10_000):
        clock.wait()
    assert time.now - 100 == pytest.approx(200 * (1 + ppm / 1e6), abs=1e-6)
    assert clock.late == 0


def test_jitter_neither_adds_ticks_nor_loses_any() -> None:
    clock, time, _ = make(lambda n: 100 + (n + 1) * TICK_S + (0.02 if n % 3 == 0 else 0))
    for _ in range(1000):
        clock.wait()
    assert time.now - 100 == pytest.approx(20, abs=0.03)


def test_a_line_that_stops_costs_no_tick() -> None:
    clock, time, line = make(lambda n: 100 + (n + 1) * TICK_S if n < 50 else float("inf"))
    for _ in range(100):
        clock.wait()
    assert time.now - 100 == pytest.approx(2.0, abs=0.05)
    line.alarms = Alarm.RED
    for _ in range(100):
        clock.wait()
    assert time.now - 100 == pytest.approx(4.0, abs=0.06)
    assert clock.late == 0


def test_a_tick_that_took_too_long_makes_the_next_one_late_once() -> None:
    time = Time()
    clock = LineClock([], time.monotonic, time.sleep)
    for _ in range(5):
        clock.wait()
    time.now += 0.5
    for _ in range(5):
        clock.wait()
    assert clock.late == 1
