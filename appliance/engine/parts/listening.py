# SPDX-License-Identifier: GPL-2.0-or-later
"""Listening to a box at a phone of the house: messages one after the other, and what keys do with them."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Final

from appliance.contract.switch import Presentation
from appliance.engine.parts import box_pins, greetings, messages
from appliance.engine.parts.board import Board
from appliance.engine.parts.boxes import SAMPLES_PER_S, Kept
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.listener import Listener
from appliance.engine.parts.starts import StartDialogue, StartSpeech
from appliance.engine.parts.turns import Onward, Question, Turn
from appliance.engine.routes.routing import Target, ToFeature, ToOutside, ToPhone
from appliance.ivr import say


def _counts(listener: Listener) -> Turn:
    """Return the turn that says how many messages there are, then plays them; keys count meanwhile."""
    new, heard = listener.box.counts()
    listener = listener._replace(order=tuple(listener.box.order()), at=0)
    counts = (*listener.number(new), *listener.prompts("voicemail-new"))
    counts += (*listener.number(heard), *listener.prompts("voicemail-heard")) if heard else ()
    sounds = (*listener.prompts("voicemail-you-have"), *counts)
    if not listener.order:
        return Question((*sounds, *listener.prompts("voicemail-menu")), partial(_key, listener), longest=1)
    return Question(sounds, partial(_key, listener), longest=1, heard=partial(_play, listener))


def _play(listener: Listener, first: tuple[str, ...] = ()) -> Turn:
    """Play the envelope of a message, and the message."""
    if listener.at >= len(listener.order):
        return Question(
            (*first, *listener.prompts("voicemail-last", "voicemail-menu")), partial(_key, listener), longest=1
        )
    kept = listener.order[listener.at]
    sounds = (*first, *_envelope(listener, kept), kept.sound)
    return Question(sounds, partial(_key, listener), longest=1, heard=partial(_played, listener))


def _played(listener: Listener) -> Turn:
    """Count the message as heard, and tell the keys."""
    _note_heard(listener)
    return Question(listener.prompts("voicemail-keys", "voicemail-more-keys"), partial(_key, listener), longest=1)


def _envelope(listener: Listener, kept: Kept) -> tuple[str, ...]:
    """Return the words for the place in the list, the caller, the day, the time of day and the length."""
    language, clock = listener.board.config.language, listener.board.clock()
    left = datetime.fromtimestamp(kept.at / 1000, clock.tzinfo)
    shown = kept.caller.number if kept.caller.presentation is Presentation.ALLOWED else ""
    caller = (*listener.prompts("voicemail-from"), *say.digits(shown, language))
    at = (*listener.number(left.hour), *listener.prompts("voicemail-hour"), *listener.number(left.minute))
    length = listener.number(round(kept.samples / SAMPLES_PER_S))
    return (
        *listener.prompts("voicemail-message"), *listener.number(listener.at + 1),
        *(caller if shown else listener.prompts("voicemail-from-unknown")),
        *_day(listener, left.date(), clock.date()), *at, *listener.prompts("voicemail-minute"),
        *length, *listener.prompts("voicemail-seconds"),
    )  # fmt: skip


def _day(listener: Listener, left: date, today: date) -> tuple[str, ...]:
    days = (today - left).days
    if days in (0, 1):
        return listener.prompts(("voicemail-today", "voicemail-yesterday")[days])
    month = (*listener.number(left.month), *listener.prompts("voicemail-month"))
    return (*month, *listener.number(left.day), *listener.prompts("voicemail-day"))


def _note_heard(listener: Listener) -> None:
    kept = _there(listener)
    if kept is None:
        return
    messages.mark(listener.board, kept, "heard", listener.by)
    if kept.state == "open":
        messages.task(listener.board, kept, "taken", listener.by)


def _there(listener: Listener) -> Kept | None:
    """Return the message that is played, unless another phone deleted it meanwhile."""
    kept = listener.order[listener.at] if listener.at < len(listener.order) else None
    return kept if kept is not None and kept.number in listener.box.messages else None


def _key(listener: Listener, key: str) -> Turn:
    action = KEYS.get(key)
    if action is None:
        return Question(listener.prompts("voicemail-keys", "voicemail-more-keys"), partial(_key, listener), longest=1)
    return action(listener)


def _again(listener: Listener) -> Turn:
    return _play(listener)


def _save(listener: Listener) -> Turn:
    kept = _there(listener)
    if kept is not None:
        messages.mark(listener.board, kept, "saved", listener.by)
    return _step(listener, 1, "voicemail-kept")


def _delete(listener: Listener) -> Turn:
    kept = _there(listener)
    if kept is None:
        return _step(listener, 1)
    if kept.state in ("open", "taken"):
        messages.task(listener.board, kept, "done", listener.by)
    messages.mark(listener.board, kept, "deleted", listener.by)
    return _step(listener, 1, "voicemail-deleted")


def _next(listener: Listener) -> Turn:
    return _step(listener, 1)


def _previous(listener: Listener) -> Turn:
    return _step(listener, -1)


def _step(listener: Listener, by: int, *first: str) -> Turn:
    """Go to the next message that is still there, or to the one before, of the first one to itself."""
    order, there = listener.order, listener.box.messages
    left = [at for at, kept in enumerate(order) if kept.number in there]
    if by > 0:
        at = next((each for each in left if each > listener.at), len(order))
    else:
        at = next((each for each in reversed(left) if each < listener.at), left[0] if left else len(order))
    return _play(listener._replace(at=at), listener.prompts(*first))


def _pass_on(listener: Listener) -> Turn:
    if _there(listener) is None:
        return _step(listener, 1)
    return Question(listener.prompts("voicemail-enter-box"), partial(_passed, listener))


def _passed(listener: Listener, number: str) -> Turn:
    board, kept, box = listener.board, _there(listener), listener.board.boxes.at(number)
    if kept is None or box is None or box is listener.box:
        return _play(listener, listener.prompts("not-possible"))
    if box.full:
        return _play(listener, listener.prompts("voicemail-full"))
    messages.pass_on(board, listener.leg, kept, box)
    return _play(listener, listener.prompts("voicemail-passed"))


# --- call back


def _call_back(listener: Listener) -> Turn:
    """Call the caller of the message with the class of the phone; the call goes on as if it had dialled."""
    kept = _there(listener)
    shown = kept is not None and kept.caller.presentation is Presentation.ALLOWED
    number = kept.caller.number if kept is not None and shown else ""
    target = _target(listener, number)
    if target is None:
        return _play(listener, listener.prompts("not-possible"))
    _note_heard(listener)
    return Onward(partial(_lead, number, target))


def _target(listener: Listener, number: str) -> Target | None:
    board = listener.board
    if not number:
        return None
    phone = board.routes.phones.get(number)
    if phone is not None:
        return ToPhone(phone)
    return ToOutside(number) if board.outbound.permitted(listener.phone, number) else None


def _lead(number: str, target: Target, board: Board, call: Call, caller: Leg) -> None:
    call.called = number
    board.lead(call, caller, target)


def _greetings(listener: Listener) -> Turn:
    return greetings.choose(listener, partial(_counts, listener))


KEYS: Final[dict[str, Callable[[Listener], Turn]]] = {
    "1": _again,
    "2": _save,
    "3": _delete,
    "4": _previous,
    "5": _pass_on,
    "6": _next,
    "8": _call_back,
    "9": _greetings,
}
"""Actions of the keys while messages are played. Any other key: the keys are told."""


def dialled(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Begin to listen to the box that was dialled, or to the phone's own."""
    phone, boxes = caller.phone, board.boxes
    box = None if phone is None else boxes.at(code.number) if code.number else boxes.of_phone(phone.number)
    if phone is None or box is None:
        board.begin(call, StartSpeech(caller, say.prompts(board.config.language, ("not-possible",))))
    else:
        board.begin(call, StartDialogue(caller, box_pins.ask(Listener(board, caller, phone, box), _counts)))
