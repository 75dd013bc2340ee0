# SPDX-License-Identifier: GPL-2.0-or-later
"""Trunks by address and by name, and several at one host: accepted ones, and those that cannot be told apart."""

import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import parse_config

EDGE = "[sip]\nport = 5070\n[edge]\nenabled = true\n"


def trunks(*tables: str) -> str:
    return EDGE + "".join(f'[[trunk]]\nname = "t{n}"\n{table}\n' for n, table in enumerate(tables))


@pytest.mark.parametrize(
    "tables",
    [
        ('host = "sip.provider.example"',),
        ('host = "Sip-1.provider.example."', 'host = "2001:db8::5"'),
        ('host = "provider"\nport = 5080',),
        ('host = "a.example"\naddresses = ["203.0.113.7", "203.0.113.0/28", "2001:db8::/120"]',),
        ('host = "a.example"\nuser = "100"', 'host = "a.example"\nuser = "200"'),
        ('host = "203.0.113.5"\nuser = "100"', 'host = "203.0.113.5"'),
        ('host = "a.example"\nnumbers = ["5750*"]', 'host = "a.example"\nnumbers = ["5751*", "57520"]'),
        ('host = "a.example"\nuser = "1"\nnumbers = ["1"]', 'host = "a.example"\nuser = "1"\nnumbers = ["2"]'),
        ('host = "a.example"\nuser = "100@ims.example"', 'host = "b.example"\nuser = "100@ims.example"'),
        (
            'host = "a.example"\nregister = true\nuser = "1"\npassword = "x"\ndomain = "one.example"',
            'host = "a.example"\nregister = true\nuser = "1"\npassword = "y"\ndomain = "two.example"',
        ),
    ],
)
def test_trunks_that_can_be_told_apart_are_read(tables: tuple[str, ...]) -> None:
    assert len(parse_config(trunks(*tables), "box.toml").trunk) == len(tables)


@pytest.mark.parametrize(
    ("tables", "key", "message", "hint"),
    [
        (('host = "300.1.2.3"',), "trunk[0].host", "neither an IP address nor a name", "sip.provider.example"),
        (('host = ""',), "trunk[0].host", "neither an IP address nor a name", "sip.provider.example"),
        (('host = "a.example:5060"',), "trunk[0].host", "neither an IP address nor a name", "trunk.port"),
        (('host = "sip:a.example"',), "trunk[0].host", "neither an IP address nor a name", "203.0.113.5"),
        (('host = "a b.example"',), "trunk[0].host", "neither an IP address nor a name", "203.0.113.5"),
        (('host = "-a.example"',), "trunk[0].host", "neither an IP address nor a name", "203.0.113.5"),
        (
            ('host = "a.example"\naddresses = ["b.example"]',),
            "trunk[0].addresses[0]",
            "no address to be known by",
            "203.0.113.0/28",
        ),
        (
            ('host = "a.example"\naddresses = ["203.0.113.7", "10.0.0.0/8"]',),
            "trunk[0].addresses[1]",
            "no address to be known by",
            "at most 256",
        ),
        (
            ('host = "a.example"', 'host = "A.example."'),
            "trunk[1].host",
            "address of trunk t0 as well",
            "trunk.numbers",
        ),
        (
            ('host = "a.example"\naddresses = ["203.0.113.5"]', 'host = "203.0.113.5"'),
            "trunk[1].host",
            "address of trunk t0 as well",
            "a user of its own",
        ),
        (
            ('host = "2001:db8::5"', 'host = "2001:DB8:0:0::5"'),
            "trunk[1].host",
            "address of trunk t0 as well",
            "a user of its own",
        ),
        (
            ('host = "a.example"\nuser = "1"', 'host = "a.example"\nuser = "1"'),
            "trunk[1].user",
            "user of trunk t0 as well",
            "trunk.numbers",
        ),
        (
            ('host = "a.example"\nnumbers = ["57*"]', 'host = "a.example"\nnumbers = ["60", "5750"]'),
            "trunk[1].numbers",
            "number of trunk t0 as well",
            "trunk.numbers",
        ),
        (
            ('host = "a.example"\nnumbers = ["5750"]', 'host = "a.example"\nnumbers = ["5*"]'),
            "trunk[1].numbers",
            "number of trunk t0 as well",
            "trunk.numbers",
        ),
    ],
)
def test_what_is_no_place_or_cannot_be_told_apart_is_refused(
    tables: tuple[str, ...], key: str, message: str, hint: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(trunks(*tables), "box.toml")
    (mistake,) = caught.value.mistakes
    assert mistake.key == key
    assert message in mistake.message
    assert hint in mistake.hint
