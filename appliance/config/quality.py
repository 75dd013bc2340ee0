# SPDX-License-Identifier: GPL-2.0-or-later
"""Quality marks: score cards by which recordings are judged, and plans that draw the recordings."""

from typing import Annotated, Literal

from msgspec import Meta

from appliance.config.base import Config, Name, Number, Seconds

Points = Annotated[int, Meta(ge=1, le=100)]


class ScoreItemConfig(Config, frozen=True, kw_only=True):
    """One question of a score card; it may be left out of a review where it does not apply."""

    name: Name
    text: str = ""  # what is judged, as reviewers read it
    weight: Points = 1
    points: Points = 5  # the most; 1: yes or no
    fatal: bool = False  # no points here: the whole review counts 0


class ScorecardConfig(Config, frozen=True, kw_only=True):
    """A score card: a review counts 0 to 100, by the items' weights."""

    name: Name
    passed: Annotated[int, Meta(ge=0, le=100)] = 60  # the least with which a talk passes
    item: tuple[ScoreItemConfig, ...] = ()


class QualityPlanConfig(Config, frozen=True, kw_only=True):
    """Recordings that are to be reviewed: so many of each agent in the period that is asked for, evenly chosen."""

    name: Name
    each_agent: Annotated[int, Meta(ge=1, le=1000)] = 5
    agents: tuple[Number, ...] = ()  # of these alone, e.g. new ones; none: of all
    queues: tuple[Name, ...] = ()
    direction: Literal["any", "in", "out", "internal"] = "any"
    min_s: Seconds = 20.0  # the agent talks at least so long
