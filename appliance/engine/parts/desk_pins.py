# SPDX-License-Identifier: GPL-2.0-or-later
"""PINs in dialogues at desk phones: an agent proves to be the one, and chooses another PIN."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from appliance.contract.asks import CheckPin, KeepPin
from appliance.engine.parts import tries
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.at_desk import TRIES, Desk
from appliance.engine.parts.turns import Checking, Question, Turn

Then = Callable[[Desk, Agent], Turn]
"""The turn after the right PIN."""

_ROWS: Final = ("01234567890123456789", "98765432109876543210")


def prove(desk: Desk, number: str, then: Then, *first: str) -> Turn:
    """Ask for the PIN of an agent; an unknown number is asked for one, too. `first`: prompts before the question."""
    return Question(desk.prompts(*first, "agent-enter-pin"), partial(_take, desk, number, then))


def _take(desk: Desk, number: str, then: Then, pin: str) -> Turn:
    return Checking(CheckPin(number, pin), partial(_compared, desk, number, then))


def _compared(desk: Desk, number: str, then: Then, result: str, _values: Mapping[str, str]) -> Turn:
    agent, extension = desk.agent(number), desk.phone.number
    if result == "failed":
        return desk.words("not-possible")
    if tries.refused(desk.board, number, extension):
        return desk.words("agent-locked")
    if agent is not None and result == "right":
        tries.right(desk.board, number)
        return then(desk, agent)
    if tries.wrong(desk.board, number if agent is not None else "", extension):
        return desk.words("agent-locked")
    if desk.wrong + 1 >= TRIES:
        return desk.words("agent-wrong-pin")
    return prove(desk._replace(wrong=desk.wrong + 1), number, then, "agent-wrong-pin")


def change(desk: Desk, _number: str) -> Turn:
    """Change an agent's PIN after the present one. The number is asked for unless one agent is signed in here."""
    agents = desk.agents()
    if len(agents) == 1:
        return prove(desk, agents[0].number, _choose)
    return Question(desk.prompts("agent-enter-number"), lambda number: prove(desk, number, _choose))


def _choose(desk: Desk, agent: Agent, *first: str) -> Turn:
    return Question(desk.prompts(*first, "agent-choose-pin"), partial(_repeat, desk, agent))


def _repeat(desk: Desk, agent: Agent, pin: str) -> Turn:
    if _easy(pin, agent.number) or len(pin) < desk.rules.pin_digits:
        return _choose(desk, agent, "agent-pin-too-easy")
    return Question(desk.prompts("agent-repeat-pin"), partial(_keep, desk, agent, pin))


def _easy(pin: str, number: str) -> bool:
    """Return whether a PIN is among the first that are guessed."""
    return not pin.isdecimal() or len({*pin}) == 1 or pin == number or any(pin in row for row in _ROWS)


def _keep(desk: Desk, agent: Agent, pin: str, repeated: str) -> Turn:
    if pin != repeated:
        return _choose(desk, agent, "agent-pins-differ")
    return Checking(KeepPin(agent.number, pin), partial(_kept, desk))


def _kept(desk: Desk, result: str, _values: Mapping[str, str]) -> Turn:
    return desk.words("agent-pin-changed" if result == "kept" else "not-possible")
