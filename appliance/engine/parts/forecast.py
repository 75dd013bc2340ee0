# SPDX-License-Identifier: GPL-2.0-or-later
"""Forecast of the wait in a queue, from how fast callers left it of late while others waited."""

from collections import deque
from collections.abc import Iterable
from typing import Final, NamedTuple

from appliance.contract.ticks import ticks
from appliance.engine.parts.agents import Agent

WINDOW: Final = ticks(1200)
"""Departures of this time count."""
ENOUGH: Final = 10
"""With fewer departures the time that agents need for a call decides."""


class _Departure(NamedTuple):
    """A caller who had to wait, and left. `busy` and `area` as in `Forecast`, by then."""

    tick: int
    served: bool
    busy: int
    area: int


class _Pace(NamedTuple):
    """How fast callers leave, a tick: to agents, and each of those who wait by hanging up."""

    served: float
    gives_up: float


class Forecast:
    """The callers who had to wait in a queue, as far as they tell how long others will wait.

    Callers for whom an agent was free at once tell nothing of it and are not counted. `busy` is the time in which
    any of them waited, `area` the sum of all waits, both in ticks.
    """

    __slots__ = ("_area", "_busy", "_gone", "_in_time", "_since", "_waiting")

    def __init__(self) -> None:
        self._gone: deque[_Departure] = deque()
        self._in_time: deque[tuple[int, bool]] = deque()
        self._since = self._waiting = self._busy = self._area = 0

    def note(self, now: int, waiting: int) -> None:
        """Note that so many wait from now on."""
        passed, self._since = now - self._since, now
        self._busy += passed if self._waiting else 0
        self._area += passed * self._waiting
        self._waiting = waiting

    def left(self, now: int, waiting: int, *, served: bool) -> None:
        """Note that a caller left, to an agent or otherwise, and so many still wait."""
        self.note(now, waiting)
        self._gone.append(_Departure(now, served, self._busy, self._area))

    def wait(self, position: int, now: int, agents: Iterable[Agent]) -> int | None:
        """Return how many ticks a caller will wait from now on; None: nothing tells.

        `position` is the place among those for whom no agent is rung.

        Each of those before is served, or gives up by then: the wait of the queue M/M/n+M.
        """
        pace = self._pace(now) or _by_handling(agents)
        if pace is None:
            return None
        return round(sum([1 / (pace.served + before * pace.gives_up) for before in range(position)]))

    def count(self, now: int, *, in_time: bool) -> None:
        """Count a caller who left, for the service level; `in_time`: served within the target."""
        self._in_time.append((now, in_time))

    def level(self, now: int) -> int | None:
        """Return the percentage of callers who were served in time of late; None: too few left."""
        left = self._in_time
        while left and left[0][0] < now - WINDOW:
            left.popleft()
        return 100 * sum([in_time for _, in_time in left]) // len(left) if len(left) >= ENOUGH else None

    def _pace(self, now: int) -> _Pace | None:
        gone = self._gone
        while gone and gone[0].tick < now - WINDOW:
            gone.popleft()
        if len(gone) < ENOUGH:
            return None
        first, last = gone[0], gone[-1]
        served = sum([each.served for each in gone]) - first.served
        if not served:
            return None
        gives_up = len(gone) - 1 - served
        return _Pace(served / max(1, last.busy - first.busy), gives_up / max(1, last.area - first.area))


def _by_handling(agents: Iterable[Agent]) -> _Pace | None:
    """Return how fast the agents who are ready take callers, by the time each call took today; None: none was taken."""
    able, calls, occupied = 0, 0, 0
    for agent in agents:
        able += agent.status == "ready" and agent.can_be_rung
        calls += agent.figures.calls - (agent.state == "talking" and agent.call > 0)  # less the one that goes on
        occupied += agent.figures.occupied
    return _Pace(able * calls / occupied, 0.0) if able and calls and occupied else None
