# SPDX-License-Identifier: GPL-2.0-or-later
"""The picture alone: replies and updates in any order, silence, time."""

from appliance.api import messages as api
from appliance.contract import records as r
from appliance.contract.switch import Party, SpanState
from tests.tui.busy import AGENTS, AT, CALLS, QUEUES, SEQ, STATUS, TROUBLES
from tui.link import Gone
from tui.picture import Picture

CALLS_REPLY = api.CallsReply(CALLS, SEQ)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def full(clock: Clock | None = None) -> Picture:
    picture = Picture(clock or Clock())
    picture.hear([api.Subscribed(SEQ, complete=False)])
    for reply in (STATUS, CALLS_REPLY, api.QueuesReply(QUEUES, SEQ), api.AgentsReply(AGENTS, SEQ)):
        picture.take(reply)
    picture.take(api.TroublesReply(TROUBLES))
    return picture


def update(seq: int, what: r.AnyRecord | SpanState, at: int = AT) -> api.Update:
    return api.Update("calls", at, what, seq)


def test_a_record_that_a_reply_includes_is_not_folded_twice() -> None:
    picture = full()
    entered = picture.queues["sales"].entered
    picture.hear([update(SEQ + 1, r.QueueEntered(1044, "sales", 3))])
    picture.take(CALLS_REPLY)
    assert picture.queues["sales"].entered == entered + 1
    assert [each.call for each in picture.queues["sales"].waiting] == [1043, 1046, 1044]


def test_a_reply_that_is_older_than_the_stream_does_not_take_it_back() -> None:
    picture = full()
    closed = r.CallClosed(1042, "answered", 16)
    opened = r.CallOpened(1048, "in", Party("10086", "张三"), "12345")
    picture.hear([update(SEQ + 1, closed), update(SEQ + 2, opened)])
    picture.take(CALLS_REPLY)  # it was made before both
    assert 1042 not in picture.calls
    assert picture.calls[1048].name == "张三"
    picture.take(api.CallsReply(CALLS, SEQ + 9))
    assert 1042 in picture.calls


def test_every_change_raises_the_version() -> None:
    picture = full()
    version = picture.version
    picture.hear([update(SEQ + 1, SpanState(3, "dahdi:3", (), in_service=True))])
    assert picture.version > version
    assert picture.spans[3].in_service


def test_silence_is_counted_and_the_last_picture_stays() -> None:
    clock = Clock()
    picture = full(clock)
    clock.now += 2
    assert [picture.silent_s, picture.since(AT)] == [None, 2]
    picture.hear([Gone("the connection was closed")])
    clock.now += 12
    picture.hear([Gone("is it running?")])
    assert [picture.silent_s] == [12]
    assert picture.since(AT) == 2, "ages stand still"
    assert len(picture.calls) == 6
    picture.hear([api.Subscribed(SEQ, complete=True)])
    assert picture.silent_s is None
    assert picture.known


def test_lost_updates_make_the_picture_stale_and_resumed_ones_do_not() -> None:
    picture = full()
    picture.stale = False
    picture.hear([Gone(""), api.Subscribed(SEQ, complete=True)])
    assert [picture.stale] == [False]
    picture.hear([Gone(""), api.Subscribed(SEQ + 99, complete=False)])
    assert picture.stale


def test_records_of_calls_that_are_not_known_change_nothing() -> None:
    picture = full()
    unknown: tuple[r.AnyRecord, ...] = (
        r.LegOpened(1, 7, "x", "caller", "1"), r.LegAnswered(1, 7), r.LegClosed(1, 7, 16), r.CallReleased(7),
        r.ChannelSeized(1, 7, 1, 1), r.SegmentOpened(1, 7, "talk", (1,)), r.OfferEnded(1, 7, "busy"),
        r.QueueLeft(7, "none", "key"), r.AgentChanged("9", "ready", "idle"), r.CallClosed(7, "answered", 16),
    )  # fmt: skip
    calls = dict(picture.calls)
    picture.hear([update(SEQ + n, each) for n, each in enumerate(unknown, 1)])
    assert picture.calls == calls


def test_times_of_states_are_those_of_the_box() -> None:
    picture = full()
    picture.hear([update(SEQ + 1, r.AgentChanged("8004", "ready", "offered"), AT + 5000)])
    assert picture.now_ms == AT + 5000
    assert picture.since(picture.agents["8004"].state_at) == 0
    assert picture.since(picture.calls[1042].started_at) == 417
