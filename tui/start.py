# SPDX-License-Identifier: GPL-2.0-or-later
"""Start of the terminal: what it runs in is asked first, for Textual reads its environment when it is imported."""

import os
import sys
from pathlib import Path
from typing import Final

from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from tui.skin import SKINS, SkinName
from tui.terminal import look

BEAT_S: Final = 0.1
SLOW_BEAT_S: Final = 1.0
"""Pause between two looks at the picture."""


class TerminalError(ApplianceError):
    """The terminal cannot be used here."""


def start(socket: Path, skin: SkinName | None = None, *, slow: bool = False) -> int:
    """Run the terminal until it is left; return the exit status. `slow`: the line is. Raises TerminalError."""
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
    from tui.app import TerminalApp
    from tui.link import Link
    from tui.pace import Pace

    app = TerminalApp(
        lambda hear: Link(socket, hear), chosen, beat_s=SLOW_BEAT_S if slow else BEAT_S, pace=Pace(sys.stdout.fileno())
    )
    app.run(mouse=not slow)
    return app.return_code or 0
