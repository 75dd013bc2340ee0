# SPDX-License-Identifier: GPL-2.0-or-later
"""Random walks with many supervisors: they do everything, and every call stays whole."""

from collections import Counter

from tests.appliance.engine import supervising
from tests.appliance.engine.test_walk import Walk


def test_supervisors_do_everything_and_the_books_balance() -> None:
    done: Counter[str] = Counter()
    for seed in range(1, 9):  # agents sign out in time, and rare acts come late
        walk = Walk(seed)
        for _ in range(5000):
            walk.turn()
            if walk.rng.random() < 0.1:
                walk.any_phone()
            if walk.rng.random() < 0.3:
                supervising.happens(walk)
            if walk.rng.random() < 0.02:
                walk.people_ask()
        walk.finish()
        walk.audit.idle()
        done += walk.audit.counts
        if seed > 1 and all(done[act] for act in supervising.ACTS):
            return
    assert {act for act in supervising.ACTS if done[act]} == supervising.ACTS
