# SPDX-License-Identifier: GPL-2.0-or-later
"""Blocks of the SIP face outside, and their end: `mxbox edge ...`."""

import argparse
from collections.abc import Sequence
from typing import Any, Final

from appliance.api.messages import EdgeBlocked, EdgeBlockedReply, EdgeUnblock
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.output import clock, show, show_json, table
from appliance.contract.edge import EdgeBlock
from appliance.i18n import N_, _

_WHY: Final = {"passwords": N_("wrong passwords"), "flood": N_("sends too much"), "scan": N_("looks for weak phones")}


def blocked(args: argparse.Namespace) -> int:
    """Show the extensions and addresses that the edge blocks."""
    with client(args) as box:
        reply = box.ask(EdgeBlocked(), EdgeBlockedReply)
    if args.json:
        show_json(reply)
    else:
        show(_table(reply.blocked, _("nobody is blocked")))
    return 0


def unblock(args: argparse.Namespace) -> int:
    """Lift the block of an address, or of an extension there."""
    with client(args) as box:
        reply = box.ask(EdgeUnblock(args.address, args.extension), EdgeBlockedReply)
    if args.json:
        show_json(reply)
    else:
        for each in reply.blocked:
            show(_("{whom} is heard again").format(whom=whom(each)))
    return 0


def whom(block: EdgeBlock) -> str:
    """Return the extension and address that a block is about."""
    if not block.extension:
        return block.address
    return _("{extension} at {address}").format(extension=block.extension, address=block.address)


def until(block: EdgeBlock) -> str:
    """Return a block in a few words: extension or address, its end, and the reason."""
    text = _("{whom} blocked until {time}: {why}")
    return text.format(whom=whom(block), time=clock(block.until), why=_(_WHY.get(block.why, block.why)))


def _table(blocks: Sequence[EdgeBlock], empty: str) -> Any:
    heads = (_("address"), _("extension"), _("why"), _("until"))
    rows = (
        (each.address, each.extension or _("all"), _(_WHY.get(each.why, each.why)), clock(each.until))
        for each in blocks
    )
    return table(heads, rows, empty=empty)


def _unblock_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS", help=_("IP address, as in mxbox edge blocked"))
    text = _("only this one; without it all of the address")
    parser.add_argument("extension", metavar="EXTENSION", nargs="?", default="", help=text)


EDGE: Final = Group(
    "edge",
    N_("whom the SIP face outside does not hear for a while"),
    (
        Command(
            "blocked",
            N_("who is blocked for wrong passwords, a flood or a scan, and until when"),
            blocked,
            ("mxbox edge blocked", "mxbox edge blocked --json"),
            N_("Extensions that are registered from a blocked address are heard all the same, and no call ends by it."),
            asks=True,
        ),
        Command(
            "unblock",
            N_("hear an address, or one extension there, again"),
            unblock,
            ("mxbox edge unblock 192.0.2.7", "mxbox edge unblock 192.0.2.7 1001"),
            arguments=_unblock_arguments,
            asks=True,
        ),
    ),
)
