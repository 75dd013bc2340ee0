# SPDX-License-Identifier: GPL-2.0-or-later
"""Targets of numbers, and numbers that come digit by digit (Q.931 5.1.3)."""

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from appliance.engine.routes.routing import Routes, ToFlow, ToOutside, ToPhone, Undecided
from tests.appliance.engine.box import Box, config


def _routes(**changes: object) -> Routes:
    return Routes(
        config(
            route=[
                {"called": "96900", "flow": "exact"},
                {"called": "969*", "flow": "short"},
                {"called": "9690*", "flow": "long"},
                {"called": "8002", "flow": "over_phone"},
            ],
            **changes,
        )
    )


@pytest.mark.parametrize(
    ("called", "phone", "leads"),
    [
        ("96900", False, ToFlow("exact")),
        ("96901", False, ToFlow("long")),
        ("969", False, ToFlow("short")),
        ("9691", True, Undecided.NOWHERE),  # a pattern is for callers from outside
        ("96900", True, ToFlow("exact")),
        ("8002", False, ToFlow("over_phone")),
        ("0123", True, ToOutside("123")),
        ("0123", False, Undecided.NOWHERE),
        ("0", True, Undecided.INCOMPLETE),
        ("1", False, Undecided.NOWHERE),
        ("80", False, Undecided.INCOMPLETE),
        ("", False, Undecided.INCOMPLETE),
    ],
)
def test_longest_match(called: str, phone: bool, leads: object) -> None:
    assert _routes().find(called, complete=True, phone=phone) == leads


def test_extension() -> None:
    found = _routes().find("8001", complete=True, phone=False)
    assert isinstance(found, ToPhone)
    assert found.extension.name == "Ann"


@pytest.mark.parametrize(
    ("called", "phone", "leads"),
    [
        ("", False, Undecided.MORE),
        ("9", False, Undecided.MORE),
        ("9690", False, Undecided.MORE),
        ("96900", False, ToFlow("exact")),  # nothing exact continues it: no need to wait
        ("96901", False, Undecided.MORE),  # a pattern: the number may go on
        ("7", False, Undecided.NOWHERE),
        ("80", False, Undecided.MORE),
        ("8004", False, Undecided.NOWHERE),
        ("01", True, Undecided.MORE),
        ("01", False, Undecided.NOWHERE),
    ],
)
def test_overlap(called: str, phone: bool, leads: object) -> None:
    assert _routes().find(called, complete=False, phone=phone) == leads


def test_digit_by_digit_to_a_flow() -> None:
    box = Box()
    a = box.call_in("9", complete=False)
    assert not box.commands
    assert box.wrote(r.CallOpened).called == "9"
    box.tell(m.Digits(a, "690"))
    assert not box.commands
    box.tell(m.Digits(a, "0"))
    opened = box.wrote(r.CallOpened)
    assert (opened.call, opened.called, opened.flow) == (1, "96900", "hotline")
    assert [type(command) for command in box.commands[:2]] == [m.Proceed, m.Answer]
    box.tell(m.Digits(a, "5"))
    assert not box.commands, "too late, nobody listens"


def test_the_pause_ends_the_number() -> None:
    box = Box()
    a = box.call_in("9690", complete=False)
    box.wait(6)
    box.tell(m.Digits(a, "7"))
    box.wait(9)
    assert not box.commands, "T302 begins anew with each digit"
    box.wait(2)
    assert box.asked(m.Answer).leg == a
    assert box.wrote(r.CallOpened).called == "96907"


def test_the_last_digit_says_so() -> None:
    box = Box()
    a = box.call_in("9690", complete=False)
    box.tell(m.Digits(a, "7", complete=True))
    assert box.asked(m.Answer).leg == a


def test_a_number_that_cannot_become_any_is_cleared_at_once() -> None:
    box = Box()
    a = box.call_in("9", complete=False)
    box.tell(m.Digits(a, "5"))
    assert box.asked(m.Clear) == m.Clear(a, Cause.UNALLOCATED_NUMBER)
    box.tell(m.Cleared(a, 1))
    assert box.wrote(r.CallClosed).disposition == "failed"
    box.audit.idle()
    assert box.engine.next_deadline() is None


def test_hangs_up_while_dialling() -> None:
    box = Box()
    a = box.call_in("9", complete=False)
    box.tell(m.Cleared(a, 16))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "abandoned", 16, "caller")
    assert box.engine.next_deadline() is None
    box.audit.idle()


def test_a_flow_that_is_not_loaded() -> None:
    box = Box()
    a = box.call_in("77")
    assert box.asked(m.Clear) == m.Clear(a, Cause.DESTINATION_OUT_OF_ORDER)
    assert "flow gone" in box.wrote(r.TroubleNoted).english
