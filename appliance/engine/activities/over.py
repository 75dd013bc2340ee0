# SPDX-License-Identifier: GPL-2.0-or-later
"""A call whose legs are being cleared, or one that has no leg yet."""

from enum import IntEnum
from typing import ClassVar

from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call
from appliance.engine.parts.inputs import In
from appliance.engine.parts.rows import nothing
from appliance.engine.parts.starts import StartOver


class OverState(IntEnum):
    """States of the activity."""

    RELEASING = 0


(RELEASING,) = OverState


class Over(Activity):
    """A call in which nothing happens any more."""

    VIEWS: ClassVar = {RELEASING: "releasing"}
    __slots__ = ()

    def __init__(self, board: Board, call: Call, _: StartOver) -> None:
        super().__init__(board, call, RELEASING)

    def whole(self) -> bool:
        """Return True: legs are cleared, and nothing else is waited for."""
        return True

    TABLE: ClassVar[Table] = {RELEASING: {In.HANG_UP: (RELEASING, nothing), In.LOST: (RELEASING, nothing)}}
