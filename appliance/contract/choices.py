# SPDX-License-Identifier: GPL-2.0-or-later
"""Choices of agents by queues: enough to explain one, and to make it again."""

from typing import Literal

import msgspec

Strategy = Literal[
    "longest_idle",
    "ring_all",
    "round_robin",
    "fewest_calls",
    "least_talk",
    "least_occupied",
    "linear",
    "random",
    "skill",
]
"""Which of the idle agents is rung. ring_all: all of them at once; linear: the first in the queue's list; skill: the
highest level. Of agents that are equal, the one who is idle longest."""

WhyNot = Literal[
    "signed_out", "paused", "offered", "talking", "wrap_up", "unreachable", "no_phone", "skill", "reserve", "alone"
]
"""Why an agent of the queue was no candidate. reserve: of the reserve, and the predicted wait was not long enough;
alone: the caller waits for another agent."""

Rivals = tuple[tuple[int, str, int], ...]
"""Callers who could be served at once: call, queue and order of each."""


class Choice(msgspec.Struct, frozen=True, omit_defaults=True):
    """A choice of the agents who are rung for a caller.

    Attributes:
        candidates: agents who could be rung, idle longest first.
        figures: what the strategy compares, of each candidate; the lowest is rung. Calls and ticks are of today, the
            part of the time occupied is in thousandths, levels are negative. Empty if the time idle alone decides.
        drawn: place among the candidates drawn by chance, from 0; only for random.
        chosen: the agents who are rung.
        passed: why each other agent of the queue was no candidate.
        rivals: if callers of several queues could be served, those, each with the queue and the order: the lowest is
            served, of equal ones the lowest call. The order is the tick of coming, less what priorities are worth; of
            queues with different targets, minus the wait in thousandths of the target.
        step: how many steps of the queue the caller has reached.
    """

    strategy: Strategy
    candidates: tuple[str, ...]
    figures: tuple[int, ...] = ()
    drawn: int = 0
    chosen: tuple[str, ...] = ()
    passed: dict[str, WhyNot] = {}
    rivals: Rivals = ()
    step: int = 0
