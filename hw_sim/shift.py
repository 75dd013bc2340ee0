# SPDX-License-Identifier: GPL-2.0-or-later
"""The shift of an agent at a desk phone, in words between semicolons or lines; one is done after the other.

    sign_in                        sign_out                 wait SECONDS, or wait LEAST..MOST
    pause [KEY] [lock=DIGITS]      resume [lock=DIGITS]     code KEY
    keyed CODE DIGITS [prompt=NAME]                         dial NUMBER SECONDS

`keyed` keys in a value for the last caller by the code of a field ([[keyed]]); `code` sets the wrap-up code of the last
call; `dial` calls a number and talks so long. Callers of queues are answered by the phone meanwhile.
"""

import re
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

import numpy as np

from hw_sim import desk
from hw_sim.calls import CallRecord
from hw_sim.desk import Coded, Desk, Person
from hw_sim.errors import N_, said
from hw_sim.script import BadWord, count, digits, pause, read_words
from hw_sim.steps import Pause

Doing = Coded | Pause
_FORMS: Final = {
    "sign_in": "sign_in",
    "sign_out": "sign_out",
    "pause": "pause [KEY] [lock=DIGITS]",
    "resume": "resume [lock=DIGITS]",
    "code": "code KEY",
    "keyed": "keyed CODE DIGITS [prompt=NAME]",
    "dial": "dial NUMBER SECONDS",
    "wait": "wait SECONDS, or wait LEAST..MOST",
}
_ENTER: Final = "enter-number"
"""The prompt that asks for a field where the configuration names no other."""


def read_shift(text: str | Iterable[str], person: Person) -> tuple[Doing, ...]:
    """Read what an agent does. Raises ScriptError: the step, its fault and what may stand there."""
    words = {name: partial(_read, name, person) for name in _FORMS}
    return tuple(read_words(text, words))


def _read(word: str, person: Person, args: list[str]) -> Doing:
    plain, options = _options(word, args)
    many = {"keyed": (2, 2), "dial": (2, 2), "code": (1, 1), "wait": (1, 1), "pause": (0, 1)}.get(word, (0, 0))
    count(plain, *many, _FORMS[word])
    if word == "wait":
        return pause(plain[0])
    if word == "dial":
        return desk.dial(digits(plain[0]), pause(plain[1]).seconds)
    if word == "keyed":
        return desk.keyed(digits(plain[0]), digits(plain[1]), options.get("prompt", _ENTER))
    values = {"lock": digits(options["lock"])} if "lock" in options else {}
    done: Coded = getattr(person, word)(*map(digits, plain), **values)
    return done


def _options(word: str, args: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the arguments of a word, and its options by name. Raises BadWord for one that it has not."""
    options = dict(arg.split("=", 1) for arg in args if "=" in arg)
    for name in options:
        if f"[{name}=" not in _FORMS[word]:
            raise BadWord(said(N_("'{text}' is no option"), text=name), said(N_("write: {form}"), form=_FORMS[word]))
    if "prompt" in options and not re.fullmatch(r"[A-Za-z0-9_/-]+", options["prompt"]):
        raise BadWord(said(N_("'{text}' is no option"), text="prompt"), said(N_("write: {form}"), form=_FORMS[word]))
    return [arg for arg in args if "=" not in arg], options


class Shift:
    """A shift under way: `tick` is to be called now and then.

    Args:
        doings: what is done, in order.
        desk: the phone.
        random: draws pauses.

    Attributes:
        records: of the calls of codes so far; `over`: all is done.
    """

    def __init__(self, doings: Sequence[Doing], desk: Desk, random: np.random.Generator) -> None:
        self._doings, self._desk, self._random = list(doings), desk, random
        self.records: list[CallRecord] = []
        self.over = not doings
        self._call: CallRecord | None = None
        self._rests_until: float | None = None

    @property
    def passed(self) -> bool:
        """Whether all is done, and each code was confirmed."""
        return self.over and all(record.passed for record in self.records)

    def tick(self, now: float) -> None:
        """Go on, if the last thing is done; `now` in seconds."""
        if self.over or not self._free(now):
            return
        if not self._doings:
            self.over = True
            return
        doing = self._doings[0]
        if isinstance(doing, Pause):
            most = doing.seconds if doing.most is None else doing.most
            self._rests_until = now + float(self._random.uniform(doing.seconds, most))
        else:
            self._call = self._desk.press(doing)
            if self._call is None:  # the phone has a call: a caller's, or the last one is not cleared yet
                return
            self.records.append(self._call)
        del self._doings[0]

    def _free(self, now: float) -> bool:
        """Return whether the last thing is done."""
        if self._rests_until is not None and now < self._rests_until:
            return False
        self._rests_until = None
        return self._call is None or self._call.ended is not None
