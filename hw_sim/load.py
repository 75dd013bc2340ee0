# SPDX-License-Identifier: GPL-2.0-or-later
"""A load run: calls with random arrivals and holding times, and their results beside those of theory.

Arrivals are Poisson (rounded to ticks), holding times exponential; both come from one seed. Not modelled: callers that
try again after they were blocked, hours of the day, sources that are few (Engset).
"""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from drivers.span import TICK_S
from hw_sim.calls import CallPlan, CallRecord
from hw_sim.erlang import Share, blocked_share, erlang_b
from hw_sim.errors import SimError
from hw_sim.exchange import Exchange
from hw_sim.script import read_script

_B_CHANNELS = 30
Digits = Annotated[str, Meta(pattern=r"^\+?[0-9*#A-D]{0,31}\Z")]


class LoadPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Amount of traffic. `calls` or `seconds` ends the arrivals; calls that are up then go on to their end.

    `hold_s` is the mean time of the script's step `hold`. Calls that arrive within `warm_up_s` count only by their
    failures: the group is emptier then than it will be.
    """

    to: Digits
    rate_per_s: Annotated[float, Meta(gt=0, le=1000)]
    hold_s: Annotated[float, Meta(gt=0, le=86400)]
    calls: Annotated[int, Meta(ge=1)] | None = None
    seconds: Annotated[float, Meta(gt=0)] | None = None
    caller: Digits = "13800138000"
    script: str = "wait answer; hold; hangup"
    warm_up_s: Annotated[float, Meta(ge=0)] = 0.0
    seed: int = 0
    keep_audio: bool = False


class Spread(msgspec.Struct, frozen=True):
    """A distribution of seconds."""

    p50: float
    p90: float
    p99: float
    most: float


class LoadResult(msgspec.Struct, frozen=True):
    """Counts of calls that arrived after the warm-up, but for `lost_calls`, which names all failures."""

    offered: int
    answered: int
    blocked: int
    lost: int
    """Neither blocked, nor cut off, nor done to the end of the script."""
    cut_off: int
    """Answered, and ended by a fault of the far end or of the line (Q.850 classes 2 to 7, or 27)."""
    cut_off_causes: dict[int, int]
    ended_early: int
    """The far end hung up before the holding time was over: a flow that ends, an agent that hangs up. No failure."""
    causes: dict[int, int]
    alerting_after_s: Spread | None
    answer_after_s: Spread | None
    channels: int
    mean_occupancy_s: float
    """Mean time a call that was not blocked held its channel: set-up, talk, clearing."""
    offered_erlangs: float
    """Calls offered a second times mean occupancy, both as measured."""
    carried_erlangs: float
    blocked_share: Share
    erlang_b: float
    """Blocking by Erlang's formula for the offered traffic as measured."""
    as_expected: bool
    """Whether Erlang's value lies in the interval of the blocked share."""
    seconds: float
    lost_calls: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether no call was lost or cut off."""
        return not self.lost and not self.cut_off


class LoadRun:
    """Caller of a plan's calls on an exchange that its owner ticks; read `done` after each tick.

    Raises:
        SimError: the plan has neither `calls` nor `seconds`.
        ScriptError: its script cannot be read.
    """

    def __init__(self, exchange: Exchange, plan: LoadPlan) -> None:
        if plan.calls is None and plan.seconds is None:
            raise SimError("a load run without an end", "give a number of calls or of seconds")
        self.plan = plan
        self.records: list[CallRecord] = []
        self._exchange = exchange
        self._script = read_script(plan.script)
        self._random = np.random.default_rng(plan.seed)
        self._start = exchange.now
        self._arrival_s = 0.0
        self._arriving = True
        self._end = 0
        self._open: list[CallRecord] = []
        self._next()

    @property
    def done(self) -> bool:
        """Whether all calls have arrived and are over."""
        if self._arriving:
            return False
        self._open = [record for record in self._open if record.ended is None]
        return not self._open

    def result(self) -> LoadResult:
        """Return the results of the calls, so far."""
        warm = self._start + round(self.plan.warm_up_s / TICK_S)
        return _result(
            [r for r in self.records if r.started >= warm], self.records, self._channels, self._from_to(warm)
        )

    @property
    def _channels(self) -> int:
        return _B_CHANNELS * len(self._exchange.trunks)

    def _from_to(self, warm: int) -> float:
        """Return the seconds in which counted calls arrived."""
        end = self._exchange.now if self._arriving else self._end
        return max(TICK_S, (end - warm) * TICK_S)

    def _next(self) -> None:
        plan = self.plan
        self._arrival_s += self._random.exponential(1 / plan.rate_per_s)
        at = self._start + round(self._arrival_s / TICK_S)
        if plan.seconds is not None and self._arrival_s > plan.seconds:
            self._arriving, self._end = False, self._start + round(plan.seconds / TICK_S)
        elif plan.calls is not None and len(self.records) >= plan.calls:
            self._arriving, self._end = False, self.records[-1].started
        else:
            self._exchange.agenda.enter(at, self._arrive)

    def _arrive(self) -> None:
        plan = self.plan
        hold_s = float(self._random.exponential(plan.hold_s))
        call = CallPlan(plan.to, self._script, plan.caller, hold_s=hold_s, keep_audio=plan.keep_audio)
        record = self._exchange.call(call)
        self.records.append(record)
        self._open.append(record)
        self._next()


def _result(counted: Sequence[CallRecord], every: Sequence[CallRecord], channels: int, seconds: float) -> LoadResult:
    over = [r for r in counted if r.ended is not None]
    carried = [r for r in over if not r.blocked]
    occupancy = [((r.ended or 0) - r.started) * TICK_S for r in carried]
    mean_s = float(np.mean(occupancy)) if occupancy else 0.0
    offered_erlangs = len(over) / seconds * mean_s
    share = blocked_share([r.blocked for r in over])
    expected = erlang_b(offered_erlangs, channels)
    return LoadResult(
        offered=len(over),
        answered=sum(r.answered is not None for r in over),
        blocked=sum(r.blocked for r in over),
        lost=sum(not (r.passed or r.blocked or r.cut_off) for r in over),
        cut_off=sum(r.cut_off for r in over),
        cut_off_causes=dict(sorted(Counter(r.cause for r in over if r.cut_off).items())),
        ended_early=sum(r.ended_early for r in over),
        causes=dict(sorted(Counter(r.cause for r in over).items())),
        alerting_after_s=_spread([r.after_s(r.alerting) for r in over]),
        answer_after_s=_spread([r.after_s(r.answered) for r in over]),
        channels=channels,
        mean_occupancy_s=mean_s,
        offered_erlangs=offered_erlangs,
        carried_erlangs=len(carried) / seconds * mean_s,
        blocked_share=share,
        erlang_b=expected,
        as_expected=share.low <= expected <= share.high,
        seconds=seconds,
        lost_calls=tuple(
            _complaint(n, r) for n, r in enumerate(every, 1) if r.ended is not None and not r.passed and not r.blocked
        ),
    )


def _complaint(number: int, record: CallRecord) -> str:
    return f"call {number} at {record.started * TICK_S:.2f} s: cause {record.cause}, {'; '.join(record.failures)}"


def _spread(values: Sequence[float | None]) -> Spread | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    p50, p90, p99 = np.percentile(known, [50, 90, 99])
    return Spread(float(p50), float(p90), float(p99), max(known))
