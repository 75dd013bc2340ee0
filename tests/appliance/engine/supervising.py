# SPDX-License-Identifier: GPL-2.0-or-later
"""Supervisors of a random walk: keys of those in talks, and requests about agents and callers who wait."""

from contextlib import suppress
from random import Random
from typing import Literal, Protocol, get_args

from appliance.api.messages import (
    ChangeTalk,
    MoveWaiting,
    RecordCall,
    ReleaseTalk,
    SetPriority,
    Supervise,
    TakeOut,
    TransferTalk,
)
from appliance.contract import switch as m
from appliance.contract.desk import InTalk
from appliance.contract.errors import RequestError
from appliance.contract.supervision import Act, Mode, Priority
from appliance.engine.engine import AnyEngineRequest, Engine, Step
from appliance.engine.parts.intervening import agent_leg
from appliance.engine.parts.supervising import Supervising
from tests.bench.callsource import CallSource

PAUSES: tuple[Literal["pause", "resume"], ...] = ("pause", "resume")
ACTS = {*get_args(Act)} - {"record", "record_stop", "cancel_callback"}
"""Acts that come in every long walk; those on call-backs are of `walked_callbacks`."""
KEYS = (
    "4565",
    "56",
    "65",
    "567",
    "67",
    "7",
    "6000",
    "000",
    "000",
    "68",
    "98003#",
    "90138#",
    "9*68#",
    "9701",
    "94444#",
    "59",
)


class Walk(Protocol):
    """A random walk, as far as supervisors need it."""

    engine: Engine
    rng: Random
    source: CallSource

    def do(self, step: Step) -> None: ...


def happens(walk: Walk) -> bool:
    """Let a supervisor do something, if there is a talk; return False without one."""
    if any(isinstance(leg.at, Supervising) for leg in walk.engine._board.legs.values()):
        intervene(walk)
    elif _talking(walk):
        ask(walk)
    else:
        return False
    return True


def intervene(walk: Walk) -> None:
    """Press keys of a supervisor who is in a talk."""
    legs = walk.engine._board.legs
    leg = walk.rng.choice([each for each in legs.values() if isinstance(each.at, Supervising)])
    for key in walk.rng.choice(KEYS):
        if leg.number in legs:
            walk.do(walk.engine.handle(m.Key(leg.number, key, 80), walk.source.now))


def ask(walk: Walk) -> None:
    """Send a request about an agent or a caller who waits, or one who is not there."""
    rng, talking = walk.rng, _talking(walk)
    agent, phone = rng.choice((*talking, *talking, "999")), rng.choice(("8001", "8003", "8009"))
    talk = agent_leg(walk.engine._board, agent)
    waiting = [call for queue in walk.engine.queues() for call in queue.waiting]
    call = rng.choice(waiting) if waiting else 0
    of_talks: tuple[AnyEngineRequest, ...] = (
        *(Supervise(phone, agent, mode=mode) for mode in get_args(Mode)),
        ReleaseTalk(agent),
        *[RecordCall(talk.call.number, do) for do in PAUSES if talk is not None],
        TransferTalk(rng.choice(("8002", "96900", "0138", "*68", "4444")), agent),
        ChangeTalk(phone, rng.choice(get_args(InTalk)), rng.choice(("8002", "96900", "0138", "*68", "4444"))),
    )
    of_callers: tuple[AnyEngineRequest, ...] = (
        *(TakeOut(call, to) for to in ("8009", "96900", "0138", "4444")),
        *(MoveWaiting(call, place) for place in (1, 2, 99)),
        *(SetPriority(call, priority) for priority in get_args(Priority)),
    )
    with suppress(RequestError):
        asked = rng.choice(of_talks if talking and rng.random() < 0.7 else of_callers)
        walk.do(walk.engine.request(asked, walk.source.now, rng.choice(("", "lina"))))


def _talking(walk: Walk) -> list[str]:
    """Return the agents who are in a talk of two."""
    return [agent for agent in walk.engine._board.agents if agent_leg(walk.engine._board, agent) is not None]
