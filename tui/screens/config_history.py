# SPDX-License-Identifier: GPL-2.0-or-later
"""History of the configuration: each change with who, when, from where and why; what it changed; taken back."""

from collections.abc import Callable, Sequence
from typing import Final

from textual import work

from appliance.api.messages import (
    ConfigChange,
    ConfigChangesReply,
    ConfigEntry,
    ConfigHistory,
    ConfigHistoryReply,
    ConfigReply,
    DiffConfig,
    GetConfig,
    Operations,
    OperationsReply,
    UndoConfig,
)
from appliance.cli.config_change import counts
from appliance.config.edit import NO_TEXT
from appliance.contract.errors import ApiError
from appliance.i18n import N_, _
from tui.actions import Action, Values
from tui.cells import Cell, Line, wrapped
from tui.draft import in_force, language, told, waiting, why
from tui.link import Asks
from tui.live_table import Column
from tui.screens.base import Every, HouseScreen, TableScreen
from tui.screens.troubles import when

ASKED_S: Final = 60.0
"""Requests that take `configure` are named in the call server's log; after a change all are asked at once."""
_NEAR_MS: Final = 60_000
"""The operation log is written a moment after the change."""


class ChangesScreen(TableScreen[ConfigChange]):
    """Settings that differ.

    Args:
        title: what differs from what.
        changes: the settings.
    """

    NAME, LABEL = "changes", N_("changed settings")
    HELP_TEXT = N_(
        "Settings that differ, with their values before and after, and when each counts: at once, or after something "
        "has been started again."
    )
    EMPTY = N_("nothing differs")

    def __init__(self, title: str, changes: Sequence[ConfigChange]) -> None:
        super().__init__()
        self._title, self._changes = title, changes

    def columns(self) -> Sequence[Column[ConfigChange]]:
        """Return the columns."""
        return (
            Column(N_("setting"), 20, lambda it: it.key, grow=1),
            Column(N_("before"), 12, lambda it: Cell(it.before or "-", "dim"), grow=2),
            Column(N_("after"), 12, lambda it: Cell(it.after or "-", "accent"), grow=2),
            Column(N_("counts"), 24, lambda it: Cell(counts(it.needs), "warn" if it.needs else "good"), spare=1),
        )

    def rows(self) -> Sequence[ConfigChange]:
        """Return the settings."""
        return self._changes

    def key(self, row: ConfigChange) -> str:
        """Return the key."""
        return row.key

    def enter(self, row: ConfigChange) -> None:
        """Show it whole: values may be long."""
        before, after = f"{_('before')}: {row.before or '-'}", f"{_('after')}: {row.after or '-'}"
        self.terminal.show_help(row.key, "\n".join((before, after, counts(row.needs))), ())


class HistoryScreen(TableScreen[ConfigEntry]):
    """The changes, newest first."""

    NAME, LABEL = "changed", N_("history of the configuration")
    HELP_TEXT = N_(
        "Every change of the configuration, newest first: who made it, from where and why. Enter shows what it "
        "changed, and what would change if the text before it were put back; x puts it back."
    )
    EMPTY = N_("nothing was changed yet")

    def __init__(self, flow: str = "") -> None:
        super().__init__()
        self._flow = flow
        self._entries: Sequence[ConfigEntry] = ()

    def asks(self) -> Sequence[Every]:
        """Return the request for those of the configuration, which are in the picture."""
        return () if self._flow else (Every(ASKED_S, ConfigHistory(), ConfigHistoryReply),)

    def on_mount(self) -> None:
        """Ask for the changes of a flow."""
        super().on_mount()
        self.look()

    @work(exclusive=True, group="look")
    async def look(self) -> None:
        """Ask for the changes of a flow."""
        if self._flow:
            try:
                reply = await self.terminal.ask(ConfigHistory(flow=self._flow), ConfigHistoryReply)
                self._entries = reply.entries
            except ApiError as error:
                self.notify(error.message, severity="error", markup=False)
            self.picture.touch()
            self.beat()

    def columns(self) -> Sequence[Column[ConfigEntry]]:
        """Return the columns."""
        return (
            Column(N_("changed"), 14, lambda it: when(it.at, seconds=True), order=lambda it: -it.at),
            Column(N_("by"), 8, lambda it: it.user, grow=1),
            Column(N_("from"), 8, lambda it: it.door, grow=1, spare=1),
            Column(N_("why"), 16, lambda it: it.why, grow=3),
            Column(N_("text before"), 16, lambda it: Cell(it.version, "dim"), spare=2),
        )

    def rows(self) -> Sequence[ConfigEntry]:
        """Return the changes."""
        if self._flow:
            return self._entries
        reply = self.picture.last(ConfigHistoryReply)
        return reply.entries if reply is not None else ()

    def key(self, row: ConfigEntry) -> int:
        """Return its time."""
        return row.at

    def enter(self, row: ConfigEntry) -> None:
        """Show what it changed."""
        self.app.push_screen(ChangeScreen(row, self._flow))

    def actions_on(self, rows: Sequence[ConfigEntry]) -> Sequence[Action]:
        """Return what can be done with a change."""
        return [undoing(rows[0], "u", self._flow, self.look)] if len(rows) == 1 else ()


class ChangeScreen(HouseScreen):
    """One change."""

    NAME, LABEL = "change", N_("change of the configuration")
    HELP_TEXT = N_(
        "One change of the configuration: who made it, when, from where and why; each setting before and after; and "
        "what would change now if the text before it were put back."
    )

    def __init__(self, entry: ConfigEntry, flow: str = "") -> None:
        super().__init__()
        self._entry, self._flow = entry, flow
        self._did: Sequence[str] = ()
        self._back: Sequence[ConfigChange] | None = None
        self._why_not = ["", ""]

    def on_mount(self) -> None:
        """Look for what it changed."""
        super().on_mount()
        self._look()

    @work
    async def _look(self) -> None:
        """Ask for the lines of the operation log, and for the difference to the text before."""
        it = self._entry
        try:
            asked = Operations(since=it.at - _NEAR_MS, until=it.at + _NEAR_MS, limit=200)
            rows = (await self.terminal.ask(asked, OperationsReply)).operations
            self._did = next((row.after.split("\n")[1:] for row in rows if row.after.startswith(it.after)), ())
        except ApiError as error:
            self._why_not[0] = error.message
        self.beat()
        try:
            text = (await self.terminal.ask(GetConfig(it.version, self._flow), ConfigReply)).text
            request = DiffConfig(text, self._flow, language=language())
            self._back = (await self.terminal.ask(request, ConfigChangesReply)).changes
        except ApiError as error:
            self._why_not[1] = error.message
        self.picture.touch()
        self.beat()

    def lines(self, width: int) -> Sequence[Line]:
        """Return the lines."""
        it = self._entry
        back = told(self._back).split("\n") if self._back else [_("nothing")] if self._back is not None else []
        return [
            [" ", Cell(when(it.at, seconds=True), "accent"), f"   {it.user}   {it.door}"],
            *([f" {line}"] for line in wrapped(it.why or _("without a reason"), width - 2)),
            "",
            *_part(_("What it changed"), self._did, self._why_not[0] or _("the operation log does not tell"), width),
            "",
            *_part(_("What changes if the text before it is put back"), back, self._why_not[1] or "...", width),
            *([[Cell(f" {waiting(waits)}", "warn")]] if (waits := [e for e in self._back or () if e.needs]) else ()),
        ]

    def actions(self) -> Sequence[Action]:
        """Return what can be done with it."""
        return [undoing(self._entry, "u", self._flow)]


def undoing(entry: ConfigEntry, key: str, flow: str = "", done: Callable[[], object] = lambda: None) -> Action:
    """Return the action that puts the text before a change back, of the configuration or of a flow.

    `done` is called afterwards.
    """

    async def do(link: Asks, values: Values) -> str:
        request = UndoConfig(entry.version, flow, why=values["why"], language=language())
        reply = await link.ask(request, ConfigChangesReply)
        done()
        return in_force(reply.changes)

    who = " ".join(part for part in (entry.user, f"({entry.why})" if entry.why else "") if part)
    began = flow and entry.version == NO_TEXT
    does = (
        N_("Takes the flow away that {user} began at {time}; its text stays in the history.")
        if began
        else N_("Puts the text back that was in force until {time}, when {user} changed it.")
    )
    sentence = _(does).format(time=when(entry.at, seconds=True), user=who or "?")
    name = _("undo the change of {time}").format(time=when(entry.at, seconds=True))
    return Action(key, name, fields=(why(),), sentence=sentence.replace("{", "{{").replace("}", "}}"), do=do,
                  right="configure")  # fmt: skip


def _part(head: str, lines: Sequence[str], none: str, width: int) -> list[Line]:
    shown: list[Line] = [[f" {piece}"] for line in lines for piece in wrapped(line, width - 2)]
    return [[Cell(f" {head}", "head")], *(shown or [[Cell(f" {none}", "dim")]])]
