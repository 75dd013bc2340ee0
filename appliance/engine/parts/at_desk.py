# SPDX-License-Identifier: GPL-2.0-or-later
"""A desk phone at which an agent presses codes, as its dialogues see it."""

from typing import Final, NamedTuple

from appliance.config.agents import AgentsConfig
from appliance.config.model import ExtensionConfig
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.board import Board
from appliance.engine.parts.turns import Words
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
