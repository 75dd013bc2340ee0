# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine of a call: in each state, what every input leads to. The state changes first, then the action runs.

An action may give the call a further input (TO_..., END, OFFER): that is how a decision is made.
"""

from collections.abc import Callable
from typing import Any, Final

from appliance.engine.activities import (
    arriving,
    consulting,
    features,
    flow,
    parking,
    reaching,
    talk_keys,
    talking,
    transfer,
    waiting,
)
from appliance.engine.machine import MissingTransition
from appliance.engine.parts import ending
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, CallState

Action = Callable[[Board, Call, Any], None]
_S, _I = CallState, CallInput


def ignore(_: Board, __: Call, ___: Any) -> None:
    """Nothing to do: it is late, or of no concern here."""


def _back_from_queue(board: Board, call: Call, result: Any) -> None:
    waiting.give_up(board, call, result)
    flow.come_back(board, call, result)


def _played_in_queue(board: Board, call: Call, event: Any) -> None:
    flow.note_missing(board, call.place, event.missing)
    waiting.music(board, call, event)


def _played_to_both(board: Board, call: Call, event: Any) -> None:
    flow.note_missing(board, call.place, event.missing)
    reaching.connect(board, call, event)


_ANSWERED: Final = (
    _S.FLOW, _S.WAITING, _S.OFFERING, _S.ANNOUNCING, _S.CALLING, _S.TALKING, _S.TONE, _S.SPEAKING, _S.PARKED
)  # fmt: skip
"""States in which a's leg may be answered."""
_ON_THE_WAY: Final = (_S.FLOW, _S.WAITING, _S.OFFERING, _S.ANNOUNCING, _S.CALLING)
"""States in which another party may take the place of a and go on there."""
_HOLDS: Final = (_I.A_HELD, _I.A_RESUMED, _I.B_HELD, _I.B_RESUMED)


def _rows() -> dict[tuple[CallState, CallInput], tuple[CallState, Action]]:
    table: dict[tuple[CallState, CallInput], tuple[CallState, Action]] = {}
    for state in _S:  # the same everywhere, but where a row below says otherwise
        table |= {
            (state, _I.A_CLEARED): (_S.RELEASING, ending.caller_gone),
            (state, _I.HANG_UP): (_S.RELEASING, ending.hang_up),
            (state, _I.LOST): (_S.RELEASING, ending.lose),
        }
    for state in _ANSWERED:
        table |= {(state, given): (state, ignore) for given in (_I.A_KEY, _I.A_HELD, _I.A_RESUMED)}
        table[state, _I.A_TRANSFER] = (state, transfer.refuse)
    for state in _ON_THE_WAY:
        table[state, _I.A_TRANSFER] = (state, transfer.named_first)
        table[state, _I.REPLACED] = (state, transfer.replaced)
    for state in (_S.FLOW, _S.WAITING, _S.OFFERING, _S.ANNOUNCING):
        table[state, _I.A_CLEARED] = (state, consulting.caller_left)
        table[state, _I.ABANDONED] = (_S.RELEASING, ending.caller_gone)
    return table | {
        (_S.ADDRESS, _I.DIGITS): (_S.ADDRESS, arriving.more_digits),
        (_S.ADDRESS, _I.TIMER): (_S.ADDRESS, arriving.number_ends),
        (_S.ADDRESS, _I.TO_FLOW): (_S.FLOW, flow.start),
        (_S.ADDRESS, _I.TO_CALLING): (_S.CALLING, reaching.call_out),
        (_S.ADDRESS, _I.TO_TONE): (_S.TONE, ending.tone),
        (_S.ADDRESS, _I.END): (_S.RELEASING, ending.end),
        (_S.ORIGINATING, _I.A_ALERTING): (_S.ORIGINATING, ignore),
        (_S.ORIGINATING, _I.A_REDIRECTED): (_S.ORIGINATING, ignore),  # its Cleared follows and ends the call
        (_S.ORIGINATING, _I.A_ANSWERED): (_S.ADDRESS, arriving.number_ends),
        (_S.ORIGINATING, _I.TIMER): (_S.RELEASING, arriving.originate_over),
        (_S.ORIGINATING, _I.A_CLEARED): (_S.RELEASING, arriving.not_originated),
        (_S.FLOW, _I.A_KEY): (_S.FLOW, flow.key),
        (_S.FLOW, _I.A_PLAYED): (_S.FLOW, flow.played),
        (_S.FLOW, _I.TIMER): (_S.FLOW, flow.timed_out),
        (_S.FLOW, _I.TO_QUEUE): (_S.WAITING, waiting.enter),
        (_S.FLOW, _I.END): (_S.RELEASING, ending.end),
        (_S.FLOW, _I.TO_CALLING): (_S.CALLING, reaching.call_out),
        (_S.WAITING, _I.A_PLAYED): (_S.WAITING, _played_in_queue),
        (_S.WAITING, _I.TIMER): (_S.WAITING, waiting.announce),
        (_S.WAITING, _I.WAIT_OVER): (_S.WAITING, waiting.wait_over),
        (_S.WAITING, _I.TO_FLOW): (_S.FLOW, _back_from_queue),
        (_S.WAITING, _I.OFFER): (_S.OFFERING, waiting.offer),
        (_S.OFFERING, _I.A_PLAYED): (_S.OFFERING, _played_in_queue),
        (_S.OFFERING, _I.TIMER): (_S.OFFERING, waiting.announce),
        (_S.OFFERING, _I.WAIT_OVER): (_S.OFFERING, waiting.overdue),
        (_S.OFFERING, _I.RING_OVER): (_S.WAITING, waiting.ring_over),
        (_S.OFFERING, _I.B_ALERTING): (_S.OFFERING, ignore),
        (_S.OFFERING, _I.B_REDIRECTED): (_S.OFFERING, ignore),  # a queue rings its agents, nobody else; Cleared follows
        (_S.OFFERING, _I.B_ANSWERED): (_S.ANNOUNCING, waiting.accept),
        (_S.OFFERING, _I.B_CLEARED): (_S.WAITING, waiting.wait_on),
        (_S.ANNOUNCING, _I.A_PLAYED): (_S.TALKING, _played_to_both),
        (_S.ANNOUNCING, _I.B_PLAYED): (_S.ANNOUNCING, ignore),
        (_S.ANNOUNCING, _I.TO_TALK): (_S.TALKING, reaching.connect),
        (_S.ANNOUNCING, _I.B_KEY): (_S.ANNOUNCING, ignore),
        (_S.ANNOUNCING, _I.B_CLEARED): (_S.RELEASING, ending.callee_gone),
        (_S.CALLING, _I.R_ALERTING): (_S.CALLING, reaching.alerting),
        (_S.CALLING, _I.R_EARLY_SOUND): (_S.CALLING, reaching.ring_back),
        (_S.CALLING, _I.A_KEY): (_S.CALLING, talk_keys.before_answer),
        (_S.CALLING, _I.R_KEY): (_S.CALLING, talk_keys.by_rung),
        (_S.CALLING, _I.R_ANSWERED): (_S.TALKING, reaching.answered),
        (_S.CALLING, _I.R_CLEARED): (_S.CALLING, reaching.one_gone),
        (_S.CALLING, _I.R_REDIRECTED): (_S.CALLING, reaching.redirected),
        (_S.CALLING, _I.TO_ANSWER): (_S.FLOW, flow.start),
        (_S.CALLING, _I.TIMER): (_S.CALLING, reaching.ring_over),
        (_S.CALLING, _I.TO_FLOW): (_S.FLOW, flow.come_back),
        (_S.CALLING, _I.END): (_S.RELEASING, ending.end),
        (_S.CALLING, _I.TO_TONE): (_S.TONE, ending.tone),
        **{(_S.TALKING, given): (_S.TALKING, talking.held) for given in _HOLDS},
        (_S.TALKING, _I.A_TRANSFER): (_S.TALKING, transfer.wanted),
        (_S.TALKING, _I.B_TRANSFER): (_S.TALKING, transfer.wanted),
        (_S.TALKING, _I.TO_CALLING): (_S.CALLING, reaching.call_out),
        (_S.TALKING, _I.TO_PARK): (_S.PARKED, parking.wait),
        (_S.TALKING, _I.MERGED): (_S.RELEASING, transfer.merged),
        (_S.PARKED, _I.TIMER): (_S.PARKED, parking.back),
        (_S.PARKED, _I.TO_CALLING): (_S.CALLING, reaching.call_out),
        (_S.PARKED, _I.TAKEN): (_S.TALKING, parking.taken),
        (_S.CALLING, _I.TAKEN): (_S.TALKING, parking.taken),
        (_S.ADDRESS, _I.MERGED): (_S.RELEASING, transfer.merged),
        (_S.PARKED, _I.MERGED): (_S.RELEASING, transfer.merged),
        (_S.ANNOUNCING, _I.B_HELD): (_S.ANNOUNCING, ignore),
        (_S.ANNOUNCING, _I.B_RESUMED): (_S.ANNOUNCING, ignore),
        (_S.ANNOUNCING, _I.B_TRANSFER): (_S.ANNOUNCING, transfer.refuse),
        (_S.TALKING, _I.A_KEY): (_S.TALKING, talk_keys.pressed),
        (_S.TALKING, _I.B_KEY): (_S.TALKING, talk_keys.pressed),
        (_S.TALKING, _I.TIMER): (_S.TALKING, talk_keys.number_ends),
        (_S.TALKING, _I.A_CLEARED): (_S.RELEASING, consulting.caller_gone),
        (_S.TALKING, _I.B_CLEARED): (_S.TALKING, consulting.callee_gone),
        (_S.CALLING, _I.A_CLEARED): (_S.RELEASING, consulting.caller_gone),
        (_S.TALKING, _I.END): (_S.RELEASING, ending.end),
        (_S.TONE, _I.END): (_S.RELEASING, ending.end),
        (_S.TONE, _I.MERGED): (_S.RELEASING, transfer.merged),
        (_S.ADDRESS, _I.TO_SPEECH): (_S.SPEAKING, features.speak),
        (_S.SPEAKING, _I.A_PLAYED): (_S.RELEASING, features.spoken),
        (_S.TONE, _I.TIMER): (_S.TONE, consulting.tone_over),
        (_S.RELEASING, _I.A_CLEARED): (_S.RELEASING, ignore),
        (_S.RELEASING, _I.B_CLEARED): (_S.RELEASING, ignore),
        (_S.RELEASING, _I.R_CLEARED): (_S.RELEASING, ignore),
        (_S.RELEASING, _I.HANG_UP): (_S.RELEASING, ignore),
        (_S.RELEASING, _I.LOST): (_S.RELEASING, ignore),
    }


TABLE: Final = _rows()
"""Missing on purpose: b where there is none, timers of other states, the box's decisions where it has none to take."""


def give(board: Board, call: Call, given: CallInput, what: Any) -> None:
    """Give an input to a call; `what` goes with it: an event, a cause, a target.

    Raises:
        MissingTransition: the input cannot come in this state (a bug).
    """
    board.acting.append(call)
    entry = TABLE.get((call.state, given))
    if entry is None:
        raise MissingTransition("call", call.state.name, given.name)
    state, action = entry
    if state is not call.state:
        call.state, call.since = state, board.now
    action(board, call, what)
    board.acting.pop()
