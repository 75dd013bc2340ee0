# SPDX-License-Identifier: GPL-2.0-or-later
"""Targets of called numbers."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final, NamedTuple

import msgspec

from appliance.config.base import DUTY
from appliance.config.conferences import ConferenceConfig
from appliance.config.model import BoxConfig, ExtensionConfig, HuntConfig, RouteConfig
from appliance.contract.records import MessageWhy
from appliance.contract.switch import Cause
from appliance.engine.routes.conditions import Conditions, Given, Named
from appliance.engine.routes.patterns import Patterns
from appliance.engine.routes.plans import Plans
from appliance.engine.routes.site_numbers import Site
from appliance.numbering import plain

T302_S: Final = 10.0
"""Q.931 9.6.1, T302: how long further digits are waited for in overlap receiving (10 to 15 s)."""


class ToFlow(msgspec.Struct, frozen=True):
    """A flow answers."""

    flow: str


class ToPhone(msgspec.Struct, frozen=True):
    """A phone of the house rings."""

    extension: ExtensionConfig


class ToOutside(msgspec.Struct, frozen=True):
    """A number outside is dialled; the prefix is removed."""

    number: str


class ToGroup(msgspec.Struct, frozen=True):
    """Phones of a hunt group ring."""

    group: HuntConfig


class ToDuty(msgspec.Struct, frozen=True):
    """Those on duty are called, by the name of the duty list."""

    duty: str


def onward(to: str) -> "str | ToDuty":
    """Return the duty list that the configuration names in place of a number, else the number."""
    return ToDuty(to.removeprefix(DUTY)) if to.startswith(DUTY) else to


def answering(flow: str) -> "ToFlow | ToDuty":
    """Return what a route leads to."""
    return ToDuty(flow.removeprefix(DUTY)) if flow.startswith(DUTY) else ToFlow(flow)


class ToFeature(msgspec.Struct, frozen=True):
    """A feature code was dialled, and a number behind it: its key in `[codes]`, or 'keyed/' and the code of a field."""

    feature: str
    number: str = ""


class ToPlace(msgspec.Struct, frozen=True):
    """A place where a call may be parked."""

    place: str


class ToConference(msgspec.Struct, frozen=True):
    """A conference."""

    conference: ConferenceConfig


class ToBox(msgspec.Struct, frozen=True):
    """The caller leaves a message in a box; `why` the call goes there."""

    box: str
    why: MessageWhy = "dialled"


class Undecided(Enum):
    """No target, or none yet. INCOMPLETE: more digits would lead somewhere; NO_NUMBER: it cannot be dialled at all."""

    NOWHERE = auto()
    INCOMPLETE = auto()
    NO_NUMBER = auto()
    MORE = auto()


CAUSES: Final = {
    Undecided.NOWHERE: Cause.UNALLOCATED_NUMBER,
    Undecided.INCOMPLETE: Cause.INVALID_NUMBER_FORMAT,
    Undecided.NO_NUMBER: Cause.INVALID_NUMBER_FORMAT,
}
"""Causes for the caller (Q.850 2.2.5, No. 28: invalid number format, address incomplete)."""


Target = ToFlow | ToPhone | ToOutside | ToGroup | ToDuty | ToFeature | ToPlace | ToConference | ToBox | Undecided

NUMBER_FOLLOWS: Final = frozenset(
    {
        *("forward_always", "forward_busy", "forward_no_answer", "leave_message"),
        *("listen", "meet", "move_caller", "pick_up", "plan", "play_recording", "prefer_caller"),
    }
)
"""Feature codes behind which a number is dialled."""
NUMBER_MAY_FOLLOW: Final = frozenset(
    {"agent_sign_in", "agent_pause", "agent_wrap_up_code", "record_prompt", "voicemail"}
)
"""Feature codes behind which a number may be dialled; without it the box asks for it."""
IN_TALK: Final = frozenset({"transfer", "consult", "park_talk", "conference", "record", "record_pause", "survey"})
"""Feature codes that are no numbers: they are pressed during a talk."""


class Rule(NamedTuple):
    """A route as it is tried: if its conditions fit, the call goes to `flow`, or to the duty list that it names."""

    flow: str
    conditions: Conditions | None

    def fits(self, given: Given | None) -> bool:
        """Return whether it takes a call; None: any."""
        return self.conditions is None or given is None or self.conditions.misfit(given) is None


class Routes:
    """The numbering plan of the box: exact numbers win over the longest pattern that ends in '*'.

    Of routes for the same numbers the first whose conditions fit is taken.

    For phones of the house the emergency numbers come before all else, and only patterns count that are for them too.
    """

    def __init__(self, config: BoxConfig, plans: Plans | None = None) -> None:
        self.phones = {each.number: each for each in config.extension}
        self.groups = {each.number: each for each in config.hunt}
        boxes = {each.number: each.name for each in config.voicemail if each.number}
        self._several: dict[str, ToGroup | ToConference | ToBox | ToDuty] = {
            **{each.number: ToGroup(each) for each in config.hunt},
            **{each.number: ToConference(each) for each in config.conference},
            **{each.number: ToDuty(each.name) for each in config.duty if each.number},
            **{number: ToBox(name) for number, name in boxes.items()},
        }
        self.places = config.parking.numbers
        self._left_at = boxes | {each.extension: each.name for each in config.voicemail if each.extension}
        codes = {name: getattr(config.codes, name) for name in config.codes.__struct_fields__ if name not in IN_TALK}
        self._codes = {code: name for name, code in codes.items() if code}
        self._codes |= {field.code: f"keyed/{field.code}" for field in config.keyed if field.code}
        self._by_line = {each.line: each for each in config.extension}
        self._prefix = config.outside.prefix
        self._site = Site(config)
        self._emergency = Patterns(config.outside.emergency)
        self._emergencies = tuple(each for each in config.outside.emergency if not each.endswith("*"))
        self._open_emergencies = Patterns(each for each in config.outside.emergency if each.endswith("*"))
        rules = _rules(config, plans)
        exact: dict[str, tuple[Rule, ...]] = {}
        for route, rule in rules:
            if not route.called.endswith("*"):
                exact[route.called] = (*exact.get(route.called, ()), rule)
        self._exact = {called: each[0].flow for called, each in exact.items() if each[0].conditions is None}
        self._ruled = {called: each for called, each in exact.items() if each[0].conditions is not None}
        self._patterns = _patterns(rules)
        self._inside = _patterns((route, rule) for route, rule in rules if route.inside)

    def phone_at(self, line: str, number: str) -> ExtensionConfig | None:
        """Return the phone that calls, by its own line or by the number it sends."""
        return self._by_line.get(line) or self.phones.get(number)

    @staticmethod
    def outside_number(target: Target) -> str:
        """Return the number of a target outside, '' for others."""
        return target.number if isinstance(target, ToOutside) else ""

    def find(self, called: str, *, complete: bool, phone: bool, given: Given | None = None) -> Target:
        """Return the target of a number; `phone`: a phone of the house dialled it and may call outside.

        Without `given` every condition fits: the number's possible target.
        """
        number = plain(called)
        if number is None and phone and called:
            return Undecided.NO_NUMBER
        called = number or called
        if phone and self._ends(called):
            called, complete = called[:-1], True
        found = self._exactly(called, given, phone=phone)
        if not complete and self._may_grow(called, phone=phone, found=found is not None):
            return Undecided.MORE
        if found is None and complete:
            found = self._by_pattern(called, given, phone=phone)
        if found is None:
            return Undecided.INCOMPLETE if complete and self._begins(called, phone=phone) else Undecided.NOWHERE
        return found

    def rules(self, called: str, *, phone: bool, patterns: bool) -> tuple[Rule, ...]:
        """Return the routes for a number in the order in which they are tried, for an explanation."""
        called = plain(called) or called
        exact = self._ruled.get(called, ())
        beginnings = (self._inside if phone else self._patterns) if patterns else []
        return (*exact, *(rule for prefix, rule in beginnings if called.startswith(prefix)))

    def _ends(self, called: str) -> bool:
        """Return whether '#' behind digits ends the number, as on a PBX: no number of the plan ends so."""
        digits = called.removeprefix("+")
        return digits[-1:] == "#" and digits[:-1].isdecimal() and self._exactly(called, None, phone=True) is None

    def _exactly(self, called: str, given: Given | None, *, phone: bool) -> Target | None:
        if phone and self._emergency.match(called):
            return ToOutside(called)
        if (flow := self._exact.get(called)) is not None:
            return answering(flow)
        if (rule := _first(self._ruled.get(called, ()), given)) is not None:
            return answering(rule.flow)
        extension = self.phones.get(called)
        if extension is not None:
            return ToPhone(extension)
        if (several := self._several.get(called)) is not None:
            return several
        return self._of_phones(called) if phone else None

    def _of_phones(self, called: str) -> Target | None:
        """Return the target of a number that only phones of the house may dial: a place to park, a feature code."""
        if called in self.places:
            return ToPlace(called)
        for length in range(len(called), 0, -1):  # the longest code wins
            name = self._codes.get(called[:length], "")
            follows = length < len(called)
            if name and (name in NUMBER_MAY_FOLLOW or follows == (name in NUMBER_FOLLOWS)):
                return self._feature(name, called[length:])
        return None

    def _feature(self, name: str, number: str) -> Target | None:
        """Return the target of a feature code and the number behind it; None: no box is there."""
        if name != "leave_message":
            return ToFeature(name, number)
        box = self._left_at.get(number)
        return ToBox(box) if box is not None else None

    def _by_pattern(self, called: str, given: Given | None, *, phone: bool) -> Target | None:
        if phone and called in self._codes:
            return None  # its number is still missing: no route may take the code for one
        if phone and called.startswith(self._prefix) and called != self._prefix:
            return ToOutside(called[len(self._prefix) :])
        if phone and called.startswith("+") and called != "+":
            return ToOutside(self._site.dialled(called))  # E.164 is always outside
        patterns = self._inside if phone else self._patterns
        rule = _first((rule for prefix, rule in patterns if called.startswith(prefix)), given)
        return None if rule is None else answering(rule.flow)

    def _may_grow(self, called: str, *, phone: bool, found: bool) -> bool:
        """Return whether more digits could lead elsewhere. An exact number that nothing exact continues is decided."""
        if self._begins_exact(called, phone=phone):
            return True
        beginnings = self._beginnings(phone=phone)
        return not found and any(called.startswith(each) or each.startswith(called) for each in beginnings)

    def _begins(self, called: str, *, phone: bool) -> bool:
        """Return whether a number that leads nowhere is the beginning of one that leads somewhere."""
        beginnings = self._beginnings(phone=phone)
        return self._begins_exact(called, phone=phone) or any(each.startswith(called) for each in beginnings)

    def _begins_exact(self, called: str, *, phone: bool) -> bool:
        if phone and (
            self._codes.get(called) in NUMBER_FOLLOWS | NUMBER_MAY_FOLLOW or self._open_emergencies.match(called)
        ):
            return True
        of_phones = (*self.places, *self._codes, *self._emergencies) if phone else ()
        inside = (*self._exact, *self._ruled, *self.phones, *self._several, *of_phones)
        return any(number != called and number.startswith(called) for number in inside)

    def _beginnings(self, *, phone: bool) -> list[str]:
        patterns = self._inside if phone else self._patterns
        return [prefix for prefix, _ in patterns] + ([self._prefix] if phone else [])


def _first(rules: Iterable[Rule], given: Given | None) -> Rule | None:
    return next((rule for rule in rules if rule.fits(given)), None)


def _rules(config: BoxConfig, plans: Plans | None) -> list[tuple[RouteConfig, Rule]]:
    named = Named(config, plans)
    return [
        (each, Rule(each.flow, Conditions(f"{each.called} -> {each.flow}", each, named) if each.conditional else None))
        for each in config.route
    ]


def _patterns(rules: Iterable[tuple[RouteConfig, Rule]]) -> list[tuple[str, Rule]]:
    """Return (beginning, rule) of the routes that end in '*', the longest first, else as they are written."""
    patterns = [(route.called[:-1], rule) for route, rule in rules if route.called.endswith("*")]
    return sorted(patterns, key=lambda pattern: -len(pattern[0]))
