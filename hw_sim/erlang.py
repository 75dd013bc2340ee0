# SPDX-License-Identifier: GPL-2.0-or-later
"""Teletraffic theory of a trunk group, and the intervals of a measured share.

Erlang's loss formula (ITU-T E.501, E.521) for Poisson arrivals on N channels without waiting; it holds for any
distribution of holding times. Calls that are blocked come in clusters (all are offered while the group is full), so the
interval of a blocked share comes from batch means; the binomial one, which takes calls as independent, stands beside it
and is mostly too narrow.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

_STUDENT_975: Final = 2.262
"""Quantile 0.975 of Student's t with `BATCHES` - 1 degrees of freedom."""
_NORMAL_975: Final = 1.960
BATCHES: Final = 10


class Share(msgspec.Struct, frozen=True):
    """A measured share with its 95 % intervals."""

    value: float
    low: float
    high: float
    binomial_low: float
    binomial_high: float


def erlang_b(erlangs: float, channels: int) -> float:
    """Return the probability that a call finds all `channels` busy at an offered traffic of `erlangs`."""
    if erlangs <= 0:
        return 0.0
    inverse = 1.0
    for n in range(1, channels + 1):
        inverse = 1.0 + inverse * n / erlangs
    return 1.0 / inverse


def blocked_share(blocked: Sequence[bool]) -> Share:
    """Return the share of blocked calls, given in order of arrival, with its batch-means and its binomial interval."""
    n = len(blocked)
    if n == 0:
        return Share(0.0, 0.0, 1.0, 0.0, 1.0)
    value = sum(blocked) / n
    binomial_low, binomial_high = _wilson(value, n)
    if n < 10 * BATCHES:
        return Share(value, binomial_low, binomial_high, binomial_low, binomial_high)
    means = [float(np.mean(batch)) for batch in np.array_split(np.asarray(blocked, dtype=float), BATCHES)]
    half = _STUDENT_975 * float(np.std(means, ddof=1)) / BATCHES**0.5
    low, high = max(0.0, value - half), min(1.0, value + half)
    # Ten batches that agree by chance must not claim more than independent calls could.
    return Share(value, min(low, binomial_low), max(high, binomial_high), binomial_low, binomial_high)


def _wilson(p: float, n: int) -> tuple[float, float]:
    """Return Wilson's score interval: right also where none or all were blocked."""
    z2 = _NORMAL_975**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _NORMAL_975 / (1 + z2 / n) * (p * (1 - p) / n + z2 / (4 * n * n)) ** 0.5
    return max(0.0, centre - half), min(1.0, centre + half)
