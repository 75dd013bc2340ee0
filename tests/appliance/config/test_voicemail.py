# SPDX-License-Identifier: GPL-2.0-or-later
"""Boxes for messages are checked: names that are not there, two boxes for one extension, keys without effect."""

from typing import Any

import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import parse_config

HEAD = """
[edge]
enabled = true
port = 5070
[[extension]]
number = "1001"
[[extension]]
number = "1002"
forward_busy = "*991001"
[[queue]]
name = "sales"
[[plan]]
name = "work"
hours = "mon-fri 08:00-18:00"
"""
BOX = '[[voicemail]]\nname = "a"\n'


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        ('extension = "1003"', "voicemail[0].extension", "1003", "there is no such extension"),
        ('extension = "1001"\nlamps = ["1009"]', "voicemail[0].lamps[0]", "1009", "there is no such extension"),
        ('queue = "sale"', "voicemail[0].queue", "sale", "there is no such queue"),
        ('extension = "1001"\nplan = "wrok"', "voicemail[0].plan", "wrok", "there is no such plan"),
        ('number = "8600"\nplan = "work"', "voicemail[0].plan", "work", "no calls come here after hours"),
        ('number = "1001"', "voicemail[0].number", "1001", "is extension[0].number as well"),
        ("longest_s = 2", "voicemail[0].shortest_s", 2.0, "no message would be kept"),
        (
            f'extension = "1001"\n{BOX}extension = "1001"'.replace('name = "a"\nex', 'name = "b"\nex'),
            "voicemail[1].extension",
            "1001",
            "has a box already",
        ),
        (f"{BOX}", "voicemail[1].name", "a", "is there twice"),
        ("messages = 0", "voicemail[0].messages", 0, ""),
    ],
)
def test_a_box_that_makes_no_sense_is_named(text: str, key: str, value: Any, message: str) -> None:
    head = HEAD if 'extension = "1001"' in text else HEAD.replace('forward_busy = "*991001"', "")
    with pytest.raises(ConfigError) as caught:
        parse_config(f"{head}{BOX}{text}\n", "box.toml")
    found = [each for each in caught.value.mistakes if each.key == key]
    assert [each.value for each in found] == [value]
    assert message in found[0].message


def test_a_forward_may_lead_to_a_box_and_to_none_that_is_not_there() -> None:
    parse_config(f'{HEAD}{BOX}extension = "1001"\n', "box.toml")
    with pytest.raises(ConfigError, match="leads nowhere"):
        parse_config(HEAD, "box.toml")
