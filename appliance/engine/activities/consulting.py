# SPDX-License-Identifier: GPL-2.0-or-later
"""Consulting from any phone: its leg goes over to a call of its own while the other party waits with music.

When it hangs up, the party that waits is joined with the one consulted, or with the number that is still rung.
"""

from typing import Final

from appliance.contract.switch import Party
from appliance.engine.activities import arriving, talking
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, CallState, Ending, Leg, by_whom
from appliance.engine.parts.goals import Goal, Reaching
from appliance.engine.routes.routing import ToFeature, ToOutside, ToPhone, ToPlace, Undecided

TIMER: Final = CallInput.TIMER


def begin(board: Board, call: Call, leg: Leg, number: str) -> bool:
    """Let `leg` call `number` while the other party waits. Tell if it can be."""
    phone = leg.phone
    target = board.routes.find(number, complete=True, phone=True)
    if phone is None or isinstance(target, Undecided | ToFeature | ToPlace):
        return False
    waits = talking.other(call, leg)
    talking.alone(board, call, waits)
    call.parked_by = phone
    outside = isinstance(target, ToOutside)
    own = arriving.open_call(board, "out" if outside else "internal", Party(phone.number, phone.name), number)
    call.consulted_by, own.consults = own, call
    talking.move(board, leg, own)
    leg.role = "caller"
    own.a = leg
    board.give(board, call, CallInput.TO_PARK, None)
    arriving.follow(board, own, target)
    return True


def back(board: Board, call: Call, leg: Leg) -> None:
    """Go back to the party that waits; who was consulted is let go."""
    waits = call.consults
    assert waits is not None
    ending.part(board, call)
    lines.end_segments(board, call)
    call.a = None
    talking.move(board, leg, waits)
    talking.dissolve(board, call)
    board.give(board, waits, CallInput.TAKEN, leg)


def caller_gone(board: Board, call: Call, cause: int) -> None:
    """A_CLEARED: if that was a phone that consulted, who waits goes on to the one consulted, or still rung."""
    waits, far, rings = call.consults, call.b, bool(call.ringing)
    if waits is not None and far is not None and far.answered:
        ending.part(board, call)
        lines.end_segments(board, call)
        call.b = None
        talking.move(board, far, waits)
        board.give(board, waits, CallInput.TAKEN, far)
    elif waits is not None and rings:
        by = waits.parked_by
        assert by is not None
        ending.part(board, call)
        target = board.routes.find(call.called, complete=True, phone=True)
        board.give(board, waits, CallInput.TO_CALLING, Reaching(target, by.ring_s, by, (Goal(ToPhone(by), by.ring_s),)))
    ending.caller_gone(board, call, cause)


def caller_left(board: Board, call: Call, cause: int) -> None:
    """A_CLEARED in a queue or a flow: if that was a phone that consulted, who waits goes on there in its place."""
    waits = call.consults
    if waits is None or waits.a is None or waits.state is not CallState.PARKED:
        board.give(board, call, CallInput.ABANDONED, cause)
        return
    far, shown = waits.a, waits.shown
    ending.part(board, call)
    ending.cancel_timer(board, waits)
    lines.end_segments(board, waits)
    waits.a = None
    talking.move(board, far, call)
    talking.dissolve(board, waits)
    call.shown = shown
    board.give(board, call, CallInput.REPLACED, far)


def callee_gone(board: Board, call: Call, cause: int) -> None:
    """B_CLEARED in a talk: a phone that consulted goes back to who waits."""
    if call.consults is None or call.a is None:
        board.give(board, call, CallInput.END, Ending(cause, by_whom("callee", cause)))
    else:
        back(board, call, call.a)


def tone_over(board: Board, call: Call, _: object) -> None:
    """TIMER of the tone: who could not reach anybody to consult goes back as well."""
    if call.consults is None or call.a is None:
        assert call.ending is not None
        board.give(board, call, CallInput.END, call.ending)
    else:
        back(board, call, call.a)
