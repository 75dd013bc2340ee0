# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox agent totals` and `mxbox agent code`: what agents did, and what their calls were about."""

import argparse
from typing import Final

from appliance.api.messages import AgentTotals, AgentTotalsReply, Done, SetWrapUpCode
from appliance.cli.ask import add_since_until, client, moment
from appliance.cli.command import Command
from appliance.cli.output import length, show, show_json, table
from appliance.contract.rows import AgentTotal
from appliance.i18n import N_, _


def totals(args: argparse.Namespace) -> int:
    """Show what agents did in a period, today if none is named."""
    since = args.since or (0 if args.until else moment("today"))
    with client(args) as box:
        reply = box.ask(AgentTotals(since, args.until, args.number), AgentTotalsReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (
        _("agent"), _("signed in"), _("ready"), _("ringing"), _("talking"), _("wrap-up"), _("paused"), _("dialled"),
        _("pauses"), _("wrap-up codes"),
    )  # fmt: skip
    rows = [_row(each) for each in reply.agents]
    show(table(columns, rows, right=range(1, 7), empty=_("no agent was signed in then"), spare=(3,)))
    return 0


def _row(each: AgentTotal) -> tuple[str, ...]:
    times = (each.signed_in_s, each.ready_s, each.ringing_s, each.talking_s, each.wrap_up_s, each.paused_s)
    unnamed = _("no reason")
    pauses = (f"{pause.reason or unnamed} {pause.pauses} ({length(pause.paused_s)})" for pause in each.pauses)
    codes = (f"{code.name} {code.calls}" for code in each.codes)
    dialled = _("{calls} ({time})").format(calls=each.dialled, time=length(each.dialled_talk_s)) if each.dialled else ""
    return (each.agent, *map(length, times), dialled, ", ".join(pauses), ", ".join(codes))


def code(args: argparse.Namespace) -> int:
    """Set the wrap-up code of an agent's last call."""
    with client(args) as box:
        reply = box.ask(SetWrapUpCode(args.number, args.code), Done)
    if args.json:
        show_json(reply)
    else:
        show(_("the wrap-up code of the last call of agent {number} is set").format(number=args.number))
    return 0


def _totals_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="NUMBER", nargs="?", default="", help=_("the agent's number; else all"))
    add_since_until(parser)


def _code_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="NUMBER", help=_("the agent's number"))
    parser.add_argument("code", metavar="KEY", help=_("a key of agents.wrap_up_codes"))


COMMANDS: Final = (
    Command(
        "totals",
        N_("what agents did: times by state, calls dialled, pauses by reason, wrap-up codes"),
        totals,
        ("mxbox agent totals", "mxbox agent totals 8001 --since 7d --json"),
        N_("Of today, unless --since or --until is given."),
        arguments=_totals_arguments,
        asks=True,
    ),
    Command(
        "code",
        N_("say what the last call of an agent was about"),
        code,
        ("mxbox agent code 8001 2",),
        arguments=_code_arguments,
        asks=True,
    ),
)
