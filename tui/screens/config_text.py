# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration as text, checked by the box as one types, put in force with a reason."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input, TextArea

from appliance.api.messages import ApplyConfig, ConfigChangesReply, ConfigReply
from appliance.config.lines import key_lines, line_of
from appliance.i18n import N_, _, ngettext
from tui.actions import Action, Values
from tui.cells import Cell, Line, wrapped
from tui.dialogs import Sure
from tui.draft import Checker, Verdict, found_text, in_force, language, put_in_force, verdict
from tui.link import Asks
from tui.live import Pane
from tui.screens.base import HouseScreen
from tui.screens.config_history import ChangesScreen

_PANE_LINES: Final = 6


class TextScreen(HouseScreen):
    """The text.

    Args:
        base: the text in force.
        text: with changes; '': without.
        at: the key on whose line the cursor is put.
        flow: the flow whose text it is; '': the configuration's.
    """

    NAME, LABEL = "text", N_("as text")
    HELP_TEXT = N_(
        "The text of the configuration or of a flow, with its comments. It is checked while it is typed: below stand "
        "the mistakes, or how many settings differ. Nothing is in force before F4 and a. F3 finds what is typed, again "
        "the next one; F8 goes to the next mistake. Ctrl+Z takes back what was typed, Ctrl+Y does it again."
    )
    AUTO_FOCUS = "TextArea"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f4", "act", N_("do"), key_display="F4"),
        Binding("f5", "differences", N_("differences"), key_display="F5"),
        Binding("f8", "next_mistake", N_("next mistake"), key_display="F8"),
        Binding("f3", "filter", N_("find"), key_display="F3"),
        Binding("f10", "back", show=False),
    ]

    def __init__(self, base: ConfigReply, text: str = "", at: str = "", flow: str = "") -> None:
        super().__init__()
        self._base, self._text, self._at = base, text or base.text, at
        self._flow = flow
        self._verdict: Verdict | None = None
        self._checker = Checker(self._check)

    def body(self) -> Iterable[Widget]:
        """Return the text above what the box says of it."""
        self._area = TextArea(self._text, show_line_numbers=True, soft_wrap=False, read_only=self._base.hidden,
                              compact=True, id="text")  # fmt: skip
        self._pane = Pane(self._told, id="told")
        self._pane.styles.height, self._pane.can_focus = _PANE_LINES, False
        return (Vertical(self._area, self._pane),)

    def on_mount(self) -> None:
        """Put the cursor on the entry, and check what was changed before."""
        super().on_mount()
        self._go(line_of(self._at, key_lines(self._text)))
        if self.changed:
            self.run_worker(self._checker.typed(self._text))

    @property
    def changed(self) -> bool:
        """Whether the text is another one than that in force."""
        return self._area.text != self._base.text

    def whole_text(self) -> Sequence[str]:
        """Return all lines of the text."""
        return self._area.text.splitlines()

    def foot_keys(self) -> list[tuple[str, str]]:
        """Return the keys; letters are text here."""
        return [*self.own_keys(), ("F1", _("help")), ("Esc", _("back"))]

    def action_help(self) -> None:
        """Open the help; the keys of other screens are text here."""
        self.terminal.show_help(_(self.LABEL), _(self.HELP_TEXT), self.foot_keys())

    def _told(self, width: int) -> Sequence[Line]:
        """Return what the box says of the text."""
        lines: list[Line] = [[Cell(self.terminal.skin.dash * width, "dim")]]
        found = self._verdict
        if self._base.hidden:
            text = _("secrets are hidden: only users who may change settings edit the text")
            return [*lines, [Cell(" " + text, "warn")]]
        if not self.changed:
            return [*lines, [Cell(" " + _("the text that is in force: {file}").format(file=self._base.file), "dim")]]
        if found is None:
            return [*lines, [Cell(" " + _("it is being checked"), "dim")]]
        if found.refusal:
            return [*lines, *_wrapped(found.refusal, width)]
        if found.findings:
            many = len(found.findings)
            text = ngettext("{n} mistake", "{n} mistakes", many).format(n=many)
            lines.append([Cell(f" {text}", "bad")])
            for each in found.findings:
                place = _("line {n}").format(n=each.line) + ": " if each.line else ""
                lines += _wrapped(place + found_text(each), width)
            return lines
        many = len(found.changes)
        text = ngettext("{n} setting differs, no mistake: F4 and a put it in force",
                        "{n} settings differ, no mistake: F4 and a put them in force", many)  # fmt: skip
        return [*lines, [Cell(" " + text.format(n=many), "good")]]

    # --- what is typed

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Send it to be checked when the typing pauses."""
        self._verdict = None
        self.run_worker(self._checker.typed(event.text_area.text))

    async def _check(self, text: str) -> None:
        found = await verdict(self.terminal, text if text != self._base.text else "", self._flow)
        if self.is_mounted and self._area.text == text:
            self._verdict = found
            self._pane.to_top()
            self.beat()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Find what is typed, from the cursor on."""
        if event.input.id == "filter":
            self._find(event.value, self._area.cursor_location[0])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on in the text where it was found."""
        event.input.display = False
        self._area.focus()

    def action_filter(self) -> None:
        """Open the field for what is to be found; the text found before is found again below."""
        entry = self.query_one("#filter", Input)
        if entry.value and not entry.display and self._find(entry.value, self._area.cursor_location[0] + 1):
            return
        entry.display = True
        entry.focus()

    def _find(self, text: str, first: int) -> bool:
        """Put the cursor on the next line that holds a text, round the end; return whether there is one."""
        lines = [line.casefold() for line in self._area.text.splitlines()]
        order = [*range(first, len(lines)), *range(min(first, len(lines)))]
        found = next((n for n in order if text.casefold() in lines[n]), None)
        if text and found is not None:
            self._area.move_cursor((found, lines[found].index(text.casefold())), center=True)
        return bool(text) and found is not None

    def _go(self, line: int) -> None:
        """Put the cursor on a line, 1..."""
        if line:
            self._area.move_cursor((line - 1, 0), center=True)

    def action_next_mistake(self) -> None:
        """Go to the next line with a mistake."""
        lines = sorted(each.line for each in (self._verdict.findings if self._verdict else ()) if each.line)
        here = self._area.cursor_location[0] + 1
        if lines:
            self._go(next((line for line in lines if line > here), lines[0]))

    # --- what can be done

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the text."""
        found = []
        if self._verdict is not None and self._verdict.good:
            found.append(put_in_force(self._verdict.changes, self._put))
        if self.changed and not self._base.hidden:
            found.append(Action("f", _("forget the changes"), sentence=_("Forgets all that was typed here."),
                                do=self._forget, right="configure"))  # fmt: skip
        return found

    async def _put(self, link: Asks, values: Values) -> str:
        request = ApplyConfig(self._area.text, self._base.version, self._flow, why=values["why"], language=language())
        reply = await link.ask(request, ConfigChangesReply)
        self._base = ConfigReply(text=self._area.text, version=reply.version, file=self._base.file)
        self._verdict = None
        self.beat()
        return in_force(reply.changes)

    async def _forget(self, _link: Asks, _values: Values) -> str:
        self._area.text = self._base.text
        return _("the changes are forgotten")

    def action_differences(self) -> None:
        """Show what the text changes, whole."""
        self.app.push_screen(ChangesScreen(_(self.LABEL), self._verdict.changes if self._verdict else ()))

    def action_back(self) -> None:
        """Close the field, or leave the text; what was typed is forgotten after a question."""
        entry = self.query_one("#filter", Input)
        if entry.display:
            entry.display = False
            self._area.focus()
        else:
            self._leave()

    @work(exclusive=True, group="leave")
    async def _leave(self) -> None:
        sure = await self.app.push_screen_wait(Sure(_("Forgets all that was typed here."))) if self.changed else "yes"
        if sure:
            self.app.pop_screen()


def _wrapped(text: str, width: int) -> list[Line]:
    return [[Cell(f" {line}", "bad")] for line in wrapped(text, width - 2)]
