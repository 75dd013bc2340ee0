# SPDX-License-Identifier: GPL-2.0-or-later
"""The visible state of the engine at one moment: frozen copies for status screens and the control API."""

from typing import Final

import msgspec

from appliance.contract.callbacks import CallBackView
from appliance.contract.plans import PlanReason
from appliance.contract.records import AgentState, AgentStatus, Direction, PlanState, Role, Setting
from appliance.contract.switch import Party

HELD: Final = "held"
CONSULTED: Final = "consulted"
"""States that people see and the machine of calls does not have."""


class Levels(msgspec.Struct, frozen=True):
    """Sound of legs, by the switch's last report: the level of each voice in dBm0, and those with speech."""

    of: dict[int, int] = {}
    speaking: frozenset[int] = frozenset()


class LegView(msgspec.Struct, frozen=True):
    """A leg. `state` is the name of a `legs.LegState` in small letters; `held`: its party holds the other."""

    leg: int
    line: str
    role: Role
    number: str
    state: str
    agent: str = ""
    held: bool = False


class CallView(msgspec.Struct, frozen=True):
    """A call. `state` names a `call.CallState` in small letters; `since` is the tick at which it began.

    'held' is a talk in which one party holds the other, 'consulted' a call that is put aside while its phone consults
    in the call `consults`, and `consults` of that one is this call. `place` is where it is parked.
    """

    call: int
    direction: Direction
    caller: Party
    called: str
    state: str
    since: int
    legs: tuple[LegView, ...]
    flow: str = ""
    node: str = ""
    queue: str = ""
    place: str = ""
    consults: int = 0


class MemberView(msgspec.Struct, frozen=True):
    """A member of a conference.

    `place` is its number there. `floor`: may speak; `asks`: has asked to speak, 1 first, 0 has not; `speaking`: there
    is speech on its line now.
    """

    place: int
    leg: int
    number: str
    name: str
    host: bool
    muted: bool
    floor: bool
    asks: int
    speaking: bool = False


class ConferenceView(msgspec.Struct, frozen=True):
    """A conference under way; `number` '' of one that began in a talk. `ringing`: numbers that are called in."""

    number: str
    name: str
    call: int
    up_s: float
    locked: bool
    members: tuple[MemberView, ...]
    ringing: tuple[str, ...] = ()


class Watch(msgspec.Struct, frozen=True):
    """Values from which a queue is shown in yellow and in red; 0: never. `service_level` in percent, or fewer."""

    waiting: tuple[int, int] = (0, 0)
    longest_s: tuple[float, float] = (0.0, 0.0)
    service_level: tuple[int, int] = (0, 0)


class QueueView(msgspec.Struct, frozen=True):
    """A queue: calls that wait, first come first, its agents by what they do, and its call-backs.

    `target_s` as configured.
    """

    queue: str
    waiting: tuple[int, ...]
    idle: int
    busy: int
    signed_in: int
    target_s: float = 0.0
    watch: Watch = Watch()
    callbacks: tuple[CallBackView, ...] = ()


class AgentView(msgspec.Struct, frozen=True):
    """An agent; `since` is the tick of the last change, `call` that of the offer or the talk (0: none).

    `wrap_up_code` is the name of the one of the last call that the agent answered, '' without one. `until`: the tick at
    which a wrap-up that goes on will end. `locked`: the pause ends with the code that the agent chose for it.
    """

    agent: str
    name: str
    extension: str
    status: AgentStatus
    state: AgentState
    reason: str
    since: int
    call: int = 0
    wrap_up_code: str = ""
    skills: dict[str, int] = {}
    until: int = 0
    locked: bool = False


class PhoneView(msgspec.Struct, frozen=True):
    """An extension: fields as in `phone_row.PhoneRow`."""

    extension: str
    name: str
    line: str
    agent: str
    call: int
    settings: dict[Setting, str]


class PlanView(msgspec.Struct, frozen=True):
    """A time plan at a moment: fields as in `rows.PlanRow`."""

    plan: str
    open: bool
    reason: PlanReason
    by: str
    times: tuple[str, ...]
    changes_at: int
    state: PlanState
    until: int
    code: str
    announced: str
