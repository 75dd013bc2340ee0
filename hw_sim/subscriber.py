# SPDX-License-Identifier: GPL-2.0-or-later
"""A person (or a machine) with a telephone, doing the steps of a script, one after the other.

Not modelled: impatience that depends on the sound, talking and listening at will (a step ends before the next begins),
keys pressed while the call is being set up. When the far end hangs up the rest of the script is left undone. A talk
that ends with a cause of Q.850 classes 2 to 7, or 27, was cut off, and the script failed; with any other cause of the
far end it ended early.
"""

from collections.abc import Callable, Generator, Mapping
from typing import ClassVar, Final, NamedTuple, Protocol

import numpy as np

from drivers.span import TICK_S, Octets
from hw_sim import steps
from hw_sim.agenda import Agenda
from hw_sim.sounds import Library, Spoken
from hw_sim.steps import AnyStep, Script

NORMAL_CLEARING: Final = 16
_OUT_OF_ORDER: Final = 27
_FIRST_FAULT: Final = 32
_LEFT: Final = "left"
_POLL_TICKS: Final = 10
"""Ticks between two looks at the received sound, for a subscriber that waits for a sound."""
_MEMORY_TICKS: Final = 600
"""Length of a look: more than a period of every tone, and enough of a prompt."""


class Line(Protocol):
    """The telephone line of a subscriber; actions that do not fit the call's state are not done."""

    @property
    def now(self) -> int:
        """The tick that is being worked on; `say` begins with it."""
        ...

    def say(self, octets: Octets, *, loop: bool) -> None:
        """Send whole ticks of A-law octets, once or over and over."""
        ...

    def hush(self) -> None:
        """Stop sending."""
        ...

    def loop_back(self, *, on: bool) -> None:
        """Send back the received sound while no other is sent."""
        ...

    def hears(self, what: str, since: int) -> bool:
        """Return whether the tone or reference of that name was heard since a tick."""
        ...

    def dial(self, digits: str) -> None:
        """Dial further digits."""
        ...

    def proceed(self) -> None:
        """Report the number as complete."""
        ...

    def alert(self) -> None:
        """Report that the phone rings."""
        ...

    def progress(self) -> None:
        """Open the voice path without an answer."""
        ...

    def answer(self) -> None:
        """Answer."""
        ...

    def clear(self, cause: int) -> None:
        """Hang up or refuse."""
        ...


class Window(NamedTuple):
    """First tick and tick after the last of a `listen` step, and the step's number (from 1)."""

    step: int
    start: int
    end: int


class Expectation(NamedTuple):
    """A sound `what` expected in a window (None: in the whole call)."""

    what: str
    window: Window | None


class _Until(NamedTuple):
    """Goal of the script's waiting: a tick, or one of some states before it."""

    tick: int
    states: frozenset[str] = frozenset()


class _FarEndLeftError(Exception):
    """The far end hung up in the middle of a step that does not wait for it."""


_Steps = Generator[_Until, str, None]
"""Yields its goal and is sent the state that came, or '' when time was over."""


class Subscriber:
    """Runner of one script on one line. `start` it once the line is there; then report events to it.

    Args:
        script: the steps.
        line: the line it acts on.
        library: renders its sounds.
        agenda: wakes it.
        random: draws the times that a script leaves open.
        hold_s: time of `hold` without one.
    """

    def __init__(
        self,
        script: Script,
        line: Line,
        library: Library,
        agenda: Agenda,
        random: np.random.Generator,
        hold_s: float = 0.0,
    ) -> None:
        self.failures: list[str] = []
        self.windows: list[Window] = []
        self.expectations: list[Expectation] = []
        self.done = False
        self.cut_off = False
        """Whether the talk ended by a fault."""
        self.ended_early = False
        """Whether the far end hung up before the script came to its end."""
        self._script, self._line, self._hold_s = script, line, hold_s
        self._library, self._agenda, self._random = library, agenda, random
        self._seen: set[str] = set()
        self._cause = 0
        self._number, self._step = 0, script[0] if script else steps.HangUp()
        self._waiting = _Until(0)
        self._turn = 0  # 0: not started; a wake-up for an earlier turn than the present one is stale
        self._steps = self._run()

    def start(self) -> None:
        """Start with the first step."""
        self._go_on(None)

    def tell(self, state: str, cause: int = 0) -> None:
        """Report a state of the call (`hw_sim.steps.State`); 'remote' with its Q.850 cause."""
        if self.done:
            return
        self._seen.add(state)
        self._cause = self._cause or cause
        if not self._turn:
            self.done = state == "remote"
        elif state in self._waiting.states:
            self._go_on(state)
        elif state == "remote":
            self._go_on(_LEFT)

    # --- the script as a generator --------------------------------------------------------------------------------

    def _go_on(self, state: str | None) -> None:
        self._turn += 1
        turn = self._turn
        try:
            self._waiting = self._resume(state)
        except StopIteration:
            self.done = True
            return
        self._agenda.enter(self._waiting.tick, lambda: self._wake(turn))

    def _resume(self, state: str | None) -> _Until:
        if state is None:
            return next(self._steps)
        return self._steps.throw(_FarEndLeftError()) if state is _LEFT else self._steps.send(state)

    def _wake(self, turn: int) -> None:
        if turn == self._turn and not self.done:
            self._go_on("")

    def _run(self) -> _Steps:
        for number, step in enumerate(self._script, 1):
            self._number, self._step = number, step
            if "remote" in self._seen and not _needs_nobody(step):
                self._fail(f"the far end had hung up (cause {self._cause})")
            else:
                yield from self._do(step)
            if self.failures:
                break
        self._line.clear(NORMAL_CLEARING)

    def _do(self, step: AnyStep) -> _Steps:
        try:
            yield from self._ACTS[type(step)](self, step)
        except _FarEndLeftError:
            if not self._left() and not isinstance(step, steps.Pause | steps.Listen):
                self._fail(f"the far end hung up (cause {self._cause})")

    def _left(self) -> bool:
        """Note that the far end hung up during a step that did not wait for it; True if that cut the talk off."""
        fault = self._cause == _OUT_OF_ORDER or self._cause >= _FIRST_FAULT
        if fault and "answer" in self._seen:
            self.cut_off = True
            self._fail(f"cut off in talk (cause {self._cause})")
            return True
        self.ended_early = True
        return False

    def _fail(self, problem: str) -> None:
        self.failures.append(f"step {self._number} ({_name(self._step)}): {problem}")

    def _in(self, seconds: float, *states: str) -> _Until:
        return _Until(self._line.now + max(1, round(seconds / TICK_S)), frozenset(states))

    # --- steps ----------------------------------------------------------------------------------------------------

    def _pause(self, step: steps.Pause) -> _Steps:
        yield self._in(step.seconds if step.most is None else self._random.uniform(step.seconds, step.most))

    def _await(self, step: steps.Await) -> _Steps:
        if step.state not in self._seen and not (yield self._in(step.within_s, step.state)):
            self._fail(f"no {step.state} within {step.within_s:g} s")

    def _hear(self, step: steps.Hear) -> _Steps:
        since, last = self._line.now, self._in(step.within_s).tick
        while not self._line.hears(step.what, max(since, self._line.now - _MEMORY_TICKS)):
            if self._line.now >= last:
                self._fail(f"'{step.what}' not heard within {step.within_s:g} s")
                return
            yield _Until(self._line.now + _POLL_TICKS)

    def _listen(self, step: steps.Listen) -> _Steps:
        number, start = self._number, self._line.now
        try:
            yield self._in(step.seconds)
        finally:
            self.windows.append(Window(number, start, self._line.now))

    def _expect(self, step: steps.Expect) -> _Steps:
        self.expectations.append(Expectation(step.what, self.windows[-1] if self.windows else None))
        yield from ()

    def _speak(self, step: Spoken) -> _Steps:
        octets, ticks = self._library.render(step)
        self._line.say(octets, loop=ticks is not None)
        try:
            yield _Until(self._line.now + max(1, octets.size // 160 if ticks is None else ticks))
        finally:
            self._line.hush()

    def _hold(self, step: steps.Hold) -> _Steps:
        if (yield self._in(self._hold_s if step.seconds is None else step.seconds, "remote")):
            self._left()

    def _act(self, step: object) -> _Steps:
        match step:
            case steps.Loop():
                self._line.loop_back(on=step.on)
            case steps.Digits():
                self._line.dial(step.digits)
            case steps.Proceed():
                self._line.proceed()
            case steps.Alert():
                self._line.alert()
            case steps.Progress():
                self._line.progress()
            case steps.Answer():
                self._line.answer()
        yield from ()

    def _hang_up(self, step: steps.HangUp) -> _Steps:
        self._line.clear(step.cause)
        yield from ()

    _ACTS: ClassVar[Mapping[type, Callable[..., _Steps]]] = {
        steps.Pause: _pause,
        steps.Await: _await,
        steps.Hear: _hear,
        steps.Listen: _listen,
        steps.Expect: _expect,
        steps.Key: _speak,
        steps.SpeakTone: _speak,
        steps.SpeakNamed: _speak,
        steps.SpeakNoise: _speak,
        steps.SpeakFile: _speak,
        steps.Hold: _hold,
        steps.HangUp: _hang_up,
        **dict.fromkeys((steps.Loop, steps.Digits, steps.Proceed, steps.Alert, steps.Progress, steps.Answer), _act),
    }


def _needs_nobody(step: AnyStep) -> bool:
    """Return whether the step can be done after the far end left."""
    return isinstance(step, steps.HangUp | steps.Expect) or (isinstance(step, steps.Await) and step.state == "remote")


def _name(step: AnyStep) -> str:
    return str(step.__struct_config__.tag).replace("_", " ")
