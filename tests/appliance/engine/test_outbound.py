# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways outside: classes, prefixes, hours, trunk groups with overflow, limits, numbers shown; lists of callers."""

from datetime import datetime
from typing import Any

import pytest

from appliance.api.messages import SetAgent
from appliance.config.hours import parse_hours, within
from appliance.contract import records as r
from appliance.contract import switch as m
from appliance.contract.switch import Cause
from appliance.engine.routes.patterns import Patterns
from tests.appliance.engine.box import Box
from tests.appliance.engine.test_reaching import box_with, closes, fails

WAYS: dict[str, Any] = {
    "trunk_group": [
        {"name": "main", "lines": ["pri:carrier", "trunk:voip"]},
        {"name": "turns", "lines": ["trunk:one", "trunk:two"], "order": "rotating"},
    ],
    "outgoing": [
        {
            "name": "cheap",
            "prefix": "00",
            "via": ["trunk:voip"],
            "strip": 2,
            "add": "+",
            "hours": "mon-fri 18:00-08:00",
        },
        {"name": "abroad", "prefix": "00", "via": ["main"], "calling": "international"},
        {"name": "turning", "prefix": "7", "via": ["turns"]},
        {"name": "rest", "via": ["main", "trunk:last"], "caller": "57500000"},
    ],
    "trunk_rule": [
        {"line": "trunk:voip", "caller": "400800", "callers": ["400*"], "calls": 1},
        {"line": "trunk:last", "caller": "12345"},
    ],
}


def at(text: str) -> datetime:
    """Return a moment of January 2024, whose first day was a Monday."""
    return datetime.fromisoformat(f"2024-01-{int(text.split(maxsplit=1)[0]):02d}T{text.split()[1]}")


def dialled(box: Box) -> list[tuple[str, str, str]]:
    return [(c.line, c.called, c.caller.number) for c in box.commands if isinstance(c, m.Dial)]


def test_overflow_from_line_to_line_with_the_number_each_may_show() -> None:
    box = box_with(**WAYS)
    a = box.phone_dials("05551234")
    assert dialled(box) == [("pri:carrier", "5551234", "57500000")]
    fails(box, Cause.NO_CIRCUIT)
    assert dialled(box) == [("trunk:voip", "5551234", "400800")]
    fails(box, Cause.TEMPORARY_FAILURE)
    assert dialled(box) == [("trunk:last", "5551234", "57500000")]
    fails(box, Cause.SWITCH_CONGESTION)
    assert box.asked(m.Clear) == m.Clear(a, Cause.SWITCH_CONGESTION)
    closes(box)


@pytest.mark.parametrize("cause", [Cause.USER_BUSY, Cause.UNALLOCATED_NUMBER, Cause.NO_ANSWER])
def test_what_the_called_party_does_is_no_reason_for_another_line(cause: int) -> None:
    box = box_with(**WAYS)
    a = box.phone_dials("05551234")
    fails(box, cause)
    assert box.asked(m.Clear) == m.Clear(a, cause)
    closes(box)


@pytest.mark.parametrize(("alarms", "up"), [(("RED",), False), ((), False), (("YELLOW",), True)])
def test_a_line_is_passed_over_while_none_of_its_spans_is_in_service(alarms: tuple[str, ...], up: bool) -> None:
    spans = [{"address": "sim:e1"}, {"address": "sim:e2"}]
    box = box_with(span=spans, **WAYS)
    told = "pri:carrier has no span in service: passed over"
    for span, line in ((1, "pri:carrier"), (2, "trunk:voip")):
        box.tell(m.SpanState(span, f"sim:e{span}", alarms, in_service=up and not alarms))
        leads = box.engine.explain("8001", "05551234")
        assert leads.lines[0].line == line
        assert (told in [step.msgid.format(**step.values) for step in leads.steps]) == (span == 2)
    box.phone_dials("05551234")
    assert dialled(box) == [("trunk:voip", "5551234", "400800")]
    box.tell(m.SpanState(1, "sim:e1", (), in_service=True))
    assert box.engine.explain("8001", "05551234").lines[0].line == "pri:carrier"
    closes(box)


def test_a_line_has_no_more_calls_than_its_limit_in_and_out() -> None:
    box = box_with(**WAYS)
    box.tell(m.Incoming(1000, "trunk:voip", "8001", m.Party("139")))
    assert box.all(r.CallOpened)[0].direction == "in"
    box.phone_dials("05551234")
    fails(box, Cause.NO_CIRCUIT)
    last = [each for each in box.all(r.LegOpened) if each.role == "outside"]
    assert [each.line for each in last] == ["pri:carrier", "trunk:last"], "the voip line has its one call"
    closes(box)
    assert not +box.engine._board.outbound.in_use


def test_a_call_that_comes_in_over_the_limit_is_refused_and_the_next_is_not() -> None:
    box = box_with(**WAYS)
    box.tell(m.Incoming(1000, "trunk:voip", "8001", m.Party("139")))
    box.tell(m.Incoming(1002, "trunk:voip", "8001", m.Party("138")))
    assert box.asked(m.Clear) == m.Clear(1002, Cause.NO_CIRCUIT)
    box.tell(m.Cleared(1002, Cause.NO_CIRCUIT))
    box.tell(m.Cleared(1000, Cause.NORMAL_CLEARING))
    box.tell(m.Incoming(1004, "trunk:voip", "8001", m.Party("138")))
    assert not [each for each in box.commands if isinstance(each, m.Clear)]
    closes(box)


def test_rotating_trunks() -> None:
    box = box_with(**WAYS)
    seen = []
    for _ in range(3):
        box.phone_dials("07")
        seen += [line for line, _called, _shown in dialled(box)]
    assert seen == ["trunk:one", "trunk:two", "trunk:one"]
    closes(box)


@pytest.mark.parametrize(
    ("calling", "dials", "leads"),
    [
        ("internal", "8001", True),
        ("internal", "05551234", False),
        ("internal", "0110", True),
        ("local", "05551234", True),
        ("local", "0010010", False),
        ("long_distance", "0010010", True),
        ("long_distance", "000441", False),
        ("international", "000441", True),
    ],
)
def test_calling_classes(calling: str, dials: str, leads: bool) -> None:
    box = box_with({"8009": {"calling": calling}})
    a = box.phone_dials(dials)
    assert bool(dialled(box)) == leads
    if not leads:
        assert box.asked(m.Clear) == m.Clear(a, Cause.CALL_REJECTED)
    closes(box)


def test_the_number_shown_outside_is_the_phones_if_the_line_allows_it() -> None:
    rule = {"line": "trunk:voip", "caller": "400800", "callers": ["400*"]}
    phones = {"8009": {"caller": "400123"}, "8001": {"caller": "57501001"}}
    box = box_with(phones, outside={"line": "trunk:voip"}, trunk_rule=[rule])
    box.phone_dials("05551234")
    assert dialled(box)[0][2] == "400123"
    box.phone_dials("05551234", phone="8001")
    assert dialled(box)[0][2] == "400800"
    closes(box)


LISTS = {"black": ["139*", "1380*"], "white": ["13912345678"], "vip": ["1380000"]}


@pytest.mark.parametrize(
    ("caller", "only_white", "enters"),
    [
        ("13900000000", False, False),
        ("13912345678", False, True),
        ("1380000", False, True),
        ("1388", False, True),
        ("1388", True, False),
        ("13912345678", True, True),
        ("1380000", True, True),
        ("", True, False),
    ],
)
def test_lists(caller: str, only_white: bool, enters: bool) -> None:
    box = box_with(lists={**LISTS, "only_white": only_white})
    a = box.call_in("8001", m.Party(caller))
    assert bool(dialled(box)) == enters
    if not enters:
        assert box.asked(m.Clear) == m.Clear(a, Cause.USER_BUSY)
        box.tell(m.Cleared(a, 17))
        assert box.wrote(r.CallClosed) == r.CallClosed(1, "rejected", 17, "box")
    box.phone_dials("8002")
    assert dialled(box), "lists are for callers from outside"
    closes(box)


def test_a_vip_goes_before_others_who_wait() -> None:
    box = box_with(lists={"vip": ["400*"]})
    for agent in ("101", "102", "103"):
        box.did(box.engine.request(SetAgent(agent, "paused"), 0))
    legs = []
    for caller in ("139", "138", "4001", "137", "4002"):
        leg = box.call_in(caller=m.Party(caller))
        box.played(leg)
        box.key(leg, "2")
        legs.append(box.all(r.QueueEntered)[-1].call)
    first, second, vip, fourth, vip2 = legs
    assert box.engine.queues()[1].waiting == (vip, vip2, first, second, fourth)
    box.did(box.engine.request(SetAgent("103", "ready"), 0))
    assert box.wrote(r.OfferMade).call == vip
    closes(box)


@pytest.mark.parametrize(
    ("hours", "when", "inside"),
    [
        ("", at("1 03:00"), True),
        ("mon-fri 08:00-18:00", at("1 08:00"), True),
        ("mon-fri 08:00-18:00", at("1 18:00"), False),
        ("mon-fri 08:00-18:00", at("6 09:00"), False),
        ("sat-mon", at("1 00:00"), True),
        ("sat-mon", at("2 00:00"), False),
        ("fri 18:00-08:00", at("6 07:59"), True),
        ("fri 18:00-08:00", at("5 07:59"), False),
        ("mon 08:00-24:00, tue", at("2 23:59"), True),
    ],
)
def test_hours(hours: str, when: datetime, inside: bool) -> None:
    assert within(parse_hours(hours), when) == inside


@pytest.mark.parametrize("text", ["monday", "mon-", "mon 8-18", "mon 08:60-09:00", "mon 08:00-25:00", "xyz"])
def test_hours_that_cannot_be_read(text: str) -> None:
    with pytest.raises(ValueError, match=text.split("-", maxsplit=1)[0]):
        parse_hours(text)


def test_the_longest_pattern_decides() -> None:
    patterns = Patterns(["0*", "00*", "110"])
    assert [patterns.match(number) for number in ("110", "1101", "010", "0010", "5")] == [4, 0, 2, 3, 0]
    assert not Patterns([])


# --- mxbox route test -------------------------------------------------------------------------------------------------


def explained(box: Box, caller: str, called: str, when: datetime | None = None) -> tuple[list[str], list[str], int]:
    leads = box.engine.explain(caller, called, when)
    return [way.line for way in leads.lines], [step.msgid.format(**step.values) for step in leads.steps], leads.cause


def test_route_test_says_why() -> None:
    box = box_with({"8009": {"calling": "long_distance"}, "8001": {"forward_always": "05551234"}}, **WAYS)
    lines, why, cause = explained(box, "8009", "05551234")
    assert lines == ["pri:carrier", "trunk:voip", "trunk:last"]
    assert "route rest: prefix - fits" in why
    assert cause == 0
    lines, why, cause = explained(box, "8009", "000441")
    assert (lines, cause) == ([], Cause.CALL_REJECTED)
    assert "extension 8009 has the class long_distance: refused" in why
    assert explained(box, "8002", "000441")[0] == ["pri:carrier", "trunk:voip"], (
        "at midday the cheap route is not taken"
    )
    night: list[Any] = list(explained(box, "8002", "000441", at("1 22:00")))
    assert night[0] == ["trunk:voip"]
    assert "extension 8001 forwards all calls to 05551234" in explained(box, "8002", "8001")[1]
    assert explained(box, "8002", "8001")[0][0] == "pri:carrier"
    assert explained(box, "13900", "8002")[0] == ["sip:8002@127.0.0.1:5002"]
    assert explained(box, "8002", "4444")[2] == Cause.UNALLOCATED_NUMBER
    assert "flow hotline answers" in explained(box, "8002", "96900")[1][-1]
    assert not box.engine.calls()


def test_route_test_changes_nothing() -> None:
    box = box_with(**WAYS)
    assert explained(box, "8002", "07") == explained(box, "8002", "07"), "rotating groups do not turn for a question"
