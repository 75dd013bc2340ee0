# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines with a span at each end, one kind per backend, for the contract's tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from drivers.sim import SimLines
from drivers.span import IDLE_BYTE, TICK_S, TICK_SAMPLES, TIMESLOTS, Octets, Span, SpanCounters, SpanOptions
from drivers.spans import open_span
from tests.dahdi import driver

Opener = Callable[[str, SpanOptions, Callable[[], float]], Span]
"""Function that opens one end: ("near" or "far", options, clock)."""


def numbered(tick: int) -> Octets:
    """A tick whose every octet tells its number, timeslot and place, as far as eight bits go."""
    rows, places = np.arange(TIMESLOTS)[:, None], np.arange(TICK_SAMPLES)
    return ((tick * 37 + rows * 5 + places * 3) & 0xFF).astype(np.uint8)


def steady(number: int) -> Octets:
    """A tick whose every octet tells its number and timeslot, and which is the same wherever a tick is cut off."""
    return np.repeat(((np.arange(TIMESLOTS)[:, None] * 5 + number * 37) & 0xFF).astype(np.uint8), TICK_SAMPLES, axis=1)


def delay_of(heard: Octets, sent: Octets, most: int) -> int | None:
    """By how many octets a row that was heard is behind what was sent, every octet once and in order; None: it is not.

    A line has no ticks: where one begins is the receiver's affair, and may lie anywhere in what was one at the sender.
    """
    for delay in range(most + 1):
        if (heard[delay:] == sent[: len(sent) - delay]).all():
            return delay
    return None


def idle() -> Octets:
    return np.full((TIMESLOTS, TICK_SAMPLES), IDLE_BYTE, np.uint8)


@dataclass
class Line:
    """Two ends, driven tick by tick on a time that only moves with the ticks."""

    opener: Opener
    options: SpanOptions = field(default_factory=SpanOptions)
    now_s: float = 0.0
    near: Span = field(init=False)
    far: Span = field(init=False)

    cannot: ClassVar[dict[str, str]] = {}
    """Operations that this kind of line lacks, and why."""
    settle_ticks: ClassVar[int] = 8
    red_ticks: ClassVar[tuple[int, int]] = (45, 55)
    """Ticks of silence that raise no RED, and that do."""
    clear_ticks: ClassVar[tuple[int, int]] = (45, 60)
    """Ticks of steady arrival that do not clear it, and that do."""

    def __post_init__(self) -> None:
        self.near, self.far = self.open("near"), self.open("far")

    def open(self, end: str) -> Span:
        return self.opener(end, self.options, lambda: self.now_s)

    def step(self, from_near: Octets | None = None, from_far: Octets | None = None) -> "Heard":
        """One tick both ways."""
        self.now_s += TICK_S
        self.near.transmit(idle() if from_near is None else from_near)
        self.far.transmit(idle() if from_far is None else from_far)
        self.carry()
        return Heard(*self.take(self.near), *self.take(self.far))

    def carry(self) -> None:
        """Both ends look at the line, as two processes that wait would: a socket may hold as few as ten datagrams."""
        for _ in range(3):
            self.near.wait(0.0)
            self.far.wait(0.0)

    def step_alone(self) -> "tuple[bool, Octets, bool]":
        """A tick of the near end only; the far end is still."""
        self.now_s += TICK_S
        self.near.transmit(idle())
        return self.take(self.near)

    def settle(self, ticks: int = 0) -> None:
        """Run the first ticks, until both ends hear each other; or so many ticks."""
        for _ in range(ticks or self.settle_ticks):
            self.step()

    def needs(self, what: str) -> None:
        """Skip a test of what cannot be done to this line."""
        if what in self.cannot:
            pytest.skip(self.cannot[what])

    @staticmethod
    def take(span: Span) -> tuple[bool, Octets, bool]:
        out = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
        waited = span.wait(0.0)
        return waited, out, span.receive(out)

    def close(self) -> None:
        self.near.close()
        self.far.close()


@dataclass
class Heard:
    """Input of both ends in one step."""

    near_waited: bool
    near: Octets
    near_came: bool
    far_waited: bool
    far: Octets
    far_came: bool


def sim_opener(_: Path) -> Opener:
    lines = SimLines()
    return lambda _end, options, clock: open_span("sim:contract", options, clock=clock, lines=lines)


def tdmoe_opener(frames: int) -> Callable[[Path], Opener]:
    def make(folder: Path) -> Opener:
        paths = {"near": f"{folder}/n,{folder}/f", "far": f"{folder}/f,{folder}/n"}
        return lambda end, options, clock: open_span(f"tdmoe:{paths[end]}?frames={frames}", options, clock=clock)

    return make


class DriverLine(Line):
    """Two spans of the DAHDI driver: time is the kernel's, and both ends have the same."""

    cannot: ClassVar[dict[str, str]] = {
        "fall silent": "a local span brings octets as long as it is there; guest_driver.py stops an Ethernet one",
        "run ahead": "both spans follow the one clock of the driver",
    }
    settle_ticks: ClassVar[int] = 25
    red_ticks: ClassVar[tuple[int, int]] = (45, 150)  # it looks once a second

    def __post_init__(self) -> None:
        super().__post_init__()
        out = idle()
        while self.near.wait(0.0):  # from the time when the far end was not open
            self.near.receive(out)
        self.near.wait(0.1)  # and the tick during which it was opened
        self.near.receive(out)
        self.near.counters = SpanCounters()

    def carry(self) -> None:
        self.near.wait(0.1)
        self.far.wait(0.1)

    def step_alone(self) -> tuple[bool, Octets, bool]:
        self.near.transmit(idle())
        self.near.wait(TICK_S * 1.25)
        return self.take(self.near)


def driver_opener(_: Path) -> Opener:
    def open_end(end: str, options: SpanOptions, clock: Callable[[], float]) -> Span:
        driver.load_once(driver.LOCAL + (driver.CAS if options.d_channel is None else driver.PRI) + driver.ZONES)
        return open_span({"near": "dahdi:1", "far": "dahdi:2"}[end], options, clock=clock)

    return open_end


OPENERS: dict[str, Callable[[Path], Opener]] = {
    "sim": sim_opener,
    "tdmoe-1": tdmoe_opener(1),
    "tdmoe-20": tdmoe_opener(20),
}
CANNOT_OPEN_HERE: dict[str, str] = {}
if driver.installed():  # the others are held to the contract where they are developed
    OPENERS = {"dahdi": driver_opener}
else:
    CANNOT_OPEN_HERE["dahdi"] = "the DAHDI driver is not installed here; make test-dahdi runs this in QEMU"


def lay(backend: str, folder: Path, options: SpanOptions = SpanOptions()) -> Line:  # noqa: B008 - frozen
    """A line of a kind of backend."""
    kind = DriverLine if backend == "dahdi" else Line
    return kind(OPENERS[backend](folder), options)
