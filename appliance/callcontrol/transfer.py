# SPDX-License-Identifier: GPL-2.0-or-later
"""Transfer: a phone gives the other party to a number (blind) or to the other party of its second call (attended)."""

from appliance.callcontrol import ending, holding, lines, parking
from appliance.callcontrol.board import Board
from appliance.callcontrol.bridging import connect
from appliance.callcontrol.call import Call, CallInput, CallState, Ending
from appliance.callcontrol.goals import Goal, Reaching
from appliance.callcontrol.legs import Leg
from appliance.callcontrol.routing import Target, ToFeature, ToOutside, ToPhone, ToPlace, Undecided
from appliance.messages import Cause, Transferred, TransferWanted


def refuse(board: Board, _: Call, event: TransferWanted) -> None:
    """A_TRANSFER where there is nobody to transfer."""
    board.commands.append(Transferred(event.leg, ok=False))


def wanted(board: Board, call: Call, event: TransferWanted) -> None:
    """A_TRANSFER, B_TRANSFER in a talk (RFC 3515, RFC 3891): do it and tell the phone; it may fail at once only."""
    leg = board.legs[event.leg]
    done = attended(board, call, leg, event.with_leg) if event.with_leg else blind(board, call, leg, event.to)
    if done:
        board.commands.insert(0, Transferred(leg.number, ok=True))  # before it is cleared
    else:
        refuse(board, call, event)


def blind(board: Board, call: Call, leg: Leg, to: str) -> bool:
    """Let the other party of `leg` call `to`; if that fails the phone that gave it away rings. Tell if it can be."""
    phone = leg.phone
    target: Target = board.routes.find(to, complete=True, phone=True)
    if phone is None or isinstance(target, Undecided):
        return False
    if isinstance(target, ToFeature):
        return target.feature == "park" and parking.park(board, call, leg, "") != ""
    if isinstance(target, ToPlace):
        return parking.park(board, call, leg, target.place) != ""
    if isinstance(target, ToOutside) and not board.outbound.permitted(phone, target.number):
        return False
    give_away(board, call, leg)
    back = Goal(ToPhone(phone), phone.ring_s)
    board.give(board, call, CallInput.TO_CALLING, Reaching(target, phone.ring_s, phone, (back,)))
    return True


def give_away(board: Board, call: Call, leg: Leg) -> None:
    """Take a leg out of its talk and let it go; the other party is `a` from now on, alone."""
    a = holding.other(call, leg)
    holding.stop_collecting(board, call)
    lines.end_segments(board, call)
    lines.deafen(board, a)
    call.a, call.b = a, None
    call.shown = holding.party(call, a)
    call.run = None
    lines.clear(board, leg, Cause.NORMAL_CLEARING)


def attended(board: Board, call: Call, leg: Leg, with_leg: int) -> bool:
    """Join the other party of `leg` with the other party of `with_leg`. Tell if it can be."""
    second = board.legs.get(with_leg)
    if second is None or leg.phone is None or second.phone is not leg.phone or second.call is call:
        return False
    from_call = second.call
    if (
        from_call.state is CallState.CALLING and second is from_call.a
    ):  # it still rings there: let it ring for the other
        done = blind(board, call, leg, from_call.called)
        if done:
            board.give(board, from_call, CallInput.HANG_UP, None)
        return done
    if from_call.state is not CallState.TALKING:
        return False
    far = holding.other(from_call, second)
    holding.stop_collecting(board, from_call)
    give_away(board, call, leg)
    lines.end_segments(board, from_call)
    from_call.b, from_call.a = None, second
    holding.move(board, far, call)
    call.b = far
    holding.dissolve(board, from_call)
    connect(board, call, None)
    holding.show(board, call)
    return True


def merged(board: Board, call: Call, _: object) -> None:
    """MERGED: who talked here talks in another call now."""
    ending.release(board, call, Ending(Cause.NORMAL_CLEARING, "box", "answered"))
