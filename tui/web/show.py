# SPDX-License-Identifier: GPL-2.0-or-later
"""The app of a session: the terminal, with its user's ticket; on a wall the board, without keys."""

import io
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from appliance.api.messages import UseTicket
from appliance.api.needs import TOPICS as NEEDED
from appliance.i18n import N_, _
from tui.app import NOTE_S, TerminalApp
from tui.desk.app import DeskApp
from tui.link import TOPICS, Gone, Heard, Link
from tui.pace import Pace
from tui.seen import text_of
from tui.skin import HOUSE
from tui.wall import WallApp
from tui.web.focus import KeepsFocus
from tui.web.visit import NO_TICKET, Visit

BEAT_S: Final = {"terminal": 0.25, "board": 1.0}
"""Pause between two looks at the picture, by kind: a wall is not read faster."""
NO_LONGER_GOOD: Final = N_("the ticket is no longer good")
"""As `appliance.server.reception` words it."""


class WebApp(KeepsFocus, TerminalApp):
    """The terminal as a browser shows it.

    Args:
        visit: the session.
    """

    def __init__(self, visit: Visit) -> None:
        guest = visit.guest
        greet = (UseTicket(ticket=guest.ticket),)
        topics = tuple(each for each in TOPICS if NEEDED[each].do in guest.access.get(NEEDED[each].kind, ()))
        # a socket tells by the same request as a terminal what is not sent yet (unix(7): SIOCOUTQ)
        super().__init__(
            lambda hear: Link(visit.control_socket, partial(self._hear, hear), greet, topics),
            HOUSE,
            beat_s=BEAT_S[visit.kind],
            pace=Pace(sys.stdout.fileno()),
        )

    in_browser = True

    def _hear(self, hear: Callable[[Sequence[Heard]], None], heard: Sequence[Heard]) -> None:
        """Pass news on; end when the box takes the ticket no more: another needs a password."""
        hear(heard)
        if any(isinstance(each, Gone) and each.why == _(NO_LONGER_GOOD) for each in heard):
            self.exit(return_code=NO_TICKET)

    def action_save(self) -> None:
        """Send the screen to the browser as a text."""
        text = "\n".join(text_of(self)) + "\n"
        name = self._wall().strftime("mxbox-%Y%m%d-%H%M%S.txt")
        self.deliver_binary(io.BytesIO(text.encode()), save_filename=name, mime_type="text/plain")
        self.notify(name, timeout=NOTE_S, markup=False)


class WebDesk(WebApp, DeskApp):
    """The desk of an agent as a browser shows it."""


class WebWall(WebApp, WallApp):
    """The board on a wall as a browser shows it."""


def app_of(visit: Visit) -> WebApp:
    """Return the app of a session: users who are agents, and no more, see their desk."""
    if visit.kind == "board":
        return WebWall(visit)
    guest = visit.guest
    return WebDesk(visit) if guest.own and guest.agent else WebApp(visit)


def show(visit: Visit) -> int:
    """Show a session until it ends; return the exit status."""
    app = app_of(visit)
    app.run()
    return app.return_code or 0
