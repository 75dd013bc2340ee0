# SPDX-License-Identifier: GPL-2.0-or-later
"""Box time: integer ticks of 20 ms, counted by the line clock, never set back, still while the switch is down."""

from functools import lru_cache

TICKS_PER_S = 50
MS_PER_TICK = 20


@lru_cache(maxsize=256)
def ticks(seconds: float) -> int:
    """Return seconds as the nearest tick, at least one for any time above zero."""
    return max(1, round(seconds * TICKS_PER_S)) if seconds > 0 else 0


def seconds(n: int) -> float:
    """Return ticks as seconds."""
    return n / TICKS_PER_S
