# SPDX-License-Identifier: GPL-2.0-or-later
"""Host of the screens: the part of the app that screens use. The app knows its screens; they know this."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from appliance.api.messages import AnyRequest
from tui.actions import Action
from tui.cells import Line
from tui.link import R
from tui.picture import Picture
from tui.skin import Skin


class Host(Protocol):
    """The app, as screens see it."""

    picture: Picture
    skin: Skin
    in_browser: bool

    def hand_out(self, path: Path, name: str, kind: str) -> None:
        """Send a file of the media type `kind` to the reader's browser."""
        ...

    async def ask(self, request: AnyRequest, kind: type[R]) -> R:
        """Send a request; return its reply. Raises ApiError. Screens use it in workers."""
        ...

    def ask_again(self) -> None:
        """Ask for all that the screen draws at once: something was changed."""
        ...

    def act(self, title: str, actions: Sequence[Action]) -> object:
        """Ask the reader to choose an action, say its sentence, carry it out, and tell the result."""
        ...

    async def carry_out(self, action: Action) -> None:
        """Ask for the fields of an action, say its sentence, and carry it out. Runs in a worker."""
        ...

    def show(self, mode: str, key: object = None) -> None:
        """Show a screen, and put its cursor on a thing."""
        ...

    def show_help(self, title: str, text: str, keys: Sequence[tuple[str, str]]) -> object:
        """Open a help."""
        ...

    def head_line(self, width: int) -> Line:
        """Return the head line."""
        ...

    def tabs_line(self, width: int) -> Line:
        """Return the names of the screens."""
        ...

    def foot_line(self, width: int) -> Line:
        """Return the keys that are true here and now."""
        ...
