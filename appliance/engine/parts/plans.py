# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans that people switch by hand: by a code at a phone or by a request, until a moment or until undone."""

from datetime import datetime
from functools import partial

from appliance.config.plans import Plan
from appliance.contract.records import PlanState, PlanSwitched
from appliance.contract.ticks import TICKS_PER_S
from appliance.engine.parts.board import Board
from appliance.engine.parts.call import Call, Leg
from appliance.engine.parts.starts import StartSpeech
from appliance.engine.routes.routing import ToFeature
from appliance.ivr import say


def switch(board: Board, name: str, state: PlanState, until: int = 0, extension: str = "") -> None:
    """Switch a plan by hand, until a moment (Unix milliseconds, 0: until undone); write it into the books."""
    if state == "by_plan" and name not in board.plans.hands:
        return
    board.plans.switch(name, state, until)
    board.records.append(PlanSwitched(name, state, until, extension))
    _watch(board, name, until)
    if code := code_of(board, name):
        board.touched.add(code)


def go_on(board: Board) -> None:
    """Watch the time of plans that were switched by hand before a restart, and light their lamps."""
    for name, hand in board.plans.hands.items():
        if name not in board.plan_timers:
            _watch(board, name, hand.until)
        if code := code_of(board, name):
            board.touched.add(code)


def _watch(board: Board, name: str, until: int) -> None:
    """Switch a plan back when its time is over."""
    board.timers.cancel(board.plan_timers.pop(name, None))
    if until:
        ticks = int((until / 1000 - board.clock().timestamp()) * TICKS_PER_S)
        due = board.now + max(0, ticks)
        board.plan_timers[name] = board.timers.start(due, partial(switch, board, name, "by_plan"))


def until_next(plan: Plan, when: datetime) -> int:
    """Return the moment (Unix milliseconds) at which a plan opens or closes next by itself; 0: not within a year."""
    changes = plan.changes(when)
    return int(changes.timestamp() * 1000) if changes is not None else 0


def code_of(board: Board, name: str) -> str:
    """Return the code that switches a plan at a phone, and whose key on a phone has the lamp; '' without one."""
    plan, code = board.plans.get(name), board.config.codes.plan
    return code + plan.config.key if plan is not None and plan.config.key and code else ""


def lit(board: Board, number: str) -> bool:
    """Return whether a number is the code of a plan that is switched by hand."""
    return any(code_of(board, name) == number for name in board.plans.hands)


def codes(board: Board) -> list[str]:
    """Return the codes of all plans that have one."""
    return [code for plan in board.config.plan if (code := code_of(board, plan.name))]


def dialled(board: Board, call: Call, caller: Leg, code: ToFeature) -> None:
    """Open a plan by hand that is closed, close one that is open, or undo that; say which it is now."""
    named = next((plan for plan in board.config.plan if plan.key and plan.key == code.number), None)
    phone = caller.phone
    if named is None or phone is None or (named.phones and phone.number not in named.phones):
        said: tuple[str, ...] = ("not-possible",)
    else:
        said = _turn(board, named.name, phone.number)
    board.begin(call, StartSpeech(caller, say.prompts(board.config.language, said)))


def _turn(board: Board, name: str, extension: str) -> tuple[str, ...]:
    """Turn the switch of a plan; return the prompts that confirm it."""
    plan, when = board.plans.get(name), board.clock()
    if plan is None:
        return ("not-possible",)
    if board.plans.at(name, when).reason == "by_hand":
        switch(board, name, "by_plan", extension=extension)
        return ("plan-by-times", _now(board, name, when))
    state: PlanState = "closed" if plan.at(when).open else "open"
    until = until_next(plan, when) if plan.config.by_hand == "next" else 0
    switch(board, name, state, until, extension)
    return (_now(board, name, when),)


def _now(board: Board, name: str, when: datetime) -> str:
    return "plan-open" if board.plans.at(name, when).open else "plan-closed"
