# SPDX-License-Identifier: GPL-2.0-or-later
"""From a goal to the legs that are rung for it: forwards, do not disturb, further numbers, hunt groups, trunks.

A goal either becomes legs, or other goals in its place, or a cause why it cannot be reached.
"""

from typing import Any, Final

from appliance.config.model import ExtensionConfig
from appliance.contract.switch import Cause, Party, Redirecting, RedirectReason
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.goals import MOST, Goal, Ring, busy, either, line_fault, unanswered
from appliance.engine.parts.lines import on_line, on_phone
from appliance.engine.routes.outbound import presented
from appliance.engine.routes.routing import CAUSES, Target, ToFlow, ToGroup, ToOutside, ToPhone, Undecided
from appliance.i18n import N_

Found = tuple[Ring, ...] | ToFlow | int
"""Legs to ring, a flow that answers, or a Q.850 cause; 0: look at the next goal, there is one."""


def find(board: Board, call: Call, goal: Goal) -> Found:
    """Take a goal apart; goals that come in its place are put on the call's."""
    call.tried += 1
    if call.tried > MOST:
        text = N_("call {call} to {number}: forwarded {times} times; given up")
        board.trouble("forward_loop", text, call=call.number, number=call.called, times=MOST)
        call.goals.clear()
        return Cause.TEMPORARY_FAILURE
    to = goal.to
    if isinstance(to, str):
        to = board.routes.find(to, complete=True, phone=True)
    if isinstance(to, Undecided):
        return CAUSES[to]
    way = _WAYS.get(type(to))
    return way(board, call, goal, to) if way is not None else Cause.UNALLOCATED_NUMBER


def _legs(_: Board, __: Call, ___: Goal, to: tuple[Ring, ...]) -> Found:
    return to


def _flow(_: Board, call: Call, __: Goal, to: ToFlow) -> Found:
    return to if call.run is None else Cause.UNALLOCATED_NUMBER  # from a flow's own dialling it cannot go to another


def _phone(board: Board, call: Call, goal: Goal, to: ToPhone) -> Found:
    phone = to.extension
    if phone.number in call.sent_on:
        return Cause.EXCHANGE_ROUTING_ERROR
    own = board.settings[phone.number]
    if own.forward_always:
        call.goals.append(Goal(own.forward_always, goal.ring_s, None, phone, _by(phone, RedirectReason.UNCONDITIONAL)))
        return 0
    not_there, in_use = _by(phone, RedirectReason.NO_ANSWER), _by(phone, RedirectReason.BUSY)
    further = [Goal(number, phone.follow_me_ring_s, either, phone, not_there) for number in reversed(phone.follow_me)]
    if own.forward_no_answer:
        further.append(Goal(own.forward_no_answer, goal.ring_s, unanswered, phone, not_there))
    if own.forward_busy:
        further.append(Goal(own.forward_busy, goal.ring_s, busy, phone, in_use))
    call.goals += further
    if own.do_not_disturb or (not own.call_waiting and phone.number in board.in_use):
        return Cause.USER_BUSY
    ring = ring_of(board, call, phone, goal.redirecting)
    call.goals.append(Goal((ring,), _ring_s(goal, phone, forwarded=bool(further))))
    return 0


def _by(phone: ExtensionConfig, reason: RedirectReason) -> Redirecting:
    """Say that a phone of the house sends a call on."""
    return Redirecting(Party(phone.number, phone.name), reason)


def _ring_s(goal: Goal, phone: ExtensionConfig, *, forwarded: bool) -> float:
    """Say how long a phone rings: what rings it (a group, a flow) may have its own time, but delays no forward."""
    if goal.ring_s is None:
        return phone.ring_s
    return min(goal.ring_s, phone.ring_s) if forwarded else goal.ring_s


def ring_of(board: Board, call: Call, phone: ExtensionConfig, redirecting: Redirecting | None) -> Ring:
    """Say how a phone of the house is rung."""
    shown = on_phone(board, call.shown)
    return Ring(phone.line, phone.number, shown, "extension", phone, redirecting or call.redirecting)


def _group(board: Board, call: Call, goal: Goal, to: ToGroup) -> Found:
    group = to.group
    phones = [board.routes.phones[number] for number in group.extensions if number in board.routes.phones]
    if group.otherwise:
        call.goals.append(Goal(group.otherwise, goal.ring_s, either, redirecting=goal.redirecting))
    if group.order == "all":
        free = [phone for phone in phones if not board.settings[phone.number].do_not_disturb]
        if not free:
            return Cause.USER_BUSY
        rings = tuple(ring_of(board, call, phone, goal.redirecting) for phone in free)
        call.goals.append(Goal(rings, group.ring_s))
        return 0
    if group.order == "rotating" and phones:
        first = board.turns[group.number] % len(phones)
        board.turns[group.number] += 1
        phones = phones[first:] + phones[:first]
    by = goal.redirecting
    call.goals += [Goal(ToPhone(phone), group.ring_s, either, redirecting=by) for phone in reversed(phones)]
    return Cause.NO_USER_RESPONDING


def _outside(board: Board, call: Call, goal: Goal, to: ToOutside) -> Found:
    found = board.outbound.ways(goal.behalf, to.number, board.clock)
    if not found.lines:
        return found.cause
    by = goal.redirecting or call.redirecting
    rings = [
        Ring(way.line, way.called, on_line(board, presented(call.shown, way.caller)), "outside", redirecting=by)
        for way in found.lines
        if way.called not in call.sent_on
    ]
    if not rings:
        return Cause.EXCHANGE_ROUTING_ERROR
    call.goals += [Goal((ring,), goal.ring_s, line_fault, goal.behalf) for ring in reversed(rings[1:])]
    call.goals.append(Goal((rings[0],), goal.ring_s, behalf=goal.behalf))
    return 0


def sent_to(board: Board, leg: Leg, number: str, behalf: ExtensionConfig | None) -> str | Target:
    """Say what a number means to which a leg sends the caller: on a phone what it dials, outside a number outside.

    A far end outside that the box called by itself sends nobody outside again: no class would bound the cost.
    """
    if leg.phone is not None:
        return number
    number = board.site.dialled(number)
    inside = board.routes.find(number, complete=True, phone=False)
    return ToOutside(number) if isinstance(inside, Undecided) and behalf is not None else inside


_WAYS: Final[dict[type[Any], Any]] = {
    tuple: _legs,
    ToFlow: _flow,
    ToPhone: _phone,
    ToGroup: _group,
    ToOutside: _outside,
}
