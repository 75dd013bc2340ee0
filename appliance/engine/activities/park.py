# SPDX-License-Identifier: GPL-2.0-or-later
"""A caller who is put aside, with music: parked at a place, or while its phone consults."""

from enum import IntEnum
from typing import Any, ClassVar, Final

from appliance.engine.parts import lines, parties
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Stretch
from appliance.engine.parts.goals import Reaching
from appliance.engine.parts.inputs import In
from appliance.engine.parts.rows import OVER, caller
from appliance.engine.parts.starts import StartPark, StartRing, StartTalk
from appliance.engine.routes.routing import ToPhone

RECALL_S: Final = 1.0
"""From the end of a consultation that left a party waiting until its phone is rung back."""


class ParkState(IntEnum):
    """States of the activity."""

    PARKED = 0


_S = ParkState


class Park(Activity):
    """A party that waits to be taken."""

    VIEWS: ClassVar = {_S.PARKED: "parked"}
    __slots__ = ("_by", "_caller", "_place")

    def __init__(self, board: Board, call: Call, start: StartPark) -> None:
        super().__init__(board, call, _S.PARKED, start.caller)
        self._caller, self._place, self._by = start.caller, start.place, start.by
        call.parked_by = start.by

    def enter(self) -> None:
        """Play music, until another phone takes the call, or for the configured time."""
        parking = self.board.config.parking
        lines.play(self.board, self._caller, (f"music:{parking.music}",), loop=True)
        if self._place:
            self.board.parked[self._place] = self.call
            self.timer = self.after(parking.back_after_s)

    def leave(self, ending: Ending | None) -> None:
        """Free the place."""
        super().leave(ending)
        if self.board.parked.get(self._place) is self.call:
            del self.board.parked[self._place]

    @property
    def place(self) -> str:
        """Place where the call is parked."""
        return self._place

    def parties(self) -> tuple[Leg, ...]:
        """Return the party that waits."""
        return (self._caller,)

    def parked(self) -> Leg:
        """Return the party that waits."""
        return self._caller

    def stretch(self) -> Stretch:
        """Return the wait."""
        return Stretch("park", (self._caller.number,), self._place)

    def whole(self) -> bool:
        """Return whether a timer or a consultation ends it."""
        return self.timer is not None or self.call.consulted_by is not None

    def _back(self, _: Any) -> None:
        """Ring the phone that put the call aside: the call was not taken in time."""
        self.board.begin(self.call, StartRing(self._caller, Reaching(ToPhone(self._by))))

    def _taken(self, leg: Leg) -> None:
        parties.reached(self.board, self.call, self._caller, leg)
        self.board.begin(self.call, StartTalk(self._caller, leg, tell="both"))

    def _forgotten(self, _: Any) -> None:
        self.cancel()
        self.timer = self.after(RECALL_S)

    TABLE: ClassVar[Table] = {
        _S.PARKED: {
            **caller(_S.PARKED),
            In.TIMER: (OVER, _back),
            In.TAKEN: (OVER, _taken),
            In.FORGOTTEN: (_S.PARKED, _forgotten),
        }
    }
