# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP trunks as rows: registered or not and since when, calls that are up over each, the last answer that was heard."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from appliance.contract.edge import TrunkState
from appliance.i18n import N_, _
from tui.cells import Cell, brief
from tui.folding import TRUNK
from tui.live_table import Column, LiveTable
from tui.picture import Picture
from tui.skin import Role

MAX_TRUNKS: Final = 6
"""Trunks that are seen at once."""


class TrunkTable(LiveTable[TrunkState]):
    """The table. `picture` is the box's."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        super().__init__(self._columns(), self.trunks, lambda it: it.name, N_("no trunk is configured"), id="trunks")

    def trunks(self) -> Sequence[TrunkState]:
        """Return the trunks."""
        edge = self._picture.status.edge if self._picture.status is not None else None
        return edge.trunks if edge is not None else ()

    def _columns(self) -> Sequence[Column[TrunkState]]:
        return (
            Column(N_("trunk"), 12, lambda it: it.name, grow=1),
            Column(N_("registration"), 14, self._state),
            Column(N_("for"), 6, self._for, right=True),
            Column(N_("calls in"), 8, lambda it: str(self._calls(it, caller=True)), right=True),
            Column(N_("calls out"), 9, lambda it: str(self._calls(it, caller=False)), right=True),
            Column(N_("answered last"), 13, self._answered, right=True),
        )

    def _state(self, it: TrunkState) -> Cell:
        edge = self._picture.status.edge if self._picture.status is not None else None
        if edge is None or not edge.up:
            return Cell(_("not known"), "bad")
        told: tuple[str, Role] = (_("registered"), "good") if it.registered else (_("not registered"), "bad")
        return Cell(*told) if it.registers else Cell(_("needs none"), "dim")

    def _for(self, it: TrunkState) -> str:
        return brief(self._picture.since(it.since)) if it.registers and it.since else "-"

    def _calls(self, it: TrunkState, *, caller: bool) -> int:
        legs = (leg for call in self._picture.calls.values() for leg in call.legs.values())
        return sum(leg.line == TRUNK + it.name and (leg.role == "caller") is caller for leg in legs)

    def _answered(self, it: TrunkState) -> str:
        """Return when a call there was answered last, as far as the terminal has heard."""
        at = self._picture.answered_at.get(TRUNK + it.name)
        return datetime.fromtimestamp(at / 1000).astimezone().strftime("%H:%M:%S") if at is not None else "-"
