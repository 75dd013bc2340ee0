# SPDX-License-Identifier: GPL-2.0-or-later
"""The begin of calls: from the network, from a phone, or by a request."""

from collections.abc import Callable
from typing import Final

from appliance.config.model import ExtensionConfig
from appliance.contract.address import LineAddress
from appliance.contract.records import ChannelSeized, Direction
from appliance.contract.switch import Cause, Incoming, Party, Redirecting
from appliance.engine import replacing
from appliance.engine.parts import ending, lines, opening
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg
from appliance.engine.parts.goals import Legs, Ring
from appliance.engine.parts.legs import LegState
from appliance.engine.parts.starts import StartAddress, StartOriginate
from appliance.engine.routes.conditions import Given
from appliance.engine.routes.routing import ToFeature, ToFlow, ToOutside, Undecided
from appliance.engine.routes.site_numbers import from_outside
from appliance.i18n import N_
from appliance.numbering import plain

ORIGINATE_RING_S: Final = 30.0


def arrive(board: Board, event: Incoming) -> None:
    """Open a call for a leg that comes in."""
    if event.leg in board.legs:
        board.trouble("switch", N_("leg {leg} came in twice"), leg=event.leg)
        return
    trunk = LineAddress.of(event.line).trunk
    phone = None if trunk else board.routes.phone_at(event.line, event.caller.number)
    called = plain(event.called) or event.called
    caller = board.site.caller(event.caller) if trunk else event.caller
    given = Given(_who(caller, phone), event.line, board.clock)
    target = board.routes.find(called, complete=event.complete, phone=phone is not None, given=given)
    direction: Direction = "in" if trunk else "out" if isinstance(target, ToOutside) else "internal"
    if phone is not None and (not caller.name or caller.name != (phone.name or caller.name)):  # a new name, perhaps
        caller = Party(caller.number or phone.number, phone.name, caller.presentation)
    flow = target.flow if isinstance(target, ToFlow) and board.attached else ""
    call = opening.open_call(board, direction, caller, called, flow)
    call.shown = from_outside(caller) if trunk else caller
    if trunk and event.redirecting is not None:
        by = from_outside(board.site.caller(event.redirecting.party))
        call.redirecting = Redirecting(by, event.redirecting.reason)
    leg = _leg(board, call, event, phone, coded=isinstance(target, ToFeature))
    if not board.attached:  # a replay: the switch has cleared this leg already
        ending.lose(board, call)
    elif (refused := _refused(board, event, caller, phone, trunk=trunk)) is not None:
        ending.release(board, call, refused)
    elif event.replaces:
        board.enter(call, StartAddress(leg))
        replacing.begin(board, call, leg, event.replaces)
    elif target is Undecided.MORE:
        board.enter(call, StartAddress(leg, target))
    else:
        board.lead(call, leg, target)


def _who(caller: Party, phone: ExtensionConfig | None) -> Party:
    """Return the caller as routes know it: a phone by its extension, whatever number it sends."""
    return caller if phone is None else Party(phone.number, presentation=caller.presentation)


def _refused(
    board: Board, event: Incoming, caller: Party, phone: ExtensionConfig | None, *, trunk: bool
) -> Ending | None:
    """Return the ending of a call that is refused, None if it is taken."""
    if not trunk and phone is None:
        text = N_("{line}: no extension has number {number}; call rejected")
        board.trouble("unknown_phone", text, line=event.line, number=repr(event.caller.number))
        return Ending(Cause.CALL_REJECTED, "box", "rejected")
    if trunk and board.lists.refused(caller.number):
        return Ending(Cause.USER_BUSY, "box", "rejected")
    if trunk and board.outbound.over_limit(event.line):
        return Ending(Cause.NO_CIRCUIT, "box", "rejected")
    return None


def _leg(board: Board, call: Call, event: Incoming, phone: ExtensionConfig | None, *, coded: bool) -> Leg:
    state = LegState.PRESENT if event.complete else LegState.OVERLAP_RECEIVING
    leg = Leg(event.leg, call, event.line, "caller", call.caller.number, state)
    leg.presentation, leg.redirecting = call.caller.presentation, call.redirecting
    lines.enter(board, call, leg, phone, coded=coded)
    if event.span:
        leg.channel = (event.span, event.timeslot)
        board.records.append(ChannelSeized(leg.number, call.number, event.span, event.timeslot))
    return leg


def originate(board: Board, phone: ExtensionConfig, number: str) -> Call:
    """Ring a phone; `number` is dialled for it when it answers. Return the call."""
    outside = isinstance(board.routes.find(number, complete=True, phone=True), ToOutside)
    return _ring_first(board, phone, Party(number), "out" if outside else "internal", number, None)


def ring_first(
    board: Board, phone: ExtensionConfig, shown: Party, called: str, reached: Callable[[Call, Leg], None]
) -> Call:
    """Ring a phone, which shows a party; `reached` gets its leg when it answers. Return the call."""
    return _ring_first(board, phone, shown, "internal", called, reached)


def _ring_first(
    board: Board,
    phone: ExtensionConfig,
    shown: Party,
    direction: Direction,
    called: str,
    reached: Callable[[Call, Leg], None] | None,
) -> Call:
    call = opening.open_call(board, direction, Party(phone.number, phone.name), called)
    ring = Ring(phone.line, phone.number, shown, "caller", phone)
    board.enter(call, StartOriginate(Legs((ring,), ORIGINATE_RING_S), reached))
    return call
