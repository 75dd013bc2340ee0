# SPDX-License-Identifier: GPL-2.0-or-later
"""Board: queues with their callers, and the agents; what a supervisor does with each."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import (
    Agents,
    AgentsReply,
    Figures,
    FiguresReply,
    MoveWaiting,
    Queues,
    QueuesReply,
    ReleaseTalk,
    SetAgent,
    SetPriority,
    Supervise,
    TakeOut,
    TransferTalk,
)
from appliance.cli.words import word
from appliance.contract.day import QueueDay
from appliance.contract.records import AgentStatus
from appliance.contract.rows import Colour
from appliance.contract.supervision import Mode
from appliance.i18n import N_, _, ngettext
from tui.actions import Action, Field, each, one
from tui.cells import Cell, brief
from tui.dialogs import Jump
from tui.live_table import Column, LiveTable
from tui.picture import Picture
from tui.screens.base import Every, HouseScreen
from tui.skin import Role
from tui.things import AgentNow, QueueNow, WaitingNow

STATE_ROLES: Final[dict[str, Role]] = {
    "talking": "good", "idle": "accent", "offered": "warn", "wrap_up": "warn", "paused": "dim", "unreachable": "bad",
    "signed_out": "dim",
}  # fmt: skip

STATE_MARKS: Final[dict[str, str]] = {
    "talking": "T", "idle": ".", "offered": "r", "wrap_up": "w", "paused": "P", "unreachable": "!", "signed_out": "-",
}  # fmt: skip
"""Letters of the states, for those who see no colours and look at ninety agents at once."""

COLOURS: Final[dict[Colour, Role]] = {"": "", "yellow": "warn", "red": "bad"}
"""Roles of the colours that the configuration gives (`queue.board`)."""
MARKS: Final[dict[Colour, str]] = {"": "", "yellow": "!", "red": "!!"}
"""Signs that say the same where no colours are seen."""


class BoardScreen(HouseScreen):
    """The board."""

    NAME, LABEL, DIGIT = "board", N_("board"), "4"
    HELP_TEXT = N_(
        "Left the queues, ! and !! by the limits of their `board`, below them the callers of the chosen one, right the "
        "agents: T talks, . idle, r rung, w wrap-up, P paused, ! unreachable, - signed out; after a + the phone of a "
        "supervisor in the talk. Tab goes from one to the next; x does something with what is chosen there: listen, "
        "whisper, barge in, take over, send on, hang up."
    )
    ASKS = (
        Every(10.0, Queues(), QueuesReply),
        Every(10.0, Agents(), AgentsReply),
        Every(30.0, Figures(), FiguresReply),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", N_("next part"), key_display="Tab"),
        Binding("a", "who", N_("all agents, or its")),
        Binding("w", "wall", N_("wall board")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._all = True

    def body(self) -> Iterable[Widget]:
        """Return queues above callers, and agents beside them."""
        self._queues: LiveTable[QueueNow] = LiveTable(
            self._queue_columns(), self._queue_rows, lambda it: it.queue, N_("no queue is configured"), id="queues"
        )
        self._callers: LiveTable[WaitingNow] = LiveTable(
            self._caller_columns(), self._caller_rows, lambda it: it.call, N_("no caller waits"), id="callers"
        )
        self._agents: LiveTable[AgentNow] = LiveTable(
            self._agent_columns(), self._agent_rows, lambda it: it.agent, N_("no agent is configured"), id="agents"
        )
        left = Vertical(self._queues, self._callers)
        left.styles.width = "2fr"
        self._agents.styles.width = "3fr"
        return (left, self._agents)

    # --- the parts

    def _queue_columns(self) -> Sequence[Column[QueueNow]]:
        return (
            Column(N_("queue"), 8, lambda it: it.queue, grow=1),
            Column(N_("wait"), 4, self._waiting, right=True, order=lambda it: -len(it.waiting)),
            Column(
                N_("longest"), 6, self._longest, right=True, order=lambda it: it.waiting[0].at if it.waiting else 1e18
            ),
            Column(N_("lost"), 4, self._lost, right=True, spare=2),
            Column(N_("level"), 5, self._level, right=True, spare=1),
        )

    def _queue_rows(self) -> Sequence[QueueNow]:
        return sorted(self.picture.queues.values(), key=lambda it: it.queue)

    def _waiting(self, it: QueueNow) -> Cell:
        return Cell(f"{len(it.waiting)}{MARKS[it.colour]}", _role(it))

    def _longest(self, it: QueueNow) -> Cell:
        return Cell(brief(self.picture.since(it.waiting[0].at)) if it.waiting else "-", _role(it))

    def _lost(self, it: QueueNow) -> str:
        day = self._day(it)
        return str(day.abandoned if day is not None else it.abandoned)

    def _level(self, it: QueueNow) -> Cell:
        day = self._day(it)
        if day is None or day.service_level is None:
            return Cell("-", "dim")
        return Cell(f"{day.service_level:.0%}{MARKS[day.colour]}", COLOURS[day.colour])

    def _day(self, it: QueueNow) -> QueueDay | None:
        """Return today's figures of a queue."""
        figures = self.picture.last(FiguresReply)
        return next((day for day in figures.queues if day.queue == it.queue), None) if figures is not None else None

    def _caller_columns(self) -> Sequence[Column[WaitingNow]]:
        return (
            Column("", 2, lambda it: str(self._place(it)), right=True),
            Column(N_("caller"), 11, lambda it: it.caller or _("unknown"), grow=1),
            Column(N_("waits"), 6, lambda it: brief(self.picture.since(it.at)), right=True),
            Column(N_("call"), 6, lambda it: str(it.call), right=True, spare=1),
        )

    def _caller_rows(self) -> Sequence[WaitingNow]:
        queue = self._queues.row
        return queue.waiting if queue is not None else ()

    def _place(self, it: WaitingNow) -> int:
        rows = self._caller_rows()
        return next((place for place, each in enumerate(rows, 1) if each.call == it.call), 0)

    def _agent_columns(self) -> Sequence[Column[AgentNow]]:
        return (
            Column("", 1, lambda it: Cell(STATE_MARKS.get(it.state, ""), STATE_ROLES.get(it.state, ""))),
            Column(N_("agent"), 5, lambda it: it.agent),
            Column(N_("name"), 6, lambda it: it.name, grow=2),
            Column(N_("state"), 8, lambda it: Cell(word(it.state), STATE_ROLES.get(it.state, "")), grow=1),
            Column(N_("for"), 6, self._for, right=True,
                   order=lambda it: it.state_at),
            Column(N_("with"), 8, self._with, grow=3),
            Column(N_("calls"), 5, lambda it: str(it.answered), right=True, spare=1, order=lambda it: -it.answered),
            Column(N_("phone"), 6, lambda it: it.extension, spare=2),
            Column(N_("queues"), 12, lambda it: " ".join(it.queues), grow=1, spare=3),
            Column(N_("skills"), 12, lambda it: " ".join(f"{k} {v}" for k, v in it.skills.items()), grow=1, spare=4),
        )  # fmt: skip

    def _agent_rows(self) -> Sequence[AgentNow]:
        agents = self.picture.agents.values()
        queue = self._queues.row
        return [it for it in agents if self._all or queue is None or queue.queue in it.queues]

    def _for(self, it: AgentNow) -> str:
        """Return how long the state lasts; of a wrap-up that ends by itself, what is left of it."""
        if it.state == "wrap_up" and it.wrap_up_until > self.picture.now_ms:
            return "-" + brief((it.wrap_up_until - self.picture.now_ms) / 1000)
        return brief(self.picture.since(it.state_at))

    def _with(self, it: AgentNow) -> Cell | str:
        call = self.picture.calls.get(it.call)
        if call is None:
            return Cell(it.reason, "dim")
        other = call.caller if call.direction == "in" else call.called
        beside = [leg.number for leg in call.legs.values() if leg.role == "supervisor"]
        return " + ".join([other, *beside])

    def action_who(self) -> None:
        """Show all agents, or those of the chosen queue."""
        self._all = not self._all
        self.beat()

    def go_to(self, key: Any) -> None:
        """Put the cursor on an agent."""
        self._agents.focus()
        self._agents.go_to(key)

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        """Go to the call of an agent or a caller; from a queue to its callers."""
        if isinstance(event.row, QueueNow):
            self._callers.focus()
        elif event.row.call:
            self.terminal.show("calls", event.row.call)

    def action_wall(self) -> None:
        """Show the board for a wall."""
        self.terminal.show("wall")

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the agents."""
        for it in picture.agents.values():
            yield Jump(_("agent"), f"{it.agent} {it.name}", cls.NAME, it.agent)

    # --- what can be done

    def heading(self) -> str:
        """Return what is chosen."""
        if self.table is self._agents:
            return _people(self._agents.chosen)
        return _callers(self._callers.chosen) if self.table is self._callers else _(self.LABEL)

    def actions(self) -> Sequence[Action]:
        """Return what can be done in the part that has the focus."""
        if self.table is self._agents:
            return on_agents(self._agents.chosen)
        return on_callers(self._callers.chosen) if self.table is self._callers else ()


def on_agents(agents: Sequence[AgentNow]) -> Sequence[Action]:
    """Return what can be done with agents."""
    if not agents:
        return ()
    numbers, named = [it.agent for it in agents], _people(agents)
    reason = Field("reason", _("reason"), needed=False)

    def to(status: AgentStatus) -> list[SetAgent]:
        return [SetAgent(number, status) for number in numbers]

    actions = [
        Action("r", _("ready"), each(to("ready"))),
        Action("p", _("pause"), lambda values: [SetAgent(number, "paused", values["reason"]) for number in numbers],
               _("No callers are offered to {agents} from now on.").format(agents=named), (reason,)),
        Action("o", _("sign out"), each(to("signed_out")), _("Signs {agents} out.").format(agents=named)),
    ]  # fmt: skip
    return [*actions, *(_in_talk(agents[0]) if len(agents) == 1 and agents[0].state == "talking" else ())]


def _in_talk(it: AgentNow) -> Iterable[Action]:
    modes: tuple[tuple[str, Mode, str], ...] = (
        ("l", "listen", _("listen")),
        ("w", "whisper", _("whisper to the agent")),
        ("b", "barge", _("barge in")),
        ("i", "intercept", _("take the caller over")),
    )
    for key, mode, name in modes:
        yield _supervise(it.agent, key, mode, name)
    to = Field("to", _("number, as a phone dials it"))
    sentence = _("Sends the party with whom {agent} talks to {to}.").format(agent=it.agent, to="{to}")
    yield Action(
        "t", _("send on"), lambda values: (TransferTalk(values["to"], agent=it.agent),), sentence, (to,), "supervise"
    )
    ends = _("Ends the talk of {agent}.").format(agent=it.agent)
    yield Action("h", _("hang up"), one(ReleaseTalk(it.agent)), ends, right="supervise")


def _supervise(agent: str, key: str, mode: Mode, name: str) -> Action:
    phone = Field("phone", _("your phone (extension)"), kept=True)
    sentence = _("The agent {agent} leaves the talk, and you go on with the caller.").format(agent=agent)
    return Action(
        key,
        name,
        lambda values: (Supervise(values["phone"], agent, mode=mode),),
        sentence if mode == "intercept" else "",
        (phone,),
        "supervise",
    )


def on_callers(callers: Sequence[WaitingNow]) -> Sequence[Action]:
    """Return what can be done with callers who wait."""
    if not callers:
        return ()
    calls, named = [it.call for it in callers], _callers(callers)
    to = Field("to", _("number, as a phone dials it"))
    taken = _("Takes {callers} out of the queue and calls {to}.").format(callers=named, to="{to}")
    return [
        Action("t", _("take out, to a number"), lambda values: [TakeOut(n, values["to"]) for n in calls], taken, (to,),
               "supervise"),
        Action("1", _("to the front"), each([MoveWaiting(n, 1) for n in reversed(calls)]), right="supervise"),
        Action("v", _("as a VIP"), each([SetPriority(n, "vip") for n in calls]), right="supervise"),
        Action("n", _("as all others"), each([SetPriority(n, "normal") for n in calls]), right="supervise"),
    ]  # fmt: skip


def _people(agents: Sequence[AgentNow]) -> str:
    if len(agents) == 1:
        return f"{agents[0].agent} {agents[0].name}".strip()
    return ngettext("{n} agent", "{n} agents", len(agents)).format(n=len(agents))


def _callers(callers: Sequence[WaitingNow]) -> str:
    if len(callers) == 1:
        return callers[0].caller or _("unknown")
    return ngettext("{n} caller", "{n} callers", len(callers)).format(n=len(callers))


def _role(it: QueueNow) -> Role:
    return COLOURS[it.colour] or ("accent" if it.waiting else "dim")
