# SPDX-License-Identifier: GPL-2.0-or-later
"""`make bench-dahdi`: 93 channels of three spans in and out of the driver, 5 minutes (or MXBOX_BENCH_S).

The host numbers every octet that it sends, the guest gives back what it hears, and the host compares.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pytest

from drivers.clock import TickClock
from drivers.span import TICK_S, TICK_SAMPLES, TIMESLOTS, Octets, Span, SpanOptions
from drivers.spans import open_span
from tests.dahdi.machine import Machine, cpu_s, far_mac
from tests.dahdi.stage import NETWORK

SPANS = 3
SECONDS = float(os.environ.get("MXBOX_BENCH_S", "300"))
SETTLE_TICKS = 100
FARTHEST = 50 * TICK_SAMPLES


def numbered(begin: int, octets: int) -> Octets:
    """Octets `begin` and following of what is sent: a sequence in which no two places of a second look alike."""
    places = np.arange(begin, begin + octets, dtype=np.int64)
    return (((places * 2654435761) >> 13) & 0xFF).astype(np.uint8)


@dataclass
class Ear:
    """Compares what one span brings back with what was sent, channel by channel."""

    span: Span
    delay: list[int | None] = field(default_factory=lambda: [None] * TIMESLOTS)
    good: int = 0
    lost: int = 0

    def hear(self, tick: int, heard: Octets) -> None:
        for row, octets in enumerate(heard):
            end = (tick + 1) * TICK_SAMPLES
            delay = self.delay[row]
            if delay is not None and (octets == numbered(end - TICK_SAMPLES - delay, TICK_SAMPLES)).all():
                self.good += 1
            else:
                self.lost += delay is not None
                self.delay[row] = self._find(octets, end)

    @staticmethod
    def _find(octets: Octets, end: int) -> int | None:
        place = numbered(end - FARTHEST, FARTHEST).tobytes().rfind(octets.tobytes())
        return FARTHEST - TICK_SAMPLES - place if place >= 0 else None


@pytest.fixture
def carried(machine: Machine) -> Iterator[list[Span]]:
    lines = "".join(f"dynamic=eth,eth{n - 1}/{far_mac(n)}/0,{TIMESLOTS},{n}\n" for n in range(1, SPANS + 1))
    text = f"{lines}bchan=1-{SPANS * TIMESLOTS}\n"
    machine.run("sh", "-c", f"{NETWORK}; printf %s '{text}' >/etc/dahdi/system.conf")
    machine.run("sh", "-c", "modprobe dahdi auto_assign_spans=1; modprobe dahdi_dynamic_eth; dahdi_cfg")
    spans = [open_span(machine.tdmoe(n), SpanOptions(d_channel=None)) for n in range(1, SPANS + 1)]
    yield spans
    for span in spans:
        span.close()


def test_every_channel_in_and_out(machine: Machine, carried: list[Span]) -> None:
    job = machine.start(["python3.11", "-m", "tests.dahdi.carry", str(SPANS)])
    clock, ears = TickClock(), [Ear(span) for span in carried]
    heard = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
    tick = began = 0
    cpu = 0.0
    while not began or (tick - began) * TICK_S < SECONDS:
        for _ in range(clock.wait()):
            octets = np.broadcast_to(numbered(tick * TICK_SAMPLES, TICK_SAMPLES), (TIMESLOTS, TICK_SAMPLES))
            for ear in ears:
                ear.span.receive(heard)
                ear.span.transmit(octets)
                if began and tick > began + SETTLE_TICKS:
                    ear.hear(tick, heard)
            tick += 1
        assert not machine.ended(job), job.lines
        if not began and "carrying" in job.lines:
            began, cpu = tick, cpu_s(machine.pid)
    used = (cpu_s(machine.pid) - cpu) / SECONDS
    machine.signal(job)
    machine.wait(job, 30)
    told = json.loads(job.lines[-1])
    lost, good = sum(ear.lost for ear in ears), sum(ear.good for ear in ears)
    print(f"\n{SPANS * TIMESLOTS} channels, {SECONDS:g} s: {good} blocks as they were sent, {lost} lost or torn")
    print(f"in the guest: {told}; QEMU {100 * used:.0f} % of a core; the host's clock late {clock.late}")
    print(
        "on the host:", *(f"slips {ear.span.counters.slips_repeated}/{ear.span.counters.slips_dropped}" for ear in ears)
    )
    assert good > 0.98 * SPANS * TIMESLOTS * (SECONDS / TICK_S - SETTLE_TICKS)
    assert lost == 0
