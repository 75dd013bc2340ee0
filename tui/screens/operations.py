# SPDX-License-Identifier: GPL-2.0-or-later
"""The operation log: each change with its user, place, time and reason; below the values before and after it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import Operations, OperationsReply, VerifiedReply, VerifyOperations
from appliance.contract.access import OperationRow
from appliance.contract.errors import ApiError
from appliance.i18n import N_, _
from tui.actions import Field
from tui.cells import Cell, Line, wrapped
from tui.dialogs import Form
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.screens.base import Every, HouseScreen
from tui.screens.troubles import when
from tui.typed import moment

FOUND: Final = 500


class OperationsScreen(HouseScreen):
    """The operation log."""

    NAME, LABEL = "operations", N_("operations")
    HELP_TEXT = N_(
        "All that was changed, the newest first: who did it, from where, why, and below what was before and after. f "
        "finds by user, request and time. v verifies that no row was changed since it was written."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "find", N_("find")),
        Binding("v", "verify", N_("verify")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked = Operations(limit=FOUND)

    def asks(self) -> Sequence[Every]:
        """Return the request for what is looked for."""
        return (Every(10.0, self._asked, OperationsReply),)

    def body(self) -> Iterable[Widget]:
        """Return the log above what the chosen operation changed."""
        self._table: LiveTable[OperationRow] = LiveTable(
            _columns(), self._rows, lambda it: it.operation, N_("no such operation"), id="operations"
        )
        self._pane = Pane(self._changed)
        self._table.styles.height = "2fr"
        return (Vertical(self._table, self._pane),)

    def _rows(self) -> Sequence[OperationRow]:
        reply = self.picture.last(OperationsReply)
        return reply.operations if reply is not None else ()

    def _changed(self, width: int) -> Sequence[Line]:
        it = self._table.row
        if it is None:
            return ()
        head = _("{user} from {door}: {what} {on}").format(user=it.user, door=it.door, what=it.what, on=it.on)
        lines: list[Line] = [[Cell(f" {when(it.at, seconds=True)}  ", "dim"), Cell(head, "head")]]
        for name, text in ((_("why"), it.why), (_("before"), it.before), (_("after"), it.after)):
            folded = wrapped(text, width - 4) if text else []
            lines += [[Cell(f" {name}", "dim")], *([f"   {line}"] for line in folded)] if folded else []
        return lines

    def on_live_table_opened(self, _event: LiveTable.Opened) -> None:
        """Go to what it changed, to read it."""
        self._pane.focus()

    @work(exclusive=True, group="find")
    async def action_find(self) -> None:
        """Ask what to look for, and look."""
        it = self._asked
        fields = (
            Field("user", _("user"), it.user, needed=False),
            Field("what", _("request, such as set_phone"), it.what, needed=False),
            Field("since", _("since: today, yesterday, 2h, 7d, 2026-01-31"), needed=False),
            Field("until", _("until"), needed=False),
        )
        values = await self.app.push_screen_wait(Form(_("find operations"), fields))
        if not isinstance(values, dict):
            return
        try:
            since, until = moment(values["since"]), moment(values["until"])
        except ApiError as error:
            self.app.notify(f"{error.message}\n{error.hint}", severity="error", markup=False)
            return
        self._asked = Operations(since, until, values["user"], values["what"], limit=FOUND)
        self.terminal.ask_again()

    @work(exclusive=True, group="find")
    async def action_verify(self) -> None:
        """Verify the log, and tell."""
        try:
            reply = await self.terminal.ask(VerifyOperations(), VerifiedReply)
        except ApiError as error:
            self.app.notify(f"{error.message}\n{error.hint}", severity="error", markup=False)
            return
        if reply.wrong:
            text = _("operation {n} is not as it was written").format(n=reply.wrong)
            self.app.notify(text, severity="error", markup=False)
            return
        text = _("all {n} rows are as they were written; the last one's hash: {hash}")
        self.app.notify(text.format(n=reply.rows, hash=reply.hash), markup=False)


def _columns() -> Sequence[Column[OperationRow]]:
    return (
        Column(N_("time"), 11, lambda it: when(it.at), order=lambda it: it.at),
        Column(N_("user"), 8, lambda it: it.user, grow=1),
        Column(N_("what"), 14, lambda it: Cell(it.what, "accent"), grow=1),
        Column(N_("on"), 8, lambda it: it.on, grow=1),
        Column(N_("from where"), 10, lambda it: Cell(it.door, "dim"), grow=1, spare=1),
        Column(N_("why"), 8, lambda it: it.why, grow=2),
    )
