# SPDX-License-Identifier: GPL-2.0-or-later
"""Totals of agents in a period: times by state and by reason of pauses, and wrap-up codes.

A stretch of time in one state is a row of `agent_states`, up to the agent's next row. Rows are written in the order of
time, so the period's first row is found by halving, and each agent's row before it reaches into the period.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final, NamedTuple

from appliance.contract.rows import AgentTotal, CodeTotal, PauseTotal
from appliance.store.search import Search

TICK_MS: Final = 20
_READY: Final = ("idle", "unreachable")


class Stretch(NamedTuple):
    """A stretch of time in which an agent's choice and state were the same, in milliseconds of the period."""

    agent: str
    status: str
    state: str
    reason: str
    ms: int


def agent_totals(connection: sqlite3.Connection, since: int, until: int, agent: str) -> tuple[AgentTotal, ...]:
    """Return the totals of agents who were signed in or set a code; arguments as in `api.messages.AgentTotals`."""
    stretches = defaultdict(list)
    for each in _stretches(connection, since, until, agent):
        stretches[each.agent].append(each)
    codes = _codes(connection, since, until, agent)
    totals = (_total(name, stretches[name], codes[name]) for name in sorted({*stretches, *codes}))
    return tuple(each for each in totals if each.signed_in_s or each.codes)


def _stretches(connection: sqlite3.Connection, since: int, until: int, agent: str) -> Iterator[Stretch]:
    (last_tick,) = connection.execute("SELECT last_tick FROM meta").fetchone()
    sql = (
        "SELECT agent, status, state, reason, started_at,"
        " lead(since, 1, :now) OVER (PARTITION BY agent ORDER BY change) - since FROM agent_states"
        " WHERE (change >= :first OR change IN (SELECT max(change) FROM agent_states WHERE change < :first"
        " GROUP BY agent)) AND (agent = :agent OR :agent = '') ORDER BY agent, change"
    )
    values = {"now": last_tick, "first": _first(connection, since), "agent": agent}
    for name, status, state, reason, at, length in connection.execute(sql, values):
        end = at + length * TICK_MS
        ms = min(end, until or end) - max(at, since)
        if ms > 0:
            yield Stretch(name, status, state, reason, ms)


def _first(connection: sqlite3.Connection, since: int) -> int:
    """Return the number of the first change that was not before a time."""
    bounds = "SELECT coalesce(min(change), 0), coalesce(max(change) + 1, 0) FROM agent_states"
    low, high = connection.execute(bounds).fetchone()
    while low < high:
        middle = (low + high) // 2
        sql = "SELECT change, started_at FROM agent_states WHERE change >= ? ORDER BY change LIMIT 1"
        change, at = connection.execute(sql, (middle,)).fetchone()
        low, high = (low, middle) if at >= since else (change + 1, high)
    return int(low)


def _codes(connection: sqlite3.Connection, since: int, until: int, agent: str) -> dict[str, Counter[str]]:
    condition, values = Search(connection, since, until).condition("w.call")
    coded = "SELECT w.agent, w.name, count(*) FROM wrap_up_codes w JOIN calls c ON c.call = w.call"
    sql = f"{coded} WHERE {condition} AND (w.agent = ? OR ? = '') GROUP BY w.agent, w.name"
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for name, code, calls in connection.execute(sql, (*values, agent, agent)):
        found[name][code] = calls
    return found


def _total(agent: str, stretches: list[Stretch], codes: Counter[str]) -> AgentTotal:
    times: Counter[str] = Counter()
    for each in stretches:
        times[each.state] += each.ms
    return AgentTotal(
        agent=agent,
        signed_in_s=_s(sum(times.values()) - times["signed_out"]),
        ready_s=_s(sum(times[state] for state in _READY)),
        ringing_s=_s(times["offered"]),
        talking_s=_s(times["talking"]),
        wrap_up_s=_s(times["wrap_up"]),
        paused_s=_s(times["paused"]),
        pauses=tuple(_pauses(stretches)),
        codes=tuple(CodeTotal(name=name, calls=calls) for name, calls in sorted(codes.items())),
    )


def _pauses(stretches: Iterable[Stretch]) -> Iterator[PauseTotal]:
    """Count each choice of a pause once, however many calls the phone had in it."""
    pauses: Counter[str] = Counter()
    paused: Counter[str] = Counter()
    for (status, reason), together in groupby(stretches, lambda each: (each.status, each.reason)):
        if status == "paused":
            pauses[reason] += 1
            paused[reason] += sum(each.ms for each in together if each.state == "paused")
    for reason in sorted(pauses):
        yield PauseTotal(reason=reason, pauses=pauses[reason], paused_s=_s(paused[reason]))


def _s(ms: int) -> float:
    return ms / 1000
