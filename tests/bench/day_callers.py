# SPDX-License-Identifier: GPL-2.0-or-later
"""Callers of a day, drawn by chance, and the plain queue beside which the box's queues are held.

All that a caller brings along is drawn beforehand: when the call comes, how long the talk takes, after how long a wait
it hangs up. So one list of callers can be served by the box and by anything else, and the waits be compared one by one.
Arrivals and talks are even ticks and patience is odd, so no caller hangs up in the tick in which an agent gets free.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapreplace
from typing import Final, NamedTuple

from appliance.contract.ticks import ticks
from hw_sim.erlang import Waiting, erlang_a, erlang_c

FOR_EVER: Final = ticks(7 * 24 * 3600) + 1
BEGIN: Final = 2
"""Tick at which a day begins."""


class Caller(NamedTuple):
    """A caller: tick of arrival, what is dialled, ticks of talk, ticks after which it hangs up if nobody answers.

    `asks`: ticks of waiting after which it asks to be called back instead, and waits for that for ever; 0: never.
    """

    at: int
    dials: str
    talk: int
    patience: int
    asks: int = 0


class Wait(NamedTuple):
    """A caller's time in a queue, in ticks, and whether it ended with an agent."""

    ticks: int
    served: bool


@dataclass(frozen=True)
class Traffic:
    """Traffic of a day: `calls` callers in `hours`, for `agents`. Times in seconds, means of exponentials.

    `dials`: what is dialled, with its share. `patience_s` 0: callers wait for ever; `asks_s`: wait after which they ask
    to be called back, 0: never.
    """

    agents: int = 30
    hours: float = 9.0
    calls: int = 3000
    talk_s: float = 275.0
    patience_s: float = 0.0
    asks_s: float = 0.0
    dials: tuple[tuple[str, float], ...] = (("96900", 1.0),)

    @property
    def erlangs(self) -> float:
        """Traffic offered."""
        return self.calls * self.talk_s / (self.hours * 3600)

    def theory(self) -> Waiting:
        """Return the queue of these callers as Erlang C or A has it."""
        if self.patience_s:
            return erlang_a(self.erlangs, self.agents, self.talk_s, self.patience_s)
        return erlang_c(self.erlangs, self.agents, self.talk_s)

    def there(self, rng: random.Random) -> list[Caller]:
        """Draw the callers who are there when the day begins, from the balance of theory.

        So the day has no slow beginning: what is left of a talk and of patience is distributed as the whole of it
        (exponential), and callers who arrive find the balance (Poisson).
        """
        states = self.theory().states
        return [self._caller(rng, BEGIN) for _ in range(rng.choices(range(len(states)), states)[0])]

    def arriving(self, rng: random.Random) -> list[Caller]:
        """Draw the callers of the day."""
        at, made = float(BEGIN), []
        for _ in range(self.calls):
            at += rng.expovariate(self.calls / ticks(3600 * self.hours))
            made.append(self._caller(rng, _even(at)))
        return made

    def _caller(self, rng: random.Random, at: int) -> Caller:
        patience = _even(rng.expovariate(1 / ticks(self.patience_s))) + 1 if self.patience_s else FOR_EVER
        (dials,) = rng.choices(*zip(*self.dials, strict=True))
        talk = _even(rng.expovariate(1 / ticks(self.talk_s)))
        asks = _even(rng.expovariate(1 / ticks(self.asks_s))) + 1 if self.asks_s else 0
        return Caller(at, dials, talk, patience, asks)


def _even(at: float) -> int:
    return max(2, 2 * round(at / 2))


def first_come_first_served(callers: Sequence[Caller], agents: int) -> list[Wait]:
    """Return what each caller of one queue meets whom any free agent serves, in the order of arrival."""
    free, waits = [0] * agents, []  # ticks at which the agents get free, the least one first
    for caller in callers:
        wait = max(0, free[0] - caller.at)
        if served := wait <= caller.patience:
            heapreplace(free, caller.at + wait + caller.talk)
        waits.append(Wait(min(wait, caller.patience), served))
    return waits
