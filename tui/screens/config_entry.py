# SPDX-License-Identifier: GPL-2.0-or-later
"""One table of the configuration as a form made from its type, checked as it is filled in, put in force at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import ConfigChangesReply, ConfigFinding, ConfigReply, GetConfig
from appliance.cli.config_change import counts
from appliance.config.shape import allowed
from appliance.contract.errors import ApiError, RequestError
from appliance.contract.reasons import shown
from appliance.i18n import N_, _, ngettext
from tui.actions import Action, Values
from tui.cells import Cell, Line, wrapped
from tui.dialogs import Menu, Sure
from tui.draft import Draft, Verdict, found_text, in_force, put_in_force, verdict
from tui.forms import Key, form_of, keys_of
from tui.link import Asks
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.screens.base import HouseScreen
from tui.screens.config_history import ChangesScreen
from tui.screens.config_text import TextScreen
from tui.value_dialog import ValueDialog

_LETTERS: Final = "123456789abcdefghijklmnopqrstuvwxyz"
_PANE_LINES: Final = 8


class EntryScreen(HouseScreen):
    """The form.

    Args:
        draft: the entry, and its changes.
    """

    NAME, LABEL = "entry", N_("form of the configuration")
    HELP_TEXT = N_(
        "One table of the configuration. Enter changes the key under the cursor; an empty value takes the key out, and "
        "its default counts. Changed keys are marked, and the box checks the whole after each. Nothing is in force "
        "before x and a. Below: what the key takes, when a change of it counts, and mistakes."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "differences", N_("differences")),
        Binding("e", "text", N_("as text")),
    ]

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self._draft = draft
        self._keys = keys_of(draft.entry.table)
        self._verdict = Verdict()

    def body(self) -> Iterable[Widget]:
        """Return keys above what is told about them."""
        columns: Sequence[Column[Key]] = (
            Column(N_("setting"), 28, self._key_name),
            Column(N_("value"), 24, self._value, grow=1),
            Column(N_("counts"), 22, lambda it: Cell(counts(it.needs), "warn" if it.needs else "dim"), spare=1),
        )
        self._table: LiveTable[Key] = LiveTable(columns, lambda: self._keys, lambda it: it.name, id="keys")
        pane = Pane(self._told, id="told")
        pane.styles.height, pane.can_focus = _PANE_LINES, False
        return (Vertical(self._table, pane),)

    def on_mount(self) -> None:
        """Send an entry that is new to the box to be checked."""
        super().on_mount()
        if self._draft.changed:
            self._check()

    def heading(self) -> str:
        """Return the entry."""
        it = self._draft.entry
        return f"[[{it.table}]] {it.name}" if it.name else f"[{it.table}]"

    # --- what is drawn

    def _key_name(self, it: Key) -> Cell:
        changed = it.name in self._draft.changed
        return Cell(("* " if changed else "  ") + it.name, "mark" if changed else "")

    def _value(self, it: Key) -> Cell:
        value = self._draft.value(it.name)
        if it.name in self._wrong():
            return Cell(it.shown(value) or "?", "bad")
        if value is not None:
            return Cell(it.shown(value) or '""', "accent")
        return Cell(it.shown(it.default) or ("?" if it.required else "-"), "bad" if it.required else "dim")

    def _wrong(self) -> set[str]:
        """Return the keys with a mistake."""
        inside = self._place() + "."
        names = [each.key.removeprefix(inside) for each in self._verdict.findings if each.key.startswith(inside)]
        return {name.partition(".")[0].partition("[")[0] for name in names}

    def _told(self, width: int) -> Sequence[Line]:
        """Return the lines below: the box's word on the draft, and all about the key under the cursor."""
        lines = [*self._state(width)]
        if (it := self._table.row) is not None:
            value = it.shown(self._draft.value(it.name))
            text = f"{it.name} = {value}" if value else it.name
            lines += [[Cell(f" {line}", "accent")] for line in wrapped(text, width - 2)]
            lines += [[f" {line}"] for line in wrapped(allowed(it.kind), width - 2)]
            default = _("without it: {value}").format(value=it.shown(it.default) or "-")
            lines += [[Cell(f" {line}", "dim")] for line in wrapped(f"{default}   {counts(it.needs)}", width - 2)]
        return lines

    def _state(self, width: int) -> Iterable[Line]:
        many, found = len(self._draft.changed), self._verdict
        rule = self.terminal.skin.dash * width
        yield [Cell(rule, "dim")]
        if found.refusal:
            yield from ([Cell(f" {line}", "bad")] for line in wrapped(found.refusal, width - 2))
        for each in self._own_first(found)[:3]:
            yield from ([Cell(f" {line}", "bad")] for line in wrapped(found_text(each), width - 2))
        if found.good:
            text = ngettext("{n} key changed, no mistake: x and a put it in force",
                            "{n} keys changed, no mistake: x and a put them in force", many)  # fmt: skip
            yield [Cell(" " + text.format(n=many), "good")]
        elif not many:
            yield [Cell(" " + self.heading() + ": " + _("nothing is changed"), "dim")]

    # --- what is changed

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        """Change a key."""
        self._edit(event.row)

    @work(exclusive=True, group="edit")
    async def _edit(self, key: Key) -> None:
        given = await (self._choose(key) if key.choices else self._type(key))
        if not isinstance(given, str):
            return
        self._draft.set(key.name, key.value(given))
        await self._checked()

    async def _choose(self, key: Key) -> object:
        """Ask for one of the values that a key takes."""
        actions = [Action(letter, value) for letter, value in zip(_LETTERS, key.choices, strict=False)]
        out = _("take it out: {value}").format(value=key.shown(key.default) or "-")
        chosen = await self.app.push_screen_wait(Menu(key.name, [*actions, Action("0", out)]))
        if not isinstance(chosen, Action):
            return None
        return "" if chosen.key == "0" else chosen.name

    async def _type(self, key: Key) -> object:
        """Ask for a value that is typed."""

        def mistakes(text: str) -> Sequence[str]:
            return key.mistakes(key.value(text))

        async def check(text: str) -> Sequence[str]:
            tried = replace(self._draft, changed=dict(self._draft.changed))
            tried.set(key.name, key.value(text))
            found = await self._verdict_on(tried)
            return [found.refusal] if found.refusal else [found_text(each) for each in self._own_first(found)]

        value = self._draft.value(key.name)
        return await self.app.push_screen_wait(
            ValueDialog(key.name, key.shown(value), allowed(key.kind), mistakes, check)
        )

    @work(exclusive=True, group="check")
    async def _check(self) -> None:
        await self._checked()

    async def _checked(self) -> None:
        self._verdict = await self._verdict_on(self._draft)
        self.picture.touch()
        self.beat()

    async def _verdict_on(self, draft: Draft) -> Verdict:
        try:
            text = draft.text()
        except RequestError as error:
            return Verdict(refusal=shown(error.msgid, error.values) + ": " + _("e changes it as text"))
        return await verdict(self.terminal, text)

    # --- what can be done

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the draft and the entry."""
        draft, found = self._draft, []
        if self._verdict.good:
            found.append(put_in_force(self._verdict.changes, self._put))
        if draft.changed and not draft.new:
            found.append(Action("f", _("forget the changes"), do=self._forget, right="configure"))
        return found

    async def _put(self, link: Asks, values: Values) -> str:
        """Put the draft in force. Where the text was changed meanwhile, the draft goes on with the new one."""
        try:
            reply = await link.ask(self._draft.request(values["why"]), ConfigChangesReply)
        except ApiError:
            await self._rebase(link)
            raise
        self._draft.changed.clear()
        if self.is_current:
            self.app.pop_screen()
        return in_force(reply.changes)

    async def _rebase(self, link: Asks) -> None:
        base = await link.ask(GetConfig(), ConfigReply)
        if base.version != self._draft.base.version:
            self._draft.rebase(base)
            await self._checked()

    async def _forget(self, _link: Asks, _values: Values) -> str:
        self._draft.changed.clear()
        await self._checked()
        return _("the changes are forgotten")

    def action_differences(self) -> None:
        """Show what the draft changes, whole."""
        self.app.push_screen(ChangesScreen(self.heading(), self._verdict.changes))

    def action_text(self) -> None:
        """Show the whole text, the changes in it, with the cursor on the entry."""
        try:
            text = self._draft.text()
        except RequestError:
            text = ""
        self.app.switch_screen(TextScreen(self._draft.base, text, at=self._place()))

    def _place(self) -> str:
        """Return the key of the entry, as the box names it in mistakes; a new one comes last."""
        it = self._draft.entry
        if not it.name:
            return it.table
        there = len(form_of(self._draft.base.text).table(it.table).entries)
        return f"{it.table}[{there if self._draft.new else it.place}]"

    def _own_first(self, found: Verdict) -> Sequence[ConfigFinding]:
        return sorted(found.findings, key=lambda each: not each.key.startswith(self._place()))

    def action_back(self) -> None:
        """Show all keys again, or leave the form; changes are forgotten after a question."""
        if self.query_one("#filter").display or self._table.marks:
            super().action_back()
        else:
            self._leave()

    @work(exclusive=True, group="leave")
    async def _leave(self) -> None:
        many = len(self._draft.changed)
        text = ngettext("Forgets {n} change that is not in force.", "Forgets {n} changes that are not in force.", many)
        sure = await self.app.push_screen_wait(Sure(text.format(n=many))) if many else "yes"
        if sure:
            self.app.pop_screen()
