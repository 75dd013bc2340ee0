# SPDX-License-Identifier: GPL-2.0-or-later
"""A far end in a process of its own, on a clock of its own: sends numbered ticks and frames until it is killed.

Used as ``python -m tests.drivers.tdmoe_far_end ADDRESS PPM``.
"""

import sys

import numpy as np

from drivers.clock import TickClock
from drivers.span import TICK_SAMPLES, TIMESLOTS, SpanOptions
from drivers.spans import open_span


def main(address: str, ppm: float) -> None:
    """Tick for ever; the octets of every tick are the number of ticks, and each frame is answered with itself."""
    out, number = np.empty((TIMESLOTS, TICK_SAMPLES), np.uint8), 0
    with open_span(address, SpanOptions(red_after_s=0.3)) as span:
        clock = TickClock(ppm=ppm)
        while True:
            for _ in range(clock.wait()):
                number += 1
                span.receive(out)
                for frame in span.frames():
                    span.send_frame(frame)
                out.fill(number & 0x7F)
                span.transmit(out)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
