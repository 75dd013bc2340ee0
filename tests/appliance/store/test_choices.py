# SPDX-License-Identifier: GPL-2.0-or-later
"""Choices of queues as the books keep them: rows of all ages are read."""

from appliance.contract.choices import Choice, WhyNot
from appliance.store import choices


def test_a_row_that_names_agents_by_the_reason_is_read() -> None:
    text = '{"strategy":"longest_idle","candidates":"101","chosen":"101","passed":{"talking":"102 103","skill":"104"}}'
    passed: dict[str, WhyNot] = {"102": "talking", "103": "talking", "104": "skill"}
    assert choices.read(text) == Choice("longest_idle", ("101",), chosen=("101",), passed=passed)


def test_a_row_without_others_is_short_and_comes_back() -> None:
    choice = Choice("random", ("101", "102"), drawn=1, chosen=("102",))
    assert choices.read(choices.written(choice)) == choice
    assert "away" not in choices.written(choice)
