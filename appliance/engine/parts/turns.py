# SPDX-License-Identifier: GPL-2.0-or-later
"""Turns of a spoken dialogue: the box asks for keys, has something checked, or says its last words.

A turn carries what follows it, so a dialogue is a chain of functions without a state of its own.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from appliance.contract.asks import AnyQuestion

MAX_KEYS: Final = 16


class Question(NamedTuple):
    """A question that is said; keys are collected up to `#`, or `longest` of them, and `*` begins anew.

    `then` takes the keys. `heard`: the next turn when all of it was said and no key came; None: it waits for keys.
    """

    sounds: tuple[str, ...]
    then: "Callable[[str], Turn]"
    longest: int = MAX_KEYS
    heard: "Callable[[], Turn] | None" = None


class Checking(NamedTuple):
    """A question that is answered outside. `then` takes the result and its values; `failed` if there is none."""

    what: AnyQuestion
    then: "Callable[[str, Mapping[str, str]], Turn]"


class Away(NamedTuple):
    """Another activity has the caller: `begin` begins it, for the leg that it gets and the dialogue.

    `then` takes its result, if it comes back.
    """

    begin: Callable[[Any, Any], None]
    then: "Callable[[str], Turn]"


class Words(NamedTuple):
    """The last sounds of a call."""

    sounds: tuple[str, ...]


class Onward(NamedTuple):
    """The end of the dialogue: `then` takes board, call and caller, and begins what follows."""

    then: Callable[[Any, Any, Any], None]


Turn = Question | Checking | Away | Words | Onward
