# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditions of a route besides the number: the caller, the line, and the time."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from appliance.config.model import BoxConfig
from appliance.config.rules import RuleConfig
from appliance.contract.routes import Why
from appliance.contract.switch import Party, Presentation
from appliance.engine.routes.lists import Lists, listed
from appliance.engine.routes.patterns import Patterns
from appliance.engine.routes.plans import Plans
from appliance.engine.routes.site_numbers import Site
from appliance.i18n import N_

Clock = Callable[[], datetime]
"""Local time of day."""

ANONYMOUS: Final = "anonymous"
VIP: Final = "vip"


class Given(msgspec.Struct, frozen=True):
    """A call as conditions see it: its caller, the line on which it came, the time."""

    caller: Party
    line: str
    clock: Clock


class Named:
    """Names that conditions use: plans, trunk groups, the VIP list; and the forms of callers' numbers."""

    def __init__(self, config: BoxConfig, plans: Plans | None = None) -> None:
        self.plans = plans or Plans(config)
        self.groups = {group.name: group.lines for group in config.trunk_group}
        self.site = Site(config)
        self.lists = Lists(config.lists, self.site)


class Conditions:
    """The conditions of one route; `route` is its name for people."""

    __slots__ = ("_anonymous", "_callers", "_closed", "_config", "_lines", "_named", "_vip", "route")

    def __init__(self, route: str, config: RuleConfig, named: Named) -> None:
        self.route = route
        self._config, self._named, self._closed = config, named, config.closed
        self._callers = Patterns(each for each in config.callers if each not in (ANONYMOUS, VIP))
        self._anonymous, self._vip = ANONYMOUS in config.callers, VIP in config.callers
        self._lines = frozenset(line for name in config.lines for line in named.groups.get(name, (name,)))

    def misfit(self, given: Given) -> Why | None:
        """Return why the route is not for a call, None if it is."""
        if self._config.callers and not self._from(given.caller):
            return self._why(N_("route {route}: not for this caller ({callers})"), callers=self._config.callers)
        if self._lines and given.line not in self._lines:
            return self._why(N_("route {route}: not for this line ({lines})"), lines=self._config.lines)
        return self._untimely(given.clock()) if self._config.plan else None

    def _from(self, caller: Party) -> bool:
        if self._anonymous and (not caller.number or caller.presentation is not Presentation.ALLOWED):
            return True
        if self._vip and self._named.lists.vip(caller.number):
            return True
        return listed(self._named.site, self._callers, caller.number)

    def _untimely(self, when: datetime) -> Why | None:
        stand = self._named.plans.at(self._config.plan, when)
        if stand.open is not self._closed:
            return None
        at = when.strftime("%Y-%m-%d %H:%M")
        said = _UNTIMELY[self._closed, stand.reason == "by_hand"]
        return Why(said, {"route": self.route, "plan": self._config.plan, "at": at, "by": stand.by})

    def _why(self, msgid: str, **named: tuple[str, ...]) -> Why:
        return Why(msgid, {"route": self.route, **{name: ", ".join(each) for name, each in named.items()}})


_UNTIMELY: Final = {
    (False, False): N_("route {route}: only while plan {plan} is open; at {at} it is closed ({by})"),
    (True, False): N_("route {route}: only while plan {plan} is closed; at {at} it is open ({by})"),
    (False, True): N_("route {route}: only while plan {plan} is open; at {at} it is closed by hand"),
    (True, True): N_("route {route}: only while plan {plan} is closed; at {at} it is open by hand"),
}
"""Texts by: the route is for the time when the plan is closed, the plan was switched by hand."""
