# SPDX-License-Identifier: GPL-2.0-or-later
"""In the guest: gives back on every channel of so many spans what comes in, tick by tick, as the switch would.

`python -m tests.dahdi.carry SPANS`, until SIGTERM; then prints a line of JSON: ticks, late ones, slips, processor time.
"""

import json
import resource
import signal
import sys
import time

import numpy as np

from appliance.switch.line_clock import LineClock
from drivers.span import TICK_SAMPLES, TIMESLOTS, SpanOptions
from drivers.spans import open_span


def main(count: int) -> None:
    """Carry octets until told to stop."""
    stop: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stop.append(number))
    spans = [open_span(f"dahdi:{number}", SpanOptions(d_channel=None)) for number in range(1, count + 1)]
    clock = LineClock(spans, time.monotonic, time.sleep)
    octets = np.zeros((TIMESLOTS, TICK_SAMPLES), np.uint8)
    print("carrying", flush=True)
    while not stop:
        clock.wait()
        for span in spans:
            span.receive(octets)
            span.transmit(octets)
    used = resource.getrusage(resource.RUSAGE_SELF)
    told = {
        "ticks": spans[0].counters.ticks,
        "late": clock.late,
        "repeated": sum(span.counters.slips_repeated for span in spans),
        "dropped": sum(span.counters.slips_dropped for span in spans),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
    }
    print(json.dumps(told), flush=True)
    for span in spans:
        span.close()


if __name__ == "__main__":
    main(int(sys.argv[1]))
