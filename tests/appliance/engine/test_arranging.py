# SPDX-License-Identifier: GPL-2.0-or-later
"""Supervisors who take callers out of queues, move them, and change their priority."""

from typing import Any

import pytest

from appliance.api.messages import MoveWaiting, SetAgent, SetPriority, TakeOut
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.errors import RequestError
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_supervising import box, heard
from tests.appliance.engine.test_supervision_requests import asks, refused
from tests.appliance.engine.test_talk import booked


def waiting(callers: int, **changes: Any) -> tuple[Box, list[int]]:
    """Return a box whose agents are paused, and the legs of callers who wait for them: calls 1 and on."""
    house = box(**changes)
    for agent in ("101", "102", "103"):
        house.did(house.engine.request(SetAgent(agent, "paused"), house.now))
    legs = []
    for n in range(callers):
        legs.append(house.to_queue(caller=m.Party(f"1380000000{n}")))
        house.wait(0.1)
    return house, legs


def order(house: Box, queue: str = "sales") -> tuple[int, ...]:
    """Return the calls that wait, in the order in which they are served."""
    entries = house.engine._board.queues[queue].entries.values()
    assert [each.order for each in entries] == sorted(each.order for each in entries)
    return tuple(each.call for each in entries)


def served(house: Box) -> int:
    """Let an agent be ready; return the call that is offered."""
    house.did(house.engine.request(SetAgent("101", "ready"), house.now))
    return house.wrote(r.OfferMade).call


@pytest.mark.parametrize(("place", "then"), [(1, (3, 1, 2)), (2, (1, 3, 2)), (3, (1, 2, 3)), (99, (1, 2, 3))])
def test_a_caller_is_moved_to_a_place(place: int, then: tuple[int, ...]) -> None:
    house, _callers = waiting(3)
    asks(house, MoveWaiting(3, place))
    assert order(house) == then
    acted = house.wrote(r.SupervisorActed)
    assert (acted.call, acted.act, acted.what, acted.asked_by) == (3, "move", str(min(place, 3)), "lina")
    assert served(house) == then[0]
    booked(house)


def test_a_queue_keeps_its_turn_beside_others_when_its_callers_are_moved() -> None:
    house, _callers = waiting(2)
    house.to_queue("2")
    house.wait(0.1)
    house.to_queue()
    asks(house, MoveWaiting(4, 1))
    assert order(house) == (4, 1, 2)
    house.did(house.engine.request(SetAgent("102", "ready"), house.now))  # serves both queues
    assert house.wrote(r.OfferMade).call == 4, "the turn of call 1 went to it: that of sales came first"
    booked(house)


def test_a_vip_comes_first_and_one_who_is_none_any_more_goes_back() -> None:
    house, _callers = waiting(3)
    asks(house, SetPriority(3, "vip"))
    assert order(house) == (3, 1, 2)
    asks(house, SetPriority(2, "vip"))
    assert order(house) == (2, 3, 1), "among VIPs the one who came first"
    asks(house, SetPriority(2, "vip"))
    asks(house, SetPriority(3, "normal"))
    assert order(house) == (2, 1, 3)
    assert [each.what for each in house.all(r.SupervisorActed)] == ["vip", "vip", "vip", "normal"]
    assert served(house) == 2
    booked(house)


def test_a_caller_is_taken_out_of_the_queue_and_sent_to_a_phone() -> None:
    house, callers = waiting(2)
    asks(house, TakeOut(2, "8003"))
    assert house.wrote(r.QueueLeft) == r.QueueLeft(2, "sales", "taken_out")
    assert house.wrote(r.SupervisorActed) == r.SupervisorActed(2, "take_out", "", "", "8003", "lina")
    phone = house.asked(m.Dial).leg
    house.tell(m.Answered(phone))
    assert heard(house) == {(callers[1], phone), (phone, callers[1])}
    assert order(house) == (1,)
    booked(house)


def test_a_caller_who_is_being_offered_is_taken_out_and_the_agent_is_free_again() -> None:
    house, _callers = waiting(1)
    served(house)
    rung = house.asked(m.Dial).leg
    asks(house, TakeOut(1, "96900"))
    assert rung in {clear.leg for clear in house.commands if isinstance(clear, m.Clear)}
    assert house.wrote(r.OfferEnded).result == "withdrawn"
    house.tell(m.Cleared(rung, 16))
    assert house.agent("101")[1] == "idle"
    assert [call.state for call in house.engine.calls()] == ["flow"], "in the hotline again"
    booked(house)


def test_a_supervisors_phone_takes_the_next_caller_by_code() -> None:
    house, callers = waiting(2)
    phone = house.phone_dials("*35", "8009")
    assert heard(house) == {(callers[0], phone), (phone, callers[0])}
    assert house.wrote(r.QueueLeft) == r.QueueLeft(1, "sales", "taken_out")
    assert house.wrote(r.SupervisorActed) == r.SupervisorActed(1, "take_out", "8009", "", "8009")
    booked(house)


def test_a_supervisors_phone_makes_a_caller_the_next_one_or_a_vip_by_code() -> None:
    house, _callers = waiting(3)
    phone = house.phone_dials("*373", "8009")
    assert order(house) == (3, 1, 2)
    assert house.asked(m.Play).sounds == ("prompt:en/number-1",)
    assert house.wrote(r.SupervisorActed) == r.SupervisorActed(3, "move", "8009", "", "1")
    house.played(phone)
    phone = house.phone_dials("*382", "8009")
    assert order(house) == (2, 3, 1)
    assert house.wrote(r.SupervisorActed) == r.SupervisorActed(2, "priority", "8009", "", "vip")
    house.played(phone)
    phone = house.phone_dials("*382", "8009")
    assert house.wrote(r.SupervisorActed).what == "normal"
    assert order(house) == (3, 1, 2)
    assert house.asked(m.Play).sounds == ("prompt:en/number-3",)
    booked(house)


@pytest.mark.parametrize("dialled", ["*377", "*38999999999999999999999"])
def test_a_code_for_a_call_that_does_not_wait_changes_nothing(dialled: str) -> None:
    house, _callers = waiting(2)
    house.phone_dials(dialled, "8009")
    assert house.asked(m.Play).sounds == ("prompt:en/not-possible",)
    other = house.phone_dials("*372", "8003")
    assert house.asked(m.Clear) == m.Clear(other, 21)
    assert order(house) == (1, 2)
    assert not house.all(r.SupervisorActed)
    booked(house)


def test_without_a_caller_the_code_says_so_and_other_phones_may_not() -> None:
    house = box()
    phone = house.phone_dials("*35", "8009")
    assert house.asked(m.Play).sounds == ("prompt:en/supervise-no-caller",)
    house.played(phone)
    house.to_queue()
    other = house.phone_dials("*35", "8003")
    assert house.asked(m.Clear) == m.Clear(other, 21)
    booked(house)


def test_what_is_not_possible_is_an_error_and_changes_nothing() -> None:
    house, _callers = waiting(1)
    assert refused(house, TakeOut(7, "8003")) == "call 7 waits in no queue now"
    assert refused(house, MoveWaiting(7, 1)) == "call 7 waits in no queue now"
    for nowhere in ("4444", "*68", "701"):
        assert refused(house, TakeOut(1, nowhere)) == f"no call can be sent to {nowhere}"
    assert order(house) == (1,)
    assert not house.all(r.SupervisorActed)
    booked(house)


def test_a_role_for_another_queue_arranges_no_callers_here() -> None:
    role = {"name": "lead", "extensions": ["8009"], "users": ["lina"], "queues": ["service"]}
    house, _callers = waiting(1, role=[role])
    with pytest.raises(RequestError):
        asks(house, SetPriority(1, "vip"))
    phone = house.phone_dials("*35", "8009")
    assert house.asked(m.Play).leg == phone
    assert order(house) == (1,)
    house.did(house.engine.request(SetPriority(1, "vip"), house.now, "root"))
    booked(house)
