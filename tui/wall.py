# SPDX-License-Identifier: GPL-2.0-or-later
"""The app of a wall: the board alone, on a whole screen, without keys but those to leave it."""

from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.app import TerminalApp
from tui.screens.wall import WallScreen


class WallApp(TerminalApp, inherit_bindings=False):
    """The app of a wall."""

    TITLE = "MXBox wall"
    SHOWN: ClassVar = (WallScreen,)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,f10", "leave", show=False),
        Binding("ctrl+t", "turn_skin", show=False),
    ]
