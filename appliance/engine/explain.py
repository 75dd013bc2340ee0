# SPDX-License-Identifier: GPL-2.0-or-later
"""The route that a call would take, and why, without making it: `mxbox route test` shows it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from appliance.config.model import ExtensionConfig
from appliance.contract.routes import Leads, Step, Way, Why
from appliance.contract.switch import Cause, Party
from appliance.engine.parts.board import Board
from appliance.engine.parts.goals import MAX_GOALS
from appliance.engine.parts.search import follows
from appliance.engine.routes.conditions import ANONYMOUS, Clock, Given
from appliance.engine.routes.routing import (
    CAUSES,
    Target,
    ToBox,
    ToConference,
    ToDuty,
    ToFeature,
    ToFlow,
    ToGroup,
    ToOutside,
    ToPhone,
    ToPlace,
    Undecided,
)
from appliance.i18n import N_


class _Explained:
    def __init__(self, board: Board, given: Given) -> None:
        self.board, self.given = board, given
        self.why: list[Why] = []
        self.lines: list[Way] = []
        self.cause = 0
        self.forwarded: set[str] = set()

    def say(self, msgid: str, **values: str) -> None:
        self.why.append(Why(msgid, values))

    def refuse(self, cause: int) -> None:
        if not self.lines:
            self.cause = cause


def explain(board: Board, caller: str, called: str, when: datetime, line: str = "") -> Leads:
    """Follow `called`, dialled by the extension `caller`, or by `caller` from outside if there is no such extension.

    `line`: the one on which a caller from outside arrives; '' for none that a route names.
    """
    phone = board.routes.phones.get(caller)
    party = Party(caller) if phone is not None else Party(board.site.dialled("" if caller == ANONYMOUS else caller))
    told = _Explained(board, Given(party, line or (phone.line if phone is not None else ""), lambda: when))
    if phone is None:
        told.say(N_("{caller} is no extension: a caller from outside"), caller=caller)
        if board.lists.refused(told.given.caller.number):
            told.say(N_("the lists refuse this caller: busy tone"))
            return Leads((), _steps(told.why), 17)
    else:
        told.say(N_("extension {caller} calls, class {calling}"), caller=caller, calling=phone.calling)
    _follow(told, _found(told, called, phone=phone is not None), called, phone)
    return Leads(tuple(told.lines), _steps(told.why), told.cause)


def _found(told: _Explained, called: str, *, phone: bool) -> Target:
    """Return where a number leads, and note which routes were passed over."""
    target = told.board.routes.find(called, complete=True, phone=phone, given=told.given)
    dialled = isinstance(target, ToDuty) and told.board.duties.lists[target.duty].number == called
    patterns = isinstance(target, ToFlow | ToDuty | Undecided) and not dialled
    for rule in told.board.routes.rules(called, phone=phone, patterns=patterns):
        misfit = rule.conditions.misfit(told.given) if rule.conditions is not None else None
        if misfit is not None:
            told.why.append(misfit)
            continue
        if rule.conditions is not None:
            told.say(N_("route {route} fits"), route=rule.conditions.route)
        break
    return target


def _steps(why: list[Why]) -> tuple[Step, ...]:
    return tuple(Step(each.msgid, each.values) for each in why)


def _follow(told: _Explained, target: Target, called: str, behalf: ExtensionConfig | None) -> None:
    match target:
        case ToFlow(flow):
            told.say(N_("{called}: flow {flow} answers"), called=called, flow=flow)
        case ToPhone(extension):
            _phone(told, extension)
        case ToGroup(group):
            told.say(
                N_("{called}: hunt group, {order}: {extensions}"),
                called=called, order=group.order, extensions=", ".join(group.extensions),
            )  # fmt: skip
            phones = told.board.routes.phones
            for number in group.extensions:
                if number in phones:
                    told.lines.append(Way(phones[number].line, number, ""))
        case ToDuty(duty):
            _on_duty(told, duty, called)
        case ToOutside(number):
            ways = told.board.outbound.ways(behalf, number, told.given, turn=False)
            told.why += ways.why
            told.lines += ways.lines
            if not ways.lines:
                told.refuse(ways.cause)
        case ToFeature(feature):
            told.say(N_("{called}: feature code {feature}"), called=called, feature=feature)
        case ToConference() | ToBox() | ToPlace():
            _inside(told, target, called)
        case Undecided():
            told.say(UNDECIDED[target], called=called)
            told.refuse(CAUSES[target])


def _on_duty(told: _Explained, duty: str, called: str) -> None:
    numbers = told.board.duties.on(duty, told.given.clock())
    on_duty = ", ".join(numbers) or "-"
    told.say(N_("{called}: duty list {duty}: {numbers}"), called=called, duty=duty, numbers=on_duty)
    for number in numbers[:1]:
        _follow(told, _found(told, number, phone=True), number, None)


def _inside(told: _Explained, target: ToConference | ToBox | ToPlace, called: str) -> None:
    match target:
        case ToConference(conference):
            told.say(N_("{called}: conference {name}"), called=called, name=conference.name or conference.number)
        case ToBox(box):
            told.say(N_("{called}: a message is left in box {box}"), called=called, box=box)
        case ToPlace():
            told.say(N_("{called}: place of a parked call"), called=called)


def _phone(told: _Explained, phone: ExtensionConfig) -> None:
    own, number = told.board.settings[phone.number], phone.number
    if own.forward_always:
        told.say(N_("extension {number} forwards all calls to {to}"), number=number, to=own.forward_always)
        _forwarded(told, phone, own.forward_always)
        return
    box = told.board.boxes.by_extension.get(number)
    if box is not None and box.after_hours(told.given.clock()):
        told.say(N_("extension {number} is closed: a message is left in box {box}"), number=number, box=box.name)
        return
    if own.do_not_disturb:
        told.say(N_("extension {number} does not want to be disturbed: busy"), number=number)
        told.refuse(17)
    else:
        told.say(N_("extension {number} rings"), number=number)
        told.lines.append(Way(phone.line, number, ""))
    for what, to in _further(told.board, phone, told.given.clock):
        told.say(what, number=number, to=to)


def _forwarded(told: _Explained, phone: ExtensionConfig, to: str) -> None:
    if phone.number in told.forwarded:
        told.say(N_("the forwards go round: a call is given up after {most} of them"), most=str(MAX_GOALS))
        told.refuse(Cause.TEMPORARY_FAILURE)
        return
    told.forwarded.add(phone.number)
    _follow(told, _found(told, to, phone=True), to, phone)


UNDECIDED: Final = {
    Undecided.NOWHERE: N_("{called} leads nowhere"),
    Undecided.INCOMPLETE: N_("{called} is incomplete: digits are missing"),
    Undecided.NO_NUMBER: N_("{called} is no number"),
}
"""Texts for numbers that lead to nothing."""


def _further(board: Board, phone: ExtensionConfig, clock: Clock) -> Iterator[tuple[str, str]]:
    own = board.settings[phone.number]
    if own.forward_busy:
        yield N_("when {number} is busy: on to {to}"), own.forward_busy
    if own.forward_no_answer:
        yield N_("when {number} does not answer: on to {to}"), own.forward_no_answer
    if phone.follow_me and follows(board, phone, clock):
        yield N_("then, for {number}, one after the other: {to}"), ", ".join(phone.follow_me)
    box = board.boxes.by_extension.get(phone.number)
    if box is not None and {*box.config.takes} & {"busy", "no_answer"}:
        yield N_("at last, for {number}: a message is left in box {to}"), box.name
