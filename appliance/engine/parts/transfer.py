# SPDX-License-Identifier: GPL-2.0-or-later
"""Transfer: a phone sends the other party to a number (blind) or to the other party of its second call (attended)."""

from appliance.config.model import ExtensionConfig
from appliance.contract.switch import Cause, Transferred, TransferWanted
from appliance.engine.parts import conferring, ending, lines, parking, parties
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, Said
from appliance.engine.parts.goals import Goal, Reaching
from appliance.engine.parts.inputs import In
from appliance.engine.parts.starts import StartRing, StartTalk
from appliance.engine.routes.routing import Target, ToConference, ToFeature, ToOutside, ToPhone, ToPlace, Undecided


def refuse(board: Board, said: Said) -> None:
    """Refuse a transfer: there is no other party."""
    _tell(board, said.what, done=False)


def wanted(board: Board, leg: Leg, stays: Leg, event: TransferWanted) -> None:
    """Transfer at the request of a phone in a talk (RFC 3515, RFC 3891), and answer the phone.

    The request can fail at once only.
    """
    if event.with_leg:
        _tell(board, event, done=attended(board, leg, stays, board.legs.get(event.with_leg)))
    else:
        _tell(board, event, done=blind(board, leg, stays, event.to))


def named_first(board: Board, said: Said) -> None:
    """Transfer at the request of a phone on its way somewhere.

    Of its two calls it may name the second first; the party of its talk is transferred.
    """
    talks = board.legs.get(said.what.with_leg)
    stays = talks.call.activity.partner(talks) if talks is not None else None
    done = talks is not None and stays is not None and attended(board, talks, stays, said.leg)
    _tell(board, said.what, done=done)


def _tell(board: Board, event: TransferWanted, *, done: bool) -> None:
    if done:
        board.commands.insert(0, Transferred(event.leg, ok=True))  # before it is cleared
    else:
        board.commands.append(Transferred(event.leg, ok=False))


def blind(board: Board, leg: Leg, stays: Leg, to: str) -> bool:
    """Call `to` for the other party of a talk; if that fails the phone that gave it away rings.

    Return whether it can be called.
    """
    phone = leg.phone
    return phone is not None and send(board, leg, stays, to, phone, phone)


def send(
    board: Board, leg: Leg, stays: Leg, to: str, behalf: ExtensionConfig | None, back: ExtensionConfig | None
) -> bool:
    """Call `to` for the party of a talk that stays, and clear the other leg. Return whether it can be called.

    `behalf`: the phone whose class counts outside, None: the box itself; `back`: the phone that rings if it fails.
    """
    target: Target = board.routes.find(to, complete=True, phone=True, given=board.given(leg.call))
    if isinstance(target, Undecided):
        return False
    if isinstance(target, ToFeature):
        return target.feature == "park" and parking.park(board, leg, stays, "") != ""
    if isinstance(target, ToPlace):
        return parking.park(board, leg, stays, target.place) != ""
    if isinstance(target, ToConference):
        give_away(board, leg, stays)
        conferring.dialled(board, stays.call, stays, target)
        return True
    if isinstance(target, ToOutside) and behalf is not None and not board.outbound.permitted(behalf, target.number):
        return False
    call = leg.call
    give_away(board, leg, stays)
    way_back = () if back is None else (Goal(ToPhone(back), back.ring_s),)
    board.enter(call, StartRing(stays, Reaching(target, back.ring_s if back is not None else None, behalf, way_back)))
    return True


def give_away(board: Board, leg: Leg, stays: Leg) -> None:
    """Take a leg out of its talk and clear it; the other party stays in the call alone."""
    call = leg.call
    call.activity.leave(None)
    ending.part_from(call, leg)
    parties.stays(call, stays)
    leg.at = None
    lines.clear(board, leg, Cause.NORMAL_CLEARING)


def attended(board: Board, leg: Leg, stays: Leg, second: Leg | None) -> bool:
    """Connect the other party of a talk to the call where the same phone is with `second`. Return whether it can be."""
    if second is None or not _same_phone(leg, second) or second.call is leg.call:
        return False
    way = second.call
    far = way.activity.partner(second)
    if far is not None:
        _join(board, leg, stays, far)
        return True
    if second not in way.activity.parties()[:1]:  # not the caller: it rings, or is being cleared
        return False
    if way.activity.redials():  # ring the same number for the other party, with a way back
        done = blind(board, leg, stays, way.called)
        if done:
            way.activity.take(In.HANG_UP)
        return done
    if not way.activity.can(In.REPLACED):
        return False
    _put_in_place(board, leg, stays, way)
    return True


def _same_phone(leg: Leg, second: Leg) -> bool:
    """Return whether two legs are of one phone, by number: reloaded extensions are other objects."""
    return leg.phone is not None and second.phone is not None and leg.phone.number == second.phone.number


def _put_in_place(board: Board, leg: Leg, far: Leg, way: Call) -> None:
    """Put the other party of a talk in the caller's place in a queue or a flow."""
    call = leg.call
    shown = parties.party(call, far)
    give_away(board, leg, far)
    lines.move(board, far, way)
    ending.dissolve(board, call)
    way.shown = shown
    way.activity.take(In.REPLACED, far)


def _join(board: Board, leg: Leg, stays: Leg, far: Leg) -> None:
    """Connect the other parties of two talks with each other."""
    call, from_call = leg.call, far.call
    give_away(board, leg, stays)
    from_call.activity.leave(None)
    lines.move(board, far, call)
    ending.dissolve(board, from_call)
    board.enter(call, StartTalk(stays, far, tell="both"))
