# SPDX-License-Identifier: GPL-2.0-or-later
"""A far end that disconnects before its channel is idle (Q.931 5.3.4), and the announcement that it may play then."""

from appliance.contract.switch import Disconnected
from appliance.engine.parts import ending, lines, recording
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Said, step
from appliance.engine.parts.inputs import In
from appliance.engine.parts.legs import LegInput, LegState
from appliance.i18n import N_


def disconnected(board: Board, event: Disconnected) -> None:
    """End a party's part in its call; the leg itself stays until `Cleared`.

    If a party hears an announcement, this happens at its end; if none does, the line is cleared at once. An offer ends
    with its leg: a phone that is not free yet cannot ring for the next caller.
    """
    leg = board.legs.get(event.leg)
    if leg is None:
        text = N_("{event} for leg {leg}, which is not there")
        board.trouble("switch", text, event="Disconnected", leg=event.leg)
        return
    if leg.state is LegState.RELEASING:
        return
    if event.inband and leg.at is not None and leg.at.hears_out(leg, event.cause):
        if not leg.answered:
            leg.at.take(In.ANNOUNCES, Said(leg, event.cause))
        return
    playing = leg.playing
    if event.inband:
        lines.clear(board, leg, event.cause)
    leg.playing = playing  # a party that takes its place in a flow is played the same
    step(leg, LegInput.DISCONNECTED)
    if leg.answered and not event.connected:
        lines.unanswer(board, leg)
    recording.stop(board, leg)
    if leg.offer is None or leg.answered:
        ending.leave_call(leg, event.cause)
    leg.playing = 0
