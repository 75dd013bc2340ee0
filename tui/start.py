# SPDX-License-Identifier: GPL-2.0-or-later
"""Start of the terminal: what it runs in is asked first, for Textual reads its environment when it is imported."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from tui.skin import SKINS, Skin, SkinName
from tui.terminal import look

BEAT_S: Final = 0.1
SLOW_BEAT_S: Final = 1.0
"""Pause between two looks at the picture."""


class TerminalError(ApplianceError):
    """The terminal cannot be used here."""


@dataclass(frozen=True)
class Seat:
    """The desk of an agent. `agent` '': the one that the `user` is who signs in before the desk is shown."""

    agent: str = ""
    user: str = ""


def start(
    socket: Path, skin: SkinName | None = None, *, slow: bool = False, seat: Seat | None = None, wall: bool = False
) -> int:
    """Run the terminal until it is left, or the desk of a `seat`, or the board of a wall; return the exit status.

    `slow`: the line is.

    Raises:
        TerminalError: it cannot be drawn here.
        ApiError: the box does not let the user sign in.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM", "dumb") == "dumb":
        raise TerminalError(
            _("this is no terminal that can be drawn on"),
            _("use the commands instead, such as `mxbox status`: see mxbox --help"),
        )
    found = look(sys.stdout.fileno(), os.environ)
    slow = slow or found.serial
    chosen = SKINS[skin or found.skin]
    os.environ.setdefault("TEXTUAL_ANIMATIONS", "none")
    if chosen.name == "plain":
        os.environ["TEXTUAL_COLOR_SYSTEM"] = "standard"
    if slow:
        os.environ.setdefault("TEXTUAL_FPS", "5")
    if not found.hanzi:
        os.environ["LANGUAGE"] = "en"
    beat_s = SLOW_BEAT_S if slow else BEAT_S
    return _terminal(socket, chosen, beat_s, wall=wall) if seat is None else _desk(socket, chosen, beat_s, seat)


def _terminal(socket: Path, skin: Skin, beat_s: float, *, wall: bool) -> int:
    from tui.app import TerminalApp
    from tui.link import Link
    from tui.pace import Pace
    from tui.quick import keep_loaded
    from tui.wall import WallApp

    keep_loaded()
    app = (WallApp if wall else TerminalApp)(
        lambda hear: Link(socket, hear), skin, beat_s=beat_s, pace=Pace(sys.stdout.fileno())
    )
    app.run(mouse=beat_s < SLOW_BEAT_S)
    return app.return_code or 0


def _desk(socket: Path, skin: Skin, beat_s: float, seat: Seat) -> int:
    from appliance.api.messages import UseTicket
    from tui.desk.app import NO_TICKET, TOPICS, DeskApp
    from tui.desk.sign_in import sign_in, sign_out
    from tui.link import Link
    from tui.pace import Pace
    from tui.quick import keep_loaded

    keep_loaded()
    ticket = "" if seat.agent else sign_in(socket, seat.user).ticket
    greet = (UseTicket(ticket=ticket),) if ticket else ()
    pace = Pace(sys.stdout.fileno())
    app = DeskApp(lambda hear: Link(socket, hear, greet, TOPICS), skin, beat_s=beat_s, pace=pace, agent=seat.agent)
    try:
        app.run(mouse=beat_s < SLOW_BEAT_S)
    finally:
        if ticket:
            sign_out(socket, ticket)
    if app.return_code == NO_TICKET:
        raise TerminalError(_("you are signed out"), _("sign in again"))
    return app.return_code or 0
