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


def weigh(strategy: Strategy, candidates: list[Candidate], chance: Callable[[], float]) -> Choice:
    """Return what a choice is made from; `candidates` idle longest first, `chance`: a number from 0 up to 1."""
    agents = tuple([candidate.agent for candidate in candidates])
    if strategy == "random":
        return Choice(strategy, agents, drawn=int(chance() * len(agents)))
    figure = FIGURES.get(strategy)
    return Choice(strategy, agents, tuple(map(figure, candidates)) if figure is not None else ())


def choose(choice: Choice) -> tuple[str, ...]:
    """Return the agents who are rung: one, or with `ring_all` all candidates. Of equal ones, the one idle longest."""
    if choice.strategy == "ring_all":
        return choice.candidates
    lowest = choice.figures.index(min(choice.figures)) if choice.figures else choice.drawn
    return (choice.candidates[lowest],)
