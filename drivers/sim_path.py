# SPDX-License-Identifier: GPL-2.0-or-later
"""One way of a simulated line, with the faults that can be put on it."""

from collections import deque
from typing import NamedTuple

import numpy as np

from drivers.span import IDLE_BYTE, TICK_SAMPLES, TIMESLOTS, Octets, SpanCounters

MAX_TICKS = 4
"""Ticks a receiver holds when its far end runs ahead; one more drops the oldest."""
TICK_BITS = TIMESLOTS * TICK_SAMPLES * 8


class SimTick(NamedTuple):
    """A tick on its way with its frames and bits; its octets lie in the path's ring."""

    slot: int
    frames: tuple[bytes, ...]
    abcd: Octets
    yellow: bool
    lost: bool  # the line was cut: time passes, no sound arrives


class SimPath:
    """From one end's transmitter to the other's receiver, first in, first out.

    Faults, all off at first: `cut` (nothing arrives, time goes on), `d_cut` (frames vanish, audio stays),
    bit errors (`set_bit_errors`), slips (`slip_repeat`, `slip_drop`).
    """

    def __init__(self) -> None:
        self.cut = False
        self.d_cut = False
        self.counters = SpanCounters()
        """Counters of the span that receives here."""
        self._error_rate = 0.0
        self._rng = np.random.default_rng(0)
        self._repeats = self._drops = 0
        self._ring: Octets = np.full((MAX_TICKS + 2, TIMESLOTS, TICK_SAMPLES), IDLE_BYTE, np.uint8)
        self._ticks: deque[SimTick] = deque()
        self._next = 0
        self.restart(self.counters)

    def __len__(self) -> int:
        """Return the ticks waiting for the receiver."""
        return len(self._ticks)

    def restart(self, counters: SpanCounters) -> None:
        """Begin with a new receiver: one tick of silence is on the line, so that either end may begin."""
        self.counters = counters
        self._ticks.clear()
        self._ring[self._next] = IDLE_BYTE
        self._ticks.append(SimTick(self._next, (), np.zeros(TIMESLOTS, np.uint8), yellow=False, lost=False))
        self._next = (self._next + 1) % len(self._ring)

    def set_bit_errors(self, rate: float, rng: np.random.Generator) -> None:
        """Invert each bit with probability `rate`; a frame that is hit is lost by its FCS."""
        self._error_rate, self._rng = rate, rng

    def slip_repeat(self) -> None:
        """Gain a tick on the receiver's clock: it hears one twice, and is one tick behind from then on."""
        self._repeats += 1

    def slip_drop(self) -> None:
        """Lose a tick on the receiver's clock: one is dropped. If no other waits, a repeat takes its place."""
        self._drops += 1

    def put(self, octets: Octets, frames: tuple[bytes, ...], abcd: Octets, *, yellow: bool) -> None:
        """Send a tick (the transmitter's side)."""
        if len(self._ticks) >= MAX_TICKS:
            self._throw_away()
        self._ring[self._next] = octets
        if self._error_rate and not self.cut:
            frames = self._add_errors(self._ring[self._next], frames)
        if self.cut or self.d_cut:
            frames = ()
        self._ticks.append(SimTick(self._next, frames, abcd, yellow, self.cut))
        self._next = (self._next + 1) % len(self._ring)

    def take(self) -> SimTick | None:
        """Return the next tick (the receiver's side); None when one has to be concealed."""
        if self._repeats:
            self._repeats -= 1
            return None
        while self._drops and self._ticks:
            self._drops -= 1
            self._throw_away()
        return self._ticks.popleft() if self._ticks else None

    def octets(self, slot: int) -> Octets:
        """Return the octets of a tick, good until the receiver's next tick but one."""
        tick: Octets = self._ring[slot]
        return tick

    def _throw_away(self) -> None:
        self._ticks.popleft()
        self.counters.slips_dropped += 1

    def _add_errors(self, octets: Octets, frames: tuple[bytes, ...]) -> tuple[bytes, ...]:
        hits = self._rng.integers(0, TICK_BITS, self._rng.binomial(TICK_BITS, self._error_rate))
        np.bitwise_xor.at(octets.reshape(-1), hits >> 3, (1 << (hits & 7)).astype(np.uint8))
        passed = tuple(f for f in frames if self._rng.random() < (1 - self._error_rate) ** (8 * len(f) + 16))
        self.counters.hdlc_bad_fcs += len(frames) - len(passed)
        return passed
