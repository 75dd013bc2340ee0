# SPDX-License-Identifier: GPL-2.0-or-later
"""Telling an agent's machine what happens, and doing what follows: the record, the timer, a look at the queues."""

from typing import Final

from appliance.acd.agents import Agent, AgentInput
from appliance.acd.queues import next_match
from appliance.callcontrol.board import Board
from appliance.callcontrol.call import CallInput
from appliance.records import AgentChanged
from appliance.ticks import ticks

BACK_OFF_S: Final = 10.0
"""How long an agent whose phone was busy, refused or failed is left alone. Others are tried meanwhile."""


def tell(board: Board, agent: Agent, given: AgentInput, reason: str = "") -> None:
    """Give an input to an agent."""
    before = agent.state
    if agent.take(given, reason, board.now):
        board.records.append(AgentChanged(agent.number, agent.status, agent.state, agent.reason))
    if agent.state == before:
        return
    board.timers.cancel(agent.timer)
    agent.timer = None
    if agent.state == "wrap_up":
        _later(board, agent, agent.wrap_up_s, AgentInput.WRAP_UP_OVER)
    elif agent.state == "unreachable":
        _later(board, agent, BACK_OFF_S, AgentInput.BACK_OFF_OVER)
    elif agent.state == "idle":
        board.unsettled |= {queue.config.name: queue for queue in agent.queues}


def _later(board: Board, agent: Agent, seconds: float, given: AgentInput) -> None:
    agent.timer = board.timers.start(board.now + ticks(seconds), lambda: tell(board, agent, given))


def phone_taken(board: Board, users: tuple[Agent, ...]) -> None:
    """A leg on the phone of these agents begins, beside the queue."""
    for agent in users:
        agent.phone_calls += 1
        if agent.phone_calls == 1:
            tell(board, agent, AgentInput.PHONE_TAKEN)


def phone_free(board: Board, users: tuple[Agent, ...]) -> None:
    """Such a leg ended."""
    for agent in users:
        agent.phone_calls -= 1
        if agent.phone_calls == 0:
            tell(board, agent, AgentInput.PHONE_FREE)


def settle(board: Board) -> None:
    """Bring waiting callers and idle agents together until no pair is left."""
    while board.unsettled and (match := next_match(board.unsettled.values())) is not None:
        entry, agent = match
        board.give(board, entry.call, CallInput.OFFER, agent)
    board.unsettled.clear()
