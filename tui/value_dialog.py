# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialog for one value: what is wrong with it is said while it is typed, by its type at once, by the box soon after."""

from collections.abc import Awaitable, Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from appliance.i18n import _
from tui.dialogs import Dialog
from tui.draft import Checker
from tui.mouse import Keys


class ValueDialog(Dialog):
    """The dialog; its result is the text, '' too.

    Args:
        title: what is asked for.
        text: stands in the field at first.
        told: what may be typed.
        mistakes: returns what is wrong with a text by itself; with a mistake Enter does not leave.
        check: returns what else is wrong with it.
    """

    def __init__(
        self,
        title: str,
        text: str,
        told: str,
        mistakes: Callable[[str], Sequence[str]],
        check: Callable[[str], Awaitable[Sequence[str]]],
    ) -> None:
        super().__init__()
        self._title, self._text, self._told, self._mistakes, self._check = title, text, told, mistakes, check
        self._checker = Checker(self._ask)

    def compose(self) -> ComposeResult:
        """Return its lines."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="title", markup=False)
            yield Static(self._told, markup=False)
            yield Input(self._text, id="value")
            yield Static("", id="wrong", markup=False)
            yield Keys(_("Enter: take it   Esc: nothing"), "enter", "escape")

    def on_mount(self) -> None:
        """Put the cursor into the field."""
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Show what is wrong with what is typed."""
        mistakes = self._mistakes(event.value)
        self._say(mistakes)
        if not mistakes:
            self.run_worker(self._checker.typed(event.value))

    async def _ask(self, text: str) -> None:
        found = await self._check(text)
        if self.is_mounted and self.query_one(Input).value == text:
            self._say(found)

    def _say(self, mistakes: Sequence[str]) -> None:
        self.query_one("#wrong", Static).update("\n".join(mistakes[:5]))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the text, if it has no mistake by itself."""
        if not self._mistakes(event.value):
            self.dismiss(event.value.strip())
