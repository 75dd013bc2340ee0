# SPDX-License-Identifier: GPL-2.0-or-later
"""A phone that is rung first: when it answers, its number is dialled for it (click-to-call), or it is let in."""

from enum import IntEnum
from typing import ClassVar

from appliance.engine.parts import ending
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import By, Call, Ending, Leg
from appliance.engine.parts.inputs import In
from appliance.engine.parts.reach import Reach
from appliance.engine.parts.rows import OVER, asked, nothing
from appliance.engine.parts.starts import StartAddress, StartOriginate


class OriginateState(IntEnum):
    """States of the activity."""

    RINGING = 0


_S = OriginateState


class Originate(Activity):
    """A call whose own phone rings first."""

    VIEWS: ClassVar = {_S.RINGING: "originating"}
    __slots__ = ("_reach", "_then")

    def __init__(self, board: Board, call: Call, start: StartOriginate) -> None:
        super().__init__(board, call, _S.RINGING)
        self._reach = Reach(board, call, self, [start.goal])
        self._then = start.reached

    def enter(self) -> None:
        """Ring the phone."""
        self.call.disposition = "no_answer"
        self._reach.seek()

    def leave(self, ending: Ending | None) -> None:  # noqa: ARG002 - as `Activity` has it
        """Detach the legs that ring."""
        self._reach.drop()

    def parties(self) -> tuple[Leg, ...]:
        """Return the legs that ring."""
        return self._reach.legs()

    def whole(self) -> bool:
        """Return whether a phone rings."""
        return self._reach.whole()

    def _reached(self, leg: Leg) -> None:
        if self._then is not None:
            self._then(self.call, leg)
            return
        given = self.board.given(self.call)
        target = self.board.routes.find(self.call.called, complete=True, phone=True, given=given)
        self.board.begin(self.call, StartAddress(leg, target))

    def _unreached(self, cause: int) -> None:
        by: By = "box" if self.call.legs else "caller"  # it rang too long and is still there, or it is gone
        ending.release(self.board, self.call, Ending(cause, by, ending.disposition(cause)))

    TABLE: ClassVar[Table] = {
        _S.RINGING: {
            **asked(),
            In.RINGS: (_S.RINGING, nothing),
            In.REACHED: (OVER, _reached),
            In.UNREACHED: (OVER, _unreached),
        }
    }
