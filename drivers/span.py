# SPDX-License-Identifier: GPL-2.0-or-later
"""The contract of an E1 port on any carrier (ITU-T G.703, G.704; ETSI EN 300 011 for alarms).

A span moves one *tick* at a time: 160 samples (20 ms) of every timeslot, both ways. Backends (`dahdi:`, `tdmoe:`,
`sim:`) are one file each behind this contract; `drivers.spans.open_span(address)` picks one by its scheme.

Clock: the owner waits (`wait`) on the span that is its clock source, then for every span calls `receive`, works, and
calls `transmit`. A span that has no full tick yet or too many, because its far end runs on another clock, slips: a tick
is repeated or dropped, whole, and counted. `receive` and `transmit` never block.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum, Flag, auto
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from drivers.errors import SpanError

TICK_SAMPLES = 160
TICK_S = 0.02
TIMESLOTS = 31
"""Timeslots 1 to 31; timeslot 0 carries framing and never leaves the card. Row r of an array is timeslot r + 1."""
D_TIMESLOT = 16
IDLE_BYTE = 0xD5
"""A-law silence (G.711 with even bits inverted), as an idle B channel sends it."""

Octets = NDArray[np.uint8]


def check_abcd(timeslot: int, bits: int) -> None:
    """Raise ValueError unless these can be signalling bits of an E1 timeslot."""
    if not 1 <= timeslot <= TIMESLOTS:
        raise ValueError(f"timeslot {timeslot}: an E1 has 1 to {TIMESLOTS}")
    if not 0 <= bits <= 15:
        raise ValueError(f"signalling bits {bits}: four bits are 0 to 15")


class Alarm(Flag):
    """Alarms of a span as seen at its receiver (G.775, ETSI EN 300 011)."""

    NONE = 0
    RED = auto()  # loss of signal or of framing: nothing usable arrives
    YELLOW = auto()  # the far end reports that it receives nothing (RAI)
    BLUE = auto()  # all ones (AIS): a regenerator ahead lost its input
    LOOPBACK = auto()  # a maintenance loop is set


@dataclass
class SpanCounters:
    """Counts of the span since it was opened; they only ever grow."""

    ticks: int = 0
    slips_repeated: int = 0  # a tick was missing and the last one was repeated
    slips_dropped: int = 0  # a tick too many was dropped
    frames_lost: int = 0  # carrier frames (TDMoE counter gaps) that never came
    frames_duplicated: int = 0
    frames_reordered: int = 0
    frames_malformed: int = 0
    hdlc_frames: int = 0
    hdlc_bad_fcs: int = 0
    hdlc_aborted: int = 0
    alarms: int = 0  # times an alarm was raised


class Loss(Enum):
    """Reason of RED, where a framer can tell (G.706, G.775)."""

    SIGNAL = auto()  # no pulses arrive (LOS)
    FRAMES = auto()  # pulses, but no frame alignment signal among them (LFA)
    MULTIFRAMES = auto()  # frames, but no CRC-4 or signalling multiframe (LMFA)


@dataclass(frozen=True)
class SpanCondition:
    """Condition of the layers below the ticks: the carrier, and its framer's counters since its start (G.704, G.706).

    None: not known on this carrier, which is not the same as 0.
    """

    kind: str = ""
    """Kind of the carrier, e.g. 'E1', 'TDMoE'."""
    description: str = ""
    loss: Loss | None = None
    clock_source: int | None = None
    """Number of the span from whose far end the card takes its clock; 0: its own oscillator."""
    code_violations: int | None = None
    crc4_errors: int | None = None
    e_bits: int | None = None
    """CRC-4 errors that the far end has seen and reports to us."""
    framing_errors: int | None = None
    errored_seconds: int | None = None
    timing_slips: int | None = None
    """Frames that the framer repeated or dropped because both directions run on different clocks."""
    irq_misses: int | None = None


@dataclass(frozen=True)
class SpanOptions:
    """Options for opening a span: `d_channel` None for CAS."""

    d_channel: int | None = D_TIMESLOT
    crc4: bool = True
    red_after_s: float = 1.0
    """Silence that raises RED, and steady arrival that clears it again."""
    echo_taps: int = 0
    """Taps of 125 us of the driver's echo canceller on every voice channel; only with 'echo_canceller' in `can`."""


class Span(ABC):
    """One E1 port, open. Context manager; `close` is idempotent. Errors: `drivers.errors.SpanError`."""

    can: ClassVar[frozenset[str]] = frozenset()
    """Abilities of this backend beyond the contract.

    'abcd', 'gains', 'echo_canceller', 'loopback', 'bert', 'lockstep'.
    """

    counts: ClassVar[frozenset[str]] = frozenset({"ticks", "alarms"})
    """The fields of `SpanCounters` that this backend keeps; the others stay 0."""

    address: str
    alarms: Alarm
    counters: SpanCounters

    @abstractmethod
    def wait(self, timeout_s: float) -> bool:
        """Block until a tick has arrived (True) or the time is over (False). The only call that blocks."""

    @abstractmethod
    def receive(self, out: Octets) -> bool:
        """Receive one tick into `out` [31, 160] uint8; False when none had come and `out` was filled by concealment.

        While RED is up `out` is `IDLE_BYTE`. D-channel octets are not in `out`: their row is `IDLE_BYTE`.
        """

    @abstractmethod
    def transmit(self, octets: Octets) -> None:
        """Send one tick [31, 160] uint8. The D channel's row is ignored: frames and flags go there."""

    @abstractmethod
    def frames(self) -> list[bytes]:
        """Return the D-channel frames that arrived since the last call, in order, FCS checked and removed.

        Bad ones are counted.
        """

    @abstractmethod
    def send_frame(self, frame: bytes) -> None:
        """Queue one D-channel frame (without FCS); it leaves with the next ticks in order."""

    @abstractmethod
    def abcd(self) -> Octets:
        """Return the received signalling bits [31] uint8, A=8 B=4 C=2 D=1."""

    @abstractmethod
    def set_abcd(self, timeslot: int, bits: int) -> None:
        """Send signalling bits (0 to 15) on timeslot 1 to 31 until changed."""

    @abstractmethod
    def set_yellow(self, *, on: bool) -> None:
        """Send RAI to the far end: this end receives nothing. A span in RED sends it by itself.

        Raises:
            SpanError: asked of a backend without 'yellow' in `can`.
        """

    def set_loop(self, kind: str) -> None:
        """Set a maintenance loop of the whole span: none, local (towards us), line or payload (towards the far end).

        Raises:
            SpanError: asked of a backend without 'loopback' in `can`, or the driver refuses.
        """
        raise SpanError(f"{self.address}: no loop {kind!r} can be set on this kind of line")

    @abstractmethod
    def condition(self) -> SpanCondition:
        """Return the kind of the carrier and its condition. Asked about once a second; never blocks."""

    @abstractmethod
    def close(self) -> None:
        """Close the port."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
