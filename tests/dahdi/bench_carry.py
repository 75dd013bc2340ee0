# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench-dahdi`: 93 channels of three spans in and out of the driver, 5 minutes (or MXBOX_BENCH_S).

The host numbers every octet that it sends, the guest gives back what it hears, and the host compares. The line runs at
the pace of the host's clock; but that stands still while the guest is behind: when a busy host takes the processor from
QEMU it stops what is done in the guest, and not the time, and the driver then loses octets that no line would lose. How
long it stood still is told, beside the ticks whose work took the guest longer than a tick.
"""

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from drivers.clock import TickClock
from drivers.span import TICK_S, TICK_SAMPLES, TIMESLOTS, Octets, Span, SpanOptions
from drivers.spans import open_span
from tests.dahdi.machine import HOST_IP, Job, Machine, cpu_s, far_mac
from tests.dahdi.stage import NETWORK

SPANS = 3
SECONDS = float(os.environ.get("MXBOX_BENCH_S", "300"))
SETTLE_TICKS = 100
FARTHEST = 50 * TICK_SAMPLES
ON_THE_WAY = 4
"""Ticks that the guest may be behind. What lies ready to leave in it (`carry.AHEAD`) covers them all."""
NOTHING_S = 10.0
CALM_S = 0.4
"""Enough for a busy host, and less than what makes the driver take the line for dead."""


def numbered(begin: int, octets: int) -> Octets:
    """Octets `begin` and following of what is sent: a sequence in which no two places of a second look alike."""
    places = np.arange(begin, begin + octets, dtype=np.int64)
    return (((places * 2654435761) >> 13) & 0xFF).astype(np.uint8)


@dataclass
class Ear:
    """Compares what one span brings back with what was sent, channel by channel."""

    span: Span
    heard: Octets = field(default_factory=lambda: np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8))
    delay: list[int | None] = field(default_factory=lambda: [None] * TIMESLOTS)
    good: int = 0
    lost: list[int] = field(default_factory=list)
    """The tick of each block that is not as it was sent."""

    def listen(self, tick: int) -> None:
        """Look at what was heard in a tick."""
        end = (tick + 1) * TICK_SAMPLES
        together = self.delay[0]
        as_ever = together is not None and self.delay == [together] * TIMESLOTS
        if as_ever and (self.heard == numbered(end - TICK_SAMPLES - (together or 0), TICK_SAMPLES)).all():
            self.good += TIMESLOTS
            return
        for row, octets in enumerate(self.heard):
            self._listen_to(row, octets, tick)

    def _listen_to(self, row: int, octets: Octets, tick: int) -> None:
        end = (tick + 1) * TICK_SAMPLES
        delay = self.delay[row]
        if delay is not None and (octets == numbered(end - TICK_SAMPLES - delay, TICK_SAMPLES)).all():
            self.good += 1
        else:
            self.lost += [tick] * (delay is not None)
            self.delay[row] = self._find(octets, end)

    @staticmethod
    def _find(octets: Octets, end: int) -> int | None:
        place = numbered(end - FARTHEST, FARTHEST).tobytes().rfind(octets.tobytes())
        return FARTHEST - TICK_SAMPLES - place if place >= 0 else None


class FarEnd:
    """The other end of all spans: sends at the pace of its clock, which waits for the guest when that is behind."""

    def __init__(self, spans: list[Span]) -> None:
        self.ears = [Ear(span) for span in spans]
        self.tick = 0
        self.compares_from = 1 << 62
        self.stood_s = self.longest_s = 0.0
        self._clock = TickClock()
        self._teller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._teller.bind((HOST_IP, 0))
        self._teller.settimeout(NOTHING_S)
        self._before: int | None = None
        self._carried = 0

    @property
    def port(self) -> int:
        """Where the guest is to tell how many ticks it has carried."""
        return int(self._teller.getsockname()[1])

    @property
    def late(self) -> int:
        """Ticks that this end sent late, for want of the host's processor."""
        return self._clock.late

    def run(self) -> None:
        """Do the ticks that are due, at least one."""
        for _ in range(self._clock.wait()):
            if self._before is not None:
                self._wait_for_the_guest(self._before)
            for ear in self.ears:
                ear.span.receive(ear.heard)
            self._transmit()
            if self.tick > self.compares_from:
                for ear in self.ears:
                    ear.listen(self.tick - 1)

    def begin(self) -> None:
        """The guest carries from now on: let all come to rest, so that no more is on the way than is meant to be.

        The driver sends by its own clock while nothing comes, so at first there is more.
        """
        self._teller.settimeout(CALM_S)
        with contextlib.suppress(TimeoutError):
            while True:
                self._carried = int(self._teller.recv(100))
        self._teller.settimeout(NOTHING_S)
        self._before = self.tick - self._carried
        for ear in self.ears:
            while ear.span.wait(0.0):
                ear.span.receive(ear.heard)
        for _ in range(ON_THE_WAY):
            self._transmit()
        self._clock.restart()

    def close(self) -> None:
        """Close all spans."""
        self._teller.close()
        for ear in self.ears:
            ear.span.close()

    def _transmit(self) -> None:
        octets = np.broadcast_to(numbered(self.tick * TICK_SAMPLES, TICK_SAMPLES), (TIMESLOTS, TICK_SAMPLES))
        for ear in self.ears:
            ear.span.transmit(octets)
        self.tick += 1

    def _wait_for_the_guest(self, before: int) -> None:
        begun = time.monotonic()
        while self.tick - before - self._carried > ON_THE_WAY:
            self._carried = int(self._teller.recv(100))
        for ear in self.ears:
            assert ear.span.wait(NOTHING_S), f"{ear.span.address}: nothing comes back"
        stood_s = time.monotonic() - begun
        if stood_s > TICK_S / 10:
            self.stood_s += stood_s
            self.longest_s = max(self.longest_s, stood_s)
            self._clock.restart()


@pytest.fixture
def far_end(machine: Machine) -> Iterator[FarEnd]:
    lines = "".join(f"dynamic=eth,eth{n - 1}/{far_mac(n)}/0,{TIMESLOTS},{n}\n" for n in range(1, SPANS + 1))
    text = f"{lines}bchan=1-{SPANS * TIMESLOTS}\n"
    machine.run("sh", "-c", f"{NETWORK}; printf %s '{text}' >/etc/dahdi/system.conf")
    machine.run("sh", "-c", "modprobe dahdi auto_assign_spans=1; modprobe dahdi_dynamic_eth; dahdi_cfg")
    # Never more is in hand than is on the way, so with this target no tick is ever dropped here.
    addresses = [f"{machine.tdmoe(n)}&target={ON_THE_WAY}" for n in range(1, SPANS + 1)]
    far_end = FarEnd([open_span(address, SpanOptions(d_channel=None)) for address in addresses])
    yield far_end
    far_end.close()


def carry(machine: Machine, far_end: FarEnd) -> tuple[Job, float]:
    """Run the guest's echo of all octets for so long; return it with QEMU's share of a core."""
    job = machine.start(["python3.11", "-m", "tests.dahdi.carry", str(SPANS), HOST_IP, str(far_end.port)])

    def run(ticks: int) -> None:
        for _ in range(ticks):
            far_end.run()
            assert not machine.ended(job), job.lines

    while "carrying" not in job.lines:
        run(1)
    far_end.begin()
    run(SETTLE_TICKS)
    begun, cpu = time.monotonic(), cpu_s(machine.pid)
    far_end.compares_from, far_end.stood_s, far_end.longest_s = far_end.tick, 0.0, 0.0
    while far_end.tick < far_end.compares_from + round(SECONDS / TICK_S):
        run(1)
    return job, (cpu_s(machine.pid) - cpu) / (time.monotonic() - begun)


def test_every_channel_in_and_out(machine: Machine, far_end: FarEnd) -> None:
    job, used = carry(machine, far_end)
    machine.signal(job)
    machine.wait(job, 30)
    told = json.loads(job.lines[-1])
    good, lost = sum(ear.good for ear in far_end.ears), sum(len(ear.lost) for ear in far_end.ears)
    print(f"\n{SPANS * TIMESLOTS} channels, {SECONDS:g} s: {good} blocks as they were sent, {lost} lost or torn")
    print(f"in the guest: {told}; QEMU {100 * used:.0f} % of a core")
    stood = f"{far_end.stood_s:.2f} s in all, {far_end.longest_s:.2f} s at once"
    print(f"the line's clock stood still for {stood}, and was late for {far_end.late} ticks")
    for ear in far_end.ears:
        for tick in sorted(set(ear.lost)):
            print(f"{ear.span.address}: {ear.lost.count(tick)} after {(tick - far_end.compares_from) * TICK_S:.2f} s")
    assert lost == 0
    assert good >= SPANS * TIMESLOTS * (round(SECONDS / TICK_S) - 1)  # the first shows how far back each channel hears
