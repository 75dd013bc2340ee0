# SPDX-License-Identifier: GPL-2.0-or-later
"""Timers fire in order, once, and never after they were cancelled; cancelled ones do not pile up."""

import random

from appliance.engine.parts.timers import MAX_CANCELLED, NEVER, Timers


def test_order_and_cancel() -> None:
    timers, fired = Timers(), list[str]()
    timers.start(20, lambda: fired.append("b"))
    gone = timers.start(5, lambda: fired.append("gone"))
    timers.start(10, lambda: fired.append("a"))
    timers.start(20, lambda: fired.append("c"))
    timers.cancel(gone)
    timers.cancel(gone)
    timers.cancel(None)
    assert (timers.first, len(timers)) == (10, 3)
    timers.fire(9)
    assert not fired
    timers.fire(20)
    assert fired == ["a", "b", "c"]
    assert (timers.first, len(timers)) == (NEVER, 0)


def test_what_an_action_starts_for_now_fires_now() -> None:
    timers, fired = Timers(), list[int]()

    def first() -> None:
        timers.start(5, lambda: fired.append(1))

    timers.start(5, first)
    timers.fire(5)
    assert fired == [1]


def test_against_a_naive_twin() -> None:
    rng, timers, twin = random.Random(7), Timers(), dict[int, int]()
    fired: list[int] = []
    started = {}
    for name in range(5000):
        twin[name] = rng.randrange(100_000)
        started[name] = timers.start(twin[name], lambda name=name: fired.append(name))  # type: ignore[misc]
        if rng.random() < 0.8:
            victim = rng.choice(list(twin))
            timers.cancel(started[victim])
            del twin[victim]
    assert len(timers) == len(twin)
    assert len(timers._heap) < 2 * len(twin) + 2 * MAX_CANCELLED
    timers.fire(100_000)
    assert fired == sorted(twin, key=lambda name: (twin[name], name))
