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
from appliance.contract.ticks import TICKS_PER_S
from appliance.store.search import Search

TICK_MS: Final = 20
_DIALLED: Final = """
SELECT agent, count(*), sum(reached), sum(talk) FROM (
    SELECT DISTINCT l.agent, l.call, c.answered IS NOT NULL AS reached,
        (SELECT coalesce(sum(s.closed - s.opened), 0) FROM segments s WHERE s.call = l.call AND s.kind = 'talk'
            AND EXISTS (SELECT 1 FROM json_each(s.legs) j JOIN legs k ON k.call = s.call AND k.leg = j.value
                WHERE +k.agent = l.agent)) AS talk
    FROM legs l JOIN calls c ON c.call = l.call
    WHERE {} AND (l.agent = ? OR ? = '') AND l.agent <> '' AND +l.role = 'caller' AND c.direction = 'out'
) GROUP BY agent
"""
_READY: Final = ("idle", "unreachable")


class Stretch(NamedTuple):
    """A stretch of time in which an agent's choice and state were the same, in milliseconds of the period."""

    agent: str
    status: str
    state: str
    reason: str
    ms: int


class Dialled(NamedTuple):
    """Calls to the outside that an agent dialled, those that were answered, and the talk of them in seconds."""

    calls: int = 0
    reached: int = 0
    talk_s: float = 0.0


_NONE: Final = Dialled()


def agent_totals(connection: sqlite3.Connection, since: int, until: int, agent: str) -> tuple[AgentTotal, ...]:
    """Return the totals of agents who did something; arguments as in `api.messages.AgentTotals`."""
    stretches = defaultdict(list)
    for each in _stretches(connection, since, until, agent):
        stretches[each.agent].append(each)
    codes, dialled = _codes(connection, since, until, agent), _dialled(connection, since, until, agent)
    names = sorted({*stretches, *codes, *dialled})
    totals = (_total(name, stretches[name], codes[name], dialled.get(name, _NONE)) for name in names)
    return tuple(each for each in totals if each.signed_in_s or each.codes or each.dialled)


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


def _dialled(connection: sqlite3.Connection, since: int, until: int, agent: str) -> dict[str, Dialled]:
    """Return the calls to the outside that agents dialled."""
    condition, values = Search(connection, since, until).condition("l.call")
    found = connection.execute(_DIALLED.format(condition), (*values, agent, agent))
    return {name: Dialled(calls, reached, talk / TICKS_PER_S) for name, calls, reached, talk in found}


def _total(agent: str, stretches: list[Stretch], codes: Counter[str], dialled: Dialled) -> AgentTotal:
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
        dialled=dialled.calls,
        reached=dialled.reached,
        dialled_talk_s=dialled.talk_s,
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
