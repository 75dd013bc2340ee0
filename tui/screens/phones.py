# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones: every extension with what is registered for it, its agent, its call, its settings; forwards and switches."""

from collections.abc import Iterable, Sequence

from appliance.api.messages import Phones, PhonesReply
from appliance.cli.phone import settings_in_words
from appliance.contract.phone_row import PhoneRow
from appliance.i18n import N_, _, ngettext
from tui.actions import Action
from tui.cells import Cell, brief
from tui.dialogs import Help, Jump
from tui.live_table import Column
from tui.phone_actions import add, on_phones, originate, passwords
from tui.phone_secrets import password_of, settings_for
from tui.picture import Picture
from tui.screens.base import Every, TableScreen


class PhonesScreen(TableScreen[PhoneRow]):
    """The phones."""

    NAME, LABEL, DIGIT = "phones", N_("phones"), "5"
    HELP_TEXT = N_(
        "The extensions: where their phones are registered and for how long yet, the agent who is signed in there, the "
        "call they are in, and settings that differ from those of a new phone. Enter goes to the call. x adds phones, "
        "one or a range, sets forwards, makes new passwords, and shows as a QR code from where a telephone fetches its "
        "settings."
    )
    EMPTY = N_("no extension is configured")
    ASKS = (Every(5.0, Phones(), PhonesReply),)

    def columns(self) -> Sequence[Column[PhoneRow]]:
        """Return the columns."""
        return (
            Column(N_("no."), 5, lambda it: it.extension),
            Column(N_("name"), 8, lambda it: it.name, grow=1),
            Column(N_("registered"), 18, _where, grow=1),
            Column(N_("yet"), 5, self._yet, right=True, spare=3),
            Column(N_("telephone"), 10, _made, grow=1, spare=2),
            Column(N_("agent"), 5, lambda it: it.agent),
            Column(N_("call"), 5, lambda it: str(it.call or ""), right=True),
            Column(N_("settings"), 12, lambda it: Cell(settings_in_words(it.settings), "warn"), grow=2, spare=1),
        )

    def rows(self) -> Sequence[PhoneRow]:
        """Return the extensions."""
        reply = self.picture.last(PhonesReply)
        return reply.phones if reply is not None else ()

    def key(self, row: PhoneRow) -> str:
        """Return the extension."""
        return row.extension

    def _yet(self, it: PhoneRow) -> str:
        """Return how long the registration lasts yet."""
        until = max((each.until for each in it.contacts), default=0)
        return brief(max(0, until - self.picture.now_ms) / 1000) if until else ""

    def enter(self, row: PhoneRow) -> None:
        """Go to the call of the phone."""
        if row.call:
            self.terminal.show("calls", row.call)

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the extensions."""
        reply = picture.last(PhonesReply)
        for it in reply.phones if reply is not None else ():
            yield Jump(_("phone"), f"{it.extension} {it.name}", cls.NAME, it.extension)

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the chosen phones, and how more are added."""
        return (*super().actions(), add([row.extension for row in self.rows()], self._show))

    def actions_on(self, rows: Sequence[PhoneRow]) -> Sequence[Action]:
        """Return what can be done with phones."""
        numbers, named = [row.extension for row in rows], _named(rows)
        actions = [*on_phones(numbers, named)]
        if len(rows) == 1:
            actions.append(originate(rows[0].extension))
            if rows[0].registers:
                push = self.app.push_screen_wait
                actions += [settings_for(rows[0], push, self.terminal.skin), password_of(rows[0], push)]
        elif all(row.registers for row in rows):
            actions.append(passwords(numbers, named, self._show))
        return actions

    async def _show(self, title: str, text: str) -> None:
        await self.app.push_screen_wait(Help(title, text, ()))


def _named(rows: Sequence[PhoneRow]) -> str:
    if len(rows) == 1:
        return f"{rows[0].extension} {rows[0].name}".strip()
    return ngettext("{n} phone", "{n} phones", len(rows)).format(n=len(rows))


def _where(it: PhoneRow) -> Cell:
    if not it.registers:
        return Cell(it.line, "dim")
    if not it.contacts:
        return Cell(_("not registered"), "bad")
    return Cell(", ".join(each.address for each in it.contacts), "good")


def _made(it: PhoneRow) -> Cell:
    return Cell(", ".join(each.agent for each in it.contacts), "dim")
