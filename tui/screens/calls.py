# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that are up, with the level of the louder voice; what can be done with them."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from appliance.cli.words import word
from appliance.i18n import N_, _
from tui.actions import Action
from tui.call_actions import on_calls
from tui.cells import Cell, brief
from tui.dialogs import Jump
from tui.live_table import Column
from tui.picture import Picture
from tui.screens.base import TableScreen
from tui.screens.call import CallScreen
from tui.screens.conferences import ConferencesScreen
from tui.screens.past import PastScreen
from tui.skin import Role, meter
from tui.things import CallNow

_FLOOR_DBM0: Final = -45
_STATE_ROLES: Final[dict[str, Role]] = {"talking": "good", "waiting": "warn", "offering": "warn", "releasing": "dim"}


class CallsScreen(TableScreen[CallNow]):
    """The calls."""

    NAME, LABEL, DIGIT = "calls", N_("calls"), "3"
    HELP_TEXT = N_(
        "The calls that are up, oldest first. Level: the louder of its voices, from silence to full. "
        "Line: timeslots as span/timeslot, phones by number."
    )
    EMPTY = N_("no call is up")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "past", N_("past calls")),
        Binding("c", "conferences", N_("conferences")),
    ]

    def columns(self) -> Sequence[Column[CallNow]]:
        """Return the columns."""
        return (
            Column(N_("call"), 5, lambda it: str(it.call), right=True, order=lambda it: it.call),
            Column(
                N_("age"),
                5,
                lambda it: brief(self.picture.since(it.started_at)),
                right=True,
                order=lambda it: -it.started_at,
            ),
            Column(N_("from"), 11, self._caller, grow=2),
            Column(N_("to"), 8, lambda it: it.called, grow=2),
            Column(N_("state"), 10, lambda it: Cell(word(it.state), _STATE_ROLES.get(it.state, ""))),
            Column(N_("for"), 5, lambda it: brief(self.picture.since(it.state_at)), right=True, spare=2),
            Column(N_("where"), 8, lambda it: it.where, grow=2),
            Column(N_("agent"), 6, lambda it: it.agent, spare=1),
            Column(N_("level"), 5, self._level, spare=3),
            Column(N_("line"), 9, lines_of, grow=1),
        )

    def rows(self) -> Sequence[CallNow]:
        """Return the calls."""
        return list(self.picture.calls.values())

    def key(self, row: CallNow) -> int:
        """Return the call's number."""
        return row.call

    def _caller(self, it: CallNow) -> str:
        return f"{it.caller} {it.name}".strip() or _("unknown")

    def _level(self, it: CallNow) -> Cell:
        levels = self.picture.switch.levels if self.picture.switch is not None else {}
        loudest = max((levels[leg] for leg in it.legs if leg in levels), default=None)
        if loudest is None:
            return Cell("")
        return Cell(meter(self.terminal.skin, 1 - max(0, -loudest) / -_FLOOR_DBM0, 5), "good")

    def enter(self, row: CallNow) -> None:
        """Show the ladder of the call."""
        self.app.push_screen(CallScreen(row.call))

    def action_past(self) -> None:
        """Show the past calls."""
        self.app.push_screen(PastScreen())

    def action_conferences(self) -> None:
        """Show the conferences."""
        self.app.push_screen(ConferencesScreen())

    def actions_on(self, rows: Sequence[CallNow]) -> Sequence[Action]:
        """Return what can be done with calls."""
        return on_calls(rows)

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the calls."""
        for it in picture.calls.values():
            yield Jump(_("call"), f"{it.call} {it.caller} {it.name} {it.called}", cls.NAME, it.call)


def lines_of(it: CallNow) -> str:
    """Return the lines of a call: timeslots as span/timeslot, phones by number."""
    return " ".join(f"{leg.span}/{leg.timeslot:02}" if leg.span else leg.number for leg in it.legs.values())
