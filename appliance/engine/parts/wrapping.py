# SPDX-License-Identifier: GPL-2.0-or-later
"""Wrap-up: more time for it, and codes that say what the last call was about."""

from functools import partial

from appliance.config.agents import WrapUpCodeConfig
from appliance.contract.records import WrapUpCoded
from appliance.engine.parts import staffing
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.at_desk import Desk
from appliance.engine.parts.board import Board
from appliance.engine.parts.turns import Question, Turn, Words


def more(desk: Desk, _number: str) -> Turn:
    """Lengthen the wrap-up of the agents of this phone; the code for ready ends it."""
    extended = [staffing.extend(desk.board, agent, desk.rules.wrap_up_more_s) for agent in desk.agents()]
    return desk.words("agent-more-time" if any(extended) else "not-possible")


def ask(desk: Desk, key: str) -> Turn:
    """Set the wrap-up code of the last call of this phone's agents; ask for it, unless it was dialled."""
    codes = desk.rules.wrap_up_codes
    if not desk.agents():
        return desk.words("agent-nobody-here")
    if key or not codes:
        return _take(desk, key)
    longest = max(len(code.key) for code in codes)
    return Question(desk.prompts("agent-enter-wrap-up-code"), partial(_take, desk), longest)


def _take(desk: Desk, key: str) -> Turn:
    code = find(desk.board, key)
    served = [agent for agent in desk.agents() if agent.served is not None]
    if code is None or not served:
        return desk.words("not-possible")
    for agent in served:
        set_code(desk.board, agent, code)
    said = desk.prompts(code.prompt) if code.prompt else desk.digits(code.key)
    return Words((*desk.prompts("agent-wrap-up-code"), *said))


def find(board: Board, key: str) -> WrapUpCodeConfig | None:
    """Return the wrap-up code of a key."""
    return next((code for code in board.config.agents.wrap_up_codes if code.key == key), None)


def set_code(board: Board, agent: Agent, code: WrapUpCodeConfig) -> None:
    """Set the wrap-up code of the agent's last call, if there is one, also in place of another code."""
    if agent.served is not None:
        agent.coded = code.name
        board.records.append(WrapUpCoded(agent.served.call, agent.number, code.key, code.name))
