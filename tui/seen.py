# SPDX-License-Identifier: GPL-2.0-or-later
"""Screens of an app, read back as strips and as text."""

from textual._compositor import LayoutUpdate
from textual.app import App
from textual.strip import Strip


def strips_of(app: App[None]) -> list[Strip]:
    """Return what is seen, dialogs and the screen below, line by line."""
    screen = app.screen
    # Textual has no public way to read a screen back.
    update = screen._compositor.render_update(full=True, screen_stack=app._background_screens)  # noqa: SLF001
    assert isinstance(update, LayoutUpdate)
    return [Strip.join(line) for line in update.strips]


def text_of(app: App[None]) -> list[str]:
    """Return what is seen as lines of text."""
    return [strip.text.rstrip() for strip in strips_of(app)]
