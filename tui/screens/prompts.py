# SPDX-License-Identifier: GPL-2.0-or-later
"""Prompts: all that callers can hear, and who changed them; Enter shows one, `x` plays, records, replaces, restores."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from appliance.api.messages import Prompts, PromptsReply
from appliance.cli.words import word
from appliance.contract.prompt_rows import PromptRow
from appliance.i18n import N_, _, ngettext
from tui import prompt_actions
from tui.actions import Action
from tui.cells import Cell, Line
from tui.dialogs import Jump
from tui.live import Bar
from tui.live_table import Column
from tui.picture import Picture
from tui.screens.base import NOT_TOLD, Every, TableScreen
from tui.screens.prompt import PromptScreen
from tui.screens.troubles import when


class PromptsScreen(TableScreen[PromptRow]):
    """The prompts."""

    NAME, LABEL = "prompts", N_("prompts")
    HELP_TEXT = N_(
        "Prompts, with the numbers by which phones name them. / filters by name and text, o shows those that are not "
        "built in. Enter shows one: how loud it is, its versions. x plays it to a phone, records it there, replaces it "
        "by a file or a text, restores it. Callers hear a change from the next playing on."
    )
    EMPTY = N_("no such prompt")
    ASKS = (Every(15.0, Prompts(), PromptsReply),)
    BINDINGS: ClassVar[list[BindingType]] = [Binding("o", "own", N_("own ones alone, or all"))]

    def __init__(self) -> None:
        super().__init__()
        self._own = False

    def columns(self) -> Sequence[Column[PromptRow]]:
        """Return the columns."""
        return (
            Column(N_("no."), 4, lambda it: str(it.number), right=True, order=lambda it: it.number),
            Column(N_("prompt"), 22, lambda it: it.prompt, grow=1),
            Column(N_("length"), 6, lambda it: f"{it.length_s:.1f}", right=True, order=lambda it: -it.length_s),
            Column(N_("source"), 11, lambda it: Cell(word(it.source), "accent" if it.source == "own" else "dim")),
            Column(N_("changed"), 11, lambda it: when(it.at) if it.at else "", spare=1, order=lambda it: -it.at),
            Column(N_("by"), 8, lambda it: it.user, spare=2),
            Column(N_("text"), 20, lambda it: it.text, grow=4),
        )

    def rows(self) -> Sequence[PromptRow]:
        """Return the prompts."""
        reply = self.picture.last(PromptsReply)
        return [row for row in (reply.prompts if reply is not None else ()) if row.source == "own" or not self._own]

    def key(self, row: PromptRow) -> str:
        """Return the prompt's name."""
        return row.prompt

    def enter(self, row: PromptRow) -> None:
        """Show one prompt."""
        self.app.push_screen(PromptScreen(row))

    def empty(self) -> str:
        """Return the msgid for no rows: there are none, or the box has not told of any."""
        return self.EMPTY if self.picture.last(PromptsReply) is not None else NOT_TOLD

    def above(self) -> ComposeResult:
        """Return a line of facts."""
        yield Bar(self._facts, id="facts")

    def _facts(self, _width: int) -> Line:
        reply = self.picture.last(PromptsReply)
        if reply is None:
            return [Cell(" " + _(NOT_TOLD), "dim")]
        rows, own = self.rows(), sum(row.source == "own" for row in reply.prompts)
        text = ngettext("{n} prompt", "{n} prompts", len(rows)).format(n=len(rows))
        return [Cell(f" {text}   ", "accent"), Cell(_("{n} not built in").format(n=own), "dim")]

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the prompts that the box told of."""
        reply = picture.last(PromptsReply)
        for it in reply.prompts if reply is not None else ():
            yield Jump(_("prompt"), it.prompt, cls.NAME, it.prompt)

    # --- keys

    def action_own(self) -> None:
        """Show those alone that are not built in, or all."""
        self._own = not self._own
        self.beat()

    # --- what can be done

    def heading(self) -> str:
        """Return what is chosen."""
        rows = self.chosen()
        return _("prompt {prompt}").format(prompt=rows[0].prompt) if len(rows) == 1 else _(self.LABEL)

    def actions_on(self, rows: Sequence[PromptRow]) -> Sequence[Action]:
        """Return what can be done with a prompt; several are not changed at once."""
        return prompt_actions.of(rows[0].prompt, self.terminal) if len(rows) == 1 else ()
