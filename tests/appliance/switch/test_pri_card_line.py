# SPDX-License-Identifier: GPL-2.0-or-later
"""A PRI card when the line or its D channel is lost and comes back, and on a TDMoE line."""

import random
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from appliance.contract.switch import Alert, Answer, Clear, Cleared, Dial, Incoming, Trouble
from appliance.switch.lines.pri.channels import B_TIMESLOTS
from drivers import pri_events as q931
from drivers.pri import PriLink
from drivers.spans import open_span
from tests.appliance.switch.pri_rig import Rig, rig, states, talk

SECOND = 50
RED_AFTER_S = 1.0
LINK_LOST_S = 20.0
"""T203 10 s, then N200 tries to ask, then as many to set the link up anew (Q.921)."""

T303_TWICE_S = 8.0
"""Q.931 9.5.2: SETUP is sent twice, each time 4 s are waited for an answer."""


@pytest.fixture
def user() -> Iterator[Rig]:
    yield from rig("user")


@pytest.fixture
def keeper() -> Iterator[Rig]:
    yield from rig("user", keep_s=30.0)


def ring(box: Rig, timeslot: int = 2) -> tuple[int, int]:
    leg, call = box.come_in(timeslot)
    box.card.execute(Alert(leg), box.now)
    box.until(lambda: any(e.call == call for e in box.far_of(q931.Alerting)))
    return leg, call


def test_the_state_is_told_again_to_a_call_server_that_is_new(user: Rig) -> None:
    user.tick(5)
    assert states(user) == []
    user.card.announce()
    user.tick(2)
    assert states(user) == [((), "")]


def test_a_cut_line_ends_all_calls_with_the_alarm(user: Rig) -> None:
    talking, far_talking = talk(user)
    ringing, _far = ring(user)
    out, _far_out = user.dial()
    user.told.clear()
    user.line.set_cut(on=True)
    lost = user.until(lambda: len(user.of(Cleared)) == 3)
    assert lost == pytest.approx(RED_AFTER_S, abs=0.1)
    assert {(e.leg, e.cause) for e in user.of(Cleared)} == {(talking, 27), (ringing, 27), (out, 27)}
    user.tick()
    assert states(user)[0] == (("RED",), "alarms")
    assert not user.card.has_room("pri:carrier")
    user.card.execute(Dial(9001, "pri:carrier", "5"), user.now)
    user.tick()
    assert user.cleared(9001) == [38]
    user.tick(5 * SECOND)
    user.line.set_cut(on=False)
    user.until(lambda: user.card.has_room("pri:carrier") and user.far_gone(far_talking), 20)
    user.until(lambda: user.all_idle() and not user.card._channels.restarting, 20)
    assert states(user)[-1] == ((), "")
    leg, _call = user.come_in(1)
    assert user.card.row(leg) == 0
    assert user.told.count(Cleared(talking, 27)) == 1


def test_a_long_cut_takes_the_d_channel_too_and_service_returns(user: Rig) -> None:
    user.line.set_cut(on=True)
    user.until(lambda: not user.card._link.up, 30)
    user.tick(30 * SECOND)
    user.line.set_cut(on=False)
    user.until(lambda: user.card.has_room("pri:carrier"), 20)
    assert states(user)[:2] == [(("RED",), "alarms"), (("RED",), "d_channel")]
    assert states(user)[-1] == ((), "")
    user.until(lambda: not user.card._channels.restarting, 20)
    leg, call = talk(user)
    user.far.hangup(call)
    user.until(lambda: user.cleared(leg))
    user.tick(3)
    assert user.all_idle()


def test_a_short_cut_keeps_answered_calls_only(keeper: Rig) -> None:
    talking, far_talking = talk(keeper)
    ringing, _far = ring(keeper)
    keeper.line.set_cut(on=True)
    keeper.until(lambda: keeper.cleared(ringing))
    assert keeper.cleared(ringing) == [27]
    keeper.tick(5 * SECOND)
    assert keeper.cleared(talking) == []
    keeper.line.set_cut(on=False)
    keeper.tick(40 * SECOND)
    assert keeper.cleared(talking) == []
    assert keeper.card.row(talking) == 0
    keeper.far.hangup(far_talking, 16)
    keeper.until(lambda: keeper.cleared(talking))
    assert keeper.cleared(talking) == [16]
    keeper.until(keeper.all_idle)


def test_a_long_cut_ends_kept_calls_too(keeper: Rig) -> None:
    talking, _far = talk(keeper)
    keeper.line.set_cut(on=True)
    took = keeper.until(lambda: keeper.cleared(talking), 60)
    assert took == pytest.approx(RED_AFTER_S + 30.0, abs=0.2)
    assert keeper.cleared(talking) == [27]
    keeper.line.set_cut(on=False)
    keeper.until(lambda: keeper.card.has_room("pri:carrier"), 20)
    keeper.until(keeper.all_idle, 60)


def test_a_lost_d_channel_ends_calls(user: Rig) -> None:
    talking, _far = talk(user)
    user.d_cut = True
    user.until(lambda: user.cleared(talking), LINK_LOST_S)
    assert user.cleared(talking) == [27]
    assert states(user)[-1] == ((), "d_channel")
    user.card.execute(Dial(9001, "pri:carrier", "5"), user.now)
    user.tick()
    assert user.cleared(9001) == [38]
    user.d_cut = False
    user.until(lambda: user.card.has_room("pri:carrier"), 20)
    user.until(user.all_idle, 60)
    leg, _call = user.come_in(1)
    assert user.card.row(leg) == 0


def test_a_call_of_which_the_far_end_says_nothing_ends_with_the_d_channel(user: Rig) -> None:
    user.d_cut = True
    user.card.execute(Dial(9001, "pri:carrier", "5"), user.now)
    took_s = user.until(lambda: user.cleared(9001), LINK_LOST_S)
    assert took_s < T303_TWICE_S, "another line may carry it, sooner than after T303"
    assert user.cleared(9001) == [27]
    user.d_cut = False
    user.until(lambda: user.card.has_room("pri:carrier"), 20)
    user.until(user.all_idle, 60)


def test_a_lost_d_channel_keeps_calls_when_told_to(keeper: Rig) -> None:
    talking, far_talking = talk(keeper)
    keeper.d_cut = True
    keeper.until(lambda: not keeper.card._link.up, LINK_LOST_S)
    keeper.tick(20 * SECOND)
    keeper.d_cut = False
    keeper.tick(60 * SECOND)
    assert keeper.cleared(talking) == []
    keeper.card.execute(Clear(talking), keeper.now)
    keeper.until(lambda: keeper.far_gone(far_talking))
    assert keeper.cleared(talking) == [16]


def test_nothing_is_taken_while_the_far_end_hears_nothing(user: Rig) -> None:
    user.line.paths[1].cut = True  # our direction only: the far end has RED and sends YELLOW
    user.until(lambda: states(user)[-1:] == [(("YELLOW",), "alarms")])
    assert not user.card.has_room("pri:carrier")
    user.line.paths[1].cut = False
    user.until(lambda: user.card.has_room("pri:carrier"), 20)


def test_cuts_at_random_moments_leak_nothing(user: Rig) -> None:
    rng = random.Random(4)
    legs: list[int] = []
    for turn in range(12):
        for n in range(rng.randrange(6)):
            leg = 10_001 + 100 * turn + 2 * n
            legs.append(leg)
            user.card.execute(Dial(leg, "pri:carrier", "5"), user.now)
        for _ in range(rng.randrange(6)):
            user.far.setup(rng.choice(B_TIMESLOTS), "6")
        user.tick(rng.randrange(6))
        for setup in user.far_of(q931.Setup):
            ways: list[Callable[[int], object]] = [user.far.connect, user.far.alerting, user.far.hangup]
            rng.choice(ways)(setup.call)
        for incoming in user.of(Incoming):
            user.card.execute(rng.choice([Answer, Alert, Clear])(incoming.leg), user.now)
        user.tick(rng.randrange(6))
        user.line.set_cut(on=True)
        user.tick(rng.choice([10, 100, 1500]))
        user.line.set_cut(on=False)
        user.tick(rng.choice([10, 100, 1000]))
    for leg in {*legs, *(incoming.leg for incoming in user.of(Incoming))}:
        user.card.execute(Clear(leg), user.now)
    user.until(lambda: not user.card._legs, 60)
    ended = sorted(event.leg for event in user.of(Cleared))
    assert ended == sorted({*legs, *(incoming.leg for incoming in user.of(Incoming))})
    user.until(lambda: user.card.has_room("pri:carrier") and not user.card._channels.restarting, 60)
    assert user.card._channels.in_use == 0
    user.until(user.all_idle, 120)


def test_rubbish_on_the_d_channel_is_told_and_harms_no_call(user: Rig) -> None:
    talking, _call = talk(user)
    rng = random.Random(9)
    for _ in range(200):
        user.far_span.send_frame(b"\x02\x01\x03" + rng.randbytes(20))  # UI frames: on no access point of ours
        user.far_span.send_frame(b"\xfc\xff" + rng.randbytes(30))
        user.far_span.send_frame(b"\x02\x01\x00" + b"\x00")
        user.tick()
    take = user.far.take_frames
    user.far.take_frames = lambda: [_spoilt(frame) for frame in take()]  # type: ignore[method-assign]
    spoilt = user.far.setup(9, "1")
    user.until(lambda: user.far_gone(spoilt))
    user.tick(SECOND)
    assert user.far_gone(spoilt) == [96]  # mandatory information element is missing
    assert user.cleared(talking) == []
    told = user.of(Trouble)
    assert [(trouble.kind, trouble.values["number"]) for trouble in told] == [("d_channel", "1")] * len(told)
    assert told


def _spoilt(frame: bytes) -> bytes:
    """SETUP cut off in the middle of its first information element."""
    return frame[:11] if len(frame) > 8 and frame[8] == 0x05 else frame


def test_a_box_that_was_killed_finds_all_channels_idle(user: Rig) -> None:
    _leg, talking = talk(user)
    _leg, ringing = ring(user)
    _leg, dialled = user.dial()
    user.new_card()  # the old one says nothing any more
    user.until(lambda: user.card._link.up and not user.card._channels.restarting, 30)
    user.tick(SECOND)
    assert all(user.far_gone(call) for call in (talking, ringing, dialled))
    assert user.all_idle()
    leg, _call = user.come_in(1, exclusive=True)
    assert user.card.row(leg) == 0


def test_an_exchange_that_was_restarted_leaves_no_call_behind(user: Rig) -> None:
    talking, _call = talk(user)
    ringing, _call = ring(user)
    user.far = PriLink("network")
    user.until(lambda: user.cleared(talking))
    user.card.execute(Answer(ringing), user.now)
    user.until(lambda: user.cleared(ringing))
    assert user.cleared(talking) == [41]  # STATUS with state 0 (Q.931 5.8.11 c)
    assert user.cleared(ringing) == [81]  # no such call reference
    user.until(user.all_idle)
    leg, _call = user.come_in(1, exclusive=True)
    assert user.card.row(leg) == 0


def test_two_ends_of_one_side_are_told_apart_once() -> None:
    box = Rig("user")
    box.far = PriLink("user")
    box.tick(20 * SECOND)
    [trouble] = box.of(Trouble)
    assert trouble.values["number"] == "1"
    assert trouble.values["words"].startswith("We think we're the CPE")
    assert not box.card.has_room("pri:carrier")
    box.close()


def test_over_tdmoe(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    now = [0.0]
    clock = lambda: now[0]  # noqa: E731
    near = open_span(f"tdmoe:{one},{two}?frames=20", clock=clock)
    far = open_span(f"tdmoe:{two},{one}?frames=20", clock=clock)
    box = Rig("user", (near, far))
    advance, tick = 0.02, box.tick

    def step(ticks: int = 1) -> None:
        for _ in range(ticks):
            now[0] += advance
            near.wait(0.0)
            far.wait(0.0)
            tick()

    box.tick = step  # type: ignore[method-assign]
    box.up()
    leg, call = talk(box, 5)
    box.heard[4] = np.sin(np.arange(160) * 2 * np.pi * 1000 / 8000).astype(np.float32) * 0.5
    box.tick(20)
    assert box.far_hears[4].std() > 10
    box.far.hangup(call, 16)
    box.until(lambda: box.cleared(leg))
    assert box.cleared(leg) == [16]
    box.until(box.all_idle)
    assert box.card.status()[0].counters["hdlc_bad_fcs"] == 0
    assert box.of(Trouble) == []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as stranger:
        for _ in range(3):
            stranger.sendto(b"no frame", str(one))
        box.tick(SECOND + 1)
    assert box.of(Trouble) == [Trouble("d_channel", "span {number}: malformed frames on the line", 3, {"number": "1"})]
    box.close()
    far.close()
