# SPDX-License-Identifier: GPL-2.0-or-later
"""Offers of a caller to agents: the legs that ring them, and the records."""

from collections.abc import Iterable

from appliance.config.queues import QueueConfig
from appliance.contract.records import OfferMade
from appliance.engine.parts import staffing
from appliance.engine.parts.agents import OFFERED, REFUSED, Agent
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.goals import Ring
from appliance.engine.parts.offers import Offer
from appliance.engine.parts.search import ring_of_agent


def rings(board: Board, call: Call, agents: Iterable[Agent]) -> tuple[Ring, ...]:
    """Return the legs that ring these agents; one for whom no line is free is not offered calls for a while."""
    found = []
    for agent in agents:
        ring = ring_of_agent(board, call, agent)
        if ring is None:
            staffing.tell(board, agent, OFFERED)
            staffing.tell(board, agent, REFUSED, "failed")
        else:
            found.append(ring)
    return tuple(found)


def make(board: Board, leg: Leg, config: QueueConfig, language: str) -> None:
    """Note that the leg rings its agent for the caller of its call."""
    call, agent = leg.call, board.agents[leg.agent]
    agent.call, agent.wrap_up_s = call.number, config.wrap_up_s
    pause_after = config.pause_after_misses if config.pause_after_no_answer else 0
    leg.offer = Offer(board.next_offer, agent, config.name, pause_after, config.survey, language)
    board.next_offer += 1
    board.records.append(OfferMade(leg.offer.number, call.number, config.name, agent.number, leg.number))
    staffing.tell(board, agent, OFFERED)
