# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests to the running box: its socket, and times and numbers as people type them."""

import argparse
import os
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from appliance.api.client import Client
from appliance.i18n import _

SOCKET: Final = Path("run/control.sock")
SYSTEM_SOCKET: Final = Path("/run/mxbox/control.sock")
_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def socket_path(named: str | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the box's socket: `named`, $MXBOX_SOCKET, ./run/control.sock, the system's."""
    if named or environ.get("MXBOX_SOCKET"):
        return Path(named or environ["MXBOX_SOCKET"])
    return SYSTEM_SOCKET if SYSTEM_SOCKET.exists() and not SOCKET.exists() else SOCKET


def client(args: argparse.Namespace) -> Client:
    """Return a client for the box that the arguments name; use it in `with`."""
    return Client(socket_path(args.socket))


def add_socket(parser: argparse.ArgumentParser) -> None:
    """Add --socket."""
    text = _("control socket of the box (else $MXBOX_SOCKET, run/control.sock, {system})").format(system=SYSTEM_SOCKET)
    parser.add_argument("--socket", metavar="PATH", help=text)


def add_period(parser: argparse.ArgumentParser) -> None:
    """Add --since, --until, --limit, --before."""
    add_since_until(parser)
    parser.add_argument("--limit", metavar="N", type=limit, default=50, help=_("at most N, newest first (50)"))
    parser.add_argument(
        "--before", metavar="ID", type=int, default=0, help=_("go on below this number of the first column")
    )


def add_since_until(parser: argparse.ArgumentParser) -> None:
    """Add --since, --until."""
    text = _("from then on: 2026-01-31, 2026-01-31T14:30, today, yesterday, or 90m, 2h, 7d ago")
    parser.add_argument("--since", metavar="WHEN", type=moment, default=0, help=text)
    parser.add_argument("--until", metavar="WHEN", type=moment, default=0, help=_("before then"))


def moment(text: str) -> int:
    """Parse a moment as people type it, in their own time zone; return Unix milliseconds."""
    return moment_at(text, datetime.now().astimezone())


def moment_at(text: str, now: datetime) -> int:
    """Parse a moment as seen from `now`; return Unix milliseconds. Raises argparse.ArgumentTypeError."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if text in {"today", "yesterday"}:
        when = midnight - timedelta(days=text == "yesterday")
    elif ago := re.fullmatch(r"([0-9]{1,6})([smhd])", text):
        when = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    else:
        try:
            when = datetime.fromisoformat(text)
        except ValueError:
            message = _("{text!r} is no moment: write 2026-01-31, 2026-01-31T14:30, today, yesterday, or 90m, 2h, 7d")
            raise argparse.ArgumentTypeError(message.format(text=text)) from None
    return int(when.timestamp() * 1000)


def limit(text: str) -> int:
    """Parse a count. Raises argparse.ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError(_("{text!r} is not a number from 1 to 10000").format(text=text))
    return int(text)
