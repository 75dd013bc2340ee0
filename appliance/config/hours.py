# SPDX-License-Identifier: GPL-2.0-or-later
"""Hours of the week, as the configuration writes them."""

import re
from datetime import datetime
from typing import Final

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))?(?: +(?P<h1>\d\d):(?P<m1>\d\d)-(?P<h2>\d\d):(?P<m2>\d\d))?"
)


DAY_MIN: Final = 24 * 60
"""Minutes of a day."""

Hours = tuple[tuple[frozenset[int], int, int], ...]
"""Stretches of time: days (0 Monday), minute of the day from which, minute up to which; a minute of the next day is
above `DAY_MIN`."""
Stretches = tuple[tuple[int, int], ...]
"""Stretches of one day: minute from which, minute up to which."""


def parse_hours(text: str) -> Hours:
    """Parse hours of the week: 'mon-fri 08:00-18:00, sat'. A stretch that ends before it begins goes past midnight.

    Raises ValueError with the part that cannot be read.
    """
    return tuple(part for each in text.split(",") if each.strip() for part in _stretch(each.strip()))


def _stretch(text: str) -> Hours:
    found = _SPAN.fullmatch(text)
    if not found or found["first"] not in DAYS or (found["last"] or "mon") not in DAYS:
        raise ValueError(text)
    first, last = DAYS.index(found["first"]), DAYS.index(found["last"] or found["first"])
    days = frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
    if found["h1"] is None:
        return ((days, 0, DAY_MIN),)
    begin, end = _minute(found["h1"], found["m1"], text), _minute(found["h2"], found["m2"], text)
    return ((days, begin, end if begin < end else end + DAY_MIN),)


def _minute(hour: str, minute: str, text: str) -> int:
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > DAY_MIN:
        raise ValueError(text)
    return found


def within(hours: Hours, when: datetime) -> bool:
    """Return whether a moment lies in the hours; no hours: always."""
    return not hours or lies_in(of_day(hours, when.weekday()), of_day(hours, (when.weekday() - 1) % 7), when)


def of_day(hours: Hours, weekday: int) -> Stretches:
    """Return the stretches that begin on a day of the week."""
    return tuple((begin, end) for days, begin, end in hours if weekday in days)


def lies_in(today: Stretches, yesterday: Stretches, when: datetime) -> bool:
    """Return whether a moment lies in a stretch of its day, or in one of the day before that goes past midnight."""
    minute = when.hour * 60 + when.minute
    return any(begin <= minute < end for begin, end in today) or any(minute + DAY_MIN < end for _, end in yesterday)


def written(times: Stretches) -> tuple[str, ...]:
    """Return stretches of a day as the configuration writes them."""
    return tuple(f"{_clock(begin)}-{_clock(end)}" for begin, end in sorted(times))


def _clock(minute: int) -> str:
    hour, rest = divmod(minute if minute <= DAY_MIN else minute - DAY_MIN, 60)
    return f"{hour:02}:{rest:02}"
