# SPDX-License-Identifier: GPL-2.0-or-later
"""The time plans of the box: by their own times, or as they were switched by hand."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from appliance.config.model import BoxConfig
from appliance.config.plans import Plan, Stand
from appliance.contract.books import LastPlan
from appliance.contract.records import PlanState


class Hand(NamedTuple):
    """State of a plan that was switched by hand, and until when: Unix milliseconds, 0 until further notice."""

    open: bool
    until: int


class Plans:
    """Time plans by name. Plans that leave the configuration are kept for the routes that name them until a restart.

    Attributes:
        hands: the plans that were switched by hand.
    """

    __slots__ = ("_plans", "hands")

    def __init__(self, config: BoxConfig, last: Iterable[LastPlan] = ()) -> None:
        self._plans: dict[str, Plan] = {}
        self.hands: dict[str, Hand] = {}
        self.be(config)
        for each in last:
            self.switch(each.plan, each.state, each.until)

    def be(self, config: BoxConfig) -> None:
        """Set plans and public holidays from now on."""
        self._plans |= {plan.name: Plan(plan, config.calendar) for plan in config.plan}

    def get(self, name: str) -> Plan | None:
        """Return a plan by its own times, None if there is none."""
        return self._plans.get(name)

    def switch(self, name: str, state: PlanState, until: int = 0) -> None:
        """Switch a plan by hand, or back to its own times."""
        self.hands.pop(name, None)
        if state != "by_plan" and name in self._plans:
            self.hands[name] = Hand(state == "open", until)

    def at(self, name: str, when: datetime) -> Stand:
        """Return whether a plan is open at a moment of local time, and what decides it."""
        hand = self.hands.get(name)
        if hand is not None and (not hand.until or when.timestamp() * 1000 < hand.until):
            return Stand(hand.open, "", "by_hand")
        return self._plans[name].at(when)

    def fits(self, name: str, when: datetime, *, closed: bool = False) -> bool:
        """Return whether a plan is open, or `closed`; no name fits always."""
        return not name or name not in self._plans or self.at(name, when).open is not closed
