# SPDX-License-Identifier: GPL-2.0-or-later
"""Clearing of a call whose state cannot be trusted: no state machine is asked, each field is set directly."""

from collections.abc import Iterable
from typing import Final

from appliance.contract.records import (
    AgentState,
    CallClosed,
    CallOpened,
    CallReleased,
    LegClosed,
    OfferEnded,
    QueueLeft,
    SegmentClosed,
    SurveyClosed,
)
from appliance.contract.switch import Cause, Clear
from appliance.engine.parts import asking, ending, staffing
from appliance.engine.parts.agents import Agent, AgentInput
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.open_facts import Fact
from appliance.engine.parts.starts import StartOver

CAUSE: Final = Cause.TEMPORARY_FAILURE
ABANDONED: Final = Ending(CAUSE, "box", "interrupted")


def abandon(board: Board, call: Call, facts: set[Fact] | None) -> None:
    """Clear the legs of a call, and close its open entries in the books; `facts` None: the call itself is not open."""
    call.disposition, call.ending = "interrupted", ABANDONED
    _forget(board, call)
    legs = [leg for leg in board.legs.values() if leg.call is call]
    call.legs = {leg.number: leg for leg in legs}
    for leg in legs:
        _let_go(board, leg)
    _close(board, call, facts)


def _forget(board: Board, call: Call) -> None:
    """Remove the call from all that refers to it."""
    board.timers.cancel_all(call)
    asking.forget(board, call)
    board.enter(call, StartOver())
    ending.part(call)
    for queue in board.queues.values():
        entry = queue.entries.get(call.number)
        if entry is not None and not entry.callback:
            del queue.entries[call.number]
    kept, call.kept = call.kept, None
    if kept is not None:
        kept.over(ABANDONED)
    board.parked = {place: parked for place, parked in board.parked.items() if parked is not call}
    board.rooms = {number: room for number, room in board.rooms.items() if room[1] is not call}
    call.mixed, call.stretch, call.segment, call.stale = {}, None, 0, None
    call.survey = None


def _let_go(board: Board, leg: Leg) -> None:
    """Clear a leg; an agent whom it rings or joins keeps the phone busy until the leg is gone, and nothing else."""
    offer, leg.offer = leg.offer, None
    if offer is not None:
        leg.phone_of = (offer.agent,)
    leg.playing, leg.held, leg.at = 0, False, None
    if leg.state is not LegState.RELEASING:
        leg.state = LegState.RELEASING
        board.commands.append(Clear(leg.number, CAUSE))


def _close(board: Board, call: Call, facts: set[Fact] | None) -> None:
    records = board.records
    if facts is None:
        records.append(CallOpened(call.number, call.direction, call.caller, call.called, call.flow))
    facts = facts or set()
    for kind, name in sorted(facts, key=str):
        match kind, name:
            case "call", _:
                records.append(CallReleased(call.number))
            case "segment", int(number):
                records.append(SegmentClosed(number, call.number))
            case "offer", int(number):
                records.append(OfferEnded(number, call.number, "interrupted"))
            case "queue", str(queue):
                records.append(QueueLeft(call.number, queue, "interrupted"))
            case "survey", int(number):
                records.append(SurveyClosed(number, call.number, "interrupted"))
            case "leg", int(number) if number not in call.legs:
                records.append(LegClosed(number, call.number, CAUSE))
            case _:
                pass
    for leg in call.legs.values():
        if ("leg", leg.number) not in facts:
            records.append(leg.opened(call.number))
    if not call.legs:
        board.calls.pop(call.number, None)
        records.append(CallClosed(call.number, call.disposition, ABANDONED.cause, ABANDONED.by))


def count_anew(board: Board, suspects: Iterable[Agent]) -> None:
    """Count legs by phone, line and agent anew from the legs that exist; set `suspects` unreachable for a while."""
    board.touched |= board.in_use.keys()
    board.in_use = {}
    board.outbound.in_use.clear()
    for agent in board.agents.values():
        agent.phone_calls = 0
    for leg in board.legs.values():
        if leg.phone is None:
            board.outbound.entered(leg.line, 1)
        else:
            board.in_use.setdefault(leg.phone.number, []).append(leg)
        for agent in leg.phone_of:
            agent.phone_calls += 1
    board.touched |= board.in_use.keys()
    _set_agents(board, set(suspects))


def _set_agents(board: Board, suspects: set[Agent]) -> None:
    served = {leg.offer.agent: leg.call.number for leg in board.legs.values() if leg.offer is not None}
    for agent in board.agents.values():
        agent.call = served.get(agent, 0)
        if agent in served:
            continue
        rest = agent.rest()
        if agent in suspects and agent.status == "ready" and not agent.phone_calls:
            _set_agent(board, agent, "unreachable")
        elif agent.state != rest and not (agent.timer is not None and rest == "idle"):  # a timer returns the agent
            _set_agent(board, agent, rest)


def _set_agent(board: Board, agent: Agent, state: AgentState) -> None:
    board.timers.cancel(agent.timer)
    agent.timer = None
    agent.figures.ended(agent.state, board.now, board.today())
    agent.state, agent.since, agent.wraps = state, board.now, state == "wrap_up"
    for queue in board.queues_of(agent):
        queue.note(agent)
    if state == "unreachable":
        staffing.later(board, agent, staffing.BACK_OFF_S, AgentInput.BACK_OFF_OVER)
    board.records.append(agent.changed())
