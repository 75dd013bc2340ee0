# SPDX-License-Identifier: GPL-2.0-or-later
"""Entries of a queue, and the steps that they go through: which agents may serve a caller who has waited so long."""

from collections.abc import Iterable, Mapping
from typing import Final

from appliance.config.queues import QueueConfig
from appliance.contract.ticks import ticks
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.call import Takes

Needs = Mapping[str, int]
"""Lowest level in each skill that is needed."""
NOTHING: Final[Needs] = {}
NONE: Final = frozenset[str]()
VIP_FIRST: Final = 1 << 50
"""Subtracted from the order of a VIP's entry: before all others, and among VIPs first come first."""


class Entry:
    """A caller who waits: the number of the call. Callers are served by `order`; that of a VIP is below all others.

    Attributes:
        entered: tick.
        agent: the only one whom the caller waits for until the tick `alone_until`, if that agent is there.
        needs: levels in skills that the caller needs besides those that the queue says.
        step: how many steps of the queue the caller has reached.
        offered: agents are being rung.
        overdue: waited too long, but an agent is being rung.
        waits: no agent was free at once.
        predicted: ticks that the wait was predicted to take; None: nothing told.
        at: takes what happens to it: the activity of the call, or the call-back.
        callback: number of the call-back that is in the caller's place; 0: the caller is on the line.
        away: passed over for now: in a flow that is not interrupted, or asleep.
        asleep: a call-back that is not due; no place of others counts it.
    """

    __slots__ = (
        "agent", "alone_until", "asleep", "at", "away", "call", "callback", "entered", "needs", "offered", "order",
        "overdue", "predicted", "step", "waits",
    )  # fmt: skip

    at: Takes

    def __init__(
        self, call: int, order: int, entered: int = 0, needs: Needs = NOTHING, agent: str = "", agent_s: float = 0.0
    ) -> None:
        self.call = call
        self.callback = 0
        self.away = self.asleep = False
        self.order = order
        self.entered = entered
        self.needs = needs
        self.agent = agent
        self.alone_until = entered + ticks(agent_s)
        self.step = 0
        self.offered = self.overdue = self.waits = False
        self.predicted: int | None = 0

    @property
    def vip(self) -> bool:
        """Whether the caller goes before all who are no VIPs."""
        return self.order < -VIP_FIRST // 2

    def prefer(self, *, vip: bool) -> None:
        """Put the caller among the VIPs, or among those who are none."""
        if vip != self.vip:
            self.order += -VIP_FIRST if vip else VIP_FIRST


class Steps:
    """Rules of a queue: what callers need of agents in each of its steps.

    Attributes:
        alike: all callers need the same, and all agents serve them.
        reserve: numbers of agents who serve only when callers wait long.
    """

    __slots__ = ("_changes", "_needs", "_over", "_steps", "alike", "reserve")

    def __init__(self, config: QueueConfig) -> None:
        self.reserve = frozenset(config.reserve)
        self.alike = True
        self._over = ticks(config.reserve_over_s)
        self._steps = [(ticks(step.after_s), step.reserve) for step in config.step]
        self._changes: list[Needs] = [NOTHING]
        for step in config.step:
            self._changes.append({**self._changes[-1], **step.needs})
        self._needs = [_merged(config.needs, changes) for changes in self._changes]

    def needs(self, entry: Entry) -> Needs:
        """Return what a caller needs: the levels of the queue and the caller's own, as steps change them."""
        step = min(entry.step, len(self._steps))
        return _merged({**self._needs[0], **entry.needs}, self._changes[step]) if entry.needs else self._needs[step]

    def relax(self, entry: Entry, now: int, members: Iterable[Agent]) -> None:
        """Move a caller to the step that is due; steps that no agent who is signed in fits are passed."""
        while entry.step < len(self._steps):
            due = now - entry.entered >= self._steps[entry.step][0]
            if not due and any(there(agent) and has(agent, self.needs(entry)) for agent in members):
                return
            entry.step += 1

    def next_change(self, entry: Entry, now: int) -> int | None:
        """Return the next tick at which time alone brings a caller other agents; None: there is none."""
        ends = [entry.entered + after for after, _ in self._steps[entry.step : entry.step + 1]]
        ends += [entry.entered + self._over + 1] if self.reserve else []
        ends += [entry.alone_until] if entry.agent else []
        return min([end for end in ends if end > now], default=None)

    def shut(self, entry: Entry) -> frozenset[str]:
        """Return the reserve, unless a step has brought it to a caller."""
        return NONE if any(reserve for _, reserve in self._steps[: entry.step]) else self.reserve

    def too_long(self, wait: int) -> bool:
        """Return whether the reserve serves when a caller is predicted to wait so many ticks."""
        return wait > self._over


def _merged(needs: Needs, changes: Needs) -> Needs:
    return {skill: level for skill, level in {**needs, **changes}.items() if level}


def has(agent: Agent, needs: Needs) -> bool:
    """Return whether an agent has all skills at these levels."""
    return all(agent.skills.get(skill, 0) >= level for skill, level in needs.items())


def there(agent: Agent) -> bool:
    """Return whether an agent is signed in and can be rung."""
    return agent.status != "signed_out" and agent.can_be_rung
