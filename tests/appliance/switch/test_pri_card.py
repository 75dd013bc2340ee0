# SPDX-License-Identifier: GPL-2.0-or-later
"""A PRI card against a D channel at the far end of a simulated line."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from appliance.contract.switch import (
    Alert,
    Alerting,
    Answer,
    Answered,
    Clear,
    Cleared,
    Dial,
    Digits,
    Incoming,
    Party,
    Presentation,
    Proceed,
    Proceeding,
    Seized,
)
from appliance.i18n import filled
from appliance.switch.lines.card import LineCommand
from drivers import pri_events as q931
from drivers.span import D_TIMESLOT, IDLE_BYTE, TIMESLOTS
from dsp.g711 import alaw_decode, alaw_encode
from tests.appliance.switch.pri_rig import Rig, rig

FIRST = {"user": 31, "network": 1}
"""The timeslot that the box takes first: the sides hunt from opposite ends."""


@pytest.fixture(params=["user", "network"])
def box(request: pytest.FixtureRequest) -> Iterator[Rig]:
    yield from rig(request.param)


@pytest.fixture
def user() -> Iterator[Rig]:
    yield from rig("user")


@pytest.fixture
def network() -> Iterator[Rig]:
    yield from rig("network")


def test_a_call_comes_in_and_is_answered(box: Rig) -> None:
    leg, call = box.come_in(3)
    assert box.of(Incoming) == [Incoming(leg, "pri:carrier", "95555", Party("13800138000"), 1, 3)]
    assert leg % 2 == 0
    assert box.card.row(leg) == 2
    box.card.execute(Proceed(leg), box.now)
    box.card.execute(Alert(leg), box.now)
    box.card.execute(Answer(leg), box.now)
    box.tick(4)
    assert box.far_told == [
        q931.Proceeding(call, 3, inband=False),
        q931.Alerting(call, 3, inband=False),
        q931.Connect(call, 3, inband=False),
    ]
    box.card.execute(Clear(leg, 16), box.now)
    box.until(lambda: box.cleared(leg))
    assert box.cleared(leg) == [16]
    assert box.card.row(leg) is None
    box.tick(2)
    assert box.far_gone(call) == [16]
    assert box.all_idle()


def test_a_call_goes_out_and_is_answered(box: Rig) -> None:
    leg, call = box.dial("0108888", caller=Party("6001", "desk", Presentation.RESTRICTED))
    first = FIRST[box.card._config.side]
    [setup] = box.far_of(q931.Setup)
    assert (setup.channel, setup.called, setup.calling) == (first, "0108888", "6001")
    assert setup.presentation == q931.Presentation.RESTRICTED
    assert setup.exclusive == (box.card._config.side == "network")
    box.far.proceeding(call)
    box.far.alerting(call, inband=True)
    box.far.connect(call)
    box.tick(4)
    assert box.told == [Seized(leg, 1, first), Proceeding(leg), Alerting(leg, inband=True), Answered(leg)]
    box.far.hangup(call, 16)
    box.until(lambda: box.cleared(leg))
    box.tick(4)
    assert box.cleared(leg) == [16]
    assert box.all_idle()


def test_sound_goes_both_ways_on_the_leg_and_nowhere_else(box: Rig) -> None:
    box.far_sends[:] = np.arange(TIMESLOTS, dtype=np.uint8)[:, None]  # every timeslot is noisy
    box.heard[:] = np.linspace(-0.5, 0.5, TIMESLOTS, dtype=np.float32)[:, None]
    box.tick(4)
    assert not box.said.any()
    assert (box.far_hears == IDLE_BYTE).all()
    leg, _call = box.come_in(5)
    box.tick(3)
    row = box.card.row(leg)
    assert row == 4
    assert np.array_equal(box.said[row], alaw_decode(box.far_sends[row]))
    assert np.array_equal(box.far_hears[row], alaw_encode(box.heard[row]))
    others = np.arange(TIMESLOTS) != row
    assert not box.said[others].any()
    assert (box.far_hears[others] == IDLE_BYTE).all()
    box.card.execute(Clear(leg), box.now)
    box.tick(4)
    assert not box.said.any()


def test_lines_and_room(box: Rig) -> None:
    assert box.card.takes("pri:carrier")
    assert not box.card.takes("pri:other")
    assert not box.card.takes("sip:1001@127.0.0.1")
    legs = [box.dial()[0] for _ in range(29)]
    assert box.card.has_room("pri:carrier")
    legs.append(box.dial()[0])
    assert not box.card.has_room("pri:carrier")
    timeslots = [event.timeslot for event in box.of(Seized)]
    assert sorted(timeslots) == [t for t in range(1, 32) if t != D_TIMESLOT]
    assert timeslots == sorted(timeslots, reverse=box.card._config.side == "user")
    box.card.execute(Dial(1001, "pri:carrier", "1"), box.now)
    box.tick()
    assert box.cleared(1001) == [34]
    assert len({box.card.row(leg) for leg in legs}) == 30


def test_thirty_calls_in_at_once_and_one_too_many(box: Rig) -> None:
    for timeslot in range(1, 32):
        if timeslot != D_TIMESLOT:
            box.far.setup(timeslot, "1")
    box.until(lambda: len(box.of(Incoming)) == 30)
    late = box.far.setup(4, "1")
    box.until(lambda: box.far_gone(late))
    assert box.far_gone(late) == [44]
    anywhere = box.far.setup(0xFF, "1")
    box.until(lambda: box.far_gone(anywhere))
    assert box.far_gone(anywhere) == [34]
    assert box.of(Cleared) == []


@pytest.mark.parametrize("cause", [1, 3, 16, 17, 18, 19, 21, 27, 28, 31, 34, 38, 41, 42, 102, 111, 127])
def test_causes_pass_through_unchanged(user: Rig, cause: int) -> None:
    leg, call = user.dial()
    user.far.hangup(call, cause)
    user.until(lambda: user.cleared(leg))
    assert user.cleared(leg) == [cause]
    leg, call = user.come_in()
    user.card.execute(Clear(leg, cause), user.now)
    user.until(lambda: user.far_gone(call))
    assert user.far_gone(call) == [cause]
    user.tick(4)
    assert user.cleared(leg) == [cause]
    assert user.all_idle()


@pytest.mark.parametrize("number", ["", "12x", "+", "1" * 40, "王", "1;2"])
def test_a_number_that_cannot_be_dialled_is_28(user: Rig, number: str) -> None:
    user.card.execute(Dial(1, "pri:carrier", number), user.now)
    user.tick()
    assert user.told == [Cleared(1, 28, connected=False)]
    assert user.all_idle()


def test_a_caller_that_is_no_number_is_left_out(user: Rig) -> None:
    user.dial(caller=Party("alice@example"))
    [setup] = user.far_of(q931.Setup)
    assert (setup.calling, setup.presentation) == ("", q931.Presentation.UNAVAILABLE)


def test_progress_opens_the_ear(user: Rig) -> None:
    leg, call = user.dial()
    user.far.proceeding(call)
    user.far.progress(call)
    user.far.alerting(call)
    user.tick(4)
    assert user.told[1:] == [Proceeding(leg), Alerting(leg, inband=True)]


def test_our_tones_before_the_answer(user: Rig) -> None:
    leg, call = user.come_in()
    user.card.execute(Alert(leg), user.now)
    user.card.execute(Alert(leg, inband=True), user.now)
    user.tick(4)
    assert user.far_told == [
        q931.Proceeding(call, 1, inband=False),
        q931.Alerting(call, 1, inband=False),
        q931.Progress(call, 1, inband=True, cause=0),
    ]


def test_overlap_receiving() -> None:
    for box in rig("user", overlap=True):
        leg, call = box.come_in(1, "9", overlap=True)
        assert box.of(Incoming)[0].complete is False
        assert box.far_of(q931.SetupAck) == []
        box.tick(4)
        box.far.information(call, "51")
        box.tick(4)
        assert box.of(Digits) == [Digits(leg, "5"), Digits(leg, "1")]
        box.tick(50 * 15 + 5)
        assert box.of(Digits)[2:] == [Digits(leg, "", complete=True)]
        box.card.execute(Proceed(leg), box.now)
        box.tick(4)
        assert box.far_of(q931.Proceeding)
        whole, _call = box.come_in(2, "95555")
        assert box.of(Incoming)[1] == Incoming(whole, "pri:carrier", "95555", Party("13800138000"), 1, 2)


def test_without_overlap_every_number_is_complete(user: Rig) -> None:
    user.come_in(1, "9", overlap=True)
    assert user.of(Incoming)[0].complete is True


def test_overlap_sending_lets_the_far_end_ask() -> None:
    for box in rig("user", overlap=True):
        leg, call = box.dial("9")
        assert box.far_of(q931.Setup)[0].complete is False
        box.far.setup_ack(call)
        box.tick(4)
        box.far.connect(call)
        box.tick(4)
        assert box.of(Answered) == [Answered(leg)]


def test_the_far_end_chooses_another_channel(user: Rig) -> None:
    leg, call = user.dial()
    user.far.proceeding(call, 12)
    user.tick(4)
    assert user.told == [Seized(leg, 1, 31), Seized(leg, 1, 12), Proceeding(leg)]
    assert user.card.row(leg) == 11
    assert user.card._channels.in_use == 1


def test_the_far_end_chooses_a_channel_that_is_taken(user: Rig) -> None:
    taken, _call = user.come_in(12)
    leg, call = user.dial()
    user.far.proceeding(call, 12)
    user.until(lambda: len(user.far_of(q931.Setup)) == 2)  # tried again
    again = user.far_of(q931.Setup)[1]
    user.far.connect(again.call)
    user.tick(4)
    assert user.of(Answered) == [Answered(leg)]
    assert user.card.row(leg) == again.channel - 1
    assert user.card.row(taken) == 11


def test_a_preferred_channel_that_is_taken_is_replaced(user: Rig) -> None:
    _leg, _call = user.come_in(7)
    leg, call = user.come_in(7)
    other = user.of(Incoming)[1].timeslot
    assert other != 7
    user.card.execute(Proceed(leg), user.now)
    user.tick(4)
    assert user.far_of(q931.Proceeding) == [q931.Proceeding(call, other, inband=False)]


def test_an_exclusive_channel_that_is_taken_is_44(user: Rig) -> None:
    user.come_in(7)
    late = user.far.setup(7, "1", exclusive=True)
    user.until(lambda: user.far_gone(late))
    assert user.far_gone(late) == [44]
    assert len(user.of(Incoming)) == 1


def test_a_far_end_without_that_channel_is_asked_for_others(user: Rig) -> None:
    user.card.execute(Dial(1, "pri:carrier", "5"), user.now)
    for _ in range(30):
        user.tick()
        for setup in user.far_of(q931.Setup):
            user.far.hangup(setup.call, 44)
    assert [setup.channel for setup in user.far_of(q931.Setup)] == [31, 30, 29, 28]
    assert user.cleared(1) == [34]
    assert user.all_idle()


def take_all_but(box: Rig, timeslot: int) -> None:
    for other in range(1, 32):
        if other not in {D_TIMESLOT, timeslot}:
            box.come_in(other)
    box.told.clear()


def test_glare_on_the_user_side_moves_our_call(user: Rig) -> None:
    user.card.execute(Dial(1, "pri:carrier", "5"), user.now)
    theirs = user.far.setup(31, "1", exclusive=True)
    user.until(lambda: user.of(Incoming))
    [incoming] = user.of(Incoming)
    assert incoming.timeslot == 31
    assert user.told.index(Seized(1, 1, 30)) < user.told.index(incoming)
    assert user.card.row(1) == 29
    assert user.card.row(incoming.leg) == 30
    user.card.execute(Answer(incoming.leg), user.now)
    user.tick(4)
    setup = next(s for s in user.far_of(q931.Setup) if s.channel == 30)
    user.far.connect(setup.call)
    user.tick(4)
    assert user.of(Answered) == [Answered(1)]
    assert q931.Connect(theirs, 31, inband=False) in user.far_told
    assert user.far.calls == 2


def test_glare_on_the_last_channel_ends_our_call(user: Rig) -> None:
    take_all_but(user, 31)
    user.card.execute(Dial(1, "pri:carrier", "5"), user.now)
    user.far.setup(31, "1", exclusive=True)
    user.until(lambda: user.of(Incoming))
    assert user.cleared(1) == [34]
    assert user.card._channels.in_use == 30


def test_glare_on_the_network_side_keeps_our_call(network: Rig) -> None:
    network.card.execute(Dial(1, "pri:carrier", "5"), network.now)
    network.far.setup(1, "1")
    network.until(lambda: network.of(Incoming))
    assert network.of(Incoming)[0].timeslot == 2
    assert network.of(Seized) == [Seized(1, 1, 1)]
    exclusive = network.far.setup(1, "1", exclusive=True)
    network.until(lambda: network.far_gone(exclusive))
    assert network.far_gone(exclusive) == [44]
    assert network.card.row(1) == 0


STEPS: dict[str, list[Callable[[Rig, int, int], object]]] = {
    "in": [
        lambda box, leg, call: box.card.execute(Proceed(leg), box.now),
        lambda box, leg, call: box.card.execute(Alert(leg, inband=True), box.now),
        lambda box, leg, call: box.card.execute(Answer(leg), box.now),
    ],
    "out": [
        lambda box, leg, call: box.far.setup_ack(call),
        lambda box, leg, call: box.far.proceeding(call),
        lambda box, leg, call: box.far.alerting(call),
        lambda box, leg, call: box.far.connect(call),
    ],
}


@pytest.mark.parametrize("ends", ["box", "far", "both"])
@pytest.mark.parametrize("way", ["in", "out"])
def test_hanging_up_at_every_moment_frees_everything(box: Rig, way: str, ends: str) -> None:
    for steps in range(len(STEPS[way]) + 1):
        for delay in range(8):
            leg, call = box.come_in() if way == "in" else box.dial()
            for step in STEPS[way][:steps]:
                step(box, leg, call)
            box.tick(delay)
            if ends != "far":
                box.card.execute(Clear(leg, 16), box.now)
                box.card.execute(Clear(leg, 17), box.now)
            if ends != "box":
                box.far.hangup(call, 16)
            box.until(box.all_idle)
            box.tick(3)
            assert box.cleared(leg) == [16]
            assert box.card.row(leg) is None
            assert box.far_gone(call) == [16]
            box.told.clear()
            box.far_told.clear()


def test_clearing_a_call_in_the_tick_it_is_dialled(box: Rig) -> None:
    box.card.execute(Dial(1, "pri:carrier", "5"), box.now)
    box.card.execute(Clear(1, 16), box.now)
    box.until(box.all_idle)
    box.tick(4)
    assert box.cleared(1) == [16]
    assert box.far.calls == 0


def test_a_setup_taken_back_at_once_is_told_whole_in_one_tick(user: Rig) -> None:
    call = user.far.setup(9, "1")
    user.far.hangup(call, 44)
    while not user.of(Incoming):
        user.tick()
    [incoming] = user.of(Incoming)
    assert user.told[-1] == Cleared(incoming.leg, 44, connected=False)
    assert user.card.row(incoming.leg) is None


def test_commands_for_legs_that_are_gone_are_ignored(user: Rig) -> None:
    leg, call = user.come_in()
    user.far.hangup(call)
    user.until(lambda: user.cleared(leg))
    user.told.clear()
    for command in (Proceed(leg), Alert(leg), Answer(leg), Clear(leg), Clear(4711), Answer(4711)):
        user.card.execute(command, user.now)
    user.tick(4)
    assert user.told == []


def test_status_for_people(user: Rig) -> None:
    user.come_in()
    [report] = user.card.status()
    assert filled(report.name, report.values) == "span 1"
    assert filled(report.detail, report.values) == "sim:line: D channel up, no alarm"
    assert (report.in_use, report.rows, report.healthy) == (1, 30, True)
    assert report.counters["ticks"] > 0


def test_closing_tells_the_far_end(user: Rig) -> None:
    _leg, call = user.come_in()
    user.card.close()
    for _ in range(3):
        user.now += 1
        user._far_tick()
    assert [type(e) for e in user.far_told if getattr(e, "call", 0) == call][-1:] == [q931.Clearing]


class Chaos:
    """Random actions at any time, on both sides, and the calls that have begun and not ended."""

    def __init__(self, box: Rig) -> None:
        self.box = box
        self.rng = np.random.default_rng(5)
        self.legs: set[int] = set()
        self.calls: set[int] = set()

    def begin(self, turn: int) -> None:
        if self.rng.random() < 0.5 and len(self.legs) < 40:
            self.legs.add(leg := 100_001 + 2 * turn)
            self.box.card.execute(Dial(leg, "pri:carrier", "5"), self.box.now)
        if self.rng.random() < 0.5 and len(self.calls) < 40:
            timeslot, exclusive = int(self.rng.integers(1, 32)), bool(self.rng.random() < 0.5)
            self.calls.add(self.box.far.setup(timeslot, "6", exclusive=exclusive))

    def act(self) -> None:
        far = self.box.far
        for leg in self.rng.permutation(sorted(self.legs))[:3].tolist():
            commands: list[LineCommand] = [Proceed(leg), Alert(leg, inband=True), Answer(leg), Clear(leg)]
            self.box.card.execute(commands[int(self.rng.integers(4))], self.box.now)
        for call in self.rng.permutation(sorted(self.calls))[:3].tolist():
            ways: list[Callable[[int], object]] = [far.proceeding, far.alerting, far.connect, far.hangup]
            ways[int(self.rng.integers(4))](call)

    def tick(self, ticks: int) -> None:
        seen, far_seen = len(self.box.told), len(self.box.far_told)
        self.box.tick(ticks)
        for event in self.box.told[seen:]:
            if isinstance(event, Incoming):
                self.legs.add(event.leg)
            elif isinstance(event, Cleared):
                self.legs.remove(event.leg)  # KeyError: ended twice, or never begun
        for told in self.box.far_told[far_seen:]:
            if isinstance(told, q931.Setup):
                self.calls.add(told.call)
            elif isinstance(told, q931.Gone):
                self.calls.remove(told.call)


def test_random_legs_never_leak(box: Rig) -> None:
    chaos = Chaos(box)
    for turn in range(3000):
        chaos.begin(turn)
        chaos.act()
        chaos.tick(int(chaos.rng.integers(1, 3)))
    for leg in chaos.legs:
        box.card.execute(Clear(leg), box.now)
    chaos.tick(60 * 50)
    assert chaos.legs == chaos.calls == set()
    assert box.all_idle()
    assert box.card.has_room("pri:carrier")
