# SPDX-License-Identifier: GPL-2.0-or-later
"""The switchboard: all state of the engine in one place, with the commands and records of the step under way."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, datetime
from random import Random
from typing import Any, Literal, NamedTuple

import msgspec

from appliance.config.duty import DutyConfig
from appliance.config.keyed import KeyedConfig
from appliance.config.model import BoxConfig, ExtensionConfig, HuntConfig
from appliance.config.rules import CalendarConfig, PlanConfig
from appliance.contract.asks import AnyAsk
from appliance.contract.books import OpenBooks
from appliance.contract.records import AgentState, AgentStatus, AnyRecord, PinOwner, TroubleNoted
from appliance.contract.switch import AnyCommand, Party, SpanState
from appliance.contract.ticks import ticks
from appliance.engine.parts import queues, settings
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.boxes import Boxes
from appliance.engine.parts.call import Call, Doing, Leg, Takes
from appliance.engine.parts.conference import Conference
from appliance.engine.parts.inputs import In
from appliance.engine.parts.queues import Queue
from appliance.engine.parts.recording_rules import RecordingRules
from appliance.engine.parts.starts import Start
from appliance.engine.parts.supervisors import Roles
from appliance.engine.parts.timers import Timer, Timers
from appliance.engine.routes.conditions import Given
from appliance.engine.routes.duties import Duties
from appliance.engine.routes.lists import Lists
from appliance.engine.routes.outbound import Outbound
from appliance.engine.routes.plans import Plans
from appliance.engine.routes.routing import Routes, Target
from appliance.engine.routes.site_numbers import Site
from appliance.ivr.flow import Flow


class Tries(NamedTuple):
    """Wrong PINs so far, the tick of the last, and the tick until which none is taken."""

    wrong: int
    at: int
    locked_until: int


class Board:
    """Shared state of all machines of the engine.

    Attributes:
        activities: constructors of the activities, by start; `leads`: begins what a number leads to. Both are
            `engine.table`'s.
        stirred: calls in which something happened in this step.
        recordings: leg of every recording and message that is open.
        boxes: boxes for messages.
        plan_timers: end of the time for which each plan was switched by hand.
        turns: how often each rotating hunt group was called.
        parked: parked calls by place.
        rooms: conferences by number, with their calls.
        in_use: legs of each phone that has any.
        touched: phones on which something changed in this step; `presence`: the state last sent of those not idle.
        lamps: phones whose message lamp changed in this step; `desks`: those on which an agent's choice changed.
        unsettled: queues that may have a caller and an agent for each other; matched at the end of the step.
        attached: the switch carries out commands.
        roles: of supervisors; `asked_by`: the user of the machine whose request is being carried out.
        agents_written: state of the agents in the books, until the first `Attached`.
        tries: wrong PINs by agent and by extension.
        asks: asks and withdrawals of the step; `asking`: call and asker of each ask that has not ended.
        missing_noted: places and prompts that were noted as missing; `span_states`: last state of each span from the
            switch, `span_told`: what was noted of it, '' that it is well.
        chance: source of random numbers from 0 up to 1, the same in every run on the same books.
        lines_up_at: tick until which lines may be coming up.
    """

    __slots__ = (
        "_activities", "_leads", "_today", "_today_until", "_wall", "agents", "agents_written", "asked_by", "asking",
        "asks", "attached", "boxes", "calls", "chance", "commands", "config", "desks", "duties", "flows", "in_use",
        "lamps", "legs", "lines_up_at", "lists", "missing_noted", "next_ask", "next_call", "next_callback",
        "next_leg", "next_offer", "next_play", "next_recording", "next_segment", "next_survey", "now", "outbound",
        "parked", "phone_users", "plan_timers", "plans", "presence", "queues", "recording_rules", "recordings",
        "records", "roles", "rooms", "routes", "settings", "site", "span_states", "span_told", "stirred", "timers",
        "touched", "tries", "turns", "unsettled",
    )  # fmt: skip

    def __init__(
        self,
        config: BoxConfig,
        flows: Mapping[str, Flow],
        books: OpenBooks,
        activities: Mapping[type[Any], Callable[["Board", Call, Any], Doing]],
        leads: Callable[["Board", Call, Leg, Target], None],
        wall: Callable[[int], datetime],
    ) -> None:
        self.config = config
        self.flows = dict(flows)
        self._activities, self._leads = activities, leads
        self.stirred: dict[int, Call] = {}
        self.plans, self.duties = Plans(config, books.plans), Duties(config, books.duties)
        self.routes = Routes(config, self.plans)
        self.outbound = Outbound(config, self.plans)
        self.site = Site(config)
        self.lists = Lists(config.lists, self.site)
        self.recording_rules = RecordingRules(config, self.site)
        self.roles, self.asked_by = Roles(config.role), ""
        self.settings = settings.make(self.routes.phones, books.settings)
        self.turns, self.plan_timers = Counter[str](), dict[str, Timer]()
        self.in_use: dict[str, list[Leg]] = {}
        self.touched: set[str] = set()
        self.lamps: set[str] = set()
        self.desks: set[str] = set()
        self.presence: dict[str, Literal["idle", "ringing", "busy"]] = {}
        self.parked: dict[str, Call] = {}
        self.rooms: dict[str, tuple[Conference, Call]] = {}
        self._wall = wall
        self._today, self._today_until = date.min, 0
        self.timers = Timers()
        self.now, self.attached = 0, False
        self.commands: list[AnyCommand] = []
        self.records: list[AnyRecord] = []
        self.legs: dict[int, Leg] = {}
        self.calls: dict[int, Call] = {}
        self.recordings: dict[int, int] = {}
        self.boxes = Boxes(config, books.messages)
        self.asks, self.asking = list[AnyAsk](), dict[int, tuple[Call, Takes]]()
        self.agents, self.queues = queues.make(config)
        self.phone_users: dict[str, tuple[Agent, ...]] = {}
        self.seat()
        self.tries: dict[tuple[PinOwner, str], Tries] = {}
        self.unsettled: dict[str, Queue] = {}
        self.agents_written: dict[str, tuple[AgentStatus, AgentState] | None] = {}
        self.missing_noted: set[tuple[str, str]] = set()
        self.span_states: dict[int, SpanState] = {}
        self.span_told: dict[int, str] = {}
        self.lines_up_at = 0
        self.next_call = books.next_call
        self.next_leg = books.next_leg | 1
        self.next_segment = books.next_segment
        self.next_offer = books.next_offer
        self.next_recording = books.next_recording
        self.next_survey, self.next_callback = books.next_survey, books.next_callback
        self.next_play = books.next_play
        self.chance = Random(books.next_offer).random
        self.next_ask = 1

    def be(self, config: BoxConfig) -> None:
        """Set the configuration from now on: numbers, ways, lists, rules and boxes; calls under way keep theirs."""
        self.time(config.plan, config.calendar, config.duty)
        before, self.config = self.config, config
        settings.follow(self.settings, before.extension, config.extension)
        self.plan(config.extension, config.hunt, config.keyed)
        self.outbound = self.outbound.after(config, self.plans, [leg.line for leg in self.legs.values()])
        self.site = Site(config)
        self.lists = Lists(config.lists, self.site)
        self.recording_rules = RecordingRules(config, self.site)
        self.roles = Roles(config.role)
        self.boxes.be(config)

    def plan(
        self, extensions: tuple[ExtensionConfig, ...], hunt: tuple[HuntConfig, ...], keyed: tuple[KeyedConfig, ...]
    ) -> None:
        """Set extensions, groups, and fields with codes from now on. Settings of phones that are gone are kept."""
        self.config = msgspec.structs.replace(self.config, extension=extensions, hunt=hunt, keyed=keyed)
        self.routes = Routes(self.config, self.plans)
        new = {number: phone for number, phone in self.routes.phones.items() if number not in self.settings}
        self.settings.update(settings.make(new, ()))

    def time(self, plans: tuple[PlanConfig, ...], calendar: CalendarConfig, duties: tuple[DutyConfig, ...]) -> None:
        """Set time plans, public holidays and duty lists from now on."""
        self.config = msgspec.structs.replace(self.config, plan=plans, calendar=calendar, duty=duties)
        self.plans.be(self.config)
        self.duties.be(self.config)

    def seat(self) -> None:
        """Set anew which agents use each phone, also a phone that is gone and still talks."""
        for number in {*self.phone_users, *self.routes.phones}:
            self.phone_users[number] = tuple(agent for agent in self.agents.values() if agent.extension == number)

    def queues_of(self, agent: Agent) -> list[Queue]:
        """Return the queues of an agent."""
        return [self.queues[name] for name in agent.queues]

    def clock(self) -> datetime:
        """Return the local time of day."""
        return self._wall(self.now)

    def today(self) -> date:
        """Return the local day, as it was read at most a minute ago: every change of an agent asks for it."""
        if self.now >= self._today_until:
            self._today, self._today_until = self.clock().date(), self.now + ticks(60)
        return self._today

    def given(self, call: Call) -> Given:
        """Return what conditions of routes read of a call besides the number."""
        leg = next((each for each in call.legs.values() if each.role == "caller"), None)
        caller, line = call.caller, leg.line if leg is not None else ""
        if leg is not None and leg.phone is not None:
            caller = Party(leg.phone.number, presentation=caller.presentation)
        return Given(caller, line, self.clock)

    def begin(self, call: Call, start: Start) -> None:
        """End the activity of a call, and begin the next."""
        call.activity.leave(None)
        self.enter(call, start)

    def enter(self, call: Call, start: Start) -> None:
        """Begin the next activity; the one before has been left."""
        call.since = self.now
        self.stirred[call.number] = call
        call.activity = activity = self._activities[type(start)](self, call, start)
        activity.enter()

    def lead(self, call: Call, caller: Leg, target: Target) -> None:
        """Begin for a call what the number leads to that its caller dialled."""
        self._leads(self, call, caller, target)

    def resume(self, call: Call, back: Takes, caller: Leg, result: str | int) -> None:
        """Hand a caller back to the activity that sent it away; `result`: a word, or the cause."""
        call.activity.leave(None)
        call.since = self.now
        back.take(In.RETURNED, (caller, result))

    def trouble(self, kind: str, text: str, count: int = 1, **values: object) -> None:
        """Note a trouble; `text` is marked with N_, and filled in with `values` where it is shown."""
        self.records.append(TroubleNoted(kind, text, count, {name: str(value) for name, value in values.items()}))
