# SPDX-License-Identifier: GPL-2.0-or-later
"""`mxbox tui`: the technician's terminal."""

import argparse
from typing import Final

from appliance.cli.ask import socket_path
from appliance.cli.command import Command
from appliance.i18n import N_, _


def tui(args: argparse.Namespace) -> int:
    """Run the terminal."""
    from tui.start import start

    return start(socket_path(args.socket), args.skin, slow=args.slow)


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--skin",
        choices=("house", "plain"),
        help=_("house: its own colours; plain: 16 colours and ASCII; else what the terminal can"),
    )
    parser.add_argument("--slow", action="store_true", help=_("for slow lines: drawn once a second, without mouse"))


TUI: Final = Command(
    "tui",
    N_("the terminal: lines, calls, queues and all else of the box on one screen, live"),
    tui,
    ("mxbox tui", "mxbox tui --skin plain", "mxbox tui --slow", "mxbox tui --socket /run/mxbox/control.sock"),
    N_(
        "Digits choose the screen, Enter goes in, Esc back, / filters, : jumps, ? helps, q leaves. It asks the running "
        "box, and waits for one that does not run."
    ),
    arguments=_arguments,
    asks=True,
    json=False,
)
