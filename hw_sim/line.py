# SPDX-License-Identifier: GPL-2.0-or-later
"""A subscriber's line on a row of sound: the common part of an exchange's lines and of stations on desks."""

from drivers.span import Octets
from hw_sim.calls import CallRecord
from hw_sim.hearing import Ear
from hw_sim.sounds import Library, Voices
from hw_sim.subscriber import Subscriber
from hw_sim.tape import Tape


class Rows:
    """The rows of lines: their voices, the sound they received, and the tick they share.

    Attributes:
        now: the tick that is worked on next, or now.
        loops: rows that send back their received sound, in the order in which they began.
    """

    def __init__(self, count: int, library: Library | None) -> None:
        self.now = 0
        self.library = library or Library()
        self.ear = Ear(self.library.country, self.library.references)
        self.voices = Voices(count)
        self.tape = Tape(count)
        self.loops: list[int] = []

    def loop_back(self, row: int, *, on: bool) -> None:
        """Send back on a row the sound that arrives on it, or stop."""
        if on != (row in self.loops):
            (self.loops.append if on else self.loops.remove)(row)


class RowLine:
    """A call on a row: the half of `hw_sim.subscriber.Line` that is about sound, and the call's record.

    A subclass adds the signalling (dial, proceed, alert, progress, answer, clear) and its `row`.
    """

    def __init__(self, rows: Rows, record: CallRecord) -> None:
        self.rows, self.record = rows, record
        self.subscriber: Subscriber | None = None
        self._heard_from: int | None = None

    @property
    def row(self) -> int:
        """Row that carries the call."""
        raise NotImplementedError

    @property
    def now(self) -> int:
        """See `Line.now`."""
        return self.rows.now

    def say(self, octets: Octets, *, loop: bool) -> None:
        """See `Line.say`."""
        self.rows.voices.say(self.row, octets, loop=loop)

    def hush(self) -> None:
        """See `Line.hush`."""
        self.rows.voices.hush(self.row)

    def loop_back(self, *, on: bool) -> None:
        """See `Line.loop_back`."""
        self.rows.loop_back(self.row, on=on)

    def hears(self, what: str, since: int) -> bool:
        """See `Line.hears`."""
        return self.rows.ear.knows(what, self.rows.tape.read(self.row, since))

    def keep_audio(self) -> None:
        """Keep the received sound from now on."""
        if self._heard_from is None:
            self._heard_from = self.rows.tape.open()

    def close(self) -> None:
        """Complete the record: the call is over."""
        record, tape = self.record, self.rows.tape
        record.ended = self.now
        if self._heard_from is not None:
            record.heard, record.heard_from = tape.read(self.row, self._heard_from), self._heard_from
            tape.close(self._heard_from)
        if self.subscriber:
            record.failures = self.subscriber.failures
            record.cut_off, record.ended_early = self.subscriber.cut_off, self.subscriber.ended_early
            record.windows, record.expectations = self.subscriber.windows, self.subscriber.expectations
