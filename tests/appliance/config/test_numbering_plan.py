# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbering plan is checked whole: hidden numbers, numbers that lead nowhere, rings, in one pass with all else."""

import sys
from typing import Any

import pytest

from appliance.config.errors import ConfigError, Mistake
from appliance.config.load import parse_config


def phones(*tables: str) -> str:
    """Return a configuration of extensions; each text begins with the number."""
    made = []
    for n, table in enumerate(tables):
        number, _space, rest = table.partition(" ")
        made.append(f'[[extension]]\nnumber = "{number}"\nline = "station:{n}"\n{rest}\n')
    return "".join(made)


def found(text: str) -> list[Mistake]:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "box.toml")
    return list(caught.value.mistakes)


def keys(text: str) -> list[tuple[str, Any]]:
    return [(each.key, each.value) for each in found(text)]


@pytest.mark.parametrize(
    ("text", "key", "value", "message"),
    [
        (phones("1001", "701"), "extension[1].number", "701", "a place where calls are parked"),
        (phones("1001", "709"), "extension[1].number", "709", "a place where calls are parked"),
        (phones("1001", "0123"), "extension[1].number", "0123", "begins with the outside prefix 0: 123 outside"),
        (phones("*68"), "extension[0].number", "*68", "is codes.park as well"),
        (phones("*721001"), "extension[0].number", "*721001", "begins with codes.forward_always = *72"),
        (phones("**5"), "extension[0].number", "**5", "begins with codes.pick_up = **"),
        ('[[hunt]]\nnumber = "701"\n', "hunt[0].number", "701", "a place where calls are parked"),
        ('[[hunt]]\nnumber = "6"\n[[hunt]]\nnumber = "6"\n', "hunt[1].number", "6", "is hunt[0].number as well"),
        ('[[hunt]]\nnumber = "05"\n', "hunt[0].number", "05", "begins with the outside prefix"),
        ('[parking]\nfirst = "04"\nplaces = 1\n', "parking.first", "04", "begins with the outside prefix"),
        (
            phones("1001") + '[[route]]\ncalled = "1001"\nflow = "a"\n',
            "route[0].called",
            "1001",
            "is extension[0].number as well",
        ),
        ('[outside]\nprefix = "*7"\n', "codes.forward_always", "*72", "begins with the outside prefix *7"),
        (
            '[[route]]\ncalled = "0*"\nflow = "a"\ninside = true\n',
            "route[0].called",
            "0*",
            "phones never come here",
        ),
    ],
)
def test_what_hides_another_number_is_named(text: str, key: str, value: str, message: str) -> None:
    told = [each for each in found(text) if each.key == key]
    assert [each.value for each in told] == [value]
    assert message in told[0].message
    assert told[0].hint


@pytest.mark.parametrize("number", ["110", "119", "120", "122", "112", "911", "95", "9512"])
@pytest.mark.parametrize(
    ("text", "key"),
    [
        (phones("{}"), "extension[0].number"),
        ('[[hunt]]\nnumber = "{}"\n', "hunt[0].number"),
        ('[[route]]\ncalled = "{}"\nflow = "a"\n', "route[0].called"),
        ('[parking]\nfirst = "{}"\nplaces = 2\n', "parking.first"),
        ('[codes]\npark = "{}"\n', "codes.park"),
    ],
)
def test_an_emergency_number_is_free_for_nothing_else(number: str, text: str, key: str) -> None:
    emergency = '[outside]\nemergency = ["110", "119", "120", "122", "112", "911", "95*"]\n'
    told = [each for each in found(text.format(number) + emergency) if each.key == key]
    assert f"{number} is an emergency number" in [each.message for each in told]


@pytest.mark.parametrize("to", ["110", "0110", "0-110"])
def test_no_calls_are_forwarded_to_an_emergency_number(to: str) -> None:
    forwards = phones(f'1 forward_always = "{to}"', f'2 follow_me = ["{to}"]')
    told = keys(forwards + f'[[hunt]]\nnumber = "6"\notherwise = "{to}"\n')
    assert [key for key, _value in told] == [
        "extension[0].forward_always",
        "extension[1].follow_me[0]",
        "hunt[0].otherwise",
    ]


def test_a_code_before_a_number_and_the_prefix_are_no_emergency_numbers_either() -> None:
    assert ("codes.pick_up", "11") in keys('[codes]\npick_up = "11"\n')
    assert ("outside.prefix", "110") in keys('[outside]\nprefix = "110"\n')
    assert ("outside.emergency[1]", "*") in keys('[outside]\nemergency = ["110", "*"]\n')


@pytest.mark.parametrize(
    "text",
    [
        phones("1100", "1101", "1129", "2"),  # begin as emergency numbers do: they are still told apart
        phones("0"),  # the operator, at the prefix itself
        '[[route]]\ncalled = "11*"\nflow = "a"\ninside = true\n',
        '[outside]\nprefix = "9"\n',  # 9 and 11, or 911: the emergency number comes first
        phones('1001 forward_always = "0138 0013-8000"', '1002 follow_me = ["1001", "+86 10 6552 9988"]'),
        phones('1001 forward_no_answer = "600"', "1002") + '[[hunt]]\nnumber = "600"\nextensions = ["1002"]\n',
        phones('1001 forward_busy = "96900"') + '[[route]]\ncalled = "96900"\nflow = "a"\n',
        phones('1001 forward_busy = "4444"') + '[[route]]\ncalled = "*"\nflow = "a"\ninside = true\n',
        # a group that rings all its phones at once does not follow their forwards
        phones('1001 forward_busy = "600"') + '[[hunt]]\nnumber = "600"\nextensions = ["1001"]\n',
        # if all calls are forwarded the other ways are never taken
        phones('1001 forward_always = "1003"\nforward_busy = "1002"', '1002 forward_busy = "1001"', "1003"),
    ],
)
def test_what_works_is_no_mistake(text: str) -> None:
    assert parse_config(text, "box.toml")


@pytest.mark.parametrize(
    ("text", "ring"),
    [
        (phones('1 forward_always = "2"', '2 forward_always = "1"'), "1 -> 2 -> 1"),
        (phones('1 forward_busy = "2"', '2 forward_no_answer = "3"', '3 follow_me = ["1"]'), "1 -> 2 -> 3 -> 1"),
        (
            '[[hunt]]\nnumber = "600"\notherwise = "601"\n[[hunt]]\nnumber = "601"\notherwise = "600"\n',
            "600 -> 601 -> 600",
        ),
        (
            phones('1 forward_no_answer = "600"') + '[[hunt]]\nnumber = "600"\nextensions = ["1"]\norder = "in_turn"\n',
            "1 -> 600 -> 1",
        ),
        (phones('5 follow_me = ["1"]', '1 forward_always = "2"', '2 forward_always = "1"'), "1 -> 2 -> 1"),
    ],
)
def test_calls_that_go_round_are_told_once_with_the_ring(text: str, ring: str) -> None:
    [told] = found(text)
    assert told.message == f"calls go round for ever: {ring}"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        (phones('1 forward_always = "1"'), "extension[0].forward_always", "is the number itself"),
        (phones('1 follow_me = ["1"]'), "extension[0].follow_me[0]", "is the number itself"),
        ('[[hunt]]\nnumber = "6"\notherwise = "6"\n', "hunt[0].otherwise", "is the number itself"),
        (phones('1 forward_busy = "9999"'), "extension[0].forward_busy", "leads nowhere"),
        (phones('1 follow_me = ["0", "9999"]'), "extension[0].follow_me[0]", "leads nowhere"),
        (phones('1 forward_busy = "*73"'), "extension[0].forward_busy", "leads nowhere"),
        (phones('1 forward_busy = "701"'), "extension[0].forward_busy", "leads nowhere"),
        (
            phones('1 forward_busy = "4444"') + '[[route]]\ncalled = "*"\nflow = "a"\n',
            "extension[0].forward_busy",
            "leads nowhere",
        ),
        ('[[hunt]]\nnumber = "6"\notherwise = "7"\n', "hunt[0].otherwise", "leads nowhere"),
        (phones("1") + '[[hunt]]\nnumber = "6"\nextensions = ["1", "1"]\n', "hunt[0].extensions[1]", "is there twice"),
        (phones("1 ring_s = 0"), "extension[0].ring_s", "nobody can answer"),
        ('[[hunt]]\nnumber = "6"\nring_s = 0\n', "hunt[0].ring_s", "nobody can answer"),
    ],
)
def test_where_calls_cannot_go_on_to(text: str, key: str, message: str) -> None:
    assert message in {each.key: each.message for each in found(text)}[key]


@pytest.mark.parametrize("lines", [("sip:a@10.0.0.1:5060", "sip:a@10.0.0.1:5060"), ("sip:a@Host:1", "sip:a@hOST:1")])
def test_two_extensions_cannot_share_a_line(lines: tuple[str, str]) -> None:
    text = "".join(f'[[extension]]\nnumber = "{n}"\nline = "{line}"\n' for n, line in enumerate(lines, 1))
    [told] = found(text)
    assert (told.key, told.message) == ("extension[1].line", "is the line of extension 1 as well")


def test_two_numbers_at_one_gateway_are_two_lines() -> None:
    assert parse_config(
        "".join(f'[[extension]]\nnumber = "{n}"\nline = "sip:{n}@10.0.0.1:5060"\n' for n in (1, 2)), "box.toml"
    )


@pytest.mark.parametrize(
    "address",
    [
        "dahdi:99999999",
        "dahdi:0",
        "dahdi:129",
        "dahdi:abc",
        "dahdi:",
        "dahdi:1?buffers=1",
        "dahdi:1?speed=9",
        "dahdi:１",
        "tdmoe:foo",
        "tdmoe:/a,/a",
        "tdmoe:a,b",
        "tdmoe:/a,/b?frames=3",
        "tdmoe:/a,/b?local=00:11",
        "tdmoe:/a,/b?frames",
        "sim:",
        "sim:x?y=1",
        "usb:1",
        ":1",
        "1",
    ],
)
def test_an_address_that_its_driver_does_not_take(address: str) -> None:
    [told] = found(f'[[span]]\naddress = "{address}"\n')
    assert told.key == "span[0].address"
    assert told.hint.startswith("allowed: ")


def test_checking_addresses_loads_no_driver() -> None:
    import subprocess

    code = (
        "import sys; from appliance.config.load import parse_config;"
        'parse_config(\'[[span]]\\naddress="tdmoe:/a,/b"\\n\', "x");'
        "print(*(m for m in sys.modules if m in ('drivers.span', 'drivers.tdmoe', 'drivers.dahdi')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not done.stdout.strip()
