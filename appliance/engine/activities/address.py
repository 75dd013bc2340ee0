# SPDX-License-Identifier: GPL-2.0-or-later
"""A number that is being dialled, digit by digit (overlap receiving, Q.931 5.1.3), or was dialled."""

from enum import IntEnum
from typing import Any, ClassVar

from appliance.contract.switch import Digits
from appliance.engine.parts.activity import Activity, Table
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, Said
from appliance.engine.parts.inputs import In
from appliance.engine.parts.rows import OVER, asked, gone
from appliance.engine.parts.starts import StartAddress
from appliance.engine.routes.routing import T302_S, Target, Undecided


class AddressState(IntEnum):
    """States of the activity."""

    DIALLING = 0


_S = AddressState


class Address(Activity):
    """A call whose number may not be complete."""

    VIEWS: ClassVar = {_S.DIALLING: "address"}
    __slots__ = ("_caller", "_first")

    def __init__(self, board: Board, call: Call, start: StartAddress) -> None:
        super().__init__(board, call, _S.DIALLING, start.caller)
        self._caller, self._first = start.caller, start.target

    def enter(self) -> None:
        """Begin where the number leads so far."""
        if self._first is not None:
            self._follow(self._first)

    def parties(self) -> tuple[Leg, ...]:
        """Return the caller."""
        return (self._caller,)

    def _digits(self, said: Said) -> None:
        event: Digits = said.what
        self.call.called += event.digits
        self._find(complete=event.complete)

    def _ends(self, _: Any) -> None:
        """Take the number as it is (T302)."""
        self._find(complete=True)

    def _find(self, *, complete: bool) -> None:
        self.cancel()
        phone = self.call.direction != "in"
        given = self.board.given(self.call)
        self._follow(self.board.routes.find(self.call.called, complete=complete, phone=phone, given=given))

    def _follow(self, target: Target) -> None:
        if target is Undecided.MORE:
            self.timer = self.after(T302_S)
        else:
            self.board.lead(self.call, self._caller, target)

    TABLE: ClassVar[Table] = {
        _S.DIALLING: {
            **asked(),
            In.DIGITS: (_S.DIALLING, _digits),
            In.TIMER: (_S.DIALLING, _ends),
            In.CLEARED: (OVER, gone),
        }
    }
