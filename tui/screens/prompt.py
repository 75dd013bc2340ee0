# SPDX-License-Identifier: GPL-2.0-or-later
"""One prompt: how loud it is over its length, its text, and each sound that it had, with who changed it and why."""

from collections.abc import Iterable, Sequence
from typing import Final

from appliance.api.messages import Prompt, PromptReply
from appliance.cli.words import word
from appliance.contract.prompt_rows import PromptChange, PromptRow
from appliance.i18n import N_, _
from tui import prompt_actions, strip
from tui.actions import Action
from tui.cells import Cell, Line, fit, wrapped
from tui.screens.base import Every, HouseScreen
from tui.screens.troubles import when

POINTS: Final = 400
_LABEL: Final = 7


class PromptScreen(HouseScreen):
    """One prompt, as it was in the list."""

    NAME, LABEL = "prompt", N_("prompt")
    HELP_TEXT = N_(
        "One prompt. The strip shows how loud it is; speech at the right level reaches -15 dBm0. Below are its "
        "changes: who, when, from where, why, and which sound it had since then. x plays it to a phone, records it "
        "there, replaces it by a file or a text, or restores a version."
    )

    def __init__(self, row: PromptRow) -> None:
        super().__init__()
        self._row = row

    def asks(self) -> Sequence[Every]:
        """Return the request about it."""
        return (Every(5.0, Prompt(self._row.prompt, POINTS), PromptReply),)

    @property
    def _told(self) -> PromptReply | None:
        reply = self.picture.last(PromptReply)
        return reply if reply is not None and reply.prompt.prompt == self._row.prompt else None

    def lines(self, width: int) -> Sequence[Line]:
        """Return the lines."""
        row = self._told.prompt if self._told is not None else self._row
        return [*self._facts(row, width), "", *self._strip(row, width), "", *self._changes(width)]

    def _facts(self, it: PromptRow, width: int) -> Iterable[Line]:
        number = _("no. {n}").format(n=it.number)
        yield [Cell(f" {it.prompt} ", "accent"), f" {number}   {word(it.source)}   {it.length_s:.1f} s"]
        yield from ([Cell(f" {line}", "dim")] for line in wrapped(it.text, width - 2) if it.text)

    def _strip(self, it: PromptRow, width: int) -> Iterable[Line]:
        told, room = self._told, width - _LABEL - 2
        if told is None or not told.levels:
            yield [Cell(_(" its sound is being read"), "dim")]
            return
        loudest = _("{level} dBm0 at its loudest").format(level=max(told.levels))
        yield [_label(_("sound")), Cell(strip.strip(self.terminal.skin, told.levels, room), "good")]
        yield [_label(""), Cell(strip.ruler(it.length_s, room), "dim")]
        yield [_label(""), Cell(loudest, "dim")]

    def _changes(self, width: int) -> Iterable[Line]:
        told = self._told
        yield [Cell(" " + _("changes"), "head")]
        for it in told.changes if told is not None else ():
            yield from _change(it, width)
        if told is not None and not told.changes:
            yield [Cell(" " + _("it was never changed"), "dim")]

    def heading(self) -> str:
        """Return the prompt."""
        return _("prompt {prompt}").format(prompt=self._row.prompt)

    def actions(self) -> Sequence[Action]:
        """Return what can be done with it."""
        changes = self._told.changes if self._told is not None else ()
        return prompt_actions.of(self._row.prompt, self.terminal, changes[0].before if changes else "")


def _change(it: PromptChange, width: int) -> Iterable[Line]:
    version = it.version or _("the built-in sound")
    yield f" {when(it.at)}  {word(it.step)}  {it.user} ({it.door})  {version}"
    text = "  ".join(each for each in (it.text, it.why) if each)
    yield from ([Cell(f"     {line}", "dim")] for line in wrapped(text, width - 6) if text)


def _label(text: str) -> Cell:
    return Cell(" " + fit(text, _LABEL) + " ", "head")
