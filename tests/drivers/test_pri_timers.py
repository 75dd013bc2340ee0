# SPDX-License-Identifier: GPL-2.0-or-later
"""Timers, loss and return of the data link, restart, glare: on a time of the test's own (ITU-T Q.931 9, 5.5, 5.7)."""

from collections.abc import Callable, Iterator

import pytest

from drivers.pri import PriLink
from drivers.pri_events import (
    Alerting,
    Connect,
    Gone,
    LinkDown,
    LinkUp,
    PriEvent,
    Proceeding,
    Restart,
    RestartAck,
    Setup,
)
from tests.drivers.pri_pair import Pair, until

RE_ESTABLISHMENT_S = 4.1
"""N200 tries of SABME, T200 apart, before the link is given up (Q.921 5.5.1.3)."""
NO_USER_RESPONDING, NO_ANSWER, DESTINATION_OUT_OF_ORDER, TEMPORARY_FAILURE, RECOVERY = 18, 19, 27, 41, 102


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair().up()
    yield pair
    pair.net.close()
    pair.usr.close()


def deaf(pair: Pair, link: PriLink) -> Callable[[], list[bytes]]:
    """Keep the data link alive while layer 3 of the far end of `link` is silent: its I frames are held back."""
    far = pair.far(link)
    held: list[bytes] = []
    take = far.take_frames

    def without_messages() -> list[bytes]:
        frames = take()
        held.extend(f for f in frames if not f[2] & 1)
        return [f for f in frames if f[2] & 1]

    far.take_frames = without_messages  # type: ignore[method-assign]
    return lambda: held


def test_t303_sends_setup_twice_then_gives_up(pair: Pair) -> None:
    call, _far = pair.offer(pair.usr)  # the far end has it, and says nothing
    assert 7.9 <= until(pair, lambda: bool(pair.gone(pair.usr, call))) <= 8.3
    assert pair.gone(pair.usr, call) == [NO_USER_RESPONDING]
    [setup] = pair.of(pair.net, Setup)  # sent twice, one call
    pair.exchange()  # RELEASE COMPLETE: the far end need not wait for a timer of its own
    assert pair.gone(pair.net, setup.call) == [RECOVERY]


def test_t304_ends_a_call_whose_digits_lead_nowhere(pair: Pair) -> None:
    call, far_call = pair.offer(pair.usr, called="9", overlap=True)
    pair.net.setup_ack(far_call)
    pair.exchange()
    pair.run(25)
    pair.usr.information(call, "5")
    assert 29.5 <= until(pair, lambda: bool(pair.gone(pair.usr, call))) <= 30.5
    assert pair.gone(pair.usr, call) == [RECOVERY]
    assert pair.gone(pair.net, far_call) == [RECOVERY]


@pytest.mark.parametrize(("caller", "told"), [("user", RECOVERY), ("network", NO_USER_RESPONDING)])
def test_t310_ends_a_call_that_never_rings(pair: Pair, caller: str, told: int) -> None:
    """Table 9-2: cause 102; a network sends its own caller 18 (5.2.5.4)."""
    link = pair.usr if caller == "user" else pair.net
    call, far_call = pair.offer(link)
    pair.far(link).proceeding(far_call)
    assert 59.5 <= until(pair, lambda: bool(pair.gone(link, call))) <= 60.5
    assert pair.gone(link, call) == [told]
    assert pair.gone(pair.far(link), far_call) == [RECOVERY]


def test_t301_lets_a_call_ring_for_a_while(pair: Pair) -> None:
    call, far_call = pair.offer(pair.usr)
    pair.net.alerting(far_call)
    assert 239 <= until(pair, lambda: bool(pair.gone(pair.usr, call))) <= 241
    assert pair.gone(pair.usr, call) == [NO_ANSWER]


def test_t305_and_t308_when_the_far_end_never_releases() -> None:
    pair = Pair({"T203": 1000.0}).up()
    call, _far = pair.talk(pair.usr)
    pair.clear_log()
    held = deaf(pair, pair.usr)
    pair.usr.hangup(call, 16)
    pair.exchange()
    assert held()  # RELEASE was its answer
    # The data link recovers by itself or is set up anew; whatever it does, the channel comes back in the time of
    # T305 and twice T308, and the first cause stays.
    assert until(pair, lambda: bool(pair.gone(pair.usr, call))) <= 30 + 2 * 4 + 1
    assert pair.gone(pair.usr, call) == [16]


def test_t313_clears_when_connect_is_not_acknowledged() -> None:
    pair = Pair({"T203": 1000.0, "N200": 100}).up()
    _call, far_call = pair.offer(pair.net)
    pair.usr.alerting(far_call)
    pair.exchange()
    pair.usr.connect(far_call)
    pair.usr.take_frames()  # CONNECT is lost, and the far end says nothing more
    for _ in range(500):
        pair.now_s += 0.1
        pair.usr.run(pair.now_s)
        pair.usr.take_frames()
    assert [e for e in pair.usr.events() if isinstance(e, Gone)] != []
    assert pair.usr.calls == 0


def test_next_deadline_is_when_something_happens(pair: Pair) -> None:
    call, _far = pair.offer(pair.usr)
    due = pair.usr.next_deadline()
    assert due is not None
    assert due == pytest.approx(pair.now_s + 4.0)  # T303
    pair.usr.run(due - 0.001)
    assert pair.usr.take_frames() == []
    pair.usr.run(due)
    assert len(pair.usr.take_frames()) == 1
    assert call


def test_a_lost_link_is_noticed_and_comes_back(pair: Pair) -> None:
    pair.cut = True
    until(pair, lambda: not pair.usr.up and not pair.net.up, 20)  # T203 10 s, then N200 tries of T200
    pair.cut = False
    pair.run(5)
    for link in (pair.net, pair.usr):
        assert pair.told[link] == [LinkDown(), LinkUp()]


def test_a_lost_link_ends_all_calls_at_once(pair: Pair) -> None:
    talking, far_talking = pair.talk(pair.usr, 1)
    ringing, far_ringing = pair.offer(pair.net, 2)
    pair.usr.alerting(far_ringing)
    pair.exchange()
    pair.cut = True
    until(pair, lambda: not pair.usr.up and not pair.net.up, 20)
    pair.run(RE_ESTABLISHMENT_S)
    for link, call in ((pair.usr, talking), (pair.net, far_talking), (pair.net, ringing), (pair.usr, far_ringing)):
        assert pair.gone(link, call) == [DESTINATION_OUT_OF_ORDER]
        ends = [e for e in pair.told[link] if isinstance(e, LinkDown | Gone)]
        assert isinstance(ends[0], LinkDown)


def test_t309_keeps_calls_in_talk_through_a_short_loss() -> None:
    pair = Pair({"T309": 30.0}).up()
    talking, far_talking = pair.talk(pair.usr, 1)
    ringing, _far_ringing = pair.offer(pair.usr, 2)
    pair.net.alerting(_far_ringing)
    pair.exchange()
    pair.cut = True
    until(pair, lambda: not pair.usr.up, 20)
    pair.run(10)
    assert pair.gone(pair.usr, ringing) == [DESTINATION_OUT_OF_ORDER]
    assert pair.gone(pair.usr, talking) == pair.gone(pair.net, far_talking) == []
    pair.cut = False
    pair.run(60)
    assert pair.usr.calls == pair.net.calls == 1
    pair.net.hangup(far_talking, 16)
    pair.exchange()
    assert pair.gone(pair.usr, talking) == [16]


def test_t309_ends_calls_in_talk_when_the_loss_is_long() -> None:
    pair = Pair({"T309": 30.0}).up()
    talking, _far = pair.talk(pair.usr)
    pair.cut = True
    until(pair, lambda: not pair.usr.up, 20)
    assert 29 <= until(pair, lambda: bool(pair.gone(pair.usr, talking))) - RE_ESTABLISHMENT_S <= 31
    assert pair.gone(pair.usr, talking) == [DESTINATION_OUT_OF_ORDER]


@pytest.mark.parametrize("asks", ["network", "user"])
def test_restart_clears_the_call_on_its_channel_only(pair: Pair, asks: str) -> None:
    link = pair.net if asks == "network" else pair.usr
    far = pair.far(link)
    hit, far_hit = pair.talk(pair.usr, 5)
    other, _far_other = pair.talk(pair.usr, 6)
    calls = {pair.usr: hit, pair.net: far_hit}
    link.drop(calls[link], TEMPORARY_FAILURE)
    link.restart(5)
    pair.exchange()
    assert pair.of(link, RestartAck) == [RestartAck(5, ok=True)]
    assert pair.gone(far, calls[far]) == [TEMPORARY_FAILURE]
    assert pair.told[far].index(Gone(calls[far], TEMPORARY_FAILURE)) < pair.told[far].index(Restart(5))
    assert pair.gone(pair.usr, other) == []
    assert pair.usr.calls == pair.net.calls == 1


@pytest.mark.parametrize("asks", ["network", "user"])
def test_a_call_that_crosses_with_the_restart_of_its_channel_is_left_to_the_far_end(pair: Pair, asks: str) -> None:
    """It reads SETUP after its RESTART, and answers on another channel or refuses; an answered call is dropped."""
    link = pair.net if asks == "network" else pair.usr
    far = pair.far(link)
    moved, refused = far.setup(5, "1"), far.setup(6, "2")
    for channel in (5, 6):
        link.restart(channel)
    pair.exchange()
    assert pair.of(link, RestartAck) == [RestartAck(5, ok=True), RestartAck(6, ok=True)]
    first, second = pair.of(link, Setup)
    link.proceeding(first.call, 7)
    link.hangup(second.call, 44)
    pair.exchange()
    assert pair.of(far, Proceeding) == [Proceeding(moved, 7, inband=False)]
    assert pair.gone(far, moved) == []
    assert pair.gone(far, refused) == [44]
    link.drop(first.call, TEMPORARY_FAILURE)
    link.restart(7)
    pair.exchange()
    assert pair.gone(far, moved) == [TEMPORARY_FAILURE]


def test_restarts_go_one_by_one(pair: Pair) -> None:
    for channel in (1, 2, 3):
        pair.usr.restart(channel)
    assert not pair.usr.cancel_restart(1)  # under way
    assert pair.usr.cancel_restart(2)
    pair.exchange()
    assert pair.of(pair.usr, RestartAck) == [RestartAck(1, ok=True), RestartAck(3, ok=True)]
    assert pair.of(pair.net, Restart) == [Restart(1), Restart(3)]


def test_a_restart_survives_that_the_far_end_sets_the_link_up_anew(pair: Pair) -> None:
    """As by a far end that has got no answer to its SABME yet: frames on their way are lost."""
    pair.usr.restart(4)
    pair.usr.restart(5)
    pair.usr.take_frames()
    pair.usr.receive(bytes.fromhex("02017f"))
    assert until(pair, lambda: len(pair.of(pair.usr, RestartAck)) == 2) < 2
    assert [ack.ok for ack in pair.of(pair.usr, RestartAck)] == [True, True]


def test_a_call_comes_about_right_after_only_one_end_was_heard() -> None:
    """One end saw its line later than the other: its SABME came through, the other's had been lost before."""
    pair = Pair()
    for link in (pair.usr, pair.net):
        link.run(0.1)
    pair.usr.take_frames()
    pair.exchange()
    assert pair.net.up
    assert pair.usr.up
    call, far_call = pair.offer(pair.net)
    pair.usr.proceeding(far_call)
    pair.run(5)
    assert pair.of(pair.net, Proceeding)
    assert not pair.gone(pair.net, call)


def test_restart_of_the_whole_interface(pair: Pair) -> None:
    """Restart indicator 7, as exchanges send it after their own restart (Q.931 4.5.25); libpri itself never does."""
    calls = [pair.talk(pair.usr, channel)[0] for channel in (1, 2, 3)]
    frame = bytearray()
    pair.net.restart(1)
    [sent] = pair.net.take_frames()
    frame += sent[:9] + bytes.fromhex("790187")
    pair.usr.receive(bytes(frame))
    pair.exchange()
    assert pair.of(pair.usr, Restart) == [Restart(None)]
    assert [pair.gone(pair.usr, call) for call in calls] == [[TEMPORARY_FAILURE]] * 3
    assert pair.usr.calls == 0


def test_t316_gives_up_a_restart_that_nobody_acknowledges() -> None:
    pair = Pair({"T316": 10.0}).up()
    pair.usr.restart(4)
    pair.usr.take_frames()
    told: list[PriEvent] = []
    deaf(pair, pair.usr)
    while not told:
        pair.now_s += 0.1
        pair.usr.run(pair.now_s)
        pair.usr.take_frames()
        told = [e for e in pair.usr.events() if isinstance(e, RestartAck | LinkDown)]
    assert told in ([RestartAck(4, ok=False)], [LinkDown()])


def test_glare_leaves_both_calls_to_those_above(pair: Pair) -> None:
    """Both SETUPs for one channel arrive; its owner is decided above (Q.931 5.7)."""
    ours = pair.usr.setup(3, "1")
    theirs = pair.net.setup(3, "2")
    pair.exchange()
    [at_net], [at_usr] = pair.of(pair.net, Setup), pair.of(pair.usr, Setup)
    assert at_net.channel == at_usr.channel == 3
    pair.net.proceeding(at_net.call, 4)
    pair.usr.connect(at_usr.call, 3)
    pair.net.connect(at_net.call, 4)
    pair.exchange()
    assert pair.told[pair.usr][-2:] == [Proceeding(ours, 4, inband=False), Connect(ours, 4, inband=False)]
    assert pair.of(pair.net, Connect) == [Connect(theirs, 3, inband=False)]


def test_alerting_after_the_link_came_back(pair: Pair) -> None:
    pair.cut = True
    until(pair, lambda: not pair.usr.up and not pair.net.up, 20)
    pair.cut = False
    pair.run(5)
    pair.clear_log()
    call, far_call = pair.offer(pair.usr, 1)
    pair.net.alerting(far_call)
    pair.exchange()
    assert pair.of(pair.usr, Alerting) == [Alerting(call, 1, inband=False)]


def test_a_far_end_that_forgot_our_calls_is_found_out(pair: Pair) -> None:
    """It sets the link up anew while it is up for us; our STATUS ENQUIRY finds state 0 there (5.8.10, 5.8.11 c)."""
    call, _far = pair.talk(pair.usr)
    pair.told[again := PriLink("network")] = []
    pair.net = again
    pair.run(2)
    assert pair.gone(pair.usr, call) == [TEMPORARY_FAILURE]


def test_a_link_set_up_anew_harms_no_call_that_both_ends_know(pair: Pair) -> None:
    call, far_call = pair.talk(pair.usr)
    pair.usr.receive(b"\x02\x01\x7f")
    pair.net.receive(b"\x00\x01\x7f")
    pair.exchange()
    pair.run(30)
    assert pair.gone(pair.usr, call) == pair.gone(pair.net, far_call) == []
    pair.net.hangup(far_call)
    pair.run(1)
    assert pair.gone(pair.usr, call) == [16]


def test_hours_pass_in_a_moment(pair: Pair) -> None:
    call, _far = pair.talk(pair.usr)
    pair.run(3600.0, 1.0)
    assert pair.usr.up
    assert pair.gone(pair.usr, call) == []
