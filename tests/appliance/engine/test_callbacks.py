# SPDX-License-Identifier: GPL-2.0-or-later
"""Call-backs: the caller hangs up, the place stays, and the caller is dialled when an agent is reserved for it."""

from datetime import datetime

import msgspec
import pytest

from appliance.api.messages import CancelCallBack, MoveWaiting, SetPriority, TakeOut
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import OpenBooks, OpenCallBack
from appliance.contract.errors import RequestError
from appliance.contract.switch import Cause
from appliance.contract.ticks import ticks
from appliance.engine.parts import callbacks
from tests.appliance.engine.box import Box, config
from tests.appliance.engine.calling_back import (
    OTHER,
    OWN,
    ROUTE,
    SALES,
    be,
    come,
    dialled,
    ends,
    gone,
    order,
    reach,
    ready,
    said,
    waiting_box,
)

# --- the place


def test_a_call_back_keeps_its_place_among_callers_on_the_line() -> None:
    box = waiting_box()
    first = come(box, m.Party("13700000001"))
    order(box)
    third = come(box, m.Party("13700000003"))
    assert said(box)[1:3] == ("queue-position", "number-3")
    gone(box, come(box, m.Party("13700000004")))
    be(box, "101", "ready")
    assert box.wrote(r.OfferMade).call == 1
    box.tell(m.Answered(box.asked(m.Dial).leg))
    be(box, "102", "ready")
    assert box.wrote(r.CallBackTried).callback == 1
    assert [call.call for call in box.engine.calls() if call.state == "waiting"] == [3]
    for leg in (first, third):
        gone(box, leg)


def test_one_agent_is_reserved_for_one_call_back() -> None:
    box = waiting_box()
    for caller in (OWN, OTHER):
        order(box, caller)
    be(box, "101", "ready")
    assert [tried.callback for tried in box.all(r.CallBackTried)] == [1]
    be(box, "102", "ready")
    assert [tried.callback for tried in box.all(r.CallBackTried)] == [1, 2]


def test_an_agent_who_does_not_answer_costs_no_try_and_no_place() -> None:
    box = waiting_box()
    order(box)
    come(box, m.Party(OTHER))
    be(box, "101", "ready")
    rung = box.asked(m.Dial).leg
    gone(box, rung)
    assert box.wrote(r.CallBackMissed).why == "agent"
    be(box, "102", "ready")
    assert box.wrote(r.CallBackTried) == r.CallBackTried(1, 4, "sales")
    assert box.engine.queues()[0].callbacks[0].tries == 0


def test_an_agent_who_hangs_up_before_the_caller_answers_costs_no_try() -> None:
    box = waiting_box()
    order(box)
    agent = ready(box)
    line = dialled(box, agent).leg
    gone(box, agent)
    assert box.wrote(r.CallBackMissed).why == "agent"
    gone(box, line)
    assert not ends(box)


@pytest.mark.parametrize(
    ("cause", "why"),
    [(Cause.USER_BUSY, "busy"), (Cause.NO_ANSWER, "no_answer"), (Cause.NO_CIRCUIT, "failed"), (21, "rejected")],
)
def test_a_caller_who_is_not_reached_is_tried_again_from_the_same_place(cause: int, why: str) -> None:
    box = waiting_box(tries=2)
    order(box)
    agent = ready(box)
    line = dialled(box, agent).leg
    box.tell(m.Cleared(line, cause))
    assert box.wrote(r.CallBackMissed) == r.CallBackMissed(1, 2, why, box.now + ticks(60))  # type: ignore[arg-type]
    assert said(box) == ("callback-missed",)
    gone(box, agent)
    box.wait(59)
    assert len(box.all(r.CallBackTried)) == 1
    box.wait(2)
    again = box.asked(m.Dial).leg
    box.tell(m.Answered(again))
    box.tell(m.Cleared(dialled(box, again).leg, cause))
    assert box.wrote(r.CallBackEnded) == r.CallBackEnded(1, "given_up", why)  # type: ignore[arg-type]
    gone(box, again)
    box.audit.idle()


def test_a_call_back_that_is_due_again_comes_before_those_who_came_later() -> None:
    box = waiting_box()
    order(box)
    agent = ready(box)
    box.tell(m.Cleared(dialled(box, agent).leg, Cause.USER_BUSY))
    be(box, "101", "paused")
    gone(box, agent)
    come(box, m.Party(OTHER))
    assert said(box)[1:3] == ("queue-position", "number-1"), "one that sleeps is before nobody"
    box.wait(61)
    be(box, "101", "ready")
    assert box.wrote(r.CallBackTried).callback == 1


def test_an_answering_machine_is_no_caller() -> None:
    box = waiting_box()
    order(box)
    agent = ready(box)
    line = reach(box, agent)
    assert not ends(box)
    box.tell(m.Heard(line, "answer", "machine"))
    assert m.Clear(line, Cause.NORMAL_CLEARING) in box.commands
    assert box.wrote(r.CallBackMissed).why == "machine"
    assert said(box) == ("callback-missed",)
    gone(box, line)
    box.played(agent)
    gone(box, agent)
    box.audit.idle()
    assert not ends(box)


def test_a_machine_that_is_recognised_while_both_are_told_of_the_recording_is_no_caller() -> None:
    box = waiting_box(rules=({"name": "all", "announce": True},))
    order(box)
    agent = ready(box)
    line = reach(box, agent)
    assert [call.state for call in box.engine.calls()] == ["announcing"]
    box.tell(m.Heard(line, "answer", "machine"))
    assert box.wrote(r.CallBackMissed).why == "machine"
    assert said(box) == ("callback-missed",)


def test_where_no_machine_is_looked_for_an_answer_is_enough() -> None:
    box = waiting_box(machines=False)
    order(box)
    agent = ready(box)
    line = reach(box, agent)
    assert not [each for each in box.commands if isinstance(each, m.Listen)]
    assert ends(box) == [("reached", "")]
    box.tell(m.Heard(line, "answer", "machine"))
    assert box.heard() == {agent: line, line: agent}


def test_a_talk_that_ends_before_anything_is_recognised_has_reached_the_caller() -> None:
    box = waiting_box()
    order(box)
    agent = ready(box)
    line = reach(box, agent)
    gone(box, agent)
    assert ends(box) == [("reached", "")]
    gone(box, line)
    box.audit.idle()


def test_a_caller_is_called_back_while_the_plan_is_open_only() -> None:
    clock = {"hour": 17}
    settings = config(
        queue=[{**SALES, "plan": "day", "callback": {"expire_s": 7200}}],
        route=ROUTE,
        plan=[{"name": "day", "hours": "mon-fri 08:00-18:00"}],
    )
    box = Box(settings, wall=lambda _: datetime(2024, 1, 1, clock["hour"], 59))  # noqa: DTZ001
    for agent in ("101", "102"):
        be(box, agent, "paused")
    order(box)
    clock["hour"] = 18
    be(box, "101", "ready")
    box.wait(600)
    assert not box.all(r.CallBackTried)
    clock["hour"] = 8
    box.wait(61)
    assert [tried.callback for tried in box.all(r.CallBackTried)] == [1]


def test_a_call_back_expires() -> None:
    box = waiting_box(expire_s=100)
    order(box)
    box.wait(99)
    assert not ends(box)
    box.wait(2)
    assert ends(box) == [("given_up", "expired")]
    be(box, "101", "ready")
    assert not box.all(r.CallBackTried)
    assert box.engine.queues()[0].callbacks == ()


def test_a_try_under_way_is_the_last_one_when_its_time_is_over() -> None:
    box = waiting_box(expire_s=100)
    order(box)
    agent = ready(box)
    line = dialled(box, agent).leg
    box.tell(m.Alerting(line))
    box.wait(29)
    box.wait(0)
    assert not ends(box)
    box = waiting_box(expire_s=20)
    order(box)
    agent = ready(box)
    line = dialled(box, agent).leg
    box.wait(21)
    assert not ends(box)
    box.tell(m.Cleared(line, Cause.USER_BUSY))
    assert ends(box) == [("given_up", "expired")]


def test_the_caller_of_a_call_back_who_calls_again_takes_its_place() -> None:
    box = waiting_box()
    order(box)
    other = come(box, m.Party(OTHER))
    again = come(box)
    assert said(box)[:2] == ("callback-already", "callback-same-place")
    assert box.wrote(r.QueueEntered).position == 1
    assert box.wrote(r.CallBackEnded) == r.CallBackEnded(1, "cancelled", "called_again", 3)
    be(box, "101", "ready")
    assert box.wrote(r.OfferMade).call == 3
    for leg in (other, again):
        gone(box, leg)


def test_by_rule_the_call_back_stays_until_the_caller_is_served() -> None:
    box = waiting_box(again="keep")
    order(box)
    other = come(box, m.Party(OTHER))
    again = come(box)
    assert said(box)[0] == "callback-already"
    assert box.wrote(r.QueueEntered).position == 3
    box.did(box.engine.request(MoveWaiting(3, 1), box.now))
    agent = ready(box)
    assert ends(box) == [("cancelled", "served")]
    for leg in (other, again, agent):
        gone(box, leg)


# --- people


def test_a_call_back_is_listed_moved_and_cancelled() -> None:
    box = waiting_box()
    caller = come(box, m.Party(OTHER))
    order(box)
    (view,) = box.engine.queues()
    assert view.waiting == (1,)
    assert [(each.callback, each.call, each.place, each.state) for each in view.callbacks] == [(1, 2, 2, "waiting")]
    box.did(box.engine.request(MoveWaiting(2, 1), box.now))
    assert box.wrote(r.CallBackMoved).order == ticks(1)
    assert box.engine.queues()[0].callbacks[0].place == 1
    box.did(box.engine.request(SetPriority(2, "vip"), box.now))
    assert box.wrote(r.CallBackMoved).order < 0
    with pytest.raises(RequestError, match="a call-back waits in its place"):
        box.engine.request(TakeOut(2, "8003"), box.now)
    with pytest.raises(RequestError, match="no call-back 7 waits"):
        box.engine.request(CancelCallBack(7), box.now)
    box.did(box.engine.request(CancelCallBack(1), box.now))
    assert box.wrote(r.CallBackEnded) == r.CallBackEnded(1, "cancelled", "by_person")
    assert box.wrote(r.SupervisorActed).act == "cancel_callback"
    gone(box, caller)


def test_a_queue_that_is_taken_out_takes_its_call_backs_with_it() -> None:
    box = waiting_box()
    order(box)
    box.did(box.engine.reload(msgspec.structs.replace(box.engine._board.config, queue=()), box.now))
    assert ends(box) == [("cancelled", "queue_gone")]


def test_signing_out_of_all_agents_keeps_call_backs() -> None:
    box = waiting_box()
    order(box)
    for agent in ("101", "102"):
        be(box, agent, "signed_out")
    assert not ends(box)
    be(box, "102", "ready")
    assert box.wrote(r.CallBackTried).callback == 1


# --- the box goes away


def test_the_switch_goes_away_and_the_call_back_is_tried_again() -> None:
    box = waiting_box()
    order(box)
    order(box, OTHER)
    agent = ready(box)
    dialled(box, agent)
    box.did(box.engine.detach(box.now))
    assert box.wrote(r.CallBackMissed).why == "interrupted"
    be(box, "102", "ready")
    assert len(box.all(r.CallBackTried)) == 1
    box.tell(m.Attached("test", 64))
    assert {tried.callback for tried in box.all(r.CallBackTried)[1:]} == {1, 2}
    assert not ends(box)


def test_call_backs_are_kept_over_a_restart_in_their_order() -> None:
    waits = tuple(
        OpenCallBack(n, n, "sales", f"1370000000{n}", 50 * (5 - n), 50 * n, ticks(3600), "en", '{"a":2}', n - 1, 0, 0)
        for n in (1, 2)
    )
    gone = OpenCallBack(3, 3, "gone", OWN, 5, 5, ticks(3600), "en", "{}", 0, 0, 9)
    books = OpenBooks(next_call=20, next_callback=4, callbacks=(*waits, gone))
    box = waiting_box(books, queue={"needs": {}})
    for each in waits:
        box.audit.callbacks[each.callback] = r.CallBackAsked(
            each.callback, each.call, "sales", each.number, each.order, each.entered, each.expires
        )
    box.audit.callbacks[3] = r.CallBackAsked(3, 3, "gone", OWN, 5, 5, 9)
    box.audit.tries[9] = 3
    box.audit.last_call = 19
    box.now = ticks(30)
    box.tell(m.Attached("test", 64))
    assert box.wrote(r.CallBackEnded) == r.CallBackEnded(3, "cancelled", "queue_gone")
    assert box.wrote(r.CallBackMissed) == r.CallBackMissed(3, 9, "interrupted", 0)
    assert [each.callback for each in box.engine.queues()[0].callbacks] == [1, 2]
    assert [each.place for each in box.engine.queues()[0].callbacks] == [2, 1]
    assert [each.tries for each in box.engine.queues()[0].callbacks] == [0, 1]
    assert {e.needs["a"] for e in box.engine._board.queues["sales"].entries.values()} == {2}


def test_a_bug_in_a_call_back_holds_up_no_other_and_it_is_tried_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("no reason")

    box = waiting_box(guard=lambda _error: None)
    order(box)
    other = come(box, m.Party(OTHER))
    with monkeypatch.context() as broken:
        broken.setattr(callbacks, "target_of", fails)
        be(box, "101", "ready")
        box.wait(11)  # the agent is rung again after a while
        assert [made.call for made in box.all(r.OfferMade)] == [2]
    rung = box.asked(m.Dial).leg
    gone(box, other)
    gone(box, rung)
    box.wait(50)
    assert [tried.callback for tried in box.all(r.CallBackTried)] == [1]


def test_call_backs_that_sleep_spoil_no_forecast() -> None:
    box = waiting_box(announce=False, queue={"announce_wait": True})
    queue = box.engine._board.queues["sales"]
    for n in range(20):  # one caller every 20 s is served while others wait
        queue.forecast.note(ticks(20 * n), 3)
        queue.forecast.left(ticks(20 * n), 3, served=True)
    queue.forecast.note(ticks(380), 0)
    box.wait(381)
    order(box)
    agent = ready(box)
    line = dialled(box, agent).leg
    box.tell(m.Cleared(line, Cause.USER_BUSY))
    be(box, "101", "paused")
    gone(box, agent)
    box.wait(40)
    come(box, m.Party(OTHER))
    predicted = box.wrote(r.QueueEntered).predicted
    assert predicted == pytest.approx(ticks(20), rel=0.1), "the next one, though a call-back came before"
