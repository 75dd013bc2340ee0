# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox tui`: the technician's terminal; `mxbox desk`: an agent's."""

import argparse
from typing import Final

from appliance.cli.ask import socket_path
from appliance.cli.command import Command
from appliance.i18n import N_, _


def tui(args: argparse.Namespace) -> int:
    """Run the terminal."""
    from tui.start import start

    return start(socket_path(args.socket), args.skin, slow=args.slow, wall=args.wall)


def desk(args: argparse.Namespace) -> int:
    """Run the desk of an agent."""
    from tui.start import Seat, start

    return start(socket_path(args.socket), args.skin, slow=args.slow, seat=Seat(args.agent, args.user))


def _desk_arguments(parser: argparse.ArgumentParser) -> None:
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--user", metavar="USER", default="", help=_("sign in as this user; else it is asked for"))
    who.add_argument(
        "--agent", metavar="NUMBER", default="", help=_("this agent's desk, by the rights of the machine's user")
    )
    _arguments(parser)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--skin",
        choices=("house", "plain"),
        help=_("house: its own colours; plain: 16 colours and ASCII; else what the terminal can"),
    )
    parser.add_argument("--slow", action="store_true", help=_("for slow lines: drawn once a second, without mouse"))


def _tui_arguments(parser: argparse.ArgumentParser) -> None:
    _arguments(parser)
    parser.add_argument("--wall", action="store_true", help=_("the board for a screen on the wall alone, without keys"))


TUI: Final = Command(
    "tui",
    N_("the terminal: lines, calls, queues and all else of the box on one screen, live"),
    tui,
    ("mxbox tui", "mxbox tui --skin plain", "mxbox tui --slow", "mxbox tui --wall"),
    N_(
        "Digits choose the screen, Enter goes in, Esc back, / filters, : jumps, ? helps, q leaves. It asks the running "
        "box, and waits for one that does not run."
    ),
    arguments=_tui_arguments,
    asks=True,
    json=False,
)

DESK: Final = Command(
    "desk",
    N_("the desk of an agent: state, call and caller, queues, numbers by name, own figures, live"),
    desk,
    ("mxbox desk", "mxbox desk --user lina", "mxbox desk --agent 8001 --skin plain"),
    N_(
        "A user of the box who is an agent signs in (`mxbox user add lina --role agent --agent 8001`). x lists what "
        "can be done now: ready, pause, transfer, consult, all three, park, call. What the phone does is seen at once."
    ),
    arguments=_desk_arguments,
    asks=True,
    json=False,
)
