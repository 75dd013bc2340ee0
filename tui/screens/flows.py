# SPDX-License-Identifier: GPL-2.0-or-later
"""Flows: each drawn as a picture of lines, changed as text with the box's word on it, put in force, taken back."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from appliance.api.messages import ConfigHistory, ConfigHistoryReply, ConfigReply, GetConfig
from appliance.config.duty import DutyConfig
from appliance.config.shape import allowed, fits
from appliance.contract.errors import ApiError
from appliance.i18n import N_, _
from tui.actions import Action
from tui.cells import Cell, Line, wrapped
from tui.dialogs import Jump
from tui.flow_picture import picture_of
from tui.forms import form_of
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.picture import Picture
from tui.screens.base import Every, HouseScreen
from tui.screens.config_history import ASKED_S, HistoryScreen, undoing
from tui.screens.config_text import TextScreen
from tui.value_dialog import ValueDialog

_NAME: Final = DutyConfig.__annotations__["name"]
_NEW: Final = """flow_version = 1
start = "welcome"

[node.welcome]
do = "play"
prompts = ["welcome"]
next = "end"

[node.end]
do = "hangup"
"""
_LIST_WIDTH: Final = 26


class FlowsScreen(HouseScreen):
    """The flows that numbers, queues and surveys lead into."""

    NAME, LABEL = "flows", N_("flows")
    HELP_TEXT = N_(
        "Left the flows and what leads into each; right the chosen one, drawn: a node, "
        "what it does, and below it the ways out, each with the key or the reason. e changes it as text, h shows who "
        "changed what, x takes the last change back and begins a new flow."
    )
    ASKS = (Every(ASKED_S, GetConfig(), ConfigReply),)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", N_("next part"), key_display="Tab"),
        Binding("e", "text", N_("as text")),
        Binding("h", "history", N_("history")),
    ]

    def __init__(self, at: str = "") -> None:
        super().__init__()
        self._at = at
        self._reply: ConfigReply | None = None
        self._past: ConfigHistoryReply | None = None
        self._shown: tuple[str, int] = ("", 0)
        self._why_not = ""
        self._since = 0

    def body(self) -> Iterable[Widget]:
        """Return the flows, and beside them the picture of the chosen one."""
        columns: Sequence[Column[tuple[str, str]]] = (
            Column(N_("flow"), 10, lambda it: it[0], grow=1),
            Column(N_("from"), 10, lambda it: Cell(it[1], "dim"), grow=1),
        )
        self._flows: LiveTable[tuple[str, str]] = LiveTable(
            columns, self._rows, lambda it: it[0], N_("there is no flow"), id="flows"
        )
        self._flows.styles.width = _LIST_WIDTH
        self._pane = Pane(self._drawn, id="picture")
        return (self._flows, self._pane)

    def on_mount(self) -> None:
        """Put the cursor on the flow that was asked for."""
        super().on_mount()
        if self._at:
            self._flows.go_to(self._at)

    def beat(self) -> None:
        """Draw what changed; the text of another flow is asked for."""
        super().beat()
        row = self._flows.row if self._lives else None
        wanted = (row[0] if row is not None else "", self._since)
        if wanted != self._shown and wanted[0]:
            self._shown, self._reply, self._past, self._why_not = wanted, None, None, ""
            self._get(wanted[0])

    def on_screen_resume(self) -> None:
        """Ask for the text anew: it may have been changed in the screen that was above."""
        self._since += 1

    @work(exclusive=True, group="get")
    async def _get(self, flow: str) -> None:
        try:
            self._reply = await self.terminal.ask(GetConfig(flow=flow), ConfigReply)
            self._past = await self.terminal.ask(ConfigHistory(limit=1, flow=flow), ConfigHistoryReply)
        except ApiError as error:
            self._why_not = error.message
        self._pane.to_top()
        self.picture.touch()
        self.beat()

    def _rows(self) -> Sequence[tuple[str, str]]:
        return flows_of(self.picture)

    def _drawn(self, width: int) -> Sequence[Line]:
        if self._why_not:
            return [[Cell(f" {line}", "bad")] for line in wrapped(self._why_not, width - 2)]
        if self._reply is None:
            return []
        return [[" ", *line] for line in picture_of(self._reply.text, self._shown[0], self.terminal.skin)]

    # --- ways in

    def on_live_table_opened(self, _event: LiveTable.Opened) -> None:
        """Go to the picture."""
        self._pane.focus()

    def action_text(self) -> None:
        """Show the flow as text."""
        if self._reply is not None:
            self.app.push_screen(TextScreen(self._reply, flow=self._shown[0]))

    def action_history(self) -> None:
        """Show the changes of the flow."""
        if self._shown[0]:
            self.app.push_screen(HistoryScreen(self._shown[0]))

    def go_to(self, key: Any) -> None:
        """Put the cursor on a flow."""
        self._flows.go_to(key)

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the flows."""
        for name, _from in flows_of(picture):
            yield Jump(_("flow"), name, cls.NAME, name)

    # --- what can be done

    def heading(self) -> str:
        """Return the chosen flow."""
        return self._shown[0] or _(self.LABEL)

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the chosen flow."""

        async def new(_link: object, _values: object) -> str:
            self._begin()
            return _("nothing is in force before F4 and a")

        found = [Action("n", _("begin a new flow"), do=new, right="configure")]
        if self._past is not None and self._past.entries:
            found.append(undoing(self._past.entries[0], "z", self._shown[0], self.on_screen_resume))
        return found

    @work(exclusive=True, group="new")
    async def _begin(self) -> None:
        """Ask for the name of a new flow, and open its text."""

        def mistakes(text: str) -> Sequence[str]:
            if text.strip() in (name for name, _from in self._rows()):
                return [_("{name} is there already").format(name=text.strip())]
            return [] if fits(text.strip(), _NAME) else [allowed(_NAME)]

        async def check(_text: str) -> Sequence[str]:
            return ()

        told = _("the name of its file; a route leads into it afterwards")
        given = await self.app.push_screen_wait(ValueDialog(_("begin a new flow"), "", told, mistakes, check))
        if isinstance(given, str):
            base = ConfigReply(text="", version="", file=f"{given}.toml")
            self.app.push_screen(TextScreen(base, _NEW, flow=given))


def flows_of(picture: Picture) -> Sequence[tuple[str, str]]:
    """Return the flows that the configuration names, each with what leads into it, then those that it does not name."""
    if (reply := picture.last(ConfigReply)) is None:
        return ()
    form, found = form_of(reply.text), dict[str, list[str]]()
    for it in form.table("route").entries:
        found.setdefault(str(it.values.get("flow", "")), []).append(str(it.values.get("called", "")))
    for it in form.table("queue").entries:
        detours = it.values.get("detours", {})
        for flow in (it.values.get("survey", ""), *(detours.values() if isinstance(detours, dict) else ())):
            found.setdefault(str(flow), []).append(it.name)
    named = [(name, ", ".join(dict.fromkeys(by))) for name, by in found.items() if name and ":" not in name]
    return [*named, *((name, _("unused")) for name in reply.flows if name not in found)]
