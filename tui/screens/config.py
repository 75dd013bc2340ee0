# SPDX-License-Identifier: GPL-2.0-or-later
"""The configuration: its tables and what is written in them; forms, text, history, undo."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import (
    ConfigChangesReply,
    ConfigHistory,
    ConfigHistoryReply,
    ConfigReply,
    DiffConfig,
    GetConfig,
)
from appliance.i18n import N_, _, ngettext
from tui.actions import Action
from tui.cells import Cell, Line, wrapped
from tui.dialogs import Jump
from tui.draft import Draft, removal
from tui.forms import LABELS, Entry, Form, Table, form_of, keys_of, known_by, name_key, summary
from tui.live import Pane
from tui.live_table import Column, LiveTable
from tui.picture import Picture
from tui.screens.base import Every, HouseScreen
from tui.screens.config_entry import EntryScreen
from tui.screens.config_history import ASKED_S, ChangesScreen, HistoryScreen, undoing
from tui.screens.config_text import TextScreen
from tui.screens.troubles import when
from tui.value_dialog import ValueDialog

_PANE_LINES: Final = 5
_TABLES_WIDTH: Final = 37


class ConfigScreen(HouseScreen):
    """The configuration."""

    NAME, LABEL, DIGIT = "config", N_("configuration"), "9"
    HELP_TEXT = N_(
        "Left the tables of the configuration with how many entries each has, right the entries of the chosen one. "
        "Enter opens an entry as a form; x adds, copies and removes one, and takes back the last change. e shows all "
        "as text, h who changed what and why, w what waits until something is started again."
    )
    ASKS = (
        Every(ASKED_S, GetConfig(), ConfigReply),
        Every(ASKED_S, ConfigHistory(), ConfigHistoryReply),
        Every(ASKED_S, DiffConfig(), ConfigChangesReply),
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", N_("next part"), key_display="Tab"),
        Binding("e", "text", N_("as text")),
        Binding("h", "history", N_("history")),
        Binding("w", "waiting", N_("what waits")),
    ]

    def body(self) -> Iterable[Widget]:
        """Return the tables, and beside them entries above what is told of the file."""
        self._tables: LiveTable[Table] = LiveTable(
            self._table_columns(),
            self._table_rows,
            lambda it: it.name,
            N_("the configuration is not known"),
            id="tables",
        )
        self._entries: LiveTable[Entry] = LiveTable(
            self._entry_columns(), self._entry_rows, lambda it: (it.table, it.name, it.place), N_("none"), id="entries"
        )
        pane = Pane(self._told, id="told")
        pane.styles.height, pane.can_focus = _PANE_LINES, False
        right = Vertical(self._entries, pane)
        self._tables.styles.width = _TABLES_WIDTH
        return (self._tables, right)

    # --- the parts

    @property
    def _base(self) -> ConfigReply | None:
        return self.picture.last(ConfigReply)

    @property
    def _form(self) -> Form | None:
        return form_of(self._base.text) if self._base is not None else None

    def _table_columns(self) -> Sequence[Column[Table]]:
        return (
            Column(N_("table"), 15, lambda it: it.name),
            Column("", 8, lambda it: Cell(_(LABELS[it.name]), "dim" if it.name else ""), grow=1, spare=1),
            Column("", 3, _many, right=True),
        )

    def _table_rows(self) -> Sequence[Table]:
        return self._form.tables if self._form is not None else ()

    def _entry_columns(self) -> Sequence[Column[Entry]]:
        return (
            Column(N_("entries"), 10, _named, grow=1),
            Column(N_("what it says"), 24, _said, grow=4),
        )

    def _entry_rows(self) -> Sequence[Entry]:
        return self._tables.row.entries if self._tables.row is not None else ()

    def _told(self, width: int) -> Sequence[Line]:
        """Return where the text is, whether it can be read, who changed it last, and what waits."""
        lines: list[Line] = [[" ", Cell(self.terminal.skin.dash * (width - 1), "dim")]]
        if self._form is not None and self._form.mistake:
            text = _("it cannot be read: {why}; e shows it as text").format(why=self._form.mistake)
            lines += [[Cell(f" {line}", "bad")] for line in wrapped(text, width - 2)]
        if self._base is not None:
            lines.append([Cell(f" {self._base.file}", "dim")])
        if (past := self.picture.last(ConfigHistoryReply)) is not None and past.entries:
            last = past.entries[0]
            text = _("changed {time} by {user}").format(time=when(last.at), user=last.user or "?")
            text += f": {last.why}" if last.why else ""
            lines += [[Cell(f" {line}", "dim")] for line in wrapped(text, width - 2)[:2]]
        if many := len(self._waits()):
            text = ngettext("{n} setting waits for a restart: w", "{n} settings wait for a restart: w", many)
            lines.append([Cell(" " + text.format(n=many), "warn")])
        return lines

    def _waits(self) -> Sequence[Any]:
        reply = self.picture.last(ConfigChangesReply)
        return reply.changes if reply is not None else ()

    # --- ways in

    def on_live_table_opened(self, event: LiveTable.Opened) -> None:
        """Go from a table to its entries, and into an entry."""
        if isinstance(event.row, Entry):
            self._open(event.row)
        elif len(event.row.entries) == 1 and not event.row.listed:
            self._open(event.row.entries[0])
        else:
            self._entries.focus()

    def _open(self, entry: Entry) -> None:
        if self._base is not None:
            open_entry(self, self._base, entry)

    def action_text(self) -> None:
        """Show the text, with the cursor on the entry."""
        entry = self._entries.row
        if self._base is not None:
            listed = entry is not None and self._tables.row is not None and self._tables.row.listed
            at = "" if entry is None else f"{entry.table}[{entry.place}]" if listed else entry.table
            self.app.push_screen(TextScreen(self._base, at=at))

    def action_history(self) -> None:
        """Show the changes."""
        self.app.push_screen(HistoryScreen())

    def action_waiting(self) -> None:
        """Show what waits for a restart."""
        self.app.push_screen(ChangesScreen(_("waits for a restart"), self._waits()))

    def go_to(self, key: Any) -> None:
        """Put the cursor on a table, or an entry of it."""
        table, entry = key
        self._tables.go_to(table)
        if entry is not None:
            self._entries.focus()
            self._entries.go_to((table, *entry))

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the tables and their entries."""
        if (reply := picture.last(ConfigReply)) is not None:
            for table in form_of(reply.text).tables:
                yield Jump(_("settings"), f"{table.name} {_(LABELS[table.name])}".strip(), cls.NAME, (table.name, None))
                for it in table.entries if table.listed else ():
                    yield Jump(_("settings"), f"{it.table} {it.name}", cls.NAME, (table.name, (it.name, it.place)))

    # --- what can be done

    def heading(self) -> str:
        """Return the chosen table."""
        row = self._tables.row
        return f"{row.name} {_(LABELS[row.name])}".strip() if row is not None else _(self.LABEL)

    def actions(self) -> Sequence[Action]:
        """Return what can be done with the chosen table and its entry."""
        table, entry, found = self._tables.row, self._entries.row, list[Action]()
        if table is not None and name_key(table.name):
            found.append(self._adding("n", _("add one"), table, None))
            if entry is not None and entry.name:
                found.append(self._adding("c", _("add one like {name}").format(name=entry.name), table, entry))
                found.append(removal(entry, self._base.version if self._base is not None else ""))
        if (past := self.picture.last(ConfigHistoryReply)) is not None and past.entries:
            found.append(undoing(past.entries[0], "z"))
        return found

    def _adding(self, key: str, name: str, table: Table, like: Entry | None) -> Action:
        async def do(_link: object, _values: object) -> str:
            self._add(table, like)
            return _("nothing is in force before x and a")

        return Action(key, name, do=do, right="configure")

    @work(exclusive=True, group="add")
    async def _add(self, table: Table, like: Entry | None) -> None:
        """Ask for the name of a new entry, and open its form."""
        named = next(key for key in keys_of(table.name) if key.name == name_key(table.name))

        def mistakes(text: str) -> Sequence[str]:
            if any(each.name == text.strip() for each in table.entries):
                return [_("{name} is there already").format(name=text.strip())]
            return named.mistakes(named.value(text) or "")

        async def check(_text: str) -> Sequence[str]:
            return ()

        title = f"[[{table.name}]] {named.name}"
        given = await self.app.push_screen_wait(ValueDialog(title, "", _(LABELS[table.name]), mistakes, check))
        if isinstance(given, str) and self._base is not None:
            draft = Draft.of_new(self._base, table.name, given, like.values if like is not None else None)
            self.app.push_screen(EntryScreen(draft))


def open_entry(screen: HouseScreen, base: ConfigReply, entry: Entry) -> None:
    """Open an entry as a form; one that is not told apart from others as text."""
    table = form_of(base.text).table(entry.table)
    twins = [each for each in table.entries if each.name == entry.name]
    if not entry.table or (table.listed and (not entry.name or len(twins) > 1)):
        screen.app.push_screen(TextScreen(base, at=f"{entry.table}[{entry.place}]" if entry.table else ""))
    else:
        screen.app.push_screen(EntryScreen(Draft(base, entry)))


def _many(it: Table) -> Cell:
    if it.listed:
        return Cell(str(len(it.entries)), "" if it.entries else "dim")
    return Cell("*" if it.entries[0].values else "-", "accent" if it.entries[0].values else "dim")


def _named(it: Entry) -> Cell | str:
    return it.name or Cell(f"{it.place + 1}." if it.table == "span" else it.table or _("the box"), "dim")


def _said(it: Entry) -> Cell:
    told = summary(it.values, known_by(it.values))
    if not told:
        return Cell(_("all as by default"), "dim")
    return Cell("  ".join(f"{name} {value}" for name, value in told))
