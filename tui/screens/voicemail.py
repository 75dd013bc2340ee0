# SPDX-License-Identifier: GPL-2.0-or-later
"""Voice messages in boxes: marked, exported, and those of queues taken and done as tasks."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final, cast, get_args

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from appliance.api.messages import ChangeMessage, MessageChange, Messages, MessagesReply, PlayMessage
from appliance.cli.words import word
from appliance.contract.message_row import MessageRow
from appliance.contract.records import TaskState
from appliance.i18n import N_, _, ngettext
from tui.actions import Action, Field, each
from tui.cells import Cell, Line, brief
from tui.dialogs import Form
from tui.exports import Sound, export
from tui.live import Bar
from tui.live_table import Column
from tui.screens.base import NOT_TOLD, Every, TableScreen
from tui.screens.call import CallScreen
from tui.screens.troubles import when
from tui.skin import Role

FOUND: Final = 500
_STATES: Final = tuple(state for state in get_args(TaskState) if state)
_ROLES: Final[dict[str, Role]] = {"new": "accent", "open": "warn", "taken": "good", "done": "dim", "deleted": "dim"}


class VoicemailScreen(TableScreen[MessageRow]):
    """The voice messages."""

    NAME, LABEL = "voicemail", N_("voicemail")
    HELP_TEXT = N_(
        "Voice messages in all boxes, newest first; those of a queue are tasks, which an agent takes and finishes "
        "before they are due. f shows one box, tasks in one state, or deleted ones too. x marks, takes, finishes, "
        "exports, and plays a message of a queue to a phone; Enter shows the call."
    )
    EMPTY = N_("no message")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "find", N_("find")),
        Binding("t", "tasks", N_("tasks alone, or all")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._asked = Messages(limit=FOUND)
        self._tasks = False

    def asks(self) -> Sequence[Every]:
        """Return the request for what is looked for."""
        return (Every(10.0, self._asked, MessagesReply),)

    def columns(self) -> Sequence[Column[MessageRow]]:
        """Return the columns."""
        return (
            Column(N_("no."), 5, lambda it: str(it.message), right=True, order=lambda it: it.message),
            Column(N_("left at"), 11, lambda it: when(it.at), order=lambda it: it.at),
            Column(N_("mailbox"), 8, lambda it: it.box, grow=1),
            Column(N_("from"), 11, _caller, grow=2),
            Column(N_("why"), 15, lambda it: word(it.why), spare=2, grow=1),
            Column(N_("length"), 6, lambda it: brief(it.length_s), right=True, order=lambda it: -it.length_s),
            Column(N_("state"), 7, lambda it: Cell(word(state(it)), _ROLES.get(state(it), ""))),
            Column(N_("agent"), 5, lambda it: it.owner),
            Column(N_("due"), 11, self._due, spare=1),
        )

    def rows(self) -> Sequence[MessageRow]:
        """Return the messages that were found."""
        reply = self.picture.last(MessagesReply)
        return [row for row in (reply.messages if reply is not None else ()) if row.state or not self._tasks]

    def key(self, row: MessageRow) -> int:
        """Return the message's number."""
        return row.message

    def enter(self, row: MessageRow) -> None:
        """Show the call in which it was left."""
        self.app.push_screen(CallScreen(row.call))

    def empty(self) -> str:
        """Return the msgid for no rows: there are none, or the box has not told of any."""
        return self.EMPTY if self.picture.last(MessagesReply) is not None else NOT_TOLD

    def above(self) -> ComposeResult:
        """Return a line of facts."""
        yield Bar(self._facts, id="facts")

    def _facts(self, _width: int) -> Line:
        if self.picture.last(MessagesReply) is None:
            return [Cell(" " + _(NOT_TOLD), "dim")]
        it, rows = self._asked, self.rows()
        new = sum(state(row) == "new" for row in rows)
        late = sum(self._late(row) for row in rows)
        text = ngettext("{n} message", "{n} messages", len(rows)).format(n=len(rows))
        told = [_("box {name}").format(name=it.box)] if it.box else []
        told += [word(it.state)] if it.state else [_("tasks alone")] if self._tasks else []
        told += [_("also deleted ones")] if it.deleted else []
        return [
            Cell(f" {text}   ", "accent"), _("{n} new   ").format(n=new),
            Cell(_("{n} late   ").format(n=late), "bad" if late else "dim"), Cell("   ".join(told), "dim"),
        ]  # fmt: skip

    def _due(self, it: MessageRow) -> Cell:
        if not it.due_at or it.state == "done":
            return Cell("")
        return Cell(when(it.due_at), "bad" if self._late(it) else "")

    def _late(self, it: MessageRow) -> bool:
        return bool(it.due_at) and it.state != "done" and it.due_at < self.picture.now_ms

    # --- keys

    @work(exclusive=True, group="find")
    async def action_find(self) -> None:
        """Ask what to look for, and look."""
        fields = (
            Field("box", _("box; empty: all"), self._asked.box, needed=False),
            Field("state", _("tasks: open, taken, done; empty: all"), self._asked.state, needed=False),
            Field("deleted", _("deleted ones too: y"), "y" if self._asked.deleted else "", needed=False),
        )
        values = await self.app.push_screen_wait(Form(_("find messages"), fields))
        if not isinstance(values, dict):
            return
        if values["state"] and values["state"] not in _STATES:
            text = _("there is no state {word}").format(word=repr(values["state"]))
            hint = _("choose of: {kinds}").format(kinds=", ".join(_STATES))
            self.app.notify(f"{text}\n{hint}", severity="error", markup=False)
            return
        state_asked = cast("TaskState", values["state"])
        self._asked = Messages(values["box"], state_asked, limit=FOUND, deleted=values["deleted"] == "y")
        self.terminal.ask_again()

    def action_tasks(self) -> None:
        """Show tasks alone, or all messages."""
        self._tasks = not self._tasks
        self.beat()

    # --- what can be done

    def heading(self) -> str:
        """Return what is chosen."""
        return _named(rows) if (rows := self.chosen()) else _(self.LABEL)

    def actions_on(self, rows: Sequence[MessageRow]) -> Sequence[Action]:
        """Return what can be done with messages."""
        there = [row for row in rows if not row.deleted_at and not row.running]
        return tuple(self._of(there)) if there else ()

    def _of(self, there: Sequence[MessageRow]) -> Iterable[Action]:
        tasks, named = [row for row in there if row.state], _named(there)
        yield Action("h", _("heard"), each(_changes(there, "heard")))
        yield Action("n", _("new again"), each(_changes(there, "new")))
        yield Action("s", _("keep: it does not go for its age"), each(_changes(there, "saved")))
        if tasks:
            agent = Field("agent", _("agent who takes it"))
            yield Action("t", _("take"), lambda values: _changes(tasks, "taken", values["agent"]), "", (agent,))
            if len(there) == 1:
                yield _play(there[0].message)
            yield Action("f", _("finish"), each(_changes(tasks, "done")))
            yield Action("o", _("open again"), each(_changes(tasks, "open")))
        folder = self._folder
        yield export("e", self.terminal, [Sound(row.message, folder / row.path) for row in there])
        gone = _("Deletes {messages}; the file goes within ten minutes.").format(messages=named)
        yield Action("d", _("delete"), each(_changes(there, "deleted")), gone)

    @property
    def _folder(self) -> Path:
        reply = self.picture.last(MessagesReply)
        return Path(reply.folder if reply is not None else "")


def _changes(rows: Sequence[MessageRow], change: MessageChange, owner: str = "") -> list[ChangeMessage]:
    return [ChangeMessage(row.message, change, owner) for row in rows]


def _play(message: int) -> Action:
    phone = Field("phone", _("phone of a supervisor (extension), which is rung"), kept=True)
    return Action("p", _("play to a phone"), lambda values: (PlayMessage(message, values["phone"]),), "", (phone,))


def _named(rows: Sequence[MessageRow]) -> str:
    if len(rows) == 1:
        return _("message {n}").format(n=rows[0].message)
    return ngettext("{n} message", "{n} messages", len(rows)).format(n=len(rows))


def _caller(it: MessageRow) -> str:
    return _("withheld") if it.withheld else f"{it.caller} {it.name}".strip() or _("unknown")


def state(it: MessageRow) -> str:
    """Return the state of a message, as the books name it."""
    if it.deleted_at:
        return "deleted"
    if it.running:
        return "running"
    return it.state or ("saved" if it.saved else "heard" if it.heard_at else "new")
