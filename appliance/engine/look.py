# SPDX-License-Identifier: GPL-2.0-or-later
"""Views: frozen copies of the engine's state."""

from datetime import datetime
from typing import Literal

from appliance.config.duty import DutyConfig
from appliance.config.hours import written
from appliance.config.rules import PlanConfig
from appliance.contract.callbacks import CallBackView
from appliance.contract.duties import DutyRow, DutySlot
from appliance.contract.ticks import seconds
from appliance.contract.views import (
    CONSULTED,
    AgentView,
    CallView,
    ConferenceView,
    LegView,
    MemberView,
    PhoneView,
    PlanView,
    QueueView,
    Watch,
)
from appliance.engine.activities.room import Room
from appliance.engine.parts import called_back
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.callbacks import CallBack, CallBackState
from appliance.engine.parts.plans import code_of, until_next
from appliance.engine.parts.queues import Queue
from appliance.engine.parts.settings import settings_of


def leg_view(leg: Leg) -> LegView:
    """Return a view of a leg."""
    return LegView(leg.number, leg.line, leg.role, leg.who, leg.state.name.lower(), leg.person, leg.held)


def call_view(call: Call) -> CallView:
    """Return a view of a call."""
    other = call.consults or call.consulted_by
    return CallView(
        call=call.number,
        direction=call.direction,
        caller=call.caller,
        called=call.called,
        state=CONSULTED if call.consulted_by is not None else call.activity.view,
        since=call.since,
        legs=tuple(leg_view(leg) for leg in call.legs.values()),
        flow=call.flow,
        node=call.activity.node,
        queue=call.activity.queue,
        place=call.activity.place,
        consults=other.number if other is not None else 0,
    )


def conference_views(board: Board) -> list[ConferenceView]:
    """Return views of the conferences, oldest first."""
    rooms = [(call, call.activity) for call in board.calls.values() if isinstance(call.activity, Room)]
    return [_conference_view(call, room, board.now) for call, room in rooms]


def _conference_view(call: Call, room: Room, now: int) -> ConferenceView:
    conference = room.conference
    asking = [each.place for each in conference.asking()]
    members = [
        MemberView(
            place=each.place,
            leg=each.leg.number,
            number=each.leg.who,
            name=each.leg.phone.name if each.leg.phone is not None else "",
            host=each.host,
            muted=each.muted,
            floor=each.floor,
            asks=asking.index(each.place) + 1 if each.asks else 0,
        )
        for each in conference
    ]
    return ConferenceView(
        number=conference.plan.number,
        name=conference.plan.name,
        call=call.number,
        up_s=seconds(now - conference.since),
        locked=conference.locked,
        members=tuple(members),
        ringing=tuple([each.number for each in room.invited]),
    )


def queue_view(queue: Queue) -> QueueView:
    """Return a view of a queue."""
    board = queue.config.board
    return QueueView(
        queue=queue.config.name,
        waiting=tuple([entry.call for entry in queue.entries.values() if not entry.callback]),
        idle=len(queue.idle),
        busy=sum(agent.state in ("offered", "talking", "wrap_up") for agent in queue.members),
        signed_in=sum(agent.status != "signed_out" for agent in queue.members),
        target_s=queue.config.target_s,
        watch=Watch(board.waiting, board.longest_s, board.service_level),
        callbacks=tuple([_callback_view(each) for each in called_back.of(queue)]),
    )


def _callback_view(each: CallBack) -> CallBackView:
    queue, state = each.queue, each.state
    place = [*queue.entries].index(each.asked) + 1 if each.asked in queue.entries else 0
    word: Literal["asleep", "waiting", "trying"] = (
        "trying" if state is CallBackState.TRYING else "waiting" if state is CallBackState.WAITING else "asleep"
    )
    return CallBackView(each.number, each.asked, each.to, place, word, each.tries)


def agent_view(board: Board, agent: Agent) -> AgentView:
    """Return a view of an agent; `call` is of a queue, or else one of the phone's."""
    own = [leg.call.number for leg in board.in_use.get(agent.extension, ()) if leg.seated == agent.number]
    return AgentView(
        agent=agent.number,
        name=agent.name,
        extension=agent.extension,
        status=agent.status,
        state=agent.state,
        reason=agent.reason,
        since=agent.since,
        call=agent.call or next(iter(own), 0),
        wrap_up_code=agent.coded,
        skills=agent.skills,
        until=agent.until if agent.wraps else 0,
        locked=agent.locked,
    )


def phone_views(board: Board) -> list[PhoneView]:
    """Return views of the extensions, in the order of the configuration."""
    seated = {agent.extension: agent.number for agent in board.agents.values() if agent.status != "signed_out"}
    calls = {leg.line: call.number for call in board.calls.values() for leg in call.legs.values()}
    return [
        PhoneView(
            extension=number,
            name=phone.name,
            line=phone.line,
            agent=seated.get(number, ""),
            call=calls.get(phone.line, 0),
            settings=settings_of(board.settings[number]),
        )
        for number, phone in board.routes.phones.items()
    ]


def plan_view(board: Board, config: PlanConfig, when: datetime) -> PlanView:
    """Return a view of a time plan at a moment."""
    stand, plan = board.plans.at(config.name, when), board.plans.get(config.name)
    by_hand, hand = stand.reason == "by_hand", board.plans.hands.get(config.name)
    until = hand.until if hand is not None and by_hand else 0
    return PlanView(
        plan=config.name,
        open=stand.open,
        reason=stand.reason,
        by=stand.by,
        times=written(plan.of(when.date()).times) if plan is not None else (),
        changes_at=until_next(plan, when) if plan is not None and not by_hand else 0,
        state="by_plan" if not by_hand else "open" if stand.open else "closed",
        until=until,
        code=code_of(board, config.name),
        announced=board.config.calendar.announced if config.public_holidays else "",
    )


def duty_row(board: Board, config: DutyConfig, when: datetime) -> DutyRow:
    """Return a duty list at a moment; slots that were set while the box ran have `at` 1 until the books are read."""
    duties = board.duties
    made = {id(slot) for slot in duties.made.values()}
    gaps = duties.gaps(config.name, when, board.plans)
    return DutyRow(
        duty=config.name,
        number=config.number,
        call=duties.on(config.name, when),
        otherwise=config.otherwise,
        slots=tuple(
            DutySlot(when=slot.when, call=slot.call, at=int(id(slot) in made)) for slot in duties.slots(config.name)
        ),
        gaps=tuple((int(begin.timestamp() * 1000), int(end.timestamp() * 1000)) for begin, end in gaps),
    )
