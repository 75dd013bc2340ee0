# SPDX-License-Identifier: GPL-2.0-or-later
"""The dialogue with a caller in a queue who wants to be called back: at which number."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from appliance.contract.records import LeaveReason
from appliance.engine.parts import callbacks, called_back
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.entries import Entry
from appliance.engine.parts.queues import Queue
from appliance.engine.parts.turns import Onward, Question, Turn, Words
from appliance.ivr import say

TRIES: Final = 3
"""Numbers that cannot be called, after which the caller goes on waiting."""
MAX_DIGITS: Final = 20


class Asking(NamedTuple):
    """A caller who is asked.

    `on`: goes on waiting. `leave`: takes the caller out of the queue; for "call_back" the entry stays in it.
    """

    board: Board
    call: Call
    queue: Queue
    entry: Entry
    language: str
    on: Onward
    leave: Callable[[LeaveReason], None]

    def prompts(self, *names: str) -> tuple[str, ...]:
        """Return the sounds of prompts."""
        return say.prompts(self.language, names)

    def may(self, number: str) -> bool:
        """Return whether a number may be called back."""
        rules = self.queue.config.callback or callbacks.RULES
        return callbacks.target_of(self.board, rules, number) is not None


def begin(asking: Asking, caller: Leg) -> Turn:
    """Ask whether the caller's own number is right; one that is withheld, or cannot be called, must be keyed in."""
    number = callbacks.own_number(asking.call, caller)
    return _confirm(asking, number) if asking.may(number) else _enter(asking)


def _confirm(asking: Asking, number: str) -> Turn:
    digits = say.digits(number, asking.language)
    sounds = (*asking.prompts("callback-number"), *digits, *asking.prompts("callback-confirm"))
    return Question(sounds, partial(_chosen, asking, number), 1)


def _chosen(asking: Asking, number: str, key: str) -> Turn:
    if key == "1":
        return _order(asking, number)
    return _enter(asking) if key == "2" else asking.on


def _enter(asking: Asking, first: tuple[str, ...] = (), refused: int = 0) -> Turn:
    return Question(asking.prompts(*first, "callback-enter"), partial(_entered, asking, refused), MAX_DIGITS)


def _entered(asking: Asking, refused: int, keys: str) -> Turn:
    """Repeat a number that was keyed in; say at once that one cannot be called. The hash key alone: go on waiting."""
    number = keys if keys in asking.board.routes.phones else asking.board.site.dialled(keys)
    if not keys or refused + 1 >= TRIES:
        return asking.on if not keys or not asking.may(number) else _confirm(asking, number)
    return _confirm(asking, number) if asking.may(number) else _enter(asking, ("callback-refused",), refused + 1)


def _order(asking: Asking, number: str) -> Turn:
    """Order the call-back, unless there is one to this number already: two are one."""
    if number in asking.queue.callbacks:
        asking.leave("key")
        return Words(asking.prompts("callback-already", "goodbye"))
    asking.leave("call_back")
    asking.call.kept = called_back.order(asking.board, asking.queue, asking.entry, number, asking.language)
    return Words(asking.prompts("callback-ordered", "goodbye"))
