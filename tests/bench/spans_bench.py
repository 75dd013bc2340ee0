# SPDX-License-Identifier: GPL-2.0-or-later
"""Cost of a span: microseconds a tick, both ways, per backend. ``python -m tests.bench.spans_bench``."""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from drivers.hdlc import HdlcReceiver, HdlcTransmitter
from drivers.span import TICK_SAMPLES, TIMESLOTS, Span
from tests.contract.span_lines import OPENERS, Line

TICKS = 1000


def one_end(span: Span, far: Span, octets: np.ndarray) -> list[float]:
    """Seconds of each tick that one end spends in wait, receive and transmit; the far end's work is not counted."""
    out, spent = np.empty((TIMESLOTS, TICK_SAMPLES), np.uint8), []
    for _ in range(TICKS):
        far.transmit(octets)
        begin = time.perf_counter()
        span.wait(0.0)
        span.receive(out)
        span.frames()
        span.transmit(octets)
        spent.append(time.perf_counter() - begin)
        for _ in range(2):  # a queue of ten datagrams has to be emptied more than once a tick
            far.wait(0.0)
            span.wait(0.0)
        far.receive(out)
    return spent


def hdlc() -> tuple[float, float]:
    """Seconds a tick of an idle D channel, and of one full of frames: both directions."""
    times = []
    for frames in (0, 5):
        transmitter, receiver = HdlcTransmitter(), HdlcReceiver()
        begin = time.perf_counter()
        for _ in range(TICKS):
            for _ in range(frames):
                transmitter.send(bytes(range(24)))
            receiver.feed(transmitter.take(TICK_SAMPLES))
        times.append((time.perf_counter() - begin) / TICKS)
    return times[0], times[1]


def main(_argv: list[str] | None = None) -> int:
    """Print the table."""
    octets = np.random.default_rng(1).integers(0, 256, (TIMESLOTS, TICK_SAMPLES)).astype(np.uint8)
    sys.stdout.write(f"{'us a tick, one span, both ways':34}{'p50':>8}{'p99':>8}\n")
    for name, opener in OPENERS.items():
        with tempfile.TemporaryDirectory() as folder:
            line = Line(opener(Path(folder)))
            spent = sorted(one_end(line.near, line.far, octets))
            line.close()
        p50, p99 = statistics.median(spent) * 1e6, spent[TICKS * 99 // 100] * 1e6
        sys.stdout.write(f"{name:34}{p50:8.1f}{p99:8.1f}\n")
    idle, busy = hdlc()
    sys.stdout.write(f"{'HDLC, idle':34}{idle * 1e6:8.1f}\n{'HDLC, five frames a tick':34}{busy * 1e6:8.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
