# SPDX-License-Identifier: GPL-2.0-or-later
"""The command `setup`: the first set-up of a box over a serial line, with answers from a file or typed."""

import getpass
import os
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from drivers.serial_frames import Asking, NoAnswerError, TooLongError
from firmware_tools import ports
from firmware_tools.errors import ToolError, WronglyAskedError
from firmware_tools.flashing import Job
from firmware_tools.i18n import _
from firmware_tools.ports import Port

BACK: Final = "<"
AGAIN: Final = 2.0
"""Seconds after which a request is sent once more."""
PATIENCE: Final = 10.0
"""Seconds in which the box has to answer."""
STARTING: Final = 60.0
"""Seconds in which the set-up has to answer after its command was typed at a shell."""
WORKING: Final = 600.0
"""Seconds that a step may take: one makes a test call."""
CTRL_C: Final = b"\x03"


def setup(job: Job) -> int:
    """Ask the box for its questions, and answer them."""
    answers = _answers(job.args.answers)
    with ports.opened(job) as port:
        asking = _asking(job, port)
        try:
            return Conversation(job, asking, answers).run(_greeted(job, port, asking))
        except NoAnswerError as error:
            text = _("the box does not answer at {port}").format(port=job.args.port)
            hint = _("log in with mxbox-tools console, then --start 'mxbox setup FILE --frames'; is the speed right?")
            raise ToolError("no_answer", text, hint) from error


def _asking(job: Job, port: Port) -> Asking:
    number = int.from_bytes(os.urandom(4), "big")
    received, noise = lambda seconds: _received(port, seconds), _noise(job.args.log)
    return Asking(port.write, received, time.monotonic, number, noise, AGAIN)


def _noise(log: Path | None) -> Callable[[bytes], None]:
    """Return what takes lines that are none of ours: they go to the log, if one is named."""

    def keep(line: bytes) -> None:
        if log is not None:
            with log.open("ab") as file:
                file.write(line + b"\n")

    return keep


def _received(port: Port, seconds: float) -> bytes:
    port.timeout = min(seconds, 0.2)
    return bytes(port.read(max(1, port.in_waiting)))


def _answers(path: Path | None) -> Mapping[str, str]:
    if path is None:
        return {}
    try:
        return {name: str(value) for name, value in tomllib.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError) as error:
        text = _("{file} cannot be read: {error}").format(file=path, error=error)
        raise WronglyAskedError("bad_answers", text) from error


def _greeted(job: Job, port: Port, asking: Asking) -> dict[str, Any]:
    """Return what the box asks first; type the command that starts it if nothing answers."""
    if not job.args.start:
        return asking.hello(PATIENCE)
    try:
        return asking.hello(patience=2.0)
    except NoAnswerError:
        port.write(CTRL_C + b"\r" + job.args.start.encode() + b"\r")
        return asking.hello(STARTING)


class Conversation:
    """A set-up under way."""

    def __init__(self, job: Job, asking: Asking, answers: Mapping[str, str]) -> None:
        self.job, self.asking, self.answers = job, asking, answers
        self._place = 0

    def run(self, state: dict[str, Any]) -> int:
        """Answer until the set-up has ended; return the exit status."""
        while not state["ended"]:
            self._show(state)
            question = state["question"]
            state = self._go_on() if question is None else self._answered(question)
        return 0

    def _show(self, state: Mapping[str, Any]) -> None:
        if state["place"] != self._place:
            self._place = state["place"]
            title = f"{state['place']}/{state['steps']} {state['title']}"
            told = "".join(f"\n  {line}" for line in state["told"])
            self.job.out.event("step", title + told, {"step": state["step"], "told": state["told"]})

    def _go_on(self) -> dict[str, Any]:
        state = self.asking.ask({"do": "go_on"}, WORKING)
        self._refuse(state, "")
        for line in state.get("done", ()):
            self.job.out.event("done", f"  {line}", {"text": line})
        return state

    def _answered(self, question: Mapping[str, Any]) -> dict[str, Any]:
        name = question["name"]
        from_file = name in self.answers
        text = self.answers[name] if from_file else self._typed(question)
        if not from_file and text.strip() == BACK:
            self._place = 0
            return self.asking.ask({"do": "back"})
        try:
            state = self.asking.ask({"do": "take", "text": text})
        except TooLongError:
            state = {"mistake": _("the answer is too long")}
        if state.get("mistake") and not from_file and self.job.system.is_screen():
            self.job.out.event("mistake", f"  ! {state['mistake']}", {"text": state["mistake"]})
            return self.asking.ask({"do": "state"})
        self._refuse(state, name)
        if not question["secret"]:
            self.job.out.event("answer", f"  {question['label']}: {text}", {"question": name, "answer": text})
        return state

    def _typed(self, question: Mapping[str, Any]) -> str:
        """Return what is typed, or the proposal where there is no screen to ask on."""
        proposal = str(question["proposal"])
        if self.job.args.json or not self.job.system.is_screen():
            if proposal:
                return proposal
            text = _("{question} has no answer").format(question=question["name"])
            raise ToolError("no_answer_given", text, _("write it into the file of --answers"))
        for number, (_value, label) in enumerate(question["choices"], 1):
            self.job.out.event("choice", f"    {number} {label}")
        prompt = f"  {question['label']}" + (f" [{proposal}]: " if proposal else ": ")
        return getpass.getpass(prompt) if question["secret"] else self.job.system.ask(prompt)

    def _refuse(self, state: Mapping[str, Any], name: str) -> None:
        if not state.get("mistake"):
            return
        text = f"{name}: {state['mistake']}" if name else str(state["mistake"])
        self.asking.ask({"do": "leave"})
        raise ToolError("refused", text, str(state.get("hint") or _("the box is as it was, up to the step before")))
