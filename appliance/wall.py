# SPDX-License-Identifier: GPL-2.0-or-later
"""The one place that reads the wall clock. Its readings label records; no length of time is ever computed from them.

A clock that is set, jumps or runs backwards changes labels and nothing else: lengths are counted in box time.
"""

import time
from collections.abc import Callable

from appliance.contract.ticks import MS_PER_TICK

Wall = Callable[[int], int]
"""Clock of labels: Unix milliseconds UTC of an event that happens now, at a tick of box time."""


def system_wall(_tick: int) -> int:
    """Read the machine's clock."""
    return time.time_ns() // 1_000_000


def lockstep_wall(epoch_ms: int) -> Wall:
    """Return a clock for runs faster than real time: `epoch_ms` at tick 0, then in step with box time.

    Its labels are the same in every run.
    """
    return lambda tick: epoch_ms + tick * MS_PER_TICK
