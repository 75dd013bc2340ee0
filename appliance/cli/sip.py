# SPDX-License-Identifier: GPL-2.0-or-later
"""SIP messages of a call: `mxbox sip ladder`."""

import argparse
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from appliance.api.messages import SipLadder, SipLadderReply
from appliance.cli.ask import client
from appliance.cli.command import Command, Group
from appliance.cli.output import show, show_json, table
from appliance.contract.switch import SignalMessage
from appliance.i18n import N_, _


def ladder(args: argparse.Namespace) -> int:
    """Show the SIP messages of a call."""
    with client(args) as box:
        reply = box.ask(SipLadder(args.call), SipLadderReply)
    if args.json:
        show_json(reply)
    elif args.text and reply.messages:
        show(*whole(reply.messages))
    else:
        columns = (_("time"), _("leg"), _("from"), _("to"), _("message"))
        rows = [rung(message) for message in reply.messages]
        show(table(columns, rows, right=(1,), empty=_("the switch remembers no SIP message of this call"), spare=(1,)))
    return 0


def whole(messages: tuple[SignalMessage, ...]) -> Iterator[str]:
    """Return every message as it was on the wire, below a line with its time, sender and receiver."""
    for message in messages:
        when, _leg, source, target, _what = rung(message)
        yield f"--- {when}  {source} -> {target}"
        yield message.text.replace("\r\n", "\n")


def rung(message: SignalMessage) -> tuple[str, str, str, str, str]:
    """Return a message in a line: time, leg, sender, receiver, and what it is in a few words."""
    when = datetime.fromtimestamp(message.time_us / 1e6).astimezone().strftime("%H:%M:%S.%f")[:-3]
    box = _("box")
    ends = (box, message.peer) if message.sent else (message.peer, box)
    return when, str(message.leg or ""), *ends, message.brief or summary(message.text)


def summary(text: str) -> str:
    """Return a message in a few words: 'INVITE sip:1001@box', '200 OK (INVITE)', with the direction of its sound."""
    head, _blank, body = text.partition("\r\n\r\n")
    first = head.split("\r\n", 1)[0]
    method = re.search(r"^CSeq[ \t]*:[ \t]*\d+[ \t]+(\S+)", head, re.IGNORECASE | re.MULTILINE)
    if first.startswith("SIP/2.0 "):
        first = first.removeprefix("SIP/2.0 ") + (f" ({method[1]})" if method else "")
    else:
        first = first.removesuffix(" SIP/2.0")
    direction = re.search(r"^a=(sendonly|recvonly|inactive|sendrecv)\r?$", body, re.MULTILINE)
    return f"{first} [{direction[1]}]" if direction else first


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", metavar="CALL", type=int, help=_("number of the call, see `mxbox calls --past`"))
    parser.add_argument("--text", action="store_true", help=_("the whole messages, not one line each"))


SIP: Final = Group(
    "sip",
    N_("what was said in SIP"),
    (
        Command(
            "ladder",
            N_("the SIP messages of a call, oldest first"),
            ladder,
            ("mxbox sip ladder 1042", "mxbox sip ladder 1042 --text", "mxbox sip ladder 1042 --json"),
            N_(
                "The switch remembers the last 16,384 messages, 16 MB at most. Passwords, media keys and the keys that "
                "were pressed are left out. With an edge these are the messages between switch and edge."
            ),
            arguments=_arguments,
            asks=True,
        ),
    ),
)
