# SPDX-License-Identifier: GPL-2.0-or-later
"""The engine: events in, commands, records and asks out. No I/O, no clock: the same events give the same books.

Time is `now`, in ticks of box time. The shell sends the commands of a step after its records are stored.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Final

import msgspec

from appliance import numbering
from appliance.api.messages import (
    CallIntoConference,
    CancelCallBack,
    ChangeConference,
    ChangeMessage,
    ChangeTalk,
    HangUp,
    MoveWaiting,
    Originate,
    PlayMessage,
    PlayPrompt,
    PlayRecording,
    RecordCall,
    RecordPrompt,
    ReleaseTalk,
    SetAgent,
    SetDuty,
    SetPhone,
    SetPlan,
    SetPriority,
    SetWrapUpCode,
    Supervise,
    TakeOut,
    TransferTalk,
)
from appliance.bugs import Guard
from appliance.config.model import BoxConfig
from appliance.contract.asks import AnyAnswer, AnyAsk
from appliance.contract.books import OpenBooks
from appliance.contract.desk import DeskView
from appliance.contract.directory import DirectoryRow
from appliance.contract.duties import DutyRow
from appliance.contract.edge import AnyEdgeCommand, Presence
from appliance.contract.errors import ApplianceError
from appliance.contract.records import AnyRecord, Setting
from appliance.contract.routes import Leads
from appliance.contract.switch import AnyCommand, AnyEvent
from appliance.contract.views import AgentView, CallView, ConferenceView, PhoneView, PlanView, QueueView
from appliance.engine import presence, restart, table
from appliance.engine.bulkhead import SWITCH_GONE, Bulkhead
from appliance.engine.directory import desk_view, directory
from appliance.engine.events import HANDLERS
from appliance.engine.explain import explain
from appliance.engine.look import (
    agent_view,
    call_view,
    conference_views,
    duty_row,
    phone_views,
    plan_view,
    queue_view,
)
from appliance.engine.parts import manning, mix, staffing, tries
from appliance.engine.parts.board import Board
from appliance.engine.parts.settings import settings_of
from appliance.engine.parts.timers import NEVER
from appliance.engine.requests import REQUESTS, duty_of, phone_of, plan_of
from appliance.engine.routes.conditions import ANONYMOUS
from appliance.ivr.flow import Flow

AnyEngineRequest = (
    SetAgent
    | SetWrapUpCode
    | SetPhone
    | Originate
    | HangUp
    | RecordCall
    | PlayRecording
    | PlayMessage
    | PlayPrompt
    | RecordPrompt
    | ChangeConference
    | CallIntoConference
    | ChangeMessage
    | ChangeTalk
    | SetPlan
    | Supervise
    | ReleaseTalk
    | TransferTalk
    | TakeOut
    | MoveWaiting
    | CancelCallBack
    | SetPriority
    | SetDuty
)
Wall = Callable[[int], datetime]


def midday_monday(_: int) -> datetime:
    """Return a fixed time of day, for tests, and for boxes without routes by time."""
    return datetime(2024, 1, 1, 12)  # noqa: DTZ001 - hours are written in local time


class Step(msgspec.Struct):
    """Output of one event, one deadline or one request.

    Attributes:
        edge: new states for phones to show.
        asks: asks and withdrawals, in this order; the answers are events.
    """

    commands: list[AnyCommand] = []
    records: list[AnyRecord] = []
    edge: list[AnyEdgeCommand] = []
    asks: Sequence[AnyAsk] = ()


class Engine:
    """All calls of a box."""

    def __init__(
        self,
        config: BoxConfig,
        flows: Mapping[str, Flow],
        books: OpenBooks,
        wall: Wall = midday_monday,
        guard: Guard | None = None,
    ) -> None:
        """Go on from `books`; flows by name. Nothing is answered or rung until the switch is `Attached`.

        `wall` returns the local time of day at a tick of now, for routes that depend on it. With a `guard` a bug costs
        the call that it was about, and the guard gets the exception (`bulkhead`); without, it is raised.
        """
        self._board = Board(config, flows, books, table.ACTIVITIES, table.lead, wall)
        self._bulkhead = Bulkhead(self._board, books, guard) if guard is not None else None
        restart.reopen(self._board, books)

    def handle(self, event: AnyEvent | AnyAnswer, now: int) -> Step:
        """Handle an event of the switch, or an answer, that came at tick `now`. Timers due by then fire first."""
        board = self._board
        if now > board.now:  # noqa: PLR1730 - as in `_begin`, one call less for each event
            board.now = now
        if board.timers.first <= board.now:
            self._begin(now)
        try:
            HANDLERS[type(event)](board, event)
        except Exception as error:
            if not self._contained(error, event):
                raise
        return self._finish()

    def advance(self, now: int) -> Step:
        """Fire the timers due at `now`."""
        self._begin(now)
        return self._finish()

    def next_deadline(self) -> int | None:
        """Return the tick at which `advance` is due next; None: no timer runs."""
        first = self._board.timers.first
        return first if first < NEVER else None

    def detach(self, now: int) -> Step:
        """End every call as 'interrupted': the connection to the switch is gone, and the switch clears every leg.

        Returns no commands. Until `Attached` comes, events only close open entries (the replay).
        """
        board = self._begin(now)
        board.attached = False
        with self._about(SWITCH_GONE):
            restart.let_go(board)
        return self._finish()

    def request(self, request: AnyEngineRequest, now: int, by: str = "") -> Step:
        """Carry out a request of user `by` or a program. Raises ApplianceError, with a hint, if it cannot be done."""
        board = self._begin(now)
        board.asked_by = by
        with self._about(request, asked=True):
            REQUESTS[type(request)](board, request)
        return self._finish()

    def is_locked(self, agent: str) -> bool:
        """Return whether an agent's pause ends with a code only."""
        return agent in self._board.agents and self._board.agents[agent].locked

    def refuses_pins(self, agent: str) -> bool:
        """Return whether no PIN or lock code of an agent is taken now, after too many wrong ones."""
        return tries.refused(self._board, agent, self.seat(agent))

    def wrong_lock(self, agent: str, now: int) -> Step:
        """Count a wrong lock code that a program told."""
        tries.wrong(self._begin(now), agent, self.seat(agent))
        return self._finish()

    def phone_settings(self, extension: str) -> dict[Setting, str]:
        """Return the settings of a phone. Raises RequestError if there is no such extension."""
        return settings_of(self._board.settings[phone_of(self._board, extension).number])

    def phones(self) -> list[PhoneView]:
        """Return the extensions, in the order of the configuration."""
        return phone_views(self._board)

    def directory(self) -> list[DirectoryRow]:
        """Return the numbers that phones of the house may dial; all phones count as registered."""
        return [*directory(self._board)]

    def desk(self) -> DeskView:
        """Return the choices of agents."""
        return desk_view(self._board.config)

    def explain(self, caller: str, called: str, when: datetime | None = None, line: str = "") -> Leads:
        """Return which route a call would take, and why, at `when` or now. Raises NumberError if one is no number."""
        caller = numbering.number(caller) if caller not in ("", ANONYMOUS) else ""
        return explain(self._board, caller, numbering.number(called), self._when(when), line)

    def plans(self, plan: str = "", when: datetime | None = None) -> list[PlanView]:
        """Return the time plans, or one of them, at `when` or now. Raises RequestError if there is none such."""
        known = {each.name: each for each in self._board.config.plan}
        wanted = [plan_of(self._board, plan)] if plan else known.values()
        return [plan_view(self._board, each, self._when(when)) for each in wanted]

    def duties(self, duty: str = "", when: datetime | None = None) -> list[DutyRow]:
        """Return the duty lists, or one of them, at `when` or now. Raises RequestError if there is none such."""
        wanted = [duty_of(self._board, duty)] if duty else self._board.config.duty
        return [duty_row(self._board, each, self._when(when)) for each in wanted]

    def admit(self, user: str, role: str) -> None:
        """Set the role of a user who has signed in, for requests about talks of others."""
        self._board.roles.admit(user, role)

    def seat(self, agent: str) -> str:
        """Return the extension at which an agent works, '' without one."""
        known = self._board.agents.get(agent)
        return known.extension if known is not None else ""

    def _when(self, when: datetime | None) -> datetime:
        """Return a moment in the time zone of the site; None: now."""
        now = self._board.clock()
        return now if when is None else when if when.tzinfo is not None else when.replace(tzinfo=now.tzinfo)

    @property
    def flows(self) -> Mapping[str, Flow]:
        """The flows in force, by name."""
        return self._board.flows

    def reload_flows(self, flows: Mapping[str, Flow]) -> None:
        """Set the flows for calls from now on; calls under way keep theirs."""
        self._board.flows = dict(flows)
        self._board.missing_noted.clear()

    def reload(self, config: BoxConfig, now: int) -> Step:
        """Set the whole configuration for calls from now on, but for lines, which the switch knows from its start.

        Calls under way go on. Agents without a phone are signed out.
        """
        board = self._begin(now)
        with self._about("reload", asked=True):
            lit = {extension for box in board.boxes for extension in box.shown_at}
            board.be(config)
            manning.change(board, config.agent, config.queue, config.agents)
            board.lamps |= lit | {extension for box in board.boxes for extension in box.shown_at}
        return self._finish()

    def presence(self) -> list[Presence]:
        """Return the state of every phone."""
        return presence.everything(self._board)

    def lamps(self) -> list[AnyEdgeCommand]:
        """Return the lamps of every phone: waiting messages, and agents' codes."""
        return presence.all_lamps(self._board)

    def calls(self) -> list[CallView]:
        """Return the calls, oldest first."""
        return [call_view(call) for call in self._board.calls.values()]

    def conferences(self) -> list[ConferenceView]:
        """Return the conferences, oldest first."""
        return conference_views(self._board)

    def queues(self) -> list[QueueView]:
        """Return the queues."""
        return [queue_view(queue) for queue in self._board.queues.values()]

    def agents(self) -> list[AgentView]:
        """Return the agents."""
        return [agent_view(self._board, agent) for agent in self._board.agents.values()]

    def queues_of(self) -> dict[str, tuple[str, ...]]:
        """Return the queues of each agent."""
        return {agent.number: tuple(agent.queues) for agent in self._board.agents.values()}

    def _begin(self, now: int) -> Board:
        board = self._board
        if now > board.now:  # noqa: PLR1730 - box time never goes back; one call less for each event
            board.now = now
        while board.timers.first <= board.now:
            try:
                board.timers.fire(board.now)
            except Exception as error:
                if not self._contained(error, "a timer"):
                    raise
        return board

    def _about(self, what: object, *, asked: bool = False) -> AbstractContextManager[None, bool | None]:
        return _OPEN if self._bulkhead is None else self._bulkhead.about(what, asked=asked)

    def _contained(self, error: Exception, about: object) -> bool:
        """Contain a bug as `_about` does, for `try` statements: they cost what every event runs nothing."""
        if self._bulkhead is None or isinstance(error, ApplianceError):
            return False
        self._bulkhead.contain(error, about)
        return True

    def _finish(self) -> Step:
        board = self._board
        if board.unsettled:
            try:
                staffing.settle(board)
            except Exception as error:
                if not self._contained(error, "callers and agents who wait for each other"):
                    raise
        if board.stirred:
            mix.settle(board)
        edge = presence.changes(board) if board.touched else []
        if board.lamps or board.desks:
            edge += presence.lamps(board)
        if self._bulkhead is not None:
            self._bulkhead.written()
        made = Step(board.commands if board.attached else [], board.records, edge, board.asks)
        board.commands, board.records = [], []
        if made.asks:
            board.asks = []
        return made


_OPEN: Final[AbstractContextManager[None, bool | None]] = nullcontext()
