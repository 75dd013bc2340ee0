# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox phone talk`: what the codes of a phone do in its talk, for programs at a desk."""

import argparse
from typing import Final, get_args

from appliance.api.messages import ChangeTalk
from appliance.cli.command import Command
from appliance.cli.doing import do
from appliance.contract.desk import InTalk
from appliance.i18n import N_, _

TOLD: Final[dict[InTalk, str]] = {
    "transfer": N_("the other party is sent to {number}"),
    "consult": N_("{number} is called, the other party waits"),
    "back": N_("back to the party that waits"),
    "join": N_("both are connected, the phone is free"),
    "conference": N_("all three talk together"),
    "park": N_("the other party is parked: the phone says where"),
}


def talk(args: argparse.Namespace) -> int:
    """Do it, and say so."""
    return do(args, ChangeTalk(args.extension, args.do, args.to), _(TOLD[args.do]).format(number=args.to))


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("extension", metavar="EXTENSION", help=_("the phone's number"))
    parser.add_argument("do", choices=get_args(InTalk), help=_("what to do in the talk"))
    parser.add_argument("to", metavar="TO", nargs="?", default="", help=_("to transfer and to consult: a number"))


TALK: Final = Command(
    "talk",
    N_("in the talk of a phone: transfer, consult, back, join, conference, park"),
    talk,
    ("mxbox phone talk 1001 transfer 1005", "mxbox phone talk 1001 consult 1005", "mxbox phone talk 1001 conference"),
    N_("The same as the phone's own codes, such as ## and a number. `mxbox find` looks numbers up."),
    arguments=_arguments,
    asks=True,
)
