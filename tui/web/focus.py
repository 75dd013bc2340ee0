# SPDX-License-Identifier: GPL-2.0-or-later
"""An app in a browser keeps its focus. Textual tells it late in its start that it has none."""

from textual import events


class KeepsFocus:
    """Base of apps in a browser."""

    def on_app_blur(self, event: events.AppBlur) -> None:
        """Keep the focus where it is."""
        event.prevent_default()
