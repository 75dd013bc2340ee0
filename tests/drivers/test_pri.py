# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls between two D channels in one process: set-up, overlap, progress, clearing, numbers."""

import gc
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from drivers.errors import PriError
from drivers.pri import PriLink
from drivers.pri_commands import TIMERS_S
from drivers.pri_events import (
    Alerting,
    Clearing,
    Connect,
    Gone,
    InfoDigits,
    LinkUp,
    Presentation,
    Proceeding,
    Progress,
    Setup,
    SetupAck,
)
from drivers.span import D_TIMESLOT
from tests.drivers.pri_pair import Pair


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair().up()
    yield pair
    pair.net.close()
    pair.usr.close()


@pytest.fixture(params=["network", "user"])
def caller(request: pytest.FixtureRequest, pair: Pair) -> PriLink:
    return pair.net if request.param == "network" else pair.usr


def test_the_data_link_comes_up_by_itself() -> None:
    pair = Pair()
    pair.run(0.2)
    assert pair.told[pair.net] == [LinkUp()]
    assert pair.told[pair.usr] == [LinkUp()]


def test_a_whole_call_en_bloc(pair: Pair, caller: PriLink) -> None:
    far = pair.far(caller)
    call, far_call = pair.offer(caller, 7, "01012345678", exclusive=True)
    assert pair.told[far] == [
        Setup(far_call, 7, exclusive=True, called="01012345678", calling="67890", name="",
              presentation=Presentation.ALLOWED, complete=True, inband=False)
    ]  # fmt: skip
    far.proceeding(far_call)
    far.alerting(far_call)
    far.connect(far_call)
    pair.exchange()
    assert pair.told[caller] == [
        Proceeding(call, 7, inband=False),
        Alerting(call, 7, inband=False),
        Connect(call, 7, inband=False),
    ]
    pair.clear_log()
    caller.hangup(call, 16)
    pair.exchange()
    assert pair.told[caller] == [Gone(call, 16)]
    assert pair.told[far] == [Clearing(far_call, 16), Gone(far_call, 16)]
    assert caller.calls == far.calls == 0


def test_overlap_receiving(pair: Pair, caller: PriLink) -> None:
    far = pair.far(caller)
    call, far_call = pair.offer(caller, 1, "9", overlap=True)
    caller.information(call, "5")  # before the far end asked: kept until it does
    far.setup_ack(far_call, inband=True)
    pair.exchange()
    caller.information(call, "17")
    pair.exchange()
    assert pair.of(far, Setup)[0].complete is False
    assert pair.told[caller] == [SetupAck(call, 1, inband=True)]
    assert pair.of(far, InfoDigits) == [InfoDigits(far_call, digit, complete=False) for digit in "517"]
    far.proceeding(far_call)
    pair.exchange()
    caller.information(call, "8")  # too late: the number is complete
    pair.exchange()
    assert len(pair.of(far, InfoDigits)) == 3


def test_overlap_may_begin_without_a_digit(pair: Pair) -> None:
    _call, far_call = pair.offer(pair.usr, 1, "", overlap=True)
    assert pair.of(pair.net, Setup)[0].called == ""
    pair.net.setup_ack(far_call)


def test_t302_completes_the_number(pair: Pair) -> None:
    _call, far_call = pair.offer(pair.usr, 1, "95", overlap=True)
    pair.net.setup_ack(far_call)
    pair.run(14.9)
    assert pair.of(pair.net, InfoDigits) == []
    pair.run(0.2)
    assert pair.of(pair.net, InfoDigits) == [InfoDigits(far_call, "", complete=True)]


def test_progress_and_tones(pair: Pair, caller: PriLink) -> None:
    far = pair.far(caller)
    call, far_call = pair.offer(caller)
    far.proceeding(far_call)
    far.progress(far_call)
    far.alerting(far_call, inband=True)
    pair.exchange()
    assert pair.told[caller] == [
        Proceeding(call, 1, inband=False),
        Progress(call, 1, inband=True, cause=0),
        Alerting(call, 1, inband=True),
    ]


def test_the_far_end_chooses_another_channel(pair: Pair, caller: PriLink) -> None:
    call, far_call = pair.offer(caller, 3)
    pair.far(caller).proceeding(far_call, 9)
    pair.exchange()
    assert pair.told[caller] == [Proceeding(call, 9, inband=False)]


@pytest.mark.parametrize("presentation", list(Presentation))
def test_presentation_and_number_arrive(pair: Pair, caller: PriLink, presentation: Presentation) -> None:
    pair.offer(caller, presentation=presentation)
    setup = pair.of(pair.far(caller), Setup)[0]
    assert setup.presentation == presentation
    assert setup.calling == "67890"


def test_no_caller_number(pair: Pair) -> None:
    pair.usr.setup(1, "5")
    pair.exchange()
    setup = pair.of(pair.net, Setup)[0]
    assert (setup.calling, setup.presentation) == ("", Presentation.UNAVAILABLE)


def test_international_numbers_keep_their_plus(pair: Pair) -> None:
    pair.usr.setup(1, "+4930123", "+861012345")
    pair.exchange()
    setup = pair.of(pair.net, Setup)[0]
    assert setup.calling == "+861012345"
    assert setup.called == "4930123"


def test_the_network_sends_a_name(pair: Pair) -> None:
    pair.offer(pair.net, name="M\u00fcller")
    assert pair.of(pair.usr, Setup)[0].name == "M\u00fcller"
    pair.offer(pair.net, 2, name="\u738b")
    assert pair.of(pair.usr, Setup)[1].name == "\u738b"
    pair.offer(pair.net, 3, name="\u738b" * 40)
    assert pair.of(pair.usr, Setup)[2].name == "\u738b" * 25, "no letter is cut in two"
    pair.offer(pair.net, 4, name="lone \udcff")  # not in any coding: left out, not mangled
    assert pair.of(pair.usr, Setup)[3].name == ""


@pytest.mark.parametrize("number", ["12a", "1" * 32, "++1", "1 2", "\u4e00", ""])
def test_what_is_no_number_is_refused(pair: Pair, number: str) -> None:
    with pytest.raises(PriError, match="called number") as caught:
        pair.usr.setup(1, number)
    assert "0-9" in caught.value.hint
    assert pair.usr.calls == 0


def test_an_unknown_timer_is_named() -> None:
    with pytest.raises(PriError, match="T999"):
        PriLink("user", {"T999": 1.0})


@pytest.mark.parametrize("moment", ["present", "proceeding", "alerting", "talking"])
def test_every_cause_crosses_both_ways(pair: Pair, moment: str) -> None:
    for caller in (pair.net, pair.usr):
        far = pair.far(caller)
        for cause in range(1, 128):
            for clears_first in (caller, far):
                call, far_call = pair.offer(caller)
                if moment == "proceeding":
                    far.proceeding(far_call)
                elif moment == "alerting":
                    far.alerting(far_call)
                elif moment == "talking":
                    far.connect(far_call)
                pair.exchange()
                clears_first.hangup(call if clears_first is caller else far_call, cause)
                pair.exchange()
                assert pair.gone(caller, call) == [cause], (cause, clears_first.side)
                assert pair.gone(far, far_call) == [cause], (cause, clears_first.side)
                assert (caller.calls, far.calls) == (0, 0)
                pair.clear_log()


def test_both_ends_clear_at_once(pair: Pair, caller: PriLink) -> None:
    call, far_call = pair.talk(caller)
    caller.hangup(call, 16)
    pair.far(caller).hangup(far_call, 31)
    pair.exchange()
    assert pair.gone(caller, call) == [16]
    assert pair.gone(pair.far(caller), far_call) == [31]


def test_commands_that_come_too_late_do_nothing(pair: Pair, caller: PriLink) -> None:
    far = pair.far(caller)
    call, far_call = pair.talk(caller)
    caller.hangup(call)
    caller.hangup(call, 17)
    pair.exchange()
    pair.clear_log()
    for link, number in ((caller, call), (far, far_call), (far, 99)):
        link.setup_ack(number)
        link.information(number, "1")
        link.proceeding(number)
        link.alerting(number)
        link.progress(number)
        link.connect(number)
        link.hangup(number)
        link.drop(number, 1)
    assert caller.take_frames() == far.take_frames() == []
    assert pair.told[caller] == pair.told[far] == []


def test_a_setup_taken_back_before_any_answer(pair: Pair, caller: PriLink) -> None:
    """libpri frees such a call without an event (44 goes as RELEASE COMPLETE)."""
    call, far_call = pair.offer(caller)
    caller.hangup(call, 44)
    pair.exchange()
    assert pair.gone(pair.far(caller), far_call) == [44]


def test_sixty_calls_at_once(pair: Pair) -> None:
    channels = [channel for channel in range(1, 32) if channel != D_TIMESLOT]
    calls = [pair.offer(caller, channel) for channel in channels for caller in (pair.net, pair.usr)]
    assert len({call for call, _far in calls[::2]}) == 30
    assert pair.net.calls == pair.usr.calls == 60
    for call, far_call in calls[::2]:
        pair.net.hangup(call)
        pair.usr.hangup(far_call)
    for call, far_call in calls[1::2]:
        pair.usr.hangup(call)
        pair.net.hangup(far_call)
    pair.exchange()
    assert pair.net.calls == pair.usr.calls == 0


def test_memory_of_finished_calls_is_freed(pair: Pair) -> None:
    def many(count: int) -> int:
        for number in range(count):
            call, _far = pair.talk(pair.usr)
            pair.usr.hangup(call)
            pair.exchange()
            if number % 500 == 499:  # a timer that was stopped is forgotten when it would have run out
                pair.run(max(TIMERS_S.values()) + 1, 1.0)
            pair.clear_log()
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1000

    before = many(500)
    assert many(3000) - before < 1000  # kB; a call record of libpri has 6 kB


def test_many_links_in_one_process() -> None:
    pairs = [Pair() for _ in range(8)]
    for late, pair in enumerate(pairs):
        pair.now_s = late * 1000.0  # each on its own time
        pair.up()
    for pair in pairs:
        call, _far = pair.talk(pair.usr)
        pair.usr.hangup(call)
        pair.exchange()
        assert pair.net.calls == pair.usr.calls == 0
