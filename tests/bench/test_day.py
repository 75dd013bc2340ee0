# SPDX-License-Identifier: GPL-2.0-or-later
"""Days of 3,000 callers: the box serves them as the plain queue does, one by one, and that one is as theory says."""

import random
from statistics import fmean

import pytest

from tests.bench import day
from tests.bench.day_callers import Caller, Traffic, Wait, first_come_first_served


def test_the_plain_queue_serves_in_order_and_loses_those_without_patience() -> None:
    callers = [Caller(0, "1", 100, 999), Caller(10, "1", 20, 999), Caller(20, "1", 50, 31), Caller(30, "1", 50, 999)]
    one = first_come_first_served(callers, 1)
    assert one == [Wait(0, served=True), Wait(90, served=True), Wait(31, served=False), Wait(90, served=True)]
    assert [wait.ticks for wait in first_come_first_served(callers, 2)] == [0, 0, 10, 50]


@pytest.mark.parametrize("traffic", [day.PATIENT, day.IMPATIENT])
def test_the_plain_queue_is_the_queue_of_theory(traffic: Traffic) -> None:
    days = []
    for seed in range(100):
        rng = random.Random(seed)
        there = traffic.there(rng)
        days.append(first_come_first_served(there + traffic.arriving(rng), traffic.agents)[len(there) :])
    theory = traffic.theory()
    means = [
        day.Mean("wait", tuple(day.mean_s(each) for each in days), theory.wait_s),
        day.Mean("waits", tuple(fmean([wait.ticks > 0 for wait in each]) for each in days), theory.waits),
        day.Mean("abandons", tuple(fmean([not wait.served for wait in each]) for each in days), theory.abandons),
    ]
    for mean in means if traffic.patience_s else means[:2]:
        low, high = mean.interval
        assert mean.good, mean
        assert high - low < 0.4 * mean.theory, "an interval that holds everything shows nothing"


@pytest.mark.parametrize("traffic", [day.PATIENT, day.IMPATIENT])
def test_each_caller_of_a_day_waits_in_the_box_as_long_as_in_the_plain_queue(traffic: Traffic) -> None:
    served = day.serve(traffic, day.settings([()] * traffic.agents), day.flows(needs=False), seed=2)
    assert len(served.seen) == len(served.callers) > 3000
    assert served.strays(first_come_first_served(served.callers, traffic.agents)) == 0
    assert (served.findings, served.up) == ({}, 0)
    result = day.Result([served])
    assert len(result.errors) > 100
    assert result.found == [], "also the forecasts"
    assert served.strays(first_come_first_served(served.callers, traffic.agents - 1)) > 100


def test_callers_who_are_called_back_are_served_in_order_as_if_they_had_stayed_on_the_line() -> None:
    traffic = day.CALLED_BACK
    served = day.serve(traffic, day.settings([()] * traffic.agents), day.flows(needs=False), seed=1)
    assert served.strays(first_come_first_served(served.callers, traffic.agents)) == 0
    assert sum(each.called_back for each in served.seen) > 100
    assert all(each.wait.served for each in served.seen)
    assert (served.findings, served.up) == ({}, 0)


def test_callers_with_skills_wait_longer_than_for_any_agent_and_shorter_than_for_divided_ones() -> None:
    result = day.with_skills(day.SKILLED, [3])
    assert result.found == []
    low, wait, high = result.between
    assert low < wait < high
