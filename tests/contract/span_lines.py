# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines with a span at each end, one kind per backend, for the contract's tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from drivers.sim import SimLines
from drivers.span import IDLE_BYTE, TICK_S, TICK_SAMPLES, TIMESLOTS, Octets, Span, SpanOptions
from drivers.spans import open_span

Opener = Callable[[str, SpanOptions, Callable[[], float]], Span]
"""Opens one end: ("near" or "far", options, clock)."""


def numbered(tick: int) -> Octets:
    """A tick whose every octet tells its number, timeslot and place, as far as eight bits go."""
    rows, places = np.arange(TIMESLOTS)[:, None], np.arange(TICK_SAMPLES)
    return ((tick * 37 + rows * 5 + places * 3) & 0xFF).astype(np.uint8)


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

    def settle(self, ticks: int = 8) -> None:
        """Let the first ticks pass, until both ends hear each other."""
        for _ in range(ticks):
            self.step()

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
    """What both ends took in one step."""

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


OPENERS: dict[str, Callable[[Path], Opener]] = {
    "sim": sim_opener,
    "tdmoe-1": tdmoe_opener(1),
    "tdmoe-20": tdmoe_opener(20),
}
CANNOT_OPEN_HERE: dict[str, str] = {}
if not Path("/dev/dahdi/channel").exists():
    CANNOT_OPEN_HERE["dahdi"] = "no DAHDI driver is loaded here: /dev/dahdi/channel is missing"
