# SPDX-License-Identifier: GPL-2.0-or-later
"""A far end that disconnects before its channel is idle (Q.931 5.3.4), and the announcement that it may play then."""

from typing import Final

from appliance.contract.switch import Disconnected
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, CallState, Leg, Rung, step
from appliance.engine.parts.legs import LegInput, LegState
from appliance.i18n import N_

MOST_HEARD_S: Final = 60.0
"""Longer than a line lets an announcement last: it clears the leg by itself before."""


def disconnected(board: Board, event: Disconnected) -> None:
    """The call goes on without this party, or ends; the leg itself is there until `Cleared`.

    Where somebody hears an announcement it does so when that is over; where nobody does, the line need not wait. An
    offer ends with its leg: a phone that is not free yet cannot ring for the next caller.
    """
    leg = board.legs.get(event.leg)
    if leg is None:
        text = N_("{event} for leg {leg}, which is not there")
        board.trouble("switch", text, event="Disconnected", leg=event.leg)
    elif event.inband and _is_heard(leg, event.cause):
        _announce(board, leg)
    elif leg.state is not LegState.RELEASING:
        playing = leg.playing
        if event.inband:
            lines.clear(board, leg, event.cause)
        leg.playing = playing  # a party that takes its place in a flow is played the same
        step(leg, LegInput.DISCONNECTED)
        if leg.answered and not event.connected:
            lines.unanswer(board, leg)
        lines.stop_recording(board, leg)
        if leg.call.state is not CallState.OFFERING or leg is leg.call.a:
            ending.leave_call(board, leg, event.cause)
        leg.playing = 0


def _is_heard(leg: Leg, cause: int) -> bool:
    """Tell whether somebody hears what this leg says now, and has nothing better to do."""
    call = leg.call
    if leg.state is LegState.RELEASING:
        return False
    if call.state is CallState.TALKING:
        other = {call.a: call.b, call.b: call.a}.get(leg)
        return other is not None and other.hears == leg.number
    return call.state is CallState.CALLING and [*call.ringing] == [leg.number] and not _goes_on(call, cause)


def _goes_on(call: Call, cause: int) -> bool:
    """Tell whether there is a way on after this cause: a flow's, a further number, another trunk."""
    return call.run is not None or any(goal.after is None or goal.after(cause) for goal in call.goals)


def _announce(board: Board, leg: Leg) -> None:
    """Let the caller hear it, if it still rings; the far end ends it (Q.931 T306)."""
    call = leg.call
    if call.state is CallState.CALLING:
        leg.announces = True
        ending.cancel_timer(board, call)
        call.timer = board.start_timer(MOST_HEARD_S, call, CallInput.TIMER)
        board.give(board, call, CallInput.R_ALERTING, Rung(leg, True))  # noqa: FBT003 - as Alerting.inband
