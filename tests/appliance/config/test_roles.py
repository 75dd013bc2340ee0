# SPDX-License-Identifier: GPL-2.0-or-later
"""Roles of supervisors are checked: queues and phones that are not there, and those who could not use their role."""

import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import parse_config
from appliance.contract.supervision import ALL_ACTS

HEAD = """
[[queue]]
name = "sales"
[[extension]]
number = "1001"
[[extension]]
number = "1009"
supervisor = true
[sip]
port = 5070
[edge]
enabled = true
[api.users]
lina = ["read", "supervise"]
wang = ["read", "control"]
"""


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        ('queues = ["sale"]', "role[0].queues[0]", "sale", "there is no such queue"),
        ('extensions = ["1008"]', "role[0].extensions[0]", "1008", "there is no such extension"),
        ('extensions = ["1009", "1001"]', "role[0].extensions[1]", "1001", "is no phone of a supervisor"),
        ('users = ["lina", "wang"]', "role[0].users[1]", "wang", "has not the right supervise"),
        (
            'users = ["lina"]\n[[role]]\nname = "b"\nusers = ["lina"]',
            "role[1].users[0]",
            "lina",
            "has role trainer already",
        ),
        (
            'extensions = ["1009"]\n[[role]]\nname = "b"\nextensions = ["1009"]',
            "role[1].extensions[0]",
            "1009",
            "has role trainer already",
        ),
        ('[[role]]\nname = "trainer"', "role[1].name", "trainer", "is there twice"),
        ('may = ["listen", "spy"]', "role[0].may[1]", "spy", ""),
    ],
)
def test_a_role_that_makes_no_sense_is_named(text: str, key: str, value: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f'{HEAD}[[role]]\nname = "trainer"\n{text}\n', "box.toml")
    found = [each for each in caught.value.mistakes if each.key == key]
    assert [each.value for each in found] == [value]
    assert message in found[0].message


def test_a_role_may_do_everything_unless_it_says_what() -> None:
    config = parse_config(f'{HEAD}[[role]]\nname = "lead"\nextensions = ["1009"]\nusers = ["lina"]\n', "box.toml")
    assert config.role[0].may == ALL_ACTS
