# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox find`: the numbers of the house, by number, name or pinyin."""

import argparse
from typing import Any, Final

from appliance.api.messages import Directory, DirectoryReply
from appliance.cli.ask import client
from appliance.cli.command import Command
from appliance.cli.output import show, show_json, table
from appliance.cli.words import word
from appliance.contract.directory import DirectoryRow, EntryKind
from appliance.i18n import N_, _

KINDS: Final[dict[EntryKind, str]] = {"extension": N_("phone"), "group": N_("group"), "hotline": N_("hotline")}


def find(args: argparse.Namespace) -> int:
    """Show the numbers that fit; return 1 if none does."""
    with client(args) as box:
        reply = box.ask(Directory(" ".join(args.text)), DirectoryReply)
    if args.json:
        show_json(reply)
    else:
        columns = (_("number"), _("name"), _("kind"), _("is"), _("agent"), _("agent is"))
        rows = [_row(each) for each in reply.entries]
        show(table(columns, rows, empty=_("no number fits")))
    return 0 if reply.entries else 1


def _row(it: DirectoryRow) -> tuple[Any, ...]:
    return it.number, it.name, _(KINDS[it.kind]), presence(it), f"{it.agent} {it.agent_name}".strip(), _agent(it)


def presence(it: DirectoryRow) -> str:
    """Return in words whether a phone is free; '' for other numbers."""
    if it.kind != "extension":
        return ""
    if not it.reachable:
        return _("not registered")
    if it.do_not_disturb and it.state == "idle":
        return _("do not disturb")
    return {"idle": _("idle"), "ringing": _("ringing"), "busy": _("busy")}[it.state]


def _agent(it: DirectoryRow) -> str:
    return word(it.agent_state) if it.agent_state else ""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "text", metavar="TEXT", nargs="*", help=_("words of a number, a name, or its pinyin; without: all numbers")
    )


FIND: Final = Command(
    "find",
    N_("numbers of the house by number, name or pinyin, and which phones are free"),
    find,
    ("mxbox find lina", "mxbox find ln", "mxbox find 10"),
    N_("Exit status 1 if none fits."),
    arguments=_arguments,
    asks=True,
)
