# SPDX-License-Identifier: GPL-2.0-or-later
"""The exchange against its mirror: actions of one end are heard at the other, in time and level."""

import pytest

from drivers.errors import PriError
from drivers.span import Alarm
from hw_sim.calls import CallPlan
from hw_sim.errors import ExchangeError
from hw_sim.exchange import Exchange
from hw_sim.impairments import Impairment
from hw_sim.script import read_script
from tests.hw_sim.pair import Pair, names


@pytest.fixture(name="pair")
def _pair() -> Pair:
    return Pair()


def test_call_is_answered_and_both_hear_each_other(pair: Pair) -> None:
    pair.usr.subscribe("96900", read_script("alert; wait 1; answer; speak tone 1004 -10 2; wait remote"))
    record = pair.call("96900", "wait answer; listen 3; expect 1004; speak tone 620 -23 1; key 1; hangup")
    near, far = pair.report(record), pair.report(pair.usr.records[0])
    assert near.passed
    assert far.passed
    assert (far.called, far.caller, far.presentation) == ("96900", "13800138000", "allowed")
    assert near.answered_s == pytest.approx(1.0, abs=0.1)
    (tone,) = near.heard
    assert tone.what == "1004 Hz"
    assert tone.level_dbm0 == pytest.approx(-10, abs=0.1)
    assert tone.until_s - tone.at_s == pytest.approx(2.0, abs=0.03)
    assert names(far.heard) == ["620 Hz", "1"]
    assert far.heard[0].level_dbm0 == pytest.approx(-23, abs=0.1)
    assert near.cause == far.cause == 16
    assert (near.ended_by, far.ended_by) == ("us", "far end")


def test_calls_from_the_user_side_hear_ringback_of_the_country(pair: Pair) -> None:
    pair.net.subscribe("138*", read_script("alert; wait 6; answer; wait remote"))
    record = pair.call("13811112222", "wait answer; hangup", exchange=pair.usr)
    report = pair.report(record)
    assert names(report.heard) == ["ringback"]
    assert report.heard[0].level_dbm0 == pytest.approx(-10, abs=0.2)
    assert report.alerting_s == pytest.approx(0.06, abs=0.05)
    assert report.connected_s == report.alerting_s  # the tone comes in the band


@pytest.mark.parametrize("keys", ["1234567890*#", "55555", "ABCD"])
def test_keys_arrive_each_once(pair: Pair, keys: str) -> None:
    pair.usr.subscribe("1", read_script("answer; wait remote"))
    pair.call("1", f"wait answer; key {keys} ms=60 gap=60 level=-20 twist=-4; hangup")
    assert "".join(names(pair.report(pair.usr.records[0]).heard)) == keys


@pytest.mark.parametrize(
    ("script", "cause"), [("busy", 17), ("unallocated", 1), ("reject 21", 21), ("alert; wait 1; reject 19", 19)]
)
def test_refusals_bring_their_cause(pair: Pair, script: str, cause: int) -> None:
    pair.usr.subscribe("2000", read_script(script))
    record = pair.call("2000", "wait answer; hangup")
    assert record.cause == cause
    assert record.ended_by == "far end"
    assert record.failures == [f"step 1 (wait): the far end hung up (cause {cause})"]


def test_number_without_subscriber_is_unallocated(pair: Pair) -> None:
    assert pair.call("4711", "wait answer").cause == 1


def test_no_answer_is_told_by_the_caller(pair: Pair) -> None:
    pair.usr.subscribe("3", read_script("silent"))
    record = pair.call("3", "wait answer 5; hangup")
    assert record.failures == ["step 1 (wait): no answer within 5 s"]
    assert record.alerting is not None
    assert record.answered is None


def test_announcement_before_the_answer_is_heard(pair: Pair) -> None:
    pair.net.subscribe("3", read_script("progress; speak tone 800 -12 1; reject 1"))
    report = pair.report(pair.call("3", "wait connect; wait remote; expect 800", exchange=pair.usr))
    assert report.passed
    assert report.answered_s is None
    assert report.connected_s is not None


def test_far_end_hangs_up_first(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; wait 1; hangup 31"))
    record = pair.call("1", "wait answer; wait remote 5; hangup")
    assert record.passed
    assert (record.ended_by, record.cause) == ("far end", 31)


def test_echoing_subscriber_sends_back_what_it_hears(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; loop; wait remote"))
    report = pair.report(pair.call("1", "wait answer; speak tone 700 -15 1; wait 0.5; hangup"))
    (tone,) = report.heard
    assert tone.what == "700 Hz"
    assert tone.level_dbm0 == pytest.approx(-15, abs=0.1)


def test_caller_waits_until_it_hears(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; wait 3; speak tone busy 3; wait remote"))
    record = pair.call("1", "wait answer; hear busy 10; hangup")
    assert record.passed
    assert record.answered is not None
    assert record.ended is not None
    assert 3.35 < (record.ended - record.answered) * 0.02 < 4


def test_what_is_never_heard_fails(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; wait remote"))
    record = pair.call("1", "wait answer; hear busy 1; key 1; hangup")
    assert record.failures == ["step 2 (hear): 'busy' not heard within 1 s"]
    assert pair.usr.records[0].passed


def test_expectation_names_what_was_heard_instead(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; speak tone busy 3; wait remote"))
    report = pair.report(pair.call("1", "wait answer; listen 3; expect ringback; hangup"))
    assert not report.passed
    assert report.failures == ("expected to hear 'ringback', heard busy",)
    assert report.listened[0].heard == ("busy",)


@pytest.mark.parametrize("first", [0, 2])
def test_overlap_dialling_digit_by_digit(pair: Pair, first: int) -> None:
    pair.usr.subscribe("96900", read_script("answer; wait remote"))
    record = pair.net.call(CallPlan("96900", read_script("wait answer; hangup"), "1", overlap=first, digit_gap_s=0.3))
    pair.until(lambda: record.ended is not None)
    assert record.passed
    assert record.after_s(record.answered) == pytest.approx(0.3 * (5 - first), abs=0.2)
    assert pair.usr.records[0].called == "96900"


def test_network_invites_to_dial_until_the_first_digit(pair: Pair) -> None:
    pair.net.subscribe("12", read_script("answer; wait remote"))
    record = pair.usr.call(CallPlan("12", read_script("wait answer; hangup"), overlap=0, digit_gap_s=2.5))
    pair.until(lambda: record.ended is not None)
    (tone,) = pair.report(record).heard
    assert tone.what == "dial"
    assert tone.until_s == pytest.approx(2.5, abs=0.15)


def test_caller_number_may_be_withheld(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("busy"))
    record = pair.net.call(CallPlan("1", read_script("wait answer"), "555", presentation="restricted"))
    pair.until(lambda: record.ended is not None)
    assert pair.usr.records[0].presentation == "restricted"


def test_thirty_calls_fill_a_span_and_the_next_is_blocked(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; speak tone 500 -10 3; wait remote"))
    plan = CallPlan("1", read_script("wait answer; listen 1; expect 500; wait 1; hangup"))
    records = [pair.net.call(plan) for _ in range(31)]
    assert (records[30].cause, records[30].blocked) == (34, True)
    pair.until(lambda: not pair.net.active)
    assert all(pair.report(record).passed for record in records[:30])
    assert sorted(record.timeslot for record in records[:30]) == [*range(1, 16), *range(17, 32)]


def test_calls_of_both_sides_at_once_on_three_spans_never_share_a_channel() -> None:
    pair = Pair(spans=3)
    for exchange in (pair.net, pair.usr):
        exchange.subscribe("1", read_script("answer; echoes 0"))
    plan = CallPlan("1", read_script("wait answer; wait 2; hangup"))
    # 46 from each side: in the middle both hunt for the same channels.
    records = [exchange.call(plan) for _ in range(46) for exchange in (pair.net, pair.usr)]
    pair.run(1)
    taken = [(r.span, r.timeslot) for r in records if r.answered is not None and r.ended is None]
    assert len(taken) == len(set(taken))
    assert len(taken) >= 86
    pair.until(lambda: not pair.net.active and not pair.usr.active)
    assert all(trunk.channels.in_use == 0 for trunk in (*pair.net.trunks, *pair.usr.trunks))


def test_cut_span_raises_alarm_clears_calls_and_comes_back(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; wait remote"))
    record = pair.net.call(CallPlan("1", read_script("wait answer; wait 60; hangup")))
    pair.run(1)
    pair.net.cut(1, 5)
    pair.run(3)
    assert Alarm.RED in pair.usr.trunks[0].span.alarms
    assert (record.ended_by, record.cause) == ("line", 38)
    assert not pair.net.ready
    assert pair.net.call(CallPlan("1", read_script("wait answer"))).cause == 38
    pair.until(lambda: pair.net.ready and pair.usr.ready, 30)
    assert pair.call("1", "wait answer; hangup").passed
    assert [e.text for e in pair.usr.log.events if "alarm" in e.text] == ["alarm RED", "alarm over"]


def test_cut_d_channel_leaves_the_sound_and_loses_the_link(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; speak tone 500 -10 3; wait remote"))
    record = pair.net.call(CallPlan("1", read_script("wait answer; wait 2; hangup")))
    pair.run(0.5)
    pair.net.cut_d(1, 30)
    pair.run(25)
    assert not pair.net.trunks[0].link.up
    assert pair.net.trunks[0].span.alarms is Alarm.NONE
    assert record.heard.size >= 2 * 8000
    pair.until(lambda: pair.net.ready and pair.usr.ready, 30)
    assert pair.call("1", "wait answer; hangup").passed


def test_impaired_channel_is_heard_so(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; wait remote"))
    pair.net.impair(Impairment(attenuation_db=7, noise_dbm0=-45))
    pair.call("1", "wait answer; speak tone 500 -10 2; hangup")
    levels = {h.what: h.level_dbm0 for h in pair.report(pair.usr.records[0]).heard}
    assert levels["500 Hz"] == pytest.approx(-17, abs=0.1)


def test_impairment_heals(pair: Pair) -> None:
    pair.usr.subscribe("1", read_script("answer; wait remote"))
    pair.net.impair(Impairment(attenuation_db=7))
    pair.net.impair(Impairment())
    pair.call("1", "wait answer; speak tone 500 -10 1; hangup")
    assert pair.report(pair.usr.records[0]).heard[0].level_dbm0 == pytest.approx(-10, abs=0.1)


def test_same_seed_same_run() -> None:
    def run() -> list[tuple[int | None, ...]]:
        pair = Pair(seed=5)
        pair.usr.subscribe("1", read_script("answers 0.5..3"))
        records = [pair.net.call(CallPlan("1", read_script("wait answer; wait 0..2; hangup"))) for _ in range(20)]
        pair.until(lambda: not pair.net.active)
        return [(r.timeslot, r.alerting, r.answered, r.ended) for r in records]

    first = run()
    assert first == run()
    assert len({answered for _, _, answered, _ in first}) > 5


def test_number_that_cannot_be_dialled_is_an_error_and_no_call(pair: Pair) -> None:
    with pytest.raises(PriError, match="cannot be dialled"):
        pair.net.call(CallPlan("12x", read_script("hangup")))
    assert pair.net.records == []
    assert pair.net.trunks[0].channels.in_use == 0


def test_wrong_span_numbers_are_refused(pair: Pair) -> None:
    with pytest.raises(ExchangeError, match="no span 2"):
        pair.net.cut(2, 1)
    with pytest.raises(ExchangeError, match="0 spans"):
        Exchange([])


def test_a_line_stands_as_soon_as_its_far_end_restarts_a_channel_and_carries_a_call(pair: Pair) -> None:
    """A single call need not wait for T200 or for all channels."""
    pair.usr.subscribe("1", read_script("answer; wait remote"))
    pair.net.cut_d(1, 30)
    pair.run(25)
    assert not pair.net.stands
    pair.until(lambda: pair.net.trunks[0].link.up, 30)
    assert not pair.net.stands, "it may still be established anew"
    pair.usr.trunks[0].link.restart(31)
    pair.until(lambda: pair.net.stands, 0.2)
    assert not pair.net.ready
    assert pair.call("1", "wait answer; hangup").passed
    pair.until(lambda: pair.net.ready, 2)


def test_a_channel_that_another_call_has_is_not_given_to_a_second_one(pair: Pair) -> None:
    """Q.931 5.2.3.1: the far end puts a call where one is; that is refused with 6, and the other goes on."""
    talking = pair.net.call(CallPlan("1001", read_script("wait answer; wait 20; hangup"), "138"))
    pair.usr.subscribe("1001", read_script("answer; wait remote"))
    pair.usr.subscribe("1002", read_script("proceed; wait remote 20"))
    pair.until(lambda: talking.answered is not None)
    [trunk] = pair.usr.trunks
    say = trunk.link.proceeding
    trunk.link.proceeding = lambda call, _channel: say(call, talking.timeslot)  # type: ignore[method-assign, assignment, misc]
    moved = pair.net.call(CallPlan("1002", read_script("wait answer 5"), "139"))
    pair.until(lambda: moved.ended is not None, 10)
    assert moved.cause == 6
    pair.until(lambda: talking.ended is not None)
    assert talking.cause == 16
    assert pair.net.trunks[0].channels.in_use == 0
