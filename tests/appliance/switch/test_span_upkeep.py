# SPDX-License-Identifier: GPL-2.0-or-later
"""What a technician does with channels of a span: blocked, restarted, looped, tested; what its state is then."""

import numpy as np
import pytest

from appliance.contract.switch import Clear, Cleared, Dial, Incoming, SpanAct, SpanDo, SpanDone, SpanReport
from appliance.switch.lines.pri.channels import B_TIMESLOTS
from drivers.pri_events import Restart
from dsp import prbs
from tests.appliance.switch.pri_rig import Rig


@pytest.fixture
def rig() -> Rig:
    return Rig().up()


def do(rig: Rig, act: SpanAct, *timeslots: int, loop: str = "none") -> SpanDone:
    done = rig.card.span_do(SpanDo(7, 1, act, timeslots, loop))  # type: ignore[arg-type]
    assert done is not None
    assert done.request == 7
    return done


def report(rig: Rig) -> SpanReport:
    (card,) = rig.card.status()
    assert card.span is not None
    return card.span


def test_a_blocked_channel_is_neither_taken_nor_given(rig: Rig) -> None:
    assert not do(rig, "block", 31, 30).error
    leg, _call = rig.dial()
    assert rig.card.row(leg) == 28, "timeslot 29: the user's side hunts from above"
    came, _call = rig.come_in(timeslot=30)
    assert rig.card.row(came) not in (29, 30)
    assert {slot: state for slot, state in report(rig).channels.items() if state == "blocked_near"} == {
        30: "blocked_near",
        31: "blocked_near",
    }


def test_a_call_for_a_blocked_channel_alone_is_refused(rig: Rig) -> None:
    do(rig, "block", 4)
    call = rig.far.setup(4, "95555", "138", exclusive=True)
    rig.until(lambda: rig.far_gone(call))
    assert rig.far_gone(call) == [44]
    assert not rig.of(Incoming)


def test_a_call_on_a_channel_that_is_blocked_goes_on(rig: Rig) -> None:
    leg, _call = rig.come_in(timeslot=3)
    do(rig, "block", 3)
    assert report(rig).channels[3] == "in_use"
    assert not rig.cleared(leg)
    rig.card.execute(Clear(leg), rig.now)
    rig.until(lambda: rig.cleared(leg))
    assert report(rig).channels == {3: "blocked_near"}
    do(rig, "unblock", 3)
    assert report(rig).channels == {}


def test_a_span_that_is_blocked_whole_has_no_room(rig: Rig) -> None:
    do(rig, "block")
    assert len(report(rig).channels) == 30
    assert not rig.card.has_room("pri:carrier")
    rig.card.execute(Dial(1, "pri:carrier", "123"), rig.now)
    rig.until(lambda: rig.cleared(1))
    assert [event.cause for event in rig.of(Cleared)] == [34]
    do(rig, "unblock")
    assert rig.card.has_room("pri:carrier")


def test_a_channel_is_restarted_with_the_far_end(rig: Rig) -> None:
    do(rig, "restart", 5)
    assert report(rig).channels == {5: "restarting"}
    rig.until(lambda: rig.far_of(Restart))
    assert [event.channel for event in rig.far_of(Restart)] == [5]
    rig.until(lambda: not report(rig).channels)


def test_a_channel_in_a_call_is_not_restarted_looped_or_tested(rig: Rig) -> None:
    rig.come_in(timeslot=3)
    acts: tuple[SpanAct, ...] = ("restart", "loop", "test")
    for act in acts:
        done = do(rig, act, 3, loop="payload")
        assert done.error == "timeslot {timeslot} of span {number} carries a call"
        assert done.values == {"number": "1", "timeslot": "3"}
    assert report(rig).channels == {3: "in_use"}


def test_what_cannot_be_done_is_said(rig: Rig) -> None:
    assert do(rig, "block", 16).values == {"timeslot": "16", "number": "1"}
    assert do(rig, "block", 40).error
    refused = do(rig, "loop", loop="line")
    assert refused.values == {"number": "1", "loop": "line", "loops": "payload"}
    assert rig.card.span_do(SpanDo(1, 2, "block")) is None
    assert report(rig).loops == ("payload",)


def test_nothing_can_be_restarted_on_a_line_that_is_down() -> None:
    rig = Rig()
    assert "not in service" in do(rig, "restart", 5).error
    assert set(report(rig).channels.values()) == {"out_of_service"}


def test_the_payload_of_looped_timeslots_comes_back(rig: Rig) -> None:
    assert not do(rig, "loop", 2, 3, loop="payload").error
    assert (report(rig).loop, report(rig).channels) == ("payload", {2: "looped", 3: "looped"})
    rig.far_sends[:] = np.arange(31 * 160).reshape(31, 160).astype(np.uint8)
    rig.tick(4)
    assert (rig.far_hears[1:3] == rig.far_sends[1:3]).all()
    assert (rig.far_hears[4] == 0xD5).all()
    leg, _call = rig.come_in(timeslot=2)
    assert rig.card.row(leg) != 1
    do(rig, "loop", 2, 3)
    assert report(rig).loop == "none"


class FarLoop:
    """The far end sends back what comes on one timeslot, changed by `spoil`."""

    def __init__(self, rig: Rig, timeslot: int) -> None:
        self.rig, self.row = rig, timeslot - 1

    def run(self, ticks: int, spoil: int = 0) -> None:
        for n in range(ticks):
            self.rig.tick()
            self.rig.far_sends[self.row] = self.rig.far_hears[self.row]
            if spoil and n % 50 == 25:
                self.rig.far_sends[self.row][:spoil] ^= 1


def test_a_bit_error_test_over_a_loop_finds_no_errors_and_then_those_that_are_made(rig: Rig) -> None:
    assert not do(rig, "test", 7).error
    loop = FarLoop(rig, 7)
    loop.run(100)
    (test,) = report(rig).tests
    assert (test.timeslot, test.synced, test.errors, test.losses) == (7, True, 0, 0)
    assert test.bits > 90 * 1280
    assert report(rig).channels == {7: "testing"}
    loop.run(100, spoil=3)
    (test,) = report(rig).tests
    assert (test.synced, test.errors, test.losses) == (True, 6, 0)
    assert 2 <= test.errored_s <= 4, "two seconds with errors, and that in which the loop was not there yet"
    do(rig, "end_test")
    assert report(rig).tests == ()
    assert report(rig).channels == {}


def test_a_test_without_a_loop_never_syncs(rig: Rig) -> None:
    do(rig, "test", 7, 8)
    rig.tick(100)
    for test in report(rig).tests:
        assert (test.synced, test.bits, test.seconds) == (False, 0, 2.0)
        assert test.unsynced_s == 2.0


def test_a_slip_is_a_loss_and_the_test_finds_its_place_again(rig: Rig) -> None:
    do(rig, "test", 7)
    loop = FarLoop(rig, 7)
    loop.run(60)
    rig.far_sends[6] = np.roll(rig.far_sends[6], 40)
    rig.tick(1)
    rig.far_sends[6] = prbs.stretch(1234, 160)
    loop.run(60)
    (test,) = report(rig).tests
    assert test.losses >= 1
    assert test.synced


def test_a_test_of_a_whole_span_leaves_calls_alone(rig: Rig) -> None:
    leg, _call = rig.come_in(timeslot=3)
    do(rig, "test")
    assert {test.timeslot for test in report(rig).tests} == set(B_TIMESLOTS) - {3}
    rig.tick(10)
    assert not rig.cleared(leg)


def test_counters_that_were_cleared_count_from_nothing(rig: Rig) -> None:
    rig.tick(100)
    assert (report(rig).counters["ticks"] or 0) > 100
    do(rig, "clear")
    assert report(rig).counters["ticks"] == 0
    rig.tick(10)
    assert report(rig).counters["ticks"] == 10
