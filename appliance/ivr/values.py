# SPDX-License-Identifier: GPL-2.0-or-later
"""Values in flows: numbers and times as they are written in texts, keyed or found in tables."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

Moment = datetime | date | time
"""A day with a time of day, a day, or a time of day."""

_NUMBER: Final = re.compile(r"([+-]?)([0-9]{1,3}(?:,[0-9]{3}){1,5}|[0-9]{1,18})(\.[0-9]{1,9})?")
_DATE: Final = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})")
_TIME: Final = re.compile(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?")
_BOTH: Final = re.compile(r"([^ T]+)[ T]([^ T]+)")


def number_of(text: str) -> Decimal | None:
    """Return the number that a text is, such as '-12.50' or '1,280,000'; None if it is none, or has too many digits."""
    found = _NUMBER.fullmatch(text.strip())
    return Decimal(found[0].replace(",", "")) if found else None


def moment_of(text: str) -> Moment | None:
    """Return the moment that a text is, such as '2026-12-01', '14:05', '2026-12-01 14:05'; None if it is none."""
    text = text.strip()
    if both := _BOTH.fullmatch(text):
        day, clock = _day(both[1]), _clock(both[2])
        return None if day is None or clock is None else datetime.combine(day, clock)
    return _day(text) or _clock(text)


def _day(text: str) -> date | None:
    found = _DATE.fullmatch(text)
    if found is None or (not found[2] and len(text) != len("20261201")):
        return None
    try:
        return date(int(found[1]), int(found[3]), int(found[4]))
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    found = _TIME.fullmatch(text)
    try:
        return time(int(found[1]), int(found[2]), int(found[3] or 0)) if found else None
    except ValueError:
        return None
