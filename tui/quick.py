# SPDX-License-Identifier: GPL-2.0-or-later
"""Quick: what would stand between a key and what is seen of it is kept out of the way."""

import gc
from typing import Final

from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.cache import LRUCache
from textual.css.stylesheet import Stylesheet

NEW_OBJECTS: Final = 10_000
"""New objects after which the collector looks at the youngest; 700 is Python's own figure, and a beat makes as many."""


MAX_STYLES: Final = 1024
"""Sources of styles that are kept parsed: all of them, for they are gone through in one order."""


class KeptStyles(Stylesheet):
    """Styles that are parsed once for each skin; Textual parses all of them, twice, for each screen that is new."""

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables=variables)
        self._parse_cache = LRUCache(MAX_STYLES)
        self._given = variables

    def set_variables(self, variables: dict[str, str]) -> None:
        """Set the variables that styles name; parse anew if they are others."""
        if variables != self._given:
            self._given = variables
            super().set_variables(variables)

    def reparse(self) -> None:
        """Take the rules of all sources."""
        self.parse()


class QuickApp(App[None]):
    """An app that shows another screen at once, and keeps nothing of one that was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.stylesheet = KeptStyles(self.get_css_variables())

    def delay_update(self, delay: float = 0.0) -> None:
        """Hold no updates back: Textual waits 50 ms at each change of the mode to hide a screen that is not drawn."""

    def pop_screen(self) -> AwaitComplete:
        """Close the screen on top, and let go of what was drawn of it."""
        popped = super().pop_screen()
        StylesCache.get_inner_outer.cache_clear()  # it keeps a thousand caches of lines with the widgets' pictures
        return popped


def keep_loaded() -> None:
    """Take what is loaded out of the collector's sight: to look at all of it takes longer than a key may."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(NEW_OBJECTS, *gc.get_threshold()[1:])
