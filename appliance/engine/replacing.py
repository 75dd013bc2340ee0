# SPDX-License-Identifier: GPL-2.0-or-later
"""INVITE with Replaces (RFC 3891): a leg that comes in takes the place of another, which is cleared.

A talk is taken over, a phone that rings is picked up, a caller's place in a queue or a flow is kept.
"""

from appliance.contract.switch import Cause
from appliance.engine.parts import ending, lines, parking, parties
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg
from appliance.engine.parts.inputs import In
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.starts import StartTalk


def begin(board: Board, call: Call, leg: Leg, number: int) -> None:
    """Put the leg of a new call in the place of leg `number`; fail if that is not possible."""
    old = board.legs.get(number)
    if old is None or not _may(leg, old) or not _put(board, call, leg, old):
        ending.fail(board, call, leg, Ending(Cause.CALL_REJECTED, "box", "rejected"))


def _may(leg: Leg, old: Leg) -> bool:
    """Return whether this line may: phones of the house replace one another, a trunk its own legs."""
    return leg.phone is not None or leg.line == old.line


def _put(board: Board, call: Call, leg: Leg, old: Leg) -> bool:
    wanted = old.call
    if wanted.consults is not None or wanted.consulted_by is not None:
        return False
    activity = wanted.activity
    far = activity.partner(old)
    if old in activity.ringing():
        if leg.phone is None:
            return False
        parking.join(board, call, leg, wanted)
    elif far is not None:
        _take_over(board, call, leg, old, far)
    elif old in activity.parties()[:1] and activity.can(In.REPLACED) and old.state is LegState.ACTIVE:
        parking.bring(board, call, leg, wanted)
        activity.take(In.REPLACED, leg)
    else:
        return False
    return True


def _take_over(board: Board, call: Call, leg: Leg, old: Leg, far: Leg) -> None:
    talk = old.call
    first = talk.activity.parties()[0] is old
    talk.activity.leave(None)
    parking.bring(board, call, leg, talk)
    leg.role = old.role
    talk.shown = parties.party(talk, far)
    old.at = None
    lines.clear(board, old, Cause.NORMAL_CLEARING)
    board.enter(talk, StartTalk(leg, far, tell="both") if first else StartTalk(far, leg, tell="both"))
