# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine of an agent: `status` is the person's choice, `state` the box's view. Only idle agents get callers."""

from enum import Enum, IntEnum, auto
from typing import Final

import msgspec

from appliance.config.queues import AgentConfig
from appliance.contract.records import AgentChanged, AgentState, AgentStatus
from appliance.engine.machine import MissingTransition
from appliance.engine.parts.figures import Figures
from appliance.engine.parts.timers import Timer


class AgentInput(IntEnum):
    """Inputs of an agent: a choice, an offer's course, the end of a wait, other calls of the phone."""

    READY = 0
    PAUSE = 1
    SIGN_OUT = 2
    OFFERED = 3
    ACCEPTED = 4
    WITHDRAWN = 5
    REFUSED = 6
    NO_ANSWER = 7
    TALK_OVER = 8
    WRAP_UP_OVER = 9
    BACK_OFF_OVER = 10
    PHONE_TAKEN = 11
    PHONE_FREE = 12


class Next(Enum):
    """A next state that the present state alone does not decide."""

    SAME = auto()
    REST = auto()  # the state that the chosen status and the phone give
    WRAP_UP = auto()  # unless the agent signed out or there is none
    BACK_OFF = auto()  # not offered for a while, if the agent is ready at all


READY, PAUSE, SIGN_OUT, OFFERED, ACCEPTED, WITHDRAWN, REFUSED, NO_ANSWER, TALK_OVER, WRAP_UP_OVER, *_ = AgentInput
"""Names of the module: the class looks a member up anew each time, and they are asked for with each event."""

STATUS: Final[dict[AgentInput, AgentStatus]] = {
    AgentInput.READY: "ready",
    AgentInput.PAUSE: "paused",
    AgentInput.SIGN_OUT: "signed_out",
}
CHOICE: Final[dict[AgentStatus, AgentInput]] = {status: given for given, status in STATUS.items()}

_I = AgentInput
_CHOICES: Final = (_I.READY, _I.PAUSE, _I.SIGN_OUT)
WRAP_UP_ENDS: Final = frozenset({*_CHOICES, _I.WRAP_UP_OVER, _I.OFFERED})
SAME, REST, WRAP_UP, BACK_OFF = Next


def _rows() -> dict[tuple[AgentState, AgentInput], AgentState | Next]:
    table: dict[tuple[AgentState, AgentInput], AgentState | Next] = {}
    at_rest: tuple[AgentState, ...] = ("signed_out", "paused", "idle", "wrap_up", "unreachable")
    for state in at_rest:  # a choice counts at once
        table |= {(state, given): Next.REST for given in _CHOICES}
        table[state, _I.PHONE_TAKEN] = "talking"
    table["idle", _I.READY] = Next.SAME  # the agent keeps the place among the idle
    table["signed_out", _I.PHONE_TAKEN] = Next.SAME
    table["idle", _I.OFFERED] = "offered"
    table["wrap_up", _I.WRAP_UP_OVER] = Next.REST
    table["talking", _I.WRAP_UP_OVER] = Next.SAME  # the phone is in another call
    table["unreachable", _I.BACK_OFF_OVER] = Next.REST
    in_call: tuple[AgentState, ...] = ("offered", "talking")
    for state in in_call:  # a choice counts when the call is over
        table |= {(state, given): Next.SAME for given in (*_CHOICES, _I.PHONE_TAKEN)}
    kept: tuple[AgentState, ...] = ("signed_out", "offered", "wrap_up", "unreachable")
    for state in kept:
        table[state, _I.PHONE_FREE] = Next.SAME
    table |= {("offered", _I.ACCEPTED): "talking", ("offered", _I.WITHDRAWN): Next.REST}
    table |= {("offered", _I.REFUSED): Next.BACK_OFF, ("offered", _I.NO_ANSWER): Next.REST}
    table |= {("talking", _I.TALK_OVER): Next.WRAP_UP, ("talking", _I.PHONE_FREE): Next.REST}
    return table


TABLE: Final = _rows()
"""Missing on purpose: an offer's course without an offer, the timer of another state, a free phone freed again."""


class Served(msgspec.Struct, frozen=True):
    """A caller with whom an agent talked: the agent, the call, the queue and the caller's number."""

    agent: str
    call: int
    queue: str
    caller: str


class Agent:
    """A person.

    `extension` or the number `outside` is what rings; `seat` is the configured extension, `borrowed`: the agent signed
    in at another. `queues`: names of the agent's queues; `call`: of a queue, offered or talked in; `phone_calls`: how
    many other legs are on the phone; `leaving`: the configuration no longer has the agent. `locked`: a code was
    chosen at the pause. `wraps`: a wrap-up is not over; it goes on while the phone is in another call. `served`: the
    last caller of a queue, `coded` the name of the wrap-up code of that call. `figures`: what strategies compare;
    `until`: when `timer` is due; `missed`: offers in a row that were not answered.
    """

    __slots__ = (
        "borrowed",
        "call",
        "coded",
        "extension",
        "figures",
        "leaving",
        "locked",
        "missed",
        "name",
        "number",
        "outside",
        "phone_calls",
        "queues",
        "reason",
        "seat",
        "served",
        "since",
        "skills",
        "state",
        "status",
        "timer",
        "until",
        "wrap_up_s",
        "wraps",
    )

    def __init__(self, config: AgentConfig) -> None:
        self.number = config.number
        self.name = config.name
        self.extension = self.seat = config.extension
        self.borrowed = False
        self.outside = config.outside
        self.skills = config.skills
        self.figures = Figures()
        self.status: AgentStatus = config.start
        self.state: AgentState = "signed_out"
        self.reason = ""
        self.since = 0
        self.call = self.missed = 0
        self.served: Served | None = None
        self.coded = ""
        self.phone_calls = 0
        self.wrap_up_s = 0.0
        self.wraps = False
        self.timer: Timer | None = None
        self.until = 0
        self.queues: list[str] = []
        self.leaving = False
        self.locked = False
        self.state = self.rest()

    @property
    def can_be_rung(self) -> bool:
        """Whether there is a phone at which the agent can be reached."""
        return bool(self.extension or self.outside)

    def changed(self) -> AgentChanged:
        """Return the record of the present choice and state."""
        return AgentChanged(
            self.number,
            self.status,
            self.state,
            self.reason,
            "",  # asked_by: told by the request
            self.extension,
            self.borrowed,
            self.locked,
        )

    def serves(self, call: int, queue: str, caller: str) -> None:
        """Note the caller with whom the agent talks: fields keyed in and wrap-up codes are for that call."""
        if self.served is None or self.served.call != call:
            self.served, self.coded = Served(self.number, call, queue, caller), ""

    def rest(self) -> AgentState:
        """Return the state that status, calls and phone give, without an offer."""
        if self.call:
            return "talking"
        if self.status == "signed_out":
            return "signed_out"
        if self.phone_calls:
            return "talking"
        if self.wraps:
            return "wrap_up"
        return "paused" if self.status == "paused" else "idle"

    def next_state(self, given: AgentInput) -> AgentState:
        """Return the next state.

        Raises:
            MissingTransition: the input cannot come in this state (a bug).
        """
        entry = TABLE.get((self.state, given))
        if entry is None:
            raise MissingTransition("agent", self.state, given.name)
        if isinstance(entry, str):
            return entry
        if entry is SAME:
            return self.state
        if entry is WRAP_UP and self.wrap_up_s and self.status != "signed_out":
            return "wrap_up"
        if entry is BACK_OFF and self.status == "ready":
            return "unreachable"
        return self.rest()

    def take(self, given: AgentInput, reason: str, now: int) -> bool:
        """Change to the next state; return whether status, state or reason changed."""
        status, was = self.status, self.reason
        chosen = STATUS.get(given)
        if chosen is not None:
            self.status, self.missed = chosen, 0
            self.locked = self.locked and chosen == "paused"
        elif given is NO_ANSWER and status == "ready":
            self.status = "paused"
        if self.wraps and given in WRAP_UP_ENDS:
            self.wraps = False
        state = self.next_state(given)
        if given is TALK_OVER:
            self.wraps = state == "wrap_up"
        if chosen is not None or reason:
            self.reason = reason
        elif self.status == "ready":
            self.reason = ""
        if state == self.state and self.status == status and self.reason == was:
            return False
        self.state, self.since = state, now
        return True
