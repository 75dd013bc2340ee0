# SPDX-License-Identifier: GPL-2.0-or-later
"""A queue: its callers, in order, and its idle agents, longest idle first."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from appliance.config.model import BoxConfig
from appliance.config.queues import QueueConfig
from appliance.contract.choices import Choice, WhyNot
from appliance.contract.records import AgentState, LeaveReason
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.choosing import FIGURES, Candidate, choose, weigh

WHY_NOT: Final[dict[AgentState, WhyNot]] = {
    "signed_out": "signed_out",
    "paused": "paused",
    "offered": "offered",
    "talking": "talking",
    "wrap_up": "wrap_up",
    "unreachable": "unreachable",
}
"""Why an agent in a state is no candidate; one who is idle may be."""


class Entry:
    """A caller who waits: the number of the call. Callers are served by `order`; that of a VIP is below all others."""

    __slots__ = ("call", "offered", "order", "overdue", "queue")

    def __init__(self, queue: "Queue", call: int, order: int) -> None:
        self.queue = queue
        self.call = call
        self.order = order
        self.offered = False
        self.overdue = False  # waited too long, but an agent is being rung


class Queue:
    """Dicts keep the order of coming: `entries` of callers, `idle` of agents, so the first idle one is idle longest."""

    __slots__ = ("_last", "_places", "config", "entries", "idle", "members")

    def __init__(self, config: QueueConfig, members: Iterable[Agent]) -> None:
        self.entries: dict[int, Entry] = {}
        self._last = ""  # the agent rung last
        self.be(config, members)

    def be(self, config: QueueConfig, members: Iterable[Agent]) -> None:
        """Set configuration and members from now on. Busy agents join the idle ones when they are free."""
        self.config = config
        self.members = tuple(members)
        self._places = {agent.number: place for place, agent in enumerate(self.members)}
        for agent in self.members:
            agent.queues.append(config.name)
        idle = [agent for agent in self.members if agent.state == "idle" and agent.can_be_rung]
        self.idle = {agent.number: agent for agent in sorted(idle, key=lambda agent: agent.since)}

    def note_idle(self, agent: Agent, *, idle: bool) -> None:
        """Append an agent to the idle ones, or remove it. One without a phone is never idle here."""
        if idle and agent.can_be_rung:
            self.idle[agent.number] = agent
        else:
            self.idle.pop(agent.number, None)

    def anyone_signed_in(self) -> bool:
        """Return whether an agent is signed in and can be rung: else waiting is useless."""
        return any(agent.status != "signed_out" and agent.can_be_rung for agent in self.members)

    def refusal(self) -> LeaveReason | None:
        """Return why no caller is admitted; None: one is."""
        if not self.anyone_signed_in():
            return "no_agents"
        return "full" if len(self.entries) >= self.config.max_length else None

    def admit(self, entry: Entry) -> None:
        """Admit a caller; a VIP is put before others, for the head of the dict is served next."""
        self.entries[entry.call] = entry
        if entry.order < 0:
            self.entries = dict(sorted(self.entries.items(), key=lambda item: item[1].order))

    def position(self, entry: Entry) -> int:
        """Return the place of a caller, 1 for the next one."""
        return 1 + sum(other.order < entry.order for other in self.entries.values())

    def head(self) -> Entry | None:
        """Return the next caller for whom no agent is rung; None also if no idle agent can serve one."""
        if not any(self._skilled(agent) for agent in self.idle.values()):
            return None
        return next((entry for entry in self.entries.values() if not entry.offered), None)

    def choose(self, now: int, chance: Callable[[], float]) -> Choice:
        """Choose the agents who are rung for the next caller, and keep the turn."""
        candidates, passed = list[Candidate](), dict[WhyNot, tuple[str, ...]]()
        compares, needs = self.config.strategy in FIGURES, self.config.needs
        for agent in self.idle.values():
            if needs and not self._skilled(agent):
                passed["skill"] = (*passed.get("skill", ()), agent.number)
            elif compares:
                candidates.append(self._candidate(agent, now))
            else:
                candidates.append(Candidate(agent.number, 0, 0, 0, 0, 0, 0))
        for agent in self.members:
            if agent.number not in self.idle:  # in another state, or without a phone: see `note_idle`
                why_not = WHY_NOT.get(agent.state, "no_phone")
                passed[why_not] = (*passed.get(why_not, ()), agent.number)
        choice = weigh(self.config.strategy, candidates, chance)
        chosen = choose(choice)
        self._last = chosen[-1]
        return msgspec.structs.replace(choice, chosen=chosen, passed=passed)

    def _skilled(self, agent: Agent) -> bool:
        """Return whether an agent has the skills that the queue needs."""
        return all(agent.skills.get(skill, 0) >= level for skill, level in self.config.needs.items())

    def _candidate(self, agent: Agent, now: int) -> Candidate:
        place, figures = self._places[agent.number], agent.figures
        level = sum([agent.skills.get(skill, 0) for skill in self.config.needs])
        behind = (place - self._places.get(self._last, -1) - 1) % len(self.members)
        occupied = figures.occupancy(now)
        return Candidate(agent.number, place, behind, figures.calls, figures.talk, occupied, level)


def next_match(queues: Iterable[Queue], now: int, chance: Callable[[], float]) -> tuple[Entry, Choice] | None:
    """Return the caller who came first of those whose queue has an agent for them, and the queue's choice of agents."""
    heads = [head for queue in queues if queue.idle and queue.entries and (head := queue.head())]
    if not heads:
        return None
    best = min(heads, key=lambda entry: entry.order)
    choice = best.queue.choose(now, chance)
    if len(heads) > 1:
        rivals = tuple([(head.call, head.queue.config.name, head.order) for head in heads])
        choice = msgspec.structs.replace(choice, rivals=rivals)
    return best, choice


def make(config: BoxConfig) -> tuple[dict[str, Agent], dict[str, Queue]]:
    """Return the configuration's agents and queues, by number and name."""
    phones = {extension.number for extension in config.extension}
    agents = {each.number: Agent(each) for each in config.agent}
    for agent in agents.values():
        if agent.extension not in phones:
            agent.extension = ""
    return agents, {each.name: Queue(each, members(each, agents)) for each in config.queue}


def members(config: QueueConfig, agents: Mapping[str, Agent]) -> list[Agent]:
    """Return the agents of a queue."""
    return [agents[number] for number in dict.fromkeys(config.agents) if number in agents]
