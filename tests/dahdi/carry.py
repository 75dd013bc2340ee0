# SPDX-License-Identifier: GPL-2.0-or-later
"""In the guest: gives back on every channel of so many spans the received octets, a tick at a time, as the switch does.

`python -m tests.dahdi.carry SPANS HOST PORT`, until SIGTERM. After each tick it tells HOST how many it has carried; at
the end it prints a line of JSON: ticks, those whose work took longer than a tick, slips, processor time."""

import json
import resource
import signal
import socket
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from drivers.span import TICK_S, TICK_SAMPLES, TIMESLOTS, Octets, Span, SpanOptions
from drivers.spans import open_span

AHEAD, BUFFERS = 8, 32
"""Ticks that lie ready to leave: all that are on the way may arrive at once when QEMU gets the processor again."""
MOMENT_S = 0.5


@dataclass
class Carrier:
    """Carries, and counts its ticks."""

    spans: list[Span]
    octets: Octets
    ticks: int = 0
    late: int = 0
    longest_ms: float = 0.0

    def begin(self) -> None:
        """Drop the ticks that each span received while the next was opened: its buffers would stay full for ever."""
        for span in self.spans:
            while span.wait(0.0):
                span.receive(self.octets)

    def tick(self) -> None:
        """Wait a moment for a tick of every span, and give it back."""
        if not all(span.wait(MOMENT_S) for span in self.spans):
            return
        begun = time.monotonic()
        for span in self.spans:
            span.receive(self.octets)
            span.transmit(self.octets)
        took_s = time.monotonic() - begun
        self.ticks += 1
        self.late += took_s > TICK_S
        self.longest_ms = max(self.longest_ms, 1000 * took_s)

    def told(self) -> str:
        """Return the result as a line of JSON."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        told = {
            "ticks": self.ticks,
            "late": self.late,
            "longest_ms": round(self.longest_ms, 1),
            "repeated": sum(span.counters.slips_repeated for span in self.spans),
            "dropped": sum(span.counters.slips_dropped for span in self.spans),
            "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        }
        return json.dumps(told)


def main(spans: Iterable[Span], host: tuple[str, int]) -> None:
    """Carry octets until told to stop."""
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stop.append(number))
    carrier = Carrier(list(spans), np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8))
    teller = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    carrier.begin()
    print("carrying", flush=True)
    while not stop:
        carrier.tick()
        teller.sendto(str(carrier.ticks).encode(), host)
    print(carrier.told(), flush=True)


def opened(count: int) -> Iterable[Span]:
    """Open the first spans of the driver."""
    for number in range(1, count + 1):
        yield open_span(f"dahdi:{number}?buffers={BUFFERS}&ahead={AHEAD}", SpanOptions(d_channel=None))


if __name__ == "__main__":
    main(opened(int(sys.argv[1])), (sys.argv[2], int(sys.argv[3])))
