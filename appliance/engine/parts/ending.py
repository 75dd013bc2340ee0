# SPDX-License-Identifier: GPL-2.0-or-later
"""The end of calls: all open entries are closed once, and nothing is left running."""

from typing import Final

from appliance.contract.records import (
    CallClosed,
    CallReleased,
    Disposition,
    LegClosed,
    OfferEnded,
    QueueLeft,
    SegmentClosed,
    SurveyClosed,
)
from appliance.contract.rtp import Rtp
from appliance.contract.switch import Cause
from appliance.engine.parts import lines, mix, staffing, surveys
from appliance.engine.parts.agents import NO_ANSWER
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Ending, Leg, Said, by_whom
from appliance.engine.parts.inputs import In
from appliance.engine.parts.offers import OfferInput, gone
from appliance.engine.parts.starts import StartOver, StartTone
from appliance.i18n import N_

_CLEARED: Final[In] = In.CLEARED
OVER: Final = StartOver()
_DISPOSITIONS: Final[dict[int, Disposition]] = {
    Cause.USER_BUSY: "busy",
    Cause.NO_USER_RESPONDING: "no_answer",
    Cause.NO_ANSWER: "no_answer",
    Cause.CALL_REJECTED: "rejected",
    Cause.REDIRECTED: "rejected",
}
_REASONS: Final = {"busy": "busy", "rejected": "rejected", "no_answer": "no_answer", "failed": "failed"}


def disposition(cause: int) -> Disposition:
    """Return the disposition of a call whose called party was not reached."""
    return _DISPOSITIONS.get(cause, "failed")


def part(call: Call) -> None:
    """Unlink a consultation from the call that waits for it; that call's phone is rung back."""
    waits = call.consults
    if waits is not None:
        waits.consulted_by = call.consults = None
        if waits.activity.can(In.FORGOTTEN):
            waits.activity.take(In.FORGOTTEN)
    if call.consulted_by is not None:
        call.consulted_by.consults = None
        call.consulted_by = None


def part_from(call: Call, leg: Leg) -> None:
    """Unlink the consultation for which a leg of this call came here, if it did."""
    waits = call.consults
    by = waits.parked_by if waits is not None else None
    if by is not None and leg.phone is not None and by.number == leg.phone.number:
        part(call)


def offer(board: Board, leg: Leg, given: OfferInput) -> None:
    """Pass an input to the offer that a leg is for, and its result to the agent."""
    of = leg.offer
    if of is None:
        return
    decided, told = of.take(given)
    if decided is not None:
        board.records.append(OfferEnded(of.number, leg.call.number, decided))
    if told is not None:
        if leg.number not in board.legs:  # the phone is free again
            of.agent.call = 0
        if told is NO_ANSWER and of.agent.status == "ready":
            text = N_("agent {agent} is paused: {n} calls in a row rang unanswered, the last of queue {queue}")
            board.trouble("agent", text, agent=of.agent.number, n=of.agent.missed, queue=of.queue)
        staffing.tell(board, of.agent, told, _REASONS.get(of.result or "", ""))


def release(board: Board, call: Call, ending: Ending) -> None:
    """Clear every leg. The first ending counts; queue, offer and stretches of time are closed with it."""
    if ending.disposition is not None:
        call.disposition = ending.disposition
    call.ending = ending
    if call.answered:
        board.records.append(CallReleased(call.number))
    given = OfferInput.INTERRUPT if call.disposition == "interrupted" else OfferInput.WITHDRAW
    for leg in call.legs.values():
        if leg.offer is not None:
            offer(board, leg, given)
    call.activity.leave(ending)
    if call.survey is not None:
        surveys.close(board, call, ending)
    if call.kept is not None:
        call.kept.over(ending)
    if call.consults is not None or call.consulted_by is not None:
        part(call)
    board.enter(call, OVER)
    for leg in call.legs.values():
        leg.at = None
        lines.clear(board, leg, ending.cause)


def caller_gone(board: Board, call: Call, cause: int) -> None:
    """End a call whose caller left: legs that ring or talk are cleared with the same cause."""
    release(board, call, Ending(cause, by_whom("caller", cause)))


def callee_gone(board: Board, call: Call, cause: int) -> None:
    """End a call whose called party left a talk."""
    release(board, call, Ending(cause, by_whom("callee", cause)))


def hang_up(board: Board, call: Call) -> None:
    """End a call at the request of a user."""
    wanting = "no_answer" if call.disposition == "abandoned" else call.disposition
    release(board, call, Ending(Cause.NORMAL_CLEARING, "box", wanting))


def lose(board: Board, call: Call) -> None:
    """End a call whose legs the switch clears by itself: it is gone."""
    release(board, call, Ending(Cause.TEMPORARY_FAILURE, "line", "interrupted"))


def fail(board: Board, call: Call, caller: Leg, ending: Ending) -> None:
    """Signal a failure to the caller: by a tone if the leg is answered, for then the line carries no cause."""
    if caller.answered:
        board.begin(call, StartTone(caller, ending))
    else:
        release(board, call, ending)


def dissolve(board: Board, call: Call) -> None:
    """End a call whose parties moved to another one."""
    release(board, call, Ending(Cause.NORMAL_CLEARING, "box", "answered"))
    if not call.legs:
        close_call(board, call)


def close_leg(board: Board, leg: Leg, cause: int, *, connected: bool = True, rtp: Rtp | None = None) -> None:
    """Remove a leg that is gone, report it to its call, and close the call with its last leg.

    Not `connected`: an answer of the box was never sent.
    """
    call = leg.call
    del board.legs[leg.number]
    del call.legs[leg.number]
    board.records.append(LegClosed(leg.number, call.number, cause, connected, rtp))
    lines.leave(board, leg)
    if leg.offer is not None:
        offer(board, leg, gone(cause))
    leave_call(leg, cause)
    if call.stale is not None:
        close_stale(board, call)
    if not call.legs and call.number in board.calls:
        close_call(board, call)


def leave_call(leg: Leg, cause: int) -> None:
    """Report to the activity that it goes on without one of its parties, unless it knows."""
    at, leg.at = leg.at, None
    if at is not None:
        at.take(_CLEARED, Said(leg, cause))


def close_call(board: Board, call: Call) -> None:
    """Close a call without legs."""
    mix.close(board, call)
    if call.stale is not None:
        close_stale(board, call)
    del board.calls[call.number]
    del call.activity  # a call without circles leaves its memory at once, and the next call uses it
    call.charged = None
    ending = call.ending or Ending(Cause.NORMAL_UNSPECIFIED, "box")
    board.records.append(CallClosed(call.number, call.disposition, ending.cause, ending.by))


def close_stale(board: Board, call: Call) -> None:
    """Close the open entries in the books of a call of before the start."""
    stale, call.stale = call.stale, None
    if stale is not None:
        board.records += [SegmentClosed(number, call.number) for number in stale.segments]
        board.records += [OfferEnded(number, call.number, "interrupted") for number in stale.offers]
        board.records += [QueueLeft(call.number, queue, "interrupted") for queue in stale.queues]
        board.records += [SurveyClosed(number, call.number, "interrupted") for number in stale.surveys]
        board.records += stale.keyed
