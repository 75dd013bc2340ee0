# SPDX-License-Identifier: GPL-2.0-or-later
"""The tick clock on a time that the test moves."""

import logging

import pytest

from drivers.clock import TickClock


class Time:
    """Monotonic time that only moves by `sleep` or by the test."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("ppm", [0, 200, -200])
def test_never_drifts_and_runs_fast_or_slow_as_told(ppm: float) -> None:
    time = Time()
    clock = TickClock(time.monotonic, time.sleep, ppm=ppm)
    ticks = 0
    for step in range(50_000):  # 1000 s of ticks, with work of 0 to 15 ms in between
        ticks += clock.wait()
        time.now += step % 16 * 0.001
    assert time.now - 1000.0 == pytest.approx(ticks * 0.02 / (1 + ppm * 1e-6), abs=0.02)
    assert clock.late == 0


def test_a_sleep_that_wakes_early_is_slept_again() -> None:
    time = Time()
    clock = TickClock(time.monotonic, lambda seconds: time.sleep(seconds * 0.9))
    assert clock.wait() == 1
    assert time.now >= 1000.02 - 1e-9


def test_late_ticks_are_told_and_counted() -> None:
    time = Time()
    clock = TickClock(time.monotonic, time.sleep)
    time.now += 0.11
    assert clock.wait() == 5
    assert clock.late == 4
    assert clock.wait() == 1
    assert time.now == pytest.approx(1000.12)


def test_a_long_stall_is_skipped_and_said(caplog: pytest.LogCaptureFixture) -> None:
    time = Time()
    clock = TickClock(time.monotonic, time.sleep)
    time.now += 10.0
    with caplog.at_level(logging.WARNING):
        assert clock.wait() == 1
    assert clock.skipped == 499
    assert "499 ticks are given up" in caplog.text
    assert clock.wait() == 1
    assert time.now == pytest.approx(1010.02)
