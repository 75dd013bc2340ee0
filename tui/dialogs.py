# SPDX-License-Identifier: GPL-2.0-or-later
"""Dialogs over a screen: menu of actions, form, sentence, help, jump. Esc leaves each of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.actions import SkipAction
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from appliance.i18n import _
from tui.actions import Action, Field
from tui.cells import Cell, fit
from tui.live_table import Column, LiveTable
from tui.mouse import Keys

CSS = """
ModalScreen { align: center middle; background: $background 40%; }
.dialog { width: auto; min-width: 40; max-width: 76; height: auto; max-height: 90%; padding: 0 1;
          border: round $primary; background: $surface; }
.dialog Static { width: auto; max-width: 72; height: auto; }
.dialog Input { border: none; height: 1; width: 50; background: $panel; padding: 0 1; }
.dialog .title { text-style: bold; color: $primary; }
.dialog .keys { color: $text-muted; margin-top: 1; }
.dialog VerticalScroll { height: auto; max-height: 66vh; width: 72; }
.dialog .fields { max-height: 60vh; width: auto; }
#jumps { height: 14; width: 70; }
.-plain .dialog { border: ascii $primary; }
.-plain ModalScreen { background: transparent; }
.-plain Toast { border-left: ascii $primary; }
.-plain VerticalScroll { scrollbar-size: 0 0; }
"""


class Dialog(ModalScreen[object]):
    """Base: Esc leaves it without a result."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f10", "leave", show=False)]

    def action_leave(self) -> None:
        """Leave without a result."""
        self.dismiss(None)


class Choice(Static):
    """A line of a menu."""

    def __init__(self, action: Action) -> None:
        super().__init__(f" {action.key}  {action.name}", markup=False)
        self._action = action

    def on_click(self, event: events.Click) -> None:
        """Choose by the mouse."""
        if event.chain == 1:
            self.screen.dismiss(self._action)


class Menu(Dialog):
    """Menu of actions; the result is the chosen `Action`."""

    def __init__(self, title: str, actions: Sequence[Action]) -> None:
        super().__init__()
        self._title, self._actions = title, actions

    def compose(self) -> ComposeResult:
        """Return its lines."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="title", markup=False)
            for each in self._actions:
                yield Choice(each)
            yield Keys(_("a letter: do it   Esc: nothing"), "", "escape")

    def on_key(self, event: events.Key) -> None:
        """Choose by letter."""
        for each in self._actions:
            if event.character == each.key:
                event.stop()
                self.dismiss(each)
                return


class Sure(Dialog):
    """A sentence that tells what will happen; the result is None unless the reader says y."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "yes", show=False), Binding("n", "leave", show=False)]

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self._sentence = sentence

    def compose(self) -> ComposeResult:
        """Return its lines."""
        with Vertical(classes="dialog"):
            yield Static(self._sentence, markup=False)
            yield Keys(_("y: yes   n, Esc: no"), "y", "n")

    def action_yes(self) -> None:
        """Agree."""
        self.dismiss("yes")


class Form(Dialog):
    """Fields of an action; the result is a dict of their values.

    Enter goes to the next field at once: keys that are typed ahead belong there. At the last field it waits its turn
    behind what was typed before it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "next", show=False, priority=True)]

    def __init__(self, title: str, fields: Sequence[Field], last: dict[str, str] | None = None) -> None:
        """`last`: the values given last of fields that are kept; it gets those that are given now."""
        super().__init__()
        self._title, self._fields = title, fields
        self._last = {} if last is None else last

    def compose(self) -> ComposeResult:
        """Return its lines."""
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="title", markup=False)
            with VerticalScroll(classes="fields", can_focus=False):
                for place, each in enumerate(self._fields):
                    yield Static(each.label, markup=False)
                    value = self._last.get(each.name, each.value) if each.kept else each.value
                    yield Input(value, id=f"field{place}", password=each.secret)
            yield Static("", id="missing", markup=False)
            yield Keys(_("Enter: next, at the last: go on   Esc: nothing"), "enter", "escape")

    def on_mount(self) -> None:
        """Put the cursor into the first field."""
        self.query_one("#field0", Input).focus()

    def action_next(self) -> None:
        """Go to the next field. Raises SkipAction at the last, which takes the key itself."""
        place = int(str(getattr(self.focused, "id", None) or "field0").removeprefix("field"))
        if place + 1 >= len(self._fields):
            raise SkipAction
        self.set_focus(self.query_one(f"#field{place + 1}", Input))

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """End with the values, or go to one that is missing."""
        values = {each.name: self.query_one(f"#field{n}", Input).value.strip() for n, each in enumerate(self._fields)}
        missing = next((n for n, each in enumerate(self._fields) if each.needed and not values[each.name]), None)
        if missing is None:
            self._last |= {each.name: values[each.name] for each in self._fields if each.kept}
            self.dismiss(values)
            return
        self.query_one("#missing", Static).update(
            _("this is needed: {label}").format(label=self._fields[missing].label)
        )
        self.query_one(f"#field{missing}", Input).focus()


class Help(Dialog):
    """Help that is true where it is asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,f1,enter,q", "leave", show=False)]

    def __init__(self, title: str, text: str, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._title, self._text, self._keys = title, text, keys

    def compose(self) -> ComposeResult:
        """Return its lines."""
        keys = "\n".join(f" {fit(key, 9)} {what}" for key, what in self._keys)
        with Vertical(classes="dialog"):
            yield Static(self._title, classes="title", markup=False)
            with VerticalScroll():
                yield Static(self._text + "\n\n" + keys, markup=False)
            yield Keys(_("Esc: back"), "escape")


@dataclass(frozen=True)
class Jump:
    """A place to jump to: its kind and name in the reader's language, and the screen.

    `key`: the row there on which the cursor is put.
    """

    kind: str
    name: str
    mode: str
    key: object = None


def nearness(wanted: str, name: str) -> int:
    """Return 0 if a word of a name is what is wanted, 1 if one begins with it, else 2."""
    words = name.replace("(", " ").replace(")", " ").split()
    return 0 if wanted in words else 1 if any(word.startswith(wanted) for word in words) else 2


class JumpTo(Dialog):
    """Palette: what is typed is looked for in all that has a number or a name; the result is a `Jump`.

    Args:
        find: returns the places that fit a text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, find: Callable[[str], Sequence[Jump]]) -> None:
        super().__init__()
        self._find = find
        self._found: Sequence[Jump] = ()
        columns: tuple[Column[Jump], ...] = (
            Column("", 12, lambda jump: Cell(jump.kind, "dim")),
            Column("", 20, lambda jump: jump.name, grow=1),
        )
        self._table: LiveTable[Jump] = LiveTable(columns, lambda: self._found, lambda jump: jump, id="jumps")
        self._table.can_focus = False

    def compose(self) -> ComposeResult:
        """Return its lines."""
        with Vertical(classes="dialog"):
            yield Input(placeholder=_("a number, a name, a screen"))
            yield self._table
            yield Keys(_("Enter: go there   Esc: back"), "enter", "escape")

    def on_mount(self) -> None:
        """Put the cursor into the field."""
        self.query_one(Input).focus()
        self._found = self._find("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Look for what is typed."""
        self._found = self._find(event.value.strip())
        self._table.beat()

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Go to the place under the cursor."""
        self.dismiss(self._table.row)

    def on_live_table_opened(self, _event: LiveTable.Opened) -> None:
        """Go to the place on which the mouse was pressed twice."""
        self.dismiss(self._table.row)

    def action_move(self, rows: int) -> None:
        """Move the cursor of the list."""
        self._table.action_move(rows)
