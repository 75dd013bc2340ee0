# SPDX-License-Identifier: GPL-2.0-or-later
"""All call-backs: ordered, found, held while the switch is away, and read from the books."""

import msgspec

from appliance.contract.books import OpenBooks
from appliance.contract.records import CallBackAsked, CallBackEnded, CallBackMissed
from appliance.contract.ticks import ticks
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.callbacks import RULES, CallBack, CallBackState, own_number
from appliance.engine.parts.entries import Entry
from appliance.engine.parts.queues import Queue


def order(board: Board, queue: Queue, entry: Entry, number: str, language: str) -> CallBack:
    """Put a call-back into the place of a caller; it is not tried before that one's call is over."""
    rules = queue.config.callback or RULES
    expires = board.now + ticks(rules.expire_s)
    made = CallBack(board, queue, entry, board.next_callback, number, language, expires)
    board.next_callback += 1
    needs = dict(entry.needs)
    board.records.append(
        CallBackAsked(
            made.number, entry.call, queue.config.name, number, entry.order, entry.entered, expires, language, needs
        )
    )
    entry.agent, entry.offered = "", False
    queue.sleep(entry, board.now)
    return made


def called_again(call: Call, caller: Leg, queue: Queue, entry: Entry) -> tuple[str, ...]:
    """Put a caller into the place of a call-back to the same number, if the rule says so; return prompts."""
    there = queue.callbacks.get(own_number(call, caller))
    if not isinstance(there, CallBack):
        return ()
    if there.rules.again == "keep" or there.state is CallBackState.TRYING:
        return ("callback-already",)
    entry.order, entry.step = there.entry.order, there.entry.step
    there.end("cancelled", "called_again", call.number)
    return ("callback-already", "callback-same-place")


def served_otherwise(call: Call, caller: Leg, queue: Queue) -> None:
    """Cancel the call-back of a caller whom an agent serves on the line."""
    there = queue.callbacks.get(own_number(call, caller))
    if isinstance(there, CallBack) and there.state is not CallBackState.TRYING:
        there.end("cancelled", "served", call.number)


def reopen(board: Board, books: OpenBooks) -> None:
    """Put the call-backs of the books into their queues again; they are woken when the switch is there."""
    for last in books.callbacks:
        queue = board.queues.get(last.queue)
        if queue is None:
            if last.trying:
                board.records.append(CallBackMissed(last.callback, last.trying, "interrupted", last.due))
            board.records.append(CallBackEnded(last.callback, "cancelled", "queue_gone"))
            continue
        needs = msgspec.json.decode(last.needs, type=dict[str, int])
        entry = Entry(last.call, last.order, last.entered, needs)
        CallBack(board, queue, entry, last.callback, last.number, last.language, last.expires).reopen(last)
        queue.readmit(entry)
        queue.sleep(entry, board.now)


def note_places(queue: Queue) -> None:
    """Record the order of call-backs whose place in a queue was changed."""
    for each in of(queue):
        each.note_place()


def of(queue: Queue) -> list[CallBack]:
    """Return the call-backs of a queue that have not ended."""
    return [each for each in queue.callbacks.values() if isinstance(each, CallBack)]


def everything(board: Board) -> list[CallBack]:
    """Return all call-backs that have not ended."""
    return [each for queue in board.queues.values() for each in of(queue)]


def find(board: Board, number: int) -> CallBack | None:
    """Return a call-back by its number, None if there is none that has not ended."""
    return next((each for each in everything(board) if each.number == number), None)


def hold(board: Board) -> None:
    """Put all to sleep: the switch is away."""
    for each in everything(board):
        each.sleep()


def go_on(board: Board) -> None:
    """Wake all: the switch is there."""
    for each in everything(board):
        each.wake()


def heard(leg: Leg, what: str) -> None:
    """Handle who answered a call-back."""
    kept = leg.call.kept
    if isinstance(kept, CallBack):
        kept.heard(leg, what)
