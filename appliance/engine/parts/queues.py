# SPDX-License-Identifier: GPL-2.0-or-later
"""A queue: its callers, in order, and its idle agents, longest idle first."""

from collections.abc import Callable, Iterable, Mapping
from itertools import islice, takewhile
from typing import Final

from appliance.config.model import BoxConfig
from appliance.config.queues import Manned, QueueConfig
from appliance.contract.choices import Choice, Rivals, WhyNot
from appliance.contract.records import AgentState, LeaveReason
from appliance.contract.ticks import ticks
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.call import Takes
from appliance.engine.parts.choosing import FIGURES, Candidate, choose
from appliance.engine.parts.entries import NONE, NOTHING, Entry, Needs, Steps, has, there
from appliance.engine.parts.forecast import Forecast

WHY_NOT: Final[dict[AgentState, WhyNot]] = {
    "signed_out": "signed_out",
    "paused": "paused",
    "offered": "offered",
    "talking": "talking",
    "wrap_up": "wrap_up",
    "unreachable": "unreachable",
    "idle": "no_phone",
}
"""Why an agent in a state is not among the idle ones of a queue."""


class Queue:
    """Dicts keep the order of coming: `entries` of callers, `idle` of agents, so the first idle one is idle longest.

    `away`: why each other agent is not idle here. `watched`: it matters to callers when an agent is no longer ready, or
    no longer talks. `callbacks`: those that have not ended, by the number that is called back.
    `_alike`: forecasts of callers who need something of agents, by what that is.
    """

    __slots__ = (
        "_alike",
        "_last",
        "_places",
        "_plain",
        "away",
        "callbacks",
        "config",
        "entries",
        "forecast",
        "idle",
        "members",
        "steps",
        "watched",
    )

    def __init__(self, config: QueueConfig, members: Iterable[Agent]) -> None:
        self.entries: dict[int, Entry] = {}
        self.callbacks: dict[str, Takes] = {}
        self.forecast = Forecast()
        self._alike: dict[frozenset[tuple[str, int]], Forecast] = {}
        self._last = ""  # the agent rung last
        self.be(config, members)

    def be(self, config: QueueConfig, members: Iterable[Agent]) -> None:
        """Set configuration and members from now on. Busy agents join the idle ones when they are free."""
        self.config = config
        self.members = tuple(members)
        self.steps = Steps(config)
        self._compare()
        self.watched = config.stay == "ready" or config.max_talking > 0
        self._places = {agent.number: place for place, agent in enumerate(self.members)}
        for agent in self.members:
            agent.queues.append(config.name)
        idle = [agent for agent in self.members if agent.state == "idle" and agent.can_be_rung]
        self.idle = {agent.number: agent for agent in sorted(idle, key=lambda agent: agent.since)}
        others = [agent for agent in self.members if agent.number not in self.idle]
        self.away = {agent.number: WHY_NOT[agent.state] for agent in others}

    def _compare(self) -> None:
        """Note whether all callers need the same of agents, and whether they need nothing: then less is looked at."""
        config = self.config
        own = any(entry.needs or entry.agent for entry in self.entries.values())
        self.steps.alike = not (config.step or config.reserve or own)
        self._plain = self.steps.alike and not config.needs and not config.max_talking

    def note(self, agent: Agent) -> None:
        """Append an agent to the idle ones, or remove it, by its state. One without a phone is never idle here."""
        number = agent.number
        if agent.state == "idle" and agent.can_be_rung:
            self.idle[number] = agent
            self.away.pop(number, None)
        else:
            self.idle.pop(number, None)
            self.away[number] = WHY_NOT[agent.state]

    def anyone_signed_in(self) -> bool:
        """Return whether an agent is signed in and can be rung: else waiting is useless."""
        return bool(self.idle) or any(there(agent) for agent in self.members)

    def manned(self, rule: Manned) -> bool:
        """Return whether the agents are there without whom callers do not come in, or wait on."""
        if rule == "ready":
            return any(agent.status == "ready" and agent.can_be_rung for agent in self.members)
        return rule == "always" or self.anyone_signed_in()

    def refusal(self, now: int) -> LeaveReason | None:
        """Return why no caller is admitted; None: one is."""
        config = self.config
        if not self.manned(config.join):
            return "no_agents"
        if len(self.entries) >= config.max_length and self._on_the_line() >= config.max_length:
            return "full"
        if (config.max_expected_s or config.min_service_level) and not self.idle:
            return self._overflow(now)
        return None

    def _overflow(self, now: int) -> LeaveReason | None:
        """Return why a caller is not admitted who would have to wait; None: one is."""
        config, wait = self.config, self._forecast(self._unserved() + 1, now) or 0
        if config.max_expected_s and wait > ticks(config.max_expected_s):
            return "long_wait"
        level = self.forecast.level(now) if config.min_service_level else None
        return "service_level" if level is not None and level < config.min_service_level else None

    def _on_the_line(self) -> int:
        return sum([not entry.callback for entry in self.entries.values()])

    # --- callers

    def admit(self, entry: Entry) -> None:
        """Admit a caller; one with a priority is put before others, for the head of the dict is served next."""
        self.entries[entry.call] = entry
        if entry.order != entry.entered:
            self.entries = dict(sorted(self.entries.items(), key=lambda item: item[1].order))
        if entry.needs or entry.agent:
            self._compare()
        if not (self._plain and self.idle and len(self.entries) == 1):
            self._foresee(entry)

    def _foresee(self, entry: Entry) -> None:
        """Move a caller who has just come to the step that agents can serve; predict the wait, unless one is free."""
        now = entry.entered
        self.relax(entry, now)
        if not self.idle or self.head(now) is not entry:
            self.wait_on(entry, now)
            entry.predicted = self.further(entry, now)

    def wait_on(self, entry: Entry, now: int) -> None:
        """Count a caller for whom no agent was free, or who was not answered, as waiting."""
        entry.waits = True
        self._note_waiting(entry, now)

    def _note_waiting(self, entry: Entry, now: int) -> None:
        self.forecast.note(now, self._waiting())
        if entry.needs:
            self._of_kind(entry).note(now, self._waiting_alike(entry))

    def readmit(self, entry: Entry) -> None:
        """Put a call-back into its place again, after a try that did not reach the caller."""
        entry.offered, entry.waits = False, False
        self.entries[entry.call] = entry
        self.entries = dict(sorted(self.entries.items(), key=lambda item: (item[1].order, item[0])))
        if entry.needs:
            self._compare()

    def sleep(self, entry: Entry, now: int) -> None:
        """Pass over a call-back for a while: it does not count as waiting."""
        entry.away = entry.asleep = True
        entry.waits = False
        self._note_waiting(entry, now)

    def wake(self, entry: Entry, now: int) -> None:
        """Admit a call-back to agents from now on."""
        entry.away = entry.asleep = False
        self.relax(entry, now)
        self.wait_on(entry, now)

    def dismiss(self, entry: Entry, now: int, *, served: bool) -> bool:
        """Remove a caller; return False if it was gone."""
        if self.entries.pop(entry.call, None) is None:
            return False
        if not self.steps.alike:
            self._compare()
        if entry.waits:
            self.forecast.left(now, self._waiting(), served=served)
            if entry.needs:
                self._of_kind(entry).left(now, self._waiting_alike(entry), served=served)
        if self.config.min_service_level and not entry.callback:
            self.forecast.count(now, in_time=served and now - entry.entered <= ticks(self.config.target_s))
        return True

    def _unserved(self) -> int:
        return sum([not (entry.offered or entry.asleep) for entry in self.entries.values()])

    def _waiting(self) -> int:
        return sum([entry.waits for entry in self.entries.values()])

    def move(self, entry: Entry, place: int) -> None:
        """Put a caller at a place, 1 for the next one; the queue keeps its turns beside other queues."""
        entries = [*self.entries.values()]
        orders = [each.order for each in entries]
        entries.remove(entry)
        entries.insert(place - 1, entry)
        for each, order in zip(entries, orders, strict=True):
            each.order = order
        self.entries = {each.call: each for each in entries}

    def prefer(self, entry: Entry, *, vip: bool) -> None:
        """Put a caller among the VIPs, or among those who are none."""
        entry.prefer(vip=vip)
        self.entries = dict(sorted(self.entries.items(), key=lambda item: item[1].order))

    def position(self, entry: Entry) -> int:
        """Return the place of a caller, 1 for the next one; call-backs that are not due are none before it."""
        place = [*self.entries].index(entry.call)
        if self.callbacks:
            place -= sum([other.asleep for other in islice(self.entries.values(), place)])
        return place + 1

    def _of_kind(self, entry: Entry) -> Forecast:
        """Return the forecast of callers with the same needs."""
        return self._alike.setdefault(frozenset(entry.needs.items()), Forecast())

    def _waiting_alike(self, entry: Entry) -> int:
        return sum([other.waits for other in self.entries.values() if other.needs == entry.needs])

    def further(self, entry: Entry, now: int) -> int | None:
        """Return how many ticks longer a caller is expected to wait; None: nothing tells."""
        ahead = takewhile(lambda other: other is not entry, self.entries.values())
        if entry.needs:
            alike = sum([not (o.offered or o.asleep) and o.needs == entry.needs for o in ahead])
            needs = self.steps.needs(entry)
            return self._of_kind(entry).wait(1 + alike, now, [agent for agent in self._serving if has(agent, needs)])
        return self._forecast(1 + sum([not (other.offered or other.asleep) for other in ahead]), now)

    @property
    def _serving(self) -> list[Agent]:
        """Agents of the queue without its reserve."""
        return [agent for agent in self.members if agent.number not in self.steps.reserve]

    def _forecast(self, position: int, now: int) -> int | None:
        return self.forecast.wait(position, now, self._serving)

    def urgency(self, entry: Entry, now: int) -> int:
        """Return, in thousandths of the target, how long a caller will have waited who is passed over now."""
        wait = now - entry.order + (self._forecast(1, now) or 0)
        return round(1000 * wait / ticks(self.config.target_s))

    def relax(self, entry: Entry, now: int) -> None:
        """Move a caller to the step that is due; steps that no agent who is signed in fits are passed."""
        self.steps.relax(entry, now, self.members)

    # --- who serves whom

    def head(self, now: int) -> Entry | None:
        """Return the next caller for whom no agent is rung and an idle one fits; None: there is none."""
        if self._plain:
            return self._first()
        needs = self.config.needs
        if self.config.max_talking and self._talking() >= self.config.max_talking:
            return None
        if self.steps.alike:
            if needs and not any(has(agent, needs) for agent in self.idle.values()):
                return None
            return self._first()
        return self._served_first(now)

    def _served_first(self, now: int) -> Entry | None:
        """Return the first caller whom an idle agent fits; an agent whom a caller waits for alone comes to that one."""
        idle, steps = self.idle.values(), self.steps
        waiting = [entry for entry in self.entries.values() if not (entry.offered or entry.away)]
        alone = {entry: agent for entry in waiting if (agent := self._alone(entry, now))}
        if (own := next((entry for entry, agent in alone.items() if agent in self.idle), None)) is not None:
            return own
        reserve = self._reserve(now)
        for entry in (entry for entry in waiting if entry not in alone):
            needs, shut = steps.needs(entry), reserve and steps.shut(entry)
            if any(agent.number not in shut and has(agent, needs) for agent in idle):
                return entry
        return None

    def _first(self) -> Entry | None:
        """Return the first caller for whom no agent is rung."""
        for entry in self.entries.values():
            if not (entry.offered or entry.away):
                return entry
        return None

    def _alone(self, entry: Entry, now: int) -> str:
        """Return the agent whom a caller waits for alone; '' for all, or if that agent is not there."""
        if not entry.agent or now >= entry.alone_until:
            return ""
        return entry.agent if any(agent.number == entry.agent and there(agent) for agent in self.members) else ""

    def _talking(self) -> int:
        """Return how many agents talk, or will as soon as one who is rung answers."""
        talking = sum([agent.state == "talking" for agent in self.members])
        return talking + sum([entry.offered for entry in self.entries.values()])

    def _reserve(self, now: int) -> frozenset[str]:
        """Return the reserve while it does not serve: others are signed in, and no caller will wait too long.

        The first one has waited longest, the last one is expected to wait longest from now on.
        """
        steps = self.steps
        waiting = [entry for entry in self.entries.values() if not (entry.offered or entry.asleep)]
        if not waiting or not steps.reserve:
            return steps.reserve
        if not any(there(agent) for agent in self.members if agent.number not in steps.reserve):
            return NONE
        waited = now - min([entry.entered for entry in waiting])
        further = self.further(waiting[-1], now) or 0
        return NONE if steps.too_long(max(waited, now - waiting[-1].entered + further)) else steps.reserve

    def choose(self, entry: Entry, now: int, chance: Callable[[], float], rivals: Rivals = ()) -> Choice:
        """Choose the agents who are rung for a caller, and keep the turn."""
        strategy, passed = self.config.strategy, dict(self.away)
        agents = tuple(self.idle) if self._plain else self._fitting(entry, now, passed)
        figure = FIGURES.get(strategy)
        figures: tuple[int, ...] = ()
        if figure is not None:
            needs = self.steps.needs(entry)
            figures = tuple([figure(self._candidate(self.idle[agent], needs, now)) for agent in agents])
        drawn = int(chance() * len(agents)) if strategy == "random" else 0
        chosen = choose(strategy, agents, figures, drawn)
        self._last = chosen[-1]
        return Choice(strategy, agents, figures, drawn, chosen, passed, rivals, entry.step)

    def _fitting(self, entry: Entry, now: int, passed: dict[str, WhyNot]) -> tuple[str, ...]:
        """Return the idle agents who may serve a caller; add the others to `passed`."""
        needs = self.steps.needs(entry)
        shut = self._reserve(now) and self.steps.shut(entry) if self.steps.reserve else NONE
        alone = self._alone(entry, now)
        if alone:
            needs, shut = NOTHING, NONE
        for number, agent in self.idle.items():
            if alone and number != alone:
                passed[number] = "alone"
            elif needs and not has(agent, needs):
                passed[number] = "skill"
            elif number in shut:
                passed[number] = "reserve"
        return tuple([number for number in self.idle if number not in passed])

    def _candidate(self, agent: Agent, needs: Needs, now: int) -> Candidate:
        place, figures = self._places[agent.number], agent.figures
        level = sum([agent.skills.get(skill, 0) for skill in needs])
        behind = (place - self._places.get(self._last, -1) - 1) % len(self.members)
        occupied = figures.occupancy(now)
        return Candidate(agent.number, place, behind, figures.calls, figures.talk, occupied, level)


def next_match(queues: Iterable[Queue], now: int, chance: Callable[[], float]) -> tuple[Entry, Choice, Queue] | None:
    """Return the caller who came first of those whose queue has an agent for them, and the queue's choice of agents."""
    heads = [(head, queue) for queue in queues if queue.idle and queue.entries and (head := queue.head(now))]
    if not heads:
        return None
    if len(heads) == 1:
        best, queue = heads[0]
        return best, queue.choose(best, now, chance), queue
    alike = len({queue.config.target_s for _, queue in heads}) == 1
    rivals = tuple([(head.call, of.config.name, head.order if alike else -of.urgency(head, now)) for head, of in heads])
    best, queue = heads[rivals.index(min(rivals, key=first))]
    return best, queue.choose(best, now, chance, rivals), queue


def first(rival: tuple[int, str, int]) -> tuple[int, int]:
    """Return by what callers of several queues are compared: the lowest is served, of equal ones the older call."""
    return rival[2], rival[0]


def make(config: BoxConfig) -> tuple[dict[str, Agent], dict[str, Queue]]:
    """Return the configuration's agents and queues, by number and name."""
    phones = {extension.number for extension in config.extension}
    agents = {each.number: Agent(each) for each in config.agent}
    for agent in agents.values():
        if agent.extension not in phones:
            agent.extension = ""
    return agents, {each.name: Queue(each, members(each, agents)) for each in config.queue}


def members(config: QueueConfig, agents: Mapping[str, Agent]) -> list[Agent]:
    """Return the agents of a queue, with its reserve."""
    return [agents[number] for number in dict.fromkeys((*config.agents, *config.reserve)) if number in agents]
