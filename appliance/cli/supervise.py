# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands of supervisors: `mxbox supervise ...`."""

import argparse
from collections.abc import Callable
from typing import Final

from appliance.api.messages import (
    ReleaseTalk,
    Supervise,
    SupervisorLog,
    SupervisorLogReply,
    TransferTalk,
)
from appliance.cli.ask import add_period, client
from appliance.cli.command import Command, Group
from appliance.cli.doing import do
from appliance.cli.output import clock, show, show_json, table
from appliance.contract.supervision import Act, Mode
from appliance.i18n import N_, _

ACTS: Final[dict[Act, str]] = {
    "listen": N_("listens"),
    "whisper": N_("whispers"),
    "barge": N_("talks with both"),
    "intercept": N_("takes the agent's place"),
    "release": N_("ends the talk"),
    "transfer": N_("sends the caller elsewhere"),
    "record": N_("has it recorded"),
    "record_stop": N_("ends the recording"),
    "take_out": N_("takes the caller out of the queue"),
    "move": N_("moves the caller in the queue"),
    "priority": N_("changes the caller's priority"),
    "cancel_callback": N_("cancels a call-back"),
}


def _supervise(mode: Mode) -> Callable[[argparse.Namespace], int]:
    def run(args: argparse.Namespace) -> int:
        told = _("extension {number} takes part when it answers").format(number=args.at)
        return do(args, Supervise(args.at, *_talk(args), mode), told)

    return run


def _release(args: argparse.Namespace) -> int:
    return do(args, ReleaseTalk(*_talk(args)), _("the talk is being ended"))


def _transfer(args: argparse.Namespace) -> int:
    told = _("the other party is sent to {number}").format(number=args.to)
    return do(args, TransferTalk(args.to, *_talk(args)), told)


def _talk(args: argparse.Namespace) -> tuple[str, int]:
    """Return the agent and the call that name a talk."""
    return ("", args.call) if args.call else (args.agent, 0)


def _log(args: argparse.Namespace) -> int:
    asked = SupervisorLog(args.since, args.until, args.agent, args.by, args.call, args.before, args.limit)
    with client(args) as box:
        reply = box.ask(asked, SupervisorLogReply)
    if args.json:
        show_json(reply)
        return 0
    columns = (_("number"), _("time"), _("supervisor"), _("asked by"), _("agent"), _("call"), _("did"), _("what"))
    rows = (
        (
            each.number, clock(each.started_at), each.extension, each.asked_by, each.agent, each.call,
            _(ACTS[each.act]), each.what,
        )
        for each in reply.acts
    )  # fmt: skip
    show(table(columns, rows, right=(0, 5), empty=_("no supervisor did anything")))
    return 0


def _of_talk(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("agent", metavar="AGENT", nargs="?", default="", help=_("the agent's number"))
    which.add_argument(
        "--call", metavar="CALL", type=int, default=0, help=_("a talk by its number, in place of an agent")
    )


def _at_phone(parser: argparse.ArgumentParser) -> None:
    _of_talk(parser)
    parser.add_argument("--at", metavar="EXTENSION", required=True, help=_("the supervisor's phone, which rings"))


def _to_number(parser: argparse.ArgumentParser) -> None:
    _of_talk(parser)
    parser.add_argument("--to", metavar="NUMBER", required=True, help=_("where to, as a phone of the house dials it"))


def _log_filters(parser: argparse.ArgumentParser) -> None:
    add_period(parser)
    parser.add_argument("--agent", metavar="AGENT", default="", help=_("in talks of this agent"))
    parser.add_argument("--by", metavar="WHO", default="", help=_("by this extension or user"))
    parser.add_argument("--call", metavar="CALL", type=int, default=0, help=_("in this call"))


def _mode(mode: Mode, summary: str) -> Command:
    example = f"mxbox supervise {mode} 8001 --at 1009"
    return Command(mode, summary, _supervise(mode), (example,), arguments=_at_phone, asks=True)


SUPERVISE: Final = Group(
    "supervise",
    N_("be in talks of agents, end them, send callers elsewhere"),
    (
        _mode("listen", N_("hear a talk; neither party hears you")),
        _mode("whisper", N_("hear a talk, and be heard by the agent alone")),
        _mode("barge", N_("talk with both parties")),
        _mode("intercept", N_("take the agent's place: the agent leaves")),
        Command(
            "release",
            N_("end a talk"),
            _release,
            ("mxbox supervise release 8001", "mxbox supervise release --call 17"),
            arguments=_of_talk,
            asks=True,
        ),
        Command(
            "transfer",
            N_("send the party with which an agent talks elsewhere"),
            _transfer,
            ("mxbox supervise transfer 8001 --to 1005",),
            N_("If the call fails there, the agent's phone rings."),
            arguments=_to_number,
            asks=True,
        ),
        Command(
            "log",
            N_("what supervisors did"),
            _log,
            ("mxbox supervise log --since today", "mxbox supervise log --agent 8001 --by 1009"),
            arguments=_log_filters,
            asks=True,
        ),
    ),
)
