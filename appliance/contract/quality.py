# SPDX-License-Identifier: GPL-2.0-or-later
"""Quality marks of recordings: reviews of an agent's part, step by step, and samples that are drawn for them."""

from typing import Literal

import msgspec

QualityStep = Literal["review", "appeal", "second", "final"]
"""A step of a review: the first score, an objection to it, a second score by another reviewer, and the last word."""
QualityState = Literal["reviewed", "appealed", "checked", "final"]
STATES: dict[QualityStep, QualityState] = {
    "review": "reviewed",
    "appeal": "appealed",
    "second": "checked",
    "final": "final",
}
"""State after each step."""


class ScoreItem(msgspec.Struct, frozen=True):
    """A question of a score card. `points` is the most; without any at a `fatal` one the whole counts 0."""

    name: str
    text: str
    points: int
    fatal: bool = False


class ScoreCard(msgspec.Struct, frozen=True):
    """A score card of the configuration. `passed`: the least with which a talk passes, of 100."""

    name: str
    passed: int
    items: tuple[ScoreItem, ...]


class QualityMark(msgspec.Struct, frozen=True):
    """The state of the reviews of an agent in a recording. `score` is the last one, 0 to 100."""

    agent: str
    state: QualityState
    score: float
    passed: bool


class QualityEvent(msgspec.Struct, frozen=True, kw_only=True):
    """A step that was taken: `by` a user of the machine, at `at` (Unix milliseconds).

    `points` by item, None where it did not apply; `fatal` are the items for which the whole counts 0. An objection has
    no points, and the score that it is about.
    """

    event: int
    at: int
    recording: int
    agent: str
    step: QualityStep
    by: str
    card: str
    score: float
    passed: bool
    points: dict[str, float | None] = {}
    fatal: tuple[str, ...] = ()
    note: str = ""


class Sampled(msgspec.Struct, frozen=True):
    """A recording that a plan has drawn; `talk_s`: how long the agent talks in it; `state` '' before the review."""

    recording: int
    agent: str
    talk_s: float
    state: QualityState | Literal[""] = ""
    score: float = 0.0


class SampledAgent(msgspec.Struct, frozen=True):
    """Coverage of an agent by a plan: `talks` that fit, how many were `drawn` and `reviewed`, the mean score."""

    agent: str
    talks: int
    drawn: int
    reviewed: int
    score: float = 0.0
