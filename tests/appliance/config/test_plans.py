# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans: several periods, holidays, days worked in their place, exceptions; and routes that use them."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from appliance.config.errors import ConfigError
from appliance.config.load import load_box, parse_config
from appliance.config.plans import Plan, parse_dates
from appliance.config.public_holidays import SHIPPED, read_calendar
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
    assert plan().at(datetime.fromisoformat(when))[:2] == (is_open, by)


def test_without_hours_a_plan_is_open_but_for_its_holidays() -> None:
    only = plan(hours="", workdays=[], exceptions=[])
    assert only.at(datetime(2026, 11, 29, 3)).open  # noqa: DTZ001 - local time is what plans are written in
    assert not only.at(datetime(2026, 10, 1, 3)).open  # noqa: DTZ001


def test_a_day_may_be_worked_as_another_than_monday() -> None:
    friday = plan(workdays_as="fri").at(datetime.fromisoformat("2026-10-10T21:00"))
    assert friday == (True, "2026-10-10", "workday")


SHIPPED_CHINA = read_calendar(SHIPPED / "cn.toml").calendar


@pytest.mark.parametrize(
    ("when", "stand"),
    [
        ("2026-02-13T10:00", (True, "mon-fri 08:00-18:00", "hours")),
        ("2026-02-14T10:00", (True, "2026-02-14", "public_workday")),  # a Saturday before the Spring Festival
        ("2026-02-14T18:00", (False, "2026-02-14", "public_workday")),
        ("2026-02-16T10:00", (False, "2026-02-15..2026-02-23", "public_holiday")),
        ("2026-09-20T10:00", (True, "2026-09-20", "public_workday")),  # a Sunday
        ("2026-10-10T10:00", (False, "2026-10-10", "holiday")),  # the house's own days win over the public ones
        ("2026-10-07T10:00", (True, "2026-10-07", "workday")),
        ("2026-10-06T09:30", (True, "2026-10-06", "exception")),
        ("2027-02-08T10:00", (False, "2027-02-05..2027-02-08", "public_holiday")),
    ],
)
def test_public_holidays_come_after_all_that_the_house_says_itself(when: str, stand: tuple[bool, str, str]) -> None:
    own = {"workdays": ["2026-10-07"], "holidays": ["2026-10-10"], "exceptions": ["2026-10-06 09:00-10:00"]}
    work = {"name": "work", "hours": "mon-fri 08:00-18:00", "public_holidays": True, **own}
    followed = Plan(msgspec.convert(work, PlanConfig), SHIPPED_CHINA)
    assert followed.at(datetime.fromisoformat(when)) == stand
    apart = Plan(msgspec.convert({**work, "public_holidays": False}, PlanConfig), SHIPPED_CHINA)
    if stand[2].startswith("public"):
        assert apart.at(datetime.fromisoformat(when)).reason == "hours"


def test_chinas_public_holidays_are_as_many_as_were_announced() -> None:
    """33 days off and 6 weekend days worked in 2026; of 2027 the 13 days of the law."""
    days = [date(2026, 1, 1) + timedelta(n) for n in range(730)]
    off = [day for day in days if any(parse_dates(each).has(day) for each in SHIPPED_CHINA.holidays)]
    assert (sum(day.year == 2026 for day in off), sum(day.year == 2027 for day in off)) == (33, 13)
    worked = [date.fromisoformat(each) for each in SHIPPED_CHINA.workdays]
    assert len(worked) == 6
    assert all(day.weekday() >= 5 for day in worked)
    assert not {*worked} & {*off}
    assert SHIPPED_CHINA.announced == "2026-12-31"


@pytest.mark.parametrize(
    ("when", "changes"),
    [
        ("2026-11-30T08:29:59", "2026-11-30T08:30"),
        ("2026-11-30T08:30", "2026-11-30T12:00"),
        ("2026-11-30T18:00", "2026-12-01T08:30"),
        ("2026-11-27T21:00", "2026-11-28T02:00"),  # past midnight
        ("2026-09-30T18:00", "2026-10-03T08:30"),  # over holidays to a day worked amid them
        ("2026-10-05T23:00", "2026-10-06T01:00"),
    ],
)
def test_a_plan_says_when_it_changes_next(when: str, changes: str) -> None:
    assert plan().changes(datetime.fromisoformat(when)) == datetime.fromisoformat(changes)


def test_stretches_that_meet_are_no_change_and_a_plan_that_is_always_open_has_none() -> None:
    meets = plan(hours="mon-sun 08:00-12:00, mon-sun 12:00-24:00, mon-sun 00:00-06:00", holidays=[], exceptions=[])
    assert meets.changes(datetime.fromisoformat("2026-11-30T09:00")) == datetime.fromisoformat("2026-12-01T06:00")
    always = plan(hours="", holidays=[], exceptions=[], workdays=[])
    assert always.changes(datetime.fromisoformat("2026-11-30T09:00")) is None


SPRING, AUTUMN = "2026-03-29", "2026-10-25"
"""Sundays on which clocks in Berlin go from 02:00 to 03:00, and from 03:00 back to 02:00."""


@pytest.mark.parametrize(
    ("utc", "is_open"),
    [
        (f"{SPRING}T00:59", True),  # 01:59, from Saturday 22:00 on
        (f"{SPRING}T01:00", False),  # 03:00: the last half hour does not come
        (f"{AUTUMN}T00:29", True),  # 02:29 in summer
        (f"{AUTUMN}T00:31", False),  # 02:31 in summer
        (f"{AUTUMN}T01:15", True),  # 02:15 once more
        (f"{AUTUMN}T01:31", False),
        (f"{AUTUMN}T07:01", True),  # 08:01 in winter
        (f"{SPRING}T06:01", True),  # 08:01 in summer
    ],
)
def test_plans_go_by_the_clock_on_the_wall_when_it_is_set_forward_and_back(utc: str, is_open: bool) -> None:
    night = plan(hours="sat 22:00-02:30, sun 08:00-10:00", holidays=[], exceptions=[], workdays=[])
    moment = datetime.fromisoformat(f"{utc}+00:00").astimezone(ZoneInfo("Europe/Berlin"))
    assert night.at(moment).open is is_open


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
        '[[plan]]\nname = "night"\nkey = "1"\n',  # a mere switch
        '[[plan]]\nname = "x"\npublic_holidays = true\n[site]\ntimezone = "Asia/Shanghai"\n',
        WORK + '[[queue]]\nname = "q"\nplan = "work"\n',
        WORK + GROUP + EDGE + '[[trunk_rule]]\nline = "trunk:voip"\nplan = "work"\n',
    ],
)  # fmt: skip
def test_rules_of_which_each_takes_some_calls_are_read(text: str) -> None:
    parse_config(text, "box.toml")


DUTY = '[[duty]]\nname = "service"\nnumber = "880"\n'


def slot(when: str, call: str = '["000441234"]') -> str:
    return f'[[duty.slot]]\nwhen = "{when}"\ncall = {call}\n'


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
        (WORK + 'key = "1"\n[[plan]]\nname = "b"\nkey = "1"\n', "plan[1].key", "is the key of work as well"),
        (WORK + 'key = "1a"\n', "plan[0].key", "not allowed here"),
        (WORK + 'phones = ["8001"]\n', "plan[0].phones[0]", "no such extension"),
        (WORK + '[[queue]]\nname = "q"\nplan = "wrok"\n', "queue[0].plan", "no such plan"),
        (phone("8001") + 'follow_me_plan = "x"\n', "extension[0].follow_me_plan", "no such plan"),
        (phone("8001") + "follow_me_closed = true\n", "extension[0].follow_me_closed", "needs a plan"),
        (GROUP + EDGE + '[[trunk_rule]]\nline = "trunk:voip"\nplan = "x"\n', "trunk_rule[0].plan", "no such plan"),
        ('[calendar]\nholidays = ["2026-02-30"]\n', "calendar.holidays[0]", "are no days"),
        (DUTY + slot("someday"), "duty[0].slot[0].when", "are no times"),
        (DUTY + slot("2026-12-24 18-08"), "duty[0].slot[0].when", "are no times"),
        (DUTY + slot("sat", "[]"), "duty[0].slot[0].call", "names no number"),
        (DUTY + slot("sat", '["9999"]'), "duty[0].slot[0].call[0]", "leads nowhere"),
        (DUTY + slot("sat", '["110"]'), "duty[0].slot[0].call[0]", "is an emergency number"),
        (DUTY + slot("sat", '["880"]'), "duty[0].slot[0].call[0]", "is the number itself"),
        (DUTY + 'otherwise = "9999"\n', "duty[0].otherwise", "leads nowhere"),
        (DUTY + 'otherwise = "duty:service"\n', "duty[0].otherwise", "is the number itself"),
        (DUTY + 'otherwise = "duty:nigth"\n[[duty]]\nname = "night"\n', "duty[0].otherwise", "leads nowhere"),
        (DUTY + '[[route]]\ncalled = "77"\nflow = "duty:servic"\n', "route[0].flow", "no such duty list"),
        (DUTY + '[[route]]\ncalled = "77"\nflow = "duty:"\n', "route[0].flow", "not allowed here"),
        (
            DUTY + 'otherwise = "600"\n' + phone("1") + '[[hunt]]\nnumber = "600"\notherwise = "duty:service"\n',
            "duty[0].otherwise",
            "round for ever: 600 -> duty:service -> 600",
        ),
        (DUTY + 'plan = "x"\n', "duty[0].plan", "no such plan"),
        (DUTY + "ring_s = 0\n", "duty[0].ring_s", "nobody can answer"),
        (DUTY + DUTY, "duty[1].name", "twice"),
        (DUTY + phone("880"), "duty[0].number", "extension[0].number as well"),
        (DUTY + '[[duty]]\nname = "b"\nnumber = "880"\n', "duty[1].number", "duty[0].number as well"),
        ('[site]\ntimezone = "Asia/Shangai"\n', "site.timezone", "no such time zone"),
        (phone("8001") + route("8001"), "route[0].called", "extension[0].number as well"),
    ],
)
def test_a_rule_or_plan_that_can_never_serve_is_told(text: str, key: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(text, "box.toml")
    told = {each.key: each for each in caught.value.mistakes}
    assert message in told[key].message
    assert told[key].hint


# --- public holidays from files ---------------------------------------------------------------------------------------


def boxed(folder: Path, more: str = "") -> Path:
    """Return the file of a configuration that names a file of holidays."""
    file = folder / "box.toml"
    file.write_text('[calendar]\nfile = "days.toml"\n' + WORK + "public_holidays = true\n" + more)
    return file


def test_a_file_takes_the_place_of_the_boxs_own_holidays(tmp_path: Path) -> None:
    days = tmp_path / "days.toml"
    days.write_text('announced = "2028-12-31"\nholidays = ["2028-01-03"]\n')
    calendar = load_box(boxed(tmp_path))[0].calendar
    assert (calendar.holidays, calendar.workdays, calendar.announced) == (("2028-01-03",), (), "2028-12-31")


def test_without_a_file_a_box_follows_its_countrys_holidays(tmp_path: Path) -> None:
    file = tmp_path / "box.toml"
    file.write_text(WORK + "public_holidays = true\n")
    assert load_box(file)[0].calendar.holidays == SHIPPED_CHINA.holidays
    file.write_text('country = "us"\n' + WORK)
    assert not load_box(file)[0].calendar.known


@pytest.mark.parametrize(
    ("text", "key", "line", "message"),
    [
        (None, "", 0, "cannot be read"),
        ("holidays = [", "", 1, "is not TOML"),
        ('\nholiday = ["2028-01-03"]', "holiday", 2, "no such key"),
        ('holidays = ["2028-01-03"]\nworkdays = ["2028-13-03"]', "workdays[0]", 2, "are no days"),
        ('announced = "soon"', "announced", 1, "are no days"),
    ],
)
def test_mistakes_of_the_file_of_holidays_name_it_and_the_line(
    text: str | None, key: str, line: int, message: str, tmp_path: Path
) -> None:
    if text is not None:
        (tmp_path / "days.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_box(boxed(tmp_path))
    (mistake,) = caught.value.mistakes
    assert (mistake.key, mistake.line) == (key, line)
    assert mistake.file == str(tmp_path / "days.toml")
    assert message in mistake.message
    assert mistake.hint
