# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules that decide whether a talk is recorded: `[[recording_rule]]` in order, then `recording.rule`."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from appliance.config.model import BoxConfig
from appliance.config.rules import RecordingRuleConfig
from appliance.contract.records import Direction
from appliance.engine.parts.call import Call, Leg
from appliance.engine.routes.lists import listed
from appliance.engine.routes.patterns import Patterns
from appliance.engine.routes.site_numbers import Site

_SPREAD: Final = 2654435769
"""2 ** 32 divided by the golden ratio: multiples of it lie evenly (Knuth, The Art of Computer Programming, 6.4)."""
_RANGE: Final = 2**32


class Decision(NamedTuple):
    """Decision of a rule; `rule` '' is `recording.rule`. With `announce` both parties are told before they talk.

    `asked`: it is that of a person, in place of the rules.
    """

    rule: str
    wanted: bool
    announce: bool = False
    asked: bool = False


class Talking(NamedTuple):
    """A call as rules see it."""

    call: int
    direction: Direction
    numbers: frozenset[str]
    lines: frozenset[str]
    agents: frozenset[str]
    queues: frozenset[str]

    @classmethod
    def of(cls, call: Call, legs: Iterable[Leg]) -> "Talking":
        """Return what is known of a call in which these legs take part."""
        legs = [leg for leg in legs if leg.role != "supervisor"]
        return cls(
            call.number,
            call.direction,
            frozenset((call.caller.number, call.called, *[leg.who for leg in legs])),
            frozenset(leg.line for leg in legs),
            frozenset(leg.person for leg in legs),
            frozenset(leg.offer.queue for leg in legs if leg.offer is not None),
        )


def chosen(call: int, one_in: int) -> bool:
    """Return whether a call is among the share of one in so many: by its number alone, evenly spread."""
    return call * _SPREAD % _RANGE < _RANGE // one_in


class _Rule:
    """One rule. A condition without entries fits every call."""

    __slots__ = ("_agents", "_config", "_lines", "_numbers", "_queues", "_site")

    def __init__(self, config: RecordingRuleConfig, groups: dict[str, tuple[str, ...]], site: Site) -> None:
        self._config, self._site = config, site
        self._numbers = Patterns(config.numbers)
        self._lines = frozenset(line for name in config.lines for line in groups.get(name, (name,)))
        self._agents, self._queues = frozenset(config.agents), frozenset(config.queues)

    def fits(self, talking: Talking) -> bool:
        """Return whether all conditions fit."""
        return (
            self._config.direction in ("any", talking.direction)
            and not (self._lines and self._lines.isdisjoint(talking.lines))
            and not (self._agents and self._agents.isdisjoint(talking.agents))
            and not (self._queues and self._queues.isdisjoint(talking.queues))
            and (not self._numbers or any(listed(self._site, self._numbers, each) for each in talking.numbers))
        )

    def decide(self, call: int) -> Decision:
        """Return what it decides for a call that fits."""
        config = self._config
        wanted = config.record and chosen(call, config.one_in)
        return Decision(config.name, wanted, wanted and config.announce)


class RecordingRules:
    """All rules of the box.

    Attributes:
        any: whether there is a rule besides `recording.rule`.
        otherwise: the decision of `recording.rule`, for a call that no rule fits.
    """

    __slots__ = ("_rules", "any", "otherwise")

    def __init__(self, config: BoxConfig, site: Site) -> None:
        groups = {group.name: group.lines for group in config.trunk_group}
        self._rules = tuple(_Rule(each, groups, site) for each in config.recording_rule)
        self.any = bool(self._rules)
        self.otherwise = Decision("", config.recording.rule == "all")

    def decide(self, talking: Talking) -> Decision:
        """Return the decision of the first rule that fits."""
        fitting = (each.decide(talking.call) for each in self._rules if each.fits(talking))
        return next(fitting, self.otherwise)
