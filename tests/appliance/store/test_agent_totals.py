# SPDX-License-Identifier: GPL-2.0-or-later
"""Totals of agents: times by state and by reason of pauses, wrap-up codes, in any period."""

from collections.abc import Iterator

import pytest

from appliance.contract import records as r
from appliance.contract.rows import AgentTotal, CodeTotal, PauseTotal
from appliance.store.agent_totals import agent_totals
from appliance.store.ledger import Ledger
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

DAY: tuple[tuple[int, r.AgentStatus, r.AgentState, str], ...] = (
    (0, "ready", "idle", ""),
    (100, "ready", "offered", ""),
    (110, "ready", "talking", ""),
    (170, "paused", "talking", "break"),
    (200, "paused", "paused", "break"),
    (260, "paused", "talking", "break"),  # the phone is in another call
    (270, "paused", "paused", "break"),
    (300, "paused", "paused", "meal"),
    (400, "ready", "unreachable", ""),
    (410, "ready", "wrap_up", ""),
    (440, "paused", "paused", "break"),
    (450, "signed_out", "signed_out", ""),
)
"""Second, choice, state, reason."""


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        events: list[tuple[int, list[r.AnyRecord]]] = [
            (at * 50, [r.AgentChanged("8001", status, state, reason)]) for at, status, state, reason in DAY
        ]
        other: list[r.AnyRecord] = [r.AgentChanged("8002", "ready", "idle")]
        enter(store, [(0, other), *events, (500 * 50, [r.AgentChanged("8003", "signed_out", "signed_out")])])
        yield store


def of(store: Store, agent: str, since_s: int = 0, until_s: int = 0) -> AgentTotal:
    since, until = (EPOCH_MS + each * 1000 if each else 0 for each in (since_s, until_s))
    (total,) = agent_totals(store.reader(), since, until, agent)
    return total


def test_times_are_those_of_the_states(store: Store) -> None:
    total = of(store, "8001")
    assert total.signed_in_s == 450
    assert (total.ready_s, total.ringing_s, total.talking_s) == (110, 10, 100)
    assert (total.wrap_up_s, total.paused_s) == (30, 200)


def test_a_pause_counts_once_and_for_its_reason_alone(store: Store) -> None:
    assert of(store, "8001").pauses == (
        PauseTotal(reason="break", pauses=2, paused_s=100),
        PauseTotal(reason="meal", pauses=1, paused_s=100),
    )


@pytest.mark.parametrize(("since", "until", "paused"), [(0, 250, 50), (250, 0, 150), (210, 230, 20), (350, 500, 60)])
def test_what_reaches_into_a_period_counts_for_its_part(store: Store, since: int, until: int, paused: float) -> None:
    assert of(store, "8001", since, until).paused_s == paused


def test_the_parts_of_a_day_add_up(store: Store) -> None:
    parts = [of(store, "8002", *period) for period in ((0, 100), (100, 333), (333, 0))]
    assert [each.signed_in_s for each in parts] == [100, 233, 167]
    assert sum(each.ready_s for each in parts) == of(store, "8002").ready_s == 500, "it is idle up to now"


def test_agents_who_were_not_there_are_left_out(store: Store) -> None:
    assert [each.agent for each in agent_totals(store.reader(), 0, 0, "")] == ["8001", "8002"]
    assert agent_totals(store.reader(), 0, 0, "8003") == ()


def test_empty_books_have_no_totals() -> None:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        assert agent_totals(store.reader(), EPOCH_MS, 0, "") == ()


def test_wrap_up_codes_are_counted_by_name_and_the_last_one_of_a_call_counts() -> None:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq = 0
        for n, codes in enumerate((("1", "2"), ("2",), ("1",), ()), 1):
            start = n * 3000
            coded: list[r.AnyRecord] = [r.WrapUpCoded(n, "8001", key, {"1": "sold", "2": "no"}[key]) for key in codes]
            seq = enter(
                store, [*queue_call(n, start), *((start + 2301 + at, [each]) for at, each in enumerate(coded))], seq
            )
        (total,) = agent_totals(store.reader(), 0, 0, "")
        assert total.codes == (CodeTotal(name="no", calls=2), CodeTotal(name="sold", calls=1))
        (later,) = agent_totals(store.reader(), EPOCH_MS + 60_001, 0, "")
        assert later.codes == (CodeTotal(name="no", calls=1), CodeTotal(name="sold", calls=1))
        assert [row.wrap_up_code for row in Reads(store.reader()).cdr(0, 0, "", 0, 9)] == ["", "sold", "no", "no"]
        assert Ledger(store.reader(), None, "none").check().balanced
        seq = enter(store, [(20_000, [r.WrapUpCoded(4, "8002", "1", "sold")])], seq)
        assert Ledger(store.reader(), None, "none").check().found == {"code_without_talk": 1}
