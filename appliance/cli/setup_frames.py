# SPDX-License-Identifier: GPL-2.0-or-later
"""The set-up as requests and answers on a serial line: `mxbox setup --frames`, asked by `mxbox-tools setup`."""

import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from appliance.version import VERSION
from appliance.wizard.wizard import Wizard, label, remember_language
from drivers.serial_frames import Answering, Lines


class Setup:
    """A set-up that is asked for its questions and given answers."""

    def __init__(self, wizard: Wizard) -> None:
        self.wizard = wizard
        self.ended: int | None = None
        """The exit status, once it has ended."""
        self._verbs: dict[str, Callable[[str], dict[str, Any]]] = {
            "state": lambda _text: {},
            "take": self._take,
            "back": self._back,
            "go_on": self._go_on,
            "leave": self._leave,
        }

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do a request; return its answer and what is asked now."""
        verb = self._verbs.get(str(request.get("do", "state")))
        done = verb(str(request.get("text", ""))) if verb else {"mistake": _("no such request")}
        return {"version": VERSION, "ended": self.ended is not None, **done, **self._state()}

    def _state(self) -> dict[str, Any]:
        wizard, question = self.wizard, self.wizard.question
        state: dict[str, Any] = {
            "step": wizard.step.name,
            "title": _(wizard.step.title),
            "place": wizard.place + 1,
            "steps": len(wizard.steps),
            "told": list(wizard.told()),
            "question": None,
        }
        if question is not None:
            state["question"] = {
                "name": question.name,
                "label": label(question),
                "proposal": "" if question.secret else wizard.proposal(question),
                "choices": [[each.value, _(each.label)] for each in question.choices(wizard.site)],
                "secret": question.secret,
            }
        return state

    def _take(self, text: str) -> dict[str, Any]:
        question = self.wizard.question
        if question is None:
            return {"mistake": _("nothing is asked now")}
        mistake = self.wizard.take(question, text)
        if not mistake:
            remember_language(self.wizard, question)
        return {"mistake": mistake}

    def _back(self, _text: str) -> dict[str, Any]:
        self.wizard.back()
        return {}

    def _go_on(self, _text: str) -> dict[str, Any]:
        if self.wizard.question is not None:
            return {"mistake": _("a question is not answered yet")}
        last = self.wizard.last
        try:
            done = list(self.wizard.go_on())
        except ApplianceError as error:
            self.wizard.back()
            return {"mistake": error.message, "hint": error.hint}
        if last:
            self.ended = 0
        return {"done": done}

    def _leave(self, _text: str) -> dict[str, Any]:
        self.ended = 1
        return {}


def serve(wizard: Wizard) -> int:
    """Answer on this terminal until the set-up has ended; return the exit status: 1 if it was left."""
    setup = Setup(wizard)
    answering, lines = Answering(setup.answer), Lines()
    with _raw(sys.stdin.fileno()) as fd:
        while data := os.read(fd, 4096):
            for line in lines.feed(data):
                if reply := answering.reply(line):
                    os.write(sys.stdout.fileno(), b"\r\n" + reply)
            if setup.ended is not None:
                return setup.ended
    return 1


@contextmanager
def _raw(fd: int) -> Iterator[int]:
    """Take all bytes of a terminal as they are, without echo: noise may be a Ctrl-C or Ctrl-D."""
    if not os.isatty(fd):
        yield fd
        return
    before = termios.tcgetattr(fd)
    tty.setraw(fd)
    try:
        yield fd
    finally:
        termios.tcsetattr(fd, termios.TCSADRAIN, before)
