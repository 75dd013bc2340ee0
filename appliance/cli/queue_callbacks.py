# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox queue callbacks` and `cancel-callback`: callers who are called back instead of waiting on the line."""

import argparse
from typing import Final

from appliance.api.messages import CallBacks, CallBacksReply, CancelCallBack
from appliance.cli.ask import add_period, client
from appliance.cli.books import more
from appliance.cli.command import Command
from appliance.cli.doing import do
from appliance.cli.output import clock, show, show_json, table
from appliance.contract.callbacks import CallBackRow
from appliance.contract.records import CallBackResult, CallBackWhy
from appliance.i18n import N_, _

RESULTS: Final[dict[CallBackResult, str]] = {
    "reached": N_("reached"),
    "given_up": N_("given up"),
    "cancelled": N_("cancelled"),
}
WHY: Final[dict[CallBackWhy, str]] = {
    "busy": N_("busy"),
    "no_answer": N_("no answer"),
    "rejected": N_("rejected"),
    "failed": N_("failed"),
    "machine": N_("an answering machine"),
    "agent": N_("no agent took it"),
    "interrupted": N_("interrupted"),
    "refused": N_("this number cannot be called"),
    "expired": N_("too old"),
    "by_person": N_("by a supervisor"),
    "called_again": N_("the caller called again"),
    "served": N_("the caller was served"),
    "queue_gone": N_("the queue was taken out"),
}


def list_(args: argparse.Namespace) -> int:
    """Show call-backs, newest first."""
    asked = CallBacks(
        since=args.since, until=args.until, queue=args.queue, number=args.number, call=args.call, waits=args.waiting,
        before=args.before, limit=args.limit,
    )  # fmt: skip
    with client(args) as box:
        reply = box.ask(asked, CallBacksReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("call-back"), _("ordered"), _("queue"), _("number"), _("call"), _("tries"), _("state"), _("in calls"))
    rows = (
        (
            each.callback,
            clock(each.started_at),
            each.queue,
            each.number,
            each.call,
            each.tries,
            _state(each),
            each.calls,
        )
        for each in reply.callbacks
    )
    show(table(columns, rows, right=(0, 4, 5), empty=_("no caller asked for a call-back")))
    more(len(reply.callbacks), args.limit, reply.callbacks[-1].callback if reply.callbacks else 0)
    if reply.totals:
        headings = (_("queue"), _("ordered"), _("reached"), _("given up"), _("cancelled"), _("wait"))
        sums = [(e.queue, e.asked, e.reached, e.given_up, e.cancelled, e.waiting) for e in reply.totals]
        show("", table(headings, sums, right=(1, 2, 3, 4, 5)))
    return 0


def _state(each: CallBackRow) -> str:
    if not each.result:
        return _("waits")
    result = _(RESULTS[each.result])
    return f"{result}: {_(WHY[each.why])}" if each.why else result


def _cancel(args: argparse.Namespace) -> int:
    told = _("call-back {callback} is cancelled").format(callback=args.callback)
    return do(args, CancelCallBack(args.callback), told)


def _filters(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    parser.add_argument("--queue", metavar="NAME", default="", help=_("of this queue"))
    parser.add_argument("--number", metavar="NUMBER", default="", help=_("of this number, as it is dialled here"))
    parser.add_argument("--call", metavar="CALL", type=int, default=0, help=_("asked for or tried in this call"))
    parser.add_argument("--waiting", action="store_true", help=_("only those that wait"))


def _number(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("callback", metavar="CALL-BACK", type=int, help=_("as `mxbox queue callbacks` shows it"))


CALL_BACKS: Final = (
    Command(
        "callbacks",
        N_("callers who are called back, and how that ended"),
        list_,
        ("mxbox queue callbacks --waiting", "mxbox queue callbacks --queue sales --since today"),
        N_("To give a call-back another place, use `mxbox queue move` with its call."),
        arguments=_filters,
        asks=True,
    ),
    Command(
        "cancel-callback",
        N_("cancel a call-back"),
        _cancel,
        ("mxbox queue cancel-callback 3",),
        arguments=_number,
        asks=True,
    ),
)
