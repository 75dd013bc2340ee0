# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans: hours of the week, and the days that differ: holidays, working days in their place, exceptions."""

import re
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from appliance.config.hours import DAY_MIN, DAYS, Stretches, lies_in, of_day, parse_hours
from appliance.config.rules import CalendarConfig, PlanConfig
from appliance.contract.plans import PlanReason

_DAY: Final = r"(?:\d{4}-)?\d\d-\d\d"
_DATES: Final = re.compile(rf"(?P<first>{_DAY})(?:\.\.(?P<last>{_DAY}))?")
NO_DAYS: Final = CalendarConfig()
LOOK_AHEAD_DAYS: Final = 367
_LEAP_YEAR: Final = "2000-"
"""A leap year, which has every day that a date without a year can name."""


class Dates(NamedTuple):
    """Days from the first to the last one, as ISO 8601 writes them; without a year: every year."""

    first: str
    last: str
    text: str

    def has(self, day: date) -> bool:
        """Return whether a day is one of them."""
        written = day.isoformat()[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= written <= self.last
        return written >= self.first or written <= self.last  # over New Year


def parse_dates(text: str) -> Dates:
    """Parse days: '2026-10-01', '2026-10-01..2026-10-07', '12-25', '12-24..01-02'. Raises ValueError with the text."""
    found = _DATES.fullmatch(text.strip())
    first, last = (found["first"], found["last"] or found["first"]) if found else ("", "")
    if not _is_day(first) or not _is_day(last) or len(first) != len(last) or (len(first) == 10 and first > last):
        raise ValueError(text)
    return Dates(first, last, text)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat((_LEAP_YEAR + text)[-10:])
    except ValueError:
        return False
    return True


def parse_exception(text: str) -> tuple[Dates, Stretches]:
    """Parse days with times of their own: '2026-12-24 08:00-12:00, 13:00-15:00'. Raises ValueError with the text."""
    days, space, times = text.strip().partition(" ")
    try:
        hours = [part for each in times.split(",") for part in parse_hours(f"mon {each.strip()}")]
    except ValueError:
        hours = []
    if not (space and hours and times.strip()):
        raise ValueError(text)
    return parse_dates(days), tuple((begin, end) for _, begin, end in hours)


class Stand(NamedTuple):
    """Whether a plan is open at a moment, the entry of the plan that decides it, and of which kind that is."""

    open: bool
    by: str
    reason: PlanReason


class Day(NamedTuple):
    """The stretches that begin on a day, the entry that decides them, and its kind."""

    times: Stretches
    by: str
    reason: PlanReason


class Plan:
    """A time plan. For each day the exceptions win, then the working days, the holidays, and last the public ones.

    A stretch that goes past midnight belongs to the day on which it begins. All is time on the wall: an hour that a
    clock passes over in spring does not come, and one that comes twice in autumn is open twice.
    """

    __slots__ = ("_as", "_days", "_exceptions", "_hours", "_text", "config")

    def __init__(self, config: PlanConfig, calendar: CalendarConfig = NO_DAYS) -> None:
        """Parse a plan. Raises ValueError with the part that cannot be read."""
        self.config = config
        self._hours, self._text = parse_hours(config.hours), config.hours
        self._as = DAYS.index(config.workdays_as)
        self._exceptions = tuple(map(parse_exception, config.exceptions))
        named: tuple[tuple[PlanReason, tuple[str, ...]], ...] = (
            ("workday", config.workdays),
            ("holiday", config.holidays),
            ("public_workday", calendar.workdays if config.public_holidays else ()),
            ("public_holiday", calendar.holidays if config.public_holidays else ()),
        )
        self._days = tuple((reason, tuple(map(parse_dates, texts))) for reason, texts in named)

    def at(self, when: datetime) -> Stand:
        """Return whether the plan is open at a moment of local time, and the entry that decides it."""
        today = self.of(when.date())
        yesterday = self.of(when.date() - timedelta(days=1))
        if lies_in((), yesterday.times, when):
            return Stand(True, yesterday.by, yesterday.reason)  # noqa: FBT003 - the field's name explains it
        return Stand(lies_in(today.times, (), when), today.by, today.reason)

    def of(self, day: date) -> Day:
        """Return the stretches that begin on a day, and the entry that decides them."""
        exceptions = [(times, dates) for dates, times in self._exceptions if dates.has(day)]
        if exceptions:
            return Day(tuple(each for times, _ in exceptions for each in times), exceptions[0][1].text, "exception")
        for reason, days in self._days:
            if (dates := next((each for each in days if each.has(day)), None)) is not None:
                worked = reason in ("workday", "public_workday")
                return Day(self._of_weekday(self._as) if worked else (), dates.text, reason)
        return Day(self._of_weekday(day.weekday()), self._text or "-", "hours")

    def changes(self, when: datetime) -> datetime | None:
        """Return the moment after `when` at which the plan opens or closes next; None: not within a year."""
        now, midnight = self.at(when).open, when.replace(hour=0, minute=0, second=0, microsecond=0)
        for n in range(LOOK_AHEAD_DAYS):
            begin = midnight + timedelta(days=n)
            for minute in self.turns(begin.date()):
                moment = begin + timedelta(minutes=minute)
                if moment > when and self.at(moment).open is not now:
                    return moment
        return None

    def turns(self, day: date) -> list[int]:
        """Return the minutes of a day at which the plan may open or close."""
        yesterday, today = self.of(day - timedelta(days=1)).times, self.of(day).times
        ends = [end - DAY_MIN for _begin, end in yesterday if end > DAY_MIN]
        return sorted({0, *ends, *(minute for stretch in today for minute in stretch if minute < DAY_MIN)})

    def _of_weekday(self, weekday: int) -> Stretches:
        return of_day(self._hours, weekday) if self._hours else ((0, DAY_MIN),)
