# SPDX-License-Identifier: GPL-2.0-or-later
"""The operation log: `mxbox log operations`, `mxbox log verify`."""

import argparse
from typing import Final

from appliance.api.messages import Operations, OperationsReply, VerifiedReply, VerifyOperations
from appliance.cli.ask import add_period, client
from appliance.cli.command import Command, Group
from appliance.cli.output import clock, show, show_json, table, verdict
from appliance.contract.access import OperationRow
from appliance.i18n import N_, _, ngettext


def listing(args: argparse.Namespace) -> int:
    """List who changed what."""
    request = Operations(args.since, args.until, args.user, args.what, args.before, args.limit, args.archive)
    with client(args) as box:
        reply = box.ask(request, OperationsReply)
    if args.json:
        show_json(reply)
        return 0
    heads = (_("no."), _("time"), _("user"), _("from"), _("what"), _("on"), _("why"), _("before"), _("after"))
    rows = [_row(each) for each in reply.operations]
    show(table(heads, rows, right=(0,), empty=_("nothing was changed"), spare=(7, 8, 3)))
    return 0


def _row(row: OperationRow) -> tuple[str, ...]:
    seen = (row.on, row.why, _first(row.before), _first(row.after))
    return str(row.operation), clock(row.at), row.user, row.door, row.what, *seen


def _first(text: str) -> str:
    """Return the first line of a text."""
    line, _line_feed, more = text.partition("\n")
    return line + " ..." * bool(more)


def verify(args: argparse.Namespace) -> int:
    """Verify that all rows are as they were written; return 1 if not."""
    with client(args) as box:
        reply = box.ask(VerifyOperations(), VerifiedReply)
    if args.json:
        show_json(reply)
    elif reply.wrong:
        text = _("row {n} does not fit those before it: it was changed, taken out or put in")
        show(verdict(text.format(n=reply.wrong), good=False))
    else:
        text = ngettext("{n} row is as it was written", "{n} rows are as they were written", reply.rows)
        show(verdict(text.format(n=reply.rows), good=True), _("hash of the last: {hash}").format(hash=reply.hash))
    return 1 if reply.wrong else 0


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    parser.add_argument("--archive", action="store_true", help=_("rows that left the log for the archive"))
    parser.add_argument("--user", default="", help=_("what this user did, or this extension by a code"))
    parser.add_argument("--what", metavar="REQUEST", default="", help=_("requests of this name, e.g. set_phone"))


LOG: Final = Group(
    "log",
    N_("the operation log: who changed what, when, from where and why"),
    (
        Command(
            "operations",
            N_("list what was changed, newest first"),
            listing,
            ("mxbox log operations", "mxbox log operations --user wang --since 7d", "mxbox log operations --json"),
            arguments=_arguments,
            asks=True,
        ),
        Command(
            "verify",
            N_("tell whether all rows of the log are as they were written"),
            verify,
            ("mxbox log verify",),
            N_("Exit status 0 if they are, 1 if not. Write the last hash down elsewhere: it proves all rows up to it."),
            asks=True,
        ),
    ),
)
