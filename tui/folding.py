# SPDX-License-Identifier: GPL-2.0-or-later
"""Folding: what each record of the box changes in the picture. Records that change nothing to be seen are left out."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from appliance.contract import records as r
from appliance.contract.rows import TroubleRow
from tui.things import CallNow, LegNow, Part, QueueNow, WaitingNow

STATES: Final[Mapping[str, str]] = {
    "flow": "flow",
    "queue": "waiting",
    "ring": "calling",
    "announce": "announcing",
    "talk": "talking",
    "hold": "held",
    "park": "parked",
    "message": "message",
}
"""State of a call, as the box's views name it, by the kind of its segment."""
TRUNK: Final = "trunk:"
"""Begin of the line of a SIP trunk."""
_NAMED: Final = frozenset(("flow", "queue", "park", "message"))
"""Kinds of segments that name a place; a talk names the other party."""


def fold(picture: Part, at: int, record: Any) -> bool:
    """Change the picture by a record of the time `at`; return whether it may have changed."""
    change = _CHANGES.get(type(record))
    if change is None:
        return False
    change(picture, at, record)
    return True


def _call_opened(picture: Part, at: int, it: r.CallOpened) -> None:
    known = picture.calls.get(it.call)
    if known is not None:  # overlap receiving has the whole number
        known.called, known.flow = it.called, it.flow
        return
    caller = (it.caller.number, it.called)
    picture.calls[it.call] = CallNow(it.call, at, it.direction, *caller, "address", at, "", it.flow, it.caller.name)


def _call_closed(picture: Part, _at: int, it: r.CallClosed) -> None:
    picture.calls.pop(it.call, None)


def _call_released(picture: Part, at: int, it: r.CallReleased) -> None:
    if (call := picture.calls.get(it.call)) is not None:
        call.state, call.state_at, call.where = "releasing", at, ""


def _leg_opened(picture: Part, _at: int, it: r.LegOpened) -> None:
    if (call := picture.calls.get(it.call)) is not None:
        state = "present" if it.role == "caller" else "initiated"
        call.legs[it.leg] = LegNow(it.leg, it.line, it.role, it.number, it.agent, state)
        if it.role != "caller" and call.state == "address":
            call.state = "calling"


def _leg_answered(picture: Part, at: int, it: r.LegAnswered) -> None:
    if (call := picture.calls.get(it.call)) is not None and (leg := call.legs.get(it.leg)) is not None:
        leg.state = "active"
        if leg.line.startswith(TRUNK):
            picture.answered_at[leg.line] = at


def _leg_closed(picture: Part, _at: int, it: r.LegClosed) -> None:
    if (call := picture.calls.get(it.call)) is not None:
        call.legs.pop(it.leg, None)


def _channel_seized(picture: Part, _at: int, it: r.ChannelSeized) -> None:
    if (call := picture.calls.get(it.call)) is not None and (leg := call.legs.get(it.leg)) is not None:
        leg.span, leg.timeslot = it.span, it.timeslot


def _segment_opened(picture: Part, at: int, it: r.SegmentOpened) -> None:
    if (call := picture.calls.get(it.call)) is not None:
        offered = it.kind == "queue" and call.offers  # the offer may come before the segment, in one event
        call.state, call.state_at = "offering" if offered else STATES[it.kind], at
        if it.kind in _NAMED:
            call.where = it.what
        elif it.kind != "ring":  # a flow that rings its caller goes on at its node
            call.where = call.flow


def _queue_entered(picture: Part, at: int, it: r.QueueEntered) -> None:
    queue = picture.queues.setdefault(it.queue, QueueNow(it.queue))
    queue.entered += 1
    call = picture.calls.get(it.call)
    place = it.position - 1 if it.position > 0 else len(queue.waiting)
    queue.waiting.insert(place, WaitingNow(it.call, call.caller if call is not None else "", at))


def _queue_left(picture: Part, _at: int, it: r.QueueLeft) -> None:
    if (queue := picture.queues.get(it.queue)) is not None:
        queue.left(it.call)
        queue.answered += it.reason == "answered"
        queue.abandoned += it.reason == "abandoned"


def _offer_made(picture: Part, at: int, it: r.OfferMade) -> None:
    if (call := picture.calls.get(it.call)) is not None:
        call.offers += 1
        if call.state == "waiting":
            call.state, call.state_at = "offering", at
    if (agent := picture.agents.get(it.agent)) is not None:
        agent.call = it.call


def _offer_ended(picture: Part, at: int, it: r.OfferEnded) -> None:
    if (call := picture.calls.get(it.call)) is not None:
        call.offers = max(0, call.offers - 1)
        if call.state == "offering" and not call.offers and it.result != "answered":
            call.state, call.state_at = "waiting", at


def _agent_changed(picture: Part, at: int, it: r.AgentChanged) -> None:
    agent = picture.agents.get(it.agent)
    if agent is None:
        return  # a new one: the next reply names it
    if agent.state != it.state or agent.status != it.status:
        agent.state_at = at
    agent.status, agent.state, agent.reason, agent.locked = it.status, it.state, it.reason, it.locked
    agent.extension = it.extension or agent.extension
    if it.state not in ("offered", "talking"):
        agent.call = 0


def _wrap_up_coded(picture: Part, _at: int, it: r.WrapUpCoded) -> None:
    if (agent := picture.agents.get(it.agent)) is not None:
        agent.wrap_up_code = it.name


def _trouble_noted(picture: Part, at: int, it: r.TroubleNoted) -> None:
    row = TroubleRow(
        trouble=0, started_at=at, kind=it.kind, text=it.english, count=it.count, msgid=it.text, values=it.values
    )
    picture.add_trouble(row)


_CHANGES: Final[Mapping[type, Callable[[Part, int, Any], None]]] = {
    r.CallOpened: _call_opened,
    r.CallReleased: _call_released,
    r.CallClosed: _call_closed,
    r.LegOpened: _leg_opened,
    r.LegAnswered: _leg_answered,
    r.LegClosed: _leg_closed,
    r.ChannelSeized: _channel_seized,
    r.SegmentOpened: _segment_opened,
    r.QueueEntered: _queue_entered,
    r.QueueLeft: _queue_left,
    r.OfferMade: _offer_made,
    r.OfferEnded: _offer_ended,
    r.AgentChanged: _agent_changed,
    r.WrapUpCoded: _wrap_up_coded,
    r.TroubleNoted: _trouble_noted,
}
