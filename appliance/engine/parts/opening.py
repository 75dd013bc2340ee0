# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening of calls, and the record of their head."""

from appliance.contract.records import CallOpened, Direction
from appliance.contract.switch import Party
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call
from appliance.engine.parts.starts import StartOver


def open_call(board: Board, direction: Direction, caller: Party, called: str, flow: str = "") -> Call:
    """Open a call without a leg; return it."""
    call = Call(board.next_call, direction, caller, called)
    board.next_call += 1
    board.enter(call, StartOver())
    board.calls[call.number] = call
    write(board, call, flow)
    return call


def write(board: Board, call: Call, flow: str) -> None:
    """Record the call's head, again if overlap receiving changed it."""
    if call.written != (call.called, flow):
        call.written = (call.called, flow)
        call.flow = flow
        board.records.append(CallOpened(call.number, call.direction, call.caller, call.called, flow))
