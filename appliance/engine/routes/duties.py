# SPDX-License-Identifier: GPL-2.0-or-later
"""The duty lists of the box: the configuration's slots, and those that were set while it runs."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from appliance.config.duty import DutyConfig, Slot, parse_slot
from appliance.config.hours import DAY_MIN
from appliance.config.model import BoxConfig
from appliance.contract.books import LastDuty
from appliance.engine.routes.plans import Plans

LOOK_AHEAD_DAYS: Final = 28
"""Days for which gaps are looked for."""


class Duties:
    """Duty lists by name.

    Attributes:
        lists: their configuration.
        made: the slots that were set while the box runs, by list and time.
    """

    __slots__ = ("_slots", "lists", "made")

    def __init__(self, config: BoxConfig, last: Iterable[LastDuty] = ()) -> None:
        self.made: dict[tuple[str, str], Slot] = {
            (each.duty, each.when): parse_slot(each.when, tuple(each.call.split())) for each in last if each.call
        }
        self.be(config)

    def be(self, config: BoxConfig) -> None:
        """Set the lists from now on; slots that were set while the box runs are kept."""
        self.lists = {each.name: each for each in config.duty}
        self._order()

    def change(self, duty: str, when: str, call: tuple[str, ...]) -> None:
        """Set a slot, or remove it (`call` empty). Raises ValueError with times that cannot be read."""
        slot = parse_slot(when, call)
        if call:
            self.made[duty, when] = slot
        else:
            self.made.pop((duty, when), None)
        self._order()

    def _order(self) -> None:
        self._slots = {name: tuple(sorted(self._all(each), key=_weekly)) for name, each in self.lists.items()}

    def _all(self, duty: DutyConfig) -> Iterator[Slot]:
        yield from (slot for (name, _when), slot in self.made.items() if name == duty.name)
        yield from (parse_slot(each.when, each.call) for each in duty.slot)

    def slots(self, duty: str) -> tuple[Slot, ...]:
        """Return the slots of a list in the order in which they win."""
        return self._slots[duty]

    def on(self, duty: str, when: datetime) -> tuple[str, ...]:
        """Return the numbers on duty at a moment of local time, the deputies last."""
        return next((slot.call for slot in self._slots[duty] if slot.has(when)), ())

    def gaps(self, duty: str, begin: datetime, plans: Plans) -> list[tuple[datetime, datetime]]:
        """Return the times of the next days at which no number is on duty although one is needed."""
        found: list[tuple[datetime, datetime]] = []
        moments = [begin, *self._turns(duty, begin, plans)]
        for moment, after in pairwise(moments):
            plan = self.lists[duty].plan
            passed_over = after.timestamp() <= moment.timestamp()  # by a clock that is set forward
            if passed_over or self.on(duty, moment) or (plan and plans.fits(plan, moment)):
                continue
            if found and found[-1][1] == moment:
                found[-1] = found[-1][0], after
            else:
                found.append((moment, after))
        return found

    def _turns(self, duty: str, begin: datetime, plans: Plans) -> Iterator[datetime]:
        """Return the moments after `begin` at which other numbers may be on duty, and the end of the days looked at."""
        midnight = begin.replace(hour=0, minute=0, second=0, microsecond=0)
        plan = plans.get(self.lists[duty].plan)
        for n in range(LOOK_AHEAD_DAYS + 1):
            day = midnight + timedelta(days=n)
            minutes = {0, *(plan.turns(day.date()) if plan is not None else ())}
            minutes |= {minute % DAY_MIN for slot in self._slots[duty] for minute in _minutes(slot, day)}
            yield from (moment for minute in sorted(minutes) if (moment := day + timedelta(minutes=minute)) > begin)


def _minutes(slot: Slot, day: datetime) -> Iterator[int]:
    for each in (day - timedelta(days=1), day):
        yield from (minute for stretch in slot.of(each) for minute in stretch)


def _weekly(slot: Slot) -> bool:
    return slot.days is None
