# SPDX-License-Identifier: GPL-2.0-or-later
"""Actions on recordings: play to a phone, delete, and the steps of reviews by score cards."""

from collections.abc import Callable, Sequence
from typing import Final

from appliance.api.messages import DeleteRecording, PlayRecording, QualityReply, RecordingsReply, Review
from appliance.contract.errors import ApiError
from appliance.contract.quality import QualityStep, ScoreCard, ScoreItem
from appliance.contract.rows import RecordingRow
from appliance.i18n import N_, _, ngettext
from tui.actions import Action, Field, Values
from tui.link import Asks
from tui.typed import number

NOT_APPLICABLE: Final = "-"
STEPS: Final[tuple[tuple[str, QualityStep, str], ...]] = (
    ("1", "review", N_("first score")),
    ("2", "second", N_("second score")),
    ("3", "final", N_("last word, with points")),
)
_AGENT: Final = "agent of the part"
_NOTE: Final = "note of the step"
"""Names of fields beside those of the card's items, which have no blanks."""


def play(key: str, recording: int) -> Action:
    """Return the action that plays a recording to a phone."""
    phone = Field("phone", _("phone of a supervisor (extension), which is rung"), kept=True)
    return Action(key, _("play to a phone"), lambda values: (PlayRecording(recording, values["phone"]),), "", (phone,))


def delete(
    key: str, recordings: Sequence[int], archive: str, tell: Callable[[RecordingRow], None] = lambda _row: None
) -> Action:
    """Return the action that deletes files of recordings; `tell` takes their rows as they are then."""
    named = ngettext("{n} recording", "{n} recordings", len(recordings)).format(n=len(recordings))
    text = _("Deletes the file of {recordings} for good; the books keep who did it, and why: {why}")

    async def do(link: Asks, values: Values) -> str:
        for each in recordings:
            request = DeleteRecording(recording=each, why=values["why"], archive=archive)
            for row in (await link.ask(request, RecordingsReply)).recordings:
                tell(row)
        return ngettext("{n} file deleted", "{n} files deleted", len(recordings)).format(n=len(recordings))

    return Action(
        key, _("delete"), sentence=text.format(recordings=named, why="{why}"),
        fields=(Field("why", _("why it is deleted")),), right="configure", do=do,
    )  # fmt: skip


def reviews(recording: int, known: QualityReply, card: ScoreCard | None) -> Sequence[Action]:
    """Return the steps of the review of a recording; those with points are by a card."""
    if not known.agents:
        return ()
    steps = [_step(key, recording, step, _(name), known, card) for key, step, name in STEPS if card is not None]
    appeal = _step("o", recording, "appeal", _("object to the score"), known, None)
    accept = _step("4", recording, "final", _("last word: the score stands"), known, None)
    return [*steps, accept, appeal]


def _step(
    key: str, recording: int, step: QualityStep, name: str, known: QualityReply, card: ScoreCard | None
) -> Action:
    items = card.items if card is not None else ()
    agent = (Field(_AGENT, _("agent: {agents}").format(agents=", ".join(known.agents))),)
    note = Field(_NOTE, _("reason") if step == "appeal" else _("remark"), needed=step == "appeal")
    fields = (*(agent if len(known.agents) > 1 else ()), *(Field(it.name, _label(it)) for it in items), note)

    async def do(link: Asks, values: Values) -> str:
        points = {it.name: _points(it, values[it.name]) for it in items}
        agent = values.get(_AGENT, known.agents[0])
        request = Review(
            recording, step, agent, card.name if card is not None else "", points=points, note=values[_NOTE]
        )
        last = (await link.ask(request, QualityReply)).events[-1]
        return _("agent {agent}: {score:g} of 100").format(agent=agent, score=last.score)

    text = _("{step} of recording {recording}: it stands in the books under your name.")
    sentence = text.format(step=name, recording=recording)
    return Action(key, f"{name} ({card.name})" if card is not None else name, sentence=sentence, fields=fields, do=do)


def _label(it: ScoreItem) -> str:
    fatal = _(", 0 fails the whole") if it.fatal else ""
    text = _("{item}: 0 to {most} points{fatal}; -: does not apply")
    return text.format(item=f"{it.name} ({it.text})" if it.text else it.name, most=it.points, fatal=fatal)


def _points(it: ScoreItem, text: str) -> float | None:
    """Return the points of an item, None where it does not apply. Raises ApiError."""
    if text == NOT_APPLICABLE:
        return None
    points = number(text)
    if points > it.points:
        raise ApiError(
            _("{item}: {points} points, it has 0 to {most}").format(item=it.name, points=text, most=it.points)
        )
    return points
