# SPDX-License-Identifier: GPL-2.0-or-later
"""Asks of flows: answered, failed, late, withdrawn; the caller meanwhile, and the books."""

from typing import Any

import pytest

from appliance.api.messages import HangUp
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.asks import Ask, AskAnswered, AskFailed, Lookup, Withdraw
from appliance.contract.books import OpenBooks
from appliance.contract.switch import Cause
from appliance.engine.engine import Engine
from appliance.store.store import Store
from appliance.wall import lockstep_wall
from tests.appliance.engine.box import Box, config, flow
from tests.appliance.engine.test_reaching import box_with, rung
from tests.appliance.engine.test_talk import booked, talk

WHO = {
    "do": "lookup",
    "table": "customers",
    "column": "phone",
    "key": "{caller}",
    "within_s": 3,
    "into": {"where": "queue", "name": "name"},
    "found": "known",
    "missing": "new",
    "failed": "broken",
}
CALLER = m.Party("13800138000")


def asking(who: dict[str, Any] | None = None, settings: Any = None, **nodes: Any) -> Box:
    """Return a box whose flow looks its caller up, at once or behind a `welcome`."""
    ends = {name: {"do": "hangup", "cause": cause} for name, cause in (("known", 31), ("new", 1), ("broken", 41))}
    start = "welcome" if "welcome" in nodes else "who"
    document = {"start": start, "node": {**ends, "who": {**WHO, **(who or {})}, **nodes}}
    return Box(settings, flows={"hotline": flow(document)})


WELCOME = {"do": "play", "prompts": ["welcome"], "next": "who"}
MENU = {"do": "menu", "prompts": ["menu-hotline"], "keys": {"1": "known", "2": "new"}, "otherwise": "broken"}


def nothing_happened(box: Box) -> bool:
    return not (box.commands or box.records)


def ended_with(box: Box, leg: int) -> int:
    """Return the cause with which the caller was cleared in the last step."""
    assert box.asked(m.Clear).leg == leg
    return box.asked(m.Clear).cause


def test_a_step_tells_what_is_asked_before_anything_is_answered() -> None:
    box = asking()
    a = box.call_in()
    assert box.asks == [Ask(1, 1, "hotline/who", 3.0, Lookup("customers", "phone", CALLER.number, ("queue", "name")))]
    assert box.commands == [m.Proceed(a)]
    assert not box.all(r.CallAnswered)
    assert box.engine.calls()[0].state == "flow"
    assert box.engine.calls()[0].node == "who"


@pytest.mark.parametrize(("result", "cause"), [("found", 31), ("missing", 1)])
def test_the_answer_says_where_it_goes_on(result: str, cause: int) -> None:
    box = asking()
    a = box.call_in()
    box.found(result)
    assert ended_with(box, a) == cause
    assert len(box.asks) == 1, "what is over is not withdrawn"
    booked(box)


def test_what_was_found_is_in_variables_for_the_nodes_after_it() -> None:
    box = asking(known={"do": "queue", "queue": "{where}", "otherwise": "new"})
    box.call_in()
    box.found(queue="service", name="Li", more="not asked for")
    assert box.wrote(r.QueueEntered).queue == "service"
    booked(box)


def test_the_word_for_what_came_of_it_is_the_result() -> None:
    branch = {"do": "branch", "on": "result", "cases": {"timeout": "known", "failed": "new"}, "otherwise": "menu"}
    box = asking(broken=branch, menu=MENU)
    late, failed = box.call_in(), box.call_in()
    box.answer(AskFailed(2))
    assert ended_with(box, failed) == 1
    box.wait(3)
    assert ended_with(box, late) == 31


def test_values_that_were_not_found_leave_variables_as_they_are() -> None:
    again = {**WHO, "key": "{where}", "found": "known", "missing": "new"}
    box = asking({"found": "again"}, again=again)
    box.call_in()
    box.found(queue="service")
    second = box.asks[-1]
    assert isinstance(second, Ask)
    assert isinstance(second.what, Lookup)
    assert (second.ask, second.what.key) == (2, "service")
    box.found("missing")
    assert box.asked(m.Clear).cause == 1


def test_a_queue_that_is_not_there_leads_on_and_is_told() -> None:
    box = asking(known={"do": "queue", "queue": "{where}", "otherwise": "new"})
    a = box.call_in()
    box.found(queue="nowhere")
    assert ended_with(box, a) == 1
    assert "nowhere" in box.wrote(r.TroubleNoted).english


def test_a_failure_goes_its_way() -> None:
    box = asking()
    a = box.call_in()
    box.answer(AskFailed(1))
    assert ended_with(box, a) == 41


def test_a_deadline_goes_the_same_way_and_an_answer_after_it_changes_nothing() -> None:
    box = asking(broken=WELCOME | {"next": "new"})
    a = box.call_in()
    box.wait(2.9)
    assert not box.commands
    box.wait(0.2)
    assert box.asks[-1] == Withdraw(1, late=True)
    assert box.asked(m.Play).leg == a
    box.answer(AskAnswered(1, "found", {"queue": "sales"}))
    assert nothing_happened(box)
    box.answer(AskFailed(1))
    assert nothing_happened(box)
    box.played(a)
    assert ended_with(box, a) == 1
    booked(box)


def test_an_answer_in_the_tick_of_the_deadline_is_late() -> None:
    box = asking()
    a = box.call_in()
    due = box.engine.next_deadline()
    assert due == 3 * 50
    step = box.did(box.engine.handle(AskAnswered(1, "found"), due))
    assert step.asks == [Withdraw(1, late=True)]
    assert ended_with(box, a) == 41


def test_an_answer_to_what_was_never_asked_changes_nothing() -> None:
    box = asking()
    box.call_in()
    box.answer(AskAnswered(7, "found"))
    assert nothing_happened(box)


def test_two_callers_get_each_their_own() -> None:
    box = asking()
    a, b = box.call_in(), box.call_in()
    box.answer(AskAnswered(2, "missing"))
    assert ended_with(box, b) == 1
    box.answer(AskAnswered(1, "found"))
    assert ended_with(box, a) == 31


# --- what the caller hears, and says meanwhile


def test_it_is_quiet_meanwhile_and_answered_before_only_for_music() -> None:
    box = asking({"music": "default"})
    a = box.call_in()
    assert box.asked(m.Answer).leg == a
    play = box.asked(m.Play)
    assert play == m.Play(a, play.play, ("music:default",), loop=True)
    box.found("missing")
    assert ended_with(box, a) == 1


def test_a_prompt_that_a_key_cut_short_falls_silent() -> None:
    box = asking(welcome={**MENU, "keys": {"1": "who"}})
    a = box.call_in()
    box.key(a, "1")
    assert box.asked(m.Hush).leg == a


def test_a_prompt_after_the_music_takes_its_place() -> None:
    box = asking({"music": "default", "found": "menu"}, menu=MENU)
    a = box.call_in()
    box.found()
    assert box.asked(m.Play).sounds == ("prompt:en/menu-hotline",)
    box.key(a, "2")
    assert ended_with(box, a) == 1


def test_music_that_is_not_there_is_told_once_and_the_wait_goes_on() -> None:
    box = asking({"music": "harp"})
    for n in range(2):
        a = box.call_in()
        box.played(a, ("music:harp",))
        assert len(box.all(r.TroubleNoted)) == 1, n
        box.found("missing")
        assert ended_with(box, a) == 1


def test_keys_meanwhile_answer_the_next_question() -> None:
    box = asking({"found": "menu"}, welcome=WELCOME, menu=MENU)
    a = box.call_in()
    box.played(a)
    box.key(a, "2")
    assert [(key.key, key.node, key.accepted) for key in box.all(r.KeyPressed)] == [("2", "hotline/who", True)]
    box.found()
    assert ended_with(box, a) == 1
    booked(box)


def test_a_node_may_want_no_keys_meanwhile() -> None:
    box = asking({"found": "menu", "keep_keys": False}, welcome=WELCOME, menu=MENU)
    a = box.call_in()
    box.played(a)
    box.key(a, "2")
    assert not box.wrote(r.KeyPressed).accepted
    box.found()
    assert box.asked(m.Play).sounds == ("prompt:en/menu-hotline",)


def test_the_time_of_the_look_up_is_in_the_books() -> None:
    box = asking(welcome=WELCOME)
    a = box.call_in()
    box.played(a)
    assert box.wrote(r.SegmentOpened).what == "hotline/who"
    box.wait(1)
    box.found()
    assert box.wrote(r.SegmentClosed)
    booked(box)


# --- the call ends or changes meanwhile


def test_a_caller_who_leaves_takes_the_ask_back() -> None:
    box = asking()
    a = box.call_in()
    box.tell(m.Cleared(a, 16))
    assert box.asks[1:] == [Withdraw(1)]
    assert box.wrote(r.CallClosed).disposition == "abandoned"
    box.answer(AskAnswered(1, "found"))
    assert nothing_happened(box)
    assert box.engine.next_deadline() is None
    booked(box)


def test_people_may_end_the_call_meanwhile() -> None:
    box = asking()
    a = box.call_in()
    box.did(box.engine.request(HangUp(1), box.now))
    assert box.asked(m.Clear).leg == a
    assert box.asks[-1] == Withdraw(1)
    box.tell(m.Cleared(a, 16))
    booked(box)


def test_a_lost_switch_ends_the_call_and_the_ask() -> None:
    box = asking()
    a = box.call_in()
    box.did(box.engine.detach(box.now))
    assert box.asks[-1] == Withdraw(1)
    box.tell(m.Cleared(a, 41), m.Attached("test", 64))
    box.answer(AskAnswered(1, "found"))
    assert nothing_happened(box)
    assert box.all(r.CallClosed)[-1].disposition == "interrupted"


def test_a_call_server_that_comes_back_closes_the_call_that_was_asking() -> None:
    box = asking()
    a = box.call_in()
    with Store.in_memory(lockstep_wall(1_790_000_000_000)) as store:
        store.apply(1, box.now, box.history)
        books: OpenBooks = store.open_books()
    engine = Engine(config(), {"hotline": flow()}, books)
    assert engine.handle(AskAnswered(1, "found"), 5).records == []
    engine.handle(m.Cleared(a, 41), 6)
    assert not engine.calls()
    assert engine.next_deadline() is None


def test_flows_that_are_read_again_leave_a_call_in_its_own() -> None:
    box = asking()
    a = box.call_in()
    box.engine.reload_flows({"hotline": flow()})
    box.found("missing")
    assert ended_with(box, a) == 1


def test_a_phone_may_hold_and_give_its_caller_away_meanwhile() -> None:
    """Attended transfer: the party that waits hears the flow's next prompts."""
    box = box_with()
    box.engine.reload_flows({"hotline": flow(document(music="default"))})
    a, b = talk(box)
    box.tell(m.Held(b))
    b2 = box.phone_dials("96900", "8001")
    box.tell(m.Held(b2), m.Resumed(b2))
    assert not box.commands
    box.tell(m.TransferWanted(b, "", b2))
    assert box.commands[0] == m.Transferred(b, ok=True)
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("music:default",), loop=True)
    box.tell(m.Cleared(b, 16), m.Cleared(b2, 16))
    box.found()
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("prompt:en/welcome",))
    booked(box)


def document(**who: Any) -> dict[str, Any]:
    ends = {name: {"do": "hangup"} for name in ("new", "broken", "bye")}
    known = {"do": "play", "prompts": ["welcome"], "next": "bye"}
    return {"start": "who", "node": {**ends, "known": known, "who": {**WHO, **who}}}


def test_a_phone_that_only_hears_music_can_be_transferred_nowhere() -> None:
    box = asking({"music": "default"})
    a = box.call_in()
    box.tell(m.TransferWanted(a, "8001"))
    assert box.asked(m.Transferred).ok is False


def test_who_waits_goes_on_when_the_phone_that_consulted_a_flow_hangs_up_meanwhile() -> None:
    box = box_with()
    box.engine.reload_flows({"hotline": flow(document(music="default"))})
    a, b = talk(box)
    box.key(b, "*296900#")
    assert box.engine.calls()[-1].node == "who"
    box.tell(m.Cleared(b, 16))
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("music:default",), loop=True)
    box.found()
    assert box.asked(m.Play) == m.Play(a, box.asked(m.Play).play, ("prompt:en/welcome",))
    booked(box)


def test_a_bug_while_a_call_asks_takes_the_ask_back(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Exception] = []
    box = asking({"music": "harp"})
    box = Box(flows=dict(box.engine._board.flows), guard=told.append)
    a = box.call_in()
    monkeypatch.setattr("appliance.engine.activities.flow.note_missing", None)
    box.played(a, ("music:harp",))
    assert len(told) == 1
    assert box.asks[-1] == Withdraw(1)
    assert box.asked(m.Clear).cause == Cause.TEMPORARY_FAILURE
    box.tell(m.Cleared(a, 41), m.Recorded(1, 0))
    box.audit.idle()


def test_a_bug_in_what_an_answer_leads_to_costs_its_call_alone() -> None:
    told: list[Exception] = []
    box = asking()
    box = Box(flows=dict(box.engine._board.flows), guard=told.append)
    a, b = box.call_in(), box.call_in()
    box.answer(AskAnswered(1, "found", None))  # type: ignore[arg-type]
    assert len(told) == 1
    assert ended_with(box, a) == Cause.TEMPORARY_FAILURE
    box.answer(AskAnswered(2, "missing"))
    assert ended_with(box, b) == 1


def test_keys_are_gone_where_the_flow_dials_on() -> None:
    box = asking(
        {"found": "desk"}, welcome=WELCOME, desk={"do": "dial", "extension": "8009", "otherwise": "menu"}, menu=MENU
    )
    a = box.call_in()
    box.played(a)
    box.key(a, "1")
    box.found()
    assert rung(box) == ["8009"]
    box.tell(m.Cleared(box.asked(m.Dial).leg, 17))
    assert box.asked(m.Play).sounds == ("prompt:en/menu-hotline",)
    booked(box)
