# SPDX-License-Identifier: GPL-2.0-or-later
"""How calls end: everything that is open is closed once, and nothing is left running."""

from typing import Any, Final

from appliance.contract.records import (
    CallClosed,
    CallReleased,
    Disposition,
    LeaveReason,
    LegClosed,
    OfferEnded,
    QueueLeft,
)
from appliance.contract.switch import Cause
from appliance.engine.parts import lines, staffing
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, CallState, Ending, Leg, Rung, by_whom
from appliance.engine.parts.offers import OfferInput, gone

TONE_S: Final = 8.0
"""How long a party whose leg is answered hears why it did not work. Others are told by the cause alone."""

RECALL_S: Final = 1.0

_DISPOSITIONS: Final[dict[int, Disposition]] = {
    Cause.USER_BUSY: "busy",
    Cause.NO_USER_RESPONDING: "no_answer",
    Cause.NO_ANSWER: "no_answer",
    Cause.CALL_REJECTED: "rejected",
    Cause.REDIRECTED: "rejected",
}


def disposition(cause: int) -> Disposition:
    """Say what became of a call whose called party was not reached."""
    return _DISPOSITIONS.get(cause, "failed")


def cancel_timer(board: Board, call: Call) -> None:
    """Stop the timer of the state."""
    board.timers.cancel(call.timer)
    call.timer = None


def leave_queue(board: Board, call: Call, reason: LeaveReason) -> None:
    """Take the caller out of the queue; the timers of waiting end."""
    entry = call.entry
    if entry is None:
        return
    call.entry = None
    del entry.queue.entries[call.number]
    board.timers.cancel(call.wait_timer)
    call.wait_timer = None
    cancel_timer(board, call)
    board.records.append(QueueLeft(call.number, entry.queue.config.name, reason))


def part(board: Board, call: Call) -> None:
    """Let a call know nothing any more of the one that waits for it, or for which it waits.

    Who waits is not forgotten: unless somebody takes it, the phone that left it rings.
    """
    waits = call.consults
    if waits is not None:
        waits.consulted_by = call.consults = None
        if waits.state is CallState.PARKED:
            waits.timer = board.start_timer(RECALL_S, waits, CallInput.TIMER)
    if call.consulted_by is not None:
        call.consulted_by.consults = None
        call.consulted_by = None


def unpark(board: Board, call: Call) -> None:
    """Free the place where a call is parked, if it is."""
    if call.parked:
        del board.parked[call.parked]
        call.parked = ""


def offer(board: Board, leg: Leg, given: OfferInput) -> None:
    """Give an input to the offer that a leg is for, and pass on to the agent what concerns him."""
    of = leg.offer
    if of is None:
        return
    decided, told = of.take(given)
    if decided is not None:
        board.timers.cancel(of.timer)
        of.timer = None
        board.records.append(OfferEnded(of.number, leg.call.number, decided))
    if told is not None:
        if leg.number not in board.legs:  # the phone is free again
            of.agent.call = 0
        staffing.tell(board, of.agent, told, _REASONS.get(of.result or "", ""))


_REASONS: Final = {"busy": "busy", "rejected": "rejected", "no_answer": "no_answer", "failed": "failed"}


def release(board: Board, call: Call, ending: Ending) -> None:
    """Clear every leg. The first ending counts; queue, offer and segments are closed with it."""
    if ending.disposition is not None:
        call.disposition = ending.disposition
    call.ending = ending
    if call.answered:
        board.records.append(CallReleased(call.number))
    cancel_timer(board, call)
    lost = call.disposition == "interrupted"
    if call.b is not None:
        offer(board, call.b, OfferInput.INTERRUPT if lost else OfferInput.WITHDRAW)
    reason: LeaveReason = "interrupted" if lost else "left" if ending.by == "box" else "abandoned"
    leave_queue(board, call, reason)
    lines.end_segments(board, call)
    call.goals.clear()
    unpark(board, call)
    if call.consulted_by is not None or call.consults is not None:
        part(board, call)
    for leg in call.legs.values():
        lines.clear(board, leg, ending.cause)


def end(board: Board, call: Call, ending: Ending) -> None:
    """END: the box ends the call."""
    release(board, call, ending)


def caller_gone(board: Board, call: Call, cause: int) -> None:
    """A_CLEARED: whoever is rung or talked with is cleared with the same cause."""
    release(board, call, Ending(cause, by_whom("caller", cause)))


def callee_gone(board: Board, call: Call, cause: int) -> None:
    """B_CLEARED in a talk."""
    release(board, call, Ending(cause, by_whom("callee", cause)))


def hang_up(board: Board, call: Call, _: Any) -> None:
    """HANG_UP: asked for by a person."""
    wanting = "no_answer" if call.disposition == "abandoned" else call.disposition
    release(board, call, Ending(Cause.NORMAL_CLEARING, "box", wanting))


def lose(board: Board, call: Call, _: Any) -> None:
    """LOST: the switch is gone, and clears the legs by itself."""
    release(board, call, Ending(Cause.TEMPORARY_FAILURE, "line", "interrupted"))


def fail(board: Board, call: Call, ending: Ending) -> None:
    """Tell the caller that it did not work: by a tone if the leg is answered, for the line has no other way then."""
    tone = call.a is not None and call.a.answered
    board.give(board, call, CallInput.TO_TONE if tone else CallInput.END, ending)


def tone(board: Board, call: Call, ending: Ending) -> None:
    """TO_TONE: play it for a while."""
    assert call.a is not None
    call.ending = ending
    if ending.disposition is not None:
        call.disposition = ending.disposition
    lines.end_segments(board, call)
    name = "busy" if ending.cause == Cause.USER_BUSY else "congestion"
    lines.play(board, call.a, (f"tone:{name}",), loop=True)
    call.timer = board.start_timer(TONE_S, call, CallInput.TIMER)


def close_leg(board: Board, leg: Leg, cause: int, *, connected: bool = True) -> None:
    """Forget a leg that is gone, tell its call, and forget the call when it was the last.

    Not `connected`: an answer of the box never left.
    """
    call = leg.call
    del board.legs[leg.number]
    del call.legs[leg.number]
    board.records.append(LegClosed(leg.number, call.number, cause, connected))
    lines.leave(board, leg)
    offer(board, leg, gone(cause))
    leave_call(board, leg, cause)
    if call.state is CallState.RELEASING:
        close_open(board, call)
    if not call.legs and call.number in board.calls:
        close_call(board, call)


def leave_call(board: Board, leg: Leg, cause: int) -> None:
    """Tell a call that it goes on without one of its parties, unless it knows."""
    call = leg.call
    if leg is call.a:
        call.a, call.left = None, leg
        board.give(board, call, CallInput.A_CLEARED, cause)
    elif leg is call.b:
        call.b = None
        board.give(board, call, CallInput.B_CLEARED, cause)
    elif call.ringing.pop(leg.number, None) is not None:
        board.give(board, call, CallInput.R_CLEARED, Rung(leg, cause))


def close_call(board: Board, call: Call) -> None:
    """Close a call without legs."""
    del board.calls[call.number]
    ending = call.ending or Ending(Cause.NORMAL_UNSPECIFIED, "box")
    board.records.append(CallClosed(call.number, call.disposition, ending.cause, ending.by))


def close_open(board: Board, call: Call) -> None:
    """Close what the books left open in a call of before the start; in any other it is closed already."""
    if not (call.segments or call.open_offers or call.open_queues):
        return
    lines.end_segments(board, call)
    board.records.extend([OfferEnded(number, call.number, "interrupted") for number in call.open_offers])
    board.records.extend([QueueLeft(call.number, queue, "interrupted") for queue in call.open_queues])
    call.open_offers.clear()
    call.open_queues.clear()
