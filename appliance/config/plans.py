# SPDX-License-Identifier: GPL-2.0-or-later
"""Time plans: hours of the week, and the days that differ: holidays, working days in their place, exceptions."""

import re
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from appliance.config.hours import DAY_MIN, DAYS, Stretches, lies_in, of_day, parse_hours
from appliance.config.rules import PlanConfig

_DAY: Final = r"(?:\d{4}-)?\d\d-\d\d"
_DATES: Final = re.compile(rf"(?P<first>{_DAY})(?:\.\.(?P<last>{_DAY}))?")
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
    """Whether a plan is open at a moment, and the entry of the plan that decides it."""

    open: bool
    by: str


class Plan:
    """A time plan. For each day the exceptions win, then the working days, then the holidays.

    A stretch that goes past midnight belongs to the day on which it begins.
    """

    __slots__ = ("_as", "_exceptions", "_holidays", "_hours", "_text", "_workdays", "name")

    def __init__(self, config: PlanConfig) -> None:
        """Parse a plan. Raises ValueError with the part that cannot be read."""
        self.name = config.name
        self._hours, self._text = parse_hours(config.hours), config.hours
        self._holidays = tuple(map(parse_dates, config.holidays))
        self._workdays = tuple(map(parse_dates, config.workdays))
        self._as = DAYS.index(config.workdays_as)
        self._exceptions = tuple(map(parse_exception, config.exceptions))

    def at(self, when: datetime) -> Stand:
        """Return whether the plan is open at a moment of local time, and the entry that decides it."""
        today, by = self.of(when.date())
        yesterday, by_yesterday = self.of(when.date() - timedelta(days=1))
        if lies_in((), yesterday, when):
            return Stand(True, by_yesterday)  # noqa: FBT003 - the field's name explains it
        return Stand(lies_in(today, (), when), by)

    def of(self, day: date) -> tuple[Stretches, str]:
        """Return the stretches that begin on a day, and the entry that decides them."""
        exceptions = [(times, dates) for dates, times in self._exceptions if dates.has(day)]
        if exceptions:
            return tuple(each for times, _ in exceptions for each in times), exceptions[0][1].text
        if (dates := next((each for each in self._workdays if each.has(day)), None)) is not None:
            return self._of_weekday(self._as), dates.text
        if (dates := next((each for each in self._holidays if each.has(day)), None)) is not None:
            return (), dates.text
        return self._of_weekday(day.weekday()), self._text or "-"

    def _of_weekday(self, weekday: int) -> Stretches:
        return of_day(self._hours, weekday) if self._hours else ((0, DAY_MIN),)
