# SPDX-License-Identifier: GPL-2.0-or-later
"""Codes by which agents sign in and out, pause and resume at desk phones, and the dialogues that belong to them.

An agent with a PIN signs in at any phone of the house (free seating); one without a PIN at the configured phone only.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from appliance.config.agents import PauseReasonConfig
from appliance.contract.asks import CheckLock, CheckPin, Figures, KeepLock
from appliance.engine.parts import desk_pins, staffing, tries, wrapping
from appliance.engine.parts.agents import Agent, AgentInput
from appliance.engine.parts.at_desk import TRIES, Desk
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.starts import StartDialogue, StartSpeech
from appliance.engine.parts.turns import Checking, Question, Turn, Words
from appliance.engine.routes.routing import ToFeature
from appliance.ivr import say

Unlocked = Callable[[Desk, Agent], Turn]
"""Turn that follows the right lock code."""

# --- sign in


def sign_in(desk: Desk, number: str) -> Turn:
    """Ask for the agent's number, unless it was dialled, and for the PIN."""
    return _identify(desk, number) if number else Question(desk.prompts("agent-enter-number"), partial(_identify, desk))


def _identify(desk: Desk, number: str) -> Turn:
    return Checking(CheckPin(number), partial(_known, desk, number))


def _known(desk: Desk, number: str, result: str, _values: Mapping[str, str]) -> Turn:
    """Sign an agent without a PIN in at the configured phone; ask all others for the PIN, also strangers."""
    agent = desk.agent(number)
    if result == "failed":
        return desk.words("not-possible")
    if result == "none" and agent is not None and agent.seat == desk.phone.number:
        return _ask_lock(desk, agent, _back) if agent.locked else _seat(desk, agent)
    return desk_pins.prove(desk, number, _seat)


def _seat(desk: Desk, agent: Agent) -> Turn:
    if not staffing.sit(desk.board, agent, desk.phone.number):
        return desk.words("not-possible")
    staffing.tell(desk.board, agent, AgentInput.READY)
    return Words((*desk.prompts("agent-number"), *desk.digits(agent.number), *desk.prompts("agent-signed-in")))


# --- sign out


def sign_out(desk: Desk, _number: str) -> Turn:
    """Sign out the agents of this phone; ask for the lock code in a locked pause, as to resume."""
    agents = desk.agents()
    locked = next((agent for agent in agents if agent.locked), None)
    if locked is not None:
        return _ask_lock(desk, locked, _sign_out)
    return _sign_out(desk) if agents else desk.words("agent-nobody-here")


def _sign_out(desk: Desk, _agent: Agent | None = None) -> Turn:
    for agent in desk.agents():
        staffing.sign_out(desk.board, agent)
    return desk.words("agent-signed-out")


# --- pause and resume


def pause(desk: Desk, key: str) -> Turn:
    """Pause the agents of this phone for a reason; ask for its key, unless it was dialled."""
    if not desk.agents():
        return desk.words("agent-nobody-here")
    if not key and desk.rules.pause_reasons:
        return Question(desk.prompts("agent-enter-reason"), partial(_pause, desk), longest=1)
    return _pause(desk, key)


def _pause(desk: Desk, key: str) -> Turn:
    """Pause first: a phone that is hung up at the question for a lock code must not undo it.

    A pause that is locked gets another reason and keeps its lock.
    """
    reasons, agents = desk.rules.pause_reasons, desk.agents()
    reason = next((each for each in reasons if each.key == key), None)
    if not agents or (reason is None and (key or reasons)):
        return desk.words("not-possible")
    for agent in agents:
        staffing.tell(desk.board, agent, AgentInput.PAUSE, reason.name if reason else "")
    words = Words((*desk.prompts("agent-paused"), *_said(desk, reason)))
    if not desk.rules.lock_pause or any(agent.locked for agent in agents):
        return words
    return Question(desk.prompts("agent-choose-lock"), partial(_lock, desk, words))


def _said(desk: Desk, reason: PauseReasonConfig | None) -> tuple[str, ...]:
    if reason is None:
        return ()
    return desk.prompts(reason.prompt) if reason.prompt else desk.digits(reason.key)


def _lock(desk: Desk, words: Words, code: str) -> Turn:
    agents = tuple(agent.number for agent in desk.agents() if agent.status == "paused")
    return Checking(KeepLock(agents, code), partial(_locked, desk, words)) if code and agents else words


def _locked(desk: Desk, words: Words, result: str, _values: Mapping[str, str]) -> Turn:
    if result != "kept":
        return desk.words("agent-lock-not-kept")
    for agent in desk.agents():
        staffing.lock(desk.board, agent, locked=agent.status == "paused")
    return words


def resume(desk: Desk, _number: str) -> Turn:
    """End the pause of the agents of this phone; ask for the lock code, if one was chosen."""
    agents = desk.agents()
    if not agents:
        return desk.words("agent-nobody-here")
    locked = next((agent for agent in agents if agent.locked), None)
    return _resume(desk) if locked is None else _ask_lock(desk, locked, _back)


def _ask_lock(desk: Desk, agent: Agent, then: Unlocked, *first: str) -> Turn:
    if tries.refused(desk.board, agent.number, desk.phone.number):
        return desk.words("agent-locked")
    return Question(desk.prompts(*first, "agent-enter-lock"), partial(_unlock, desk, agent, then))


def _unlock(desk: Desk, agent: Agent, then: Unlocked, code: str) -> Turn:
    return Checking(CheckLock(agent.number, code), partial(_unlocked, desk, agent, then))


def _unlocked(desk: Desk, agent: Agent, then: Unlocked, result: str, _values: Mapping[str, str]) -> Turn:
    """Go on with the right code, or if it was lost with its file; a supervisor may have ended the pause meanwhile."""
    if result == "failed":
        return desk.words("not-possible")
    if result in ("right", "none") or not agent.locked:
        tries.right(desk.board, agent.number)
        return then(desk, agent)
    if tries.wrong(desk.board, agent.number, desk.phone.number):
        return desk.words("agent-locked")
    if desk.wrong + 1 >= TRIES:
        return desk.words("agent-wrong-lock")
    return _ask_lock(desk._replace(wrong=desk.wrong + 1), agent, then, "agent-wrong-lock")


def _back(desk: Desk, agent: Agent) -> Turn:
    return _resume(desk) if agent in desk.agents() else _seat(desk, agent)


def _resume(desk: Desk) -> Turn:
    for agent in desk.agents():
        staffing.tell(desk.board, agent, AgentInput.READY)
    return desk.words("agent-resumed")


# --- own figures


def figures(desk: Desk, _number: str) -> Turn:
    """Read to the agent of this phone the calls answered today, the talk time in minutes, and the own state."""
    agent = next(iter(desk.agents()), None)
    if agent is None:
        return desk.words("agent-nobody-here")
    return Checking(Figures(agent.number), partial(_told, desk, agent))


def _told(desk: Desk, agent: Agent, result: str, values: Mapping[str, str]) -> Turn:
    if result != "found":
        return desk.words("not-possible")
    language = desk.board.config.language
    calls = say.number(int(values["calls"]), language)
    minutes = say.number(round(float(values["talk_s"]) / 60), language)
    state = "agent-paused" if agent.status == "paused" else "agent-ready"
    talk = (*desk.prompts("agent-talk-today"), *minutes, *desk.prompts("agent-minutes", state))
    return Words((*desk.prompts("agent-calls-today"), *calls, *talk))


First = Callable[[Desk, str], Turn]
"""First turn of a code; it takes the number dialled behind it."""

TURNS: Final[dict[str, First]] = {
    "agent_sign_in": sign_in,
    "agent_sign_out": sign_out,
    "agent_pause": pause,
    "agent_resume": resume,
    "agent_wrap_up": wrapping.more,
    "agent_wrap_up_code": wrapping.ask,
    "agent_pin": desk_pins.change,
    "agent_figures": figures,
}
"""The first turn of each code."""


def dialled(board: Board, call: Call, caller: Leg, code: ToFeature, first: First) -> None:
    """Begin what a code asks for."""
    if caller.phone is None:
        board.begin(call, StartSpeech(caller, say.prompts(board.config.language, ("not-possible",))))
        return
    turn = first(Desk(board, caller.phone), code.number)
    board.begin(call, StartSpeech(caller, turn.sounds) if isinstance(turn, Words) else StartDialogue(caller, turn))
