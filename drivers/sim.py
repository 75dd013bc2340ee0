# SPDX-License-Identifier: GPL-2.0-or-later
"""`sim:NAME`: both ends of an E1 in one process and one thread, in lockstep, faster than real time.

Not modelled: framing and CRC-4, the line's own rate (a tick is what the two ends call one), jitter, the 64 kbit/s of
the D channel (frames are handed over whole, with the tick they were sent before) and its HDLC. A cut line goes on
ticking, as a card does on its own oscillator. Each tick arrives one tick after it was sent.
"""

from collections.abc import Callable

import numpy as np

from drivers.alarm_watch import SignalWatch, count_raised
from drivers.errors import SpanAddressError, SpanBusyError, SpanError
from drivers.sim_path import SimPath
from drivers.span import (
    IDLE_BYTE,
    TICK_S,
    TIMESLOTS,
    Alarm,
    Octets,
    Span,
    SpanCondition,
    SpanCounters,
    SpanOptions,
    check_abcd,
)
from drivers.span_address import SpanAddress
from drivers.span_places import sim_place


class SimSpan(Span):
    """One end of a `SimLine`."""

    can = frozenset({"abcd", "lockstep", "yellow"})
    counts = frozenset({"ticks", "alarms", "slips_repeated", "slips_dropped", "hdlc_frames", "hdlc_bad_fcs"})

    def __init__(self, line: "SimLine", end: int, options: SpanOptions) -> None:
        self.address = f"sim:{line.name}"
        self.alarms = Alarm.NONE
        self.counters = SpanCounters()
        self._line, self._end = line, end
        self._in, self._out = line.paths[end], line.paths[1 - end]
        self._in.restart(self.counters)
        self._d_row = None if options.d_channel is None else options.d_channel - 1
        self._watch = SignalWatch(options.red_after_s, 0.0)
        self._slot: int | None = None  # the last tick that came, while it may be repeated for a missing one
        self._arrived: list[bytes] = []
        self._leaving: list[bytes] = []
        self._abcd_in: Octets = np.zeros(TIMESLOTS, np.uint8)
        self._abcd_out: Octets = np.zeros(TIMESLOTS, np.uint8)
        self._yellow = False
        self._closed = False

    def wait(self, timeout_s: float) -> bool:  # noqa: ARG002 - in lockstep waiting longer brings nothing
        """Return whether a tick is there: the far end runs in this very thread, so none comes while we wait."""
        self._check_open()
        return len(self._in) > 0

    def receive(self, out: Octets) -> bool:
        """See `Span.receive`; time for RED is counted in calls of this."""
        self._check_open()
        self.counters.ticks += 1
        now_s = self.counters.ticks * TICK_S
        tick = self._in.take()
        if tick is not None and not tick.lost:
            self._watch.heard(now_s)
            self._slot, self._abcd_in = tick.slot, tick.abcd
            if not self._watch.red:
                self._arrived += tick.frames
        self._update_alarms(now_s, yellow=tick.yellow if tick and not tick.lost else None)
        if tick is None and not self._watch.red:
            self.counters.slips_repeated += 1
        came = tick is not None and not tick.lost
        self._fill(out, came=came)
        return came

    def _fill(self, out: Octets, *, came: bool) -> None:
        if self._watch.red or self._slot is None:
            out.fill(IDLE_BYTE)
        else:
            out[:] = self._in.octets(self._slot)
            if self._d_row is not None:
                out[self._d_row] = IDLE_BYTE
        if not came:
            self._slot = None  # one repeat is hardly heard, a second would buzz

    def _update_alarms(self, now_s: float, *, yellow: bool | None) -> None:
        if self._watch.check(now_s):
            alarms = Alarm.RED
        elif yellow is None:
            alarms = self.alarms & ~Alarm.RED
        else:
            alarms = Alarm.YELLOW if yellow else Alarm.NONE
        count_raised(self.counters, self.alarms, alarms)
        self.alarms = alarms

    def transmit(self, octets: Octets) -> None:
        """See `Span.transmit`."""
        self._check_open()
        frames, self._leaving = tuple(self._leaving), []
        self._out.put(octets, frames, self._abcd_out, yellow=self._yellow or self._watch.red)

    def frames(self) -> list[bytes]:
        """See `Span.frames`."""
        self._check_open()
        arrived, self._arrived = self._arrived, []
        self.counters.hdlc_frames += len(arrived)
        return arrived

    def send_frame(self, frame: bytes) -> None:
        """See `Span.send_frame`."""
        self._check_open()
        if self._d_row is None:
            raise SpanError(f"{self.address}: opened without a D channel, so no frame can be sent")
        self._leaving.append(bytes(frame))

    def abcd(self) -> Octets:
        """See `Span.abcd`."""
        return self._abcd_in

    def set_abcd(self, timeslot: int, bits: int) -> None:
        """See `Span.set_abcd`."""
        check_abcd(timeslot, bits)
        self._check_open()
        self._abcd_out = self._abcd_out.copy()  # ticks under way keep the bits they left with
        self._abcd_out[timeslot - 1] = bits

    def set_yellow(self, *, on: bool) -> None:
        """See `Span.set_yellow`."""
        self._yellow = on

    def condition(self) -> SpanCondition:
        """See `Span.condition`: this line has no framer."""
        return SpanCondition(kind="simulated")

    def close(self) -> None:
        """See `Span.close`; the end can then be opened again."""
        if not self._closed:
            self._closed = True
            self._line.released(self._end)

    def _check_open(self) -> None:
        if self._closed:
            raise SpanError(f"{self.address}: the span is closed")


class SimLine:
    """A line between two ends. `paths[n]` is the way into end n."""

    def __init__(self, name: str = "line") -> None:
        self.name = name
        self.paths = (SimPath(), SimPath())
        self._taken = [False, False]

    def open(self, options: SpanOptions = SpanOptions()) -> SimSpan:  # noqa: B008 - frozen
        """Open the next free end.

        Raises:
            SpanBusyError: both ends are taken.
        """
        if all(self._taken):
            raise SpanBusyError(f"sim:{self.name}: both ends of this line are taken", hint="close one, or name another")
        end = self._taken.index(False)
        self._taken[end] = True
        return SimSpan(self, end, options)

    def ends(self, options: SpanOptions = SpanOptions()) -> tuple[SimSpan, SimSpan]:  # noqa: B008 - frozen
        """Open both ends of a fresh line."""
        return self.open(options), self.open(options)

    def set_cut(self, *, on: bool) -> None:
        """Cut both ways, or mend them; one way alone: `paths[n].cut`."""
        for path in self.paths:
            path.cut = on

    def released(self, end: int) -> None:
        """Note that an end was closed (called by the end)."""
        self._taken[end] = False


class SimLines:
    """The simulated lines of one run, by name, for all that open `sim:` addresses in it."""

    def __init__(self) -> None:
        self._lines: dict[str, SimLine] = {}

    def line(self, name: str) -> SimLine:
        """Return the line of that name, made when first asked for."""
        return self._lines.setdefault(name, SimLine(name))


def open_address(
    address: SpanAddress,
    options: SpanOptions,
    *,
    clock: Callable[[], float],  # noqa: ARG001 - this line has no time but its ticks
    lines: SimLines | None,
) -> Span:
    """Open `sim:NAME`: the next free end of the line of that name in `lines`."""
    name = sim_place(address)
    if lines is None:
        raise SpanAddressError(
            f"{address}: nobody holds simulated lines here", hint="a sim: address joins two ends inside one process"
        )
    return lines.line(name).open(options)
