# SPDX-License-Identifier: GPL-2.0-or-later
"""A real desk phone (baresip) of an agent: it does scripts of `hw_sim.desk` in real time, and answers callers.

Not modelled: what the agent says; prompts are told by the sound that the phone has received.
"""

import time
import wave
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from dsp.correlate import find
from dsp.levels import Float
from hw_sim import steps
from hw_sim.baresip import BaresipPhone
from hw_sim.calls import CallRecord
from hw_sim.desk import Coded
from hw_sim.errors import SimError
from hw_sim.script import read_script

HEADER: Final = 44
"""Bytes of a WAV file before its samples."""
LIKE: Final = 0.8
LOST: Final = 2400
"""Samples at the end of the last words that the phone's jitter buffer may still hold when the call ends."""
EAR_S: Final = 0.2
"""Time between two looks at what was heard."""
TICKS_PER_S: Final = 50
_END_S: Final = 10.0
RATE: Final = 8000
SILENCE_S: Final = 900
"""Longest call: baresip hangs up at the end of its sound."""


def silence(path: Path, seconds: int = SILENCE_S) -> Path:
    """Write a WAV file of silence: a phone without a sound of its own sends no packets, and so no keys either."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        for _second in range(seconds):
            file.writeframes(bytes(2 * RATE))
    return path


class SipDesk:
    """A phone that runs.

    Args:
        phone: it answers by itself.
        at: where codes are dialled, as `sip:{}@127.0.0.1:5060`.
        prompts: what may be heard, by `<language>/<name>`: any language counts.
        talk_s: how long it talks with a caller, 0: until the caller hangs up.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        phone: BaresipPhone,
        at: str,
        prompts: Mapping[str, Float],
        talk_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._phone, self._at, self._prompts, self._talk_s, self._clock = phone, at, prompts, talk_s, clock
        self._seen = 0
        self._up: dict[str, float] = {}  # calls that are answered: until when they talk
        self._record: CallRecord | None = None
        self._course: Iterator[None] = iter(())
        self._own = ""
        self._answered = False
        self._before: list[Path] = []
        self._listens_at = 0.0
        self.answered = 0
        """Callers that were answered."""

    def press(self, coded: Coded) -> CallRecord | None:
        """Begin the call of a code; None: the phone has a call."""
        if self._record is not None or self._up:
            return None
        script = read_script(coded.script)
        self._before, self._own, self._answered = self._phone.heard(), "", False
        self._record = CallRecord("out", coded.called, self._phone.options.number, "allowed", self._tick())
        self._course = self._run(self._record, script)
        self._phone.command("dial", self._at.format(coded.called))
        return self._record

    def poll(self) -> None:
        """Read the phone's reports, and go on with the script."""
        self._phone.poll()
        for event in self._phone.events[self._seen :]:
            self._told(str(event.get("type")), str(event.get("id", "")), outgoing=event.get("direction") == "outgoing")
        self._seen = len(self._phone.events)
        now = self._clock()
        for call, until in list(self._up.items()):
            if now > until:
                self._up[call] = now + _END_S
                self._phone.command("hangup")
        next(self._course, None)

    def _told(self, what: str, call: str, *, outgoing: bool) -> None:
        if outgoing and self._record is not None:
            self._own = call
        if what == "CALL_ESTABLISHED" and outgoing and self._record is not None:
            self._answered = True
            self._record.reached("answer", self._tick())
        elif what == "CALL_ESTABLISHED":
            self._up[call] = self._clock() + (self._talk_s or float("inf"))
            self.answered += 1
        elif what == "CALL_CLOSED":
            self._up.pop(call, None)
            if call == self._own and self._record is not None:
                self._record.clears("far end", 0)
                self._record.ended = self._tick()

    # --- the script of a code

    def _run(self, record: CallRecord, script: steps.Script) -> Iterator[None]:
        """Do a script, a piece at each `poll`; end with the call."""
        for number, step in enumerate(script, 1):
            done, within = self._begin(step, record)
            until = self._clock() + within
            while not done():
                if self._clock() > until or (record.ended is not None and not _ends(step)):
                    record.failures.append(f"step {number} ({type(step).__name__.lower()}): {_wanted(step, within)}")
                    break
                yield
            if record.failures:
                break
        if record.ended is None:
            self._phone.command("hangup")
        until = self._clock() + _END_S
        while record.ended is None and self._clock() < until:
            yield
        record.ended = record.ended or self._tick()
        self._record = None

    def _begin(self, step: steps.AnyStep, record: CallRecord) -> tuple[Callable[[], bool], float]:
        """Begin a step; return what tells that it is done, and within how many seconds it must be."""
        now = self._clock()
        match step:
            case steps.Await(state="answer"):
                return (lambda: self._answered), step.within_s
            case steps.Await(state="remote"):
                return (lambda: record.ended is not None), step.within_s
            case steps.Hear():
                return (lambda: self._hears(step.what)), step.within_s
            case steps.Pause():
                return (lambda: self._clock() >= now + step.seconds), step.seconds + 1
            case steps.Key():
                self._phone.press(step.keys)
            case steps.HangUp():
                self._phone.command("hangup")
            case _:
                name = type(step).__name__.lower()
                raise SimError(f"a desk phone has no step {name}", "use wait, hear, key and hangup")
        return (lambda: True), 1.0

    def _hears(self, what: str) -> bool:
        """Return whether a prompt is in what was received since the code was dialled; look now and then only."""
        if self._clock() < self._listens_at:
            return False
        self._listens_at = self._clock() + EAR_S
        words = [sound[:-LOST] for name, sound in self._prompts.items() if what in (name, name.rpartition("/")[2])]
        files = [file for file in self._phone.heard() if file not in self._before]
        return any(_is_in(word, _samples(file)) for file in files for word in words)

    def _tick(self) -> int:
        return round(self._clock() * TICKS_PER_S)


def _ends(step: steps.AnyStep) -> bool:
    return isinstance(step, steps.Await) and step.state == "remote"


def _wanted(step: steps.AnyStep, within: float) -> str:
    if isinstance(step, steps.Hear):
        return f"'{step.what}' not heard within {within:g} s"
    return f"not within {within:g} s"


def _samples(file: Path) -> Float:
    data = file.read_bytes()[HEADER:]
    return np.asarray(np.frombuffer(data[: len(data) & ~1], np.int16) / 32768, np.float32)


def _is_in(word: Float, samples: Float) -> bool:
    return 0 < word.size <= samples.size and find(word, samples).score > LIKE
