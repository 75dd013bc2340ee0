# SPDX-License-Identifier: GPL-2.0-or-later
"""Base of the screens. A screen states what it draws from the picture, its keys, its actions, its help."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from appliance.api.messages import AnyRequest, Reply
from appliance.i18n import N_, _
from tui.actions import Action
from tui.dialogs import Jump
from tui.host import Host
from tui.live import Bar, Live, Pane
from tui.live_table import Column, LiveTable
from tui.mouse import KeyBar, of_foot, of_tab

if TYPE_CHECKING:
    from tui.cells import Line
    from tui.picture import Picture

R = TypeVar("R")


@dataclass(frozen=True)
class Every:
    """A request that is sent again and again while its screen is shown. Its reply is taken into the picture."""

    seconds: float
    request: AnyRequest
    reply: type[Reply]


NOT_TOLD: Final = N_("the box has not told yet")
"""In place of rows while there is no reply: the user may not see them, or the box does not answer."""


@dataclass(frozen=True)
class OfCall:
    """The place of a jump to things of a call."""

    call: int


KEYS_EVERYWHERE = (
    ("1 ... 0", N_("the screens, by number")),
    (":", N_("jump: a number, an agent, a line, a screen")),
    ("Enter", N_("go into it")),
    ("Esc", N_("back")),
    ("?  F1", N_("this help")),
    ("p", N_("stand still, go on")),
    ("F2", N_("save the screen as text")),
    ("q  F10", N_("leave")),
)
KEYS_OF_TABLES = (
    ("/  F3", N_("filter as you type; Esc shows all again")),
    ("s  S", N_("sort by the next column, turn round")),
    ("Space", N_("mark several")),
    ("x", N_("what can be done with it")),
)


class HouseScreen(Screen[None]):
    """A screen with head, foot, and what `body` returns between them.

    Class attributes that a screen states:
        NAME: word of the mode, also typed after `:`; LABEL: its name, a msgid; DIGIT: its key.
        HELP: a msgid that says what is seen here and what to do with it.
        ASKS: requests whose replies it draws.
        BINDINGS: its own keys, each with a description, a msgid marked with N_.
    """

    NAME: ClassVar[str] = ""
    LABEL: ClassVar[str] = ""
    DIGIT: ClassVar[str] = ""
    HELP_TEXT: ClassVar[str] = ""
    ASKS: ClassVar[tuple[Every, ...]] = ()
    AUTO_FOCUS: ClassVar[str | None] = "LiveTable, Pane"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", show=False),
        Binding("x", "act", show=False),
        Binding("slash,f3", "filter", show=False),
        Binding("question_mark,f1", "help", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._lives: list[Live] = []

    # --- what a screen states

    def body(self) -> Iterable[Widget]:
        """Return the widgets between head and foot, from left to right."""
        return (Pane(self.lines),)

    def lines(self, width: int) -> "Sequence[Line]":  # noqa: ARG002 - for screens that are lines
        """Return the lines of a screen that is one pane."""
        return ()

    def actions(self) -> Sequence[Action]:
        """Return what can be done with what is chosen now."""
        return ()

    def asks(self) -> "Sequence[Every]":
        """Return the requests whose replies are drawn now."""
        return self.ASKS

    def heading(self) -> str:
        """Return what the menu of actions is about."""
        return _(self.LABEL)

    def whole_text(self) -> Sequence[str]:
        """Return what F2 saves; nothing: what is seen."""
        return ()

    def go_to(self, key: Any) -> None:
        """Put the cursor on the thing that a jump names."""

    @classmethod
    def jumps(cls, picture: "Picture") -> Iterable[Jump]:  # noqa: ARG003 - screens with things have some
        """Return the things to which `:` can jump."""
        return ()

    # --- the rest

    @property
    def terminal(self) -> Host:
        """The app."""
        return cast("Host", self.app)

    @property
    def picture(self) -> "Picture":
        """The picture of the box."""
        return self.terminal.picture

    @property
    def table(self) -> "LiveTable[Any] | None":
        """The table in which keys count: that with the focus, or the first."""
        tables = [each for each in self._lives if isinstance(each, LiveTable)]
        return next((each for each in tables if each is self.focused), tables[0] if tables else None)

    def compose(self) -> ComposeResult:
        """Return head, body and foot."""
        yield Bar(self.terminal.head_line, id="head")
        yield KeyBar(self.terminal.tabs_line, of_tab, id="tabs")
        yield from self.above()
        with Horizontal(id="body"):
            yield from self.body()
        yield Input(placeholder=_("filter"), id="filter")
        yield KeyBar(self.terminal.foot_line, of_foot, id="foot")

    def above(self) -> ComposeResult:
        """Return what stands between the tabs and the body, such as a line that says what is looked for."""
        yield from ()

    def on_mount(self) -> None:
        """Collect the live widgets, and hide the filter."""
        self._lives = list(self.query(Live))
        self.query_one("#filter").display = False
        self.beat()

    def beat(self) -> None:
        """Draw what changed."""
        for each in self._lives:
            each.beat()

    def own_keys(self) -> list[tuple[str, str]]:
        """Return the keys of this screen alone, and what they do, in the reader's language."""
        bindings = [each for each in type(self).__dict__.get("BINDINGS", ()) if isinstance(each, Binding)]
        return [
            (each.key_display or each.key, _(each.description)) for each in bindings if each.show and each.description
        ]

    def foot_keys(self) -> list[tuple[str, str]]:
        """Return the keys that are true here and now."""
        keys = self.own_keys()
        if (table := self.table) is not None:
            keys = [*keys, ("/", _("filter")), ("s", _("sort"))]
        if self.actions():
            keys = [*([("Space", _("mark"))] if table is not None else []), ("x", _("do")), *keys]
        if len(self.app.screen_stack) > 1:
            keys.append(("Esc", _("back")))
        return [*keys, (":", _("jump")), ("?", _("help")), ("q", _("leave"))]

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter as it is typed."""
        if event.input.id == "filter" and (table := self.table) is not None:
            table.set_filter(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go back to the table, filtered as it is."""
        if event.input.id == "filter" and (table := self.table) is not None:
            table.focus()
            event.input.display = bool(event.value)

    def action_filter(self) -> None:
        """Open the filter."""
        if self.table is not None:
            entry = self.query_one("#filter", Input)
            entry.display = True
            entry.focus()

    def action_back(self) -> None:
        """Clear filter and marks, or go back to the screen before."""
        entry, table = self.query_one("#filter", Input), self.table
        if table is not None and (entry.display or table.marks):
            entry.value, entry.display = "", False
            table.marks.clear()
            table.set_filter("")
            table.focus()
        elif len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def action_act(self) -> None:
        """Open the menu of actions."""
        self.terminal.act(self.heading(), self.actions())

    def action_help(self) -> None:
        """Open the help of this screen."""
        keys = [*self.own_keys(), *((key, _(text)) for key, text in KEYS_OF_TABLES if self.table is not None)]
        if self.table is None and self.actions():
            keys.append(("x", _("what can be done with it")))
        self.terminal.show_help(_(self.LABEL), _(self.HELP_TEXT), [*keys, *((k, _(t)) for k, t in KEYS_EVERYWHERE)])


def digits(screens: Sequence[type[HouseScreen]]) -> list[BindingType]:
    """Return the keys of screens."""
    return [Binding(each.DIGIT, f"go('{each.NAME}')", show=False) for each in screens if each.DIGIT]


class TableScreen(HouseScreen, Generic[R]):
    """A screen that is one table.

    It states `columns`, `rows`, `key`, and as it likes `enter` and `actions_on`. EMPTY is a msgid for no rows.
    """

    EMPTY: ClassVar[str] = ""

    def columns(self) -> Sequence[Column[R]]:
        """Return the columns."""
        raise NotImplementedError

    def rows(self) -> Sequence[R]:
        """Return the rows of now."""
        raise NotImplementedError

    def key(self, row: R) -> Hashable:
        """Return what a row is known by."""
        raise NotImplementedError

    def enter(self, row: R) -> None:
        """Go into a row."""

    def actions_on(self, rows: Sequence[R]) -> Sequence[Action]:  # noqa: ARG002 - most screens have some
        """Return what can be done with these rows; there is at least one."""
        return ()

    def empty(self) -> str:
        """Return the msgid for no rows."""
        return self.EMPTY

    def body(self) -> Iterable[Widget]:
        """Return the table."""
        return (LiveTable(self.columns(), self.rows, self.key, self.empty),)

    def chosen(self) -> list[R]:
        """Return the marked rows, or that under the cursor."""
        return self.table.chosen if self.table is not None else []

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the chosen rows."""
        rows = self.chosen()
        return self.actions_on(rows) if rows else ()

    def go_to(self, key: Any) -> None:
        """Put the cursor on a row."""
        if self.table is not None:
            self.table.go_to(key)

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        """Go into a row."""
        self.enter(event.row)
