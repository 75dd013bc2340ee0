# SPDX-License-Identifier: GPL-2.0-or-later
"""Clearing of a PRI card: its events at DISCONNECT, announcements, and a hang-up while the line is dead."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from appliance.config.model import SpanConfig
from appliance.contract.switch import Clear, Cleared, Disconnected
from drivers import pri_events as q931
from dsp.g711 import alaw_decode
from tests.appliance.switch.pri_rig import Rig, rig, talk

SECOND = 50
IN_BAND = bytes.fromhex("1e028288")


@pytest.fixture(params=["user", "network"])
def box(request: pytest.FixtureRequest) -> Iterator[Rig]:
    yield from rig(request.param)


@pytest.fixture
def user() -> Iterator[Rig]:
    yield from rig("user")


@pytest.fixture
def keeper() -> Iterator[Rig]:
    yield from rig("user", keep_s=90.0)


def disconnected(box: Rig) -> list[Disconnected]:
    return box.of(Disconnected)


def announces(box: Rig) -> None:
    """Every DISCONNECT of the far end has progress indicator 8 from now on."""
    take = box.far.take_frames
    box.far.take_frames = lambda: [  # type: ignore[method-assign]
        frame + IN_BAND if len(frame) > 8 and not frame[2] & 1 and frame[8] == 0x45 else frame for frame in take()
    ]


def deaf(box: Rig) -> None:
    """The far end takes frames and passes nothing to layer 3: our RELEASE is not answered."""
    receive = box.far.receive

    def without(frame: bytes) -> None:
        receive(frame[:4] + b"\x08" if len(frame) > 8 and not frame[2] & 1 else frame)

    box.far.receive = without  # type: ignore[method-assign]


def test_a_disconnect_is_told_before_the_channel_is_idle(box: Rig) -> None:
    leg, call = talk(box)
    deaf(box)
    box.far.hangup(call, 17)
    took = box.until(lambda: disconnected(box))
    assert took < 0.2
    assert disconnected(box) == [Disconnected(leg, 17)]
    assert box.cleared(leg) == []
    assert box.card._channels.in_use == 1
    assert box.until(lambda: box.cleared(leg), 20) > 7, "T308, twice"
    assert box.cleared(leg) == [17]


def test_a_disconnect_as_the_first_answer_is_told(user: Rig) -> None:
    leg, call = user.dial()
    user.far.hangup(call, 1)  # RELEASE COMPLETE
    user.until(lambda: user.cleared(leg))
    assert user.told[-1] == Cleared(leg, 1, connected=False)
    leg, call = user.dial()
    user.far.proceeding(call)
    user.far.hangup(call, 17)
    user.until(lambda: user.cleared(leg))
    assert user.told[-2:] == [Disconnected(leg, 17, connected=False), Cleared(leg, 17, connected=False)]


def test_an_announcement_is_heard_on_the_leg(user: Rig) -> None:
    announces(user)
    leg, call = user.dial()
    user.far.proceeding(call)
    user.far.hangup(call, 1)
    user.until(lambda: disconnected(user))
    assert disconnected(user) == [Disconnected(leg, 1, inband=True, connected=False)]
    user.far_sends[30] = 0x2A
    user.tick(10 * SECOND)
    row = user.card.row(leg)
    assert row == 30
    assert np.array_equal(user.said[row], alaw_decode(user.far_sends[row]))
    user.card.execute(Clear(leg, 16), user.now)
    user.until(lambda: user.cleared(leg))
    assert user.cleared(leg) == [1]
    user.until(user.all_idle)


def test_an_announcement_that_nobody_ends_is_ended_by_the_exchange(user: Rig) -> None:
    """Here after its T305: our PriLink at the far end has no T306."""
    announces(user)
    leg, call = talk(user)
    user.far.hangup(call, 16)
    user.until(lambda: disconnected(user))
    assert 29 < user.until(lambda: user.cleared(leg), 40) < 31
    assert user.cleared(leg) == [16]
    user.until(user.all_idle)


def test_a_network_lets_no_user_announce(box: Rig) -> None:
    announces(box)
    leg, call = talk(box)
    box.far.hangup(call, 16)
    box.until(lambda: disconnected(box))
    listens = box.card._config.side == "user"
    assert disconnected(box) == [Disconnected(leg, 16, inband=listens)]
    box.tick(SECOND)
    assert box.cleared(leg) == ([] if listens else [16])


@pytest.mark.parametrize("before_s", [0.1, 1.0, 2.0, 3.5])
@pytest.mark.parametrize("dead_s", [2.0, 5.0])
def test_a_hang_up_while_the_line_is_dead_is_told_when_it_is_back(keeper: Rig, dead_s: float, before_s: float) -> None:
    """Not with T305, half a minute later: till then the far end would pay, and its channel be taken."""
    leg, call = talk(keeper, 3)
    other, other_call = talk(keeper, 4)
    keeper.line.set_cut(on=True)
    keeper.tick(round(max(dead_s - before_s, 0) * SECOND))
    keeper.card.execute(Clear(leg, 16), keeper.now)
    keeper.tick(round(min(dead_s, before_s) * SECOND))
    keeper.line.set_cut(on=False)
    keeper.until(lambda: keeper.card.has_room("pri:carrier"), 20)
    keeper.until(lambda: keeper.far_gone(call) and keeper.cleared(leg), 5)
    assert keeper.far_gone(call) == [16]
    assert keeper.cleared(leg) == [16]
    assert keeper.cleared(other) == keeper.far_gone(other_call) == []
    again, _call = keeper.come_in(3, exclusive=True)
    assert keeper.card.row(again) == 2


def test_a_hang_up_of_the_far_end_that_was_lost_is_said_again_too(keeper: Rig) -> None:
    leg, call = talk(keeper, 3)
    keeper.line.set_cut(on=True)
    keeper.tick(SECOND)
    keeper.far.hangup(call, 17)
    keeper.tick(4 * SECOND)
    keeper.line.set_cut(on=False)
    keeper.until(lambda: keeper.card.has_room("pri:carrier"), 20)
    keeper.until(lambda: keeper.cleared(leg), 5)
    assert keeper.cleared(leg) == [17]
    keeper.until(keeper.all_idle)


def test_glare_of_clearings_is_told_once(box: Rig) -> None:
    leg, call = talk(box)
    box.card.execute(Clear(leg, 16), box.now)
    box.far.hangup(call, 17)
    box.until(box.all_idle)
    assert disconnected(box) == []
    assert box.cleared(leg) == [16]
    assert [event for event in box.far_told if isinstance(event, q931.Gone)] != []


@pytest.mark.parametrize("dead_s", [1.5, 5.0, 30.0])
def test_a_far_end_that_cleared_with_its_alarm_is_found_out(keeper: Rig, dead_s: float) -> None:
    """It said nothing of it, for it could not; the data link may have outlived it. STATUS ENQUIRY (Q.931 5.8.10)."""
    leg, call = talk(keeper, 3)
    kept, kept_call = talk(keeper, 4)
    keeper.line.set_cut(on=True)
    keeper.tick(SECOND)
    keeper.far.drop(call, 38)
    keeper.tick(round((dead_s - 1) * SECOND))
    keeper.line.set_cut(on=False)
    keeper.until(lambda: keeper.cleared(leg), 10)
    assert keeper.cleared(leg) == [
        101 if dead_s > 10 else 41
    ]  # after a failure of the link STATUS (5.8.9) brings it out
    keeper.tick(10 * SECOND)
    assert keeper.cleared(kept) == keeper.far_gone(kept_call) == []


def _red(box: Rig) -> None:
    box.line.set_cut(on=True)
    box.tick(5 * SECOND)
    box.line.set_cut(on=False)


def _silence(box: Rig) -> None:
    box.d_cut = True
    box.tick(40 * SECOND)
    box.d_cut = False


def _disc(box: Rig) -> None:
    """The exchange takes its data link down, and sets it up again a second later (Q.921 5.5.3)."""
    box.far_span.send_frame(b"\x02\x01\x53")
    box.d_cut = True
    box.tick(SECOND)
    box.d_cut = False


def _reset(box: Rig) -> None:
    for _ in range(20):
        box.far_span.send_frame(b"\x02\x01\x7f")
        box.tick(3)


@pytest.mark.parametrize("trouble", [_red, _silence, _disc, _reset])
def test_calls_in_talk_outlive_what_exchanges_do_unless_told_otherwise(trouble: Callable[[Rig], None]) -> None:
    """Q.931 5.8.9: T309 is 90 s."""
    for box in rig("user", keep_s=SpanConfig(address="sim:line").keep_calls_s):
        leg, call = talk(box, 3)
        trouble(box)
        box.until(lambda: box.card.has_room("pri:carrier"), 20)  # noqa: B023 - used at once
        box.tick(100 * SECOND)
        assert box.cleared(leg) == box.far_gone(call) == []
        box.far.hangup(call, 16)
        box.until(lambda: box.cleared(leg))  # noqa: B023 - used at once
        assert box.cleared(leg) == [16]
