# SPDX-License-Identifier: GPL-2.0-or-later
"""Strategies of queues: which of the candidates are rung. Pure functions."""

from collections.abc import Callable
from typing import Final, NamedTuple

from appliance.contract.choices import Choice, Strategy


class Candidate(NamedTuple):
    """An agent who could be rung, with all that strategies compare.

    Attributes:
        place: in the queue's list of agents, from 0.
        behind: how far the agent comes behind the one rung last, in that list.
        calls: of queues that the agent answered today.
        talk: ticks in talk today.
        occupied: time in talk and wrap-up, in thousandths of the time signed in today.
        level: sum of the levels in the skills that the queue needs.
    """

    agent: str
    place: int
    behind: int
    calls: int
    talk: int
    occupied: int
    level: int


FIGURES: Final[dict[Strategy, Callable[[Candidate], int]]] = {
    "round_robin": lambda candidate: candidate.behind,
    "fewest_calls": lambda candidate: candidate.calls,
    "least_talk": lambda candidate: candidate.talk,
    "least_occupied": lambda candidate: candidate.occupied,
    "linear": lambda candidate: candidate.place,
    "skill": lambda candidate: -candidate.level,
}
"""Figure of a candidate, by strategy: the lowest is rung. Strategies that are not here compare none."""


def choose(
    strategy: Strategy, candidates: tuple[str, ...], figures: tuple[int, ...] = (), drawn: int = 0
) -> tuple[str, ...]:
    """Return the agents who are rung, one or with `ring_all` all candidates; for the arguments see `Choice`.

    Of candidates with equal figures the one idle longest is rung.
    """
    if strategy == "ring_all":
        return candidates
    return (candidates[figures.index(min(figures)) if figures else drawn],)


def again(choice: Choice) -> tuple[str, ...]:
    """Return the agents whom the same knowledge chooses."""
    return choose(choice.strategy, choice.candidates, choice.figures, choice.drawn)
