# SPDX-License-Identifier: GPL-2.0-or-later
"""One recording: how loud each side is over its length, keys, holds and pauses in it, its parts, its reviews."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar, Final

from textual.binding import Binding, BindingType

from appliance.api.messages import (
    QualityOf,
    QualityReply,
    RecordingLevels,
    RecordingLevelsReply,
    WholeCall,
    WholeCallReply,
)
from appliance.cli.words import word
from appliance.contract.quality import QualityEvent, ScoreCard
from appliance.contract.rows import RecordingRow
from appliance.i18n import N_, _
from tui import strip
from tui.actions import Action
from tui.cells import Cell, Line, brief, fit, wrapped
from tui.exports import Sound, export
from tui.recording_actions import delete, play, reviews
from tui.screens.base import Every, HouseScreen
from tui.screens.call import CallScreen
from tui.screens.troubles import when

POINTS: Final = 400
"""Stretches of the strip: as many as a wide terminal has columns."""
_LABEL: Final = 9
_HOLDS: Final = frozenset(("hold", "park", "pause"))


class RecordingScreen(HouseScreen):
    """One recording.

    Args:
        row: as it was found.
        folder: to which its path is relative.
        archive: the month of the archive in which it was found; '': the books.
    """

    NAME, LABEL = "recording", N_("recording")
    HELP_TEXT = N_(
        "One recording. The strip shows how loud each side is, the caller above; below it the keys that were pressed, "
        "and h on hold, p recorded as silence. Then its parts, and the steps of its reviews. x plays it to the phone "
        "of a supervisor, takes a step of a review, exports or deletes it."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "ladder", N_("its call")),
        Binding("c", "card", N_("score card")),
    ]

    def __init__(self, row: RecordingRow, folder: Path, archive: str = "") -> None:
        super().__init__()
        self._row, self._folder, self._archive = row, folder, archive
        self._card = 0

    # --- what is asked

    def asks(self) -> Sequence[Every]:
        """Return the requests about it; an archived one has its sound alone, a deleted one none."""
        number, fresh = self._row.recording, 5.0 if self._row.running else 60.0
        asked = []
        if not self._row.deleted_at and not self._row.running:
            asked.append(Every(fresh, RecordingLevels(number, POINTS, self._archive), RecordingLevelsReply))
        if not self._archive:
            asked.append(Every(15.0, QualityOf(number), QualityReply))
            asked.append(Every(60.0, WholeCall(self._row.call), WholeCallReply))
        return asked

    @property
    def _levels(self) -> RecordingLevelsReply | None:
        reply = self.picture.last(RecordingLevelsReply)
        return reply if reply is not None and reply.recording == self._row.recording else None

    @property
    def _quality(self) -> QualityReply | None:
        reply = self.picture.last(QualityReply)
        return reply if reply is not None and reply.recording == self._row.recording else None

    @property
    def _chosen_card(self) -> ScoreCard | None:
        cards = self._quality.cards if self._quality is not None else ()
        return cards[self._card % len(cards)] if cards else None

    # --- what is drawn

    def lines(self, width: int) -> Sequence[Line]:
        """Return the lines."""
        return [*self._facts(), "", *self._strip(width), "", *self._parts(), "", *self._reviews(width)]

    def _facts(self) -> Iterable[Line]:
        it = self._row
        arrow = self.terminal.skin.arrow
        yield [
            Cell(f" {_('recording {n}').format(n=it.recording)} ", "accent"),
            f" {when(it.started_at, seconds=True)}   {brief(it.length_s)}   ",
            f"{it.caller or _('unknown')} {arrow} {it.called}",
        ]
        where = (
            (_("queue"), it.queue), (_("agent"), it.agent), (_("rule"), it.rule), (_("call"), str(it.call)),
        )  # fmt: skip
        yield [Cell(" " + "   ".join(f"{name} {value}" for name, value in where if value), "dim")]
        if it.deleted_at:
            who = it.deleted_by or (_("for room") if it.deleted_why == "size" else _("for its age"))
            text = _(" its file was deleted {time}: {who} {why}")
            why = it.deleted_why if it.deleted_by else ""
            yield [Cell(text.format(time=when(it.deleted_at), who=who, why=why), "warn")]
        else:
            yield [Cell(f" {self._folder / it.path}", "dim")]
        if it.error:
            yield [Cell(f" {it.error}", "bad")]

    def _strip(self, width: int) -> Iterable[Line]:
        found, skin = self._levels, self.terminal.skin
        room = width - _LABEL - 2
        if found is None or not found.length_s:
            if not self._row.deleted_at:
                said = _(" it is being made: its sound is shown when it is over") if self._row.running else ""
                yield [Cell(said or _(" its sound is being read"), "dim")]
            return
        sides = (_("caller"), _("hears")) if len(found.tracks) > 1 else (_("sound"),)
        for side, levels in zip(sides, found.tracks, strict=False):
            yield [_label(side), Cell(strip.strip(skin, levels, room), "good")]
        signs = strip.stretches(room, found.length_s, self._held())
        keys = strip.marks(room, found.length_s, self._keys())
        if signs.strip() or keys.strip():
            marks = "".join(key if key != " " else sign for key, sign in zip(keys, signs, strict=True))
            yield [_label(_("keys")), Cell(marks, "warn")]
        yield [_label(""), Cell(strip.ruler(found.length_s, room), "dim")]

    def _held(self) -> Iterable[tuple[float, float, str]]:
        for part in self._row.parts:
            if part.kind in _HOLDS:
                yield part.from_s, part.to_s, "p" if part.kind == "pause" else "h"

    def _keys(self) -> Iterable[tuple[float, str]]:
        whole = self.picture.last(WholeCallReply)
        if whole is None or whole.call.call != self._row.call:
            return
        began = (self._row.started_at - whole.call.started_at) / 1000
        for key in whole.keys:
            yield from ((key.at_s - began, sign) for sign in key.key[:1])

    def _parts(self) -> Iterable[Line]:
        yield [Cell(" " + _("parts"), "head")]
        for it in self._row.parts:
            text = "  ".join(each for each in (word(it.kind), it.what, " ".join(it.agents)) if each)
            yield [Cell(f" {brief(it.from_s):>6} - {brief(it.to_s):<6} ", "dim"), text]
        if not self._row.parts:
            yield [Cell(" " + _("no part"), "dim")]

    def _reviews(self, width: int) -> Iterable[Line]:
        known, card = self._quality, self._chosen_card
        yield [Cell(" " + _("reviews"), "head")]
        for it in known.events if known is not None else ():
            yield from _review(it, width)
        if known is None or not known.events:
            yield [Cell(" " + _("no review of this recording"), "dim")]
        if card is not None and known is not None:
            text = _(" next by score card {name} ({n} of {all}), passed from {passed}: {items}")
            items = ", ".join(f"{it.name} 0-{it.points}" for it in card.items)
            count = len(known.cards)
            told = text.format(name=card.name, n=self._card % count + 1, all=count, passed=card.passed, items=items)
            yield from ([Cell(f" {line}", "dim")] for line in wrapped(told.strip(), width - 2))

    # --- keys

    def action_ladder(self) -> None:
        """Show the call."""
        self.app.push_screen(CallScreen(self._row.call))

    def action_card(self) -> None:
        """Choose the next score card."""
        self._card += 1
        self.beat()

    def heading(self) -> str:
        """Return the recording."""
        return _("recording {n}").format(n=self._row.recording)

    def actions(self) -> Sequence[Action]:
        """Return what can be done with it."""
        it, known = self._row, self._quality
        steps = reviews(it.recording, known, self._chosen_card) if known is not None else ()
        if it.deleted_at or it.running:
            return steps
        own = Sound(it.recording, self._folder / it.path)
        return [
            play("p", it.recording), *steps, export("e", self.terminal, [own]),
            delete("d", [it.recording], self._archive, self._renew),
        ]  # fmt: skip

    def _renew(self, row: RecordingRow) -> None:
        self._row = row


def _review(it: QualityEvent, width: int) -> Iterable[Line]:
    score = "" if it.step == "appeal" else f"{it.score:g}" + ("" if it.passed else " " + _("(failed)"))
    head = "  ".join(each for each in (when(it.at), word(it.step), it.agent, it.by, it.card, score) if each)
    yield [Cell(f" {head}", "" if it.passed else "bad")]
    points = " ".join(f"{name} {'-' if value is None else f'{value:g}'}" for name, value in it.points.items())
    for text in (points, it.note):
        yield from ([Cell(f"     {line}", "dim")] for line in wrapped(text, width - 6) if text)


def _label(text: str) -> Cell:
    return Cell(" " + fit(text, _LABEL) + " ", "head")
