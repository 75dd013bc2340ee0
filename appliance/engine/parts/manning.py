# SPDX-License-Identifier: GPL-2.0-or-later
"""Agents and queues that are added, removed and changed while calls are up.

Idle ones change at once. An agent in a call of a queue finishes it; a removed agent stays until then. Callers in a
removed queue go on by the way that their flow has for a queue without agents.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from appliance.config.agents import AgentsConfig
from appliance.config.queues import AgentConfig, QueueConfig
from appliance.engine.parts import staffing
from appliance.engine.parts.agents import CHOICE, Agent, AgentInput
from appliance.engine.parts.board import Board
from appliance.engine.parts.queues import Queue, members
from appliance.i18n import N_

NOT_CONFIGURED: Final = "not configured"
"""Reason with which a removed agent is signed out."""


def change(board: Board, agents: tuple[AgentConfig, ...], queues: tuple[QueueConfig, ...], rules: AgentsConfig) -> None:
    """Set the agents, their queues and the rules for them from now on."""
    board.config = msgspec.structs.replace(board.config, agent=agents, queue=queues, agents=rules)
    wanted = {each.number: each for each in agents}
    for number in board.agents.keys() - wanted.keys():
        _take_out(board, board.agents[number])
    for each in agents:
        _put_in(board, each)
    staffing.reseat(board)
    _change_queues(board, queues, {number: board.agents[number] for number in wanted})


def _take_out(board: Board, agent: Agent) -> None:
    """Sign an agent out; the agent is removed at the end of the call under way."""
    if agent.status != "signed_out":
        text = N_("agent {agent} is signed out: the configuration does not have this agent any more")
        board.trouble("agent", text, agent=agent.number)
    agent.leaving, agent.seat = True, ""
    staffing.tell(board, agent, AgentInput.SIGN_OUT, NOT_CONFIGURED)
    if agent.state == "signed_out":
        board.agents.pop(agent.number, None)
        agent.queues.clear()
    board.agents_written.pop(agent.number, None)


def _put_in(board: Board, config: AgentConfig) -> None:
    """Add a new agent; one that was just being removed stays."""
    agent = board.agents.get(config.number)
    if agent is None:
        agent = board.agents[config.number] = Agent(msgspec.structs.replace(config, extension=""))
        agent.since = board.now
        board.records.append(agent.changed())
    elif agent.leaving:
        agent.leaving = False
        staffing.tell(board, agent, CHOICE[config.start])
    agent.name, agent.seat, agent.outside = config.name, config.extension, config.outside
    agent.skills = config.skills


def _change_queues(board: Board, queues: Iterable[QueueConfig], agents: Mapping[str, Agent]) -> None:
    before, board.queues = board.queues, {}
    for agent in board.agents.values():
        agent.queues.clear()
    for config in queues:
        queue = before.pop(config.name, None) or Queue(config, ())
        queue.be(config, members(config, agents))
        board.queues[config.name] = queue
    board.unsettled |= board.queues
    for gone in before.values():
        _close(board, gone)
    for queue in board.queues.values():
        staffing.dismiss(queue)


def _close(board: Board, queue: Queue) -> None:
    """Send on the callers who wait; one who is being offered to an agent is sent on if that agent does not answer."""
    board.unsettled.pop(queue.config.name, None)
    if queue.entries:
        text = N_("queue {queue} is taken out: callers who waited there are sent on")
        board.trouble("queue", text, len(queue.entries), queue=queue.config.name)
    queue.config = msgspec.structs.replace(queue.config, stay="signed_in")  # no agent comes any more
    queue.members, queue.idle, queue.away = (), {}, {}
    staffing.dismiss(queue)
