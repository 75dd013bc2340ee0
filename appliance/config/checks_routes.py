# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks of time plans and of the conditions of routes: no plan that is never open, no route that is never reached."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple, get_args
from zoneinfo import available_timezones

from appliance.config.checks_features import line_mistakes
from appliance.config.duty import parse_slot
from appliance.config.errors import Mistake
from appliance.config.hours import parse_hours
from appliance.config.known import among, nearest
from appliance.config.model import BoxConfig, CallingClass, OutgoingConfig, RouteConfig
from appliance.config.plans import Plan, parse_dates, parse_exception
from appliance.config.public_holidays import day_mistakes
from appliance.config.rules import PlanConfig, RuleConfig
from appliance.i18n import _

_CLASSES: Final = get_args(CallingClass)
_YEARS: Final = (date(2024, 1, 1), 28 * 366)
"""First day, and number of days: in 28 years each date falls on each day of the week."""


def plans(config: BoxConfig) -> Iterator[Mistake]:
    """Check that time plans can be read, and that each is open at some time, and closed at some."""
    yield from day_mistakes(config.calendar, "calendar.")
    for place, plan in enumerate(config.plan):
        key = f"plan[{place}]"
        wrong = [*_unreadable(key, plan)]
        yield from wrong
        if wrong:
            continue
        if not (plan.hours or plan.holidays or plan.exceptions or plan.public_holidays or plan.key):
            hint = _("set plan.hours, plan.holidays, plan.public_holidays, plan.exceptions or plan.key")
            yield Mistake(key, None, _("names no times: it is always open"), hint)
        elif not _ever_open(Plan(plan)):
            hint = _("take out holidays, or add hours, workdays or exceptions")
            yield Mistake(key, None, _("is never open"), hint)


def _unreadable(key: str, plan: PlanConfig) -> Iterator[Mistake]:
    times = _('allowed: days and times, e.g. "mon-fri 08:00-18:00, sat 09:00-12:00"')
    days = _('allowed: days, e.g. "2026-10-01", "2026-10-01..2026-10-07", or of every year "12-25"')
    exception = _('allowed: days and their times, e.g. "2026-12-24 08:00-12:00, 13:00-15:00"')
    yield from _unread(f"{key}.hours", plan.hours, parse_hours, _("are no hours"), times)
    for name in ("holidays", "workdays"):
        for at, text in enumerate(getattr(plan, name)):
            yield from _unread(f"{key}.{name}[{at}]", text, parse_dates, _("are no days"), days)
    for at, text in enumerate(plan.exceptions):
        yield from _unread(f"{key}.exceptions[{at}]", text, parse_exception, _("are no days with times"), exception)


def _unread(key: str, text: str, read: Callable[[str], object], message: str, hint: str) -> Iterator[Mistake]:
    try:
        read(text)
    except ValueError:
        yield Mistake(key, text, message, hint)


def _ever_open(plan: Plan) -> bool:
    first, days = _YEARS
    return any(plan.of(first + timedelta(days=n))[0] for n in range(days))


def switches(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each plan has a key of its own, and that phones which may switch it are there."""
    phones = dict.fromkeys(extension.number for extension in config.extension)
    seen: dict[str, str] = {}
    for place, plan in enumerate(config.plan):
        first = seen.setdefault(plan.key, plan.name) if plan.key else plan.name
        if first != plan.name:
            message = _("is the key of {name} as well").format(name=first)
            yield Mistake(f"plan[{place}].key", plan.key, message, _("every key only once"))
        for at, number in enumerate(plan.phones):
            if number not in phones:
                hint = among(phones, number)
                yield Mistake(f"plan[{place}].phones[{at}]", number, _("there is no such extension"), hint)


def followers(config: BoxConfig) -> Iterator[Mistake]:
    """Check that queues, trunks and extensions name existing plans."""
    named = [plan.name for plan in config.plan]
    users = [(f"queue[{n}].plan", each.plan) for n, each in enumerate(config.queue)]
    backs = [(n, each.callback) for n, each in enumerate(config.queue) if each.callback is not None]
    users += [(f"queue[{n}].callback.plan", back.plan) for n, back in backs]
    users += [(f"duty[{n}].plan", each.plan) for n, each in enumerate(config.duty)]
    users += [(f"trunk_rule[{n}].plan", each.plan) for n, each in enumerate(config.trunk_rule)]
    users += [(f"extension[{n}].follow_me_plan", each.follow_me_plan) for n, each in enumerate(config.extension)]
    for key, plan in users:
        if plan and plan not in named:
            yield Mistake(key, plan, _("there is no such plan"), among(named, plan))
    for n, each in enumerate(config.extension):
        if each.follow_me_closed and not each.follow_me_plan:
            message = _("needs a plan that is closed")
            hint = _("name the plan in follow_me_plan, or take follow_me_closed out")
            yield Mistake(f"extension[{n}].follow_me_closed", each.follow_me_closed, message, hint)


def duties(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the slots of duty lists can be read."""
    hint = _('allowed: "mon-fri 18:00-08:00, sat", "2026-12-07..2026-12-13", or "2026-12-24 18:00-08:00"')
    for place, duty in enumerate(config.duty):
        for at, slot in enumerate(duty.slot):
            if not slot.call:
                message, remedy = _("names no number"), _("name who is called, or take the slot out")
                yield Mistake(f"duty[{place}].slot[{at}].call", None, message, remedy)
            yield from _unread(f"duty[{place}].slot[{at}].when", slot.when, _slot, _("are no times"), hint)


def _slot(when: str) -> object:
    return parse_slot(when, ())


def zone(config: BoxConfig) -> Iterator[Mistake]:
    """Check that the site's time zone is known to this machine."""
    name = config.site.timezone
    if name and name not in available_timezones():
        hint = _("known: {names}").format(names="Asia/Shanghai, Europe/Berlin, UTC, ...")
        near = nearest(name, available_timezones(), lower=False)
        hint = _("did you mean {name}?").format(name=near) + " " + hint if near else hint
        yield Mistake("site.timezone", name, _("there is no such time zone"), hint)


def conditions(config: BoxConfig) -> Iterator[Mistake]:
    """Check that routes name existing plans and lines."""
    named = [plan.name for plan in config.plan]
    groups = [group.name for group in config.trunk_group]
    phones = {extension.line for extension in config.extension}
    for key, route in _routes(config):
        if route.plan and route.plan not in named:
            yield Mistake(f"{key}.plan", route.plan, _("there is no such plan"), among(named, route.plan))
        if route.closed and not route.plan:
            message, hint = _("needs a plan that is closed"), _("name the plan in plan, or take closed out")
            yield Mistake(f"{key}.closed", route.closed, message, hint)
        for at, line in enumerate(route.lines):
            if line not in groups and line not in phones:
                yield from line_mistakes(config, f"{key}.lines[{at}]", line, groups)


def _routes(config: BoxConfig) -> Iterator[tuple[str, RuleConfig]]:
    yield from ((f"route[{n}]", each) for n, each in enumerate(config.route))
    yield from ((f"outgoing[{n}]", each) for n, each in enumerate(config.outgoing))


class _Earlier(NamedTuple):
    key: str
    route: RuleConfig


def reached(config: BoxConfig) -> Iterator[Mistake]:
    """Check that each route is taken by some call, and not hidden by routes before it with the same number."""
    groups = {group.name: group.lines for group in config.trunk_group}
    earlier: dict[tuple[str, str], list[_Earlier]] = {}
    for key, route in _routes(config):
        name, number = ("called", route.called) if isinstance(route, RouteConfig) else ("prefix", _prefix(route))
        before = earlier.setdefault((name, number), [])
        hiding = _hiding(before, route, groups)
        if not hiding:
            before.append(_Earlier(key, route))
            continue
        message = _("is never reached: {others} takes its calls before").format(others=", ".join(hiding))
        hint = _("put it before that one, or give that one conditions: callers, lines, plan")
        yield Mistake(f"{key}.{name}", number, message, hint)


def _prefix(route: RuleConfig) -> str:
    return route.prefix if isinstance(route, OutgoingConfig) else ""


def _hiding(before: Sequence[_Earlier], route: RuleConfig, groups: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the routes that leave this one no call: one that takes all, or two for a plan open and closed."""
    wider = [each for each in before if _wider(each.route, route, groups)]
    by_plan: dict[tuple[str, bool], str] = {}
    for key, other in wider:
        if not other.plan or (other.plan, other.closed) == (route.plan, route.closed):
            return [key]
        by_plan.setdefault((other.plan, other.closed), key)
        if opposite := by_plan.get((other.plan, not other.closed)):
            return [opposite, key]
    return []


def _wider(one: RuleConfig, other: RuleConfig, groups: dict[str, tuple[str, ...]]) -> bool:
    """Return whether `one` takes every call, at its times, that `other` takes."""
    if isinstance(one, RouteConfig) and isinstance(other, RouteConfig):
        fits = one.inside or not other.inside or not one.called.endswith("*")
    elif isinstance(one, OutgoingConfig) and isinstance(other, OutgoingConfig):
        lower = _CLASSES.index(one.calling) <= _CLASSES.index(other.calling)
        fits = lower and one.hours in ("", other.hours)
    else:
        fits = False
    return fits and _all_callers(one.callers, other.callers) and _all_lines(one.lines, other.lines, groups)


def _all_callers(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if not one:
        return True
    beginnings = tuple(each[:-1] for each in one if each.endswith("*"))
    return bool(other) and all(each in one or each.removesuffix("*").startswith(beginnings) for each in other)


def _all_lines(one: tuple[str, ...], other: tuple[str, ...], groups: dict[str, tuple[str, ...]]) -> bool:
    there = {line for name in one for line in groups.get(name, (name,))}
    return not one or (bool(other) and {line for name in other for line in groups.get(name, (name,))} <= there)


ROUTE_CHECKS: Final = (plans, switches, followers, duties, zone, conditions, reached)
