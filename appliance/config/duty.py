# SPDX-License-Identifier: GPL-2.0-or-later
"""Duty lists: the numbers that are called at which times, deputies last."""

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from appliance.config.base import Config, Digits, MayOnward, Name, Number, PlanName, Seconds
from appliance.config.hours import DAY_MIN, Hours, Stretches, lies_in, of_day, parse_hours
from appliance.config.plans import Dates, parse_dates, parse_exception

WHOLE_DAY: Final[Stretches] = ((0, DAY_MIN),)


class SlotConfig(Config, frozen=True, kw_only=True):
    """Those on duty at some times. `when`: hours of the week, or days with times or without.

    "mon-fri 18:00-08:00, sat, sun"; "2026-12-07..2026-12-13"; "2026-12-24 18:00-08:00".
    """

    when: str
    call: tuple[Number, ...]  # numbers as a phone of the house dials them; deputies last


class DutyConfig(Config, frozen=True, kw_only=True):
    """A duty list: its number, and flows that dial it, reach those on duty, one after the other.

    Of slots that fit a moment those with days win, then the first one; slots of `mxbox duty set` come before others.
    """

    name: Name
    number: Digits = ""  # inside, as of an extension
    slot: tuple[SlotConfig, ...] = ()
    ring_s: Seconds = 20.0  # each
    otherwise: MayOnward = ""  # a number or duty:NAME to go on to without an answer, or when none is on duty
    plan: PlanName = ""  # no number needs to be on duty while this [[plan]] is open


class Slot(NamedTuple):
    """A slot, ready to be looked at: days with their times, or hours of the week."""

    when: str
    call: tuple[str, ...]
    days: Dates | None
    times: Stretches
    hours: Hours

    def has(self, moment: datetime) -> bool:
        """Return whether a moment of local time lies in it."""
        return lies_in(self.of(moment), self.of(moment - timedelta(days=1)), moment)

    def of(self, day: datetime) -> Stretches:
        """Return the stretches that begin on a day."""
        if self.days is not None:
            return self.times if self.days.has(day.date()) else ()
        return of_day(self.hours, day.weekday())


def parse_slot(when: str, call: tuple[str, ...]) -> Slot:
    """Parse the times of a slot. Raises ValueError with the text."""
    text = when.strip()
    if not text:
        raise ValueError(when)
    if not text[0].isdecimal():
        return Slot(text, call, None, (), parse_hours(text))
    if " " in text:
        days, times = parse_exception(text)
        return Slot(text, call, days, times, ())
    return Slot(text, call, parse_dates(text), WHOLE_DAY, ())
