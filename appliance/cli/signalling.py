# SPDX-License-Identifier: GPL-2.0-or-later
"""The signalling of a call or of a span, of all kinds alike: `mxbox trace`."""

import argparse
from pathlib import Path
from typing import Final

from appliance.api.messages import Spans, SpansReply, Trace, TraceReply
from appliance.cli.ask import client
from appliance.cli.command import Command
from appliance.cli.output import show, show_json, table
from appliance.cli.pcap import pcapng
from appliance.cli.sip import rung, whole
from appliance.contract.errors import RequestError
from appliance.i18n import N_, _


def trace(args: argparse.Namespace) -> int:
    """Show messages of the signalling."""
    if bool(args.call) == bool(args.span):
        raise RequestError(_("a call or a span is needed"), _("write mxbox trace 1042, or mxbox trace --span 1"))
    with client(args) as box:
        reply = box.ask(Trace(args.call, args.span), TraceReply)
        spans = box.ask(Spans(), SpansReply) if args.pcap else None
    if spans is not None:
        cards = spans.switch.cards if spans.switch is not None else ()
        sides = {card.span.span: card.span.side for card in cards if card.span is not None}
        users = [f"span {number}" for number, side in sides.items() if side == "network"]  # as the switch names them
        Path(args.pcap).write_bytes(pcapng(reply.messages, users))
    if args.json:
        show_json(reply)
    elif args.text and reply.messages:
        show(*whole(reply.messages))
    else:
        columns = (_("time"), _("leg"), _("from"), _("to"), _("message"))
        rows = [rung(message) for message in reply.messages]
        show(table(columns, rows, right=(1,), empty=_("the switch remembers no message of it"), spare=(1,)))
    if args.pcap and not args.json:
        show("", _("written to {path}, for Wireshark").format(path=args.pcap))
    return 0


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "call", metavar="CALL", nargs="?", type=int, default=0, help=_("number of the call, see `mxbox calls --past`")
    )
    parser.add_argument(
        "--span", metavar="N", type=int, default=0, help=_("the newest messages of this span instead, of all calls")
    )
    parser.add_argument("--text", action="store_true", help=_("the whole messages, not one line each"))
    parser.add_argument("--pcap", metavar="FILE", default="", help=_("also write them to a file for Wireshark"))


TRACE: Final = Command(
    "trace",
    N_("the signalling of a call, SIP and ISDN alike, oldest first; or of a span"),
    trace,
    ("mxbox trace 1042", "mxbox trace 1042 --text", "mxbox trace --span 1", "mxbox trace 1042 --pcap call.pcapng"),
    N_(
        "The switch always remembers the last 8,192 frames of each ISDN span and 16,384 SIP messages. Passwords, media "
        "keys and the keys that were pressed are left out of SIP."
    ),
    arguments=_arguments,
    asks=True,
)
