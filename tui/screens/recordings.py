# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings: found by all that the books know of them; Enter shows one, `x` plays, exports and deletes."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from appliance.api.messages import RecordingsReply
from appliance.cli.words import word
from appliance.contract.errors import ApiError
from appliance.contract.rows import RecordingRow
from appliance.i18n import N_, _, ngettext
from tui import finding
from tui.actions import Action
from tui.cells import Cell, Line, brief
from tui.dialogs import Form, Jump
from tui.exports import Sound, export
from tui.live import Bar
from tui.live_table import Column
from tui.picture import Picture
from tui.recording_actions import delete, play
from tui.screens.base import NOT_TOLD, Every, OfCall, TableScreen
from tui.screens.recording import RecordingScreen
from tui.screens.sample import SampleScreen
from tui.screens.troubles import when
from tui.screens.voicemail import VoicemailScreen
from tui.skin import Role

FRESH_S: Final = 15.0
SEARCH_S: Final = 120.0
"""Pause between two looks: a search may go through all of the books, the newest ones are at hand."""


class RecordingsScreen(TableScreen[RecordingRow]):
    """The recordings."""

    NAME, LABEL, DIGIT = "recordings", N_("recordings"), "7"
    HELP_TEXT = N_(
        "Recordings, newest first. f finds by time, number, agent, queue and length, F by review, score, rating, rule "
        "and archived month; both together. Enter shows one: how loud it is where, its parts, its reviews. x plays it "
        "to the phone of a supervisor, exports or deletes it. r shows what a quality plan draws for review."
    )
    EMPTY = N_("no such recording")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "find('first')", N_("find")),
        Binding("F", "find('more')", N_("more filters")),
        Binding("a", "all", N_("all")),
        Binding("v", "voicemail", N_("voicemail")),
        Binding("r", "sample", N_("sample")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._typed: dict[str, str] = {}
        self._asked = finding.request({})

    def asks(self) -> Sequence[Every]:
        """Return the request for what is looked for."""
        return (Every(SEARCH_S if any(self._typed.values()) else FRESH_S, self._asked, RecordingsReply),)

    def columns(self) -> Sequence[Column[RecordingRow]]:
        """Return the columns."""
        return (
            Column(N_("no."), 5, lambda it: str(it.recording), right=True, order=lambda it: it.recording),
            Column(N_("begun"), 11, lambda it: when(it.started_at), order=lambda it: it.started_at),
            Column(N_("from"), 11, lambda it: it.caller or _("unknown"), grow=2),
            Column(N_("to"), 8, lambda it: it.called, grow=1),
            Column(N_("queue"), 8, lambda it: it.queue, grow=1, spare=2),
            Column(N_("agent"), 5, lambda it: it.agent),
            Column(N_("length"), 6, lambda it: brief(it.length_s), right=True, order=lambda it: -it.length_s),
            Column(N_("state"), 13, state, grow=1),
            Column(N_("rule"), 8, lambda it: it.rule, spare=4, grow=1),
            Column(N_("call"), 6, lambda it: str(it.call), right=True, spare=3),
        )

    def rows(self) -> Sequence[RecordingRow]:
        """Return the recordings that were found."""
        reply = self.picture.last(RecordingsReply)
        return reply.recordings if reply is not None else ()

    def key(self, row: RecordingRow) -> int:
        """Return the recording's number."""
        return row.recording

    def enter(self, row: RecordingRow) -> None:
        """Show one recording."""
        self.app.push_screen(RecordingScreen(row, self._folder, self._asked.archive))

    def empty(self) -> str:
        """Return the msgid for no rows: there are none, or the box has not told of any."""
        return self.EMPTY if self.picture.last(RecordingsReply) is not None else NOT_TOLD

    def above(self) -> ComposeResult:
        """Return a line of facts."""
        yield Bar(self._facts, id="facts")

    def _facts(self, _width: int) -> Line:
        if self.picture.last(RecordingsReply) is None:
            return [Cell(" " + _(NOT_TOLD), "dim")]
        found = len(self.rows())
        text = ngettext("{n} found", "{n} found", found) if found < finding.FOUND else _("the newest {n}")
        return [Cell(f" {text.format(n=found)}   ", "accent"), finding.told(self._typed) or Cell(_("all"), "dim")]

    @property
    def _folder(self) -> Path:
        reply = self.picture.last(RecordingsReply)
        return Path(reply.folder if reply is not None else "")

    @classmethod
    def jumps(cls, picture: Picture) -> Iterable[Jump]:
        """Return the recordings that were found last."""
        reply = picture.last(RecordingsReply)
        for it in reply.recordings if reply is not None else ():
            yield Jump(_("recording"), f"{it.recording} {it.caller} {it.called}", cls.NAME, it.recording)

    def go_to(self, key: Any) -> None:
        """Put the cursor on a recording, or look for those of a call."""
        if isinstance(key, OfCall):
            self._look_for({"call": str(key.call)})
        else:
            super().go_to(key)

    # --- keys

    @work(exclusive=True, group="find")
    async def action_find(self, form: str) -> None:
        """Ask what to look for, and look."""
        names = finding.FIRST if form == "first" else finding.MORE
        values = await self.app.push_screen_wait(Form(_("find recordings"), finding.fields(names, self._typed)))
        if isinstance(values, dict):
            await self._look({**self._typed, **values})

    def action_all(self) -> None:
        """Show all recordings."""
        self._look_for({})

    @work(exclusive=True, group="find")
    async def _look_for(self, typed: dict[str, str]) -> None:
        await self._look(typed)

    async def _look(self, typed: dict[str, str]) -> None:
        """Look for what was typed; if it is wrong, say so, and leave all as it is."""
        try:
            asked = finding.request(typed)
            self.picture.take(await self.terminal.ask(asked, RecordingsReply))
        except ApiError as error:
            self.app.notify(f"{error.message}\n{error.hint}", severity="error", markup=False)
            return
        self._typed, self._asked = typed, asked
        self.beat()

    def action_voicemail(self) -> None:
        """Show the voice messages."""
        self.app.push_screen(VoicemailScreen())

    def action_sample(self) -> None:
        """Show what a quality plan draws for review."""
        self.app.push_screen(SampleScreen())

    # --- what can be done

    def heading(self) -> str:
        """Return what is chosen."""
        rows = self.chosen()
        return _("recording {n}").format(n=rows[0].recording) if len(rows) == 1 else _(self.LABEL)

    def actions_on(self, rows: Sequence[RecordingRow]) -> Sequence[Action]:
        """Return what can be done with recordings."""
        there = [row for row in rows if not row.deleted_at and not row.running]
        return tuple(self._of(there)) if there else ()

    def _of(self, there: Sequence[RecordingRow]) -> Iterable[Action]:
        if len(there) == 1:
            yield play("p", there[0].recording)
        yield export("e", self.terminal, [Sound(row.recording, self._folder / row.path) for row in there])
        yield delete("d", [row.recording for row in there], self._asked.archive)


def state(it: RecordingRow) -> Cell:
    """Return the state of a recording: its file, then its reviews."""
    if it.deleted_at:
        return Cell(word("deleted"), "dim")
    if it.running:
        return Cell(_("being made"), "accent")
    if it.error:
        return Cell(it.error, "bad")
    roles: list[Role] = ["" if each.passed else "bad" for each in it.quality]
    text = " ".join(f"{word(each.state)} {each.score:g}" for each in it.quality)
    return Cell(text, max(roles, default=""))
