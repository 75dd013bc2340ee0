# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a called number leads."""

from enum import Enum, auto
from typing import Final, NamedTuple

from appliance.config.model import BoxConfig, ExtensionConfig, HuntConfig

T302_S: Final = 10.0
"""Q.931 9.6.1, T302: how long further digits are waited for in overlap receiving (10 to 15 s)."""


class ToFlow(NamedTuple):
    """A flow answers."""

    flow: str


class ToPhone(NamedTuple):
    """A phone of the house rings."""

    extension: ExtensionConfig


class ToOutside(NamedTuple):
    """A number on the trunk is dialled; the prefix is off."""

    number: str


class ToGroup(NamedTuple):
    """Phones of a hunt group ring."""

    group: HuntConfig


class ToFeature(NamedTuple):
    """A feature code was dialled: its key in `[codes]`, and the number that followed."""

    feature: str
    number: str = ""


class ToPlace(NamedTuple):
    """A place where a call may be parked."""

    place: str


class Undecided(Enum):
    """No way, or not yet."""

    NOWHERE = auto()
    MORE = auto()


Target = ToFlow | ToPhone | ToOutside | ToGroup | ToFeature | ToPlace | Undecided

NUMBER_FOLLOWS: Final = frozenset({"forward_always", "forward_busy", "forward_no_answer", "pick_up"})
"""Feature codes behind which a number is dialled."""
IN_TALK: Final = frozenset({"transfer", "consult", "park_talk"})
"""Feature codes that are no numbers: they are pressed during a talk."""


class Routes:
    """The numbering plan of the box: exact numbers win over the longest pattern that ends in '*'."""

    def __init__(self, config: BoxConfig) -> None:
        self.phones = {each.number: each for each in config.extension}
        self.groups = {each.number: each for each in config.hunt}
        parking = config.parking
        self.places = tuple(str(int(parking.first) + n).zfill(len(parking.first)) for n in range(parking.places))
        codes = {name: getattr(config.codes, name) for name in config.codes.__struct_fields__ if name not in IN_TALK}
        self._codes = {code: name for name, code in codes.items() if code}
        self._by_line = {each.line: each for each in config.extension}
        self._prefix = config.outside.prefix
        self._exact = {route.called: route.flow for route in config.route if not route.called.endswith("*")}
        patterns = [(route.called[:-1], route.flow) for route in config.route if route.called.endswith("*")]
        self._patterns = sorted(patterns, key=lambda pattern: -len(pattern[0]))

    def phone_at(self, line: str, number: str) -> ExtensionConfig | None:
        """Find the phone that calls, by its own line or by the number it says it has."""
        return self._by_line.get(line) or self.phones.get(number)

    @staticmethod
    def outside_number(target: Target) -> str:
        """Give the number outside that a target is, '' if it is none."""
        return target.number if isinstance(target, ToOutside) else ""

    def find(self, called: str, *, complete: bool, phone: bool) -> Target:
        """Look a number up; `phone`: a phone of the house dialled it and may call outside."""
        found = self._exactly(called, phone=phone)
        if not complete and self._may_grow(called, phone=phone, found=found is not None):
            return Undecided.MORE
        if found is not None:
            return found
        if not complete:
            return Undecided.NOWHERE
        if phone and called.startswith(self._prefix) and called != self._prefix:
            return ToOutside(called[len(self._prefix) :])
        flow = next((flow for prefix, flow in self._patterns if called.startswith(prefix)), None)
        return Undecided.NOWHERE if flow is None else ToFlow(flow)

    def _exactly(self, called: str, *, phone: bool) -> Target | None:
        if (flow := self._exact.get(called)) is not None:
            return ToFlow(flow)
        extension = self.phones.get(called)
        if extension is not None:
            return ToPhone(extension)
        if called in self.groups:
            return ToGroup(self.groups[called])
        return self._of_phones(called) if phone else None

    def _of_phones(self, called: str) -> Target | None:
        """Look up what only phones of the house may dial: places of parked calls, feature codes."""
        if called in self.places:
            return ToPlace(called)
        for length in range(len(called), 0, -1):  # the longest code wins
            name = self._codes.get(called[:length], "")
            if name and (length < len(called)) == (name in NUMBER_FOLLOWS):
                return ToFeature(name, called[length:])
        return None

    def _may_grow(self, called: str, *, phone: bool, found: bool) -> bool:
        """Tell whether more digits could lead elsewhere. An exact number that nothing exact continues is decided."""
        inside = (*self._exact, *self.phones, *self.groups, *((*self.places, *self._codes) if phone else ()))
        if any(number != called and number.startswith(called) for number in inside):
            return True
        prefixes = [prefix for prefix, _ in self._patterns] + ([self._prefix] if phone else [])
        return not found and any(called.startswith(prefix) or prefix.startswith(called) for prefix in prefixes)
