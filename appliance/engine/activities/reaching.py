# SPDX-License-Identifier: GPL-2.0-or-later
"""Ringing one or several parties for another, one goal after the other, and connecting them."""

from typing import Any, Final

from appliance.contract.switch import Cause, Redirecting, RedirectReason
from appliance.engine.activities import finding, talking
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, Ending, Leg, Rung, by_whom
from appliance.engine.parts.goals import T301_S, Goal, Reaching, Ring
from appliance.engine.parts.legs import LegState
from appliance.engine.routes.routing import ToFlow

RINGBACK: Final = ("tone:ringback",)


def call_out(board: Board, call: Call, reaching: Reaching) -> None:
    """TO_CALLING: ring whom it leads to."""
    a = call.a
    assert a is not None
    ending.cancel_timer(board, call)
    if not a.answered:
        lines.proceed(board, a)
    lines.hush(board, a)
    call.disposition = "answered" if _talked(call) else "abandoned"
    call.tried = 0
    call.sent_on.clear()
    call.goals = [*reaching.otherwise[::-1], Goal(reaching.target, reaching.ring_s, behalf=reaching.behalf)]
    _go_on(board, call, Cause.UNALLOCATED_NUMBER)


def _talked(call: Call) -> bool:
    """Tell whether the caller has talked with somebody already, and was transferred or parked."""
    return call.answered and call.run is None


def _go_on(board: Board, call: Call, cause: int) -> None:
    """Look for the next goal that is tried after `cause`, until somebody rings or nothing is left."""
    while call.goals:
        goal = call.goals.pop()
        if goal.after is not None and not goal.after(cause):
            continue
        found = finding.find(board, call, goal)
        if isinstance(found, ToFlow):
            board.give(board, call, CallInput.TO_ANSWER, found.flow)
            return
        if isinstance(found, int):
            cause = found or cause
        else:
            call.behalf = goal.behalf
            _ring(board, call, found, T301_S if goal.ring_s is None else goal.ring_s)
            return
    notreached(board, call, cause)


def _ring(board: Board, call: Call, rings: tuple[Ring, ...], ring_s: float) -> None:
    assert call.a is not None
    legs = [
        lines.dial(board, call, to.line, to.called, to.caller, to.role, phone=to.phone, redirecting=to.redirecting)
        for to in rings
    ]
    call.ringing = {leg.number: leg for leg in legs}
    lines.segment(board, call, "ring", (call.a, *legs), " ".join([leg.who for leg in legs]))
    call.timer = board.start_timer(ring_s, call, CallInput.TIMER)


def alerting(board: Board, call: Call, rung: Rung) -> None:
    """R_ALERTING: tell the caller that it rings."""
    assert call.a is not None
    rung.leg.inband = rung.leg.inband or rung.what
    if not call.a.answered:
        if len(call.ringing) == 1:
            reached(board, call, rung.leg)
        lines.alert(board, call.a)
    ring_back(board, call, rung)


def ring_back(board: Board, call: Call, _: Any) -> None:
    """R_EARLY_SOUND: let the caller hear what comes from those who are rung, and the box's own tone where nothing does.

    One that says that sound will come is heard beside our tone, so that nothing of its beginning is missed.
    """
    a, rung = call.a, [leg for leg in call.ringing.values() if leg.state is LegState.DELIVERED or leg.inband]
    assert a is not None
    sounding = [leg.number for leg in rung if leg.sounds or leg.announces]
    heard = _stay(sounding or [leg.number for leg in rung if leg.inband], a.hears)
    if heard != a.hears:
        lines.deafen(board, a)
    if heard:
        lines.hear(board, a, board.legs[heard])
    if sounding:
        lines.hush(board, a)
    elif rung and not a.playing:
        lines.play(board, a, RINGBACK, loop=True)


def _stay(legs: list[int], with_leg: int) -> int:
    """Choose the leg that is heard already, else the first, 0 if there is none."""
    return with_leg if with_leg in legs else next(iter(legs), 0)


def stop_ringing(board: Board, call: Call, cause: int) -> None:
    """Clear those who are still rung."""
    ending.cancel_timer(board, call)
    for leg in call.ringing.values():
        lines.clear(board, leg, cause)
    call.ringing = {}


def ring_over(board: Board, call: Call, _: Any) -> None:
    """TIMER: nobody answers."""
    stop_ringing(board, call, Cause.NO_ANSWER)
    _go_on(board, call, Cause.NO_ANSWER)


def one_gone(board: Board, call: Call, rung: Rung) -> None:
    """R_CLEARED: one of those rung is gone; with the last one it goes on."""
    if call.ringing:
        ring_back(board, call, rung)
        return
    ending.cancel_timer(board, call)
    _go_on(board, call, rung.what)


def redirected(board: Board, call: Call, rung: Rung) -> None:
    """R_REDIRECTED: one of those rung names other numbers, the first to be tried first; its leg is about to be cleared.

    They are called for the phone that names them, or for which the far end was called: by its class, on its account.
    """
    call.sent_on.add(rung.leg.who)
    behalf = rung.leg.phone or call.behalf
    targets = [finding.sent_to(board, rung.leg, number, behalf) for number in rung.what]
    by = Redirecting(talking.party(call, rung.leg), RedirectReason.DEFLECTION)
    call.goals += [Goal(target, behalf=behalf, redirecting=by) for target in reversed(targets)]


def notreached(board: Board, call: Call, cause: int) -> None:
    """Nobody is left to try: on in the flow, or the cause to the caller."""
    assert call.a is not None
    lines.hush(board, call.a)
    if not _talked(call):
        call.disposition = ending.disposition(cause)
    if call.run is not None:
        call.unreached = cause
        board.give(board, call, CallInput.TO_FLOW, ending.disposition(cause))
    else:
        ending.fail(board, call, Ending(cause, by_whom("callee", cause)))


def answered(board: Board, call: Call, rung: Rung) -> None:
    """R_ANSWERED: this one is b, the others ring no more."""
    del call.ringing[rung.leg.number]
    if call.a is not None and call.a.hears != rung.leg.number:
        lines.deafen(board, call.a)
    stop_ringing(board, call, Cause.NON_SELECTED_USER)
    call.b = rung.leg
    reached(board, call, rung.leg)
    connect(board, call, None)
    if call.called != rung.leg.who and call.a is not None:
        talking.tell(board, call, rung.leg, call.a)


def reached(board: Board, call: Call, leg: Leg) -> None:
    """Tell the caller's line who rings or has answered, before that itself is told: it goes with the same message.

    A phone is not told what it has dialled, and not in place of it that a number is withheld.
    """
    a = call.a
    assert a is not None
    if a.phone is not None and a.told is None:
        shown = lines.connected(board, a, talking.party(call, leg), leg.phone)
        if not shown.name and shown.number in ("", call.called):
            return
    talking.tell(board, call, a, leg)


def connect(board: Board, call: Call, _: Any) -> None:
    """Both hear each other."""
    a, b = call.a, call.b
    assert a is not None
    assert b is not None
    ending.cancel_timer(board, call)
    call.disposition = "answered"
    lines.hush(board, a)
    lines.hush(board, b)
    if not a.answered:
        lines.answer(board, a)
    talking.join(board, call)
    lines.segment(board, call, "hold" if a.held or b.held else "talk", (a, b), b.agent or b.who)
    lines.charge(board, call)
