# SPDX-License-Identifier: GPL-2.0-or-later
"""Channels of a PRI card and RESTART (Q.931 5.5)."""

from collections.abc import Iterator
from typing import Literal

import pytest

from appliance.contract.switch import Clear, Cleared, Proceeding, SpanState, Trouble
from appliance.switch.lines.pri.channels import B_TIMESLOTS
from drivers import pri_events as q931
from tests.appliance.switch.pri_rig import Rig, rig, states, talk


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
    box.far.receive = _without_restart(box.far.receive)  # type: ignore[method-assign, assignment]
    box.until(lambda: box.card._link.up and box.far.up)
    first = next(iter(B_TIMESLOTS[::-1]))
    box.tick(5)
    assert not box.card._channels.usable(first)
    box.until(lambda: box.of(Trouble), 300)
    assert [trouble.kind for trouble in box.of(Trouble)] == ["d_channel"]
    assert not box.card._channels.restarting
    assert box.card._link.up
    box.close()


def _without_restart(receive: object) -> object:
    """An exchange without RESTART: it takes the frame and sends no answer."""

    def filtered(frame: bytes) -> None:
        known = frame[:4] + b"\x08" if len(frame) > 8 and frame[8] == 0x46 else frame
        receive(known)  # type: ignore[operator]

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
