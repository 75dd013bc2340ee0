# SPDX-License-Identifier: GPL-2.0-or-later
"""The set-up on a whole screen: steps at the left, the step of now with its question at the right."""

import os
from collections.abc import Sequence
from typing import ClassVar, Final

from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from appliance.contract.errors import ApplianceError
from appliance.i18n import _
from appliance.wizard.question import Question
from appliance.wizard.wizard import LOCALES, Wizard, label
from tui.skin import HOUSE, HOUSE_THEME, PLAIN, Skin
from tui.terminal import look

_HIDDEN: Final = "********"


class SetupApp(App[int]):
    """The set-up under way.

    Args:
        wizard: its state.
        skin: how it looks.
    """

    TITLE = "MXBox"
    ENABLE_COMMAND_PALETTE = False
    CSS = """
    Screen { background: $background; color: $foreground; }
    #steps { width: 24; padding: 1 1; background: $surface; }
    #page { padding: 1 2; }
    #title { text-style: bold; color: $primary; margin-bottom: 1; }
    #told, #answered, #done { margin-bottom: 1; height: auto; }
    #answered { color: $text-muted; }
    #mistake { color: $error; height: auto; }
    #answer, #choices { border: none; background: $panel; margin-top: 0; }
    #answer { height: 1; padding: 0 1; }
    #choices { height: auto; max-height: 8; }
    #keys { height: 1; padding: 0 1; background: $surface; color: $text-muted; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "before", show=False, priority=True),
        Binding("f10,ctrl+q", "leave", show=False, priority=True),
        Binding("pageup", "turn(-1)", show=False, priority=True),
        Binding("pagedown", "turn(1)", show=False, priority=True),
        Binding("enter", "go_on", show=False),
    ]

    def __init__(self, wizard: Wizard, skin: Skin = HOUSE) -> None:
        super().__init__()
        self._wizard, self._skin = wizard, skin
        self._done: Sequence[str] = ()
        self._busy = False

    def compose(self) -> ComposeResult:
        """Return its widgets."""
        with Horizontal():
            yield Static("", id="steps", markup=False)
            with VerticalScroll(id="page", can_focus=False):
                for name in ("done", "title", "told", "answered", "asked"):
                    yield Static("", id=name, markup=False)
                yield Input(id="answer")
                yield OptionList(id="choices", markup=False)
                yield Static("", id="mistake", markup=False)
        yield Static("", id="keys", markup=False)

    def on_mount(self) -> None:
        """Put on the skin, and show the first question."""
        self.register_theme(HOUSE_THEME)
        self.theme = self._skin.theme
        self._show()

    def _show(self) -> None:
        """Draw the step and the question of now."""
        wizard = self._wizard
        question = wizard.question
        self._text("steps", "\n".join(self._step_line(place) for place in range(len(wizard.steps))))
        self._text("title", _(wizard.step.title))
        self._text("done", "\n".join(self._done))
        self._text("told", "\n".join(wizard.told()))
        self._text("answered", "\n".join(map(self._answered, wizard.answered())))
        self._text("mistake", "")
        self._text("keys", _("Enter: go on   Esc: back   PgUp, PgDn: more   F10: leave"))
        self._text("asked", label(question) if question is not None else _("Enter: go on"))
        self._ask(question)

    def _text(self, place: str, text: str) -> None:
        widget = self.query_one(f"#{place}", Static)
        widget.update(text)
        widget.display = bool(text)

    def _step_line(self, place: int) -> str:
        now = self._wizard.place
        mark = ">" if place == now else "+" if place < now else " "
        return f"{mark} {place + 1:2} {_(self._wizard.steps[place].title)}"

    def _answered(self, question: Question) -> str:
        value = self._wizard.answers[question.name]
        choices = question.choices(self._wizard.site)
        shown = next((_(each.label) for each in choices if each.value == value), value)
        return f"{label(question)}: {_HIDDEN if question.secret else shown}"

    def _ask(self, question: Question | None) -> None:
        field, options = self.query_one("#answer", Input), self.query_one("#choices", OptionList)
        choices = question.choices(self._wizard.site) if question is not None else ()
        field.display, options.display = question is not None and not choices, bool(choices)
        options.clear_options()
        if question is None:
            self.set_focus(None)
            return
        proposal = self._wizard.proposal(question)
        field.password, field.value = question.secret, "" if question.secret else proposal
        if choices:
            options.add_options([Option(_(each.label), id=each.value) for each in choices])
            values = [each.value for each in choices]
            options.highlighted = values.index(proposal) if proposal in values else 0
        (options if choices else field).focus()
        self.call_after_refresh(self.query_one("#page").scroll_end, animate=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take a text."""
        self._take(event.value)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take a choice."""
        self._take(str(event.option.id))

    def _take(self, text: str) -> None:
        question = self._wizard.question
        if question is None or self._busy:
            return
        if mistake := self._wizard.take(question, text):
            self._text("mistake", mistake)
            return
        if question.name == "language":
            os.environ["LANGUAGE"] = LOCALES[self._wizard.answers["language"]]
        if self._wizard.question is None and self._wizard.step.questions(self._wizard.site):
            self.action_go_on()
        else:
            self._show()

    def action_go_on(self) -> None:
        """Go to the next step, if this one has no question left."""
        if self._wizard.question is None and not self._busy:
            self._busy = True
            self._text("keys", _("one moment"))
            self._go_on(last=self._wizard.last)

    @work(thread=True, exclusive=True)
    def _go_on(self, *, last: bool) -> None:
        try:
            done, mistake = self._wizard.go_on(), ""
        except ApplianceError as error:
            done, mistake = (), f"{error.message}\n{error.hint}".strip()
            self._wizard.back()
        self.call_from_thread(self._gone_on, done, mistake, last=last)

    def _gone_on(self, done: Sequence[str], mistake: str, *, last: bool) -> None:
        self._busy = False
        self._done = done
        if last and not mistake:
            self.exit(0)
            return
        self._show()
        self._text("mistake", mistake)

    def action_before(self) -> None:
        """Go back by a question."""
        if not self._busy:
            self._wizard.back()
            self._show()

    def action_turn(self, pages: int) -> None:
        """Show what is above or below."""
        page = self.query_one("#page")
        page.scroll_page_up(animate=False) if pages < 0 else page.scroll_page_down(animate=False)

    def action_leave(self) -> None:
        """Leave: nothing is changed before the step that writes."""
        self.exit(0 if self._wizard.last else 1)


def run(wizard: Wizard) -> int:
    """Show the set-up on this terminal; return the exit status."""
    found = look(1, os.environ)
    app = SetupApp(wizard, PLAIN if found.skin == "plain" else HOUSE)
    return app.run(mouse=not found.serial) or 0
