# SPDX-License-Identifier: GPL-2.0-or-later
"""How calls begin: from the network, from a phone, or from a click."""

from typing import Any, Final

from appliance.config.model import ExtensionConfig
from appliance.contract.records import CallOpened, ChannelSeized, Direction
from appliance.contract.switch import Cause, Digits, Incoming, Party, Redirecting
from appliance.engine.activities import parking, replacing
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, CallState, Ending, Leg
from appliance.engine.parts.goals import Reaching
from appliance.engine.parts.legs import LegState
from appliance.engine.routes.routing import CAUSES, T302_S, Target, ToFeature, ToFlow, ToOutside, ToPlace, Undecided
from appliance.engine.routes.site_numbers import from_outside
from appliance.i18n import N_
from appliance.numbering import plain

ORIGINATE_RING_S: Final = 30.0
TRUNKS: Final = ("pri:", "trunk:")
"""Lines to the network; on any other a phone of the house calls."""


def open_call(board: Board, direction: Direction, caller: Party, called: str) -> Call:
    """Open a call whose first leg comes over from another one."""
    call = _open(board, direction, caller, called, CallState.ADDRESS)
    _write(board, call, "")
    return call


def _open(board: Board, direction: Direction, caller: Party, called: str, state: CallState) -> Call:
    call = Call(board.next_call, direction, caller, called)
    board.next_call += 1
    call.state, call.since = state, board.now
    board.calls[call.number] = call
    return call


def _write(board: Board, call: Call, flow: str) -> None:
    """Write the call's head, again if overlap receiving changed it."""
    if call.written != (call.called, flow):
        call.written = (call.called, flow)
        call.flow = flow
        board.records.append(CallOpened(call.number, call.direction, call.caller, call.called, flow))


def arrive(board: Board, event: Incoming) -> None:
    """A leg comes in."""
    if event.leg in board.legs:
        board.trouble("switch", N_("leg {leg} came in twice"), leg=event.leg)
        return
    trunk = event.line.startswith(TRUNKS)
    phone = None if trunk else board.routes.phone_at(event.line, event.caller.number)
    called = plain(event.called) or event.called
    target = board.routes.find(called, complete=event.complete, phone=phone is not None)
    direction: Direction = "in" if trunk else "out" if isinstance(target, ToOutside) else "internal"
    caller = board.site.caller(event.caller) if trunk else event.caller
    if phone is not None and not caller.name:
        caller = Party(caller.number or phone.number, phone.name, caller.presentation)
    call = _open(board, direction, caller, called, CallState.ADDRESS)
    _write(board, call, target.flow if isinstance(target, ToFlow) and board.attached else "")
    call.shown = from_outside(caller) if trunk else caller
    if trunk and event.redirecting is not None:
        by = from_outside(board.site.caller(event.redirecting.party))
        call.redirecting = Redirecting(by, event.redirecting.reason)
    call.a = _leg(board, call, event, phone)
    if not board.attached:  # a replay: the switch has let this leg go already
        board.give(board, call, CallInput.LOST, None)
    elif not trunk and phone is None:
        text = N_("{line}: no extension has number {number}; call rejected")
        board.trouble("unknown_phone", text, line=event.line, number=repr(event.caller.number))
        board.give(board, call, CallInput.END, Ending(Cause.CALL_REJECTED, "box", "rejected"))
    elif trunk and board.lists.refused(caller.number):
        board.give(board, call, CallInput.END, Ending(Cause.USER_BUSY, "box", "rejected"))
    elif trunk and board.outbound.over_limit(event.line):
        board.give(board, call, CallInput.END, Ending(Cause.NO_CIRCUIT, "box", "rejected"))
    elif event.replaces:
        replacing.begin(board, call, event.replaces)
    else:
        follow(board, call, target)


def _leg(board: Board, call: Call, event: Incoming, phone: ExtensionConfig | None) -> Leg:
    state = LegState.PRESENT if event.complete else LegState.OVERLAP_RECEIVING
    leg = Leg(event.leg, call, event.line, "caller", call.caller.number, state)
    leg.presentation, leg.redirecting = call.caller.presentation, call.redirecting
    lines.enter(board, call, leg, phone)
    if event.span:
        leg.channel = (event.span, event.timeslot)
        board.records.append(ChannelSeized(leg.number, call.number, event.span, event.timeslot))
    return leg


def more_digits(board: Board, call: Call, event: Digits) -> None:
    """DIGITS: the number grows."""
    call.called += event.digits
    _route(board, call, complete=event.complete)


def number_ends(board: Board, call: Call, _: Any) -> None:
    """TIMER T302, or a phone that was rung first answered: take the number as it is."""
    _route(board, call, complete=True)


def _route(board: Board, call: Call, *, complete: bool) -> None:
    phone = call.direction != "in"
    follow(board, call, board.routes.find(call.called, complete=complete, phone=phone))


def follow(board: Board, call: Call, target: Target) -> None:
    """Go where the number leads."""
    ending.cancel_timer(board, call)
    if target is Undecided.MORE:
        call.timer = board.start_timer(T302_S, call, CallInput.TIMER)
        return
    _write(board, call, target.flow if isinstance(target, ToFlow) else "")
    if isinstance(target, Undecided):
        ending.fail(board, call, Ending(CAUSES[target], "box", "failed"))
    elif isinstance(target, ToFeature):
        parking.dialled(board, call, target)
    elif isinstance(target, ToPlace):
        parking.take(board, call, target)
    elif not isinstance(target, ToFlow):
        behalf = call.a.phone if call.a is not None else None
        board.give(board, call, CallInput.TO_CALLING, Reaching(target, behalf=behalf))
    elif target.flow in board.flows:
        board.give(board, call, CallInput.TO_FLOW, target.flow)
    else:
        text = N_("number {number} leads to flow {flow}, which is not loaded")
        board.trouble("flow_missing", text, number=call.called, flow=target.flow)
        ending.fail(board, call, Ending(Cause.DESTINATION_OUT_OF_ORDER, "box", "failed"))


def originate(board: Board, phone: ExtensionConfig, number: str) -> Call:
    """Ring a phone that shall call `number`."""
    outside = isinstance(board.routes.find(number, complete=True, phone=True), ToOutside)
    caller = Party(phone.number, phone.name)
    call = _open(board, "out" if outside else "internal", caller, number, CallState.ORIGINATING)
    _write(board, call, "")
    call.disposition = "no_answer"
    call.a = lines.dial(board, call, phone.line, phone.number, Party(number), "caller", phone=phone)
    call.timer = board.start_timer(ORIGINATE_RING_S, call, CallInput.TIMER)
    return call


def not_originated(board: Board, call: Call, cause: int) -> None:
    """A_CLEARED before the phone answered: nobody to connect."""
    ending.release(board, call, Ending(cause, "caller", ending.disposition(cause)))


def originate_over(board: Board, call: Call, _: Any) -> None:
    """TIMER: the phone that was rung first does not answer."""
    ending.release(board, call, Ending(Cause.NO_ANSWER, "box", "no_answer"))
