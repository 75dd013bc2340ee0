# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans: several periods, holidays, days worked in their place, exceptions; and routes that use them."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import parse_config
from appliance.config.plans import Plan
from appliance.config.rules import PlanConfig

CHINA: dict[str, Any] = {
    "name": "work",
    "hours": "mon-fri 08:30-12:00, mon-fri 13:30-18:00, fri 20:00-02:00",
    "holidays": ["2026-10-01..2026-10-07", "12-25", "12-31..01-02"],
    "workdays": ["2026-10-10", "2026-10-03"],
    "exceptions": ["2026-10-05 10:00-11:00, 15:00-16:00", "2026-10-05 22:00-01:00", "2026-11-02 09:00-10:00"],
}


def plan(**keys: Any) -> Plan:
    return Plan(msgspec.convert({**CHINA, **keys}, PlanConfig))


@pytest.mark.parametrize(
    ("when", "is_open", "by"),
    [
        ("2026-11-30T08:29", False, CHINA["hours"]),
        ("2026-11-30T08:30", True, CHINA["hours"]),
        ("2026-11-30T12:00", False, CHINA["hours"]),  # between two periods of a day
        ("2026-11-30T13:30", True, CHINA["hours"]),
        ("2026-11-28T10:00", False, CHINA["hours"]),  # a Saturday
        ("2026-11-28T01:59", True, CHINA["hours"]),  # Friday's night
        ("2026-11-28T02:00", False, CHINA["hours"]),
        ("2026-10-01T10:00", False, "2026-10-01..2026-10-07"),
        ("2026-10-07T10:00", False, "2026-10-01..2026-10-07"),
        ("2026-10-08T10:00", True, CHINA["hours"]),
        ("2026-10-10T10:00", True, "2026-10-10"),  # a Saturday that is worked as a Monday
        ("2026-10-10T12:30", False, "2026-10-10"),
        ("2026-10-10T21:00", False, "2026-10-10"),
        ("2026-10-03T10:00", True, "2026-10-03"),  # worked amid the holidays
        ("2026-10-05T10:30", True, CHINA["exceptions"][0][:10]),
        ("2026-10-05T15:59", True, "2026-10-05"),
        ("2026-10-05T12:00", False, "2026-10-05"),
        ("2026-10-06T00:59", True, "2026-10-05"),  # the exception's night goes into a holiday
        ("2026-10-06T01:00", False, "2026-10-01..2026-10-07"),
        ("2026-11-02T10:30", False, "2026-11-02"),  # shorter than the week says
        ("2029-12-25T10:00", False, "12-25"),  # every year
        ("2029-12-31T10:00", False, "12-31..01-02"),  # over New Year
        ("2030-01-02T10:00", False, "12-31..01-02"),
        ("2030-01-03T10:00", True, CHINA["hours"]),
        ("2026-12-25T20:30", False, "12-25"),  # a holiday on a Friday has no night
        ("2026-12-26T01:00", False, CHINA["hours"]),
    ],
)
def test_a_plan_says_whether_it_is_open_and_by_which_entry(when: str, is_open: bool, by: str) -> None:
    assert plan().at(datetime.fromisoformat(when)) == (is_open, by)


def test_without_hours_a_plan_is_open_but_for_its_holidays() -> None:
    only = plan(hours="", workdays=[], exceptions=[])
    assert only.at(datetime(2026, 11, 29, 3)).open  # noqa: DTZ001 - local time is what plans are written in
    assert not only.at(datetime(2026, 10, 1, 3)).open  # noqa: DTZ001


def test_a_day_may_be_worked_as_another_than_monday() -> None:
    friday = plan(workdays_as="fri").at(datetime.fromisoformat("2026-10-10T21:00"))
    assert friday == (True, "2026-10-10")


# --- config check -----------------------------------------------------------------------------------------------------

WORK = '[[plan]]\nname = "work"\nhours = "mon-fri 08:00-18:00"\n'
GROUP = '[[trunk]]\nname = "voip"\nhost = "203.0.113.5"\n[[trunk_group]]\nname = "out"\nlines = ["trunk:voip"]\n'
EDGE = "[sip]\nport = 5070\n[edge]\nenabled = true\n"


def route(called: str = "1", more: str = "") -> str:
    return f'[[route]]\ncalled = "{called}"\nflow = "f"\n{more}\n'


def outgoing(more: str = "") -> str:
    return f'[[outgoing]]\nname = "a"\nvia = ["pri:carrier"]\n{more}\n'


def phone(number: str) -> str:
    return f'[[extension]]\nnumber = "{number}"\nline = "station:{number}"\n'


@pytest.mark.parametrize(
    "text",
    [
        WORK + route(more='plan = "work"') + route(more='plan = "work"\nclosed = true'),
        WORK + route(more='plan = "work"') + route(),
        route(more='callers = ["138*"]') + route(more='callers = ["139*", "vip"]') + route(more='callers = ["1*"]'),
        route(more='callers = ["anonymous", "vip"]') + route(),
        route("1*") + route("1*", "inside = true"),  # phones are left
        route("1*", 'callers = ["2"]') + route("1*"),
        route("1") + route("1*"),
        GROUP + EDGE + route(more='lines = ["out"]') + route(more='lines = ["pri:x", "trunk:voip"]'),
        WORK + route(more='callers = ["2"]\nplan = "work"') + route(more='plan = "work"\nclosed = true') + route(),
        phone("8001") + WORK + route("8001", 'plan = "work"\nclosed = true'),  # at work the phone rings
        outgoing('callers = ["80*"]') + outgoing(),
        outgoing('calling = "international"') + outgoing('calling = "local"'),
        outgoing('hours = "mon"') + outgoing('hours = "tue"') + outgoing(),
        '[[plan]]\nname = "x"\nholidays = ["02-29"]\n' + outgoing('plan = "x"'),
        '[[plan]]\nname = "x"\nholidays = ["01-01..12-31"]\nexceptions = ["2026-12-24 08:00-12:00"]\n',
    ],
)  # fmt: skip
def test_rules_of_which_each_takes_some_calls_are_read(text: str) -> None:
    parse_config(text, "box.toml")


ALL_YEAR = '[[plan]]\nname = "x"\nhours = "mon-fri"\nholidays = ["01-01..12-31"]\n'
NEVER = "is never reached"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        (route() + route(), "route[1].called", f"{NEVER}: route[0]"),
        (route("1*") + route("1*", 'callers = ["2"]'), "route[1].called", NEVER),
        (route("1*", "inside = true") + route("1*"), "route[1].called", NEVER),
        (route(more='callers = ["1*"]') + route(more='callers = ["138*", "1"]'), "route[1].called", NEVER),
        (route(more='callers = ["vip"]') + route(more='callers = ["vip"]'), "route[1].called", NEVER),
        (GROUP + EDGE + route(more='lines = ["out"]') + route(more='lines = ["trunk:voip"]'), "route[1].called", NEVER),
        (
            WORK + route(more='plan = "work"') + route(more='plan = "work"\nclosed = true') + route(),
            "route[2].called",
            f"{NEVER}: route[0], route[1]",
        ),
        (outgoing() + outgoing('calling = "international"'), "outgoing[1].prefix", f"{NEVER}: outgoing[0]"),
        (outgoing('hours = "mon"') + outgoing('hours = "mon"'), "outgoing[1].prefix", NEVER),
        (route(more='plan = "wrok"') + WORK, "route[0].plan", "no such plan"),
        (outgoing('plan = "x"'), "outgoing[0].plan", "no such plan"),
        (route(more="closed = true"), "route[0].closed", "needs a plan"),
        (route(more='lines = ["trunk:x"]'), "route[0].lines[0]", "no such trunk"),
        (route(more='lines = ["x"]'), "route[0].lines[0]", "no way outside"),
        (route(more='callers = ["13x"]'), "route[0].callers[0]", "not allowed here"),
        ('[[plan]]\nname = "x"\n', "plan[0]", "always open"),
        (ALL_YEAR, "plan[0]", "never open"),
        (WORK + WORK, "plan[1].name", "twice"),
        (WORK + 'holidays = ["2026-13-01"]', "plan[0].holidays[0]", "are no days"),
        (WORK + 'holidays = ["2026-02-29"]', "plan[0].holidays[0]", "are no days"),
        (WORK + 'holidays = ["2026-10-07..2026-10-01"]', "plan[0].holidays[0]", "are no days"),
        (WORK + 'workdays = ["2026-10-01..10-07"]', "plan[0].workdays[0]", "are no days"),
        (WORK + 'exceptions = ["2026-10-01"]', "plan[0].exceptions[0]", "are no days with times"),
        (WORK + 'exceptions = ["2026-10-01 8-12"]', "plan[0].exceptions[0]", "are no days with times"),
        ('[[plan]]\nname = "x"\nhours = "monday"\n', "plan[0].hours", "are no hours"),
        (phone("8001") + route("8001"), "route[0].called", "extension[0].number as well"),
    ],
)
def test_a_rule_or_plan_that_can_never_serve_is_told(text: str, key: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "box.toml")
    told = {each.key: each for each in caught.value.mistakes}
    assert message in told[key].message
    assert told[key].hint
