# SPDX-License-Identifier: GPL-2.0-or-later
"""Consultation from any phone: its leg moves to a call of its own while the other party waits with music.

When it hangs up, the party that waits is joined with the one consulted, or with the number that still rings, or takes
its place in a queue or a flow.
"""

from appliance.contract.switch import Party
from appliance.engine.parts import ending, lines, opening, parties
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg, Said
from appliance.engine.parts.conference import UNNAMED
from appliance.engine.parts.goals import Goal, Reaching
from appliance.engine.parts.inputs import In
from appliance.engine.parts.starts import StartAddress, StartPark, StartRing, StartRoom
from appliance.engine.routes.conditions import Given
from appliance.engine.routes.routing import ToConference, ToFeature, ToOutside, ToPhone, ToPlace, Undecided


def begin(board: Board, leg: Leg, waits: Leg, number: str) -> bool:
    """Call `number` from `leg` while the other party of its talk waits. Return whether that is possible."""
    phone, call = leg.phone, leg.call
    if phone is None:
        return False
    given = Given(Party(phone.number), leg.line, board.clock)
    target = board.routes.find(number, complete=True, phone=True, given=given)
    if isinstance(target, Undecided | ToFeature | ToPlace | ToConference):
        return False
    ending.part_from(call, leg)
    parties.stays(call, waits)
    outside = isinstance(target, ToOutside)
    caller = Party(phone.number, phone.name)
    own = opening.open_call(board, "out" if outside else "internal", caller, number)
    call.consulted_by, own.consults = own, call
    lines.move(board, leg, own)
    leg.role = "caller"
    board.begin(call, StartPark(waits, "", phone))
    board.enter(own, StartAddress(leg, target))
    return True


def back(board: Board, call: Call, leg: Leg) -> bool:
    """Return to the party that waits; the one consulted is cleared. Return False if none waits."""
    waits = call.consults
    if waits is None:
        return False
    part_and_take(board, call, waits, leg)
    ending.dissolve(board, call)
    return True


def meet(board: Board, call: Call, leg: Leg, consulted: Leg) -> None:
    """Join a phone, the party it consults and the party that waits in a conference, in the call of the last."""
    waits = call.consults
    party = waits.activity.parked() if waits is not None else None
    if waits is None or party is None:
        return
    call.activity.leave(None)
    ending.part(call)
    lines.move(board, leg, waits)
    lines.move(board, consulted, waits)
    ending.dissolve(board, call)
    board.begin(waits, StartRoom((party, leg, consulted), UNNAMED, leg))


def part_and_take(board: Board, call: Call, waits: Call, leg: Leg) -> None:
    """Move a leg of a call to the party that waits for it."""
    call.activity.leave(None)
    ending.part(call)
    lines.move(board, leg, waits)
    waits.activity.take(In.TAKEN, leg)


def caller_left_talk(board: Board, call: Call, far: Leg, cause: int) -> None:
    """End a call whose caller left a talk: if it consulted, the party that waits goes on to the one consulted."""
    if call.consults is not None:
        part_and_take(board, call, call.consults, far)
    ending.caller_gone(board, call, cause)


def caller_left_ringing(board: Board, call: Call, cause: int) -> None:
    """End a call whose caller left while others ring: if it consulted, the party that waits goes on to them."""
    waits = call.consults
    party, by = (waits.activity.parked(), waits.parked_by) if waits is not None else (None, None)
    if waits is not None and party is not None and by is not None:
        ending.part(call)
        target = board.routes.find(call.called, complete=True, phone=True, given=board.given(call))
        way_back = Goal(ToPhone(by), by.ring_s)
        board.begin(waits, StartRing(party, Reaching(target, by.ring_s, by, (way_back,))))
    ending.caller_gone(board, call, cause)


def caller_left_waiting(board: Board, call: Call, said: Said) -> None:
    """End a call whose caller left a queue or a flow: if it consulted, the party that waits takes its place."""
    waits = call.consults
    party = waits.activity.parked() if waits is not None else None
    if waits is None or party is None:
        ending.caller_gone(board, call, said.what)
        return
    shown = waits.shown
    ending.part(call)
    lines.move(board, party, call)
    ending.dissolve(board, waits)
    call.shown = shown
    call.activity.take(In.REPLACED, party)
