# SPDX-License-Identifier: GPL-2.0-or-later
"""Teletraffic theory of a trunk group and of a queue, and the intervals of what is measured.

Erlang's loss formula (ITU-T E.501, E.521) for Poisson arrivals on N channels without waiting; it holds for any
distribution of holding times. Calls that are blocked come in clusters (all are offered while the group is full), so the
interval of a blocked share comes from batch means; the binomial one, which takes calls as independent, stands beside it
and is mostly too narrow.

A queue: Poisson arrivals, agents who need exponential times for a call, first come first served. Callers who wait for
ever: Erlang's delay formula (ITU-T E.501); callers whose patience is exponential: C. Palm's M/M/n+M, also called
Erlang A (Mandelbaum and Zeltyn, "The Palm/Erlang-A queue, with applications to call centers", 2005).
"""

from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import msgspec
import numpy as np
from scipy.special import stdtrit

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


class Waiting(msgspec.Struct, frozen=True):
    """A queue in balance, as its callers find it: shares are of all callers, the wait is the mean of all, in seconds.

    `states`: the probability of 0, 1, 2 ... callers in talk or waiting.
    """

    waits: float
    wait_s: float
    abandons: float
    states: tuple[float, ...]


def erlang_c(erlangs: float, agents: int, talk_s: float) -> Waiting:
    """Return the queue of callers who wait for ever; `erlangs` is below the number of agents."""
    if not 0 < erlangs < agents:
        raise ValueError(f"{erlangs} erlangs are not between 0 and {agents} agents: the queue grows without end")
    return _birth_death(erlangs, agents, talk_s, 0.0)


def erlang_a(erlangs: float, agents: int, talk_s: float, patience_s: float) -> Waiting:
    """Return the queue of callers who hang up when they have waited for their patience, `patience_s` in the mean."""
    return _birth_death(erlangs, agents, talk_s, talk_s / patience_s)


_RARE: Final = 1e-15
_MOST: Final = 1_000_000


def _birth_death(erlangs: float, agents: int, talk_s: float, impatience: float) -> Waiting:
    """Return the balance of births of rate `erlangs` and deaths, both a mean talk; states that are too rare are cut."""
    weights = [1.0, *accumulate((erlangs / n for n in range(1, agents + 1)), lambda weight, ratio: weight * ratio)]
    most = max(weights)
    for n in range(1, _MOST):
        weights.append(weights[-1] * erlangs / (agents + n * impatience))
        if weights[-1] < _RARE * most:
            break
    states = np.asarray(weights) / sum(weights)
    queue = float(states[agents:] @ np.arange(len(states) - agents))
    waits = float(states[agents:].sum())
    return Waiting(waits, queue / erlangs * talk_s, queue * impatience / erlangs, tuple(states.tolist()))


def mean_interval(values: Sequence[float], confidence: float) -> tuple[float, float]:
    """Return Student's interval of the mean of independent values, such as the means of independent days."""
    quantile = float(stdtrit(len(values) - 1, (1 + confidence) / 2))
    half = quantile * float(np.std(values, ddof=1)) / len(values) ** 0.5
    return float(np.mean(values)) - half, float(np.mean(values)) + half


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
