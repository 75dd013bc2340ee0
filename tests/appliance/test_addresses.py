# SPDX-License-Identifier: GPL-2.0-or-later
"""Addresses of lines: one type, and one table of the kinds of spans behind them."""

from typing import get_args

import pytest

from appliance.config.model import Signalling
from appliance.contract.address import TRUNKS, LineAddress
from appliance.switch.assemble import CARDS


@pytest.mark.parametrize(
    ("text", "scheme", "rest", "trunk", "registers"),
    [
        ("pri:carrier", "pri", "carrier", True, False),
        ("trunk:telco:north", "trunk", "telco:north", True, False),
        ("phone:1001", "phone", "1001", False, True),
        ("sip:1001@[2001:db8::1]:5060", "sip", "1001@[2001:db8::1]:5060", False, False),
        ("station:*#1", "station", "*#1", False, False),
    ],
)
def test_an_address_says_which_line_it_is(text: str, scheme: str, rest: str, trunk: bool, registers: bool) -> None:
    address = LineAddress.of(text)
    assert (address.scheme, address.rest, address.trunk, address.registers) == (scheme, rest, trunk, registers)
    assert str(address) == text


@pytest.mark.parametrize("text", ["", "pri", "trunk", "phone", "1001"])
def test_what_is_no_address_is_no_trunk_and_no_phone(text: str) -> None:
    address = LineAddress.of(text)
    assert (address.scheme, address.trunk, address.registers) == ("", False, False)


def test_every_signalling_that_can_be_configured_has_a_card_and_is_a_trunk() -> None:
    assert set(get_args(Signalling)) == set(CARDS)
    assert set(CARDS) <= TRUNKS
