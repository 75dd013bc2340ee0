# SPDX-License-Identifier: GPL-2.0-or-later
"""Score cards and plans of quality marks are checked."""

from typing import Any

import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import parse_config

ITEM = '[[scorecard.item]]\nname = "a"\n'
CARD = f'[[scorecard]]\nname = "s"\n{ITEM}'


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        ('[[scorecard]]\nname = "s"', "scorecard[0]", "s", "has no item"),
        (CARD + ITEM, "scorecard[0].item[1].name", "a", "is there twice"),
        (CARD + CARD, "scorecard[1].name", "s", "is there twice"),
        (CARD + "points = 0", "scorecard[0].item[0].points", 0, ""),
        ('[[quality_plan]]\nname = "w"\nqueues = ["x"]', "quality_plan[0].queues[0]", "x", "there is no such queue"),
        ('[[quality_plan]]\nname = "w"\nagents = ["9"]', "quality_plan[0].agents[0]", "9", "there is no such agent"),
    ],
)
def test_what_makes_no_sense_is_named(text: str, key: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "box.toml")
    found = [each for each in caught.value.mistakes if each.key == key]
    assert [each.value for each in found] == [value]
    assert message in found[0].message
