# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages in boxes: spoken, kept or not, marked, passed on. Each change is a record, and lamps follow."""

from typing import Final

from appliance.contract.records import (
    MessageClosed,
    MessageMark,
    MessageMarked,
    MessageOpened,
    MessageTasked,
    MessageWhy,
    TaskState,
)
from appliance.contract.switch import Record
from appliance.engine.parts.board import Board
from appliance.engine.parts.boxes import SAMPLES_PER_S, Box, Greeting, Kept
from appliance.engine.parts.call import Leg
from appliance.engine.parts.inputs import In
from appliance.engine.parts.parties import party
from appliance.i18n import N_

GREETING_S: Final = 120.0
LOST: Final = "lost"
"""Fault of a recording whose end the switch never reported: its file has what was spoken until then."""


def record(board: Board, leg: Leg, box: Box, why: MessageWhy, greeting: Greeting | None) -> int:
    """Record what a leg says into a box; its activity gets `SPOKEN` at the end. Return the number of the message."""
    number, call, caller = board.next_recording, leg.call, party(leg.call, leg)
    board.next_recording += 1
    path = f"voicemail/{number // 1000:06d}/{number:09d}.wav"
    kept = Kept(number, box.name, path, caller, why, greeting, _now(board))
    board.boxes.open[number], board.recordings[number] = kept, leg.number
    longest = box.config.longest_s if greeting in (None, "prompt") else GREETING_S
    board.commands.append(Record(leg.number, number, path, "said", longest, "#", box.config.silence_s))
    board.records.append(MessageOpened(number, box.name, call.number, leg.number, path, caller, why, greeting or ""))
    return number


def close(board: Board, number: int, samples: int, error: str, leg: Leg | None = None) -> None:
    """Put a message into its box whose file is closed, unless it is too short; tell the activity of its leg."""
    kept = board.boxes.open.pop(number)
    kept.samples = samples
    box = board.boxes.by_name.get(kept.box)
    long_enough = samples >= (box.config.shortest_s if box is not None else 0.0) * SAMPLES_PER_S
    good = long_enough or error == LOST
    board.records.append(MessageClosed(number, samples, error, good))
    if error:
        text = N_("message {message} in box {box}: {why}")
        board.trouble("voicemail", text, message=number, box=kept.box, why=error)
    if good:
        _put(board, kept)
    if leg is not None and leg.at is not None and leg.at.can(In.SPOKEN):
        leg.at.take(In.SPOKEN, "failed" if error and not good else "left" if good else "empty")


def mark(board: Board, kept: Kept, how: MessageMark, by: str = "") -> None:
    """Mark a message, unless it is marked so."""
    box = board.boxes.by_name[kept.box]
    if how == "deleted":
        box.messages.pop(kept.number, None)
        if kept.greeting is not None and box.greetings.get(kept.greeting) is kept:
            del box.greetings[kept.greeting]
    elif how == "saved":
        if kept.saved:
            return
        kept.saved = kept.heard = True
    else:
        heard = how == "heard"
        if kept.heard == heard:
            return
        kept.heard = heard
    board.records.append(MessageMarked(kept.number, how, by))
    light(board, box)


def task(board: Board, kept: Kept, state: TaskState, owner: str) -> None:
    """Change the state of a message as a task, and its owner."""
    if (kept.state, kept.owner) != (state, owner):
        kept.state, kept.owner = state, owner
        board.records.append(MessageTasked(kept.number, state, owner, kept.due_at))


def pass_on(board: Board, leg: Leg, kept: Kept, box: Box) -> None:
    """Put a message into another box as well, as a new one; the file is the same."""
    number = board.next_recording
    board.next_recording += 1
    copy = Kept(number, box.name, kept.path, kept.caller, kept.why, None, kept.at)
    copy.samples = kept.samples
    board.records += [
        MessageOpened(
            number, box.name, leg.call.number, leg.number, kept.path, kept.caller, kept.why, "", kept.number, kept.at
        ),
        MessageClosed(number, kept.samples),
    ]
    _put(board, copy)


def _put(board: Board, kept: Kept) -> None:
    former, box = board.boxes.put(kept), board.boxes.by_name.get(kept.box)
    if former is not None:
        board.records.append(MessageMarked(former.number, "deleted"))
    if box is None or kept.greeting is not None:
        return
    if box.config.queue:
        kept.due_at = _now(board) + int(box.config.due_s * 1000)
        task(board, kept, "open", "")
    light(board, box)


def light(board: Board, box: Box) -> None:
    """Show the messages of a box by the lamps of its phones."""
    board.lamps.update(number for number in box.shown_at if number in board.settings)


def _now(board: Board) -> int:
    return int(board.clock().timestamp() * 1000)
