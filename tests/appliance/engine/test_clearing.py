# SPDX-License-Identifier: GPL-2.0-or-later
"""A far end that disconnects while its channel is not idle yet, and its announcement (Q.931 5.3.4)."""

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_outbound import WAYS
from tests.appliance.engine.test_reaching import box_with
from tests.appliance.engine.test_talk import booked, talk


def calling_out(box: Box, inband: bool = False) -> tuple[int, int]:
    """Call outside from a phone; return both legs."""
    a = box.phone_dials("05551234")
    b = box.asked(m.Dial).leg
    box.tell(m.Seized(b, 1, 31), m.Proceeding(b))
    if inband:
        box.tell(m.Alerting(b, inband=True))
    return a, b


def talking(box: Box) -> tuple[int, int]:
    a, b = calling_out(box)
    box.tell(m.Answered(b))
    return a, b


def test_a_phone_hears_of_a_busy_number_before_the_channel_is_idle() -> None:
    box = Box()
    a, b = calling_out(box)
    box.tell(m.Disconnected(b, Cause.USER_BUSY))
    assert box.asked(m.Clear) == m.Clear(a, Cause.USER_BUSY)
    box.tell(m.Cleared(a, Cause.USER_BUSY))
    assert not box.all(r.CallClosed), "the channel still counts"
    box.tell(m.Cleared(b, Cause.USER_BUSY))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "busy", Cause.USER_BUSY, "callee")
    assert [leg.leg for leg in box.all(r.LegClosed)] == [a, b]
    box.audit.idle()


@pytest.mark.parametrize("first", ["a", "b"])
def test_a_talk_ends_for_the_other_with_the_disconnect(first: str) -> None:
    box = Box()
    a, b = talking(box)
    ends, other = (a, b) if first == "a" else (b, a)
    box.tell(m.Disconnected(ends, Cause.NORMAL_CLEARING))
    assert box.asked(m.Clear) == m.Clear(other, Cause.NORMAL_CLEARING)
    assert box.wrote(r.SegmentClosed)
    box.tell(m.Disconnected(ends, Cause.NORMAL_CLEARING), m.Key(ends, "1", 80), m.Cleared(ends, 16))
    assert not box.commands
    box.tell(m.Cleared(other, 16), m.Recorded(1, 100))
    assert box.wrote(r.CallClosed).cause == 16
    box.audit.idle()


def test_a_caller_who_disconnects_in_a_queue_is_out_of_it_at_once() -> None:
    box = Box()
    leg = box.to_queue()
    rung = box.asked(m.Dial).leg
    box.tell(m.Disconnected(leg, Cause.NORMAL_CLEARING, inband=True))
    assert box.wrote(r.QueueLeft).reason == "abandoned"
    cleared = {command.leg for command in box.commands if isinstance(command, m.Clear)}
    assert cleared == {leg, rung}, "nobody would hear the announcement"


@pytest.mark.parametrize(("dialled", "cause"), [("969", 28), ("6", 1)])
def test_a_number_whose_digits_end_too_soon_is_incomplete(dialled: str, cause: int) -> None:
    """T302 (Q.931 5.2.4): an incomplete number is not an unallocated one."""
    box = Box()
    a = box.call_in(dialled, complete=False)
    said = [*box.commands]
    box.wait(11)
    assert [*said, *box.commands] == [m.Clear(a, cause)]


def test_another_trunk_is_tried_at_disconnect() -> None:
    box = box_with(**WAYS)
    box.phone_dials("05551234")
    first = box.asked(m.Dial)
    assert first.line == "pri:carrier"
    box.tell(m.Disconnected(first.leg, Cause.NO_CIRCUIT, inband=True))
    assert box.asked(m.Dial).line == "trunk:voip"
    assert box.asked(m.Clear) == m.Clear(first.leg, Cause.NO_CIRCUIT)


def test_an_announcement_is_heard_before_the_cause() -> None:
    box = Box()
    a, b = calling_out(box)
    box.tell(m.Disconnected(b, Cause.UNALLOCATED_NUMBER, inband=True))
    assert box.asked(m.Alert) == m.Alert(a, inband=True)
    assert box.mixed() == [m.Gain(a, b)]
    box.wait(44)
    assert not [command for command in box.commands if isinstance(command, m.Clear)]
    box.tell(m.Cleared(b, Cause.UNALLOCATED_NUMBER))
    assert box.asked(m.Clear) == m.Clear(a, Cause.UNALLOCATED_NUMBER)
    box.tell(m.Cleared(a, Cause.UNALLOCATED_NUMBER))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "failed", Cause.UNALLOCATED_NUMBER, "callee")
    box.audit.idle()


def test_an_announcement_takes_the_place_of_ringback() -> None:
    box = Box()
    a, b = calling_out(box)
    box.tell(m.Alerting(b))
    assert box.asked(m.Play).sounds == ("tone:ringback",)
    box.tell(m.Disconnected(b, Cause.NO_ANSWER, inband=True))
    assert box.asked(m.Hush).leg == a
    assert box.mixed() == [m.Gain(a, b)]


def test_a_caller_who_hangs_up_ends_the_announcement() -> None:
    box = Box()
    a, b = calling_out(box, inband=True)
    box.tell(m.Disconnected(b, Cause.UNALLOCATED_NUMBER, inband=True))
    assert not box.mixed(), "it is heard already"
    box.tell(m.Cleared(a, Cause.NORMAL_CLEARING))
    assert box.asked(m.Clear) == m.Clear(b, Cause.NORMAL_CLEARING)


def test_an_announcement_in_a_talk_is_heard_by_the_other() -> None:
    box = Box()
    a, b = talking(box)
    box.tell(m.Disconnected(b, Cause.NORMAL_CLEARING, inband=True))
    assert not box.commands
    box.tell(m.Cleared(b, Cause.NORMAL_CLEARING))
    assert box.asked(m.Clear) == m.Clear(a, Cause.NORMAL_CLEARING)


def test_an_announcement_that_somebody_on_hold_would_hear_is_not_waited_for() -> None:
    box = Box()
    a, b = talking(box)
    box.tell(m.Held(a))
    box.tell(m.Held(b))
    box.tell(m.Disconnected(b, Cause.NORMAL_CLEARING, inband=True))
    assert {command.leg for command in box.commands if isinstance(command, m.Clear)} == {a, b}


def test_a_disconnect_that_crossed_with_ours_says_nothing_new() -> None:
    box = Box()
    a, b = talking(box)
    box.tell(m.Cleared(a, Cause.NORMAL_CLEARING))
    assert box.asked(m.Clear).leg == b
    box.tell(m.Disconnected(b, Cause.NORMAL_CLEARING), m.Disconnected(b, Cause.NORMAL_CLEARING, inband=True))
    assert not box.commands
    box.tell(m.Cleared(b, 16), m.Recorded(1, 100))
    box.audit.idle()


def test_a_party_that_takes_another_s_place_in_a_flow_is_played_what_that_one_heard() -> None:
    box = box_with()
    a, b = talk(box)
    box.key(b, "*296900#")
    heard = box.engine._board.legs[b].plays
    box.tell(m.Disconnected(b, 16, inband=True))
    assert box.asked(m.Play).leg == a
    assert box.engine._board.legs[a].plays == heard
    box.tell(m.Cleared(b, 16))
    booked(box)
