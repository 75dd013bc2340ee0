# SPDX-License-Identifier: GPL-2.0-or-later
"""Routes: where numbers lead, which way leads outside, time plans; what would happen to a call is tried here."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import ConfigReply, GetConfig, Plans, PlansReply, RouteReply, RouteTest, SetPlan
from appliance.cli.phone import leads_in_words
from appliance.cli.plan import reason_of, state_of, until_of
from appliance.contract.errors import ApiError
from appliance.contract.plans import PlanRow
from appliance.i18n import N_, _
from tui.actions import Action, Field, each
from tui.cells import Cell, Line, wrapped
from tui.dialogs import Form, Jump
from tui.forms import Entry, form_of, inline
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.picture import Picture
from tui.screens.base import Every, HouseScreen
from tui.screens.config import open_entry
from tui.screens.config_history import ASKED_S
from tui.screens.flows import FlowsScreen
from tui.skin import Role

_PLANS_LINES: Final = 5
_PANE_LINES: Final = 7
_TABLES: Final = ("route", "outgoing", "hunt", "duty")
_KINDS: Final = {"route": N_("in"), "outgoing": N_("out"), "hunt": N_("hunting"), "duty": N_("duty")}
_CONDITIONS: Final = ("callers", "lines", "plan", "closed", "hours", "calling", "inside", "order", "otherwise")
_NOW: Final = ("caller", "called", "at", "line")


class RoutesScreen(HouseScreen):
    """Routes and time plans."""

    NAME, LABEL, DIGIT = "routes", N_("routes"), "6"
    HELP_TEXT = N_(
        "Above the numbers and where they lead: routes in, ways outside, groups, duty lists, in the order in which "
        "they are written; Enter opens one as a form, f shows the flows, drawn. Below the time plans; x opens or "
        "closes one by hand. t tries a call: from whom, to which number, when, on which line; the way it would go is "
        "told step by step."
    )
    ASKS = (Every(ASKED_S, GetConfig(), ConfigReply), Every(15.0, Plans(), PlansReply))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", N_("next part"), key_display="Tab"),
        Binding("t", "try", N_("try a call")),
        Binding("f", "flows", N_("flows")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._tried: dict[str, str] = dict.fromkeys(_NOW, "")
        self._way: Sequence[str] = ()
        self._refused = ""

    def body(self) -> Iterable[Widget]:
        """Return routes above plans, and below them the way of a call that is tried."""
        self._routes: LiveTable[Entry] = LiveTable(
            self._route_columns(), self._route_rows, lambda it: (it.table, it.place), N_("no route is written"),
            id="routes",
        )  # fmt: skip
        self._plans: LiveTable[PlanRow] = LiveTable(
            self._plan_columns(), self._plan_rows, lambda it: it.plan, N_("no time plan is configured"), id="plans"
        )
        pane = Pane(self._told, id="told")
        pane.can_focus = False
        self._plans.styles.height, pane.styles.height = _PLANS_LINES, _PANE_LINES
        return (Vertical(self._routes, self._plans, pane),)

    # --- the parts

    def _route_columns(self) -> Sequence[Column[Entry]]:
        return (
            Column(N_("way"), 6, lambda it: Cell(_(_KINDS[it.table]), "dim")),
            Column(N_("number"), 12, _number, grow=1),
            Column(N_("leads to"), 18, _leads_to, grow=2),
            Column(N_("if"), 24, _conditions, grow=3),
        )

    def _route_rows(self) -> Sequence[Entry]:
        if (base := self.picture.last(ConfigReply)) is None:
            return ()
        form = form_of(base.text)
        return [entry for table in _TABLES for entry in form.table(table).entries]

    def _plan_columns(self) -> Sequence[Column[PlanRow]]:
        return (
            Column(N_("plan"), 10, lambda it: it.plan, grow=1),
            Column(N_("now"), 8, lambda it: Cell(state_of(it), "good" if it.open else "warn")),
            Column(N_("because of"), 20, reason_of, grow=2),
            Column(N_("until"), 16, until_of),
            Column(N_("times of the day"), 16, lambda it: ", ".join(it.times), grow=1, spare=1),
        )

    def _plan_rows(self) -> Sequence[PlanRow]:
        reply = self.picture.last(PlansReply)
        return reply.plans if reply is not None else ()

    def _told(self, width: int) -> Sequence[Line]:
        """Return the way of the call that was tried."""
        lines: list[Line] = [[Cell(self.terminal.skin.dash * width, "dim")]]
        if not self._tried["called"]:
            return [*lines, [Cell(" " + _("t tries a call: where it would go, and why"), "dim")]]
        it = self._tried
        about = " ".join((it["caller"], self.terminal.skin.arrow, it["called"], it["line"], it["at"])).strip()
        lines.append([Cell(f" {about}", "accent")])
        role: Role = "bad" if self._refused else ""
        told = [self._refused] if self._refused else self._way
        return [*lines, *([Cell(f" {piece}", role)] for line in told for piece in wrapped(line, width - 2))]

    # --- ways in

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        """Open a route as a form."""
        if isinstance(event.row, Entry) and (base := self.picture.last(ConfigReply)) is not None:
            open_entry(self, base, event.row)

    def go_to(self, key: Any) -> None:
        """Put the cursor on a route or a plan."""
        table = self._plans if isinstance(key, str) else self._routes
        table.focus()
        table.go_to(key)

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the time plans."""
        reply = picture.last(PlansReply)
        for it in reply.plans if reply is not None else ():
            yield Jump(_("plan"), it.plan, cls.NAME, it.plan)

    def action_flows(self) -> None:
        """Show the flows, the cursor on that of the route."""
        row = self._routes.row
        self.app.push_screen(FlowsScreen(str(row.values.get("flow", "")) if row is not None else ""))

    @work(exclusive=True, group="try")
    async def action_try(self) -> None:
        """Ask for a call, and show its way: nothing is called."""
        it = self._tried
        fields = (
            Field("caller", _("from: an extension, a caller's number outside, or anonymous"), it["caller"]),
            Field("called", _("number, as it is dialled"), it["called"] or self._called()),
            Field("at", _("when, e.g. 2026-01-31T14:30; empty: now"), it["at"], needed=False),
            Field("line", _("line on which it comes, e.g. pri:carrier; empty: any"), it["line"], needed=False),
        )
        given = await self.app.push_screen_wait(Form(_("try a call"), fields))
        if not isinstance(given, dict):
            return
        self._tried, self._way, self._refused = given, (), ""
        try:
            reply = await self.terminal.ask(RouteTest(**given), RouteReply)
            self._way = leads_in_words(reply.leads)
        except ApiError as error:
            self._refused = f"{error.message} {error.hint}".strip()
        self.picture.touch()
        self.beat()

    def _called(self) -> str:
        """Return the number of the route under the cursor, if it is a whole one."""
        row = self._routes.row
        number = "" if row is None else _number(row)
        return number if number.isdigit() else ""

    # --- what can be done

    def heading(self) -> str:
        """Return what is chosen."""
        plans = self._plans.chosen if self.table is self._plans else ()
        return ", ".join(it.plan for it in plans) or _(self.LABEL)

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the chosen time plans."""
        if self.table is not self._plans or not self._plans.chosen:
            return ()
        plans = [it.plan for it in self._plans.chosen]
        named = ", ".join(plans)
        until = Field(
            "until", _("until when, e.g. 2026-01-31T18:00; next: as the plan says; empty: undone"), needed=False
        )
        opens = _("Opens {plans} by hand: calls are taken as in opening hours.").format(plans=named)
        closes = _("Closes {plans} by hand: calls are taken as outside opening hours.").format(plans=named)
        return [
            Action("o", _("open by hand"), lambda values: [SetPlan(it, "open", values["until"]) for it in plans], opens,
                   (until,)),
            Action("c", _("close by hand"), lambda values: [SetPlan(it, "closed", values["until"]) for it in plans],
                   closes, (until,)),
            Action("p", _("by its own times"), each([SetPlan(it, "by_plan") for it in plans])),
        ]  # fmt: skip


def _number(it: Entry) -> str:
    """Return the number that a route is for."""
    values = it.values
    return str(values.get("called") or values.get("number") or values.get("prefix") or values.get("name") or "")


def _leads_to(it: Entry) -> Cell:
    """Return the flow, the lines or the phones to which a route leads."""
    to = it.values.get({"route": "flow", "outgoing": "via", "hunt": "extensions"}.get(it.table, "slot"), "")
    if isinstance(to, list):
        named = [each if isinstance(each, str) else inline(each.get("call", "")) for each in to]
        return Cell(", ".join(named), "accent")
    return Cell(str(to), "accent")


def _conditions(it: Entry) -> Cell:
    """Return the conditions and rules of a route, as they are written."""
    told = [f"{name} {inline(it.values[name])}" for name in _CONDITIONS if name in it.values]
    return Cell("  ".join(told), "dim")
