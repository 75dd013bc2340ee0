# SPDX-License-Identifier: GPL-2.0-or-later
"""Ringing one party for another, and connecting them."""

from typing import Any, Final, NamedTuple

from appliance.callcontrol import ending, lines
from appliance.callcontrol.board import Board
from appliance.callcontrol.call import Call, CallInput, Ending, by_whom
from appliance.callcontrol.legs import Leg
from appliance.callcontrol.routing import ToOutside, ToPhone
from appliance.messages import Cause, Party

T301_S: Final = 180.0
"""Q.931 9.5.1, T301: how long a called party may ring (at least 3 minutes)."""

RINGBACK: Final = ("tone:ringback",)


class Reaching(NamedTuple):
    """Whom to ring, and how long."""

    target: ToPhone | ToOutside
    ring_s: float = T301_S


def call_out(board: Board, call: Call, reaching: Reaching) -> None:
    """TO_CALLING: ring b."""
    a = call.a
    assert a is not None
    ending.cancel_timer(board, call)
    if not a.answered:
        lines.proceed(board, a)
    lines.hush(board, a)
    call.b_inband = False
    call.disposition = "abandoned"
    call.b = _dial(board, call, reaching.target)
    lines.segment(board, call, "ring", (a, call.b), call.b.who)
    call.timer = board.start_timer(reaching.ring_s, call, CallInput.TIMER)


def _dial(board: Board, call: Call, target: ToPhone | ToOutside) -> Leg:
    if isinstance(target, ToPhone):
        phone, shown = target.extension, lines.shown(call.caller)
        return lines.dial(board, call, phone.line, phone.number, shown, "extension", phone=phone.number)
    outside = board.config.outside
    caller = call.caller
    if outside.caller:
        caller = Party(outside.caller, presentation=caller.presentation)
    return lines.dial(board, call, outside.line, target.number, lines.shown(caller), "outside")


def ring_back(board: Board, call: Call, inband: bool) -> None:  # noqa: FBT001 - what the event says
    """B_ALERTING: let the caller hear that it rings; the far end's own tone wins over ours, whenever it comes."""
    a, b = call.a, call.b
    assert a is not None
    assert b is not None
    if not a.answered:
        lines.alert(board, a)
    if inband:
        call.b_inband = True
        lines.hush(board, a)
        lines.hear(board, a, b)
    elif not call.b_inband and not a.playing:
        lines.play(board, a, RINGBACK, loop=True)


def ring_over(board: Board, call: Call, _: Any) -> None:
    """TIMER: b does not answer."""
    b, call.b = call.b, None
    assert b is not None
    lines.clear(board, b, Cause.NO_ANSWER)
    not_reached(board, call, Cause.NO_ANSWER)


def not_reached(board: Board, call: Call, cause: int) -> None:
    """B_CLEARED while it rang: on in the flow, or the cause to the caller."""
    assert call.a is not None
    ending.cancel_timer(board, call)
    lines.hush(board, call.a)
    call.disposition = ending.disposition(cause)
    if call.run is not None:
        board.give(board, call, CallInput.TO_FLOW, call.disposition)
    else:
        ending.fail(board, call, Ending(cause, by_whom("callee", cause)))


def connect(board: Board, call: Call, _: Any) -> None:
    """B_ANSWERED, or the announcement is over: both hear each other."""
    a, b = call.a, call.b
    assert a is not None
    assert b is not None
    ending.cancel_timer(board, call)
    call.disposition = "answered"
    lines.hush(board, a)
    lines.hush(board, b)
    if not a.answered:
        lines.answer(board, a)
    lines.hear(board, a, b)
    lines.hear(board, b, a)
    lines.segment(board, call, "talk", (a, b), b.agent or b.who)
    lines.charge(board, call)
