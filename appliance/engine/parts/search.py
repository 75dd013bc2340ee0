# SPDX-License-Identifier: GPL-2.0-or-later
"""From goals to legs: forwards, do not disturb, further numbers, hunt groups, trunks.

A goal becomes legs, or other goals in its place, or a cause why it cannot be reached.
"""

from collections.abc import Callable, Iterable
from typing import Any, Final

from appliance.config.model import ExtensionConfig
from appliance.contract.records import MessageWhy, Role
from appliance.contract.switch import Cause, Party, Redirecting, RedirectReason
from appliance.engine.parts.agents import Agent
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.goals import MAX_GOALS, T301_S, Goal, Legs, Ring, busy, either, line_fault, unanswered
from appliance.engine.parts.parties import on_line, on_phone, party
from appliance.engine.routes.conditions import Clock
from appliance.engine.routes.outbound import presented
from appliance.engine.routes.routing import (
    CAUSES,
    Target,
    ToBox,
    ToDuty,
    ToFlow,
    ToGroup,
    ToOutside,
    ToPhone,
    Undecided,
    onward,
)
from appliance.i18n import N_

NEXT: Final = 0
"""No Q.850 cause: another goal has come in the place of this one."""
_Way = ToFlow | ToBox | int


class Search:
    """The goals of a call that are still to be tried.

    Args:
        goals: the first one last.
        flows: a number may lead to a flow; not if the call is in one already.
    """

    __slots__ = ("_boxed", "_flows", "_goals", "_sent_on", "_tried", "board", "call")

    def __init__(self, board: Board, call: Call, goals: Iterable[Goal | Legs], *, flows: bool) -> None:
        self.board = board
        self.call = call
        self._goals: list[Goal | Legs] = [*goals]
        self._flows = flows
        self._tried = 0
        self._sent_on: set[str] = set()
        self._boxed = not flows
        """No box takes the call but that of the first extension: one is among the goals, or none may be."""

    def next(self, cause: int) -> Legs | ToFlow | ToBox | int:
        """Return the legs to ring after earlier goals failed with `cause`; or a flow or a box.

        A cause if no goal is left.
        """
        while self._goals:
            goal = self._goals.pop()
            if goal.after is not None and not goal.after(cause):
                continue
            self._tried += 1
            if self._tried > MAX_GOALS:
                return self._give_up()
            if isinstance(goal, Legs):
                return goal
            found = self._find(goal)
            if not isinstance(found, int):
                return found
            cause = found or cause
        return cause

    def goes_on(self, cause: int) -> bool:
        """Return whether a goal is tried after this cause."""
        return any(goal.after is None or goal.after(cause) for goal in self._goals)

    def redirect(self, leg: Leg, numbers: Iterable[str], behalf: ExtensionConfig | None) -> None:
        """Add the numbers to which a leg redirects the caller as goals, the first one first.

        They are called for the phone that names them, or for which the far end was called: by its class.
        """
        self._sent_on.add(leg.who)
        behalf = leg.phone or behalf
        targets = [self._sent_to(leg, number, behalf) for number in numbers]
        by = Redirecting(party(self.call, leg), RedirectReason.DEFLECTION)
        self._goals += [Goal(target, behalf=behalf, redirecting=by) for target in reversed(targets)]

    def _give_up(self) -> int:
        """Drop all goals: they are forwards in a ring."""
        text = N_("call {call} to {number}: forwarded {times} times; given up")
        call = self.call
        self.board.trouble("forward_loop", text, call=call.number, number=call.called, times=MAX_GOALS)
        self._goals.clear()
        return Cause.TEMPORARY_FAILURE

    def _find(self, goal: Goal) -> _Way:
        to = goal.to
        if isinstance(to, str):
            to = self.board.routes.find(to, complete=True, phone=True, given=self.board.given(self.call))
        if isinstance(to, Undecided):
            return CAUSES[to]
        way = _WAYS.get(type(to))
        return way(self, goal, to) if way is not None else Cause.UNALLOCATED_NUMBER

    def _flow(self, _: Goal, to: ToFlow) -> _Way:
        return to if self._flows else Cause.UNALLOCATED_NUMBER

    def _box(self, goal: Goal, to: ToBox) -> _Way:
        """Return the box, with the reason of the forward that leads there."""
        by = goal.redirecting
        why = _WHY.get(by.reason, to.why) if by is not None and to.why == "dialled" else to.why
        return ToBox(to.box, why) if self._flows else Cause.UNALLOCATED_NUMBER

    def _phone(self, goal: Goal, to: ToPhone) -> _Way:
        phone = to.extension
        if phone.number in self._sent_on:
            return Cause.EXCHANGE_ROUTING_ERROR
        own = self.board.settings[phone.number]
        if own.forward_always:
            always = _by(phone, RedirectReason.UNCONDITIONAL)
            self._goals.append(Goal(own.forward_always, goal.ring_s, None, phone, always))
            return NEXT
        boxed = self._boxes(goal, phone)
        if isinstance(boxed, ToBox):
            return boxed
        follow_me = phone.follow_me if follows(self.board, phone, self.board.clock) else ()
        absent, in_use = _by(phone, RedirectReason.NO_ANSWER), _by(phone, RedirectReason.BUSY)
        further = [Goal(onward(to), phone.follow_me_ring_s, either, phone, absent) for to in reversed(follow_me)]
        if own.forward_no_answer:
            further.append(Goal(own.forward_no_answer, goal.ring_s, unanswered, phone, absent))
        if own.forward_busy:
            further.append(Goal(own.forward_busy, goal.ring_s, busy, phone, in_use))
        self._goals += [*boxed, *further]
        if own.do_not_disturb or (not own.call_waiting and phone.number in self.board.in_use):
            return Cause.USER_BUSY
        ring = ring_of(self.board, self.call, phone, goal.redirecting)
        self._goals.append(Legs((ring,), _ring_s(goal, phone, forwarded=bool(boxed or further))))
        return NEXT

    def _boxes(self, goal: Goal, phone: ExtensionConfig) -> ToBox | list[Goal]:
        """Return the extension's box after hours, else the goals to which it is tried at last."""
        box = None if self._boxed or goal.in_group else self.board.boxes.by_extension.get(phone.number)
        if box is None:
            return []
        if box.after_hours(self.board.clock()):
            return ToBox(box.name, "after_hours")
        self._boxed = True
        ways = (("busy", busy), ("no_answer", unanswered))
        return [Goal(ToBox(box.name, why), after=after) for why, after in ways if why in box.config.takes]

    def _group(self, goal: Goal, to: ToGroup) -> _Way:
        group, known = to.group, self.board.routes.phones
        phones = [known[number] for number in group.extensions if number in known]
        if group.otherwise:
            self._goals.append(Goal(onward(group.otherwise), goal.ring_s, either, redirecting=goal.redirecting))
        if group.order == "all":
            free = [phone for phone in phones if not self.board.settings[phone.number].do_not_disturb]
            if not free:
                return Cause.USER_BUSY
            rings = tuple(ring_of(self.board, self.call, phone, goal.redirecting) for phone in free)
            self._goals.append(Legs(rings, group.ring_s))
            return NEXT
        if group.order == "rotating" and phones:
            first = self.board.turns[group.number] % len(phones)
            self.board.turns[group.number] += 1
            phones = phones[first:] + phones[:first]
        by = goal.redirecting
        self._goals += [
            Goal(ToPhone(phone), group.ring_s, either, redirecting=by, in_group=True) for phone in reversed(phones)
        ]
        return Cause.NO_USER_RESPONDING

    def _duty(self, goal: Goal, to: ToDuty) -> _Way:
        board = self.board
        duty = board.duties.lists.get(to.duty)
        if duty is None:  # removed while the call went on
            return Cause.UNALLOCATED_NUMBER
        numbers = board.duties.on(to.duty, board.clock())
        if not numbers:
            text = N_("duty list {duty}: nobody is on duty; call {call} to {number}")
            board.trouble("duty", text, duty=duty.name, call=self.call.number, number=self.call.called)
        ring_s, by = duty.ring_s if goal.ring_s is None else goal.ring_s, goal.redirecting
        numbers = (*numbers, duty.otherwise) if duty.otherwise else numbers
        self._goals += [Goal(onward(number), ring_s, either, redirecting=by) for number in reversed(numbers)]
        return Cause.NO_USER_RESPONDING

    def _outside(self, goal: Goal, to: ToOutside) -> _Way:
        found = self.board.outbound.ways(goal.behalf, to.number, self.board.given(self.call))
        if not found.lines:
            return found.cause
        by, shown = goal.redirecting or self.call.redirecting, self.call.shown
        rings = [
            Ring(way.line, way.called, on_line(self.board, presented(shown, way.caller)), "outside", redirecting=by)
            for way in found.lines
            if way.called not in self._sent_on
        ]
        if not rings:
            return Cause.EXCHANGE_ROUTING_ERROR
        ring_s = T301_S if goal.ring_s is None else goal.ring_s
        self._goals += [Legs((ring,), ring_s, line_fault, goal.behalf) for ring in reversed(rings[1:])]
        self._goals.append(Legs((rings[0],), ring_s, behalf=goal.behalf))
        return NEXT

    def _sent_to(self, leg: Leg, number: str, behalf: ExtensionConfig | None) -> str | Target:
        """Return the target of a number to which a leg redirects: on a phone what it dials, else a number outside.

        A far end outside that the box called by itself redirects to no number outside: no class would bound the cost.
        """
        if leg.phone is not None:
            return number
        number = self.board.site.dialled(number)
        inside = self.board.routes.find(number, complete=True, phone=False, given=self.board.given(self.call))
        return ToOutside(number) if isinstance(inside, Undecided) and behalf is not None else inside


_WHY: Final[dict[RedirectReason, MessageWhy]] = {
    RedirectReason.BUSY: "busy",
    RedirectReason.NO_ANSWER: "no_answer",
}


def _by(phone: ExtensionConfig, reason: RedirectReason) -> Redirecting:
    """Return a phone of the house as the party that redirects a call."""
    return Redirecting(Party(phone.number, phone.name), reason)


def ring_of(board: Board, call: Call, phone: ExtensionConfig, by: Redirecting | None = None, agent: str = "") -> Ring:
    """Return the leg that rings a phone of the house, for an `agent` or its user.

    `by`: the party of the house that redirected the call.
    """
    role: Role = "agent" if agent else "extension"
    return Ring(phone.line, phone.number, on_phone(board, call.shown), role, phone, agent, by or call.redirecting)


def follows(board: Board, phone: ExtensionConfig, clock: Clock) -> bool:
    """Return whether the calls of a phone go on to its further numbers at this time."""
    return not phone.follow_me_plan or board.plans.fits(phone.follow_me_plan, clock(), closed=phone.follow_me_closed)


def ring_of_agent(board: Board, call: Call, agent: Agent) -> Ring | None:
    """Return the leg that rings an agent, at a phone of the house or outside; None: no line outside is free."""
    if agent.extension:
        return ring_of(board, call, board.routes.phones[agent.extension], agent=agent.number)
    ways = board.outbound.ways(None, agent.outside, board.given(call)).lines
    if not ways:
        return None
    shown = on_line(board, presented(call.shown, ways[0].caller))
    return Ring(ways[0].line, ways[0].called, shown, "agent", None, agent.number, call.redirecting)


def _ring_s(goal: Goal, phone: ExtensionConfig, *, forwarded: bool) -> float:
    """Return how long a phone rings: a group or a flow may have a time of its own, but delays no forward."""
    if goal.ring_s is None:
        return phone.ring_s
    return min(goal.ring_s, phone.ring_s) if forwarded else goal.ring_s


_WAYS: Final[dict[type[Any], Callable[[Search, Goal, Any], _Way]]] = {
    ToFlow: Search._flow,  # noqa: SLF001 - the table of its own methods
    ToBox: Search._box,  # noqa: SLF001
    ToPhone: Search._phone,  # noqa: SLF001
    ToGroup: Search._group,  # noqa: SLF001
    ToDuty: Search._duty,  # noqa: SLF001
    ToOutside: Search._outside,  # noqa: SLF001
}
