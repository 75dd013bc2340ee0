# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands of supervisors for callers who wait: `mxbox queue take-out`, `move`, `priority`."""

import argparse
from typing import Final, get_args

from appliance.api.messages import MoveWaiting, SetPriority, TakeOut
from appliance.cli.command import Command
from appliance.cli.doing import do
from appliance.contract.supervision import Priority
from appliance.i18n import N_, _


def _take_out(args: argparse.Namespace) -> int:
    told = _("call {call} is taken out of the queue and sent to {number}").format(call=args.call, number=args.to)
    return do(args, TakeOut(args.call, args.to), told)


def _move(args: argparse.Namespace) -> int:
    return do(args, MoveWaiting(args.call, args.place), _("call {call} is moved").format(call=args.call))


def _priority(args: argparse.Namespace) -> int:
    told = _("the priority of call {call} is set").format(call=args.call)
    return do(args, SetPriority(args.call, args.priority), told)


def _call(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", metavar="CALL", type=int, help=_("number of the call, as `mxbox queues` shows it"))


def _to_number(parser: argparse.ArgumentParser) -> None:
    _call(parser)
    parser.add_argument("--to", metavar="NUMBER", required=True, help=_("where to, as a phone of the house dials it"))


def _to_place(parser: argparse.ArgumentParser) -> None:
    _call(parser)
    parser.add_argument("place", metavar="PLACE", type=_place, help=_("the new place, 1 for the next caller"))


def _place(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(_("{text!r} is no place: the first one is 1").format(text=text))
    return int(text)


def _to_priority(parser: argparse.ArgumentParser) -> None:
    _call(parser)
    parser.add_argument("priority", choices=get_args(Priority), help=_("VIPs come before all others"))


ARRANGE: Final = (
    Command(
        "take-out",
        N_("take a caller out of the queue, and send the caller elsewhere"),
        _take_out,
        ("mxbox queue take-out 17 --to 1009",),
        arguments=_to_number,
        asks=True,
    ),
    Command(
        "move",
        N_("put a caller at another place of the queue"),
        _move,
        ("mxbox queue move 17 1",),
        arguments=_to_place,
        asks=True,
    ),
    Command(
        "priority",
        N_("set the priority of a caller who waits"),
        _priority,
        ("mxbox queue priority 17 vip", "mxbox queue priority 17 normal"),
        arguments=_to_priority,
        asks=True,
    ),
)
