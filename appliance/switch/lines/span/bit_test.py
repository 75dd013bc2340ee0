# SPDX-License-Identifier: GPL-2.0-or-later
"""Bit error rate tests on timeslots (ITU-T O.150, O.151): the pattern goes out, and comes back from a loop or a tester.

The box makes them itself, of the octets that every kind of span carries.
"""

from appliance.contract.switch import BitTest
from appliance.contract.ticks import TICKS_PER_S
from drivers.span import TICK_SAMPLES, Octets
from dsp import prbs

_LOST_SHARE = 0.2
"""Share of wrong bits in a tick from which on the place in the pattern is lost: it was a slip, or another signal."""
_BITS = 8 * TICK_SAMPLES


class _Test:
    """A test of one timeslot. `place`: in the pattern, of the next octet that comes; None: it was not found."""

    __slots__ = ("bits", "errored_s", "errors", "losses", "lost", "place", "ticks", "unsynced", "wrong")

    def __init__(self) -> None:
        self.place: int | None = None
        self.ticks = self.bits = self.errors = self.losses = 0
        self.errored_s = self.unsynced = 0
        self.wrong = self.lost = False

    def take(self, got: Octets) -> None:
        """Compare a tick."""
        self.ticks += 1
        if self.place is None:
            self.place = prbs.find(got)
            if self.place is None:
                self.unsynced += 1
                self.wrong = True
        if self.place is not None:
            self._compare(got, self.place)
        if self.ticks % TICKS_PER_S == 0:
            self.errored_s += self.wrong
            self.wrong = False

    def _compare(self, got: Octets, place: int) -> None:
        errors = prbs.errors(got, prbs.stretch(place, len(got)))
        if errors > _LOST_SHARE * _BITS:
            self.place, self.losses, self.unsynced, self.wrong = None, self.losses + 1, self.unsynced + 1, True
            return
        self.place = (place + len(got)) % prbs.PERIOD
        self.bits += _BITS
        self.errors += errors
        self.wrong = self.wrong or errors > 0


class BitTests:
    """All tests of a span."""

    def __init__(self) -> None:
        self._tests: dict[int, _Test] = {}
        self._place = 0

    @property
    def timeslots(self) -> frozenset[int]:
        """Timeslots that are tested."""
        return frozenset(self._tests)

    def begin(self, timeslot: int) -> None:
        """Begin a test, anew if one is under way."""
        self._tests[timeslot] = _Test()

    def end(self, timeslot: int) -> None:
        """End a test."""
        self._tests.pop(timeslot, None)

    def received(self, octets: Octets) -> None:
        """Compare a received tick [31, 160]."""
        for timeslot, test in self._tests.items():
            test.take(octets[timeslot - 1])

    def fill(self, octets: Octets) -> None:
        """Put the pattern into a tick before it is sent [31, 160]."""
        out = prbs.stretch(self._place, TICK_SAMPLES)
        self._place = (self._place + TICK_SAMPLES) % prbs.PERIOD
        for timeslot in self._tests:
            octets[timeslot - 1] = out

    def report(self) -> tuple[BitTest, ...]:
        """Return the tests so far, by timeslot."""
        return tuple(
            BitTest(
                timeslot=timeslot,
                synced=test.place is not None,
                seconds=test.ticks / TICKS_PER_S,
                bits=test.bits,
                errors=test.errors,
                errored_s=test.errored_s,
                losses=test.losses,
                unsynced_s=test.unsynced / TICKS_PER_S,
            )
            for timeslot, test in sorted(self._tests.items())
        )
