# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans: `mxbox plan show`, `test`, `set`."""

import argparse
from collections.abc import Iterator
from typing import Final

from appliance.api.messages import Done, Plans, PlansReply, SetPlan
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.output import clock, show, show_json, table, verdict
from appliance.contract.plans import PlanReason, PlanRow, PlanSwitch
from appliance.contract.records import PlanState
from appliance.i18n import N_, _

REASONS: Final[dict[PlanReason, str]] = {
    "exception": N_("exception {by}"),
    "workday": N_("{by}: worked in place of a holiday"),
    "holiday": N_("holiday {by}"),
    "public_workday": N_("{by}: worked in place of a public holiday"),
    "public_holiday": N_("public holiday {by}"),
    "hours": N_("hours of the week {by}"),
    "by_hand": N_("by hand"),
}
STATES: Final[dict[str, PlanState]] = {"open": "open", "closed": "closed", "by-plan": "by_plan"}
TOLD: Final[dict[PlanState, str]] = {
    "open": N_("opened by hand"),
    "closed": N_("closed by hand"),
    "by_plan": N_("by its own times"),
}
DONE: Final[dict[PlanState, str]] = {
    "open": N_("plan {plan} is opened by hand"),
    "closed": N_("plan {plan} is closed by hand"),
    "by_plan": N_("plan {plan} goes by its own times"),
}


def _ask(args: argparse.Namespace) -> PlansReply:
    with client(args) as box:
        return box.ask(Plans(args.plan, args.at), PlansReply)


def show_plans(args: argparse.Namespace) -> int:
    """Show the time plans, or one of them with its last changes by hand."""
    reply = _ask(args)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("plan"), _("now"), _("because of"), _("times of the day"), _("until"), _("code"))
    show(table(columns, [_row(plan) for plan in reply.plans], empty=_("no time plan is configured"), spare=(5, 3)))
    if args.plan:
        show(*(_told(each) for each in reply.plans[0].switches))
    return 0


def _row(plan: PlanRow) -> tuple[object, ...]:
    times = ", ".join(plan.times) or "-"
    return plan.plan, verdict(state_of(plan), good=plan.open), reason_of(plan), times, until_of(plan) or "-", plan.code


def state_of(plan: PlanRow) -> str:
    """Return in words whether a plan is open."""
    return _("open") if plan.open else _("closed")


def reason_of(plan: PlanRow) -> str:
    """Return in words why it is open or closed."""
    return _(REASONS[plan.reason]).format(by=plan.by)


def until_of(plan: PlanRow) -> str:
    """Return when the state changes next, '' if it does not."""
    moment = plan.until if plan.state != "by_plan" else plan.changes_at
    return clock(moment)[:-3] if moment else ""


def _told(switch: PlanSwitch) -> str:
    """Return a change by hand as a line: when, what, who."""
    by = _("extension {number}").format(number=switch.extension) if switch.extension else switch.asked_by
    until = _("until {time}").format(time=clock(switch.until)[:-3]) if switch.until else ""
    return "  ".join(filter(None, (clock(switch.at), _(TOLD[switch.state]), until, by or _("its time was over"))))


def test_plan(args: argparse.Namespace) -> int:
    """Show whether a plan is open, and why; return 1 if it is closed."""
    reply = _ask(args)
    plan = reply.plans[0]
    if args.json:
        show_json(reply)
    else:
        show(*_explained(plan))
    return 0 if plan.open else 1


def _explained(plan: PlanRow) -> Iterator[str]:
    yield _("{plan}: {state}, {reason}").format(plan=plan.plan, state=state_of(plan), reason=reason_of(plan))
    if plan.times:
        yield _("times of that day: {times}").format(times=", ".join(plan.times))
    if until := until_of(plan):
        yield _("next change: {time}").format(time=until)
    elif plan.state != "by_plan":
        yield _("until it is undone")
    if plan.announced:
        yield _("public holidays are announced up to {day}; `mxbox reload` reads a newer file").format(
            day=plan.announced
        )


def set_plan(args: argparse.Namespace) -> int:
    """Open or close a plan by hand, or end that."""
    state = STATES[args.state]
    with client(args) as box:
        reply = box.ask(SetPlan(args.plan, state, args.until), Done)
    if args.json:
        show_json(reply)
    else:
        show(_(DONE[state]).format(plan=args.plan))
    return 0


def _at(parser: argparse.ArgumentParser) -> None:
    text = _("at that time of the site, e.g. 2026-10-01T10:00; else now")
    parser.add_argument("--at", metavar="WHEN", default="", help=text)


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN", nargs="?", default="", help=_("one plan, with its changes by hand"))
    _at(parser)


def _test_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN", help=_("the plan's name"))
    _at(parser)


def _set_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", metavar="PLAN", help=_("the plan's name"))
    parser.add_argument("state", choices=tuple(STATES), help=_("open, closed, or by its own times again"))
    text = _("until then, e.g. 2026-10-01T18:00, or next: until it opens or closes by itself; else until undone")
    parser.add_argument("--until", metavar="WHEN", default="", help=text)


PLAN: Final = Group(
    "plan",
    N_("time plans: when the house is open"),
    (
        Command(
            "show",
            N_("show whether time plans are open, and why"),
            show_plans,
            ("mxbox plan show", "mxbox plan show work", "mxbox plan show --at 2026-10-01T10:00"),
            arguments=_show_arguments,
            asks=True,
        ),
        Command(
            "test",
            N_("say whether a plan is open at a time, by which of its entries, and when that changes"),
            test_plan,
            ("mxbox plan test work", "mxbox plan test work --at 2026-02-14T10:00"),
            N_("Exit status 0 if it is open, 1 if it is closed."),
            arguments=_test_arguments,
            asks=True,
        ),
        Command(
            "set",
            N_("open or close a plan by hand, or let it go by its own times again"),
            set_plan,
            (
                "mxbox plan set work closed --until next",
                "mxbox plan set work open --until 2026-10-01T18:00",
                "mxbox plan set work by-plan",
            ),
            N_("Kept over a restart. The books keep who did it, also by the code at a phone."),
            arguments=_set_arguments,
            asks=True,
        ),
    ),
)
