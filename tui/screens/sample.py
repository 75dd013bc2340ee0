# SPDX-License-Identifier: GPL-2.0-or-later
"""Sample of a quality plan: which recordings are to be reviewed, how far that is, and each agent's mean score."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widget import Widget

from appliance.api.messages import QualitySample, QualitySampleReply, Recordings, RecordingsReply
from appliance.cli.words import word
from appliance.contract.errors import ApiError
from appliance.contract.quality import Sampled
from appliance.i18n import N_, _
from tui.actions import Action
from tui.cells import Cell, Line, brief, fit
from tui.dialogs import Form
from tui.finding import FIRST, fields
from tui.live import Bar, Pane
from tui.live_table import Column, LiveTable
from tui.recording_actions import play
from tui.screens.base import NOT_TOLD, Every, TableScreen
from tui.screens.recording import RecordingScreen
from tui.skin import Role
from tui.typed import moment

_PERIOD: Final = FIRST[:2]
_PANE_LINES: Final = 8


class SampleScreen(TableScreen[Sampled]):
    """The sample of one plan in a period."""

    NAME, LABEL = "sample", N_("quality sample")
    HELP_TEXT = N_(
        "What a quality plan draws for review, the recordings that wait for one first; below, how far each agent's "
        "part is. f sets the period, n shows the next plan. Enter shows a recording, where x takes the step of its "
        "review by a score card. The same period has the same sample."
    )
    EMPTY = N_("no talk fits the plan in this period")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "period", N_("period")),
        Binding("n", "next", N_("next plan")),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._typed = dict.fromkeys(_PERIOD, "")
        self._asked = QualitySample()

    def asks(self) -> Sequence[Every]:
        """Return the request for the sample."""
        return (Every(30.0, self._asked, QualitySampleReply),)

    def body(self) -> Iterable[Widget]:
        """Return what is drawn above the agents."""
        pane = Pane(self._agents)
        pane.can_focus = False
        pane.styles.height = _PANE_LINES
        return (Vertical(LiveTable(self.columns(), self.rows, self.key, self.empty), pane),)

    @property
    def _told(self) -> QualitySampleReply | None:
        return self.picture.last(QualitySampleReply)

    def columns(self) -> Sequence[Column[Sampled]]:
        """Return the columns."""
        return (
            Column(N_("no."), 6, lambda it: str(it.recording), right=True, order=lambda it: it.recording),
            Column(N_("agent"), 8, lambda it: it.agent, grow=1),
            Column(N_("talk"), 6, lambda it: brief(it.talk_s), right=True, order=lambda it: -it.talk_s),
            Column(N_("state"), 16, _state, grow=2),
            Column(N_("score"), 6, lambda it: f"{it.score:g}" if it.state else "", right=True),
        )

    def rows(self) -> Sequence[Sampled]:
        """Return what is drawn, those without a review first."""
        return sorted(self._told.drawn, key=lambda it: bool(it.state)) if self._told is not None else ()

    def key(self, row: Sampled) -> tuple[int, str]:
        """Return the part of a recording that is drawn."""
        return row.recording, row.agent

    def enter(self, row: Sampled) -> None:
        """Show the recording."""
        self._open(row.recording)

    @work(exclusive=True, group="open")
    async def _open(self, recording: int) -> None:
        try:
            reply = await self.terminal.ask(Recordings(before=recording + 1, limit=1), RecordingsReply)
        except ApiError as error:
            self.app.notify(f"{error.message}\n{error.hint}", severity="error", markup=False)
            return
        for row in reply.recordings:
            self.app.push_screen(RecordingScreen(row, Path(reply.folder)))

    def empty(self) -> str:
        """Return the msgid for no rows: there are none, or the box has not told of any."""
        return self.EMPTY if self._told is not None else NOT_TOLD

    def above(self) -> ComposeResult:
        """Return a line of facts."""
        yield Bar(self._facts, id="facts")

    def _facts(self, _width: int) -> Line:
        if self._told is None:
            return [Cell(" " + _(NOT_TOLD), "dim")]
        done, drawn = sum(bool(row.state) for row in self._told.drawn), len(self._told.drawn)
        period = "   ".join(f"{_(name)} {value}" for name, value in self._typed.items() if value)
        text = _("plan {plan}   {done} of {n} reviewed").format(plan=self._told.plan, done=done, n=drawn)
        return [Cell(f" {text}   ", "accent" if done < drawn else "good"), Cell(period, "dim")]

    def _agents(self, _width: int) -> Sequence[Line]:
        head = (_("agent"), _("talks"), _("drawn"), _("reviewed"), _("mean score"))
        lines: list[Line] = [[Cell(" " + "".join(fit(each, 12) for each in head), "head")]]
        for it in self._told.agents if self._told is not None else ():
            mean = f"{it.score:g}" if it.reviewed else ""
            cells = (it.agent, str(it.talks), str(it.drawn), str(it.reviewed), mean)
            role: Role = "" if it.reviewed < it.drawn else "good"
            lines.append([Cell(" " + "".join(fit(each, 12) for each in cells), role)])
        return lines

    # --- keys

    def action_next(self) -> None:
        """Show the next plan."""
        told = self._told
        if told is not None and told.plan in told.known:
            at = (told.known.index(told.plan) + 1) % len(told.known)
            self._asked = QualitySample(told.known[at], self._asked.since, self._asked.until)
            self.terminal.ask_again()

    @work(exclusive=True, group="find")
    async def action_period(self) -> None:
        """Ask for the period."""
        values = await self.app.push_screen_wait(Form(_("period"), fields(_PERIOD, self._typed)))
        if not isinstance(values, dict):
            return
        try:
            since, until = (moment(values[name]) for name in _PERIOD)
        except ApiError as error:
            self.app.notify(f"{error.message}\n{error.hint}", severity="error", markup=False)
            return
        self._typed, self._asked = values, QualitySample(self._asked.plan, since, until)
        self.terminal.ask_again()

    # --- what can be done

    def heading(self) -> str:
        """Return what is chosen."""
        rows = self.chosen()
        return _("recording {n}").format(n=rows[0].recording) if len(rows) == 1 else _(self.LABEL)

    def actions_on(self, rows: Sequence[Sampled]) -> Sequence[Action]:
        """Return what can be done with a recording; its review is taken where it is shown."""
        return (play("p", rows[0].recording),) if len(rows) == 1 else ()


def _state(it: Sampled) -> Cell:
    return Cell(word(it.state), "dim") if it.state else Cell(_("to be reviewed"), "accent")
