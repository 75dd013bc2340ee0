# SPDX-License-Identifier: GPL-2.0-or-later
"""Duty lists: those on duty are called one after the other, by the configuration's slots and those set meanwhile."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from appliance.api.messages import SetDuty
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.books import LastDuty, OpenBooks
from appliance.contract.errors import ApplianceError
from appliance.engine.engine import Step
from tests.appliance.engine.box import CONFIG, Box, config, flow, reloaded
from tests.appliance.engine.test_outbound import explained
from tests.appliance.engine.test_reaching import closes
from tests.appliance.engine.test_time_plans import EVENING, MONDAY, SATURDAY, SHANGHAI, WORK, clock

SERVICE: dict[str, Any] = {
    "name": "service",
    "number": "8800",
    "ring_s": 10,
    "otherwise": "8009",
    "slot": [
        {"when": "mon-fri 18:00-08:00", "call": ["8001", "8002"]},
        {"when": "2026-12-01..2026-12-02", "call": ["8003"]},
    ],
}
CALLED = {
    "start": "call",
    "node": {"call": {"do": "dial", "duty": "service", "otherwise": "bye"}, "bye": {"do": "hangup"}},
}


def box(begin: str = EVENING, books: OpenBooks | None = None, **changes: Any) -> Box:
    settings = config(**{"plan": [WORK], "duty": [SERVICE], **changes})
    there = Box(settings, {"hotline": flow(CALLED)}, books, wall=clock(begin))
    if books is not None:
        there.tell(m.Attached("test", 64))
    return there


def rung(there: Box) -> list[str]:
    return [record.number for record in there.all(r.LegOpened) if record.role != "caller"]


def ask(there: Box, when: str, *call: str, duty: str = "service") -> Step:
    return there.did(there.engine.request(SetDuty(duty, when, call), there.now))


def on_duty(there: Box, at: str = "") -> tuple[str, ...]:
    (duty,) = there.engine.duties("service", datetime.fromisoformat(at) if at else None)
    return duty.call


@pytest.mark.parametrize("called", ["8800", "96900"])
def test_the_number_and_a_flow_call_those_on_duty_one_after_the_other_and_then_go_on(called: str) -> None:
    there = box()
    there.call_in(called)
    assert rung(there) == ["8001"]
    there.wait(10)
    assert rung(there) == ["8001", "8002"]
    there.tell(m.Cleared(there.all(r.LegOpened)[-1].leg, 17))
    assert rung(there) == ["8001", "8002", "8009"]
    there.tell(m.Answered(there.all(r.LegOpened)[-1].leg))
    assert [record.kind for record in there.all(r.SegmentOpened)][-1] == "talk"
    closes(there)


@pytest.mark.parametrize(
    ("called", "changes"),
    [
        ("77", {"route": [{"called": "77", "flow": "duty:service"}]}),
        ("774", {"route": [{"called": "77*", "flow": "duty:service", "plan": "work", "closed": True}]}),
        ("600", {"hunt": [{"number": "600", "extensions": ["8003"], "otherwise": "duty:service"}]}),
        ("8003", {"extension": [*CONFIG["extension"][:2], {**CONFIG["extension"][2], "follow_me": ["duty:service"]}]}),
        ("8801", {"duty": [{"name": "night", "number": "8801", "otherwise": "duty:service"}]}),
    ],
)
def test_a_list_without_a_number_is_named_where_calls_lead_or_go_on(called: str, changes: dict[str, Any]) -> None:
    service = {name: value for name, value in SERVICE.items() if name not in ("number", "otherwise")}
    there = box(**{**changes, "duty": [service, *changes.get("duty", ())]})
    caller = there.call_in(called)
    wanted = ["8001", "8002"]
    while rung(there)[-1] != "8002":
        there.tell(m.Cleared(there.all(r.LegOpened)[-1].leg, 19))
    assert [number for number in rung(there) if number != "8003"] == wanted
    assert there.engine.calls()
    there.tell(m.Cleared(caller, 16))
    closes(there)


def test_no_phone_dials_a_list_by_its_name() -> None:
    there = box()
    there.phone_dials("duty:service")
    assert not rung(there)


def test_a_flow_goes_on_when_nobody_answers() -> None:
    there = box(duty=[{**SERVICE, "otherwise": ""}])
    caller = there.call_in()
    there.wait(20)
    assert rung(there) == ["8001", "8002"]
    assert caller in [each.leg for each in there.commands if isinstance(each, m.Clear)], "the flow hangs up"
    closes(there)


@pytest.mark.parametrize(
    ("at", "call"),
    [
        ("2026-11-30T17:59", ()),
        ("2026-11-30T18:00", ("8001", "8002")),
        ("2026-12-01T00:00", ("8003",)),  # days win over hours of the week
        ("2026-12-02T23:59", ("8003",)),
        ("2026-12-03T07:59", ("8001", "8002")),
        ("2026-12-05T07:59", ("8001", "8002")),  # Friday's night
        ("2026-12-05T08:00", ()),
    ],
)
def test_those_on_duty_change_by_the_hour_and_by_the_day(at: str, call: tuple[str, ...]) -> None:
    assert on_duty(box(), at) == call


def test_without_anybody_on_duty_the_call_goes_on_and_is_a_trouble() -> None:
    there = box(SATURDAY)
    there.call_in("8800")
    assert rung(there) == ["8009"]
    assert [record.values["duty"] for record in there.all(r.TroubleNoted)] == ["service"]
    closes(there)


def test_outside_numbers_are_dialled_for_the_box_whatever_the_callers_class() -> None:
    duty = {**SERVICE, "slot": [{"when": "mon-sun", "call": ["000441234", "8001"]}]}
    phones = [{**each, "calling": "internal"} for each in CONFIG["extension"]]
    there = box(duty=[duty], extension=phones)
    there.phone_dials("8800")
    assert there.asked(m.Dial).called == "00441234"
    closes(there)


def test_a_conditional_route_is_before_the_list_with_its_number() -> None:
    """At work a flow answers the number; at other times those on duty do."""
    day = {"called": "8800", "flow": "day", "plan": "work"}
    flows = {"hotline": flow(CALLED), "day": flow({"start": "bye", "node": {"bye": {"do": "hangup"}}})}
    for begin, taken in ((MONDAY, "day"), (EVENING, "")):
        there = Box(config(plan=[WORK], duty=[SERVICE], route=[day]), flows, wall=clock(begin))
        there.call_in("8800")
        assert there.all(r.CallOpened)[0].flow == taken
        closes(there)


# --- set meanwhile ----------------------------------------------------------------------------------------------------


def test_a_slot_that_is_set_wins_until_it_is_removed() -> None:
    there = box()
    assert ask(there, "mon-fri 18:00-08:00", "8003").records == [r.DutySet("service", "mon-fri 18:00-08:00", ("8003",))]
    assert on_duty(there) == ("8003",)
    ask(there, "2026-11-30", "8002", "8001")
    assert on_duty(there) == ("8002", "8001")
    there.call_in("8800")
    assert rung(there) == ["8002"]
    ask(there, "2026-11-30")
    assert on_duty(there) == ("8003",)
    closes(there)


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (SetDuty("servce", "sat", ("8001",)), "no duty list servce"),
        (SetDuty("service", "someday", ("8001",)), "'someday' are no times"),
        (SetDuty("service", "2026-02-30", ("8001",)), "'2026-02-30' are no times"),
        (SetDuty("service", "sat", ("9999",)), "9999 leads to nobody"),
        (SetDuty("service", "sat", ("*78",)), "*78 leads to nobody"),
        (SetDuty("service", "sat", ("Bob",)), "Bob"),
    ],
)
def test_a_slot_that_can_serve_nobody_is_refused(request_: SetDuty, words: str) -> None:
    there = box()
    with pytest.raises(ApplianceError) as caught:
        there.engine.request(request_, there.now)
    assert words in caught.value.message
    assert caught.value.hint
    assert on_duty(there, SATURDAY) == ()


def test_slots_that_were_set_are_kept_over_a_restart_also_those_of_lists_that_come_back() -> None:
    last = (LastDuty("service", "sat", "8003 8001"), LastDuty("gone", "sun", "8002"))
    there = box(SATURDAY, OpenBooks(duties=last))
    assert on_duty(there) == ("8003", "8001")
    fresh = config(plan=[WORK], duty=[SERVICE, {"name": "gone"}])
    there.did(reloaded(there.engine, fresh.extension, there.now, duties=fresh.duty))
    assert [duty.duty for duty in there.engine.duties()] == ["service", "gone"]
    assert there.engine.duties("gone", datetime.fromisoformat("2026-11-29T10:00"))[0].call == ("8002",)


def test_a_list_that_is_removed_while_a_call_comes_to_it_ends_the_call() -> None:
    there = box(hunt=[{"number": "8100", "extensions": ["8003"], "ring_s": 5, "otherwise": "8800"}])
    there.call_in("8100")
    there.did(reloaded(there.engine, there.engine._board.config.extension, there.now, duties=()))
    there.wait(6)
    assert rung(there) == ["8003"]
    closes(there)


# --- gaps -------------------------------------------------------------------------------------------------------------


def gaps(there: Box) -> list[tuple[str, str]]:
    (duty,) = there.engine.duties("service")
    return [(_text(begin), _text(end)) for begin, end in duty.gaps]


def _text(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, SHANGHAI).strftime("%m-%d %H:%M")


def test_times_at_which_nobody_is_on_duty_are_found_but_for_those_of_the_plan() -> None:
    there = box(duty=[{**SERVICE, "plan": "work"}])
    assert gaps(there)[:2] == [("12-05 08:00", "12-07 08:00"), ("12-12 08:00", "12-14 08:00")]
    ask(there, "2026-12-05..2026-12-06", "8001")
    assert gaps(there)[0] == ("12-07 00:00", "12-07 08:00")
    ask(there, "2026-12-05..2026-12-06 08:00-08:00", "8001")
    assert gaps(there)[0] == ("12-12 08:00", "12-14 08:00")


def test_a_list_that_is_always_manned_has_no_gap() -> None:
    always = {**SERVICE, "slot": [{"when": "mon-sun", "call": ["8001"]}]}
    assert gaps(box(duty=[always])) == []


def test_a_gap_is_found_over_the_change_of_the_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    slots = [{"when": "mon-sun 03:00-02:00", "call": ["8001"]}]
    there = Box(config(plan=[WORK], duty=[{**SERVICE, "slot": slots}]), wall=clock("2026-03-28T12:00", berlin))
    (duty,) = there.engine.duties("service")
    begin, end = duty.gaps[0]
    assert datetime.fromtimestamp(begin / 1000, berlin).strftime("%m-%d %H:%M") == "03-30 02:00", "not on the 29th"
    assert end - begin == 3600_000


def test_route_test_follows_to_those_on_duty() -> None:
    there = box()
    lines, why, cause = explained(there, "138", "8800")
    assert "8800: duty list service: 8001, 8002" in why
    assert len(lines) == 1
    assert not cause
    assert "8800: duty list service: -" in explained(there, "138", "8800", datetime.fromisoformat(SATURDAY))[1]
