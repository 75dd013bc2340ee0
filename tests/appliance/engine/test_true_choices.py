# SPDX-License-Identifier: GPL-2.0-or-later
"""The check of choices in walks finds what is wrong with one."""

from typing import Any, Final

import msgspec
import pytest

from appliance.contract.choices import Choice
from appliance.contract.records import AgentState, QueueChose
from tests.appliance.engine.true_choices import check

STATES: Final[dict[str, AgentState]] = {"101": "idle", "102": "idle", "103": "talking", "104": "idle"}
TRUE: Final = Choice(
    "linear", ("101", "102"), (1, 0), chosen=("102",), passed={"103": "talking", "104": "skill"},
    rivals=((7, "sales", 500), (8, "service", 600)),
)  # fmt: skip


def test_a_true_choice_passes() -> None:
    check(QueueChose(7, "sales", TRUE), STATES)


@pytest.mark.parametrize(
    ("lie", "found"),
    [
        ({"chosen": ("101",)}, "is another"),
        ({"figures": (0, 1)}, "is another"),
        ({"rivals": ((7, "sales", 700), (8, "service", 600))}, "another came first"),
        ({"candidates": ("101", "102", "104"), "figures": (1, 0, 2)}, "considered twice"),
        ({"candidates": ("101", "102", "103"), "figures": (1, 0, 2), "passed": {}}, "a candidate who is talking"),
        ({"passed": {"103": "paused", "104": "skill"}}, "agent 103 is talking"),
        ({"passed": {"103": "talking", "104": "wrap_up"}}, "agent 104 is idle"),
        ({"passed": {"103": "skill", "104": "skill"}}, "agent 103 is talking"),
    ],
)
def test_a_lie_is_found(lie: dict[str, Any], found: str) -> None:
    with pytest.raises(AssertionError, match=found):
        check(QueueChose(7, "sales", msgspec.structs.replace(TRUE, **lie)), STATES)
