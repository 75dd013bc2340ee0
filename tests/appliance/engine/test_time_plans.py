# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans at work: in queues, trunks, flows and follow-me; switched by hand from phones and by requests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.api.messages import SetPlan
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import LastPlan, OpenBooks
from appliance.contract.edge import Presence
from appliance.contract.errors import RequestError
from appliance.contract.records import PlanState
from appliance.contract.ticks import TICKS_PER_S
from appliance.engine.engine import Step
from tests.appliance.engine.box import CONFIG, Box, config, flow, reloaded
from tests.appliance.engine.test_outbound import explained
from tests.appliance.engine.test_reaching import closes

WORK: dict[str, Any] = {"name": "work", "hours": "mon-fri 08:00-18:00", "key": "1"}
MONDAY, EVENING, SATURDAY = "2026-11-30T10:00", "2026-11-30T20:00", "2026-11-28T10:00"
SHANGHAI = ZoneInfo("Asia/Shanghai")


def clock(begin: str, zone: ZoneInfo | None = SHANGHAI) -> Callable[[int], datetime]:
    """Return a clock that goes with box time, from `begin` on."""
    start = datetime.fromisoformat(begin).replace(tzinfo=zone).timestamp()
    return lambda tick: datetime.fromtimestamp(start + tick / TICKS_PER_S, zone)


def box(begin: str = MONDAY, books: OpenBooks | None = None, **changes: Any) -> Box:
    """Return a box with the plan `work`, whose clock begins at a moment in Shanghai."""
    there = Box(config(**{"plan": [WORK], **changes}), changes.pop("flows", None), books, wall=clock(begin))
    if books is not None:
        there.tell(m.Attached("test", 64))
    return there


def told(step: Step) -> list[tuple[str, str]]:
    return [(each.extension, each.state) for each in step.edge if isinstance(each, Presence)]


def ask(there: Box, state: PlanState, until: str = "", plan: str = "work") -> Step:
    return there.did(there.engine.request(SetPlan(plan, state, until), there.now))


def stand(there: Box) -> tuple[bool, str]:
    (plan,) = there.engine.plans("work")
    return plan.open, plan.reason


def said(there: Box) -> tuple[str, ...]:
    return tuple(sound.removeprefix("prompt:en/") for sound in there.asked(m.Play).sounds)


# --- what goes by a plan ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("begin", "admitted"), [(MONDAY, True), (EVENING, False), (SATURDAY, False)])
def test_a_queue_admits_callers_while_its_plan_is_open(begin: str, admitted: bool) -> None:
    there = box(begin, queue=[{**CONFIG["queue"][0], "plan": "work"}, CONFIG["queue"][1]])
    there.to_queue()
    left = [record.reason for record in there.all(r.QueueLeft)]
    assert left == ([] if admitted else ["closed"])
    assert bool(there.all(r.OfferMade)) is admitted
    closes(there)


def test_a_caller_who_waits_already_is_served_after_hours() -> None:
    there = box("2026-11-30T17:59:50", queue=[{**CONFIG["queue"][0], "plan": "work", "ring_s": 30}, CONFIG["queue"][1]])
    there.to_queue()
    there.wait(15)
    assert not there.all(r.QueueLeft)
    there.tell(m.Answered(there.all(r.OfferMade)[0].leg))
    assert there.wrote(r.QueueLeft).reason == "answered"
    closes(there)


BY_TIME = {
    "start": "when",
    "node": {
        "when": {"do": "plan", "plan": "work", "open": "day", "closed": "night"},
        "day": {"do": "play", "prompts": ["welcome"], "next": "bye"},
        "night": {"do": "play", "prompts": ["goodbye"], "next": "bye"},
        "bye": {"do": "hangup"},
    },
}


@pytest.mark.parametrize(("begin", "prompt"), [(MONDAY, "welcome"), (EVENING, "goodbye")])
def test_a_flow_goes_on_by_a_plan(begin: str, prompt: str) -> None:
    there = Box(config(plan=[WORK]), {"hotline": flow(BY_TIME)}, wall=clock(begin))
    there.call_in()
    assert said(there) == (prompt,)
    closes(there)


def test_a_plan_of_a_variable_that_is_not_there_is_closed_and_a_trouble() -> None:
    node = {**BY_TIME["node"], "when": {**BY_TIME["node"]["when"], "plan": "{called}"}}  # type: ignore[index, dict-item]
    there = Box(config(plan=[WORK]), {"hotline": flow({**BY_TIME, "node": node})}, wall=clock(MONDAY))
    there.call_in()
    assert said(there) == ("goodbye",)
    assert there.wrote(r.TroubleNoted).values["plan"] == "'96900'"
    closes(there)


FOLLOWED = {"follow_me": ["8002"], "follow_me_plan": "work", "ring_s": 5}


@pytest.mark.parametrize(
    ("begin", "closed", "follows"),
    [(MONDAY, False, True), (EVENING, False, False), (MONDAY, True, False), (EVENING, True, True)],
)
def test_follow_me_may_be_for_one_part_of_the_day(begin: str, closed: bool, follows: bool) -> None:
    phones = [{**each} for each in CONFIG["extension"]]
    phones[0] |= {**FOLLOWED, "follow_me_closed": closed}
    there = box(begin, extension=phones)
    there.phone_dials("8001")
    there.wait(6)
    rung = [record.number for record in there.all(r.LegOpened) if record.role == "extension"]
    assert rung == (["8001", "8002"] if follows else ["8001"])
    steps = [step.msgid for step in there.engine.explain("8009", "8001").steps]
    assert any(step.startswith("then, for") for step in steps) is follows
    closes(there)


TRUNKS: dict[str, Any] = {
    "outgoing": [{"name": "all", "via": ["trunk:cheap", "pri:carrier"]}],
    "trunk_rule": [{"line": "trunk:cheap", "plan": "work"}],
}


@pytest.mark.parametrize(
    ("begin", "number", "line"),
    [(MONDAY, "05551234", "trunk:cheap"), (EVENING, "05551234", "pri:carrier"), (EVENING, "110", "trunk:cheap")],
)
def test_a_trunk_takes_calls_by_its_plan_but_emergency_calls_always(begin: str, number: str, line: str) -> None:
    there = box(begin, **TRUNKS)
    there.phone_dials(number)
    assert there.asked(m.Dial).line == line
    closes(there)


def test_route_test_says_which_trunk_is_passed_over_for_its_plan() -> None:
    there = box(**TRUNKS)
    lines, why, _cause = explained(there, "8009", "05551234", datetime.fromisoformat(EVENING))
    assert lines == ["pri:carrier"]
    assert "trunk:cheap is used only while plan work is open: passed over" in why


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_a_code_closes_an_open_plan_until_it_closes_by_itself_and_opens_again_the_next_day() -> None:
    there = box("2026-11-30T16:00")
    leg = there.phone_dials("*281")
    until = int(datetime(2026, 11, 30, 18, tzinfo=SHANGHAI).timestamp() * 1000)
    assert there.all(r.PlanSwitched) == [r.PlanSwitched("work", "closed", until, "8009")]
    assert said(there) == ("plan-closed",)
    assert stand(there) == (False, "by_hand")
    there.tell(m.Cleared(leg, 16))
    there.wait(7200)
    assert there.all(r.PlanSwitched)[-1] == r.PlanSwitched("work", "by_plan"), "the time was over: nobody did it"
    assert stand(there) == (False, "hours")
    there.wait(14 * 3600)
    there.tell(m.Heartbeat())
    assert stand(there) == (True, "hours")


def test_a_code_opens_a_closed_plan_and_the_same_code_undoes_it() -> None:
    there = box(EVENING)
    there.phone_dials("*281")
    assert said(there) == ("plan-open",)
    assert stand(there) == (True, "by_hand")
    there.phone_dials("*281", "8001")
    assert said(there) == ("plan-by-times", "plan-closed")
    assert [(each.state, each.extension) for each in there.all(r.PlanSwitched)] == [
        ("open", "8009"),
        ("by_plan", "8001"),
    ]
    closes(there)


@pytest.mark.parametrize("plan", [{**WORK, "by_hand": "ever"}, {"name": "work", "key": "1"}])
def test_a_plan_may_stay_as_it_was_switched(plan: dict[str, Any]) -> None:
    there = box(plan=[plan])
    there.phone_dials("*281")
    assert there.all(r.PlanSwitched)[-1].until == 0
    closes(there)
    there.wait(40 * 86400)
    assert stand(there) == (False, "by_hand")


@pytest.mark.parametrize(("code", "phone"), [("*282", "8009"), ("*281", "8002")])
def test_a_key_of_no_plan_and_a_phone_that_may_not_change_nothing(code: str, phone: str) -> None:
    there = box(plan=[{**WORK, "phones": ["8009"]}])
    there.phone_dials(code, phone)
    assert said(there) == ("not-possible",)
    assert not there.all(r.PlanSwitched)
    closes(there)


def test_the_lamp_of_the_code_is_lit_while_a_plan_is_switched_by_hand() -> None:
    there = box("2026-11-30T17:00")
    assert ("*281", "idle") in [(each.extension, each.state) for each in there.engine.presence()]
    assert told(ask(there, "closed", "next")) == [("*281", "busy")]
    assert told(ask(there, "open")) == [], "lit already"
    assert ("*281", "busy") in [(each.extension, each.state) for each in there.engine.presence()]
    assert told(ask(there, "by_plan")) == [("*281", "idle")]
    ask(there, "closed", "next")
    due = there.engine.next_deadline()
    assert due == 3600 * TICKS_PER_S
    assert told(there.did(there.engine.advance(due))) == [("*281", "idle")]


def test_a_route_goes_by_what_was_switched_by_hand_and_says_so() -> None:
    night = {"called": "96900", "flow": "night", "plan": "work", "closed": True}
    flows = {"hotline": flow(), "night": flow(BY_TIME)}
    there = Box(config(plan=[WORK], route=[night, *CONFIG["route"]]), flows, wall=clock(MONDAY))
    there.call_in()
    assert there.all(r.CallOpened)[-1].flow == "hotline"
    ask(there, "closed")
    there.call_in()
    assert there.all(r.CallOpened)[-1].flow == "night"
    assert said(there) == ("goodbye",)
    ask(there, "open", "2026-11-30T11:00")
    before, after = [
        explained(there, "138", "96900", datetime.fromisoformat(f"2026-11-30T{at}"))[1][1] for at in ("10:59", "11:00")
    ]
    assert before == "route 96900 -> night: only while plan work is closed; at 2026-11-30 10:59 it is open by hand"
    assert "it is open (mon-fri" in after
    ask(there, "by_plan")
    closes(there)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (SetPlan("wrok", "open"), "no time plan wrok"),
        (SetPlan("work", "open", "tomorrow"), "tomorrow is no time of day"),
        (SetPlan("work", "open", "2026-11-30T09:59"), "is over"),
    ],
)
def test_a_request_that_cannot_be_done_says_why_and_changes_nothing(request_: SetPlan, words: str) -> None:
    there = box()
    with pytest.raises(RequestError) as caught:
        there.engine.request(request_, there.now)
    assert words in caught.value.message
    assert caught.value.hint
    assert stand(there) == (True, "hours")


def test_to_end_what_nobody_switched_writes_nothing() -> None:
    there = box()
    assert not ask(there, "by_plan").records


def test_what_was_switched_by_hand_is_kept_over_a_restart_for_its_time() -> None:
    until = int(datetime(2026, 11, 30, 10, 30, tzinfo=SHANGHAI).timestamp() * 1000)
    there = box(books=OpenBooks(plans=(LastPlan("work", "closed", until), LastPlan("gone", "open"))))
    assert stand(there) == (False, "by_hand")
    assert ("*281", "busy") in [(each.extension, each.state) for each in there.engine.presence()]
    there.wait(1799)
    assert stand(there) == (False, "by_hand")
    there.wait(2)
    assert there.all(r.PlanSwitched) == [r.PlanSwitched("work", "by_plan")]
    assert stand(there) == (True, "hours")


def test_a_time_that_was_over_before_the_start_counts_no_more() -> None:
    there = box(EVENING, OpenBooks(plans=(LastPlan("work", "open", 1_700_000_000_000),)))
    assert stand(there) == (False, "hours")
    there.wait(0)
    assert there.all(r.PlanSwitched) == [r.PlanSwitched("work", "by_plan")]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 3), ("2026-10-25", 5), ("2026-11-01", 4)])
def test_a_moment_on_the_wall_comes_sooner_or_later_when_clocks_are_set(day: str, hours: int) -> None:
    """From midnight to 04:00 in Berlin it is three, five or four hours."""
    berlin = ZoneInfo("Europe/Berlin")
    there = Box(config(plan=[WORK]), wall=clock(f"{day}T00:00", berlin))
    ask(there, "open", f"{day}T04:00")
    there.wait(hours * 3600 - 1)
    assert stand(there)[1] == "by_hand"
    there.wait(2)
    assert stand(there)[1] == "hours"


def test_plans_and_holidays_are_read_again_without_a_restart() -> None:
    night = {"called": "96900", "flow": "night", "plan": "work", "closed": True}
    there = Box(
        config(plan=[WORK], route=[night, *CONFIG["route"]]),
        {"hotline": flow(), "night": flow(BY_TIME)},
        wall=clock(MONDAY),
    )
    fresh = config(
        plan=[{**WORK, "public_holidays": True}], calendar={"holidays": ["2026-11-30"], "announced": "2026-12-31"}
    )
    there.did(reloaded(there.engine, fresh.extension, there.now, plans=fresh.plan, calendar=fresh.calendar))
    there.call_in()
    assert there.all(r.CallOpened)[-1].flow == "night"
    (plan,) = there.engine.plans()
    assert (plan.open, plan.reason, plan.by, plan.announced) == (False, "public_holiday", "2026-11-30", "2026-12-31")
    assert datetime.fromtimestamp(plan.changes_at / 1000, SHANGHAI) == datetime(2026, 12, 1, 8, tzinfo=SHANGHAI)
    there.did(reloaded(there.engine, fresh.extension, there.now, plans=()))
    there.call_in()
    assert there.all(r.CallOpened)[-1].flow == "night", "a plan that routes name stays until the restart"
    assert not there.engine.plans()
    closes(there)


def test_a_view_tells_the_day_at_another_time() -> None:
    there = box()
    (plan,) = there.engine.plans("work", datetime.fromisoformat(SATURDAY) + timedelta(days=7))
    assert (plan.open, plan.by, plan.times, plan.code) == (False, "mon-fri 08:00-18:00", (), "*281")
    (plan,) = there.engine.plans("work", datetime.fromisoformat(MONDAY))
    assert plan.times == ("08:00-18:00",)
