# SPDX-License-Identifier: GPL-2.0-or-later
"""Routes of numbers outside: by calling class, prefix and time to trunks, in order; with the reasons."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, get_args

from appliance.config.hours import Hours, parse_hours, within
from appliance.config.model import BoxConfig, CallingClass, ExtensionConfig, OutgoingConfig, TrunkRuleConfig
from appliance.contract.address import LineAddress
from appliance.contract.routes import Way, Ways, Why
from appliance.contract.switch import Cause, Party
from appliance.engine.routes.conditions import Conditions, Given, Named
from appliance.engine.routes.patterns import Patterns
from appliance.engine.routes.plans import Plans
from appliance.i18n import N_

CLASSES: Final[tuple[CallingClass, ...]] = get_args(CallingClass)


class Outbound:
    """The ways outside of a configuration.

    Attributes:
        in_use: legs on each line that has a limit.
        down: spans that are out of service; no call is sent there.
    """

    def __init__(self, config: BoxConfig, plans: Plans | None = None) -> None:
        self._outside = config.outside
        named = Named(config, plans)
        self._plans = named.plans
        routes = sorted(config.outgoing, key=lambda each: -len(each.prefix))
        self._routes: list[tuple[OutgoingConfig, Hours, Conditions | None]] = [
            (each, parse_hours(each.hours), Conditions(each.name, each, named) if each.conditional else None)
            for each in routes
        ]
        self._groups = {group.name: group for group in config.trunk_group}
        self._rules = {rule.line: (rule, Patterns(rule.callers)) for rule in config.trunk_rule}
        self._turn: Counter[str] = Counter()
        outside = config.outside
        self._emergency = Patterns(outside.emergency)
        self._international = Patterns((*outside.international, "+*"))  # E.164, unless a longer pattern decides
        self._long_distance = Patterns(outside.long_distance)
        self._spans: dict[str, set[int]] = {}
        for number, span in enumerate(config.span, 1):
            self._spans.setdefault(str(LineAddress(span.signalling, span.group)), set()).add(number)
        self.in_use: Counter[str] = Counter()
        self.down: set[int] = set()

    def after(self, config: BoxConfig, plans: Plans, lines: Iterable[str]) -> "Outbound":
        """Return the ways of a configuration that takes this one's place; `lines`: of the legs that are up."""
        made = Outbound(config, plans)
        made.down, made._turn = self.down, self._turn
        for line in lines:
            made.entered(line, 1)
        return made

    def entered(self, line: str, n: int) -> None:
        """Count legs on a line; `n` is 1 or -1."""
        if line in self._rules:
            self.in_use[line] += n

    def over_limit(self, line: str) -> bool:
        """Return whether a line carries more calls than its rule allows: the last one is too many."""
        rule = self._rules.get(line, _NO_RULE)[0]
        return bool(rule.calls and self.in_use[line] > rule.calls)

    def is_emergency(self, number: str) -> bool:
        """Return whether a number outside is an emergency number."""
        return bool(self._emergency.match(number))

    def class_of(self, number: str) -> CallingClass:
        """Return the class that a number outside needs; the emergency numbers need none."""
        if self.is_emergency(number):
            return "internal"
        far, farther = self._long_distance.match(number), self._international.match(number)
        if farther and farther >= far:
            return "international"
        return "long_distance" if far else "local"

    def permitted(self, phone: ExtensionConfig, number: str) -> bool:
        """Return whether a phone's calling class reaches a number outside."""
        return CLASSES.index(phone.calling) >= CLASSES.index(self.class_of(number))

    def ways(self, behalf: ExtensionConfig | None, number: str, given: Given, *, turn: bool = True) -> Ways:
        """Return the lines for a number; `turn`: rotating groups go on by one."""
        if behalf is not None:
            given = Given(Party(behalf.number), given.line, given.clock)
        needs, has = self.class_of(number), behalf.calling if behalf is not None else "international"
        why = [Why(N_("{number} needs the calling class {needs}"), {"number": number, "needs": needs})]
        if CLASSES.index(has) < CLASSES.index(needs):
            values = {"extension": behalf.number if behalf else "", "has": has}
            why.append(Why(N_("extension {extension} has the class {has}: refused"), values))
            return Ways((), Cause.CALL_REJECTED, tuple(why))
        if self.is_emergency(number):
            return self._emergency_ways(behalf, number, given, turn=turn)
        route = self._route(number, has, given, why)
        lines = self._ways_by(route, behalf, number, why, given, turn=turn)
        return Ways(tuple(lines), Cause.NO_CIRCUIT, tuple(why))

    def _emergency_ways(self, behalf: ExtensionConfig | None, number: str, given: Given, *, turn: bool) -> Ways:
        """Return every line that may carry an emergency call: the usual way first, then all others.

        It is not held up by hours, conditions and limits, only by a span that is out of service.
        """
        why = [Why(N_("{number} is an emergency number: every phone may call it, on every line"), {"number": number})]
        usual = self._route(number, CLASSES[-1], given, why)
        others = [route for route, _hours, _conditions in self._routes if number.startswith(route.prefix)]
        found: dict[str, Way] = {}
        for route in dict.fromkeys((usual, *others, None)):
            for way in self._ways_by(route, behalf, number, why, given, turn=turn, urgent=True):
                found.setdefault(way.line, way)
        return Ways(tuple(found.values()), Cause.NO_CIRCUIT, tuple(why))

    def _ways_by(
        self, route: OutgoingConfig | None, behalf: ExtensionConfig | None, number: str, why: list[Why], given: Given,
        *, turn: bool, urgent: bool = False,
    ) -> list[Way]:  # fmt: skip
        """Return the free lines of a route, or of `outside.line` without one; `urgent`: at all times and any limit."""
        called = number if route is None else route.add + number[route.strip :]
        return [
            Way(line, called, self.shown(line, behalf, route))
            for name in ((self._outside.line,) if route is None else route.via)
            for line in self._lines(name, why, turn=turn)
            if self._free(line, why, given, urgent=urgent)
        ]

    def _route(self, number: str, has: CallingClass, given: Given, why: list[Why]) -> OutgoingConfig | None:
        for route, hours, conditions in self._routes:
            if not number.startswith(route.prefix):
                continue
            if CLASSES.index(has) < CLASSES.index(route.calling):
                why.append(Why(N_("route {route}: only from class {needs} on"), _of(route, needs=route.calling)))
            elif conditions is not None and (misfit := conditions.misfit(given)) is not None:
                why.append(misfit)
            elif hours and not within(hours, given.clock()):
                why.append(Why(N_("route {route}: not at this time ({hours})"), _of(route, hours=route.hours)))
            else:
                why.append(Why(N_("route {route}: prefix {prefix} fits"), _of(route, prefix=route.prefix or "-")))
                return route
        why.append(Why(N_("no route fits: outside.line is taken"), {}))
        return None

    def _lines(self, name: str, why: list[Why], *, turn: bool) -> tuple[str, ...]:
        group = self._groups.get(name)
        if group is None:
            return (name,)
        lines = group.lines
        if group.order == "rotating" and lines:
            first = self._turn[name] % len(lines)
            self._turn[name] += turn
            lines = lines[first:] + lines[:first]
        values = {"group": name, "order": group.order, "lines": ", ".join(lines)}
        why.append(Why(N_("trunk group {group}, {order}: {lines}"), values))
        return lines

    def _free(self, line: str, why: list[Why], given: Given, *, urgent: bool) -> bool:
        rule = self._rules.get(line, _NO_RULE)[0]
        if self._spans.get(line, _NEVER_DOWN) <= self.down:
            why.append(Why(N_("{line} has no span in service: passed over"), {"line": line}))
            return False
        if rule.plan and not urgent and not self._plans.fits(rule.plan, given.clock()):
            text = N_("{line} is used only while plan {plan} is open: passed over")
            why.append(Why(text, {"line": line, "plan": rule.plan}))
            return False
        if urgent or not rule.calls or self.in_use[line] < rule.calls:
            return True
        why.append(Why(N_("{line} has its {calls} calls: passed over"), {"line": line, "calls": str(rule.calls)}))
        return False

    def shown(self, line: str, behalf: ExtensionConfig | None, route: OutgoingConfig | None = None) -> str:
        """Return the number that is shown on a line; '' for the caller's own.

        The phone's for outside, the route's, the line's, the box's: the first that the line's rule allows.
        """
        rule, allowed = self._rules.get(line, _NO_RULE)
        offered = (behalf.caller if behalf else "", route.caller if route else "")
        for number in offered:
            if number and (not allowed or allowed.match(number)):
                return number
        return rule.caller or self._outside.caller


_NEVER_DOWN: Final = {0}
"""For a line that is on no span."""
_NO_RULE: Final = (TrunkRuleConfig(line=""), Patterns(()))


def _of(route: OutgoingConfig, **values: str) -> dict[str, str]:
    return {"route": route.name, **values}


def presented(caller: Party, number: str) -> Party:
    """Return a caller with `number` shown, if there is one, as openly as the caller wants it."""
    return Party(number, presentation=caller.presentation) if number else caller
