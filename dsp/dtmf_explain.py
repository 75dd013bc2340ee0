# SPDX-License-Identifier: GPL-2.0-or-later
"""Reasons why a sound was not taken as a key, for a technician with a recording; none of it runs in the tick."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

import numpy as np

from dsp.dtmf import DtmfDetector, KeyEnd, KeyStart
from dsp.dtmf_look import PIECE, WINDOW, Limits, Look, accept, look
from dsp.keypad import FREQUENCIES, HIGH_HZ, KEYS, LOW_HZ
from dsp.levels import TICK_SAMPLES, Float
from dsp.spectrum import tone_level_dbm0

_SPAN: Final = 3 * TICK_SAMPLES
_MIN_SHARE: Final = 0.35  # share of the power in a pair below which no key was meant
_QUIET: Final = np.float32(1e-7)  # mean square (-64 dBm0) below which sound is skipped
_HARMONIC_DB: Final = 12.0
_APART: Final = 800  # samples between two near misses of one key


class Reason(Enum):
    """Reason against a key."""

    LEVEL = "too faint"
    OFF_FREQUENCY = "off frequency"
    TWIST = "twist"
    SHORT = "too short or broken"
    SECOND_HARMONIC = "second harmonic"
    NOISE = "noise or speech"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A sound like `key` around `at_sample` that was not taken, and all reasons against it."""

    key: str
    at_sample: int
    reasons: tuple[Reason, ...]
    purity: float
    off_hz: tuple[float, float]
    level_dbm0: tuple[float, float]
    twist_db: float


def near_misses(x: Float, limits: Limits | None = None) -> list[NearMiss]:
    """Return all sounds in `x` [n] (float32, 8 kHz) that resembled a key and were not taken as one, in order."""
    limits = limits or Limits()
    padded = np.concatenate([np.zeros(_SPAN, np.float32), x, np.zeros(_SPAN - len(x) % TICK_SAMPLES, np.float32)])
    taken = _taken(padded, limits)
    found: list[NearMiss] = []
    last = 0
    for at in range(0, len(padded) - _SPAN, TICK_SAMPLES):
        miss = _judge(padded[at : at + _SPAN], at, limits)
        if miss is None or any(a - _SPAN <= miss.at_sample <= b + _SPAN for a, b in taken):
            continue
        same = found and found[-1].key == miss.key and miss.at_sample - last < _APART
        last = miss.at_sample
        if same:
            if miss.purity > found[-1].purity:
                found[-1] = miss
        else:
            found.append(miss)
    return [_shifted(miss) for miss in found]


def _judge(x: Float, origin: int, limits: Limits) -> NearMiss | None:
    """Return the pair that stands out in these 60 ms, when it is not a key."""
    middle = x[TICK_SAMPLES : 2 * TICK_SAMPLES]
    power = float(np.mean(np.square(middle)))
    if power < _QUIET:
        return None
    low = int(np.argmax([tone_level_dbm0(middle, f) for f in LOW_HZ]))
    high = int(np.argmax([tone_level_dbm0(middle, f) for f in HIGH_HZ]))
    pair = np.array([4 * low + high])
    best = look(x[None], pair, np.zeros(1, np.intp))
    if best.pieces[0].sum(axis=1).mean() < _MIN_SHARE * np.mean(np.square(x)) or accept(best, pair, limits)[0]:
        return None
    key, off, level = KEYS[pair[0]], best.off_hz[0], best.level_dbm0[0]
    start = int(best.start[0]) * PIECE
    return NearMiss(
        key=key,
        at_sample=origin + start,
        reasons=tuple(_reasons(best, key, x[start : start + WINDOW * PIECE], limits)),
        purity=float(best.purity[0]),
        off_hz=(float(off[0]), float(off[1])),
        level_dbm0=(float(level[0]), float(level[1])),
        twist_db=float(best.twist_db[0]),
    )


def _reasons(best: Look, key: str, window: Float, limits: Limits) -> list[Reason]:
    twist = float(best.twist_db[0])
    tolerance = limits.off_share * np.array(FREQUENCIES[key]) + limits.off_hz
    found = []
    if (best.level_dbm0[0] < limits.min_level_dbm0).any():
        found.append(Reason.LEVEL)
    if (np.abs(best.off_hz[0]) > tolerance).any():
        found.append(Reason.OFF_FREQUENCY)
    if not limits.min_twist_db <= twist <= limits.max_twist_db:
        found.append(Reason.TWIST)
    if best.steady[0] < limits.steady:
        found.append(Reason.SHORT)
    elif best.purity[0] < limits.purity:
        above = [tone_level_dbm0(window, 2 * f) - tone_level_dbm0(window, f) for f in FREQUENCIES[key]]
        found.append(Reason.SECOND_HARMONIC if max(above) > -_HARMONIC_DB else Reason.NOISE)
    return found


def _taken(x: Float, limits: Limits) -> list[tuple[int, int]]:
    """Return begin and end, in samples, of every key that the detector takes."""
    detector = DtmfDetector(1, limits)
    whole = x[: len(x) // TICK_SAMPLES * TICK_SAMPLES].reshape(-1, 1, TICK_SAMPLES)
    events = [event for tick in whole for event in detector.feed(tick)]
    starts = [event.at_sample for event in events if isinstance(event, KeyStart)]
    ends = [event.at_sample for event in events if isinstance(event, KeyEnd)]
    return list(zip(starts, [*ends, *[len(x)] * (len(starts) - len(ends))], strict=True))


def _shifted(miss: NearMiss) -> NearMiss:
    """Return it counted from the recording's first sample."""
    return NearMiss(
        miss.key,
        max(miss.at_sample - _SPAN, 0),
        miss.reasons,
        miss.purity,
        miss.off_hz,
        miss.level_dbm0,
        miss.twist_db,
    )
