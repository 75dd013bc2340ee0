# SPDX-License-Identifier: GPL-2.0-or-later
"""Routes as ordered rules over called number, caller, line and time; `mxbox route test` explains each."""

from datetime import datetime
from typing import Any

import pytest

from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause, Party, Presentation
from appliance.engine.routes.conditions import Given
from appliance.engine.routes.routing import Routes, Target, ToFlow, ToPhone, Undecided
from tests.appliance.engine.box import Box, config, flow
from tests.appliance.engine.test_outbound import dialled, explained
from tests.appliance.engine.test_reaching import closes

PLAN: dict[str, Any] = {"name": "work", "hours": "mon-fri 08:00-18:00", "holidays": ["2026-10-01..2026-10-07"]}
RULES: dict[str, Any] = {
    "plan": [PLAN],
    "trunk_group": [{"name": "far", "lines": ["trunk:voip", "pri:second"]}],
    "lists": {"vip": ["13700000000"]},
    "route": [
        {"called": "96900", "flow": "blocked", "callers": ["anonymous"]},
        {"called": "96900", "flow": "vip", "callers": ["vip", "075755*"]},
        {"called": "96900", "flow": "night", "plan": "work", "closed": True},
        {"called": "96900", "flow": "far", "lines": ["far"]},
        {"called": "96900", "flow": "day"},
        {"called": "969*", "flow": "sales", "callers": ["138*"], "plan": "work"},
        {"called": "969*", "flow": "rest"},
        {"called": "8001", "flow": "night", "plan": "work", "closed": True},
        {"called": "7*", "flow": "only", "callers": ["138*"]},
        {"called": "55", "flow": "only", "callers": ["138*"]},
    ],
}
DAY, NIGHT, HOLIDAY = "2026-11-30T10:00", "2026-11-30T20:00", "2026-10-05T10:00"
KNOWN = Party("13800138000")


def given(caller: Party = KNOWN, line: str = "pri:carrier", when: str = DAY) -> Given:
    return Given(caller, line, lambda: datetime.fromisoformat(when))


def find(called: str, *, complete: bool = True, phone: bool = False, **more: Any) -> Target:
    return Routes(config(**RULES)).find(called, complete=complete, phone=phone, given=given(**more))


@pytest.mark.parametrize(
    ("called", "more", "name"),
    [
        ("96900", {}, "day"),
        ("96900", {"when": NIGHT}, "night"),
        ("96900", {"when": HOLIDAY}, "night"),
        ("96900", {"line": "trunk:voip"}, "far"),
        ("96900", {"line": "pri:second", "when": NIGHT}, "night"),  # the first that fits
        ("96900", {"caller": Party("13700000000"), "when": NIGHT}, "vip"),
        ("96900", {"caller": Party("+8613700000000")}, "vip"),  # in whatever form a list has it
        ("96900", {"caller": Party("075755001234")}, "vip"),
        ("96900", {"caller": Party("+8675755001234")}, "vip"),
        ("96900", {"caller": Party("")}, "blocked"),
        ("96900", {"caller": Party("138", presentation=Presentation.RESTRICTED)}, "blocked"),
        ("96901", {}, "sales"),
        ("96901", {"when": NIGHT}, "rest"),
        ("96901", {"caller": Party("139")}, "rest"),
        ("71", {}, "only"),
    ],
)
def test_the_first_route_whose_conditions_fit_is_taken(called: str, more: dict[str, Any], name: str) -> None:
    assert find(called, **more) == ToFlow(name)


@pytest.mark.parametrize("called", ["71", "55"])
def test_a_number_whose_routes_all_do_not_fit_leads_nowhere(called: str) -> None:
    assert find(called, caller=Party("139")) is Undecided.NOWHERE
    assert find(called) == ToFlow("only")
    assert Routes(config(**RULES)).find(called, complete=True, phone=False) == ToFlow("only"), "with nothing given: any"


@pytest.mark.parametrize("phone", [False, True])
def test_a_phone_rings_while_the_routes_for_its_number_do_not_fit(phone: bool) -> None:
    assert isinstance(find("8001", phone=phone), ToPhone)
    assert find("8001", phone=phone, when=NIGHT) == ToFlow("night")


@pytest.mark.parametrize(
    ("called", "more", "leads"),
    [
        ("9690", {}, Undecided.MORE),
        ("96900", {}, ToFlow("day")),  # nothing exact continues it
        ("96900", {"when": NIGHT}, ToFlow("night")),
        ("96901", {}, Undecided.MORE),
        ("5", {}, Undecided.MORE),
        ("5", {"caller": Party("139")}, Undecided.MORE),
        ("55", {}, ToFlow("only")),
        ("55", {"caller": Party("139")}, Undecided.NOWHERE),  # no digit more makes it fit
        ("4", {}, Undecided.NOWHERE),
    ],
)
def test_numbers_that_come_digit_by_digit_are_decided_as_soon_as_ever(
    called: str, more: dict[str, Any], leads: object
) -> None:
    assert find(called, complete=False, **more) == leads


def box(**changes: Any) -> Box:
    """Return a box whose clock stands at midday on 1 January 2024, a Monday."""
    names = ("blocked", "vip", "night", "far", "day", "sales", "rest", "only", "hotline")
    return Box(config(**{**RULES, **changes}), {name: flow(greeting(name)) for name in names})


def greeting(name: str) -> dict[str, Any]:
    """Return a flow whose first node has its name."""
    play = {"do": "play", "prompts": ["welcome"], "next": "bye"}
    return {"start": name, "node": {name: play, "bye": {"do": "hangup"}}}


@pytest.mark.parametrize(
    ("holidays", "caller", "name"),
    [([], "13900000000", "day"), (["01-01"], "13900000000", "night"), (["01-01"], "13700000000", "vip")],
)
def test_a_call_goes_by_its_caller_and_the_day(holidays: list[str], caller: str, name: str) -> None:
    there = box(plan=[{**PLAN, "holidays": holidays}])
    there.call_in(caller=m.Party(caller))
    assert there.wrote(r.CallOpened).flow == name
    assert there.asked(m.Answer)
    closes(there)


def test_digits_one_by_one_come_to_the_rule_for_their_caller() -> None:
    there = box()
    leg = there.call_in("5", caller=m.Party("13900000000"), complete=False)
    there.tell(m.Digits(leg, "5"))
    assert there.asked(m.Clear) == m.Clear(leg, Cause.UNALLOCATED_NUMBER)
    leg = there.call_in("5", caller=m.Party("13800000000"), complete=False)
    there.tell(m.Digits(leg, "5"))
    assert there.wrote(r.CallOpened).flow == "only"
    closes(there)


def test_a_forward_goes_on_by_the_caller_from_outside() -> None:
    for caller, name in (("13900000000", "day"), ("13700000000", "vip")):
        there = box(extension=[{"number": "8002", "forward_always": "96900"}])
        there.call_in("8002", caller=m.Party(caller))
        assert [call.node for call in there.engine.calls()] == [name]
        closes(there)


OUTGOING: dict[str, Any] = {
    "plan": [PLAN],
    "outgoing": [
        {"name": "desk", "callers": ["8001"], "via": ["trunk:desk"]},
        {"name": "fax", "lines": ["sip"], "callers": ["8002"], "via": ["trunk:fax"]},
        {"name": "night", "plan": "work", "closed": True, "via": ["trunk:night"]},
        {"name": "rest", "via": ["trunk:rest"]},
    ],
}


@pytest.mark.parametrize(
    ("phone", "holidays", "line"),
    [
        ("8001", [], "trunk:desk"),
        ("8002", [], "trunk:fax"),
        ("8009", [], "trunk:rest"),
        ("8009", ["01-01"], "trunk:night"),
        ("8001", ["01-01"], "trunk:desk"),
    ],
)
def test_ways_outside_go_by_the_same_conditions(phone: str, holidays: list[str], line: str) -> None:
    there = box(**{**OUTGOING, "plan": [{**PLAN, "holidays": holidays}]})
    there.phone_dials("05551234", phone=phone)
    assert dialled(there)[0][0] == line
    closes(there)


def test_a_forward_to_the_outside_goes_the_way_of_its_phone() -> None:
    there = box(extension=[{"number": "8001", "forward_always": "05551234"}], route=[], **_outgoing())
    there.call_in("8001")
    assert dialled(there)[0][0] == "trunk:desk"
    closes(there)


def _outgoing() -> dict[str, Any]:
    return {**OUTGOING, "outgoing": [each for each in OUTGOING["outgoing"] if each["name"] != "fax"]}


def test_no_condition_holds_up_a_call_for_help() -> None:
    there = box(**{**OUTGOING, "outgoing": OUTGOING["outgoing"][:1]})
    there.phone_dials("110", phone="8009")
    assert dialled(there)
    assert "trunk:desk" in explained(there, "8009", "110")[0]
    closes(there)


def test_route_test_tells_why_each_rule_was_passed_over() -> None:
    there = box()
    when = datetime.fromisoformat(HOLIDAY)
    leads = there.engine.explain("13900", "96900", when, "trunk:voip")
    assert [step.msgid.format(**step.values) for step in leads.steps] == [
        "13900 is no extension: a caller from outside",
        "route 96900 -> blocked: not for this caller (anonymous)",
        "route 96900 -> vip: not for this caller (vip, 075755*)",
        "route 96900 -> night fits",
        "96900: flow night answers",
    ]
    why = explained(there, "13900", "96901", when)[1]
    assert "route 969* -> sales: not for this caller (138*)" in why
    why = explained(there, "13800138000", "96901", when)[1]
    assert (
        "route 969* -> sales: only while plan work is open; at 2026-10-05 10:00 it is closed (2026-10-01..2026-10-07)"
        in why
    )
    assert why[-1] == "96901: flow rest answers"
    day = datetime.fromisoformat(DAY)
    why = explained(there, "13900", "96900", day)[1]
    said = "route 96900 -> night: only while plan work is closed; at 2026-11-30 10:00 it is open (mon-fri 08:00-18:00)"
    assert said in why
    assert "route 96900 -> far: not for this line (far)" in why
    assert "flow blocked answers" in explained(there, "anonymous", "96900", day)[1][-1]
    assert "flow far answers" in there.engine.explain("139", "96900", day, "pri:second").steps[-1].msgid.format(
        called="", flow="far"
    )
    refused = explained(there, "139", "55", day)
    assert refused[2] == Cause.UNALLOCATED_NUMBER
    assert "route 55 -> only: not for this caller (138*)" in refused[1]


def test_route_test_explains_ways_outside_too() -> None:
    there = box(**_outgoing())
    lines, why, _cause = explained(there, "8009", "05551234")
    assert lines == ["trunk:rest"]
    assert "route desk: not for this caller (8001)" in why
    assert "route night: only while plan work is closed; at 2024-01-01 12:00 it is open (mon-fri 08:00-18:00)" in why
