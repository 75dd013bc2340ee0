# SPDX-License-Identifier: GPL-2.0-or-later
"""Search for recordings: the fields of two forms, and the request that they make."""

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from appliance.api.messages import Recordings
from appliance.contract.errors import ApiError
from appliance.contract.quality import QualityState
from appliance.i18n import N_, _
from tui.actions import Field
from tui.typed import between, length, moment, number

FOUND: Final = 500
"""Recordings that are asked for."""
_STATES: Final = ("none", *get_args(QualityState))
_LABELS: Final[Mapping[str, str]] = {
    "since": N_("since: today, yesterday, 2h, 7d, 2026-01-31"),
    "until": N_("until"),
    "number": N_("number, caller's or called ('*' for any digits)"),
    "agent": N_("agent who is heard"),
    "queue": N_("queue"),
    "length": N_("length: 0:30-5:00, 0:30-, -5:00"),
    "caller": N_("caller's number ('*' for any digits)"),
    "called": N_("called number ('*' for any digits)"),
    "rule": N_("recording rule"),
    "call": N_("number of the call"),
    "qc": N_("review: none, reviewed, appealed, checked, final"),
    "score": N_("score: 80-100, 80-, -60"),
    "rating": N_("rating by the caller: 1-2"),
    "least": N_("the caller called at least so often in that time"),
    "archive": N_("archived month: 2026-01"),
}
FIRST: Final = ("since", "until", "number", "agent", "queue", "length")
MORE: Final = ("caller", "called", "rule", "call", "qc", "score", "rating", "least", "archive")
_BRIEF: Final[Mapping[str, str]] = {
    "since": N_("since"), "until": N_("until"), "number": N_("number"), "agent": N_("agent"), "queue": N_("queue"),
    "length": N_("length"), "caller": N_("caller"), "called": N_("called"), "rule": N_("rule"), "call": N_("call"),
    "qc": N_("review"), "score": N_("score"), "rating": N_("rating"), "least": N_("least calls"),
    "archive": N_("archive"),
}  # fmt: skip


def fields(names: tuple[str, ...], typed: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the fields of a form, with what was typed into them before."""
    return tuple(Field(name, _(_LABELS[name]), typed.get(name, ""), needed=False) for name in names)


def told(typed: Mapping[str, str]) -> str:
    """Return in a few words what is looked for."""
    return "   ".join(f"{_(_BRIEF[name])} {typed[name]}" for name in _BRIEF if typed.get(name))


def request(typed: Mapping[str, str]) -> Recordings:
    """Return the request for what was typed. Raises ApiError that says how to write it."""

    def of(name: str) -> str:
        return typed.get(name, "")

    (min_s, max_s), (low, high), (bad, good) = (
        between(of(name), parse) for name, parse in (("length", length), ("score", number), ("rating", number))
    )
    return Recordings(
        since=moment(of("since")), until=moment(of("until")), number=of("number"), agent=of("agent"), queue=of("queue"),
        min_s=min_s, max_s=max_s, caller=of("caller"), called=of("called"), rule=of("rule"),
        call=int(number(of("call"))), qc=_one_of(of("qc"), _STATES), score_min=low, score_max=high or 100.0,
        rating_min=int(bad), rating_max=int(good), least_calls=int(number(of("least"))), archive=_month(of("archive")),
        limit=FOUND,
    )  # fmt: skip


def _one_of(text: str, known: tuple[str, ...]) -> Any:
    if text and text not in known:
        hint = _("choose of: {kinds}").format(kinds=", ".join(known))
        raise ApiError(_("there is no state {word}").format(word=repr(text)), hint)
    return text


def _month(text: str) -> str:
    if text and not re.fullmatch("[0-9]{4}-[0-9]{2}", text):
        raise ApiError(_("{text} is no month").format(text=repr(text)), _("write 2026-01"))
    return text
