# SPDX-License-Identifier: GPL-2.0-or-later
"""A conference: all members hear all. When two are left it becomes a talk."""

from enum import IntEnum
from typing import ClassVar

from appliance.engine.parts import hearing, lines
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, Mixed, Said, Stretch
from appliance.engine.parts.inputs import In
from appliance.engine.parts.rows import asked, nothing, refuse
from appliance.engine.parts.starts import StartRoom, StartTalk


class RoomState(IntEnum):
    """States of the activity."""

    TALKING = 0


_S = RoomState


class Room(Activity):
    """A conference; the call is that of the first member."""

    VIEWS: ClassVar = {_S.TALKING: "conference"}
    MIXES: ClassVar = True
    __slots__ = ("_members",)

    def __init__(self, board: Board, call: Call, start: StartRoom) -> None:
        super().__init__(board, call, _S.TALKING, *start.members)
        self._members = list(start.members)

    def enter(self) -> None:
        """Connect the members."""
        for leg in self._members:
            lines.hush(self.board, leg)
        self.call.disposition = "answered"
        lines.charge(self.board, self.call, self._members[0])

    def parties(self) -> tuple[Leg, ...]:
        """Return the members."""
        return tuple(self._members)

    def mix(self) -> Mixed:
        """Return the gains: all hear all members that do not hold."""
        return hearing.room(self._members)

    def stretch(self) -> Stretch:
        """Return the talk, with all its members."""
        legs = tuple([leg.number for leg in self._members])
        return Stretch("talk", legs, " ".join([leg.agent or leg.who for leg in self._members[1:]]))

    def whole(self) -> bool:
        """Return whether it is more than a talk."""
        return len(self._members) > 2

    def _cleared(self, said: Said) -> None:
        """Remove a member; a room of two becomes a talk."""
        self._members.remove(said.leg)
        if len(self._members) == 2:
            a, b = self._members
            self.board.begin(self.call, StartTalk(a, b, tell="both"))

    TABLE: ClassVar[Table] = {
        _S.TALKING: {
            **asked(),
            In.KEY: (_S.TALKING, nothing),
            In.PLAYED: (_S.TALKING, nothing),
            In.HELD: (_S.TALKING, nothing),
            In.RESUMED: (_S.TALKING, nothing),
            In.TRANSFER: (_S.TALKING, refuse),
            In.CLEARED: (_S.TALKING, _cleared),
        }
    }
