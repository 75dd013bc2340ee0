# SPDX-License-Identifier: GPL-2.0-or-later
"""Base of the screens of a desk: the agent who sits there, that agent's call, and what the box told of the desk."""

from collections.abc import Callable
from typing import Protocol, cast

from appliance.api.messages import DeskReply
from appliance.contract.desk import DeskView
from tui.host import Host
from tui.screens.base import HouseScreen
from tui.things import AgentNow, CallNow

ORDER = ("talking", "held", "announcing", "offering", "calling")
"""States of calls, those first that an agent does something with."""


class Desk(Host, Protocol):
    """The app, as the screens of a desk see it."""

    @property
    def agent(self) -> str:
        """The agent who sits here."""
        ...


class Mine(HouseScreen):
    """A screen of a desk."""

    @property
    def agent(self) -> str:
        """The number of the agent who sits here."""
        return cast("Desk", self.app).agent

    @property
    def me(self) -> AgentNow | None:
        """The agent who sits here."""
        return self.picture.agents.get(self.agent)

    @property
    def desk(self) -> DeskView:
        """Reasons, codes and prefixes, by the configuration."""
        reply = self.picture.last(DeskReply)
        return reply.desk if reply is not None else DeskView()

    @property
    def my_call(self) -> CallNow | None:
        """The call that the agent's phone is in; of several that which is talked in."""
        me = self.me
        if me is None:
            return None
        found = [it for it in self.picture.calls.values() if it.state != "releasing" and of_mine(me)(it)]
        return min(found, key=lambda it: (_rank(it), -it.call), default=None)


def seat(me: AgentNow) -> str:
    """Return the phone at which an agent sits, '' if signed out: another person may use the phone that it was."""
    return me.extension if me.status != "signed_out" else ""


def of_mine(me: AgentNow) -> Callable[[CallNow], bool]:
    """Return what tells whether a call is one of an agent, or of the agent's phone."""
    phone = seat(me)

    def mine(call: CallNow) -> bool:
        return any(leg.agent == me.agent or (bool(phone) and leg.number == phone) for leg in call.legs.values())

    return mine


def other_party(call: CallNow, me: AgentNow) -> str:
    """Return the number of the other party of a call of an agent."""
    numbers = [leg.number for leg in call.legs.values() if leg.agent != me.agent and leg.number != me.extension]
    return numbers[0] if numbers else call.caller if call.caller != me.extension else call.called


def _rank(it: CallNow) -> int:
    return ORDER.index(it.state) if it.state in ORDER else len(ORDER)
