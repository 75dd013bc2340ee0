# SPDX-License-Identifier: GPL-2.0-or-later
"""Data that agents keyed in and ratings of callers, asked for and told over the socket of a running box."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.api import messages as api
from appliance.api.client import Client
from appliance.contract import records as r
from appliance.contract.errors import ApiError
from appliance.contract.rows import SurveyTotal
from appliance.engine.engine import Step
from tests.appliance.api.running import RunningBox

CALLER = "13800138000"
KEYED = r.DataKeyed(1, "pickup", "4711", True, "101", "sales", CALLER)
SURVEY: tuple[r.AnyRecord, ...] = (
    r.SurveyOpened(1, 1, "sales", "101", "end"),
    r.SurveyRated(1, 1, "service", 4),
    r.SurveyClosed(1, 1, "answered"),
)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[RunningBox]:
    with RunningBox(tmp_path) as box:
        box.calls(3)
        yield box


@pytest.fixture
def client(box: RunningBox) -> Iterator[Client]:
    with Client(box.path, timeout_s=10) as client:
        yield client


def happened(box: RunningBox) -> None:
    box.do(lambda: box.server._keep(Step([], [KEYED, *SURVEY])))


def test_data_keyed_in_is_found_and_a_wrong_pattern_gets_a_hint(box: RunningBox, client: Client) -> None:
    happened(box)
    (row,) = client.ask(api.Keyed(caller="138*", field="pickup"), api.KeyedReply).keyed
    assert (row.call, row.value, row.whole, row.agent, row.queue) == (1, "4711", True, "101", "sales")
    assert client.ask(api.Keyed(value="4712"), api.KeyedReply).keyed == ()
    with pytest.raises(ApiError, match="is no number to look for"):
        client.ask(api.Keyed(caller="Wang"), api.KeyedReply)


def test_surveys_are_listed_and_added_up(box: RunningBox, client: Client) -> None:
    happened(box)
    (row,) = client.ask(api.Surveys(agent="101"), api.SurveysReply).surveys
    assert (row.result, row.ratings) == ("answered", {"service": 4})
    found = client.ask(api.SurveyTotals(), api.SurveyTotalsReply).totals
    agent = next(each for each in found if (each.kind, each.name) == ("agent", "101"))
    assert (agent.invited, agent.answered, agent.means) == (1, 1, {"service": 4.0})
    assert all(isinstance(each, SurveyTotal) for each in found)


def test_a_program_is_told_at_once_with_the_callers_number(box: RunningBox, client: Client) -> None:
    with Client(box.path, timeout_s=10) as subscriber:
        updates = subscriber.updates("keyed", "surveys")
        seq = client.hello.seq
        happened(box)
        told = [next(updates) for _ in range(4)]
    assert [each.what for each in told] == [KEYED, *SURVEY]
    assert [each.topic for each in told] == ["keyed", *["surveys"] * 3]
    assert [each.seq for each in told] == sorted({each.seq for each in told})
    assert told[0].seq > seq
