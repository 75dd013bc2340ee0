# SPDX-License-Identifier: GPL-2.0-or-later
"""Every state and reason that people may see has its word, and the ladder shows every kind of record."""

from typing import get_args

import pytest

from appliance.api.messages import Update
from appliance.cli.ladder import LadderReader
from appliance.cli.queue_why import STRATEGIES, WHY_NOT
from appliance.cli.supervise import ACTS
from appliance.cli.words import _WORDS
from appliance.contract import records as r
from appliance.contract.choices import Strategy, WhyNot
from appliance.contract.supervision import Act
from appliance.contract.views import CONSULTED, HELD
from appliance.engine.table import ACTIVITIES
from appliance.i18n import translation

SAID = {
    *(view for activity in ACTIVITIES.values() for view in activity.VIEWS.values()),
    *(HELD, CONSULTED),
    *(word for kind in (r.Disposition, r.LeaveReason, r.AgentState, r.AgentStatus, r.Role) for word in get_args(kind)),
    *(word for kind in (r.Direction, r.OfferResult, r.MessageMark) for word in get_args(kind)),
}


@pytest.mark.parametrize("word", sorted(SAID))
def test_every_word_of_the_books_is_one_that_people_read(word: str) -> None:
    assert word in _WORDS
    assert translation("zh_CN").gettext(_WORDS[word]) != _WORDS[word]


@pytest.mark.parametrize("kind", get_args(r.SegmentKind))
def test_the_ladder_knows_every_stretch_of_time(kind: r.SegmentKind) -> None:
    (rung,) = LadderReader().read([Update("calls", 0, r.SegmentOpened(1, 1, kind, (2, 1), "x"))])
    assert rung.text.endswith(" x]")


@pytest.mark.parametrize("reason", get_args(r.LeaveReason))
def test_the_ladder_knows_every_way_out_of_a_queue(reason: r.LeaveReason) -> None:
    (rung,) = LadderReader().read([Update("queues", 0, r.QueueLeft(1, "sales", reason))])
    assert _WORDS[reason] in rung.text


@pytest.mark.parametrize("result", get_args(r.OfferResult))
def test_the_ladder_knows_every_end_of_an_offer(result: r.OfferResult) -> None:
    assert LadderReader().read([Update("queues", 0, r.OfferEnded(1, 1, result))])


def test_the_log_of_supervisors_has_words_for_every_act() -> None:
    assert {*ACTS} == {*get_args(Act)}


def test_queue_why_has_words_for_every_strategy_and_every_reason() -> None:
    assert {*STRATEGIES} == {*get_args(Strategy)}
    assert {*WHY_NOT} == {*get_args(WhyNot)}
