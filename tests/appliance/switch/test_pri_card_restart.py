# SPDX-License-Identifier: GPL-2.0-or-later
"""Channels of a PRI card and RESTART (Q.931 5.5)."""

from collections.abc import Callable, Iterator
from typing import Literal

import pytest

from appliance.contract.switch import Answer, Answered, Clear, Cleared, Dial, Proceeding, Seized, SpanState, Trouble
from appliance.switch.lines.pri.channels import B_TIMESLOTS
from drivers import pri_events as q931
from drivers.pri import ANY_CHANNEL, Side
from tests.appliance.switch.pri_rig import Rig, rig, states, talk
from tests.drivers.lapd_peer import RELEASE
from tests.drivers.pri_rig import RESTART


@pytest.fixture
def user() -> Iterator[Rig]:
    yield from rig("user")


def test_all_channels_are_restarted_when_the_link_comes_up() -> None:
    box = Rig()
    box.until(lambda: len(box.far_of(q931.Restart)) == len(B_TIMESLOTS), 20)
    assert [event.channel for event in box.far_of(q931.Restart)] == list(reversed(B_TIMESLOTS))
    assert (box.told[0], states(box)[0]) == (
        SpanState(1, "sim:line", (), in_service=False, cause="d_channel"),
        ((), "d_channel"),
    )
    box.close()


def test_channels_that_wait_for_their_restart_can_be_used() -> None:
    box = Rig()
    box.until(lambda: box.card._link.up and box.far.up)
    assert len(box.card._channels.restarting) > 20
    leg, _call = box.come_in(1, exclusive=True)
    out, _far = box.dial()
    assert box.card.row(leg) == 0
    assert box.card.row(out) is not None
    box.until(lambda: not box.card._channels.restarting, 20)
    assert 1 not in [event.channel for event in box.far_of(q931.Restart)]
    assert box.of(Cleared) == []
    box.close()


@pytest.mark.parametrize(("side", "late"), [("user", 4), ("network", 28)])
def test_a_channel_that_carried_a_call_of_both_ends_needs_no_restart(
    side: Literal["user", "network"], late: int
) -> None:
    """The restart that was given up for a call would only meet the far end's next one there."""
    box = Rig(side)
    box.until(lambda: box.card._link.up and box.far.up)
    out, far_call = box.dial()
    row = box.card.row(out)
    assert row is not None
    leg, _call = box.come_in(late, exclusive=True)
    box.far.proceeding(far_call)
    box.until(lambda: box.of(Proceeding))
    for each in (leg, out):
        box.card.execute(Clear(each), box.now)
    box.until(lambda: box.all_idle() and not box.card._channels.restarting, 20)
    box.tick(50)
    assert not {late, row + 1} & {event.channel for event in box.far_of(q931.Restart)}
    box.close()


def test_restart_on_demand_leaves_calls_alone(user: Rig) -> None:
    leg, _call = talk(user)
    user.card.restart()
    user.until(lambda: not user.card._channels.restarting, 20)
    assert len(user.far_of(q931.Restart)) == len(B_TIMESLOTS) - 1
    assert user.cleared(leg) == []


def test_a_far_end_that_never_answers_restart_is_not_asked_again() -> None:
    box = Rig()
    box.far.receive = _deaf_to(RESTART, box.far.receive)  # type: ignore[method-assign, assignment]
    box.until(lambda: box.card._link.up and box.far.up)
    first = next(iter(B_TIMESLOTS[::-1]))
    box.tick(5)
    assert not box.card._channels.usable(first)
    box.until(lambda: box.of(Trouble), 300)
    assert [trouble.kind for trouble in box.of(Trouble)] == ["d_channel"]
    assert not box.card._channels.restarting
    assert box.card._link.up
    box.close()


def _deaf_to(kind: int, receive: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """Return an exchange's ear that takes frames with messages of this type, and hears nothing in them."""

    def filtered(frame: bytes) -> None:
        receive(frame[:4] + b"\x08" if len(frame) > 8 and frame[8] == kind else frame)

    return filtered


def test_a_restart_from_the_far_end_clears_its_channel(user: Rig) -> None:
    leg, call = talk(user, 4)
    other, _call = talk(user, 5)
    user.far.drop(call, 41)
    user.far.restart(4)
    user.until(lambda: user.cleared(leg))
    assert user.cleared(leg) == [41]
    assert user.cleared(other) == []
    again, _call = user.come_in(4, exclusive=True)
    assert user.card.row(again) == 3


def test_a_restart_that_a_call_came_before_follows_when_it_is_over(user: Rig) -> None:
    """The line died with two calls, the far end did not notice: it holds them still."""
    talk(user, 31)
    talk(user, 30)
    user.line.set_cut(on=True)
    user.until(lambda: not user.card._legs)
    user.line.set_cut(on=False)
    user.until(lambda: user.card.has_room("pri:carrier"))
    assert user.far.calls == 2
    out, _call = user.dial()
    assert user.card._channels.leg(30) == out, "no restart was given up"
    user.card.execute(Clear(out), user.now)
    user.until(user.all_idle, 60)


def _of_the_interface(frame: bytes) -> bytes:
    """Return RESTART with indicator 7 (4.5.25), which libpri never sends."""
    return frame[:9] + b"\x79\x01\x87" if len(frame) > 8 and frame[8] == 0x46 else frame


def being_restarted(side: Side, t316_s: float | None = None) -> tuple[Rig, int]:
    """Return a box that is up, and its channel under a RESTART that is never answered."""
    box = Rig(side).up()
    box.far.receive = _deaf_to(RESTART, box.far.receive)  # type: ignore[method-assign, assignment]
    if t316_s:
        box.card._link._timers_us["T316"] = round(t316_s * 1e6)
    first = box.card._channels.idle()[0]
    box.card._channels.restart(first)
    box.tick(5)
    assert box.card._channels.restarting == {first}
    return box, first


@pytest.mark.parametrize("side", ["user", "network"])
def test_a_call_for_a_channel_under_restart_comes_about_on_another(side: Side) -> None:
    """5.5.1: no call is taken there meanwhile."""
    box, first = being_restarted(side)
    for wanted in (first, ANY_CHANNEL):
        leg, call = box.come_in(wanted)
        box.card.execute(Answer(leg), box.now)
        box.tick(5)
        assert call in {event.call for event in box.far_of(q931.Connect)}
    out, _call = box.dial()
    assert first - 1 not in {box.card.row(leg) for leg in box.card._legs}
    assert box.card.row(out) is not None
    refused = box.far.setup(first, "1", exclusive=True)
    box.until(lambda: box.far_gone(refused))
    assert box.far_gone(refused) == [44]
    assert box.of(Cleared) == []
    assert box.card._channels.restarting == {first}
    box.close()


@pytest.mark.parametrize("side", ["user", "network"])
def test_a_channel_whose_restart_is_given_up_carries_the_next_call(side: Side) -> None:
    """T316 runs out twice; a call for that channel was put on another one meanwhile."""
    box, first = being_restarted(side, t316_s=2.0)
    leg, _call = box.come_in(first)
    row = box.card.row(leg)
    box.until(lambda: box.of(Trouble), 10)
    again, _call = box.come_in(first, exclusive=True)
    assert (box.card.row(leg), box.card.row(again)) == (row, first - 1)
    for each in (leg, again):
        box.card.execute(Clear(each), box.now)
    box.until(box.all_idle)
    box.tick(10)
    assert not box.card._channels.restarting
    box.close()


def test_the_far_ends_call_has_the_channel_whose_restart_was_given_up_for_ours(user: Rig) -> None:
    """Glare: a SETUP shows that the far end holds no older call on its channel."""
    user.card.restart()
    user.card.execute(Dial(1, "pri:carrier", "5"), user.now)
    user.tick()
    [seized] = [event.timeslot for event in user.of(Seized)]
    user.until(lambda: not user.card._channels.restarting)
    leg, call = user.come_in(seized, exclusive=True)
    assert user.card.row(leg) == seized - 1
    assert user.far_gone(call) == []
    user.tick(20)
    assert seized not in {event.channel for event in user.far_of(q931.Restart)}


def test_a_channel_that_the_far_end_restarts_is_not_restarted_again(user: Rig) -> None:
    """Its next SETUP for that channel may follow at once."""
    user.card.restart()
    user.far.restart(1)
    user.until(lambda: not user.card._channels.restarting)
    restarted = {event.channel for event in user.far_of(q931.Restart)}
    assert restarted == {*B_TIMESLOTS} - {1}
    leg, _call = user.come_in(1, exclusive=True)
    assert user.card.row(leg) == 0


@pytest.mark.parametrize("side", ["user", "network"])
def test_a_restart_of_the_whole_interface_costs_no_call_that_it_crosses(side: Side) -> None:
    box = Rig(side).up()
    talking, _call = talk(box, 5)
    take = box.far.take_frames
    box.far.take_frames = lambda: [_of_the_interface(frame) for frame in take()]  # type: ignore[method-assign]
    box.far.restart(5)
    box.card.execute(Dial(1, "pri:carrier", "5"), box.now)
    box.until(lambda: box.cleared(talking))
    assert box.cleared(talking) == [41]
    assert box.cleared(1) == []
    [setup] = box.far_of(q931.Setup)
    box.far.connect(setup.call)
    box.until(lambda: box.of(Answered))
    assert box.card._channels.in_use == 1
    box.close()


@pytest.mark.parametrize("side", ["user", "network"])
def test_a_channel_whose_call_was_never_released_is_restarted(side: Side) -> None:
    """5.5, T308: only RESTART makes sure that both ends take it for idle."""
    box = Rig(side).up()
    leg, call = talk(box, 5)
    box.far.receive = _deaf_to(RELEASE, box.far.receive)  # type: ignore[method-assign, assignment]
    box.far.hangup(call, 16)
    box.until(lambda: box.cleared(leg), 20)
    assert box.cleared(leg) == [16]
    box.until(lambda: box.far_of(q931.Restart))
    assert [event.channel for event in box.far_of(q931.Restart)] == [5]
    box.until(lambda: box.all_idle() and not box.card._channels.restarting)
    box.close()
