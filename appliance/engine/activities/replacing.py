# SPDX-License-Identifier: GPL-2.0-or-later
"""INVITE with Replaces (RFC 3891): a leg that comes in takes the place of another, which is let go.

A talk is taken over, a phone that rings is picked up, a caller's place in a queue or a flow is kept.
"""

from typing import Final

from appliance.contract.switch import Cause
from appliance.engine.activities import parking, talking
from appliance.engine.activities.reaching import connect
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, CallState, Ending, Leg
from appliance.engine.parts.legs import LegState

ON_THE_WAY: Final = (CallState.FLOW, CallState.WAITING, CallState.OFFERING, CallState.ANNOUNCING, CallState.CALLING)
"""States in which the caller is alone with what the box plays."""


def begin(board: Board, call: Call, number: int) -> None:
    """Let the leg of a new call take the place of leg `number`, if it can."""
    old = board.legs.get(number)
    if old is None or not _may(call, old) or not _put(board, call, old):
        ending.fail(board, call, Ending(Cause.CALL_REJECTED, "box", "rejected"))


def _may(call: Call, old: Leg) -> bool:
    """Tell whether it is for this line to do: phones of the house replace one another, a trunk its own legs."""
    assert call.a is not None
    return call.a.phone is not None or call.a.line == old.line


def _put(board: Board, call: Call, old: Leg) -> bool:
    wanted = old.call
    if wanted.consults is not None or wanted.consulted_by is not None:
        return False
    if old.number in wanted.ringing and wanted.state is CallState.CALLING:
        if call.a is None or call.a.phone is None:
            return False
        parking.join(board, call, wanted)
    elif wanted.state is CallState.TALKING and old in (wanted.a, wanted.b):
        _take_over(board, call, old)
    elif wanted.state in ON_THE_WAY and old is wanted.a and old.state is LegState.ACTIVE:
        board.give(board, wanted, CallInput.REPLACED, _bring(board, call, wanted))
    else:
        return False
    return True


def _bring(board: Board, call: Call, wanted: Call) -> Leg:
    """Answer the new leg and bring it over; its own call ends."""
    leg = call.a
    assert leg is not None
    lines.proceed(board, leg)
    lines.answer(board, leg)
    call.a = None
    talking.move(board, leg, wanted)
    talking.dissolve(board, call)
    return leg


def _take_over(board: Board, call: Call, old: Leg) -> None:
    talk = old.call
    far = talking.other(talk, old)
    talking.stop_collecting(board, talk)
    lines.end_segments(board, talk)
    lines.deafen(board, far)
    new = _bring(board, call, talk)
    new.role = old.role
    if old is talk.a:
        talk.a = new
    else:
        talk.b = new
    talk.run = None
    talk.shown = talking.party(talk, far)
    lines.clear(board, old, Cause.NORMAL_CLEARING)
    connect(board, talk, None)
    talking.show(board, talk)
