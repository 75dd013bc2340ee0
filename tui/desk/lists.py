# SPDX-License-Identifier: GPL-2.0-or-later
"""Lists of a desk: numbers of the house, own calls, call-backs of the own queues."""

from collections.abc import Sequence
from typing import Final

from appliance.api.messages import CallBacks, CallBacksReply, Cdr, CdrReply, Directory, DirectoryReply
from appliance.cli.words import word
from appliance.contract.callbacks import CallBackRow
from appliance.contract.directory import DirectoryRow
from appliance.contract.rows import CdrRow
from appliance.i18n import N_, _
from tui.actions import Action
from tui.cells import Cell, brief
from tui.desk.acts import TALKS, dial, give_to
from tui.desk.find import columns
from tui.desk.mine import Mine, seat
from tui.live_table import Column
from tui.screens.base import Every, TableScreen
from tui.screens.troubles import when

MOST: Final = 200


class NumbersScreen(Mine, TableScreen[DirectoryRow]):
    """The numbers of the house."""

    NAME, LABEL, DIGIT = "numbers", N_("numbers"), "2"
    HELP_TEXT = N_(
        "The numbers of the house: phones and who sits there, groups, hotlines. x calls one, or sends your call there; "
        "in the dialogs of your desk a name or its pinyin finds a number."
    )
    EMPTY = N_("no number is configured")
    ASKS = (Every(5.0, Directory(), DirectoryReply),)

    def columns(self) -> Sequence[Column[DirectoryRow]]:
        """Return the columns."""
        return columns()

    def rows(self) -> Sequence[DirectoryRow]:
        """Return the numbers."""
        reply = self.picture.last(DirectoryReply)
        return reply.entries if reply is not None else ()

    def key(self, row: DirectoryRow) -> str:
        """Return the number."""
        return row.number

    def enter(self, row: DirectoryRow) -> None:
        """Show what can be done with it."""
        self.terminal.act(f"{row.number} {row.name}".strip(), self.actions_on([row]))

    def actions_on(self, rows: Sequence[DirectoryRow]) -> Sequence[Action]:
        """Return what can be done with a number."""
        me, call, row = self.me, self.my_call, rows[0]
        if me is None or not seat(me):
            return ()
        named = f"{row.number} {row.name}".strip()
        if call is None:
            return [dial(me, row.number, named)]
        if call.state not in TALKS:
            return ()
        return [give_to(me, call, do, row.number, named) for do in ("transfer", "consult")]


class OwnCallsScreen(Mine, TableScreen[CdrRow]):
    """The agent's calls."""

    NAME, LABEL, DIGIT = "own", N_("own calls"), "3"
    HELP_TEXT = N_("Your calls, newest first. x calls the other party of one.")
    EMPTY = N_("no call yet")

    def asks(self) -> Sequence[Every]:
        """Return the request for the agent's calls."""
        return (Every(10.0, Cdr(agent=self.agent, limit=MOST), CdrReply),)

    def columns(self) -> Sequence[Column[CdrRow]]:
        """Return the columns."""
        return (
            Column(N_("begun"), 11, lambda it: when(it.started_at), order=lambda it: it.started_at),
            Column(N_("from"), 11, lambda it: it.caller or _("unknown"), grow=1),
            Column(N_("to"), 8, lambda it: it.called, grow=1),
            Column(N_("queue"), 8, lambda it: it.queue, spare=2),
            Column(N_("waited"), 6, lambda it: brief(it.wait_s), right=True, spare=1, order=lambda it: -it.wait_s),
            Column(N_("talk"), 6, lambda it: brief(it.talk_s), right=True, order=lambda it: -it.talk_s),
            Column(N_("about"), 8, lambda it: it.wrap_up_code, grow=1),
            Column(N_("result"), 10, lambda it: Cell(word(it.disposition) if it.disposition else "", "dim"), spare=3),
        )

    def rows(self) -> Sequence[CdrRow]:
        """Return the calls."""
        reply = self.picture.last(CdrReply)
        return reply.calls if reply is not None else ()

    def key(self, row: CdrRow) -> int:
        """Return the call's number."""
        return row.call

    def actions_on(self, rows: Sequence[CdrRow]) -> Sequence[Action]:
        """Return what can be done with a past call."""
        me, row = self.me, rows[0]
        if me is None or not seat(me) or self.my_call is not None:
            return ()
        far = row.called if row.direction == "out" else row.caller
        dialled = far if row.direction == "out" else self.desk.prefix + far if row.direction == "in" else far
        return [dial(me, dialled, far)] if far else ()


class CallBacksScreen(Mine, TableScreen[CallBackRow]):
    """The call-backs that wait in the agent's queues."""

    NAME, LABEL, DIGIT = "callbacks", N_("call-backs"), "4"
    HELP_TEXT = N_(
        "Callers of your queues who hung up and kept their place. The box rings you for each when it is that caller's "
        "turn; nothing is to be done here."
    )
    EMPTY = N_("no call-back waits")
    ASKS = (Every(10.0, CallBacks(waits=True, limit=MOST), CallBacksReply),)

    def columns(self) -> Sequence[Column[CallBackRow]]:
        """Return the columns."""
        return (
            Column(N_("queue"), 8, lambda it: it.queue, grow=1),
            Column(N_("number"), 12, lambda it: it.number, grow=1),
            Column(N_("asked"), 11, lambda it: when(it.started_at), order=lambda it: it.started_at),
            Column(N_("waits"), 6, lambda it: brief(self.picture.since(it.started_at)), right=True),
            Column(N_("tries"), 5, lambda it: str(it.tries), right=True),
        )

    def rows(self) -> Sequence[CallBackRow]:
        """Return the call-backs of the agent's queues, the oldest first."""
        reply, me = self.picture.last(CallBacksReply), self.me
        mine = me.queues if me is not None else ()
        return [it for it in reversed(reply.callbacks) if it.queue in mine] if reply is not None else ()

    def key(self, row: CallBackRow) -> int:
        """Return the call-back's number."""
        return row.callback
