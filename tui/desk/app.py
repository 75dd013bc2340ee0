# SPDX-License-Identifier: GPL-2.0-or-later
"""The app of an agent's desk: the terminal with the screens of a desk; it asks at once when the agent's phone stirs."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from textual.binding import BindingType

from appliance.api.messages import (
    Agents,
    AgentsReply,
    Calls,
    CallsReply,
    Desk,
    DeskReply,
    Queues,
    QueuesReply,
    Topic,
    Update,
)
from appliance.cli.words import word
from appliance.contract import records as r
from appliance.i18n import N_, _
from tui import frame
from tui.app import KEYS, TerminalApp
from tui.cells import Cell, Line, brief
from tui.desk.figures import FiguresScreen
from tui.desk.lists import CallBacksScreen, NumbersScreen, OwnCallsScreen
from tui.desk.work import STATES, WorkScreen
from tui.link import Gone, Hear, Heard
from tui.screens.base import Every, HouseScreen, digits

DESK_SCREENS: Final[tuple[type[HouseScreen], ...]] = (
    WorkScreen,
    NumbersScreen,
    OwnCallsScreen,
    CallBacksScreen,
    FiguresScreen,
)
NO_LONGER_GOOD: Final = N_("the ticket is no longer good")
"""As `appliance.server.reception` words it."""
NO_TICKET: Final = 4
"""Return code of a desk whose ticket is no longer good."""
TOPICS: Final[tuple[Topic, ...]] = ("calls", "queues", "agents")


class DeskApp(TerminalApp, inherit_bindings=False):
    """The app of a desk. `agent` is the agent who sits there; '': the one that the user who signed in is."""

    TITLE = "MXBox desk"
    SHOWN: ClassVar = DESK_SCREENS
    PRESENT: ClassVar = (
        Every(60.0, Desk(), DeskReply),  # the first: it has the box's time
        Every(30.0, Agents(), AgentsReply),
        Every(30.0, Calls(), CallsReply),
        Every(60.0, Queues(), QueuesReply),
    )
    BINDINGS: ClassVar[list[BindingType]] = [*KEYS, *digits(DESK_SCREENS)]

    def __init__(self, *args: Any, agent: str = "", **more: Any) -> None:
        self._agent = agent
        super().__init__(*args, **more)

    @property
    def agent(self) -> str:
        """The agent who sits here."""
        hello = self.picture.hello
        return self._agent or (hello.agent if hello is not None else "")

    def hears(self, hear: Hear) -> Hear:
        """Return what hears the news: a new call of the agent is asked for, for its beginning is not told to agents."""

        def heard(news: Sequence[Heard]) -> None:
            hear(news)
            if any(isinstance(each, Gone) and each.why == _(NO_LONGER_GOOD) for each in news):
                self.exit(return_code=NO_TICKET)
            if any(isinstance(each, Update) and self._stirs(each.what) for each in news):
                for request in (Calls(), Agents()):
                    self._asked.pop(request, None)

        return heard

    def _stirs(self, what: object) -> bool:
        """Return whether a record tells that the agent, or a leg of the agent's phone, changed."""
        me = self.picture.agents.get(self.agent)
        if isinstance(what, r.AgentChanged | r.OfferMade):
            return what.agent == self.agent
        if isinstance(what, r.LegOpened):
            return what.agent == self.agent or (me is not None and bool(me.extension) and what.number == me.extension)
        return False

    def head_line(self, width: int) -> Line:  # noqa: ARG002 - cut where it is drawn
        """Return the head line: the agent, the state, callers that wait, the time."""
        picture, me = self.picture, self.picture.agents.get(self.agent)
        parts: list[Cell | str] = [Cell(f" {self.agent} {me.name if me is not None else ''}".rstrip(), "accent")]
        if (silent := picture.silent_s) is not None:
            parts.append(frame.silence(picture, silent))
        elif me is not None:
            parts.append(Cell(f"{word(me.state)} {brief(picture.since(me.state_at))}", STATES.get(me.state, "dim")))
            waiting = sum(len(it.waiting) for it in picture.queues.values() if it.queue in me.queues)
            parts.append(frame.waits(waiting))
        return frame.clocked(parts, self.skin, self._wall(), paused=self.paused)
