# SPDX-License-Identifier: GPL-2.0-or-later
"""Codes by which agents sign in and out, pause and resume at desk phones, and the dialogues that belong to them.

An agent with a PIN signs in at any phone of the house (free seating); one without a PIN at the configured phone only.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from appliance.config.agents import AgentsConfig, PauseReasonConfig
from appliance.config.model import ExtensionConfig
from appliance.contract.asks import CheckPin, Figures
from appliance.contract.ticks import ticks
from appliance.engine.parts import staffing
from appliance.engine.parts.agents import Agent, AgentInput
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.starts import StartDialogue, StartSpeech
from appliance.engine.parts.turns import Checking, Question, Turn, Words
from appliance.engine.routes.routing import ToFeature
from appliance.i18n import N_
from appliance.ivr import say

TRIES: Final = 3
"""Wrong PINs after which a call ends."""


class Desk(NamedTuple):
    """A phone at which an agent presses codes; `wrong`: PINs that were wrong in this call."""

    board: Board
    phone: ExtensionConfig
    wrong: int = 0

    @property
    def rules(self) -> AgentsConfig:
        """The rules for all agents."""
        return self.board.config.agents

    def prompts(self, *names: str) -> tuple[str, ...]:
        """Return the sounds of prompts."""
        return say.prompts(self.board.config.language, names)

    def digits(self, text: str) -> tuple[str, ...]:
        """Return the sounds of a number."""
        return say.digits(text, self.board.config.language)

    def words(self, *names: str) -> Words:
        """Return last words."""
        return Words(self.prompts(*names))

    def agents(self) -> list[Agent]:
        """Return the agents who are signed in at this phone."""
        return [each for each in self.board.phone_users[self.phone.number] if each.status != "signed_out"]

    def agent(self, number: str) -> Agent | None:
        """Return an agent of the configuration."""
        agent = self.board.agents.get(number)
        return None if agent is None or agent.leaving else agent


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
        return _ask_lock(desk, agent, ()) if agent.lock else _seat(desk, agent)
    return _ask_pin(desk, number, ())


def _ask_pin(desk: Desk, number: str, first: tuple[str, ...]) -> Turn:
    return Question(desk.prompts(*first, "agent-enter-pin"), partial(_take_pin, desk, number))


def _take_pin(desk: Desk, number: str, pin: str) -> Turn:
    return Checking(CheckPin(number, pin), partial(_compared, desk, number))


def _compared(desk: Desk, number: str, result: str, _values: Mapping[str, str]) -> Turn:
    agent = desk.agent(number)
    if result == "failed":
        return desk.words("not-possible")
    if agent is not None and desk.board.now < agent.locked_until:
        return desk.words("agent-locked")
    if agent is not None and result == "right":
        agent.wrong_pins = 0
        return _seat(desk, agent)
    if agent is not None and _locks(desk, agent):
        return desk.words("agent-locked")
    if desk.wrong + 1 >= TRIES:
        return desk.words("agent-wrong-pin")
    return _ask_pin(desk._replace(wrong=desk.wrong + 1), number, ("agent-wrong-pin",))


def _locks(desk: Desk, agent: Agent) -> bool:
    """Count a wrong PIN; return whether it was one too many, after which no PIN is taken for a while."""
    board, rules = desk.board, desk.rules
    agent.wrong_pins += 1
    if agent.wrong_pins < rules.wrong_pins:
        return False
    agent.wrong_pins, agent.locked_until = 0, board.now + ticks(rules.lock_s)
    text = N_("agent {agent}: {n} wrong PINs, the last one at extension {extension}; no PIN is taken for {seconds} s")
    board.trouble(
        "agent",
        text,
        agent=agent.number,
        n=rules.wrong_pins,
        extension=desk.phone.number,
        seconds=f"{rules.lock_s:g}",
    )
    return True


def _seat(desk: Desk, agent: Agent) -> Turn:
    if not staffing.sit(desk.board, agent, desk.phone.number):
        return desk.words("not-possible")
    staffing.tell(desk.board, agent, AgentInput.READY)
    return Words((*desk.prompts("agent-number"), *desk.digits(agent.number), *desk.prompts("agent-signed-in")))


# --- sign out


def sign_out(desk: Desk, _number: str) -> Turn:
    """Sign out the agents of this phone."""
    agents = desk.agents()
    for agent in agents:
        staffing.sign_out(desk.board, agent)
    return desk.words("agent-signed-out" if agents else "agent-nobody-here")


# --- pause and resume


def pause(desk: Desk, key: str) -> Turn:
    """Pause the agents of this phone for a reason; ask for its key, unless it was dialled."""
    if not desk.agents():
        return desk.words("agent-nobody-here")
    if not key and desk.rules.pause_reasons:
        return Question(desk.prompts("agent-enter-reason"), partial(_pause, desk), longest=1)
    return _pause(desk, key)


def _pause(desk: Desk, key: str) -> Turn:
    """Pause first: a phone that is hung up at the question for a lock code must not undo it."""
    reasons, agents = desk.rules.pause_reasons, desk.agents()
    reason = next((each for each in reasons if each.key == key), None)
    if not agents or (reason is None and (key or reasons)):
        return desk.words("not-possible")
    for agent in agents:
        staffing.tell(desk.board, agent, AgentInput.PAUSE, reason.name if reason else "")
        agent.lock = ""
    words = Words((*desk.prompts("agent-paused"), *_said(desk, reason)))
    if not desk.rules.lock_pause:
        return words
    return Question(desk.prompts("agent-choose-lock"), partial(_lock, desk, words))


def _said(desk: Desk, reason: PauseReasonConfig | None) -> tuple[str, ...]:
    if reason is None:
        return ()
    return desk.prompts(reason.prompt) if reason.prompt else desk.digits(reason.key)


def _lock(desk: Desk, words: Words, code: str) -> Turn:
    for agent in desk.agents():
        if agent.status == "paused":
            agent.lock = code
    return words


def resume(desk: Desk, _number: str) -> Turn:
    """End the pause of the agents of this phone; ask for the lock code, if one was chosen."""
    agents = desk.agents()
    if not agents:
        return desk.words("agent-nobody-here")
    locked = next((agent for agent in agents if agent.lock), None)
    return _resume(desk) if locked is None else _ask_lock(desk, locked, ())


def _ask_lock(desk: Desk, agent: Agent, first: tuple[str, ...]) -> Turn:
    if desk.board.now < agent.locked_until:
        return desk.words("agent-locked")
    return Question(desk.prompts(*first, "agent-enter-lock"), partial(_unlock, desk, agent))


def _unlock(desk: Desk, agent: Agent, code: str) -> Turn:
    if code == agent.lock or not agent.lock:  # a supervisor may have ended the pause meanwhile
        agent.wrong_pins = 0
        return _resume(desk)
    if _locks(desk, agent):
        return desk.words("agent-locked")
    if desk.wrong + 1 >= TRIES:
        return desk.words("agent-wrong-lock")
    return _ask_lock(desk._replace(wrong=desk.wrong + 1), agent, ("agent-wrong-lock",))


def _resume(desk: Desk) -> Turn:
    for agent in desk.agents():
        staffing.tell(desk.board, agent, AgentInput.READY)
    return desk.words("agent-resumed")


# --- wrap-up


def wrap_up(desk: Desk, _number: str) -> Turn:
    """Lengthen the wrap-up of the agents of this phone; `resume` ends it."""
    extended = [staffing.extend(desk.board, agent, desk.rules.wrap_up_more_s) for agent in desk.agents()]
    return desk.words("agent-more-time" if any(extended) else "not-possible")


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
    "agent_wrap_up": wrap_up,
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
