# SPDX-License-Identifier: GPL-2.0-or-later
"""Transfer: a phone gives the other party to a number (blind) or to the other party of its second call (attended)."""

from appliance.contract.switch import Cause, Transferred, TransferWanted
from appliance.engine.activities import parking, talking
from appliance.engine.activities.reaching import connect
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, CallState, Ending, Leg
from appliance.engine.parts.goals import Goal, Reaching
from appliance.engine.routes.routing import Target, ToFeature, ToOutside, ToPhone, ToPlace, Undecided


def refuse(board: Board, _: Call, event: TransferWanted) -> None:
    """A_TRANSFER where there is nobody to transfer."""
    board.commands.append(Transferred(event.leg, ok=False))


def wanted(board: Board, call: Call, event: TransferWanted) -> None:
    """A_TRANSFER, B_TRANSFER in a talk (RFC 3515, RFC 3891): do it and tell the phone; it may fail at once only."""
    leg = board.legs[event.leg]
    if event.with_leg:
        _tell(board, event, done=attended(board, leg, board.legs.get(event.with_leg)))
    else:
        _tell(board, event, done=blind(board, call, leg, event.to))


def named_first(board: Board, _: Call, event: TransferWanted) -> None:
    """A_TRANSFER on the way somewhere: of its two calls a phone may name the second first; the talk is given away."""
    talks = board.legs.get(event.with_leg)
    done = talks is not None and talks.call.state is CallState.TALKING and attended(board, talks, board.legs[event.leg])
    _tell(board, event, done=done)


def _tell(board: Board, event: TransferWanted, *, done: bool) -> None:
    if done:
        board.commands.insert(0, Transferred(event.leg, ok=True))  # before it is cleared
    else:
        board.commands.append(Transferred(event.leg, ok=False))


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
    talking.alone(board, call, talking.other(call, leg))
    lines.clear(board, leg, Cause.NORMAL_CLEARING)


def attended(board: Board, leg: Leg, second: Leg | None) -> bool:
    """Bring the other party of `leg`, in a talk, to where the same phone is with `second`. Tell if it can be."""
    if second is None or not _same_phone(leg, second) or second.call is leg.call:
        return False
    call, from_call = leg.call, second.call
    if leg not in (call.a, call.b) or second not in (from_call.a, from_call.b):  # on its way out
        return False
    if from_call.state is CallState.TALKING:
        _join(board, call, leg, from_call, second)
        return True
    if second is not from_call.a:
        return False
    if from_call.state is CallState.CALLING and from_call.run is None:  # let it ring for the other, and then come back
        done = blind(board, call, leg, from_call.called)
        if done:
            board.give(board, from_call, CallInput.HANG_UP, None)
        return done
    return _put_in_place(board, call, leg, from_call)


def _same_phone(leg: Leg, second: Leg) -> bool:
    """By its number: when extensions are loaded anew, the same phone is another object."""
    return leg.phone is not None and second.phone is not None and leg.phone.number == second.phone.number


def _put_in_place(board: Board, call: Call, leg: Leg, way: Call) -> bool:
    """Let the other party of `leg` go on in the caller's place in a queue or a flow. Tell if it can be."""
    if way.state not in (
        CallState.FLOW,
        CallState.WAITING,
        CallState.OFFERING,
        CallState.ANNOUNCING,
        CallState.CALLING,
    ):
        return False
    far = talking.other(call, leg)
    shown = talking.party(call, far)
    give_away(board, call, leg)
    call.a = None
    talking.move(board, far, way)
    talking.dissolve(board, call)
    way.shown = shown
    board.give(board, way, CallInput.REPLACED, far)
    return True


def replaced(board: Board, call: Call, far: Leg) -> None:
    """REPLACED: `far` is a now and hears what the one before heard; that one is let go."""
    former = call.a or call.left
    assert former is not None
    lines.take_over(board, far, former)
    if former is call.a:
        ending.part(board, call)
        lines.clear(board, former, Cause.NORMAL_CLEARING)
    call.a = far
    if call.segments:
        others = (call.b,) if call.state is CallState.ANNOUNCING and call.b is not None else call.ringing.values()
        lines.segment(board, call, call.kind, (far, *others), call.place)
    if call.answered:
        lines.charge(board, call)


def _join(board: Board, call: Call, leg: Leg, from_call: Call, second: Leg) -> None:
    """Both talk: their other parties talk to each other from now on."""
    far = talking.other(from_call, second)
    talking.stop_collecting(board, from_call)
    give_away(board, call, leg)
    lines.end_segments(board, from_call)
    from_call.b, from_call.a = None, second
    talking.move(board, far, call)
    call.b = far
    talking.dissolve(board, from_call)
    connect(board, call, None)
    talking.show(board, call)


def merged(board: Board, call: Call, _: object) -> None:
    """MERGED: who talked here talks in another call now."""
    ending.release(board, call, Ending(Cause.NORMAL_CLEARING, "box", "answered"))
