# SPDX-License-Identifier: GPL-2.0-or-later
"""Meaning of a span's alarms and counters for a technician: a pure function, in words at `mxbox spans`.

Alarms after ETSI EN 300 011 and G.775; bit errors by their counters (G.704, G.706); slips after G.822.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from drivers.span import Alarm, Loss

Counters = Mapping[str, int | None]
Verdict = Literal[
    "in_service",
    "looped",
    "all_ones",
    "no_signal",
    "no_framing",
    "no_multiframes",
    "dead",
    "yellow",
    "d_channel_broken",
    "d_channel_refused",
    "d_channel_silent",
    "slips_far_clock",
    "slips_own_clock",
    "free_running",
    "bit_errors",
    "far_bit_errors",
    "frames_lost",
    "d_channel_errors",
    "irq_misses",
]

SLIPS_RISE: Final = 2
"""Slips in the time looked at: one alone may happen in an hour between good clocks (G.822, category a)."""
BROKEN_FRAMES: Final = 3
"""D-channel frames with errors from which on the channel, and not a hit on the line, is at fault."""


@dataclass(frozen=True)
class Look:
    """A span at one moment. `clock` as configured; `d_channel_up` None: this signalling has none."""

    alarms: Alarm
    d_channel_up: bool | None
    clock: str
    counters: Counters
    loss: Loss | None = None
    clock_source: int | None = None


def judge(now: Look, before: Counters) -> tuple[Verdict, ...]:
    """Return the meaning of a span's state, the worst first; 'in_service' first where calls can be set up.

    Args:
        now: the present state.
        before: its counters some time ago; a counter missing there is taken as not having grown.
    """
    grown = growth(now.counters, before)
    if alarmed := _alarmed(now, grown):
        return alarmed
    if now.d_channel_up is False:
        return (_d_channel(grown),)
    return ("in_service", *_quality(now, grown))


def growth(now: Counters, before: Counters) -> dict[str, int]:
    """Return the growth of each known counter; a driver that began again at 0 has not gone backwards."""
    pairs = ((name, count, before.get(name)) for name, count in now.items())
    return {name: max(0, count - was) for name, count, was in pairs if count is not None and was is not None}


def _sum(grown: Mapping[str, int], *names: str) -> int:
    return sum(grown.get(name, 0) for name in names)


def _alarmed(now: Look, grown: Mapping[str, int]) -> tuple[Verdict, ...]:
    if Alarm.LOOPBACK in now.alarms:
        return ("looped",)
    if Alarm.BLUE in now.alarms:  # a framer that sees all ones is in RED as well, as there are no frames in them
        return ("all_ones",)
    if Alarm.RED in now.alarms:
        return (_red(now.loss, grown),)
    if Alarm.YELLOW in now.alarms:
        return ("yellow", *_errors(grown))
    return ()


def _red(loss: Loss | None, grown: Mapping[str, int]) -> Verdict:
    if loss is Loss.SIGNAL:
        return "no_signal"
    if loss is Loss.MULTIFRAMES:
        return "no_multiframes"
    if loss is Loss.FRAMES or _sum(grown, "code_violations", "crc4_errors", "framing_errors"):
        return "no_framing"  # something arrives, as it is counted
    return "dead"


def _d_channel(grown: Mapping[str, int]) -> Verdict:
    if _sum(grown, "hdlc_bad_fcs", "hdlc_aborted") >= BROKEN_FRAMES:
        return "d_channel_broken"
    return "d_channel_refused" if grown.get("hdlc_frames") else "d_channel_silent"


def _quality(now: Look, grown: Mapping[str, int]) -> Iterator[Verdict]:
    """Yield the faults of a line that carries calls."""
    if _sum(grown, "slips_repeated", "slips_dropped", "timing_slips") >= SLIPS_RISE:
        yield "slips_far_clock" if now.clock == "far" else "slips_own_clock"
    if now.clock == "far" and now.clock_source == 0:
        yield "free_running"
    yield from _errors(grown)


def _errors(grown: Mapping[str, int]) -> Iterator[Verdict]:
    if _sum(grown, "code_violations", "crc4_errors", "framing_errors"):
        yield "bit_errors"
    if grown.get("e_bits"):
        yield "far_bit_errors"
    if _sum(grown, "frames_lost", "frames_malformed"):
        yield "frames_lost"
    if _sum(grown, "hdlc_bad_fcs", "hdlc_aborted") >= BROKEN_FRAMES:
        yield "d_channel_errors"
    if grown.get("irq_misses"):
        yield "irq_misses"
