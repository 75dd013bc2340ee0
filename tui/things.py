# SPDX-License-Identifier: GPL-2.0-or-later
"""Things of the picture: calls, queues and agents as they are now. Times are the box's, Unix milliseconds."""

from dataclasses import dataclass, field
from typing import Final

from appliance.contract.records import AgentState, AgentStatus, Direction
from appliance.contract.rows import AgentDay, AgentRow, Colour, LegRow, LiveCall, QueueRow, TroubleRow

MAX_TROUBLES: Final = 200


@dataclass(slots=True)
class LegNow:
    """A leg of a call that is up; `span` and `timeslot` are 0 without a channel."""

    leg: int
    line: str
    role: str
    number: str
    agent: str = ""
    state: str = ""
    span: int = 0
    timeslot: int = 0
    held: bool = False

    @classmethod
    def of(cls, row: LegRow) -> "LegNow":
        """Return the leg of a row."""
        return cls(row.leg, row.line, row.role, row.number, row.agent, row.state, row.span, row.timeslot, row.held)


@dataclass(slots=True)
class CallNow:
    """A call that is up. `where` is the flow with its node, the queue or the place; `name` the caller's."""

    call: int
    started_at: int
    direction: Direction
    caller: str
    called: str
    state: str
    state_at: int
    where: str = ""
    flow: str = ""
    name: str = ""
    legs: dict[int, LegNow] = field(default_factory=dict)
    offers: int = 0
    """Agents who are rung for its caller."""

    @property
    def agent(self) -> str:
        """The agents of its legs, with blanks between."""
        return " ".join(leg.agent for leg in self.legs.values() if leg.agent)

    @classmethod
    def of(cls, row: LiveCall, now: int) -> "CallNow":
        """Return the call of a row that was read at `now`."""
        node = f"{row.flow}/{row.node}" if row.node and "/" not in row.node else row.node
        return cls(
            call=row.call,
            started_at=row.started_at,
            direction=row.direction,
            caller=row.caller,
            called=row.called,
            state=row.state,
            state_at=now - round(row.state_s * 1000),
            where=row.queue or row.place or node or row.flow,
            flow=row.flow,
            name=row.caller_name,
            legs={leg.leg: LegNow.of(leg) for leg in row.legs},
            offers=sum(leg.role == "agent" for leg in row.legs) if row.state == "offering" else 0,
        )


@dataclass(slots=True)
class AgentNow:
    """An agent; `state_at` is when that state began."""

    agent: str
    name: str
    extension: str
    status: AgentStatus
    state: AgentState
    reason: str
    state_at: int
    call: int
    queues: tuple[str, ...]
    answered: int
    """Calls of today, or of all time if today's are not told."""
    wrap_up_code: str = ""
    wrap_up_until: int = 0
    skills: dict[str, int] = field(default_factory=dict)
    today: AgentDay | None = None
    locked: bool = False
    """The pause ends with a code."""

    @classmethod
    def of(cls, row: AgentRow, now: int) -> "AgentNow":
        """Return the agent of a row that was read at `now`."""
        at = now - round(row.state_s * 1000)
        answered = row.today.answered if row.today is not None else row.answered
        until = now + round(row.wrap_up_left_s * 1000) if row.wrap_up_left_s else 0
        state = (row.status, row.state, row.reason, at, row.call, row.queues, answered, row.wrap_up_code, until)
        return cls(row.agent, row.name, row.extension, *state, row.skills, row.today, row.locked)


@dataclass(slots=True)
class WaitingNow:
    """A caller in a queue since `at`."""

    call: int
    caller: str
    at: int


@dataclass(slots=True)
class QueueNow:
    """A queue with its callers, first come first, and counts over all time."""

    queue: str
    waiting: list[WaitingNow] = field(default_factory=list)
    entered: int = 0
    answered: int = 0
    abandoned: int = 0
    colour: Colour = ""
    """By the thresholds of the configuration, as the box told it last."""

    @classmethod
    def of(cls, row: QueueRow, now: int) -> "QueueNow":
        """Return the queue of a row that was read at `now`."""
        waiting = [WaitingNow(each.call, each.caller, now - round(each.wait_s * 1000)) for each in row.waiting]
        return cls(row.queue, waiting, row.entered, row.answered, row.abandoned, row.colour)

    def left(self, call: int) -> None:
        """Remove a caller."""
        self.waiting = [each for each in self.waiting if each.call != call]


@dataclass
class Part:
    """The part of the picture that records change."""

    calls: dict[int, CallNow] = field(default_factory=dict)
    queues: dict[str, QueueNow] = field(default_factory=dict)
    agents: dict[str, AgentNow] = field(default_factory=dict)
    troubles: list[TroubleRow] = field(default_factory=list)
    """The newest first."""
    answered_at: dict[str, int] = field(default_factory=dict)
    """When a leg of a line was answered last, by line, as far as it was heard; of SIP trunks it is kept."""

    def add_trouble(self, row: TroubleRow) -> None:
        """Add a trouble, the newest one."""
        self.troubles.insert(0, row)
        del self.troubles[MAX_TROUBLES:]
