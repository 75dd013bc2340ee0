# SPDX-License-Identifier: GPL-2.0-or-later
"""Recordings are reviewed by score cards, appealed against, scored again, drawn by plans and found by their marks."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.api import messages as m
from appliance.config.model import BoxConfig
from appliance.config.quality import ScorecardConfig
from appliance.contract.errors import RequestError
from appliance.contract.quality import QualityEvent
from appliance.server.quality import Quality, score
from appliance.store import archive
from appliance.store.reads import Reads
from tests.appliance.server.test_retention import CALLS, DAY_MS, NOW, Box
from tests.appliance.store.calls import EPOCH_MS

CARD = {
    "name": "service",
    "passed": 70,
    "item": [
        {"name": "greeting", "weight": 1},
        {"name": "solution", "weight": 3},
        {"name": "law", "points": 1, "fatal": True},
    ],
}
PLAN = {"name": "weekly", "each_agent": 3}
GOOD = {"greeting": 5.0, "solution": 4.0, "law": None}


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    yield made
    made.store.close()


def marks(box: Box, **more: Any) -> Quality:
    document = {"scorecard": [CARD, {**CARD, "name": "other"}], "quality_plan": [{**PLAN, **more}]}
    return Quality(box.store, msgspec.convert(document, BoxConfig))


def take(box: Box, step: Any, points: Any = None, by: str = "lina", recording: int = 7, **more: Any) -> QualityEvent:
    given = marks(box)
    taken = given.prepare(m.Review(recording, step, points=points or {}, **more), by, NOW)
    given.take(taken)
    return taken.event


# --- score cards


@pytest.mark.parametrize(
    ("points", "total", "passed", "fatal"),
    [
        ({"greeting": 5, "solution": 5, "law": 1}, 100.0, True, ()),
        ({"greeting": 0, "solution": 5, "law": 1}, 80.0, True, ()),
        ({"greeting": 5, "solution": 2.5, "law": None}, 62.5, False, ()),
        ({"greeting": None, "solution": 3.5, "law": None}, 70.0, True, ()),
        ({"greeting": 5, "solution": 5, "law": 0}, 0.0, False, ("law",)),
    ],
)
def test_items_count_by_weight_and_a_fatal_one_decides_alone(
    points: dict[str, float | None], total: float, fatal: tuple[str, ...], *, passed: bool
) -> None:
    assert score(msgspec.convert(CARD, ScorecardConfig), points) == (total, passed, fatal)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ({"greeting": 5}, "items without points: solution, law"),
        ({**GOOD, "smile": 1}, "no item of the card: smile"),
        ({**GOOD, "greeting": 6}, "greeting: 6 points, it has 0 to 5"),
        ({**GOOD, "solution": -1}, "solution: -1 points, it has 0 to 5"),
        ({"greeting": None, "solution": None, "law": None}, "no item has points"),
    ],
)
def test_points_that_do_not_fit_the_card_are_named(points: dict[str, float | None], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        score(msgspec.convert(CARD, ScorecardConfig), points)


# --- steps


def test_a_review_goes_its_way_to_the_last_word_and_all_steps_stay(box: Box) -> None:
    assert take(box, "review", GOOD).score == 85.0
    assert take(box, "appeal", by="8001", note="not my fault").score == 85.0
    assert take(box, "second", {**GOOD, "solution": 5.0}, by="wei").score == 100.0
    final = take(box, "final", by="boss")
    assert (final.score, final.card, final.passed) == (100.0, "service", True)
    reply = marks(box).read(m.QualityOf(7))
    assert isinstance(reply, m.QualityReply)
    told = [(each.step, each.by, each.agent, each.note) for each in reply.events]
    assert told == [
        ("review", "lina", "8001", ""),
        ("appeal", "8001", "8001", "not my fault"),
        ("second", "wei", "8001", ""),
        ("final", "boss", "8001", ""),
    ]
    assert reply.events[0].points == GOOD
    assert box.ask("SELECT state, score FROM quality") == [("final", 100.0)]


@pytest.mark.parametrize(
    ("before", "step", "more", "said"),
    [
        ([], "appeal", {"note": "x"}, "no score of agent 8001 that could be objected to"),
        ([], "second", {"points": GOOD}, "no first score"),
        ([], "final", {}, "has no score"),
        (["review"], "review", {"points": GOOD}, "is reviewed already"),
        (["review"], "second", {"points": GOOD}, "lina gave the first score"),
        (["review"], "appeal", {}, "needs a reason"),
        (["review", "final"], "appeal", {"note": "x"}, "no score of agent 8001 that could be objected to"),
        (["review", "final"], "final", {}, "or the final one already"),
        ([], "review", {"points": GOOD, "card": "none"}, "there is no score card none"),
        ([], "review", {"points": GOOD, "agent": "8009"}, "agent 8009 is not in it"),
        ([], "review", {"points": GOOD, "recording": 999}, "there is no recording 999"),
    ],
)
def test_a_step_out_of_turn_is_refused_and_changes_nothing(
    box: Box, before: list[str], step: str, more: dict[str, Any], said: str
) -> None:
    for each in before:
        take(box, each, GOOD if each == "review" else None)
    steps = box.ask("SELECT count(*) FROM quality_events")
    with pytest.raises(RequestError, match=said):
        take(box, step, **more)
    assert box.ask("SELECT count(*) FROM quality_events") == steps


def test_of_two_reviewers_at_once_the_second_is_told(box: Box) -> None:
    first, second = (marks(box).prepare(m.Review(7, "review", points=GOOD), by, NOW) for by in ("lina", "wei"))
    marks(box).take(first)
    with pytest.raises(RequestError, match="another reviewer was faster"):
        marks(box).take(second)
    assert box.ask("SELECT by FROM quality_events") == [("lina",)]


def test_a_recording_of_several_agents_asks_for_the_name_and_marks_each(box: Box) -> None:
    box.store._connection.execute("UPDATE legs SET agent = '8005' WHERE call = 7 AND role = 'caller'")
    with pytest.raises(RequestError, match="name the agent"):
        take(box, "review", GOOD)
    take(box, "review", GOOD, agent="8005")
    take(box, "review", {**GOOD, "solution": 0.0}, agent="8001")
    assert box.ask("SELECT agent, score FROM quality ORDER BY agent") == [("8001", 25.0), ("8005", 85.0)]


# --- search


def found(box: Box, **more: Any) -> list[int]:
    with closing(box.store.reader()) as books:
        rows = Reads(books).recordings(0, 0, "", more.pop("agent", ""), 0, 0.0, 0, 100, **more)
    return sorted(row.recording for row in rows)


def test_recordings_are_found_by_state_and_score_beside_all_else(box: Box) -> None:
    for recording, solution in ((7, 5.0), (8, 4.0), (10, 2.0)):
        take(box, "review", {**GOOD, "solution": solution}, recording=recording)
    take(box, "appeal", by="8001", note="x", recording=10)
    assert found(box, qc="reviewed") == [7, 8]
    assert found(box, qc="appealed") == [10]
    assert found(box, qc="none") == sorted({*range(1, CALLS + 1)} - {7, 8, 10})
    assert found(box, score_min=90.0) == [7]
    assert found(box, score_max=60.0) == [10]
    assert found(box, score_min=50.0, score_max=90.0, agent="8002") == [8]
    assert found(box, score_min=50.0, agent="8000") == []
    with closing(box.store.reader()) as books:
        [row] = Reads(books).recordings(0, 0, "", "", 7, 0.0, 0, 1)
    assert [(mark.agent, mark.state, mark.score) for mark in row.quality] == [("8001", "reviewed", 100.0)]


# --- samples


def sample(box: Box, since: int = 0, until: int = 0, **more: Any) -> m.QualitySampleReply:
    reply = marks(box, **more).read(m.QualitySample("", since, until))
    assert isinstance(reply, m.QualitySampleReply)
    assert (reply.plan, reply.known) == ("weekly", ("weekly",)), "the first one"
    return reply


def test_a_plan_draws_so_many_of_each_agent_the_same_each_time(box: Box) -> None:
    drawn = sample(box)
    assert [(each.agent, each.talks, each.drawn, each.reviewed) for each in drawn.agents] == [
        ("8000", 19, 3, 0),
        ("8001", 20, 3, 0),
        ("8002", 20, 3, 0),
    ]
    assert drawn == sample(box)
    assert {each.talk_s for each in drawn.drawn} == {24.0}
    first = next(each for each in drawn.drawn if each.agent == "8001")
    take(box, "review", GOOD, recording=first.recording)
    again = sample(box)
    assert [each.recording for each in again.drawn] == [each.recording for each in drawn.drawn]
    assert [(each.reviewed, each.score) for each in again.agents] == [(0, 0.0), (1, 85.0), (0, 0.0)]


@pytest.mark.parametrize(
    ("more", "agents"),
    [
        ({"agents": ["8002"]}, ["8002"]),
        ({"queues": ["hotline"]}, ["8000", "8001", "8002"]),
        ({"queues": ["sales"]}, []),
        ({"direction": "out"}, []),
        ({"min_s": 25}, []),
    ],
)
def test_a_plan_is_about_some_talks_only(box: Box, more: dict[str, Any], agents: list[str]) -> None:
    assert [each.agent for each in sample(box, **more).agents] == agents


def test_a_period_has_its_own_sample(box: Box) -> None:
    week = sample(box, EPOCH_MS + 10 * DAY_MS, EPOCH_MS + 17 * DAY_MS)
    assert sum(each.talks for each in week.agents) == 7
    assert {each.recording for each in week.drawn} <= set(range(10, 17))


def test_deleted_recordings_are_not_drawn(box: Box) -> None:
    box.store.note_deleted(range(1, CALLS - 1), NOW)
    assert [each.recording for each in sample(box).drawn] == [CALLS - 1]


def test_marks_go_into_the_archive_with_their_calls(box: Box) -> None:
    take(box, "review", GOOD)
    box.let_go(books=20)
    assert box.ask("SELECT count(*) FROM quality") == [(0,)]
    with closing(archive.open_month(box.archive, "2026-09")) as month:
        assert month.execute("SELECT recording, state, score FROM quality").fetchall() == [(7, "reviewed", 85.0)]
        assert month.execute("SELECT count(*) FROM quality_events").fetchone() == (1,)
    assert box.ledger().balanced
    take(box, "review", GOOD, recording=50)
    assert box.ask("SELECT event FROM quality_events") == [(2,)], "numbers are not used again"
