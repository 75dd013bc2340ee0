# SPDX-License-Identifier: GPL-2.0-or-later
"""Erlang B, C and A against printed values; the intervals against chance itself."""

import numpy as np
import pytest

from hw_sim.erlang import blocked_share, erlang_a, erlang_b, erlang_c, mean_interval


@pytest.mark.parametrize(
    ("channels", "erlangs", "share"),
    [
        (1, 1.0, 0.5),
        (2, 1.0, 0.2),
        (5, 1.36, 0.01),
        (10, 4.46, 0.01),
        (30, 20.3, 0.01),
        (30, 21.9, 0.02),
        (30, 24.8, 0.05),
        (90, 74.7, 0.01),
    ],
)
def test_table_of_erlang_b(channels: int, erlangs: float, share: float) -> None:
    """Traffic at 1, 2 and 5 % as every printed table of Erlang B has it."""
    assert erlang_b(erlangs, channels) == pytest.approx(share, rel=0.02)


def test_no_traffic_is_never_blocked_and_much_traffic_nearly_always() -> None:
    assert erlang_b(0, 30) == 0
    assert erlang_b(3000, 30) == pytest.approx(0.99, abs=0.001)


def test_interval_of_independent_calls_holds_the_truth_about_95_times_in_100() -> None:
    random = np.random.default_rng(1)
    shares = [blocked_share(list(random.random(500) < 0.1)) for _ in range(200)]
    assert sum(share.low <= 0.1 <= share.high for share in shares) >= 186


def test_interval_of_clustered_calls_is_wider_than_the_binomial_one() -> None:
    clusters = ([False] * 90 + [True] * 10) * 5 + [False] * 500
    share = blocked_share(clusters)
    assert share.value == pytest.approx(0.05)
    assert share.high - share.low > 1.2 * (share.binomial_high - share.binomial_low)


def test_few_or_no_calls() -> None:
    assert blocked_share([]).high == 1
    share = blocked_share([False] * 20)
    assert (share.value, share.low) == (0, 0)
    assert share.high == pytest.approx(0.16, abs=0.01)  # Wilson, n = 20, none


@pytest.mark.parametrize(
    ("erlangs", "agents", "talk_s", "waits", "wait_s"),
    [
        (1.0, 2, 60, 1 / 3, 20.0),  # by hand
        (10.0, 14, 180, 0.174, 7.8),
        (48.0, 55, 240, 0.239, 8.2),
        (48.0, 50, 60, 0.694, 20.8),
    ],
)
def test_published_values_of_erlang_c(erlangs: float, agents: int, talk_s: float, waits: float, wait_s: float) -> None:
    """200 calls an hour of 3 minutes; 720 of 4 minutes; 48 a minute of 1 minute (Garnett, Mandelbaum, Reiman)."""
    queue = erlang_c(erlangs, agents, talk_s)
    assert queue.waits == pytest.approx(waits, abs=0.0005)
    assert queue.wait_s == pytest.approx(wait_s, abs=0.05)
    blocked = erlang_b(erlangs, agents)
    assert queue.waits == pytest.approx(agents * blocked / (agents - erlangs * (1 - blocked))), "the known relation"
    assert queue.abandons == 0


def test_published_value_of_erlang_a() -> None:
    """48 calls a minute of 1 minute, 50 agents, 2 minutes of patience: the table of Garnett, Mandelbaum and Reiman."""
    queue = erlang_a(48.0, 50, 60, 120)
    assert queue.abandons == pytest.approx(0.031, abs=0.0005)
    assert queue.wait_s == pytest.approx(3.7, abs=0.05)
    assert queue.wait_s * 48 / 60 == pytest.approx(3, abs=0.05)


def test_patience_of_a_talk_makes_all_who_are_there_poisson_and_endless_patience_is_erlang_c() -> None:
    """With equal rates each who is there leaves at one rate, whether served or not: M/M/infinity."""
    queue = erlang_a(30.0, 20, 60, 60)
    assert queue.states[30] == pytest.approx(0.0726, abs=0.0001)
    endless, for_ever = erlang_a(25.0, 30, 60, 1e12), erlang_c(25.0, 30, 60)
    assert (endless.waits, endless.wait_s) == pytest.approx((for_ever.waits, for_ever.wait_s))


def test_more_callers_than_agents_can_serve_have_no_balance_without_patience() -> None:
    with pytest.raises(ValueError, match="grows without end"):
        erlang_c(30.0, 30, 60)
    assert erlang_a(60.0, 30, 60, 60).abandons == pytest.approx(0.5, abs=0.001)


def test_interval_of_a_mean_holds_the_truth_about_95_times_in_100() -> None:
    random = np.random.default_rng(2)
    intervals = [mean_interval(random.normal(3, 2, 8).tolist(), 0.95) for _ in range(400)]
    assert 0.92 < np.mean([low <= 3 <= high for low, high in intervals]) < 0.98
