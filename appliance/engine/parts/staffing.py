# SPDX-License-Identifier: GPL-2.0-or-later
"""Inputs of agents' machines, with their consequences: the record, the timer, a check of the queues."""

from collections.abc import Callable
from typing import Final

from appliance.contract.records import AgentState, QueueChose
from appliance.contract.ticks import ticks
from appliance.engine.parts.agents import ACCEPTED, NO_ANSWER, PAUSE, READY, SIGN_OUT, WRAP_UP_OVER, Agent, AgentInput
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Leg
from appliance.engine.parts.inputs import In
from appliance.engine.parts.queues import Queue, next_match
from appliance.i18n import N_

BACK_OFF_S: Final = 10.0
"""How long an agent whose phone was busy, refused or failed is offered no call. Others are tried meanwhile."""

NO_PHONE: Final = "no extension"
"""Reason with which an agent whose phone is gone is signed out."""
SEAT_TAKEN: Final = "phone taken"
"""Reason with which an agent is signed out at whose phone another one signs in."""


_OF_STATUS: Final = frozenset({READY, PAUSE, SIGN_OUT, NO_ANSWER})
"""Inputs that change an agent's status, besides the state."""


def tell(board: Board, agent: Agent, given: AgentInput, reason: str = "") -> None:
    """Pass an input to an agent."""
    before, wrapped = agent.state, agent.wraps
    if agent.take(given, reason, board.now):
        board.records.append(agent.changed())
        if given in _OF_STATUS:
            board.desks.add(agent.extension)
            _watch(board, agent)
    after = agent.state
    if agent.timer is not None and (agent.wraps != wrapped or (after != before and not agent.wraps)):
        board.timers.cancel(agent.timer)
        agent.timer = None
    if after == before:
        return
    agent.figures.ended(before, board.now, board.today())
    if given is ACCEPTED:
        agent.figures.calls += 1
    for name in agent.queues:
        queue = board.queues[name]
        queue.note(agent)
        if queue.watched or (after == "idle" and queue.entries):
            board.unsettled[name] = queue
    then = _THEN.get(after)
    if then is not None:
        then(board, agent)


def _wrap_up(board: Board, agent: Agent) -> None:
    if agent.timer is None:
        later(board, agent, agent.wrap_up_s, WRAP_UP_OVER)


def _back_off(board: Board, agent: Agent) -> None:
    later(board, agent, BACK_OFF_S, AgentInput.BACK_OFF_OVER)


def _signed_out(board: Board, agent: Agent) -> None:
    if agent.borrowed:
        _stand_up(board, agent)
    if agent.leaving:
        board.agents.pop(agent.number, None)


_THEN: Final[dict[AgentState, Callable[[Board, Agent], None]]] = {
    "wrap_up": _wrap_up,
    "unreachable": _back_off,
    "signed_out": _signed_out,
}
"""Consequence of each state that an agent comes into."""


def _watch(board: Board, agent: Agent) -> None:
    """Look at the end of the step at the queues whose callers wait only while an agent is ready."""
    board.unsettled |= {queue.config.name: queue for queue in board.queues_of(agent) if queue.watched}


def later(board: Board, agent: Agent, seconds: float, given: AgentInput) -> None:
    """Pass an input to an agent after a while."""
    agent.until = board.now + ticks(seconds)
    agent.timer = board.timers.start(agent.until, lambda: tell(board, agent, given))


def extend(board: Board, agent: Agent, seconds: float) -> bool:
    """Begin the rest of a wrap-up anew, so many seconds long. Return False if none is going on."""
    if agent.wraps:
        board.timers.cancel(agent.timer)
        later(board, agent, seconds, AgentInput.WRAP_UP_OVER)
    return agent.wraps


def lock(board: Board, agent: Agent, *, locked: bool) -> None:
    """Set whether the agent's pause ends with a code only."""
    if agent.locked != locked:
        agent.locked = locked
        board.records.append(agent.changed())


def phone_taken(board: Board, users: tuple[Agent, ...]) -> None:
    """Count a leg that begins on the phone of these agents, beside the queue."""
    for agent in users:
        agent.phone_calls += 1
        if agent.phone_calls == 1:
            tell(board, agent, AgentInput.PHONE_TAKEN)


def phone_free(board: Board, users: tuple[Agent, ...]) -> None:
    """Count a leg that ends on the phone of these agents, beside the queue."""
    for agent in users:
        agent.phone_calls -= 1
        if agent.phone_calls == 0:
            tell(board, agent, AgentInput.PHONE_FREE)


def reseat(board: Board) -> None:
    """Set the agents' phones from now on; an agent whose phone is gone is signed out, with a trouble."""
    phones = board.routes.phones
    for agent in board.agents.values():
        old = agent.extension
        lost = agent.borrowed and old not in phones
        agent.borrowed = agent.borrowed and not lost and not agent.leaving
        new = old if agent.borrowed else agent.seat
        _move(board, agent, new if new in phones else "")
        if old and (lost or not agent.can_be_rung) and agent.status != "signed_out":
            text = N_("agent {agent} is signed out: there is no extension {extension} any more")
            board.trouble("agent", text, agent=agent.number, extension=old if lost else new or old)
            tell(board, agent, AgentInput.SIGN_OUT, NO_PHONE)
    _recount(board)


def sit(board: Board, agent: Agent, extension: str) -> bool:
    """Set an agent's phone until sign-out; other agents there are signed out.

    Return False, and change nothing, if a talk is in the way or the extension was taken out meanwhile.
    """
    others = [each for each in board.phone_users[extension] if each is not agent]
    moves = agent.extension != extension
    if extension not in board.routes.phones or any(each.call for each in others) or (moves and agent.call):
        return False
    for other in others:
        if other.status != "signed_out":
            sign_out(board, other, SEAT_TAKEN)
    agent.borrowed = extension != agent.seat
    _move(board, agent, extension)
    _recount(board)
    return True


def sign_out(board: Board, agent: Agent, reason: str = "") -> None:
    """Sign an agent out. Callers of a queue whose last agent it was are sent on."""
    tell(board, agent, AgentInput.SIGN_OUT, reason)
    for queue in board.queues_of(agent):
        dismiss(queue)


def _stand_up(board: Board, agent: Agent) -> None:
    """Return an agent who is signed out to the configured phone."""
    agent.borrowed = False
    _move(board, agent, agent.seat if agent.seat in board.routes.phones else "")
    _recount(board)


def _move(board: Board, agent: Agent, extension: str) -> None:
    if agent.extension == extension:
        return
    board.desks |= {agent.extension, extension}
    agent.extension = extension
    for queue in board.queues_of(agent):
        queue.note(agent)
        board.unsettled[queue.config.name] = queue


def _recount(board: Board) -> None:
    """Count anew which agents' phones are in calls beside the queue."""
    board.seat()
    for number, legs in board.in_use.items():
        for leg in legs:
            if not leg.agent:
                _used_by(board, leg, board.phone_users.get(number, ()))


def _used_by(board: Board, leg: Leg, users: tuple[Agent, ...]) -> None:
    before, leg.phone_of = leg.phone_of, users
    phone_free(board, tuple(agent for agent in before if agent not in users))
    phone_taken(board, tuple(agent for agent in users if agent not in before))


def dismiss(queue: Queue) -> None:
    """Send on the callers of a queue whose last agent has signed out, or to steps that those still there fit."""
    if not queue.manned(queue.config.stay):
        for entry in [entry for entry in queue.entries.values() if not entry.offered]:
            entry.at.take(In.NO_AGENTS)
    elif not queue.steps.alike:
        for entry in [*queue.entries.values()]:
            entry.at.take(In.STEP)


def settle(board: Board) -> None:
    """Match waiting callers and idle agents until no pair is left. Some wait only while an agent is ready."""
    for queue in [*board.unsettled.values()]:
        if queue.config.stay == "ready":
            dismiss(queue)
    while board.unsettled and (match := next_match(board.unsettled.values(), board.now, board.chance)) is not None:
        entry, choice, queue = match
        board.records.append(QueueChose(entry.call, queue.config.name, choice))
        agents = [board.agents[number] for number in choice.chosen]
        entry.at.take(In.OFFER, agents)
    board.unsettled.clear()
