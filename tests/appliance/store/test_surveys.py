# SPDX-License-Identifier: GPL-2.0-or-later
"""Surveys in the books: found by any filter, and totals that tell who asks callers and what they answer."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from appliance.contract import records as r
from appliance.contract.books import OpenSurvey
from appliance.contract.rows import SurveyTotal
from appliance.contract.switch import Party
from appliance.store import archive
from appliance.store.keyed import keyed
from appliance.store.ledger import Ledger
from appliance.store.reads import Reads
from appliance.store.store import Store
from appliance.store.surveys import surveys, totals
from appliance.wall import lockstep_wall
from tests.appliance.store.calls import EPOCH_MS, enter, queue_call

DAY_TICKS = 86_400 * 50
RESULTS: tuple[r.SurveyResult, ...] = ("answered", "answered", "nothing", "hung_up")


@pytest.fixture
def store() -> Iterator[Store]:
    """Fill books with a call a day: five of agent 8001, of which four are asked, and one of 8002 that is not."""
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        seq = 0
        for n in range(1, 7):
            events = queue_call(n, n * DAY_TICKS, agent="8001" if n < 6 else "8002")
            if n < 5:
                events[5] = (events[5][0], [*events[5][1], *_survey(n, RESULTS[n - 1])])
            seq = enter(store, events, seq)
        yield store


def _survey(n: int, result: r.SurveyResult) -> list[r.AnyRecord]:
    rated: list[r.AnyRecord] = [r.SurveyRated(n, n, "service", 3 + n)] if result == "answered" else []
    return [
        r.SurveyOpened(n, n, "hotline", "8001", "end"),
        *rated,
        *([r.SurveyCommented(n, n, 9)] if n == 2 else []),
        r.SurveyClosed(n, n, result),
    ]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [4, 3, 2, 1]),
        ({"agent": "8001", "queue": "hotline"}, [4, 3, 2, 1]),
        ({"agent": "8002"}, []),
        ({"call": 3}, [3]),
        ({"before": 3, "limit": 1}, [2]),
        ({"since": EPOCH_MS + 2 * 86_400_000, "until": EPOCH_MS + 4 * 86_400_000}, [3, 2]),
    ],
)
def test_surveys_are_found_by_any_filter_newest_first(store: Store, asked: dict[str, Any], found: list[int]) -> None:
    assert [row.survey for row in surveys(store.reader(), **{"limit": 50, **asked})] == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"rating_min": 4}, [2, 1]),
        ({"rating_min": 5}, [2]),
        ({"rating_max": 4}, [1]),
        ({"rating_min": 1, "rating_max": 3}, []),
        ({"least_calls": 1}, [7, 6, 5, 4, 3, 2, 1]),
        ({"least_calls": 2}, [7, 6]),
        ({"least_calls": 2, "agent": "8002"}, [6]),
        ({"least_calls": 2, "since": EPOCH_MS + 7 * 86_400_000}, []),
        ({"least_calls": 3}, []),
    ],
)
def test_recordings_are_found_by_the_callers_rating_and_by_how_often_the_caller_called(
    store: Store, asked: dict[str, Any], found: list[int]
) -> None:
    again = queue_call(7, 7 * DAY_TICKS)
    opened = again[0][1][0]
    assert isinstance(opened, r.CallOpened)
    again[0][1][0] = msgspec.structs.replace(opened, caller=Party("13800130006"))
    enter(store, again, 100)
    filters = {"since": 0, "until": 0, "number": "", "agent": "", "call": 0, "min_s": 0, "before": 0, "limit": 99}
    rows = Reads(store.reader()).recordings(**{**filters, **asked})
    assert [row.call for row in rows] == found


def test_a_survey_has_its_ratings_comment_and_caller(store: Store) -> None:
    row = surveys(store.reader(), 1, call=2)[0]
    assert (row.ratings, row.comment, row.caller, row.result) == ({"service": 5}, 9, "13800130002", "answered")


def test_totals_count_those_who_pressed_nothing_and_agents_who_ask_no_caller(store: Store) -> None:
    books = store.reader()
    mean = {"service": 4.5}
    assert totals(books) == [
        SurveyTotal("agent", "8001", 5, 4, 2, 1, 1, mean),
        SurveyTotal("agent", "8002", 1, 0, 0, 0, 0, {}),
        SurveyTotal("queue", "hotline", 6, 4, 2, 1, 1, mean),
    ]
    day = 86_400_000
    assert totals(books, EPOCH_MS + 3 * day, EPOCH_MS + 4 * day) == [
        SurveyTotal("agent", "8001", 1, 1, 0, 1, 0, {}),
        SurveyTotal("queue", "hotline", 1, 1, 0, 1, 0, {}),
    ]


def test_the_ledger_names_a_survey_that_outlives_its_call(store: Store) -> None:
    assert Ledger(store.reader(), rule="none").check().balanced
    store.reader().execute("UPDATE surveys SET closed = NULL WHERE survey = 3")
    assert Ledger(store.reader(), rule="none").check().found == {"survey_outside_call": 1}


def test_an_open_survey_and_the_next_number_are_read_at_a_start() -> None:
    with Store.in_memory(lockstep_wall(EPOCH_MS)) as store:
        events = queue_call(1)[:5]
        enter(store, [*events, (700, [r.SurveyOpened(41, 1, "hotline", "8001", "end")])])
        books = store.open_books()
        assert (books.surveys, books.next_survey) == ((OpenSurvey(41, 1),), 42)


def test_what_came_after_talks_leaves_the_books_with_its_call(tmp_path: Path) -> None:
    with Store.open(tmp_path / "store.db", lockstep_wall(EPOCH_MS)) as store:
        events = queue_call(1)
        value = r.DataKeyed(1, "pickup", "4711", True, "8001", "hotline", "13800130001")
        events[5] = (events[5][0], [*events[5][1], *_survey(1, "answered"), value])
        seq = enter(store, events)
        enter(store, queue_call(2, 40 * DAY_TICKS), seq)
        store.move_mark()
        due = archive.find_due(store.reader(), EPOCH_MS + 86_400_000)
        assert due.calls == (1,)
        archive.copy(tmp_path / "store.db", tmp_path / "archive", due)
        store.forget(due)
        with closing(store.reader()) as books:
            assert not [*keyed(books, 9), *surveys(books, 9)]
            assert store.open_books().next_survey == 2, "its number is not used again"
    with closing(archive.open_month(tmp_path / "archive", due.month)) as month:
        assert [row.value for row in keyed(month, 9)] == ["4711"]
        assert [row.ratings for row in surveys(month, 9)] == [{"service": 4}]
