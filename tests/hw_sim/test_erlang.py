# SPDX-License-Identifier: GPL-2.0-or-later
"""Erlang B against the printed tables; the interval against chance itself."""

import numpy as np
import pytest

from hw_sim.erlang import blocked_share, erlang_b


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
