# SPDX-License-Identifier: GPL-2.0-or-later
"""The main case: flow, queue, agent, talk, wrap-up; and all deviations from it."""

from typing import Any

import pytest

from appliance.api.messages import SetAgent
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause, Presentation
from tests.appliance.engine.box import CONFIG, HOTLINE, Box, config, flow


def _answered(box: Box, key: str = "1") -> tuple[int, int]:
    """Connect a caller with an agent who has answered; the announcement plays, if there is one. Return both legs."""
    a = box.to_queue(key)
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b), m.Answered(b))
    return a, b


def test_the_first_call() -> None:
    box = Box()
    a = box.call_in()
    assert [type(c) for c in box.commands] == [m.Proceed, m.Answer, m.Record, m.Play]
    assert box.asked(m.Play).sounds == ("prompt:en/welcome",)
    assert [type(record) for record in box.records[:6]] == [
        r.CallOpened, r.LegOpened, r.ChannelSeized, r.LegAnswered, r.CallAnswered, r.RecordingOpened,
    ]  # fmt: skip
    assert box.wrote(r.SegmentOpened).what == "hotline/welcome"
    box.played(a)
    assert box.asked(m.Play).sounds == ("prompt:en/menu-hotline",)

    box.key(a, "1")
    assert box.wrote(r.KeyPressed) == r.KeyPressed(1, a, "1", "hotline/menu", accepted=True)
    assert box.wrote(r.QueueEntered) == r.QueueEntered(1, "sales", 1)
    assert [s.kind for s in box.records if isinstance(s, r.SegmentOpened)] == ["queue"]
    assert box.asked(m.Play).sounds == (
        "prompt:en/queue-position", "prompt:en/number-1", "prompt:en/queue-position-end",
    )  # fmt: skip
    dial = box.asked(m.Dial)
    b = dial.leg
    assert (dial.line, dial.called, dial.caller.number) == ("sip:8001@127.0.0.1:5001", "8001", "013800138000")
    assert box.wrote(r.OfferMade) == r.OfferMade(1, 1, "sales", "101", b)
    assert box.agent("101") == ("ready", "offered", "")
    box.played(a)
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("music:default",), loop=True)

    box.tell(m.Alerting(b))
    assert not box.commands, "the caller hears music, not ringing"
    box.tell(m.Answered(b))
    assert box.wrote(r.OfferEnded) == r.OfferEnded(1, 1, "answered")
    assert box.wrote(r.QueueLeft) == r.QueueLeft(1, "sales", "answered")
    announced = tuple(
        f"prompt:en/{name}" for name in ("agent-number", "digit-1", "digit-0", "digit-1", "at-your-service")
    )
    assert {(c.leg, c.sounds) for c in box.commands if isinstance(c, m.Play)} == {(a, announced), (b, announced)}
    assert not box.mixed()

    box.played(a)
    assert {(g.listener, g.leg) for g in box.mixed()} == {(a, b), (b, a)}
    talk = box.wrote(r.SegmentOpened)
    assert (talk.kind, talk.legs, talk.what) == ("talk", (a, b), "101")
    assert box.agent("101")[1] == "talking"

    box.tell(m.Cleared(a, 16))
    assert box.asked(m.Clear) == m.Clear(b, 16)
    assert box.agent("101")[1] == "talking", "the phone is not free yet"
    box.tell(m.Cleared(b, 16), m.Recorded(1, 160000))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "answered", 16, "caller")
    assert box.agent("101")[1] == "wrap_up"
    box.wait(10.1)
    assert box.agent("101") == ("ready", "idle", "")
    box.audit.idle()
    assert box.engine.next_deadline() is None


def test_agent_hangs_up() -> None:
    box = Box()
    a, b = _answered(box)
    box.played(a)
    box.tell(m.Cleared(b, 16))
    assert box.asked(m.Clear) == m.Clear(a, 16)
    box.tell(m.Cleared(a, 16))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "answered", 16, "callee")


def test_without_announcement_and_wrap_up() -> None:
    box = Box()
    a, b = _answered(box, "2")
    assert len(box.mixed()) == 2
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
    assert box.agent("102")[1] == "idle"


def test_longest_idle_first_across_queues() -> None:
    box = Box()
    legs = []
    for key, agent in (("1", "101"), ("1", "102"), ("1", None), ("2", "103"), ("2", None)):
        legs.append(box.to_queue(key))
        assert [made.agent for made in box.records if isinstance(made, r.OfferMade)] == ([agent] if agent else [])
    rung = box.all(r.OfferMade)[1].leg
    box.tell(m.Cleared(legs[1], 16), m.Cleared(rung, 16))
    made = box.wrote(r.OfferMade)
    assert (made.call, made.agent, made.queue) == (3, "102", "sales"), "102 serves both queues: who came first is next"


def test_ring_no_answer_goes_to_the_next_and_pauses() -> None:
    box = Box()
    a = box.to_queue()
    b = box.asked(m.Dial).leg
    box.tell(m.Alerting(b))
    box.wait(15.1)
    assert m.Clear(b, Cause.NO_ANSWER) in box.commands
    assert box.wrote(r.OfferEnded) == r.OfferEnded(1, 1, "no_answer")
    assert box.wrote(r.OfferMade).agent == "102"
    assert box.agent("101")[1] == "offered", "until the phone is silent"
    box.tell(m.Answered(b))
    assert not box.commands, "answered too late"
    box.tell(m.Cleared(b, Cause.NO_ANSWER))
    assert box.agent("101") == ("paused", "paused", "no_answer")
    box.did(box.engine.request(SetAgent("101", "ready"), box.now))
    assert box.agent("101") == ("ready", "idle", "")
    assert a


@pytest.mark.parametrize(("cause", "result"), [(17, "busy"), (21, "rejected"), (38, "failed"), (18, "no_answer")])
def test_phone_refuses_goes_to_the_next_and_is_left_alone_for_a_while(cause: int, result: str) -> None:
    queue = {"name": "sales", "agents": ["101", "102"], "pause_after_no_answer": False}
    box = Box(config(queue=[queue]))
    box.to_queue()
    b = box.asked(m.Dial).leg
    box.tell(m.Cleared(b, cause))
    assert box.wrote(r.OfferEnded).result == result
    assert box.wrote(r.OfferMade).agent == "102"
    assert box.agent("101") == ("ready", "unreachable", result)
    box.wait(10.1)
    assert box.agent("101") == ("ready", "idle", "")


def test_caller_abandons_while_waiting_and_while_an_agent_rings() -> None:
    box = Box()
    a = box.to_queue()
    b = box.asked(m.Dial).leg
    box.tell(m.Cleared(a, 16))
    assert box.asked(m.Clear) == m.Clear(b, 16)
    assert box.wrote(r.OfferEnded).result == "withdrawn"
    assert box.wrote(r.QueueLeft).reason == "abandoned"
    assert box.agent("101")[1] == "offered"
    box.tell(m.Cleared(b, 16))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "abandoned", 16, "caller")
    assert box.agent("101") == ("ready", "idle", "")

    for agent in ("101", "102"):
        box.did(box.engine.request(SetAgent(agent, "paused", "lunch"), box.now))
    a = box.to_queue()
    assert not [c for c in box.commands if isinstance(c, m.Dial)]
    box.tell(m.Cleared(a, 16))
    assert box.wrote(r.CallClosed).disposition == "abandoned"
    assert box.engine.next_deadline() is None, "no timer outlives its call"


def test_caller_abandons_during_the_announcement() -> None:
    box = Box()
    a, b = _answered(box)
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16), m.Recorded(1, 1))
    assert box.agent("101")[1] == "wrap_up"
    box.audit.idle()


def test_busy_queue_says_so_and_tells_the_position_again() -> None:
    box = Box()
    for _ in range(2):
        box.to_queue()
    a = box.to_queue()
    sounds = ("all-agents-busy", "queue-position", "number-3", "queue-position-end")
    assert box.asked(m.Play).sounds == tuple(f"prompt:en/{name}" for name in sounds)
    box.played(a)
    box.wait(30)
    again = [c for c in box.commands if isinstance(c, m.Play) and c.leg == a]
    assert [c.sounds for c in again] == [tuple(f"prompt:en/{name}" for name in sounds[1:])]
    box.played(a)
    assert box.asked(m.Play).loop


def test_full_queue_and_nobody_signed_in_go_the_other_way() -> None:
    box = Box()
    for _ in range(3):
        box.to_queue()
    a = box.to_queue()
    assert box.wrote(r.QueueLeft).reason == "full"
    assert box.asked(m.Play).sounds == ("prompt:en/nobody-available",)
    box.played(a)
    assert box.asked(m.Clear) == m.Clear(a, 16)
    box.tell(m.Cleared(a, 16))
    assert box.wrote(r.CallClosed) == r.CallClosed(4, "no_answer", 16, "box")

    box = Box()
    for agent in ("101", "102"):
        box.did(box.engine.request(SetAgent(agent, "signed_out"), box.now))
    box.to_queue()
    assert box.wrote(r.QueueLeft).reason == "no_agents"


def test_the_last_agent_signs_out_while_callers_wait() -> None:
    box = Box()
    for agent in ("101", "102"):
        box.did(box.engine.request(SetAgent(agent, "paused"), box.now))
    a = box.to_queue()
    box.did(box.engine.request(SetAgent("101", "signed_out"), box.now))
    assert not box.commands
    box.did(box.engine.request(SetAgent("102", "signed_out"), box.now))
    assert box.wrote(r.QueueLeft).reason == "no_agents"
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("prompt:en/nobody-available",))


def test_waited_too_long() -> None:
    box = Box()
    for agent in ("101", "102"):
        box.did(box.engine.request(SetAgent(agent, "paused"), box.now))
    a = box.to_queue()
    box.wait(121)
    assert box.wrote(r.QueueLeft).reason == "timeout"
    box.played(a)
    box.tell(m.Cleared(a, 16))
    assert box.wrote(r.CallClosed).disposition == "no_answer"


def test_waited_too_long_while_an_agent_rings_lets_this_one_answer() -> None:
    queue = {"name": "sales", "agents": ["101"], "max_wait_s": 10}
    for answers in (True, False):
        box = Box(config(queue=[queue]))
        box.to_queue()
        b = box.asked(m.Dial).leg
        box.wait(12)
        assert not box.all(r.QueueLeft)
        box.tell(m.Answered(b) if answers else m.Cleared(b, 17))
        assert box.all(r.QueueLeft)[0].reason == ("answered" if answers else "timeout")


def test_choices_during_a_call_count_after_it() -> None:
    box = Box()
    a, b = _answered(box)
    box.did(box.engine.request(SetAgent("101", "paused", "lunch"), box.now))
    assert box.agent("101") == ("paused", "talking", "lunch")
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
    assert box.agent("101") == ("paused", "wrap_up", "lunch")
    box.wait(11)
    assert box.agent("101") == ("paused", "paused", "lunch")


def test_ready_ends_wrap_up() -> None:
    box = Box()
    a, b = _answered(box)
    box.tell(m.Cleared(a, 16), m.Cleared(b, 16))
    box.did(box.engine.request(SetAgent("101", "ready"), box.now))
    assert box.agent("101")[1] == "idle"
    assert box.engine.next_deadline() is None, "the wrap-up timer is gone"


def test_a_phone_in_use_is_not_offered() -> None:
    box = Box()
    a = box.phone_dials("8009", phone="8001")
    assert box.agent("101")[1] == "talking"
    box.to_queue()
    assert box.wrote(r.OfferMade).agent == "102"
    box.tell(m.Cleared(a, 16))
    assert box.agent("101")[1] == "idle"


def test_pressed_while_it_plays_and_nonsense_and_nothing() -> None:
    nodes: Any = HOTLINE["node"]
    deaf = {**nodes, "welcome": {**nodes["welcome"], "keep_keys": False}}
    box = Box(flows={"hotline": flow({**HOTLINE, "node": deaf})})
    a = box.call_in()
    box.key(a, "1")
    assert box.wrote(r.KeyPressed).accepted is False, "no question was asked yet"
    assert not box.commands
    box.played(a)
    box.key(a, "9")
    assert box.wrote(r.KeyPressed).accepted is False
    assert box.asked(m.Play).sounds == ("prompt:en/invalid-choice", "prompt:en/menu-hotline")
    box.played(a)
    box.wait(5)
    assert box.asked(m.Play).sounds == ("prompt:en/press-again", "prompt:en/menu-hotline")
    box.played(a)
    box.wait(5)
    assert box.wrote(r.QueueEntered).queue == "sales", "the default after the third"


def test_a_prompt_that_is_missing_is_named_once_and_the_call_goes_on() -> None:
    box = Box(config(paths={"sounds": "/srv/sounds"}))
    for _ in range(2):
        a = box.call_in()
        box.played(a, ("prompt:en/welcome",))
        assert box.asked(m.Play).sounds == ("prompt:en/menu-hotline",)
    noted = box.all(r.TroubleNoted)
    assert [each.kind for each in noted] == ["prompt_missing"]
    for part in ("hotline/welcome", "prompt:en/welcome", "/srv/sounds/en/welcome.wav"):
        assert part in noted[0].english


def test_dial_from_a_flow() -> None:
    box = Box()
    a = box.to_queue("3")
    dial = box.asked(m.Dial)
    assert dial.called == "8009"
    assert box.asked(m.Hush).leg == a
    box.tell(m.Alerting(dial.leg))
    assert box.asked(m.Play).sounds == ("tone:ringback",)
    box.wait(20.1)
    assert m.Clear(dial.leg, Cause.NO_ANSWER) in box.commands
    assert [c.sounds for c in box.commands if isinstance(c, m.Play)] == [("prompt:en/nobody-available",)]
    box.tell(m.Cleared(dial.leg, 19))
    box.played(a)
    box.tell(m.Cleared(a, 16), m.Recorded(1, 1))
    assert box.all(r.CallClosed)[0].disposition == "no_answer"
    box.audit.idle()


def test_dial_from_a_flow_outside_and_talk() -> None:
    box = Box()
    a = box.to_queue("4")
    dial = box.asked(m.Dial)
    assert (dial.line, dial.called) == ("pri:carrier", "5551234")
    box.tell(m.Answered(dial.leg))
    assert len(box.mixed()) == 2
    assert len(box.all(r.RecordingOpened)) == 1, "recorded since the flow answered"
    assert len(box.all(r.CallAnswered)) == 1
    box.tell(m.Cleared(dial.leg, 16))
    assert box.asked(m.Clear) == m.Clear(a, 16)


def test_restricted_callers_are_not_shown_to_agents() -> None:
    box = Box()
    a = box.call_in(caller=m.Party("13800138000", "", Presentation.RESTRICTED))
    box.played(a)
    box.key(a, "1")
    assert box.asked(m.Dial).caller.number == ""


def test_a_line_that_fails_in_a_talk() -> None:
    box = Box()
    a, b = _answered(box)
    box.played(a)
    box.tell(m.Cleared(a, Cause.DESTINATION_OUT_OF_ORDER), m.Cleared(b, 27))
    assert box.wrote(r.CallClosed) == r.CallClosed(1, "answered", 27, "line")


def test_a_failed_recording_is_noted_and_the_call_goes_on() -> None:
    box = Box()
    a = box.call_in()
    box.tell(m.Recorded(1, 0, "no space left on device"))
    assert "no space left" in box.wrote(r.TroubleNoted).english
    box.played(a)
    assert box.asked(m.Play).sounds == ("prompt:en/menu-hotline",)
    box.tell(m.Cleared(a, 16))
    box.audit.idle()


def test_an_agent_without_a_phone_is_never_offered() -> None:
    box = Box(config(agent=[{"number": "101", "start": "ready"}, *CONFIG["agent"][1:]]))
    box.to_queue()
    assert box.wrote(r.OfferMade).agent == "102"


def test_flows_are_loaded_anew_for_new_calls_only() -> None:
    box = Box()
    a = box.call_in()
    box.engine.reload_flows({})
    box.played(a)
    assert box.asked(m.Play).sounds == ("prompt:en/menu-hotline",)
    b = box.call_in()
    assert box.asked(m.Clear).leg == b


def test_views() -> None:
    box = Box()
    _answered(box)
    box.to_queue()
    box.to_queue()
    queue = box.engine.queues()[0]
    assert (queue.queue, queue.waiting, queue.idle, queue.busy, queue.signed_in) == ("sales", (2, 3), 0, 2, 2)
    call = box.engine.calls()[1]
    assert (call.flow, call.node, call.queue, call.state) == ("hotline", "sales", "sales", "offering")
    assert {view.agent: view.call for view in box.engine.agents()} == {"101": 1, "102": 2, "103": 0}


def test_lines_report() -> None:
    box = Box()
    box.wait(60)
    box.tell(m.SpanState(1, "sim:e1", ("RED",), in_service=False, cause="d_channel"))
    assert "span 1 sim:e1: RED, D channel down" in box.wrote(r.TroubleNoted).english
    box.tell(m.Trouble("late", "a tick was late", 3))
    assert box.wrote(r.TroubleNoted) == r.TroubleNoted("late", "a tick was late", 3)
    box.tell(m.Heartbeat(), m.StatusReport(0, 1.0, 1.0, 1.0))
    assert not box.records
