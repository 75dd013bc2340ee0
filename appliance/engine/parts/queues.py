# SPDX-License-Identifier: GPL-2.0-or-later
"""A queue: its callers, in order, and its idle agents, longest idle first."""

from collections.abc import Iterable, Mapping

from appliance.config.model import BoxConfig, QueueConfig
from appliance.contract.records import LeaveReason
from appliance.engine.parts.agents import Agent


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

    __slots__ = ("config", "entries", "idle", "members")

    def __init__(self, config: QueueConfig, members: Iterable[Agent]) -> None:
        self.entries: dict[int, Entry] = {}
        self.be(config, members)

    def be(self, config: QueueConfig, members: Iterable[Agent]) -> None:
        """Set configuration and members from now on. Busy agents join the idle ones when they are free."""
        self.config = config
        self.members = tuple(members)
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
        """Return the next caller for whom no agent is rung."""
        return next((entry for entry in self.entries.values() if not entry.offered), None)


def next_match(queues: Iterable[Queue]) -> tuple[Entry, Agent] | None:
    """Return the caller who came first of those whose queue has an idle agent, and the agent who is idle longest."""
    best: Entry | None = None
    for queue in queues:
        if queue.idle and queue.entries and (head := queue.head()) and (best is None or head.order < best.order):
            best = head
    if best is None:
        return None
    return best, next(iter(best.queue.idle.values()))


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
