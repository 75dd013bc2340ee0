# SPDX-License-Identifier: GPL-2.0-or-later
"""Fields that agents key in are checked: queues that are not there, lengths, codes that cannot be pressed."""

from typing import Any

import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import parse_config

HEAD = '[[queue]]\nname = "sales"\n[[extension]]\nnumber = "1001"\nline = "station:1001"\n'


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        ('queues = ["sale"]', "keyed[0].queues[0]", "sale", "there is no such queue"),
        ("least = 5\nmost = 4", "keyed[0].most", 4, "is less than least"),
        ("after_hang_up = false", "keyed[0].code", None, "is never asked for"),
        ('code = "*21"', "keyed[0].code", "*21", "begins like codes.consult = *2"),
        ('code = "*"', "keyed[0].code", "*", "begins like codes.consult = *2"),
        ('code = "*60"', "keyed[0].code", "*60", "is codes.agent_sign_in as well"),
        ('code = "1001"', "extension[0].number", "1001", "is keyed[0].code as well"),
        ('[[keyed]]\nname = "a"', "keyed[1].name", "a", "is there twice"),
        ("wait_s = 0", "keyed[0].wait_s", 0, ""),
        ("most = 33", "keyed[0].most", 33, ""),
    ],
)
def test_a_field_that_makes_no_sense_is_named(text: str, key: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f'{HEAD}[[keyed]]\nname = "a"\n{text}\n', "box.toml")
    found = [each for each in caught.value.mistakes if each.key == key]
    assert [each.value for each in found][:1] == [value]
    assert any(message in each.message for each in found)


def test_fields_may_have_one_code_in_common() -> None:
    both = '[[keyed]]\nname = "a"\ncode = "*41"\n[[keyed]]\nname = "b"\ncode = "*41"\n'
    assert [field.code for field in parse_config(HEAD + both, "box.toml").keyed] == ["*41", "*41"]
