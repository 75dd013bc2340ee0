# SPDX-License-Identifier: GPL-2.0-or-later
"""Days of 9 hours, 30 agents and 3,000 callers through engine and books, beside the theory of queues: `--days 10`.

Four kinds of days. Callers who wait for ever, beside Erlang C. Callers with patience, more than the agents can serve,
beside Erlang A. Callers who need a skill, of which some agents have one and some have both: there is no formula for it,
but their waits lie between those of agents who can do all and of agents who were divided beforehand. Callers who do not
like to wait and are called back: each is served as if it had stayed on the line, so Erlang C holds for them as well.

Two comparisons. Each caller, but for those with skills, waits to the tick as long as in the plain queue
(`day_callers.py`). And the means over independent days, each of which begins in balance, have a Student interval of
99 % that holds the value of theory; days are as different as they are, so it is wide, and narrower with more of them.

Printed as well: the error of the forecasts of waits above a minute, whether the ledger balances, callers a second.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Final, NamedTuple

import msgspec

from appliance.config.model import BoxConfig
from appliance.contract.ticks import TICKS_PER_S
from appliance.engine.engine import Engine
from appliance.ivr.flow import Flow
from appliance.store.forecasts import LONG
from appliance.store.ledger import Ledger
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from hw_sim.erlang import mean_interval
from tests.bench.day_callers import Caller, Traffic, Wait, first_come_first_served
from tests.bench.day_source import Day, DaySource

EPOCH_MS: Final = 1_790_000_000_000
CONFIDENCE: Final = 0.99
MOST_ERROR: Final = 0.3
"""Aim: the median error of forecasts of waits above a minute is below."""
ENGLISH, CHINESE, BOTH = 12, 10, 8
"""Agents by skill on the third kind of day; half of the callers need each."""

CALL_BACKS: Final = {"machines": False, "announce": False}

PATIENT: Final = Traffic()
IMPATIENT: Final = Traffic(talk_s=360.0, patience_s=600.0)
CALLED_BACK: Final = Traffic(asks_s=40.0)
SKILLED: Final = Traffic(talk_s=310.0, patience_s=600.0, dials=(("96900", 0.55), ("96901", 0.45)))


def settings(skills: Sequence[tuple[str, ...]]) -> BoxConfig:
    """Return a box with one queue for agents with these skills, who need no time between two calls."""
    numbers = [f"1{n:03d}" for n in range(1, len(skills) + 1)]
    queue = {"name": "service", "agents": numbers, "wrap_up_s": 0, "max_wait_s": 0, "max_length": 1000}
    document = {
        "profile": "mx90",
        "language": "en",
        "extension": [{"number": f"8{n}", "line": f"station:8{n}"} for n in numbers],
        "agent": [
            {"number": n, "extension": f"8{n}", "start": "ready", "skills": dict.fromkeys(has, 5)}
            for n, has in zip(numbers, skills, strict=True)
        ],
        "queue": [{**queue, "announce_agent": False, "announce_position_every_s": 0, "callback": CALL_BACKS}],
        "outside": {"line": "pri:carrier"},
        "route": [{"called": "96900", "flow": "english"}, {"called": "96901", "flow": "chinese"}],
    }
    return msgspec.convert(document, BoxConfig)


def flows(*, needs: bool) -> dict[str, Flow]:
    """Return the flows of two numbers; with `needs` each caller needs an agent with the skill."""
    return {skill: _flow({skill: 1} if needs else {}) for skill in ("english", "chinese")}


def _flow(needs: dict[str, int]) -> Flow:
    waits = {"do": "queue", "queue": "service", "needs": needs, "otherwise": "bye"}
    return msgspec.convert({"start": "waits", "node": {"waits": waits, "bye": {"do": "hangup"}}}, Flow)


_SEEN: Final = (
    "SELECT coalesce(t.began, q.\"left\") - q.entered, q.reason = 'answered' OR b.result = 'reached', q.predicted,"
    " b.callback IS NOT NULL FROM queue_entries q LEFT JOIN callbacks b ON b.call = q.call"
    " LEFT JOIN callback_tries t ON t.callback = b.callback ORDER BY q.call"
)


class Seen(NamedTuple):
    """What the books tell of a caller. Ticks; `predicted` None: there was no forecast.

    The wait of one who is called back ends when an agent is rung for it.
    """

    wait: Wait
    predicted: int | None
    called_back: bool


@dataclass
class Served:
    """A day that is over: its callers, of whom `there` were there when it began, and what the books tell of each."""

    callers: list[Caller]
    there: int
    seen: list[Seen]
    findings: dict[str, int]
    up: int

    @property
    def waits(self) -> list[Wait]:
        """Waits of those who came in the course of the day."""
        return [each.wait for each in self.seen[self.there :]]

    def strays(self, waits: Sequence[Wait]) -> int:
        """Count the callers who waited otherwise than in another queue."""
        return sum(each.wait != other for each, other in zip(self.seen, waits, strict=True))


def serve(traffic: Traffic, config: BoxConfig, flow: dict[str, Flow], seed: int) -> Served:
    """Let the box serve the callers of a day."""
    rng = random.Random(seed)
    there = traffic.there(rng)
    callers = there + traffic.arriving(rng)
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        day = Day(Engine(config, flow, store.open_books()), store, DaySource(callers))
        day.run()
        reader = store.reader()
        rows = reader.execute(_SEEN).fetchall()
        seen = [Seen(Wait(wait, bool(served)), predicted, bool(back)) for wait, served, predicted, back in rows]
        found = Ledger(reader, idle=True, tolerance_s=0.02).check().found
        return Served(callers, len(there), seen, found, len(day.engine.calls()))


class Mean(NamedTuple):
    """A mean over days, with its interval, beside what it should be."""

    what: str
    values: tuple[float, ...]
    theory: float

    @property
    def interval(self) -> tuple[float, float]:
        """Student's interval of the mean of the days."""
        return mean_interval(self.values, CONFIDENCE)

    @property
    def good(self) -> bool:
        """Whether the interval holds what theory says."""
        low, high = self.interval
        return low <= self.theory <= high


@dataclass
class Result:
    """Result of the days of one kind."""

    days: list[Served] = field(default_factory=list)
    means: list[Mean] = field(default_factory=list)
    strays: int = 0
    between: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Mean wait if all agents could do all, the one measured, and that of agents who are divided, in seconds."""

    @property
    def errors(self) -> list[float]:
        """Errors of the forecasts of long waits that ended with an agent, as shares of the wait."""
        seen = [each for day in self.days for each in day.seen if each.wait.served and each.wait.ticks >= LONG]
        return [abs(each.predicted - each.wait.ticks) / each.wait.ticks for each in seen if each.predicted is not None]

    @property
    def called_back(self) -> int:
        """Number of callers who were called back."""
        return sum(each.called_back for day in self.days for each in day.seen)

    @property
    def found(self) -> list[str]:
        """Return what is not as it should be."""
        wrong = [f"{each.what} is not {each.theory:.4g}" for each in self.means if not each.good]
        wrong += [f"{self.strays} callers waited otherwise"] if self.strays else []
        wrong += [f"ledger: {day.findings}" for day in self.days if day.findings]
        wrong += [f"{day.up} calls are still up" for day in self.days if day.up]
        wrong += [f"{len(day.seen)} entries" for day in self.days if len(day.seen) != len(day.callers)]
        wrong += ["the forecasts are too far off"] if median(self.errors) >= MOST_ERROR else []
        low, wait, high = self.between
        return wrong + ([] if low <= wait <= high else ["the wait is not between its bounds"])


def beside_theory(traffic: Traffic, seeds: Sequence[int]) -> Result:
    """Serve days of one skill, and compare them with Erlang C, or with Erlang A if callers have patience."""
    result, config, flow = Result(), settings([()] * traffic.agents), flows(needs=False)
    for seed in seeds:
        day = serve(traffic, config, flow, seed)
        result.strays += day.strays(first_come_first_served(day.callers, traffic.agents))
        result.days.append(day)
    theory, each = traffic.theory(), [day.waits for day in result.days]
    result.means = [
        Mean("wait", tuple(map(mean_s, each)), theory.wait_s),
        Mean("share that waits", tuple(_share(waits, lambda wait: wait.ticks > 0) for waits in each), theory.waits),
    ]
    if traffic.patience_s:
        gave_up = tuple(_share(waits, lambda wait: not wait.served) for waits in each)
        result.means.append(Mean("share that gives up", gave_up, theory.abandons))
    return result


def with_skills(traffic: Traffic, seeds: Sequence[int]) -> Result:
    """Serve days of two skills, and compare them with agents who can do all, and with agents who are divided."""
    has = [("english",)] * ENGLISH + [("chinese",)] * CHINESE + [("english", "chinese")] * BOTH
    result, config, flow = Result(), settings(has), flows(needs=True)
    result.days = [serve(traffic, config, flow, seed) for seed in seeds]
    pooled = [mean_s(first_come_first_served(day.callers, traffic.agents)) for day in result.days]
    divided = min(fmean([_divided(day.callers, ENGLISH + n) for day in result.days]) for n in range(BOTH + 1))
    result.between = fmean(pooled), fmean([mean_s([each.wait for each in day.seen]) for day in result.days]), divided
    return result


def _divided(callers: Sequence[Caller], english: int) -> float:
    """Return the mean wait if so many of the agents serve one number and the others the other one."""
    agents = {"96900": english, "96901": ENGLISH + CHINESE + BOTH - english}
    queues = [[caller for caller in callers if caller.dials == number] for number in agents]
    served = [first_come_first_served(each, n) for each, n in zip(queues, agents.values(), strict=True)]
    return mean_s([wait for waits in served for wait in waits])


def mean_s(waits: Sequence[Wait]) -> float:
    """Return the mean wait in seconds."""
    return fmean([wait.ticks for wait in waits]) / TICKS_PER_S


def _share(waits: Sequence[Wait], has: Callable[[Wait], bool]) -> float:
    return fmean([has(wait) for wait in waits])


KINDS: Final[dict[str, Callable[[Sequence[int]], Result]]] = {
    "Erlang C": lambda seeds: beside_theory(PATIENT, seeds),
    "Erlang A": lambda seeds: beside_theory(IMPATIENT, seeds),
    "call-backs": lambda seeds: beside_theory(CALLED_BACK, seeds),
    "skills": lambda seeds: with_skills(SKILLED, seeds),
}


def _print(name: str, result: Result, seconds: float) -> None:
    calls = sum(len(day.callers) for day in result.days)
    print(f"{name}: {len(result.days)} days, {calls} callers, {calls / seconds:.0f} a second")
    for mean in result.means:
        low, high = mean.interval
        print(f"  {mean.what:20} {fmean(mean.values):8.4g}   {low:.4g} .. {high:.4g}   theory {mean.theory:.4g}")
    if result.means:
        print(f"  {'plain queue':20} {result.strays} callers waited otherwise than in it")
    else:
        low, wait, high = result.between
        print(f"  {'wait':20} {wait:8.4g}   {low:.4g} if all could do all, {high:.4g} if divided")
    if result.called_back:
        print(f"  {'called back':20} {result.called_back} of them, each when it was its turn")
    errors = result.errors
    print(f"  {'forecast':20} {100 * median(errors):.1f} % median error of {len(errors)} waits above a minute")
    print(f"  {'':20} {', '.join(result.found) or 'as it should be, ledger in balance'}")


def main(argv: list[str] | None = None) -> int:
    """Serve the days and print; 0 if all is as it should be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    wrong = False
    for name, kind in KINDS.items():
        begun = time.process_time()
        result = kind(range(args.seed, args.seed + args.days))
        _print(name, result, time.process_time() - begun)
        wrong = wrong or bool(result.found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
