# SPDX-License-Identifier: GPL-2.0-or-later
"""Redirections (SIP 3xx) by phones that ring: in their order, within the class of the phone that pays, no ring."""

import pytest

from appliance.contract import switch as m
from appliance.contract.switch import Cause
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with, closes, rung


def test_302_sends_the_caller_elsewhere() -> None:
    box = box_with()
    box.call_in("8001")
    box.tell(m.Redirected(1, "8003"))
    assert not box.commands
    box.tell(m.Cleared(1, 23))
    assert rung(box) == ["8003"]
    closes(box)


def sends_on(box: Box, leg: int, *numbers: str) -> None:
    """Redirect with 302 from one of the ringing legs."""
    box.tell(m.Redirected(leg, numbers[0], numbers[1:]), m.Cleared(leg, 23))


def test_302_with_several_contacts_is_followed_in_their_order() -> None:
    box = box_with()
    box.call_in("8001")
    sends_on(box, 1, "8003", "8002")
    assert rung(box) == ["8003"]
    box.tell(m.Cleared(3, Cause.USER_BUSY))
    assert rung(box) == ["8002"]
    closes(box)


@pytest.mark.parametrize(("calling", "dialled"), [("local", []), ("international", ["0044123456"])])
def test_302_goes_outside_by_the_class_of_the_phone_that_sends_it(calling: str, dialled: list[str]) -> None:
    box = box_with({"8001": {"calling": calling, "caller": "57501001"}, "8009": {"calling": "international"}})
    box.phone_dials("8001", "8009")
    sends_on(box, 1, "00044123456")
    assert rung(box) == dialled
    if dialled:
        assert box.asked(m.Dial).caller.number == "57501001", "on its account"
    closes(box)


@pytest.mark.parametrize(
    ("calling", "to", "dialled"),
    [("local", "0044123456", []), ("local", "5559999", ["5559999"]), ("international", "0044123456", ["0044123456"])],
)
def test_a_trunk_sends_a_call_on_within_the_class_of_the_phone_that_called(
    calling: str, to: str, dialled: list[str]
) -> None:
    box = box_with({"8009": {"calling": calling}})
    box.phone_dials("05551234", "8009")
    sends_on(box, 1, to)
    assert rung(box) == dialled
    closes(box)


def test_a_trunk_sends_a_forwarded_call_on_within_the_class_of_the_phone_that_forwards() -> None:
    box = box_with({"8001": {"calling": "local", "forward_always": "05551234"}, "8009": {"calling": "international"}})
    box.phone_dials("8001", "8009")
    sends_on(box, 1, "0044123456")
    assert not rung(box)
    closes(box)


@pytest.mark.parametrize("to", ["5559999", "0044123456", "0000"])
def test_a_trunk_sends_nobody_outside_whom_the_box_itself_called(to: str) -> None:
    box = box_with()
    box.to_queue("4")
    assert rung(box) == ["5551234"]
    sends_on(box, 1, to)
    assert not rung(box)
    closes(box)


def test_a_trunk_may_send_a_call_to_a_phone_of_the_house() -> None:
    box = box_with()
    box.phone_dials("05551234", "8009")
    sends_on(box, 1, "8003")
    assert rung(box) == ["8003"]
    closes(box)


def test_a_phone_that_sends_the_caller_to_itself_is_told_as_a_ring_of_forwards() -> None:
    box = box_with()
    a = box.call_in("8001")
    sends_on(box, 1, "8001")
    assert not rung(box)
    assert box.asked(m.Clear) == m.Clear(a, Cause.EXCHANGE_ROUTING_ERROR)
    closes(box)


def test_phones_that_send_the_caller_to_each_other_ring_once_each() -> None:
    box = box_with()
    a = box.call_in("8001")
    sends_on(box, 1, "8002")
    assert rung(box) == ["8002"]
    sends_on(box, 3, "8001")
    assert box.asked(m.Clear) == m.Clear(a, Cause.EXCHANGE_ROUTING_ERROR)
    closes(box)


def test_a_trunk_that_sends_a_call_to_the_same_number_is_called_once() -> None:
    box = box_with()
    box.phone_dials("05551234", "8009")
    sends_on(box, 1, "5551234")
    assert not rung(box)
    closes(box)
