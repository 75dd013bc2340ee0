# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading the books for people: typed rows. May run on another thread than the writer, on a connection of its own."""

import sqlite3
from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import msgspec

from appliance.contract.duties import DutyRow, DutySlot
from appliance.contract.plans import PlanRow, PlanSwitch
from appliance.contract.quality import QualityState
from appliance.contract.rows import (
    AgentRow,
    CdrRow,
    ChoiceRow,
    LegRow,
    LiveCall,
    QueueRow,
    RecordingRow,
    TroubleRow,
    WaitingRow,
)
from appliance.contract.ticks import seconds
from appliance.contract.views import AgentView, CallView, LegView, Levels, PlanView, QueueView
from appliance.store import board, callbacks, choices, quality
from appliance.store.day import agent_day
from appliance.store.parts import HEARD, parts_of
from appliance.store.search import Search
from appliance.store.shelves import FILE
from appliance.store.totals import OF_AGENTS, OF_DIALLED, OF_QUEUES, of_agent, of_agents
from appliance.store.views import AGENT, QUEUE

R = TypeVar("R")

_CDR = f"SELECT {', '.join(CdrRow.__struct_fields__)} FROM cdr"  # noqa: S608 - names of ours
_RECORDINGS = f"""
SELECT r.recording, r.call, r.leg, {FILE} AS path, r.started_at,
    coalesce(r.samples / 8000.0, ((SELECT last_tick FROM meta) - r.opened) / 50.0) AS length_s,
    c.caller, c.called, {AGENT}, {QUEUE} AS queue,
    r.closed IS NULL AS running, coalesce(r.error, '') AS error, r.rule,
    coalesce(r.deleted, 0) AS deleted_at, r.deleted_by, r.deleted_why
FROM recordings r JOIN calls c ON c.call = r.call
"""  # noqa: S608 - no input in it


_RATED = "EXISTS (SELECT 1 FROM ratings g WHERE g.call = r.call AND g.rating BETWEEN ? AND ?)"
_CAME = (
    "c.caller <> '' AND (SELECT count(*) FROM calls k WHERE k.caller = c.caller"
    " AND +k.started_at >= ? AND +k.started_at < ?) >= ?"
)
_MAX_RATING, _NEVER = 9, 1 << 62
SWITCHES_SHOWN = 10
SILENT = Levels()
_MAX_READ = 1000
"""Troubles that are read to find those of a kind."""


class Reads:
    """Queries to the books."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def cdr(
        self,
        since: int,
        until: int,
        number: str,
        before: int,
        limit: int,
        agent: str = "",
        queue: str = "",
        result: str = "",
    ) -> tuple[CdrRow, ...]:
        """Return call detail records, newest first; arguments as in `api.messages.Cdr`."""
        asked = Search(self._connection, since, until).number(number).agent(agent).queue(queue)
        calls = asked.result(result).before(before).newest(limit)
        if not calls:
            return ()
        return self._rows(CdrRow, f"{_CDR} WHERE call IN ({_listed(calls)}) ORDER BY call DESC", ())

    def recordings(
        self,
        since: int,
        until: int,
        number: str,
        agent: str,
        call: int,
        min_s: float,
        before: int,
        limit: int,
        *,
        caller: str = "",
        called: str = "",
        queue: str = "",
        rule: str = "",
        max_s: float = 0.0,
        qc: QualityState | Literal["none", ""] = "",
        score_min: float = 0.0,
        score_max: float = 100.0,
        rating_min: int = 0,
        rating_max: int = 0,
        least_calls: int = 0,
    ) -> tuple[RecordingRow, ...]:
        """Return recordings, newest first; arguments as in `api.messages.Recordings`."""
        where = _Where().after("r.started_at", since, until).below("r.recording", before).equal("r.call", call)
        where.at_least("length_s", min_s).at_most("length_s", max_s).equal("r.rule", rule)
        if rule:
            where.add("r.rule <> ''", ())  # as the index is for
        if number or agent or caller or called or queue:
            asked = Search(self._connection).number(number).agent(agent).caller(caller).called(called).queue(queue)
            calls = asked.few()
            condition, values = asked.condition()
            where.add(*((condition, values) if calls is None else (f"r.call IN ({_listed(calls)})", ())))
        if agent:
            where.add(HEARD, (agent,))
        if qc or score_min > 0 or score_max < 100:
            where.add(*quality.condition(agent, qc, score_min, score_max))
        if rating_min or rating_max:
            where.add(_RATED, (rating_min, rating_max or _MAX_RATING))
        if least_calls:
            where.add(_CAME, (since, until or _NEVER, least_calls))
        sql = f"{_RECORDINGS} {where.sql} ORDER BY r.recording DESC LIMIT ?"
        rows = self._rows(RecordingRow, sql, (*where.values, limit))
        listed = [row.recording for row in rows]
        parts, marks = parts_of(self._connection, listed), quality.marks(self._connection, listed)
        return tuple(
            msgspec.structs.replace(row, parts=tuple(parts[row.recording]), quality=tuple(marks.get(row.recording, ())))
            for row in rows
        )

    def choices(self, call: int) -> tuple[ChoiceRow, ...]:
        """Return the choices that queues made for a call, oldest first; of a call-back's try, all of that call-back."""
        call = callbacks.asked_in(self._connection, call)
        sql = (
            "SELECT h.call, h.queue, c.started_at + (h.made - c.opened) * 20, h.choice"
            " FROM choices h JOIN calls c ON c.call = h.call WHERE h.call = ? ORDER BY h.number"
        )
        return tuple(
            ChoiceRow(number, queue, at, choices.read(choice))
            for number, queue, at, choice in self._connection.execute(sql, (call,))
        )

    def plans(self, plans: Sequence[PlanView]) -> tuple[PlanRow, ...]:
        """Return time plans with their last changes by hand, newest first."""
        return tuple(PlanRow(**msgspec.structs.asdict(plan), switches=self._switches(plan.plan)) for plan in plans)

    def duties(self, duties: Sequence[DutyRow]) -> tuple[DutyRow, ...]:
        """Return duty lists with the times at which their slots were set, and by whom."""
        return tuple(msgspec.structs.replace(duty, slots=self._slots(duty)) for duty in duties)

    def _slots(self, duty: DutyRow) -> tuple[DutySlot, ...]:
        sql = "SELECT times, started_at, asked_by FROM duty_slots WHERE duty = ?"
        made = {times: (at, by) for times, at, by in self._connection.execute(sql, (duty.duty,))}
        return tuple(
            msgspec.structs.replace(each, at=made[each.when][0], asked_by=made[each.when][1])
            if each.at and each.when in made
            else each
            for each in duty.slots
        )

    def _switches(self, plan: str) -> tuple[PlanSwitch, ...]:
        sql = (
            "SELECT started_at AS at, state, until, extension, asked_by FROM plan_switches"
            " WHERE plan = ? ORDER BY change DESC LIMIT ?"
        )
        return self._rows(PlanSwitch, sql, (plan, SWITCHES_SHOWN))

    def troubles(self, limit: int, since: int = 0, kind: str = "") -> tuple[TroubleRow, ...]:
        """Return troubles, newest first; arguments as in `api.messages.Troubles`."""
        where = _Where().after("started_at", since, 0).equal("kind", kind)
        if since:
            where.add("trouble >= (SELECT min(+trouble) FROM troubles WHERE started_at >= ?)", (since,))
        columns = "trouble, started_at, kind, text, count, msgid, filled"
        sql = f"SELECT {columns} FROM troubles {where.sql} ORDER BY trouble DESC LIMIT ?"  # noqa: S608 - names of ours
        rows = self._connection.execute(sql, (*where.values, limit))
        return tuple(
            TroubleRow(
                trouble=trouble, started_at=at, kind=kind, text=text, count=count, msgid=msgid,
                values=msgspec.json.decode(filled, type=dict[str, str]),
            )
            for trouble, at, kind, text, count, msgid, filled in rows
        )  # fmt: skip

    def troubles_of(self, kind: str, since: int) -> tuple[TroubleRow, ...]:
        """Return the troubles of a kind that were noted since a time (Unix milliseconds), newest first."""
        return self.troubles(_MAX_READ, since, kind)

    def live(self, calls: Sequence[CallView], now: int, levels: Levels = SILENT) -> tuple[LiveCall, ...]:
        """Return the engine's calls with what the books know of them: when they began and on which channels."""
        return tuple(self._live_call(call, now, levels) for call in calls)

    def agents(
        self, agents: Sequence[AgentView], queues: dict[str, tuple[str, ...]], now: int, at: int = 0
    ) -> tuple[AgentRow, ...]:
        """Return the engine's agents with their queues and how often each was rung, answered and dialled.

        `at`: what time it is, Unix milliseconds.
        """
        counts = {agent: numbers for agent, *numbers in self._connection.execute(OF_AGENTS)}
        dialled = {agent: numbers for agent, *numbers in self._connection.execute(OF_DIALLED)}
        today = of_agents(self._connection.cursor(), at)
        return tuple(
            AgentRow(
                agent=view.agent,
                name=view.name,
                extension=view.extension,
                status=view.status,
                state=view.state,
                reason=view.reason,
                state_s=seconds(now - view.since),
                call=view.call,
                queues=queues.get(view.agent, ()),
                offered=counts.get(view.agent, (0, 0))[0],
                answered=counts.get(view.agent, (0, 0))[1],
                wrap_up_code=view.wrap_up_code,
                skills=view.skills,
                wrap_up_left_s=max(0.0, seconds(view.until - now)) if view.until else 0.0,
                today=agent_day(view.agent, today.get(view.agent)),
                dialled=dialled.get(view.agent, (0, 0))[0],
                reached=dialled.get(view.agent, (0, 0))[1],
                locked=view.locked,
            )
            for view in sorted(agents, key=lambda view: view.agent)
        )

    def figures(self, agent: str, at: int) -> dict[str, str]:
        """Return `calls` that an agent answered, and `talk_s` of all, on the local day of a time (Unix ms)."""
        answered, talk = of_agent(self._connection.cursor(), agent, at)
        return {"calls": str(answered), "talk_s": f"{seconds(talk):.1f}"}

    def last_agent(self, caller: str, since: int) -> str:
        """Return the agent who answered last in the newest call of a caller since a time (Unix milliseconds), or ''."""
        sql = (
            "SELECT agent FROM calls INDEXED BY calls_caller WHERE caller = ? AND caller <> '' AND agent <> ''"
            " AND +started_at >= ? ORDER BY call DESC LIMIT 1"
        )
        found = self._connection.execute(sql, (caller, since)).fetchone()
        return found[0] if found else ""

    def queues(self, queues: Sequence[QueueView], now: int) -> tuple[QueueRow, ...]:
        """Return the engine's queues with the callers that wait, since when, and how callers left."""
        counts = {queue: numbers for queue, *numbers in self._connection.execute(OF_QUEUES)}
        waiting = {view.queue: tuple(self._waiting(call, now) for call in view.waiting) for view in queues}
        return tuple(
            QueueRow(
                queue=view.queue,
                waiting=waiting[view.queue],
                colour=board.of_waiting(view.watch, waiting[view.queue]),
                idle=view.idle,
                busy=view.busy,
                signed_in=view.signed_in,
                callbacks=view.callbacks,
                **dict(zip(("entered", "answered", "abandoned"), counts.get(view.queue, (0, 0, 0)), strict=True)),
            )
            for view in sorted(queues, key=lambda view: view.queue)
        )

    def _live_call(self, view: CallView, now: int, levels: Levels) -> LiveCall:
        sql = "SELECT started_at, opened FROM calls WHERE call = ?"
        started_at, opened = self._connection.execute(sql, (view.call,)).fetchone() or (0, now)
        return LiveCall(
            call=view.call,
            started_at=started_at,
            direction=view.direction,
            caller=view.caller.number,
            called=view.called,
            state=view.state,
            state_s=seconds(now - view.since),
            age_s=seconds(now - opened),
            flow=view.flow,
            node=view.node,
            queue=view.queue,
            legs=tuple(self._leg(view.call, leg, levels) for leg in view.legs),
            place=view.place,
            consults=view.consults,
            caller_name=view.caller.name,
        )

    def _leg(self, call: int, view: LegView, levels: Levels) -> LegRow:
        sql = "SELECT span, timeslot FROM seizures WHERE call = ? AND leg = ? AND released IS NULL"
        span, timeslot = self._connection.execute(sql, (call, view.leg)).fetchone() or (0, 0)
        return LegRow(
            leg=view.leg,
            line=view.line,
            role=view.role,
            number=view.number,
            agent=view.agent,
            state=view.state,
            span=span,
            timeslot=timeslot,
            held=view.held,
            level=levels.of.get(view.leg),
            speaking=view.leg in levels.speaking,
        )

    def _waiting(self, call: int, now: int) -> WaitingRow:
        sql = (
            "SELECT caller, entered FROM calls c JOIN queue_entries q ON q.call = c.call"
            " WHERE c.call = ? AND q.left IS NULL"
        )
        caller, entered = self._connection.execute(sql, (call,)).fetchone() or ("", now)
        return WaitingRow(call=call, caller=caller, wait_s=seconds(now - entered))

    def _rows(self, kind: type[R], sql: str, values: tuple[Any, ...]) -> tuple[R, ...]:
        cursor = self._connection.execute(sql, values)
        names = [column[0] for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor]
        return msgspec.convert(rows, tuple[kind, ...], strict=False)  # type: ignore[valid-type]


class _Where:
    """A WHERE clause that grows by the filters that are given."""

    def __init__(self) -> None:
        self._terms: list[str] = []
        self.values: list[Any] = []

    @property
    def sql(self) -> str:
        return "WHERE " + " AND ".join(self._terms) if self._terms else ""

    def after(self, column: str, since: int, until: int) -> "_Where":
        self._add(f"{column} >= ?", since)
        return self._add(f"{column} < ?", until)

    def below(self, column: str, before: int) -> "_Where":
        return self._add(f"{column} < ?", before)

    def equal(self, column: str, value: str | int) -> "_Where":
        return self._add(f"{column} = ?", value)

    def at_least(self, column: str, value: float) -> "_Where":
        return self._add(f"{column} >= ?", value)

    def at_most(self, column: str, value: float) -> "_Where":
        return self._add(f"{column} <= ?", value)

    def add(self, term: str, values: Sequence[Any]) -> None:
        self._terms.append(term)
        self.values += values

    def _add(self, term: str, value: Any) -> "_Where":
        if value:
            self.add(term, (value,))
        return self


def _listed(calls: Sequence[int]) -> str:
    return ",".join(map(str, calls))
