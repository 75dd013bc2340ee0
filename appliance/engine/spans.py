# SPDX-License-Identifier: GPL-2.0-or-later
"""Notes of the spans' states: troubles for a technician, but not the ordinary changes at each start and attachment.

A span counts as well until it is not. Going out of service is noted at once, but for the first seconds of a connection
to the switch, in which lines come up; any other change is noted when it has lasted for a while.
"""

from typing import Final

from appliance.contract.switch import SpanState
from appliance.contract.ticks import ticks
from appliance.engine.parts.board import Board
from appliance.i18n import N_

COMING_UP_S: Final = 10.0
"""After the switch is attached: both ends of a line finish alarms, data link and RESTART in less."""
STANDS_S: Final = 3.0
CAUSES: Final = {"d_channel": "D channel down"}
"""Texts of `SpanState.cause`."""


def attached(board: Board) -> None:
    """Set the time in which lines may come up: the switch reports the state of each at once."""
    board.lines_up_at = board.now + ticks(COMING_UP_S)


def state(board: Board, event: SpanState) -> None:
    """Keep a span's state for routing, and note it as a trouble now or when it has lasted for a while."""
    board.span_states[event.span] = event
    (board.outbound.down.discard if event.in_service else board.outbound.down.add)(event.span)
    fails = not event.in_service and not board.span_told.get(event.span)
    due = max(board.lines_up_at, board.now + (0 if fails else ticks(STANDS_S)))
    if due <= board.now:
        _note(board, event)
    elif _words(event) != board.span_told.get(event.span, ""):
        board.timers.start(due, lambda: _note(board, event))


def _note(board: Board, event: SpanState) -> None:
    words = _words(event)
    if event is not board.span_states[event.span] or words == board.span_told.get(event.span, ""):
        return  # it did not last, or is noted already
    board.span_told[event.span] = words
    text = N_("span {span} {address}: {state}") if words else N_("span {span} {address}: in service again")
    board.trouble("span", text, span=event.span, address=event.address, state=words)


def _words(event: SpanState) -> str:
    """Return the fault of a span, '' if there is none: alarms and causes in the terms of the field, in no language."""
    cause = () if event.cause in {"", "alarms"} else (CAUSES.get(event.cause, event.cause),)
    return ", ".join((*event.alarms, *cause))
