# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox keyed`: data that agents keyed in for callers."""

import argparse
from typing import Any, Final

from appliance.api.messages import Keyed, KeyedReply
from appliance.cli.ask import add_period, client
from appliance.cli.books import more
from appliance.cli.command import Command
from appliance.cli.output import clock, show, show_json, table, verdict
from appliance.contract.rows import KeyedRow
from appliance.i18n import N_, _


def keyed(args: argparse.Namespace) -> int:
    """Show what agents keyed in."""
    asked = Keyed(
        since=args.since, until=args.until, caller=args.caller, agent=args.agent, queue=args.queue,
        field=args.field, value=args.value, call=args.call, before=args.before, limit=args.limit,
    )  # fmt: skip
    with client(args) as box:
        reply = box.ask(asked, KeyedReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (
        _("number"), _("keyed in"), _("call"), _("caller"), _("field"), _("value"), _("agent"), _("queue"), _("remark"),
    )  # fmt: skip
    rows = (
        (
            each.keyed, clock(each.started_at), each.call, each.caller, each.field, each.value, each.agent, each.queue,
            _remark(each),
        )
        for each in reply.keyed
    )  # fmt: skip
    show(table(columns, rows, right=(0, 2), empty=_("nothing was keyed in"), spare=(7, 6, 0)))
    more(len(reply.keyed), args.limit, reply.keyed[-1].keyed if reply.keyed else 0)
    return 0


def _remark(row: KeyedRow) -> Any:
    if row.corrected:
        return _("corrected later")
    return "" if row.whole else verdict(_("incomplete"), good=False)


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    text = _("of this caller; '*' stands for any digits")
    parser.add_argument("--caller", metavar="NUMBER", default="", help=text)
    parser.add_argument("--field", metavar="NAME", default="", help=_("in this field"))
    parser.add_argument("--value", metavar="DIGITS", default="", help=_("with this value"))
    parser.add_argument("--agent", metavar="NUMBER", default="", help=_("by this agent"))
    parser.add_argument("--queue", metavar="NAME", default="", help=_("for callers of this queue"))
    parser.add_argument("--call", metavar="CALL", type=int, default=0, help=_("for this call"))


KEYED: Final = Command(
    "keyed",
    N_("what agents keyed in for callers: pick-up codes, results"),
    keyed,
    ("mxbox keyed --since today", "mxbox keyed --field pickup --value 4711", "mxbox keyed --caller '138*' --json"),
    N_("The fields are [[keyed]] of the configuration."),
    arguments=_arguments,
    asks=True,
)
