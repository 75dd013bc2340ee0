# SPDX-License-Identifier: GPL-2.0-or-later
"""A call in a flow: doing what the flow says, telling it what came of it."""

from collections.abc import Callable
from typing import Any, Final

from appliance.contract.records import KeyPressed
from appliance.contract.switch import Cause, Key, Played
from appliance.engine.activities import waiting
from appliance.engine.parts import ending, lines
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, CallInput, Ending, by_whom
from appliance.engine.parts.goals import Reaching
from appliance.engine.routes.routing import ToOutside, ToPhone
from appliance.engine.script.doings import Doing, Finish, Join, Listen, Reach, Utter
from appliance.engine.script.run import Run, RunInput
from appliance.i18n import N_
from appliance.numbering import plain


def start(board: Board, call: Call, name: str) -> None:
    """TO_FLOW from an address: the flow answers when it first speaks, asks or lets wait.

    Before that it may dial: what comes of it is told to the caller by its cause, and nothing is charged.
    """
    a = call.a
    assert a is not None
    if a.answered:
        _answer(board, call)
    else:
        lines.proceed(board, a)
    variables = {"called": call.called, "caller": call.caller.number}
    call.run = Run(name, board.flows[name], variables, board.config.language)
    perform(board, call, call.run.begin(board.now))


def _answer(board: Board, call: Call) -> None:
    assert call.a is not None
    if not call.a.answered:
        lines.answer(board, call.a)
    call.disposition = "answered"
    lines.charge(board, call)


def come_back(board: Board, call: Call, result: str) -> None:
    """TO_FLOW from a queue or from ringing: on at the node's way out."""
    assert call.run is not None
    assert call.a is not None
    lines.hush(board, call.a)
    lines.end_segments(board, call)
    perform(board, call, call.run.take(RunInput.BACK, result, board.now)[0])


def played(board: Board, call: Call, event: Played) -> None:
    """A_PLAYED: the node's sounds are over."""
    run = call.run
    assert run is not None
    note_missing(board, run.place, event.missing)
    perform(board, call, run.take(RunInput.PLAYED, "", board.now)[0])


def note_missing(board: Board, place: str, missing: tuple[str, ...]) -> None:
    """Tell the technician which prompts are missing where: once each, or a busy hotline would fill the log."""
    folder = board.config.paths.sounds or "<paths.sounds>"
    for sound in missing:
        if (place, sound) not in board.missing_noted:
            board.missing_noted.add((place, sound))
            file = f"{folder}/{sound.partition(':')[2]}.wav"
            board.trouble(
                "prompt_missing",
                N_("{place}: {sound} is missing and was passed over; put a recording at {file}"),
                place=place,
                sound=sound,
                file=file,
            )


def key(board: Board, call: Call, event: Key) -> None:
    """A_KEY."""
    run = call.run
    assert run is not None
    place = run.place
    doing, accepted = run.take(RunInput.KEY, event.key, board.now)
    board.records.append(KeyPressed(call.number, event.leg, event.key, place, accepted))
    if doing is not None:
        perform(board, call, doing)


def timed_out(board: Board, call: Call, _: Any) -> None:
    """TIMER: nothing was pressed."""
    assert call.run is not None
    perform(board, call, call.run.take(RunInput.TIME_OUT, "", board.now)[0])


def perform(board: Board, call: Call, doing: Doing | None) -> None:
    """Do what the flow says. What cannot be done is told to it at once, so this may take several rounds."""
    assert call.a is not None
    ending.cancel_timer(board, call)
    while doing is not None:
        if not call.a.answered and not isinstance(doing, Reach | Finish):
            _answer(board, call)
        doing = DO[type(doing)](board, call, doing)


def _note_place(board: Board, call: Call) -> None:
    assert call.run is not None
    assert call.a is not None
    if call.place != call.run.place:
        lines.segment(board, call, "flow", (call.a,), call.run.place)


def _utter(board: Board, call: Call, doing: Utter) -> None:
    assert call.run is not None
    assert call.a is not None
    _note_place(board, call)
    lines.play(board, call.a, doing.sounds)


def _listen(board: Board, call: Call, doing: Listen) -> None:
    assert call.a is not None
    _note_place(board, call)
    lines.hush(board, call.a)
    call.timer = board.start_timer(doing.seconds, call, CallInput.TIMER)


def _join(board: Board, call: Call, doing: Join) -> Doing | None:
    assert call.run is not None
    refused = waiting.refusal(board, call, doing.queue)
    if refused is not None:
        call.disposition = "no_answer"
        return call.run.take(RunInput.BACK, refused, board.now)[0]
    board.give(board, call, CallInput.TO_QUEUE, board.queues[doing.queue])
    return None


def _reach(board: Board, call: Call, doing: Reach) -> Doing | None:
    assert call.run is not None
    number, phone = plain(doing.outside), board.routes.phones.get(plain(doing.extension) or "")
    if number is None and (doing.outside or phone is None):
        text = (
            N_("{place}: {number} is no number to dial")
            if doing.outside
            else N_("{place}: there is no extension {number}")
        )
        board.trouble("flow", text, place=call.run.place, number=repr(doing.outside or doing.extension))
        return call.run.take(RunInput.BACK, "failed", board.now)[0]
    target = ToPhone(phone) if number is None and phone is not None else ToOutside(number or "")
    board.give(board, call, CallInput.TO_CALLING, Reaching(target, doing.ring_s))
    return None


def _finish(board: Board, call: Call, doing: Finish) -> None:
    if doing.trouble:
        board.trouble("flow", doing.trouble)
    assert call.a is not None
    if not call.a.answered and call.unreached and doing.cause == Cause.NORMAL_CLEARING:
        board.give(board, call, CallInput.END, Ending(call.unreached, by_whom("callee", call.unreached)))
    else:
        board.give(board, call, CallInput.END, Ending(doing.cause, "box"))


DO: Final[dict[type[Any], Callable[[Board, Call, Any], Doing | None]]] = {
    Utter: _utter,
    Listen: _listen,
    Join: _join,
    Reach: _reach,
    Finish: _finish,
}
