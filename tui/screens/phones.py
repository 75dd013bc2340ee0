# SPDX-License-Identifier: GPL-2.0-or-later
"""Phones: every extension with what is registered for it, its agent, its call, its settings; forwards and switches."""

from collections.abc import Iterable, Sequence
from typing import Final

from appliance.api.messages import AnyRequest, Originate, Phones, PhonesReply, SetPhone
from appliance.cli.phone import settings_in_words
from appliance.contract.phone_row import PhoneRow
from appliance.contract.records import Setting
from appliance.i18n import N_, _, ngettext
from tui.actions import Action, Field, Values, each
from tui.cells import Cell, brief
from tui.dialogs import Jump
from tui.live_table import Column
from tui.picture import Picture
from tui.screens.base import Every, TableScreen

_FORWARDS: Final[tuple[tuple[str, Setting, str], ...]] = (
    ("a", "forward_always", N_("forward all calls")),
    ("b", "forward_busy", N_("forward calls when busy")),
    ("n", "forward_no_answer", N_("forward calls when not answered")),
)


class PhonesScreen(TableScreen[PhoneRow]):
    """The phones."""

    NAME, LABEL, DIGIT = "phones", N_("phones"), "5"
    HELP_TEXT = N_(
        "The extensions: where their phones are registered and for how long yet, the agent who is signed in there, the "
        "call they are in, and settings that differ from those of a new phone. Enter goes to the call."
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

    def actions_on(self, rows: Sequence[PhoneRow]) -> Sequence[Action]:
        """Return what can be done with phones."""
        numbers, named = [row.extension for row in rows], _named(rows)
        actions = [_forward(key, setting, name, numbers, named) for key, setting, name in _FORWARDS]
        quiet = _("Callers of {phones} hear busy from now on.").format(phones=named)
        actions += [
            Action("d", _("do not disturb"), each(_set(numbers, "do_not_disturb", "1")), quiet),
            Action("D", _("disturb again"), each(_set(numbers, "do_not_disturb", ""))),
            Action("w", _("call waiting on"), each(_set(numbers, "call_waiting", "1"))),
            Action("W", _("call waiting off"), each(_set(numbers, "call_waiting", ""))),
        ]
        if len(rows) == 1:
            actions.append(_originate(rows[0].extension))
        return actions


def _forward(key: str, setting: Setting, name: str, numbers: Sequence[str], named: str) -> Action:
    to = Field("to", _("to which number, as the phone dials it; empty: no more"), needed=False)
    text = _("{name}: {phones} to {to}; without a number no more.").format(name=_(name), phones=named, to="{to}")

    def requests(values: Values) -> Sequence[AnyRequest]:
        return _set(numbers, setting, values["to"])

    return Action(key, _(name), requests, text, (to,))


def _originate(extension: str) -> Action:
    to = Field("to", _("number, as a phone dials it"))
    text = _("Rings {phone}, and calls {to} for it when it answers.").format(phone=extension, to="{to}")
    return Action("c", _("call a number from there"), lambda values: (Originate(extension, values["to"]),), text, (to,))


def _set(numbers: Sequence[str], setting: Setting, value: str) -> list[SetPhone]:
    return [SetPhone(number, setting, value) for number in numbers]


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
