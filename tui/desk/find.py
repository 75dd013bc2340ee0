# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding a number by number, name or pinyin: what is typed is looked for in the box's directory."""

from collections.abc import Sequence
from typing import ClassVar, Final, cast

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from appliance import numbering
from appliance.api.messages import Directory, DirectoryReply
from appliance.cli.directory import KINDS, presence
from appliance.cli.words import word
from appliance.contract.directory import DirectoryRow
from appliance.contract.errors import ApiError
from appliance.i18n import N_, _
from tui.cells import Cell
from tui.dialogs import Dialog
from tui.host import Host
from tui.live_table import Column, LiveTable
from tui.mouse import Keys
from tui.skin import Role

_ROLES: Final[dict[str, Role]] = {"idle": "good", "ringing": "warn", "busy": "bad"}
MAX_TYPED: Final = 64


def columns() -> tuple[Column[DirectoryRow], ...]:
    """Return the columns of numbers."""
    return (
        Column(N_("no."), 6, lambda it: it.number),
        Column(N_("name"), 10, lambda it: it.name, grow=2),
        Column(N_("kind"), 7, lambda it: Cell(_(KINDS[it.kind]), "dim"), spare=2),
        Column(N_("is"), 14, is_free),
        Column(N_("agent"), 10, lambda it: f"{it.agent} {it.agent_name}".strip(), grow=1),
        Column(N_("agent is"), 9, lambda it: word(it.agent_state) if it.agent_state else "", spare=1),
    )


def is_free(it: DirectoryRow) -> Cell:
    """Return whether a phone is free."""
    role: Role = "dim" if not it.reachable or it.do_not_disturb else _ROLES[it.state]
    return Cell(presence(it), role)


class FindNumber(Dialog):
    """Dialog that finds a number; the result has `to`, the number, and `named`, the number with its name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title
        self._found: Sequence[DirectoryRow] = ()
        self._table: LiveTable[DirectoryRow] = LiveTable(
            columns(), lambda: self._found, lambda it: it.number, N_("no number fits"), id="jumps"
        )
        self._table.can_focus = False

    def compose(self) -> ComposeResult:
        """Return its lines."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="title", markup=False)
            yield Input(placeholder=_("a number, a name, or its pinyin"), max_length=MAX_TYPED)
            yield self._table
            yield Static("", id="missing", markup=False)
            yield Keys(_("Enter: this one   Esc: nothing"), "enter", "escape")

    def on_mount(self) -> None:
        """Put the cursor into the field, and show all numbers."""
        self.query_one(Input).focus()
        self._look("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what is typed."""
        self._look(event.value.strip())

    @work(exclusive=True, group="find")
    async def _look(self, typed: str) -> None:
        try:
            self._found = (await cast("Host", self.app).ask(Directory(typed), DirectoryReply)).entries
        except ApiError as error:
            self._found = ()
            self.query_one("#missing", Static).update(error.message)
        self._table.beat()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the number that was typed whole, or else that under the cursor."""
        typed, row = numbering.plain(event.value.strip()), self._table.row
        if row is not None and (typed is None or not self._is_number_outside(typed)):
            self.dismiss({"to": row.number, "named": f"{row.number} {row.name}".strip()})
        elif typed is not None:
            self.dismiss({"to": typed, "named": typed})
        else:
            self.query_one("#missing", Static).update(_("no number fits"))

    def _is_number_outside(self, typed: str) -> bool:
        """Return whether a number was typed that none of the house begins with."""
        return not any(row.number.startswith(typed) for row in self._found)

    def action_move(self, rows: int) -> None:
        """Move the cursor of the list."""
        self._table.action_move(rows)

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        """Take the row of a second click."""
        row: DirectoryRow = event.row
        self.dismiss({"to": row.number, "named": f"{row.number} {row.name}".strip()})
