# SPDX-License-Identifier: GPL-2.0-or-later
"""Stations: telephones on desks that ring, answer, talk and hang up by a script; all rows at once, in lockstep.

Not modelled: SIP, packets, jitter, codecs, registration, keys of a desk phone (hold, transfer), two calls at a time. A
station's voice and the sound to it are on its row in the same tick. A station that makes a call gets no report that the
far phone rings.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from drivers.span import IDLE_BYTE, TICK_SAMPLES, Octets
from dsp.g711 import alaw_decode, alaw_encode
from hw_sim import steps
from hw_sim.agenda import Agenda
from hw_sim.calls import CallRecord
from hw_sim.errors import SimError
from hw_sim.hearing import Ear
from hw_sim.line import RowLine, Rows
from hw_sim.script import read_script
from hw_sim.sounds import Library
from hw_sim.steps import Script
from hw_sim.subscriber import Subscriber

Sound = NDArray[np.float32]
Signal = tuple[str, int, str, str]
NORMAL_CLEARING: Final = 16
ANSWERS: Final = "answers 1..3"


class StationBank:
    """Stations as rows. A token names a call: the owner's for calls it rings, a negative one for calls they make.

    Args:
        numbers: of the stations, in the order of their rows.
        behaviour: script of a station that is called (`hw_sim.script`), for all or by number ('*' for the others).
        seed: of the times that scripts leave open.
        library: sounds that stations speak.
        keep_audio: whether the sound to stations is kept in their records.

    Raises:
        ScriptError: a script cannot be read.
    """

    def __init__(
        self,
        numbers: Sequence[str],
        behaviour: str | Mapping[str, str] = ANSWERS,
        seed: int = 0,
        library: Library | None = None,
        *,
        keep_audio: bool = False,
    ) -> None:
        self.rows = len(numbers)
        self.records: list[CallRecord] = []
        self._sound = Rows(self.rows, library)
        self.keep_audio = keep_audio
        self._numbers = {number: row for row, number in enumerate(numbers)}
        by_number = {"*": behaviour} if isinstance(behaviour, str) else behaviour
        self._scripts = {number: read_script(text) for number, text in by_number.items()}
        self._random = np.random.default_rng(seed)
        self._agenda = Agenda()
        self._calls: dict[int, _Call] = {}
        self._busy: set[int] = set()
        self._signals: list[Signal] = []
        self._made = 0
        self._octets: Octets = np.full((self.rows, TICK_SAMPLES), IDLE_BYTE, np.uint8)
        self._echo: Octets = np.full((self.rows, TICK_SAMPLES), IDLE_BYTE, np.uint8)

    @property
    def now(self) -> int:
        """Ticks since the beginning, counted by `transmit`."""
        return self._sound.now

    @property
    def ear(self) -> Ear:
        """Recogniser of the sounds that stations received."""
        return self._sound.ear

    # --- calls ----------------------------------------------------------------------------------------------------

    def ring(self, number: str, token: int, caller: str) -> bool:
        """Ring a station; False if there is none of that number, or it has a call."""
        row = self._numbers.get(number)
        script = self._scripts.get(number, self._scripts.get("*"))
        if row is None or row in self._busy or script is None:
            return False
        self._begin(token, row, CallRecord("in", number, caller, "allowed", self.now, 0, row + 1), script)
        return True

    def dial(self, number: str, called: str, script: str) -> int | None:
        """Make a call of a station; return its token, or None if the station has a call.

        Raises:
            SimError: there is no station of that number, or its script cannot be read.
        """
        if number not in self._numbers:
            raise SimError(f"there is no station {number}", f"stations are: {', '.join(self._numbers)}")
        row = self._numbers[number]
        if row in self._busy:
            return None
        self._made -= 1
        self._signals.append(("incoming", self._made, called, number))
        record = CallRecord("out", called, number, "allowed", self.now, 0, row + 1)
        self._begin(self._made, row, record, read_script(script))
        return self._made

    def accept(self, token: int) -> None:
        """Report the answer of a call that a station makes."""
        if call := self._calls.get(token):
            call.record.reached("answer", self.now)
            call.subscriber.tell("answer")
            call.subscriber.tell("connect")

    def cancel(self, token: int, cause: int = NORMAL_CLEARING) -> None:
        """End a call from the other side: `cleared` follows."""
        if call := self._calls.get(token):
            call.record.clears("far end", cause)
            call.subscriber.tell("remote", cause)
            if token in self._calls:
                self._end(call)

    def at(self, tick: int, action: Callable[[], object]) -> None:
        """Run an action at a tick of `now`."""
        self._agenda.enter(tick, action)

    def row(self, token: int) -> int | None:
        """Return the row of the station that has this call."""
        call = self._calls.get(token)
        return call.row if call else None

    # --- every tick: receive, signal, transmit --------------------------------------------------------------------

    def receive(self, out: Sound) -> None:
        """Fill `out` [rows, 160] with the stations' voices."""
        voices, loops = self._sound.voices, self._sound.loops
        silent = voices.silent
        if silent.all() and not loops:
            out.fill(0.0)
            return
        voices.advance(self._octets)
        for row in loops:
            if silent[row]:
                self._octets[row] = self._echo[row]
                silent[row] = False
        alaw_decode(self._octets, out=out)
        out[silent] = 0.0

    def signal(self, now: int) -> list[Signal]:  # noqa: ARG002 - the switch passes it to all
        """Return the events of stations, in order.

        ('alerting', token, '', ''), ('answered', token, '', ''), ('cleared', token, cause, ''), ('incoming', token,
        called, caller).

        `now` is the owner's time and not used: stations count ticks themselves.
        """
        self._agenda.run(self.now)
        signals, self._signals = self._signals, []
        return signals

    def transmit(self, heard: Sound) -> None:
        """Send [rows, 160] to the stations, and end the tick."""
        tape = self._sound.tape
        if tape.wanted or self._sound.loops:
            alaw_encode(heard, out=self._echo)
        tape.write(self._echo)
        self._sound.now += 1

    # --- for their calls ------------------------------------------------------------------------------------------

    def tell(self, what: str, token: int, text: str = "") -> None:
        """Queue an event for the next `signal` (called by a call)."""
        self._signals.append((what, token, text, ""))

    def cleared(self, token: int, cause: int) -> None:
        """End a call that its station hung up or refused (called by a call)."""
        if call := self._calls.get(token):
            call.record.clears("us", cause)
            self._end(call)

    def _begin(self, token: int, row: int, record: CallRecord, script: Script) -> None:
        call = _Call(self, self._sound, token, row, record)
        if self.keep_audio or any(isinstance(step, steps.Hear | steps.Expect) for step in script):
            call.keep_audio()
        call.subscriber = Subscriber(script, call, self._sound.library, self._agenda, self._random)
        self._calls[token] = call
        self._busy.add(row)
        self.records.append(record)
        # Not at once: `ring` is called in the middle of the owner's work, and answers through `signal`.
        self._agenda.enter(self.now, lambda: self._start(token))

    def _start(self, token: int) -> None:
        if call := self._calls.get(token):  # it may have been cancelled before it began to ring
            call.subscriber.start()

    def _end(self, call: "_Call") -> None:
        del self._calls[call.token]
        self._busy.discard(call.row)
        call.hush()
        call.loop_back(on=False)
        call.close()
        self.tell("cleared", call.token, str(call.record.cause))


class _Call(RowLine):
    """A call at a station: its `hw_sim.subscriber.Line`."""

    subscriber: Subscriber

    def __init__(self, bank: StationBank, rows: Rows, token: int, row: int, record: CallRecord) -> None:
        super().__init__(rows, record)
        self.token = token
        self._row = row
        self._bank = bank

    @property
    def row(self) -> int:
        return self._row

    def dial(self, digits: str) -> None:
        """Ignore: stations dial en bloc, and a call that a station made has its number already."""

    def proceed(self) -> None:
        """Ignore: a station sends no such message."""

    def alert(self) -> None:
        self.record.reached("alerting", self.now)
        self._bank.tell("alerting", self.token)

    def progress(self) -> None:
        """Ignore: a station has no voice path before it answers."""

    def answer(self) -> None:
        self.record.reached("answer", self.now)
        self._bank.tell("answered", self.token)

    def clear(self, cause: int) -> None:
        self._bank.cleared(self.token, cause)
