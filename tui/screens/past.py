# SPDX-License-Identifier: GPL-2.0-or-later
"""Past calls: call detail records, found by number, agent, queue and time; Enter shows the call's ladder."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType

from appliance.api.messages import Cdr, CdrReply
from appliance.cli.words import word
from appliance.contract.errors import ApiError
from appliance.contract.rows import CdrRow
from appliance.i18n import N_, _
from tui.actions import Field
from tui.cells import Cell, brief
from tui.dialogs import Form
from tui.live_table import Column
from tui.screens.base import OfCall, TableScreen
from tui.screens.call import CallScreen
from tui.screens.troubles import when
from tui.skin import Role
from tui.typed import moment

FOUND: Final = 500
_ROLES: Final[dict[str, Role]] = {"answered": "good", "failed": "bad", "interrupted": "bad"}


class PastScreen(TableScreen[CdrRow]):
    """The past calls."""

    NAME, LABEL = "past", N_("past calls")
    HELP_TEXT = N_(
        "Calls that are over and those under way, newest first. f finds by number ('*' stands for any digits), agent, "
        "queue and time; Enter shows the call as a ladder."
    )
    EMPTY = N_("no such call")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "find", N_("find")),
        Binding("r", "recordings", N_("recordings")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._found: Sequence[CdrRow] = ()
        self._asked = Cdr(limit=FOUND)

    def on_mount(self) -> None:
        """Ask for the newest calls."""
        super().on_mount()
        self._look(self._asked)

    def columns(self) -> Sequence[Column[CdrRow]]:
        """Return the columns."""
        return (
            Column(N_("call"), 6, lambda it: str(it.call), right=True, order=lambda it: it.call),
            Column(N_("begun"), 11, lambda it: when(it.started_at), order=lambda it: it.started_at),
            Column(N_("from"), 11, lambda it: it.caller or _("unknown"), grow=1),
            Column(N_("to"), 8, lambda it: it.called, grow=1),
            Column(N_("result"), 11, lambda it: Cell(_result(it), _ROLES.get(it.disposition, "warn"))),
            Column(N_("talked with"), 11, lambda it: it.talked_with, grow=1, spare=1),
            Column(N_("queue"), 8, lambda it: it.queue, spare=3),
            Column(N_("waited"), 6, lambda it: brief(it.wait_s), right=True, spare=2, order=lambda it: -it.wait_s),
            Column(N_("length"), 6, lambda it: brief(it.duration_s), right=True, order=lambda it: -it.duration_s),
        )

    def rows(self) -> Sequence[CdrRow]:
        """Return the calls that were found."""
        return self._found

    def key(self, row: CdrRow) -> int:
        """Return the call's number."""
        return row.call

    def enter(self, row: CdrRow) -> None:
        """Show the ladder of the call."""
        self.app.push_screen(CallScreen(row.call))

    def action_recordings(self) -> None:
        """Show the recordings of the call under the cursor."""
        if self.table is not None and self.table.row is not None:
            self.terminal.show("recordings", OfCall(self.table.row.call))

    @work(exclusive=True, group="find")
    async def action_find(self) -> None:
        """Ask what to look for, and look."""
        fields = (
            Field("number", _("number, caller's or called ('*' for any digits)"), self._asked.number, needed=False),
            Field("agent", _("agent"), self._asked.agent, needed=False),
            Field("queue", _("queue"), self._asked.queue, needed=False),
            Field("since", _("since: today, yesterday, 2h, 7d, 2026-01-31"), needed=False),
            Field("until", _("until"), needed=False),
        )
        values = await self.app.push_screen_wait(Form(_("find calls"), fields))
        if not isinstance(values, dict):
            return
        try:
            since, until = (moment(values[name]) for name in ("since", "until"))
        except ApiError as error:
            self.app.notify(f"{error.message}\n{error.hint}", severity="error", markup=False)
            return
        self._look(Cdr(since, until, values["number"], limit=FOUND, agent=values["agent"], queue=values["queue"]))

    @work(exclusive=True, group="look")
    async def _look(self, asked: Cdr) -> None:
        try:
            self._found = (await self.terminal.ask(asked, CdrReply)).calls
        except ApiError as error:
            self.app.notify(f"{error.message}\n{error.hint}", severity="error", markup=False)
            return
        self._asked = asked
        self.picture.touch()
        self.beat()


def _result(it: CdrRow) -> str:
    return word(it.disposition) if it.disposition else _("under way")
