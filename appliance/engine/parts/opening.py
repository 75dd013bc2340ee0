# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening of calls, and the record of their head."""

from appliance.contract.records import CallOpened, Direction
from appliance.contract.switch import Party
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call
from appliance.engine.parts.starts import StartOver


def open_call(board: Board, direction: Direction, caller: Party, called: str, flow: str = "") -> Call:
    """Open a call without a leg; return it."""
    call = new_call(board, direction, caller, called)
    begin_call(board, call, flow)
    return call


def new_call(board: Board, direction: Direction, caller: Party, called: str) -> Call:
    """Return a call that is not open yet, with the next number."""
    return Call(board.next_call, direction, caller, called)


def begin_call(board: Board, call: Call, flow: str = "") -> None:
    """Open a call that was made."""
    board.next_call += 1
    board.enter(call, StartOver())
    board.calls[call.number] = call
    write(board, call, flow)


def write(board: Board, call: Call, flow: str) -> None:
    """Record the call's head, again if overlap receiving changed it."""
    if call.written != (call.called, flow):
        call.written = (call.called, flow)
        call.flow = flow
        board.records.append(CallOpened(call.number, call.direction, call.caller, call.called, flow))
