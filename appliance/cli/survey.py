# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox survey ...`: how callers rated talks, one by one and in all."""

import argparse
from collections.abc import Mapping
from typing import Final

from appliance.api.messages import Surveys, SurveysReply, SurveyTotals, SurveyTotalsReply
from appliance.cli.ask import add_period, add_since_until, client
from appliance.cli.books import more
from appliance.cli.command import Command, Group
from appliance.cli.output import clock, show, show_json, table
from appliance.contract.records import SurveyBy, SurveyResult
from appliance.contract.rows import SurveyTotal, TotalOf
from appliance.i18n import N_, _

BY: Final[dict[SurveyBy, str]] = {
    "end": N_("the agent hung up"),
    "code": N_("the agent's code"),
    "flow": N_("a flow"),
}
RESULTS: Final[dict[SurveyResult, str]] = {
    "answered": N_("answered"),
    "nothing": N_("nothing pressed"),
    "hung_up": N_("hung up"),
    "interrupted": N_("interrupted"),
}
NAMES: Final[dict[TotalOf, str]] = {"agent": N_("agent"), "queue": N_("queue")}


def list_(args: argparse.Namespace) -> int:
    """Show surveys, newest first."""
    asked = Surveys(
        since=args.since, until=args.until, agent=args.agent, queue=args.queue, call=args.call, before=args.before,
        limit=args.limit,
    )  # fmt: skip
    with client(args) as box:
        reply = box.ask(asked, SurveysReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (
        _("number"), _("began"), _("call"), _("caller"), _("agent"), _("queue"), _("result"), _("ratings"),
        _("comment"), _("by"),
    )  # fmt: skip
    rows = (
        (
            each.survey, clock(each.started_at), each.call, each.caller, each.agent, each.queue,
            _(RESULTS[each.result]) if each.result else _("still up"), _ratings(each.ratings),
            each.comment or "", _(BY[each.by]),
        )
        for each in reply.surveys
    )  # fmt: skip
    show(table(columns, rows, right=(0, 2, 8), empty=_("no caller was asked"), spare=(9, 0, 5)))
    more(len(reply.surveys), args.limit, reply.surveys[-1].survey if reply.surveys else 0)
    return 0


def totals(args: argparse.Namespace) -> int:
    """Show the totals by agent and by queue."""
    with client(args) as box:
        reply = box.ask(SurveyTotals(args.since, args.until), SurveyTotalsReply)
    if args.json:
        show_json(reply)
        return 0
    for kind, name in NAMES.items():
        columns = (
            _(name),
            _("talks"),
            _("asked"),
            "%",
            _("answered"),
            "%",
            _("nothing pressed"),
            _("hung up"),
            _("mean"),
        )
        rows = (_total(each) for each in reply.totals if each.kind == kind)
        show(table(columns, rows, right=range(1, 8), empty=_("no caller was asked"), spare=(6, 7)), "")
    return 0


def _total(row: SurveyTotal) -> tuple[object, ...]:
    means = "  ".join(f"{question} {mean:.2f}" for question, mean in row.means.items())
    asked, answered = _share(row.invited, row.talks), _share(row.answered, row.invited)
    return (row.name, row.talks, row.invited, asked, row.answered, answered, row.nothing, row.hung_up, means)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}" if whole else ""


def _ratings(ratings: Mapping[str, int]) -> str:
    return "  ".join(f"{question} {rating}" for question, rating in ratings.items())


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    parser.add_argument("--agent", metavar="NUMBER", default="", help=_("of talks with this agent"))
    parser.add_argument("--queue", metavar="NAME", default="", help=_("for callers of this queue"))
    parser.add_argument("--call", metavar="CALL", type=int, default=0, help=_("for this call"))


SURVEY: Final = Group(
    "survey",
    N_("how callers rated talks with agents"),
    (
        Command(
            "list",
            N_("surveys one by one: what was pressed, or that nothing was"),
            list_,
            ("mxbox survey list --since today", "mxbox survey list --agent 8001 --limit 20"),
            N_("A comment is the number of a recording."),
            arguments=_arguments,
            asks=True,
        ),
        Command(
            "totals",
            N_("by agent and by queue: talks, callers asked, answers, means"),
            totals,
            ("mxbox survey totals --since 7d", "mxbox survey totals --json"),
            N_("Talks are those of queues with a survey: the share of callers asked shows agents who avoid it."),
            arguments=add_since_until,
            asks=True,
        ),
    ),
)
