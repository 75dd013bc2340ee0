# SPDX-License-Identifier: GPL-2.0-or-later
"""The next caller of the queues, and the agent for it."""

from collections.abc import Iterable

from appliance.engine.parts.entries import Entry
from appliance.engine.parts.queues import Queue, make, next_match
from tests.appliance.engine.box import config


def chance() -> float:
    return 0.0


def _next(queues: Iterable[Queue]) -> tuple[Entry, str]:
    match = next_match(queues, 0, chance)
    assert match is not None
    (agent,) = match[1].chosen
    return match[0], agent


def _wait(queue: Queue, number: int) -> Entry:
    entry = Entry(number, number)
    queue.entries[number] = entry
    return entry


def test_first_come_first_served_by_who_is_idle_longest() -> None:
    agents, queues = make(config())
    sales, service = queues["sales"], queues["service"]
    assert next_match(queues.values(), 0, chance) is None
    late, early = _wait(sales, 2), _wait(service, 1)
    assert _next(queues.values()) == (early, "102")
    early.offered = True
    assert _next(queues.values()) == (late, "101")
    for state in ("paused", "idle"):
        agents["101"].state = state
        sales.note(agents["101"])
    assert _next([sales]) == (late, "102"), "101 came back last"


def test_place_in_the_queue_survives_an_offer() -> None:
    _, queues = make(config())
    first, second = _wait(queues["sales"], 1), _wait(queues["sales"], 2)
    first.offered = True
    assert queues["sales"].head(0) is second
    first.offered = False
    assert queues["sales"].head(0) is first
    assert [queues["sales"].position(entry) for entry in (first, second)] == [1, 2]


def test_nobody_idle_nobody_waiting() -> None:
    agents, queues = make(config(agent=[{"number": "101", "extension": "8001"}]))
    assert agents["101"].state == "signed_out"
    assert not queues["sales"].anyone_signed_in()
    _wait(queues["sales"], 1)
    assert next_match(queues.values(), 0, chance) is None
