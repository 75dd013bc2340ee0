# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone of the house that listens to a box."""

from typing import NamedTuple

from appliance.config.model import ExtensionConfig
from appliance.engine.parts.board import Board
from appliance.engine.parts.boxes import Box, Kept
from appliance.engine.parts.call import Leg
from appliance.engine.parts.turns import Words
from appliance.ivr import say


class Listener(NamedTuple):
    """A phone that listens to a box; `order`: the messages, of which the one at `at` is played."""

    board: Board
    leg: Leg
    phone: ExtensionConfig
    box: Box
    order: tuple[Kept, ...] = ()
    at: int = 0
    wrong: int = 0

    def prompts(self, *names: str) -> tuple[str, ...]:
        """Return the sounds of prompts."""
        return say.prompts(self.board.config.language, names)

    def number(self, n: int) -> tuple[str, ...]:
        """Return the sounds of a count."""
        return say.number(n, self.board.config.language)

    def words(self, *names: str) -> Words:
        """Return last words."""
        return Words(self.prompts(*names))

    @property
    def by(self) -> str:
        """The agent at the phone, or its extension."""
        agents = self.board.phone_users[self.phone.number]
        return next((each.number for each in agents if each.status != "signed_out"), self.phone.number)
